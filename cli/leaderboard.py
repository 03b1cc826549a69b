"""`offsite leaderboard`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import site
from .options import RESULTS, Results

board = typer.Typer(
    help="""Build what is published.

\b
  offsite leaderboard build last -o leaderboard.json
  offsite leaderboard site leaderboard.json -o site/
""",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.add_typer(board, name="leaderboard")
    site.add_to(app, board)


@board.command("build")
def build(
    runs: Annotated[list[str], typer.Argument(help="Runs: `last`, ids or folders.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")] = Path(
        "leaderboard.json"
    ),
    audit: Annotated[
        Path | None,
        typer.Option(help="What `offsite audit --json` printed: rates are corrected by it, too."),
    ] = None,
    results: Results = RESULTS,
) -> None:
    """Write leaderboard.json from runs; the same runs give the same bytes.

    \b
    offsite leaderboard build last -o leaderboard.json
    """
    from ..records.store import write_atomically
    from ..scoring.grader_error import read_audit
    from ..scoring.leaderboard import build_leaderboard
    from .find import find_run
    from .text import counted, harmless, share, tell

    grader = read_audit(audit) if audit else None
    made = build_leaderboard([find_run(run, results) for run in runs], grader)
    write_atomically(output, made.model_dump_json(indent=1))
    print(f"{output}: {counted(len(made.entries), 'entry', 'entries')}")
    for entry in made.entries if grader else ():
        raw, corrected = entry.delegable, entry.corrected and entry.corrected.rate
        print(harmless(f"{entry.agent}: delegable {share(raw)}, corrected {share(corrected)}"))
    judged = {run for entry in made.entries if entry.delegable for run in entry.runs}
    for run in sorted({run for entry in made.entries for run in entry.runs} - judged):
        tell(f"run {run} has no verdict at all; to go on with it: offsite resume {run}")
