"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

Results = Annotated[
    Path,
    typer.Option(
        "--results",
        envvar="OFFSITE_RESULTS",
        help="Folder that holds the runs.",
        show_default=True,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Suites = Annotated[
    list[Path] | None,
    typer.Option("--suites", help="A further folder with suites, or a suite; may be given again."),
]
SandboxName = Annotated[
    str,
    typer.Option(
        "--sandbox",
        help="docker, local, or auto: docker where an engine answers, else local.",
    ),
]
Unsafe = Annotated[
    bool,
    typer.Option(
        "--unsafe-local",
        help="Let `local` run plain processes, with no jail, where there is no bubblewrap.",
    ),
]
Concurrency = Annotated[
    int | None,
    typer.Option("--concurrency", "-j", min=1, help="Trials at a time; default: twice the cores."),
]
RESULTS = Path("results")


def default_concurrency() -> int:
    """Twice the cores: a trial waits for the engine or a model about as long as it computes."""
    return 2 * (os.cpu_count() or 1)
