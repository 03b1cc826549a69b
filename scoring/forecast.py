"""When the trend of a metric crosses a threshold: a distribution of dates.

Sources: leave-future-out validation, P.-C. Bürkner, J. Gabry and A. Vehtari, "Approximate
leave-future-out cross-validation for Bayesian time series models", Journal of Statistical
Computation and Simulation 90 (2020), arXiv:1902.06281 (here exact: every model is fitted anew);
weights, Y. Yao, A. Vehtari, D. Simpson and A. Gelman, "Using stacking to average Bayesian
predictive distributions", Bayesian Analysis 13 (2018), section 3.4, pseudo-BMA+.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from ..records.errors import InputError
from ..records.forecast import (
    CrossedBy,
    DateForecast,
    DateQuantile,
    ForecastReport,
    Metric,
    Shape,
    ShapeForecast,
    Window,
)
from .horizon import rounded
from .progress import LEAST_RATE, Array, Point, Progress, is_rate, scaled, values_and_errors
from .trend import Release, state_of_the_art
from .trend_models import Fit, fit, log_density

WINDOW = (date(2027, 1, 23), date(2029, 1, 23))
"""Two to four years from 2025-01-23, when Alexandr Wang said so of AGI to CNBC in Davos.

Source: https://www.nbcmiami.com/news/business/money-report/
scale-ai-ceo-says-china-has-quickly-caught-the-u-s-with-the-deepseek-open-source-model/3523798/
"""

THRESHOLDS: dict[Metric, float | None] = {
    "rwr4": 0.6,
    "horizon80": 2400.0,
    "horizon50": 2400.0,
    "rate": None,
}
"""Where none is given: RWR^4 of level 3, the 40 hours of level 4; a bare rate has no such limit."""

FEWEST = 5
"""Fewer entries, or release days, make no forecast."""

FIRST_FITTED = 3
"""Entries that the first prediction is made from."""

QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
DRAWS = 4000
SCORE_DRAWS = 1000
STEP_DAYS = 7
END = date(2040, 1, 1)
LATEST = date(2100, 1, 1)
SEED = 0


def forecast(
    progress: Progress,
    threshold: float,
    *,
    everyone: bool = False,
    end: date = END,
    seed: int = SEED,
) -> ForecastReport:
    """The date at which the trend crosses the threshold, or why none is told.

    Args:
        threshold: minutes, or a share within 0.5 % and 99.5 %.
        everyone: fit all entries, not only those that were state of the art when released.
        end: what is later counts as never.

    Raises:
        InputError: the threshold is not on the metric's scale, or `end` is not after all releases.
    """
    _check_threshold(progress.metric, threshold)
    chosen, left = chosen_points(progress.points, everyone=everyone)
    released = [point.released for point in progress.points]
    if released and end <= max(released):
        raise InputError(f"end: {end} is not after the last release, {max(released)}")
    if end > LATEST:
        raise InputError(f"end: {end} is after {LATEST}")
    reason = _refusal(chosen)
    return ForecastReport(
        source=progress.source,
        sha256=progress.sha256,
        suite=progress.suite,
        suite_digest=progress.suite_digest,
        metric=progress.metric,
        threshold=threshold,
        models="all" if everyone else "state of the art when released",
        points=tuple(point.record() for point in chosen),
        left_out={**progress.left_out, **left},
        as_of=max(released).isoformat() if released else None,
        first=next((p.record() for p in chosen if p.value >= threshold), None),
        assessable=reason is None,
        reason=reason,
        dates=None
        if reason
        else _dates(chosen, progress.metric, threshold, max(released), end, seed),
    )


def _check_threshold(metric: Metric, threshold: float) -> None:
    """Raise an InputError where a threshold is not on the metric's scale."""
    if is_rate(metric) and not LEAST_RATE < threshold < 1 - LEAST_RATE:
        raise InputError(
            f"threshold: {threshold:g} is not a share within {LEAST_RATE:g} and {1 - LEAST_RATE:g}"
        )
    if not (math.isfinite(threshold) and threshold > 0):
        raise InputError(f"threshold: {threshold:g} is not a number of minutes above 0")


def chosen_points(points: Sequence[Point], *, everyone: bool) -> tuple[list[Point], dict[str, int]]:
    """What is fitted, by release date, and why the rest is not.

    As for the trend of horizons: who was state of the art is found among all, and only then is
    left out what cannot be used. Else a doubtful best model would make a worse one the best.
    """
    left: Counter[str] = Counter()
    ordered = sorted(points, key=lambda p: (p.released, -p.value, p.name))
    if not everyone:
        best = {
            (r.agent, r.released, r.minutes)
            for r in state_of_the_art([Release(p.name, p.released, p.value) for p in ordered])
        }
        top = [p for p in ordered if (p.name, p.released, p.value) in best]
        if len(top) < len(ordered):
            left["not state of the art when released"] = len(ordered) - len(top)
        ordered = top
    chosen: list[Point] = []
    for point in ordered:
        if point.doubt:
            left[point.doubt] += 1
        else:
            chosen.append(point)
    return chosen, dict(left)


