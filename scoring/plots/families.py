"""The heat map: what every entry's rate is in every job family."""

from __future__ import annotations

from collections.abc import Sequence

from ...records.leaderboard import Entry, Rate
from .entries import (
    WIDTH,
    Link,
    NothingToPlot,
    contenders,
    full_name,
    no_link,
    percent,
    short_names,
)
from .style import heat
from .svg import Drawing, element, group, shortened, text, text_width, tip

ROW = 30.0
NARROWEST = 44.0
MOST = 40
"""Rows that are drawn: the best ones. Nobody reads more colours than that."""


def families(entries: Sequence[Entry], *, width: float = WIDTH, link: Link = no_link) -> Drawing:
    """The plot; wider than asked for where there are many families.

    Raises:
        NothingToPlot: no entry has a rate in any family.
    """
    entries = contenders(entries)
    there = [
        (entry, name)
        for entry, name in zip(entries, short_names(entries), strict=True)
        if entry.families
    ]
    if not there:
        raise NothingToPlot("no entry has a rate in any job family")
    there.sort(key=lambda each: -(each[0].delegable.value if each[0].delegable else -1))
    shown = there[:MOST]
    columns = sorted({each.family for entry, _ in shown for each in entry.families})
    names = min(width * 0.3, max(text_width(name) for _, name in shown) + 12)
    slant = 0.62 * max(text_width(_title(name), 11) for name in columns)
    top, gap = slant + 26, 8.0
    cell = max(NARROWEST, (width - names - gap - 0.6 * slant - 8) / (len(columns) + 1))
    wide = names + gap + cell * (len(columns) + 1) + 0.6 * slant + 8
    lefts = [names + cell * i for i in range(len(columns))]
    last = names + cell * len(columns) + gap
    body = "".join(
        _slanted(left + cell / 2, top - 6, _title(name))
        for left, name in zip(lefts, columns, strict=True)
    ) + _slanted(last + cell / 2, top - 6, "all trials", "tick strong")
    for row, (entry, name) in enumerate(shown):
        y = top + ROW * row
        words = text(names - 8, y + ROW / 2 + 4, shortened(name, names - 12), text_anchor="end")
        body += group(tip(full_name(entry)) + words, link(entry))
        rates = {each.family: each.rate for each in entry.families}
        for left, family in zip(lefts, columns, strict=True):
            body += _cell(left, y, cell, rates.get(family), f"{name}, {_title(family)}")
        body += _cell(last, y, cell, entry.delegable, f"{name}, all trials")
    note = "Delegable rate in %, below it the 95 % interval. A dot: no trial with a verdict."
    if len(there) > MOST:
        note += f" The best {MOST} of {len(there)} entries."
    says = (
        f"{len(shown)} entries in {len(columns)} job families: {', '.join(map(_title, columns))}."
    )
    height = top + ROW * len(shown) + 6
    return Drawing(body, wide, height, "Delegable rate by job family", says, note)


def _cell(x: float, y: float, wide: float, rate: Rate | None, what: str) -> str:
    middle = x + wide / 2
    if rate is None:
        return text(middle, y + ROW / 2 + 4, "·", "note", text_anchor="middle")
    box = element("rect", x=x + 1, y=y + 1, width=wide - 2, height=ROW - 2, rx=3)
    value = text(middle, y + 14, f"{rate.value * 100:.0f}", text_anchor="middle")
    bounds = f"{rate.low * 100:.0f}–{rate.high * 100:.0f}"
    interval = text(middle, y + 24.5, bounds, "small", text_anchor="middle")
    return group(tip(f"{what}: {percent(rate)}") + box + value + interval, kind=heat(rate.value))


def _slanted(x: float, y: float, words: str, kind: str = "tick") -> str:
    return text(x, y, words, kind, transform=f"rotate(-38 {x:.1f} {y:.1f})")


def _title(family: str) -> str:
    return shortened(family.replace("-", " "), 150, 11)
