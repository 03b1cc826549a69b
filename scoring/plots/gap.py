"""The country gap: how the best of two countries rose, and how many days one is behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from ...records.forecast import GapReport
from ...records.leaderboard import Entry
from ..gap import gap as days_behind
from ..progress import Point, Progress
from .entries import (
    COUNTRIES,
    WIDTH,
    Link,
    NothingToPlot,
    colour,
    contenders,
    full_name,
    legend,
    no_link,
    percent,
    point,
    released,
    short_names,
    whisker,
)
from .svg import Drawing, Scale, Wanted, group, line, placed, scale, shortened, text, tip

HEIGHT = 380.0

Dated = tuple[Entry, str, date, float]


def gap(entries: Sequence[Entry], *, width: float = WIDTH, link: Link = no_link) -> Drawing:
    """The plot of both countries' best delegable rates by release date.

    Raises:
        NothingToPlot: the gap cannot be told; the message says why.
    """
    entries = contenders(entries)
    found = rate_gap(entries)
    if not found.assessable or found.as_of is None:
        raise NothingToPlot(found.reason or "no gap can be told")
    there = [
        (entry, name, day, entry.delegable.value)
        for entry, name in zip(entries, short_names(entries), strict=True)
        if entry.country in found.countries and (day := released(entry)) and entry.delegable
    ]
    now = date.fromisoformat(found.as_of)
    first = min(day for _, _, day, _ in there) - timedelta(45)
    left, right, top, bottom = 48.0, width - 16, 34.0, HEIGHT - 30
    days = scale((first.toordinal(), (now + timedelta(60)).toordinal()), (left, right))
    ceiling = min(1.0, max(e.delegable.high for e, *_ in there if e.delegable) + 0.05)
    up = scale((0, ceiling), (bottom, top))
    body = _axes(first, now, ceiling, days, up, left, right, bottom)
    best: list[Dated] = []
    for country in found.countries:
        steps = frontier([each for each in there if each[0].country == country])
        best += steps
        body += _steps(steps, now, days, up)
    for entry, _, day, value in there:
        on = any(entry is each[0] for each in best)
        x = days(day.toordinal())
        rate = entry.delegable
        drawn = whisker(x, up(rate.low), up(rate.high)) if rate else ""
        drawn += point(x, up(value), colour(entry), hollow=not on)
        told = tip(f"{full_name(entry)}\nreleased {entry.released}\n{percent(rate)}")
        body += group(told + drawn, link(entry), colour(entry) + ("" if on else " faint"))
    body += _arrow(found, now, days, up)
    body += placed(
        [
            Wanted(days(day.toordinal()), up(value), shortened(name, max(118, width / 4)))
            for _, name, day, value in sorted(best, key=lambda each: -each[3])
        ],
        (left, top - 6, right, bottom),
        [
            (x - 6, up(v) - 6, x + 6, up(v) + 6)
            for _, _, day, v in there
            if (x := days(day.toordinal()))
        ],
    )
    body += legend([entry for entry, *_ in there], right, 10)
    note = (
        f"{behind(found)} Lines: the best delegable rate of a country's released models. Arrow: since when the leader "
        "has had what the other has now. Hollow: not the best of its day. Bars: 95 % intervals."
    )
    if found.median_lag is not None:
        note += f" Median lag of {len(found.lags)} levels: {found.median_lag:.0f} days."
    missing = len(entries) - len(there)
    if missing:
        note += f" {missing} of {len(entries)} entries are left out: other country, no date, or no rate."
    title = f"The gap between {found.countries[0]} and {found.countries[1]}"
    return Drawing(body, width, HEIGHT, title, behind(found), note)


def rate_gap(entries: Sequence[Entry]) -> GapReport:
    """The gap in the delegable rate between the two countries that have colours."""
    points = tuple(
        Point(full_name(entry), day, rate.value, rate.low, rate.high, entry.country)
        for entry in entries
        if (day := released(entry)) and (rate := entry.delegable)
    )
    first, second = COUNTRIES
    return days_behind(Progress("rate", points, {}, source="", sha256=""), (first, second))


def frontier(dated: Sequence[Dated]) -> list[Dated]:
    """Those better than all that were released before."""
    found: list[Dated] = []
    for each in sorted(dated, key=lambda each: (each[2], -each[3], each[1])):
        if not found or each[3] > found[-1][3]:
            found.append(each)
    return found


def behind(found: GapReport) -> str:
    """`CN is 210 [120, 330] days behind US on 2026-03-01.`"""
    low, _, high = found.interval or (None, None, None)
    bounds = [("?" if low is None else f"{low:.0f}"), ("∞" if high is None else f"{high:.0f}")]
    interval = f" [{', '.join(bounds)}]" if found.interval else ""
    other = f" (below 0: {found.behind} leads)" if low is not None and low < 0 else ""
    return f"{found.behind} is {found.days}{interval} days behind {found.leader} on {found.as_of}{other}."


def _steps(steps: Sequence[Dated], now: date, days: Scale, up: Scale) -> str:
    path: list[tuple[float, float]] = []
    for _, _, day, value in steps:
        x = days(day.toordinal())
        path += [(x, path[-1][1]), (x, up(value))] if path else [(x, up(value))]
    return line([*path, (days(now.toordinal()), path[-1][1])], f"line-{colour(steps[0][0])}")


def _arrow(found: GapReport, now: date, days: Scale, up: Scale) -> str:
    """From the day on which the leader first had it to now."""
    if not found.days:
        return ""
    y = up(found.best[1].value)
    start, end = days((now - timedelta(found.days)).toordinal()), days(now.toordinal())
    marks = line([(start, y), (end, y)], "beyond")
    marks += line([(start + 6, y - 4), (start, y), (start + 6, y + 4)], "trend")
    words = f"{found.days} days"
    return group(tip(behind(found)) + marks) + text(
        (start + end) / 2, y + 16, words, "label strong halo", text_anchor="middle"
    )


def _axes(
    first: date,
    now: date,
    ceiling: float,
    days: Scale,
    up: Scale,
    left: float,
    right: float,
    bottom: float,
) -> str:
    found = ""
    for tenth in range(0, int(ceiling * 10) + 1, 2):
        y = up(tenth / 10)
        found += line([(left, y), (right, y)], "grid")
        found += text(left - 7, y + 4, f"{tenth * 10} %", "tick", text_anchor="end")
    for year in range(first.year, now.year + 2):
        for month in (1, 7) if (now - first).days < 1200 else (1,):
            day = date(year, month, 1)
            if first <= day <= now:
                x = days(day.toordinal())
                found += line([(x, bottom), (x, bottom + 4)], "axis")
                words = f"{year}" if month == 1 else f"Jul {year}"
                found += text(x, bottom + 17, words, "tick", text_anchor="middle")
    found += line([(left, bottom), (right, bottom)], "axis")
    return found + text(left - 40, 14, "best delegable rate", "tick")