def weights(scores: Array, seed: int = SEED) -> Array:
    """Pseudo-BMA+ weights of models (columns) from log predictive densities of entries (rows).

    With as few scores as a leaderboard gives, stacking puts all on one model; these are softened
    by the Bayesian bootstrap over the entries.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.dirichlet(np.ones(len(scores)), size=2000) @ scores * len(scores)
    chance = np.exp(drawn - drawn.max(axis=1, keepdims=True))
    return (chance / chance.sum(axis=1, keepdims=True)).mean(axis=0)


def leave_future_out(
    shapes: Sequence[Shape], years: Array, values: Array, errors: Array, *, rate: bool
) -> Array:
    """The log predictive density of each entry given all released on earlier days.

    Returns:
        A row for each entry that has at least `FIRST_FITTED` earlier ones, a column for each shape.
    """
    rows: list[list[float]] = []
    for i, year in enumerate(years):
        past = years < year
        if past.sum() < FIRST_FITTED:
            continue
        row: list[float] = []
        for shape in shapes:
            made = fit(shape, years[past], values[past], errors[past], rate=rate)
            drawn = made.draw(SCORE_DRAWS, np.random.default_rng(SEED))
            row.append(log_density(drawn, float(year), float(values[i]), float(errors[i])))
        rows.append(row)
    return np.array(rows)


def crossings(drawn: Fit, threshold: float, start: date, end: date) -> Array:
    """Of each drawn trend, the days from `start` until it first is at the threshold; else infinite.

    A trend that is there at the start crosses then, or before.
    """
    days = np.append(np.arange(0, (end - start).days, STEP_DAYS), (end - start).days)
    found = np.full(len(drawn.turn), np.inf)
    level = drawn.at(_year(start) + days / 365.25)
    above = level >= threshold
    ever = above.any(axis=1)
    first = above.argmax(axis=1)
    row = np.flatnonzero(ever)
    at, before = first[row], np.maximum(first[row] - 1, 0)
    rise = level[row, at] - level[row, before]
    part = np.where(rise > 0, (level[row, at] - threshold) / np.where(rise > 0, rise, 1), 0.0)
    found[row] = days[at] - part * (days[at] - days[before])
    return found


def _refusal(chosen: Sequence[Point]) -> str | None:
    days = len({point.released for point in chosen})
    if len(chosen) < FEWEST or days < FEWEST:
        return (
            f"a forecast needs {FEWEST} usable entries of different release days; "
            f"there are {len(chosen)} of {days}"
        )
    return None


def _shapes(chosen: Sequence[Point]) -> list[Shape]:
    """The models that the entries can tell apart: a break in 2024 needs two on either side."""
    before = sum(point.released < date(2024, 7, 1) for point in chosen)
    broken = 2 <= before <= len(chosen) - 2
    return ["linear", "break-2024", "ceiling"] if broken else ["linear", "ceiling"]


def _dates(
    chosen: Sequence[Point], metric: Metric, threshold: float, as_of: date, end: date, seed: int
) -> DateForecast:
    years = np.array([_year(point.released) for point in chosen])
    values, errors = values_and_errors(chosen, metric)
    shapes, rate = _shapes(chosen), is_rate(metric)
    scores = leave_future_out(shapes, years, values, errors, rate=rate)
    shares = weights(scores, seed)
    rng = np.random.default_rng(seed)
    start, goal = chosen[0].released, float(scaled([threshold], metric)[0])
    each = [
        crossings(fit(shape, years, values, errors, rate=rate).draw(DRAWS, rng), goal, start, end)
        for shape in shapes
    ]
    days = np.concatenate(each)
    chance = np.concatenate([np.full(DRAWS, share / DRAWS) for share in shares])
    by = [as_of, *(date(year, 1, 1) for year in range(as_of.year + 1, end.year + 1))]

    def crossed(until: date) -> float:
        return float(chance[days <= (until - start).days].sum())

    before = float(chance[days < (WINDOW[0] - start).days].sum())
    inside = crossed(WINDOW[1]) - before
    return DateForecast(
        quantiles=tuple(
            DateQuantile(at=at, date=_quantile(days, chance, at, start)) for at in QUANTILES
        ),
        crossed_by=tuple(
            CrossedBy(date=day.isoformat(), probability=_share(crossed(day)))
            for day in by
            if day <= end
        ),
        window=Window(
            start=WINDOW[0].isoformat(),
            end=WINDOW[1].isoformat(),
            before=_share(before),
            inside=_share(inside),
            after=_share(1 - before - inside),
        ),
        end=end.isoformat(),
        never=_share(1 - crossed(end)),
        shapes=tuple(
            ShapeForecast(
                shape=shape,
                weight=rounded(float(share)),
                log_score=rounded(float(score)),
                median=_quantile(found, np.full(DRAWS, 1 / DRAWS), 0.5, start),
                within=_share(float(np.isfinite(found).mean())),
            )
            for shape, share, score, found in zip(
                shapes, shares, scores.sum(axis=0), each, strict=True
            )
        ),
        scored=len(scores),
        draws=DRAWS,
        seed=seed,
    )


def _quantile(days: Array, chance: Array, at: float, start: date) -> str | None:
    order = np.argsort(days)
    whole = np.cumsum(chance[order])
    found = days[order][min(int(np.searchsorted(whole, at)), len(days) - 1)]
    return (start + timedelta(days=float(found))).isoformat() if np.isfinite(found) else None


def _share(chance: float) -> float:
    return round(min(1.0, max(0.0, chance)), 4)


def _year(day: date) -> float:
    """The calendar year with its fraction, so that days are evenly spaced."""
    return 2000 + (day - date(2000, 1, 1)).days / 365.25
