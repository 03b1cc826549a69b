"""Calibration: how often the work was right that was said to be right with such confidence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...records.leaderboard import Calibration, CalibrationBin, Entry
from .entries import (
    WIDTH,
    Link,
    NothingToPlot,
    colour,
    contenders,
    full_name,
    no_link,
    percent,
    point,
    short_names,
    whisker,
)
from .svg import Drawing, Scale, group, line, scale, shortened, text, tip

MOST = 12
"""Panels that are drawn: of the entries with the best rates."""
PANEL = 160.0
HEAD = 36.0
FOOT = 34.0
LEFT = 38.0


def calibration(entries: Sequence[Entry], *, width: float = WIDTH, link: Link = no_link) -> Drawing:
    """The plot: a panel for each entry, so that none hides another.

    Raises:
        NothingToPlot: no entry's trials have stated a confidence.
    """
    entries = contenders(entries)
    there = [
        (entry, name, entry.calibration)
        for entry, name in zip(entries, short_names(entries), strict=True)
        if entry.calibration and entry.calibration.bins
    ]
    if not there:
        raise NothingToPlot("no entry has trials with a report, so that none stated a confidence")
    there.sort(key=lambda each: -(each[0].delegable.value if each[0].delegable else -1))
    shown = there[:MOST]
    columns = max(1, min(len(shown), int(width // (PANEL + 8))))
    wide = min((width - 8 * (columns - 1)) / columns, 240)
    tall = wide - LEFT + HEAD + FOOT
    body = ""
    for number, (entry, name, found) in enumerate(shown):
        row, column = divmod(number, columns)
        x, y = column * (wide + 8), row * tall
        body += _panel(entry, name, found, x, y, wide, link(entry))
    rows = math.ceil(len(shown) / columns)
    note = (
        "Stated confidence against the share that was delegable, in ten bins of equal width; the "
        "larger a mark, the more trials. On the diagonal words are true, below it too confident. "
        "Bars: 95 % intervals."
    )
    if len(there) > MOST:
        note += f" The best {MOST} of {len(there)} entries."
    says = f"{len(shown)} entries. " + " ".join(
        f"{full_name(entry)}: RMS error {found.rms_error:.2f}, {found.brier.n} reports."
        for entry, _, found in shown
    )
    wide_all = columns * (wide + 8) - 8
    return Drawing(body, wide_all, rows * tall, "Calibration of stated confidence", says, note)


def _panel(
    entry: Entry,
    name: str,
    found: Calibration,
    x: float,
    y: float,
    wide: float,
    href: str | None,
) -> str:
    left, right = x + LEFT, x + wide - 6
    top, bottom = y + HEAD, y + HEAD + (wide - LEFT - 6)
    across, up = scale((0, 1), (left, right)), scale((0, 1), (bottom, top))
    head = text(left, y + 14, shortened(name, wide - LEFT - 6), "label strong")
    body = group(tip(full_name(entry)) + head, href)
    body += text(left, y + 28, f"RMS error {found.rms_error:.2f}, n = {found.brier.n}", "tick")
    for share in (0, 0.5, 1):
        body += line([(left, up(share)), (right, up(share))], "grid")
        body += line([(across(share), top), (across(share), bottom)], "grid")
        body += text(left - 5, up(share) + 4, f"{share * 100:.0f} %", "tick", text_anchor="end")
        anchor = {0: "start", 0.5: "middle", 1: "end"}[share]
        body += text(across(share), bottom + 15, f"{share * 100:.0f} %", "tick", text_anchor=anchor)
    body += line([(across(0), up(0)), (across(1), up(1))], "mark")
    return body + group(
        "".join(_mark(entry, bin, across, up) for bin in found.bins), kind=colour(entry)
    )


def _mark(entry: Entry, bin: CalibrationBin, across: Scale, up: Scale) -> str:
    x, rate = across(bin.confidence), bin.rate
    told = tip(f"stated {bin.confidence * 100:.0f} % on average\nright {percent(rate)}")
    drawn = whisker(x, up(rate.low), up(rate.high))
    size = min(7.0, 2.5 + 0.7 * math.sqrt(rate.n))
    return group(told + drawn + point(x, up(rate.value), colour(entry), size=size))
