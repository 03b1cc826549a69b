"""`offsite`: the program's commands."""

from __future__ import annotations

import os
import signal
import sys
import traceback

import typer

from . import compare, desk, forecast, gate, horizon, judge, leaderboard, listing, machine, running
from .exits import exit_of, without_reader
from .text import tell

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
leaderboard.add_to(app)
compare.add_to(app)
gate.add_to(app)
horizon.add_to(app)
forecast.add_to(app)
desk.add_to(app)
machine.add_to(app)


def main() -> None:
    """The entry point: runs a command and turns what a user can meet into a line and a code."""
    sys.stdout = without_reader(sys.stdout)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    command = typer.main.get_command(app)
    code = 0
    try:
        # Not `app()`: that makes an exit code of its own of Ctrl-C, without a line.
        with command.make_context("offsite", sys.argv[1:]) as context:
            command.invoke(context)
    except typer.Exit as error:
        code = error.exit_code
    except BaseException as error:
        code = _failed(error)
    sys.stdout.flush()
    sys.exit(code)


def _failed(error: BaseException) -> int:
    show = getattr(error, "show", None)
    if callable(show):  # click's own usage errors
        show()
        return 4
    known = exit_of(error)
    if known is None or os.environ.get("OFFSITE_TRACEBACK"):
        traceback.print_exception(error)
        return 3 if known is None else int(known[0])
    tell(known[1])
    return int(known[0])


@app.callback(invoke_without_command=True)
def _options(  # pyright: ignore[reportUnusedFunction] - typer calls it
    version: bool = typer.Option(False, "--version", help="Print the version and leave."),
) -> None:
    if version:
        from importlib.metadata import version as version_of

        print(f"offsite {version_of('offsite')}")
        raise typer.Exit
