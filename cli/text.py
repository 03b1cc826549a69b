"""Text for the terminal. What an agent or a tool wrote is data: it is made harmless here."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ..records.leaderboard import Entry, Rate

INTERVALS = ("partial", "false done", "pass^k", "delegable")
"""Columns with an interval, in the order in which a narrow terminal goes without them."""

ONE = {"errors": "error", "breaches": "breach"}
"""Doubtful trials in the singular."""

_INTERVAL = re.compile(r" \[\d+, \d+\]")


def harmless(text: str) -> str:
    """The text with control characters made visible; newlines and tabs stay."""
    from ..records.plain import harmless  # not above: it would load pydantic for `--help`

    return harmless(text)


def tell(message: str) -> None:
    """A line of the program itself on standard error."""
    print(f"offsite: {harmless(message)}", file=sys.stderr)


def one_line(text: str, limit: int = 120) -> str:
    """The text on one line, harmless, and cut where it is longer."""
    flat = harmless(" ".join(text.split()))
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def print_json(value: Any) -> None:
    """JSON on standard output, for scripts; in ASCII, so that nothing in it steers a terminal."""
    json.dump(value, sys.stdout, indent=1)
    sys.stdout.write("\n")


def out() -> Console:
    """The console on standard output: no markup, no highlighting."""
    from rich.console import Console

    # What is not a terminal has no width; a log line may be longer than 80.
    width = None if sys.stdout.isatty() else 132
    return Console(markup=False, highlight=False, emoji=False, width=width)


def table(title: str, columns: Sequence[str], *, right: Sequence[str] = ()) -> Table:
    """An empty table; the columns named in `right` hold numbers."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        number = column in right
        made.add_column(
            column, justify="right" if number else "left", overflow="fold", no_wrap=number
        )
    return made


def add_row(made: Table, *cells: object) -> None:
    """Add a row of plain cells: nothing in them is markup."""
    from rich.text import Text

    made.add_row(*(Text(harmless(str(cell))) for cell in cells))


def print_columns(
    columns: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[str]
) -> None:
    """Print many rows in aligned columns, quickly: a thousand take rich's tables a second."""
    print("\n".join(_aligned(columns, rows, right)))


def _aligned(
    columns: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[str]
) -> list[str]:
    lines = [list(columns), *([harmless(str(cell)) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    return [
        "  ".join(
            cell.rjust(width) if name in right else cell.ljust(width)
            for cell, width, name in zip(line, widths, columns, strict=True)
        ).rstrip()
        for line in lines
    ]


def share(rate: Rate | None) -> str:
    """`67 % [43, 85]`: a share with its 95 % interval."""
    if rate is None:
        return "–"
    return f"{rate.value:.0%} [{rate.low * 100:.0f}, {rate.high * 100:.0f}]"


def counted(number: int, one: str, more: str = "") -> str:
    """`1 trial`, `2 trials`; `more` is the plural where it is not made by an s."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def money(cost_usd: float | None) -> str:
    """Dollars, or `?` where a price is not known."""
    return "?" if cost_usd is None else f"${cost_usd:.2f}"


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min`, `2.5 h`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def print_entries(title: str, entries: Sequence[Entry]) -> None:
    """Print entries of a leaderboard; a narrow terminal gets every column, but fewer intervals."""
    lines = _entry_lines(entries, ())
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        for number in range(1, len(INTERVALS) + 1):
            if max(map(len, lines)) > width:
                lines = _entry_lines(entries, INTERVALS[:number])
    print(f"{title}\n")
    print("\n".join(lines))
    print()
    for line in _doubts(entries):
        print(line)


def _doubts(entries: Sequence[Entry]) -> list[str]:
    """What the delegable rate would be, where it depends on what doubtful trials count as."""
    return [
        harmless(
            f"{entry.agent}: delegable with {counted(each.trials, ONE[each.of], each.of)} as failed "
            f"{share(each.failed)}, "
            f"dropped {share(each.dropped)}, passed {share(each.passed)}"
        )
        for entry in entries
        for each in entry.sensitivity
    ]


def _entry_lines(entries: Sequence[Entry], brief: Sequence[str]) -> list[str]:
    """The table's lines; the columns named in `brief` have no interval."""
    repeated = any(entry.repeats > 1 for entry in entries)
    rows = [_entry_cells(entry) for entry in entries]
    columns = [name for name in rows[0] if repeated or name != "pass^k"] if rows else []
    cells = [
        [_INTERVAL.sub("", str(row[name])) if name in brief else row[name] for name in columns]
        for row in rows
    ]
    return _aligned(columns, cells, [name for name in columns if name != "agent"])


def _entry_cells(entry: Entry) -> dict[str, object]:
    best = max(entry.pass_hat, key=int, default=None)
    judged = entry.delegable.n if entry.delegable else 0
    return {
        "agent": f"{entry.agent} ({entry.model})" if entry.model else entry.agent,
        "trials": f"{judged}/{entry.planned}",
        "delegable": share(entry.delegable),
        "pass^k": "–" if best is None else f"{share(entry.pass_hat[best])} (k={best})",
        "partial": share(entry.partial),
        "false done": share(entry.false_done),
        "errors": entry.errors,
        "cost": money(entry.cost_usd),
        "time": duration(entry.work_seconds),
    }
