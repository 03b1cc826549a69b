"""`offsite leaderboard`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from . import site, verify
from .options import RESULTS, Json, Results

board = typer.Typer(
    help="""Build what is published.

\b
  offsite leaderboard build last -o leaderboard.json
  offsite leaderboard verify bundle/
  offsite leaderboard diff old.json leaderboard.json
  offsite leaderboard site leaderboard.json -o site/
""",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.add_typer(board, name="leaderboard")
    verify.add_to(board)
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
    bundle: Annotated[
        Path | None,
        typer.Option(help="A new folder for the file and its runs, which others can verify."),
    ] = None,
    results: Results = RESULTS,
) -> None:
    """Write leaderboard.json from runs; the same runs give the same bytes.

    \b
    offsite leaderboard build last -o leaderboard.json
    offsite leaderboard build last --bundle bundle/
    """
    from ..records.bundle import copy_runs
    from ..records.store import write_atomically
    from ..scoring.grader_error import read_audit
    from ..scoring.leaderboard import build_leaderboard
    from .find import find_run
    from .text import counted, harmless, share, tell

    grader = read_audit(audit) if audit else None
    stores = [find_run(run, results) for run in runs]
    made = build_leaderboard(stores, grader)
    if bundle:
        copy_runs(stores, bundle / "results")
        output = bundle / "leaderboard.json"
    write_atomically(output, made.model_dump_json(indent=1))
    print(f"{output}: {counted(len(made.entries), 'entry', 'entries')}")
    for entry in made.entries if grader else ():
        raw, corrected = entry.delegable, entry.corrected and entry.corrected.rate
        print(harmless(f"{entry.agent}: delegable {share(raw)}, corrected {share(corrected)}"))
    judged = {run for entry in made.entries if entry.delegable for run in entry.runs}
    for run in sorted({run for entry in made.entries for run in entry.runs} - judged):
        tell(f"run {run} has no verdict at all; to go on with it: offsite resume {run}")


@board.command("merge")
def merge(
    files: Annotated[list[Path], typer.Argument(help="Leaderboards.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")],
) -> None:
    """Put the entries of several leaderboards into one; what is in several is kept once.

    \b
    offsite leaderboard merge ours.json theirs.json -o leaderboard.json
    """
    from ..records.leaderboard import Leaderboard
    from ..records.store import read_record, write_atomically
    from ..scoring.leaderboard_files import merge_leaderboards
    from .text import counted

    made = merge_leaderboards(read_record(file, Leaderboard) for file in files)
    write_atomically(output, made.model_dump_json(indent=1))
    print(f"{output}: {counted(len(made.entries), 'entry', 'entries')}")


@board.command("diff")
def diff(
    before: Annotated[Path, typer.Argument(help="A leaderboard.")],
    after: Annotated[Path, typer.Argument(help="Another one.")],
    json: Json = False,
) -> None:
    """Say which entries were added, removed or changed, and in which fields.

    \b
    offsite leaderboard diff old.json leaderboard.json

    Of rates it says whether the two 95 % intervals overlap.
    """
    from ..records.leaderboard import Leaderboard
    from ..records.store import read_record
    from ..scoring.leaderboard_files import diff_leaderboards
    from .text import harmless, one_line, print_json

    found = diff_leaderboards(read_record(before, Leaderboard), read_record(after, Leaderboard))
    if json:
        print_json(found.model_dump(mode="json"))
        return
    for sign, names in (("+", found.added), ("-", found.removed)):
        for name in names:
            print(harmless(f"{sign} {name}"))
    for entry in found.changed:
        print(harmless(f"~ {entry.entry}"))
        for change in entry.fields:
            note = {None: "", True: "; intervals overlap", False: "; intervals do not overlap"}
            told = f"{change.field}: {_told(change.before)} → {_told(change.after)}"
            print(f"    {one_line(told, 160)}{note[change.overlap]}")
    counts = f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed"
    print(f"{counts}, {found.same} the same")


def _told(value: object) -> str:
    """A field's value; of a rate its interval and n."""
    fields = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    if {"value", "low", "high", "n"} <= fields.keys():
        return "{value:.3f} [{low:.3f}, {high:.3f}], n {n}".format_map(fields)
    return str(cast(object, value))
