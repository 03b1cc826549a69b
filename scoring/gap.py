"""How far one country's best model is behind another's, in days.

The days-behind method: the time since the leader first had what the other one has now. Epoch AI
tells the gap between the United States and China so, by its capabilities index; as reported in
https://www.trendingtopics.eu/chinas-ki-modelle-im-schnitt-7-monate-hinter-den-frontier-modellen-aus-den-usa
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ..records.forecast import GapReport, Lag
from .horizon import rounded
from .progress import Array, Point, Progress, values_and_errors

DRAWS = 4000
SEED = 0
FEWEST = 2
"""Fewer entries of either country make no gap."""


def gap(
    progress: Progress, countries: tuple[str, str], *, as_of: date | None = None, seed: int = SEED
) -> GapReport:
    """The gap between the best of two countries on a day, by default that of the last release.

    Args:
        as_of: what is released later does not count.
    """
    left = dict(progress.left_out)
    sides: list[list[Point]] = []
    usable = [p for p in progress.points if as_of is None or p.released <= as_of]
    for name, number in (
        ("of another country, or of none that is known", _others(usable, countries)),
        ("released later", len(progress.points) - len(usable)),
    ):
        if number:
            left[name] = number
    for point in usable:
        if point.country in countries and point.doubt:
            left[point.doubt] = left.get(point.doubt, 0) + 1
    for country in countries:
        mine = [p for p in usable if p.country == country and not p.doubt]
        sides.append(sorted(mine, key=lambda p: (p.released, -p.value, p.name)))
    shared = {
        "source": progress.source,
        "sha256": progress.sha256,
        "suite": progress.suite,
        "suite_digest": progress.suite_digest,
        "metric": progress.metric,
        "countries": countries,
        "n": (len(sides[0]), len(sides[1])),
        "left_out": left,
    }
    few = [f"{c} has {len(s)}" for c, s in zip(countries, sides, strict=True) if len(s) < FEWEST]
    nothing = dict.fromkeys(
        ("leader", "behind", "days", "interval", "lead_probability", "median_lag")
    )
    if few:
        reason = f"a gap needs {FEWEST} usable entries of each country; {', '.join(few)}"
        return GapReport.model_validate(
            {**shared, **nothing, "as_of": as_of and as_of.isoformat(), "assessable": False}
            | {"reason": reason, "best": (), "lags": ()}
        )
    day = as_of or max(p.released for side in sides for p in side)
    tops = [max(side, key=lambda p: p.value) for side in sides]
    first = 0 if tops[0].value >= tops[1].value else 1
    ahead, other = sides[first], sides[1 - first]
    lags = _lags(ahead, other, day)
    drawn, leads = _drawn_days(ahead, other, progress, day, seed)
    low, middle, high = (float(q) for q in np.quantile(drawn, [0.025, 0.5, 0.975]))
    return GapReport.model_validate(
        {
            **shared,
            "as_of": day.isoformat(),
            "assessable": True,
            "reason": None,
            "leader": countries[first],
            "behind": countries[1 - first],
            "best": (tops[first].record(), tops[1 - first].record()),
            "days": 0
            if tops[0].value == tops[1].value
            else days_behind(ahead, max(p.value for p in other), day),
            "interval": (rounded(low), rounded(middle), rounded(high)),
            "lead_probability": round(float(leads.mean()), 4),
            "lags": lags,
            "median_lag": median_lag(lags),
        }
    )


def days_behind(leaders: Sequence[Point], level: float, day: date) -> int:
    """Days since one of these first was at the level."""
    return (day - min(p.released for p in leaders if p.value >= level)).days


def median_lag(lags: Sequence[Lag]) -> float | None:
    """The median lag by Kaplan and Meier's estimator, JASA 53 (1958): what is not yet reached counts
    as longer than it has lasted so far. None where it is not reached."""
    left, survival = len(lags), 1.0
    for lag in sorted(lags, key=lambda each: (each.days, each.reached is None)):
        if lag.reached is not None:
            survival *= 1 - 1 / left
            if survival <= 0.5 + 1e-12:
                return float(lag.days)
        left -= 1
    return None


def _others(points: Sequence[Point], countries: tuple[str, str]) -> int:
    return sum(point.country not in countries for point in points)


def _lags(ahead: Sequence[Point], other: Sequence[Point], day: date) -> tuple[Lag, ...]:
    """Of each level that the leader was the first at, how long the other one took to it."""
    found: list[Lag] = []
    best = -np.inf
    for point in ahead:
        if point.value <= best:
            continue
        best = point.value
        reached = [p.released for p in other if p.value >= point.value]
        first = min(reached, default=None)
        if first is not None and first <= point.released:
            continue  # the other one was there first
        found.append(
            Lag(
                name=point.name,
                released=point.released.isoformat(),
                value=rounded(point.value),
                reached=first and first.isoformat(),
                days=((first or day) - point.released).days,
            )
        )
    return tuple(found)


def _drawn_days(
    ahead: Sequence[Point], other: Sequence[Point], progress: Progress, day: date, seed: int
) -> tuple[Array, NDArray[np.bool_]]:
    """The gap where all values are drawn anew from their errors, and whether the leader leads.

    It is negative where the other one does.
    """
    rng = np.random.default_rng(seed)
    drawn: list[Array] = []
    since: list[Array] = []
    for side in (ahead, other):
        value, error = values_and_errors(side, progress.metric)
        drawn.append(value + error * rng.standard_normal((DRAWS, len(side))))
        since.append(np.array([(day - p.released).days for p in side], dtype=float))
    top = [each.max(axis=1) for each in drawn]

    def behind(leader: int) -> Array:
        there = drawn[leader] >= top[1 - leader][:, None]
        return np.where(there, since[leader], -np.inf).max(axis=1)

    leads = top[0] >= top[1]
    return np.where(leads, behind(0), -behind(1)), leads
