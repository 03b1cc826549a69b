"""How horizons on a leaderboard grow with the release date, with their error carried along."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ...records.horizon import Length, Trend
from ...records.leaderboard import Entry
from ..intervals import Z95
from ..trend import EPOCH, Release, state_of_the_art, trend
from .entries import released

DRAWS = 1000
SEED = 0
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Growth:
    """The trend of the state of the art, and lines as far from it as horizons are uncertain.

    Attributes:
        slopes, intercepts: of ln(minutes) by days since 1970, one for each draw.
    """

    trend: Trend
    slopes: Array
    intercepts: Array

    @property
    def best(self) -> set[int]:
        """Numbers of the entries that the trend is over."""
        return {int(point.agent) for point in self.trend.points}

    def minutes(self, day: date) -> float:
        """On the trend's line."""
        return math.exp(self.trend.intercept + self.trend.slope * (day - EPOCH).days)

    def band(self, day: date) -> tuple[float, float] | None:
        """Where 95 % of the draws' lines are; None without draws."""
        if not len(self.slopes):
            return None
        logs = self.intercepts + self.slopes * (day - EPOCH).days
        low, high = np.exp(np.quantile(logs, [0.025, 0.975]))
        return float(low), float(high)


def growth(entries: Sequence[Entry]) -> Growth | None:
    """The trend over the entries with a horizon at 50 % and a release date; None under two of them.

    A leaderboard keeps of the bootstrap only its interval. So each horizon is drawn anew as
    log-normal, with the standard deviation that its interval has on either side (bounds lie 1.96
    deviations away); entries are drawn apart from each other, though they share their tasks, which
    makes the trend's interval somewhat too wide. `offsite horizon` has the bootstrap itself.
    """
    dated = {
        str(number): (day, entry.horizon.p50)
        for number, entry in enumerate(entries)
        if (day := released(entry)) and entry.horizon and height(entry.horizon.p50)
    }
    all_of_them = [Release(key, day, height(p50)) for key, (day, p50) in dated.items()]
    # A flagged horizon may not bear the trend, yet what it surpassed was not the state of the art.
    releases = [each for each in state_of_the_art(all_of_them) if usable(dated[each.agent][1])]
    rng = np.random.default_rng(SEED)
    draws = {each.agent: _drawn(dated[each.agent][1], rng) for each in releases}
    bounded = all(not np.isnan(each).any() for each in draws.values())
    found = trend(releases, draws if bounded else None)
    if found is None:
        return None
    if not bounded:
        return Growth(found, np.empty(0), np.empty(0))
    days = np.array([(date.fromisoformat(p.released) - EPOCH).days for p in found.points], float)
    logs = np.log(np.array([draws[p.agent] for p in found.points]))
    centred = days - days.mean()
    slopes = centred @ logs / (centred @ centred)
    return Growth(found, slopes, logs.mean(axis=0) - slopes * days.mean())


def usable(length: Length) -> bool:
    """Whether a horizon is a number that the trend may rest on."""
    return bool(length.minutes) and not length.flags


def height(length: Length) -> float:
    """The minutes that are known of a horizon: above all tasks, the longest; 0 where there is none."""
    if length.minutes is None and "above_longest" in length.flags:
        return length.low or 0.0
    return length.minutes or 0.0


def _drawn(length: Length, rng: np.random.Generator) -> Array:
    normal = rng.standard_normal(DRAWS)
    if not length.minutes or not length.low or length.high is None:
        return np.full(DRAWS, np.nan)
    below = math.log(length.minutes / length.low) / Z95
    above = math.log(length.high / length.minutes) / Z95
    return length.minutes * np.exp(np.where(normal < 0, below, above) * normal)
