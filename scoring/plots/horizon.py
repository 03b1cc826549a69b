"""The horizon plot: how long the tasks are that models do, by the day of their release."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from ...records.horizon import Length, Trend
from ...records.leaderboard import Entry
from ..forecast import WINDOW
from .entries import (
    WIDTH,
    Link,
    NothingToPlot,
    colour,
    contenders,
    full_name,
    legend,
    no_link,
    point,
    released,
    short_names,
    span,
    whisker,
)
from .growth import Growth, growth, height, usable
from .svg import (
    Drawing,
    Scale,
    Wanted,
    element,
    group,
    line,
    log_scale,
    number,
    placed,
    scale,
    shortened,
    text,
    tip,
)

HEIGHT = 460.0
DAY, WEEK = 480.0, 2400.0
"""A person's, in minutes."""

TICKS = (1 / 60, 4 / 60, 0.25, 1, 4, 15, 60, 240, 960, 3840, 15360, 61440, 245760)

Dated = tuple[Entry, str, date, Length]


def horizon(entries: Sequence[Entry], *, width: float = WIDTH, link: Link = no_link) -> Drawing:
    """The plot of horizons at 50 %, with the trend of the state of the art where there is one.

    Raises:
        NothingToPlot: no entry has a release date and a horizon.
    """
    entries = contenders(entries)
    there, left_out = _dated(entries)
    if not there:
        raise NothingToPlot("no entry has both a release date and a horizon above 0")
    found = growth([entry for entry, *_ in there])
    left, right, top, bottom = 52.0, width - 12, 34.0, HEIGHT - 30
    first, last = min(day for *_, day, _ in there) - timedelta(120), date(2029, 9, 1)
    last = max(last, max(day for *_, day, _ in there) + timedelta(120))
    low, high = _extent([length for *_, length in there])
    days = scale((first.toordinal(), last.toordinal()), (left, right))
    up = log_scale((low, high), (bottom, top))
    body = _window(days, top, bottom) + _axes(first, last, low, high, days, up, left, right, bottom)
    if found is not None:
        body += _line(found, first, last, (low, high), days, up)
    best = found.best if found else set[int]()
    boxes: list[tuple[float, float, float, float]] = []
    wanted: list[tuple[bool, Wanted]] = []
    for at in sorted(range(len(there)), key=lambda i: i in best):
        entry, name, day, length = there[at]
        x, y = days(day.toordinal()), up(height(length))
        drawn = tip(_told(entry, length)) + _mark(entry, length, x, y, up, (low, high))
        body += group(drawn, link(entry), colour(entry) + ("" if at in best else " faint"))
        boxes.append((x - 6, y - 6, x + 6, y + 6))
        wanted.append((at not in best, Wanted(x, y, shortened(name, max(118, width / 4)))))
    some = sorted(wanted, key=lambda each: (each[0], each[1].y))[: len(best) + 8]
    body += placed([each for _, each in some], (left, top, right, bottom), boxes)
    body += legend([entry for entry, *_ in there], right, 10)
    note = (
        "Human time of the tasks done at 50 %, log scale. Bars: 95 % intervals; an arrow has no "
        "bound. Hollow: flagged, not to be taken at its face value, and not in the trend. Shaded: "
        "Wang's window for a capable remote worker, 2027-01-23 to 2029-01-23. "
    )
    if found is not None:
        note += (
            f"Trend of {len(found.trend.points)} that were state of the art when released: "
            f"{doubling(found.trend)}; dashed beyond the data, with the band of the horizons' own error only."
        )
    if left_out:
        note += (
            f" {left_out} of {len(entries)} entries are left out: no release date, or no horizon."
        )
    return Drawing(body, width, HEIGHT, "Time horizon by release date", _says(there, found), note)


def doubling(trend: Trend) -> str:
    """`doubles in 130 [110, 160] days`."""
    if trend.doubling_days is None:
        return "it does not grow"
    days = f"doubles in {trend.doubling_days:.0f}"
    if trend.low is None:
        return f"{days} days (no interval: one of the horizons has no bound)"
    return f"{days} [{trend.low:.0f}, {'∞' if trend.high is None else f'{trend.high:.0f}'}] days"


def _dated(entries: Sequence[Entry]) -> tuple[list[Dated], int]:
    """What can be drawn, and how many cannot."""
    there = [
        (entry, name, day, entry.horizon.p50)
        for entry, name in zip(entries, short_names(entries), strict=True)
        if (day := released(entry)) and entry.horizon and height(entry.horizon.p50)
    ]
    return there, len(entries) - len(there)


