"""`offsite`: the program's commands."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from . import desk, judge, listing, machine, running
from .exits import exit_of, quiet_stdout

HELP = """Measures how near AI agents are to a capable remote worker.

\b
  offsite run starter --agent oracle        run a suite
  offsite ls tasks                          what there is to do
  offsite show last                         what came of it
  offsite doctor                            what works on this machine

Exit codes: 0 passed, 1 a gate failed, 2 interrupted, 3 infrastructure errors remain,
4 bad usage or input, 5 nothing selected, 6 gate inconclusive.
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
running.add_to(app)
listing.add_to(app)
judge.add_to(app)
desk.add_to(app)
machine.add_to(app)


def main() -> None:
    """The entry point: runs a command and turns what a user can meet into a line and a code."""
    try:
        code = app(standalone_mode=False)
    except typer.Exit as error:
        code = error.exit_code
    except typer.Abort:
        code = 2
    except (BrokenPipeError, SystemExit):
        # Whoever read has gone (`… | head`); rich turns that into SystemExit.
        quiet_stdout()
        code = 0
    except BaseException as error:
        code = _failed(error)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        quiet_stdout()
    sys.exit(code if isinstance(code, int) else 0)


def _failed(error: BaseException) -> int:
    show = getattr(error, "show", None)
    if callable(show):  # click's own usage errors
        show()
        return 4
    known = exit_of(error)
    if known is None or os.environ.get("OFFSITE_TRACEBACK"):
        traceback.print_exception(error)
        return 3 if known is None else int(known[0])
    print(f"offsite: {known[1]}", file=sys.stderr)
    return int(known[0])


@app.callback(invoke_without_command=True)
def _options(  # pyright: ignore[reportUnusedFunction] - typer calls it
    version: bool = typer.Option(False, "--version", help="Print the version and leave."),
) -> None:
    if version:
        from importlib.metadata import version as version_of

        print(f"offsite {version_of('offsite')}")
        raise typer.Exit
