"""How fast the horizon of the state of the art grows.

Source: T. Kwa et al., arXiv:2503.14499 (2025), section 4.2; METR/eval-analysis-public,
src/horizon/compute_trendline_ci.py and plot/bootstrap_ci.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ..records.horizon import Trend, TrendPoint
from .horizon import TAILS, rounded

Array = NDArray[np.float64]

MEASURED_MINUTES = 960.0
"""METR leaves out what is above 16 hours: its tasks do not reach far enough to measure it."""

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Release:
    """A model's horizon in minutes, and when it was released."""

    agent: str
    released: date
    minutes: float


def state_of_the_art(releases: Sequence[Release]) -> list[Release]:
    """Those whose horizon was no shorter than that of any model released before or the same day."""
    found: list[Release] = []
    best = -math.inf
    for release in sorted(releases, key=lambda r: (r.released, -r.minutes, r.agent)):
        if release.minutes >= best:
            found.append(release)
            best = release.minutes
    return found


def trend(
    releases: Sequence[Release],
    draws: Mapping[str, Array] | None = None,
    *,
    since: date | None = None,
    until: date | None = None,
    most_minutes: float = math.inf,
) -> Trend | None:
    """Least squares of ln(horizon) on the release date; None under two models or days.

    The models are those that were state of the art when they were released, among all that are
    given; of these, those released in the window [since, until) with 0 < horizon <= most_minutes.
    The interval is of the horizons' own error: in each draw of the bootstrap the same models are
    fitted. It does not say that growth goes on, nor how much another choice of models would change.

    Args:
        draws: agent to its horizon in each draw, as `Horizons.draws`; without them no interval.
    """
    chosen = [
        release
        for release in state_of_the_art(releases)
        if (since is None or release.released >= since)
        and (until is None or release.released < until)
        and 0 < release.minutes <= most_minutes
    ]
    days = np.array([(release.released - EPOCH).days for release in chosen], dtype=float)
    if len(np.unique(days)) < 2:
        return None
    logs = np.log([release.minutes for release in chosen])
    slope, intercept = _line(days, logs)
    rest = logs - intercept - slope * days
    spread = float(((logs - logs.mean()) ** 2).sum())
    slopes = _slopes(days, [draws[r.agent] for r in chosen]) if draws else np.empty(0)
    low, high = _doubling_interval(slopes)
    return Trend(
        doubling_days=_doubling(slope),
        low=low,
        high=high,
        slope=rounded(slope),
        intercept=rounded(intercept),
        r_squared=rounded(1 - float((rest**2).sum()) / spread) if spread else 1.0,
        bootstraps=len(slopes),
        points=tuple(
            TrendPoint(agent=r.agent, released=r.released.isoformat(), minutes=rounded(r.minutes))
            for r in chosen
        ),
    )


def _line(days: Array, logs: Array) -> tuple[float, float]:
    centred = days - days.mean()
    slope = float((centred * logs).sum() / (centred**2).sum())
    return slope, float(logs.mean() - slope * days.mean())


def _slopes(days: Array, draws: Sequence[Array]) -> Array:
    """The slope of each draw, over the models that have a horizon in it: neither 0 nor infinite."""
    minutes = np.array(draws)
    usable = np.isfinite(minutes) & (minutes > 0)
    logs = np.log(np.where(usable, minutes, 1.0))
    number = usable.sum(axis=0)
    column = days[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_day = (usable * column).sum(axis=0) / number
        centred = np.where(usable, column - mean_day, 0.0)
        slopes = (centred * logs).sum(axis=0) / (centred**2).sum(axis=0)
    return slopes[np.isfinite(slopes)]


def _doubling_interval(slopes: Array) -> tuple[float | None, float | None]:
    """From the fastest to the slowest growth; None for a bound at which there is none."""
    if not len(slopes):
        return None, None
    slow, fast = (float(np.quantile(slopes, tail)) for tail in TAILS)
    return _doubling(fast), _doubling(slow)


def _doubling(slope: float) -> float | None:
    return rounded(math.log(2) / slope) if slope > 0 else None