def _extent(lengths: Sequence[Length]) -> tuple[float, float]:
    """From the shortest to the longest that is shown; a working week always is."""
    lows = [min(height(each), max(each.low or 0.0, height(each) / 64)) for each in lengths]
    highs = [min(each.high or 0.0, height(each) * 64) for each in lengths]
    return max(1 / 120, min(lows) / 1.6), max(WEEK * 2.2, max(highs) * 1.4)


def _window(days: Scale, top: float, bottom: float) -> str:
    start, end = (days(day.toordinal()) for day in WINDOW)
    box = element("rect", x=start, y=top, width=end - start, height=bottom - top, class_="window")
    middle = (start + end) / 2
    name = text(middle, bottom - 8, "Wang's window", "tick", text_anchor="middle")
    return group(tip("2027-01-23 to 2029-01-23") + box + name)


def _axes(
    first: date,
    last: date,
    low: float,
    high: float,
    days: Scale,
    up: Scale,
    left: float,
    right: float,
    bottom: float,
) -> str:
    found = ""
    for minutes in TICKS:
        if low <= minutes <= high:
            found += line([(left, up(minutes)), (right, up(minutes))], "grid")
            found += text(left - 7, up(minutes) + 4, span(minutes), "tick", text_anchor="end")
    for minutes, name in ((DAY, "a working day, 8 h"), (WEEK, "a working week, 40 h")):
        found += line([(left, up(minutes)), (right, up(minutes))], "mark")
        found += text(left + 4, up(minutes) - 4, name, "tick")
    years = range(first.year + 1, last.year + 1)
    every = 1 if (right - left) / max(1, len(years)) > 38 else 2
    for year in years:
        x = days(date(year, 1, 1).toordinal())
        found += line([(x, bottom), (x, bottom + 4)], "axis")
        if (last.year - year) % every == 0:
            found += text(x, bottom + 17, str(year), "tick", text_anchor="middle")
    return found + line([(left, bottom), (right, bottom)], "axis")


def _line(
    found: Growth,
    first: date,
    last: date,
    room: tuple[float, float],
    days: Scale,
    up: Scale,
) -> str:
    """The trend, solid where there are data, and the band around it; cut at the plot's edges."""
    steps = [first + (last - first) * i / 120 for i in range(121)]

    def at(day: date, minutes: float) -> tuple[float, float]:
        return days(day.toordinal()), up(min(max(minutes, room[0]), room[1]))

    body = ""
    bands = [(day, band) for day in steps if (band := found.band(day)) is not None]
    bands = [(day, band) for day, band in bands if band[0] < room[1] and band[1] > room[0]]
    if bands:
        edge = [at(day, high) for day, (_, high) in bands]
        edge += [at(day, low) for day, (low, _) in reversed(bands)]
        path = "L".join(f"{number(x)} {number(y)}" for x, y in edge)
        body += element("path", d=f"M{path}z", class_="band")
    start, end = (date.fromisoformat(found.trend.points[i].released) for i in (0, -1))
    within = [start + (end - start) * i / 20 for i in range(21)]
    beyond = [end + (last - end) * i / 200 for i in range(201)]
    for dates, kind in ((within, "trend"), (beyond, "beyond")):
        path = [at(d, m) for d in dates if room[0] <= (m := found.minutes(d)) <= room[1]]
        body += line(path, kind) if len(path) > 1 else ""
    return body


def _mark(
    entry: Entry, length: Length, x: float, y: float, up: Scale, room: tuple[float, float]
) -> str:
    low = max(length.low or room[0], room[0])
    unbounded = length.high is None or length.high > room[1]
    high = room[1] if unbounded or length.high is None else length.high
    bars = whisker(
        x,
        up(low),
        up(high),
        open_above=unbounded,
        open_below=not length.low or length.low < room[0],
    )
    return bars + point(x, y, colour(entry), hollow=not usable(length))


def _told(entry: Entry, length: Length) -> str:
    """A point in words."""
    h = entry.horizon
    rest = f"n = {h.trials} trials of {h.tasks} tasks" if h else ""
    return f"{full_name(entry)}\nreleased {entry.released}\n{interval(length)} at 50 %, {rest}"


def interval(length: Length) -> str:
    """`35 min [20 min, 1.2 h]`, with a * where it is flagged."""
    mark = "*" if length.flags else ""
    if length.minutes is None and "above_longest" not in length.flags:
        return f"–{mark}"
    low = "?" if length.low is None else span(length.low)
    high = "∞" if length.high is None else span(length.high)
    value = "above all tasks" if length.minutes is None else span(length.minutes)
    return f"{value}{mark} [{low}, {high}]"


def _says(there: Sequence[Dated], found: Growth | None) -> str:
    longest = max(there, key=lambda each: height(each[3]))
    told = (
        f"{len(there)} entries; the longest is {full_name(longest[0])} with {interval(longest[3])}."
    )
    return told + (f" The state of the art {doubling(found.trend)}." if found else "")
