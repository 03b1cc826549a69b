"""`offsite leaderboard verify`."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .exits import Exit
from .options import RESULTS, Json, Results, Suites

if TYPE_CHECKING:
    from ..runner.verify import Checked


def add_to(board: typer.Typer) -> None:
    """Put the command into the group `leaderboard`."""
    board.command("verify")(verify)


def verify(
    bundle: Annotated[
        Path, typer.Argument(help="leaderboard.json, or a folder with it and its runs.")
    ],
    suites: Suites = None,
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """Check a leaderboard against its runs: every file, every verdict, every number.

    \b
    offsite leaderboard verify bundle/
    offsite leaderboard verify leaderboard.json --results results/

    Runs are looked for beside the file, in `results/` beside it, and in --results. Instances are
    made anew from task and seed, the evidence is graded again by the suites at hand (never by
    graders that a bundle brings along), and every entry is computed again. Exit code 1 where
    anything differs; each difference is named with what was expected and what was found.
    """
    from ..records.bundle import find_run_in
    from ..records.leaderboard import Leaderboard
    from ..records.store import read_record
    from ..runner.verify import verify as verify_board
    from .text import harmless, one_line, print_json

    file = bundle / "leaderboard.json" if bundle.is_dir() else bundle
    board = read_record(file, Leaderboard)
    places = [file.parent, file.parent / "results", results]

    async def go() -> list[Checked]:
        found: list[Checked] = []
        checks = verify_board(board, lambda id: find_run_in(places, id), tuple(suites or ()))
        async for one in checks:
            found.append(one)
            if sys.stderr.isatty():
                print(f"\r{len(found)} checked", end="", file=sys.stderr, flush=True)
        return found

    found = asyncio.run(go())
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    faults = [(one.name, fault) for one in found for fault in one.faults]
    if json:
        told = [
            {"name": name, "what": f.what, "expected": str(f.expected), "found": str(f.found)}
            for name, f in faults
        ]
        print_json({"file": str(file), "checked": len(found), "faults": told})
    else:
        for name, fault in faults:
            line = f"{name}: {fault.what}: expected {fault.expected}, found {fault.found}"
            print(harmless(one_line(line, 400)))
        outcome = f"{len(faults)} differences" if faults else "all as it must be"
        print(f"{_counts(found)}: {outcome}")
    raise typer.Exit(Exit.GATE_FAILED if faults else Exit.PASSED)


def _counts(found: list[Checked]) -> str:
    """How many of each kind were checked."""
    from .text import counted

    kinds = Counter(one.name.split()[0] for one in found)
    plural = {"entry": "entries"}
    return ", ".join(counted(n, kind, plural.get(kind, "")) for kind, n in kinds.items())
