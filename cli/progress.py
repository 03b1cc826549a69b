"""Progress of a run on standard error: live lines on a terminal, else a line for each trial."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .text import duration, harmless, one_line

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..records.trial import TrialRecord
    from ..runner.engine import Engine

TICK_SECONDS = 0.25
SHOWN_LIVE = 8
SHOWN_NAMES = 4


async def show_progress(engine: Engine) -> None:
    """Show the engine's progress until cancelled."""
    if sys.stderr.isatty():
        await _live(engine)
    else:
        await _lines(engine)


def finished_line(record: TrialRecord) -> str:
    """One finished trial on one line."""
    if record.verdict is None:
        outcome = f"ERROR {record.ending.value}: {one_line(record.message, 400)}"
    elif record.verdict.delegable:
        outcome = "delegable"
    else:
        failed = [c.name for c in record.verdict.criteria if not c.passed]
        names = [*failed, *_parts(record)]
        more = f", +{len(names) - SHOWN_NAMES}" if len(names) > SHOWN_NAMES else ""
        outcome = f"not delegable ({', '.join(names[:SHOWN_NAMES])}{more})"
    return f"{record.plan.id}: {outcome}, {duration(record.timing.work)}"


def _parts(record: TrialRecord) -> list[str]:
    verdict = record.verdict
    if verdict is None:
        return []
    parts = {
        "collateral": verdict.no_collateral,
        "report": verdict.report_true,
        "late": verdict.in_time,
        "too dear": verdict.in_cost,
    }
    return [name for name, held in parts.items() if not held]


async def _lines(engine: Engine) -> None:
    shown = 0
    try:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            shown = _print_from(engine, shown)
    finally:
        _print_from(engine, shown)


def _print_from(engine: Engine, shown: int) -> int:
    status = engine.status()
    before = status["over"] - status["finished"]
    for number, record in enumerate(engine.finished[shown:], before + shown + 1):
        print(f"[{number}/{status['planned']}] {harmless(finished_line(record))}", file=sys.stderr)
    return len(engine.finished)


async def _live(engine: Engine) -> None:
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, markup=False, highlight=False)
    with Live(_picture(engine.status()), console=console, transient=True) as live:
        shown = 0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            for record in engine.finished[shown:]:
                if not record.delegable:
                    live.console.print(harmless(finished_line(record)))
            shown = len(engine.finished)
            live.update(_picture(engine.status()))


def _middle_cut(text: str, width: int) -> str:
    """The text with its middle left out: beginning and end of a trial's id are what tells it apart."""
    if len(text) <= width or width < 8:
        return text
    return f"{text[: width // 2]}…{text[-(width - width // 2 - 1) :]}"


def _picture(status: Mapping[str, Any]) -> RenderableType:
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    line = Table.grid(padding=(0, 2))
    left = ""
    if status["finished"] and status["waiting"]:
        each = status["seconds"] / status["finished"]
        left = f"about {duration(each * status['waiting'])} left"
    line.add_row(
        ProgressBar(total=max(1, status["planned"]), completed=status["over"], width=32),
        Text(f"{status['over']}/{status['planned']}"),
        Text(f"{status['delegable']} delegable"),
        Text(f"{status['errors']} errors"),
        Text(f"${status['cost_usd']:.2f}"),
        Text(left if status["mode"] == "running" else status["mode"]),
    )
    console_width = shutil.get_terminal_size().columns
    trials = [
        Text(
            f"  {live['phase']:<10} {duration(live['seconds']):>7}  step {live['steps']:<4} "
            f"{_middle_cut(live['trial'], console_width - 34)}",
            no_wrap=True,
            overflow="ellipsis",
        )
        for live in status["live"][:SHOWN_LIVE]
    ]
    return Group(line, *trials)
