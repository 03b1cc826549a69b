"""Cost against rate: what a trial costs, and how much of the work is delegable for it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ...records.leaderboard import Entry, Rate
from .entries import (
    WIDTH,
    Link,
    NothingToPlot,
    colour,
    contenders,
    cost_of_trial,
    dollars,
    full_name,
    legend,
    no_link,
    percent,
    point,
    short_names,
    whisker,
)
from .svg import Drawing, Scale, Wanted, group, line, log_scale, placed, scale, shortened, text, tip

HEIGHT = 400.0
FREE = 44.0
"""The column for what costs nothing: zero has no place on a logarithmic axis."""


def pareto(entries: Sequence[Entry], *, width: float = WIDTH, link: Link = no_link) -> Drawing:
    """The plot.

    Raises:
        NothingToPlot: no entry has both a rate and a cost.
    """
    entries = contenders(entries)
    names = short_names(entries)
    there = [
        (entry, name, cost, entry.delegable)
        for entry, name in zip(entries, names, strict=True)
        if (cost := cost_of_trial(entry)) is not None and entry.delegable
    ]
    if not there:
        raise NothingToPlot("no entry has both a delegable rate and a known cost")
    costs = [cost for _, _, cost, _ in there if cost]
    left, right, top, bottom = 48.0, width - 16, 30.0, HEIGHT - 44
    inner = left + (FREE if len(costs) < len(there) else 0)
    domain = (min(costs) / 1.6, max(costs) * 1.6) if costs else (0.1, 10.0)
    ceiling = _ceiling(rate for *_, rate in there)
    at, up = log_scale(domain, (inner, right)), scale((0, ceiling), (bottom, top))

    def x(cost: float) -> float:
        return at(cost) if cost else left + FREE / 2

    body = _axes(inner, left, right, bottom, domain, ceiling, x, up)
    front = pareto_front([(cost, rate.value) for _, _, cost, rate in there])
    body += line(_steps([(x(there[i][2]), up(there[i][3].value)) for i in front], right), "front")
    marks: list[str] = []
    for number, (entry, _, cost, rate) in enumerate(there):
        on = number in front
        drawn = whisker(x(cost), up(rate.low), up(rate.high))
        drawn += point(x(cost), up(rate.value), colour(entry), hollow=not on)
        told = tip(f"{full_name(entry)}\n{percent(rate)}\n{dollars(cost)} a trial")
        marks.append(group(told + drawn, link(entry), colour(entry) + ("" if on else " faint")))
    body += "".join(marks)
    order = [*front, *(i for i in range(len(there)) if i not in front)][: len(front) + 12]
    body += placed(
        [
            Wanted(
                x(there[i][2]), up(there[i][3].value), shortened(there[i][1], max(118, width / 4))
            )
            for i in order
        ],
        (left, top - 10, right + 14, bottom),
        [(x(c) - 5, up(r.value) - 5, x(c) + 5, up(r.value) + 5) for _, _, c, r in there],
    )
    body += legend([entry for entry, *_ in there], right, 10)
    missing = len(entries) - len(there)
    note = "Filled: on the Pareto front, no other entry costs less and does more. Bars: 95 % intervals of the rate."
    if missing:
        note += (
            f" {missing} of {len(entries)} entries are left out: no rate, or a price is not known."
        )
    best = there[front[-1]]
    says = (
        f"{len(there)} entries, {len(front)} on the Pareto front, from "
        f"{dollars(there[front[0]][2])} to {dollars(best[2])} a trial; "
        f"at its end {full_name(best[0])} with {percent(best[3])}."
    )
    return Drawing(body, width, HEIGHT, "Cost against delegable rate", says, note)


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Which of the points (cost, rate) no other one betters in both, cheapest first."""
    best, found = -math.inf, list[int]()
    for number in sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1], i)):
        if points[number][1] > best:
            best = points[number][1]
            found.append(number)
    return found


def _steps(points: Sequence[tuple[float, float]], end: float) -> list[tuple[float, float]]:
    """For each cost the best rate that it buys: flat up to the next point."""
    path = list(points[:1])
    for x, y in points[1:]:
        path += [(x, path[-1][1]), (x, y)]
    return [*path, (end, path[-1][1])]


def _ceiling(rates: Iterable[Rate]) -> float:
    """The axis ends at the next tenth above all intervals."""
    return min(1.0, math.ceil(max(rate.high for rate in rates) * 10 + 0.3) / 10)


def _axes(
    inner: float,
    left: float,
    right: float,
    bottom: float,
    domain: tuple[float, float],
    ceiling: float,
    x: Scale,
    up: Scale,
) -> str:
    """Grid, ticks and titles; `inner` is where the logarithmic axis begins."""
    found = "".join(
        line([(left, up(share / 10)), (right, up(share / 10))], "grid")
        + text(left - 7, up(share / 10) + 4, f"{share * 10} %", "tick", text_anchor="end")
        for share in range(0, round(ceiling * 10) + 1, 2 if ceiling > 0.5 else 1)
    )
    for value in _dollar_ticks(domain):
        found += line([(x(value), bottom), (x(value), bottom + 4)], "axis")
        found += text(x(value), bottom + 17, dollars(value), "tick", text_anchor="middle")
    if inner > left:
        found += text(left + FREE / 2, bottom + 17, "$0", "tick", text_anchor="middle")
    found += line([(inner, bottom), (right, bottom)], "axis")
    found += text(right, bottom + 36, "cost of a trial, log scale", "tick", text_anchor="end")
    return found + text(left - 40, 14, "delegable rate", "tick")


def _dollar_ticks(domain: tuple[float, float]) -> list[float]:
    low, high = domain
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    wide = high / low > 300
    ticks = [n * 10.0**power for power in powers for n in ((1,) if wide else (1, 2, 5))]
    return [tick for tick in ticks if low <= tick <= high]
