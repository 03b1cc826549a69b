"""Intervals of a proportion from independent trials."""

from __future__ import annotations

import math

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution: two-sided 95 % intervals."""


def wilson(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a proportion; `n` may be an effective, fractional sample size.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927).
    """
    if n <= 0:
        raise ValueError("an interval needs at least one observation")
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At 0 and 1 the bound is the share itself; rounding would leave it a hair inside.
    low = 0.0 if share == 0 else max(0.0, centre - half)
    high = 1.0 if share == 1 else min(1.0, centre + half)
    return low, high


def jeffreys(events: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Jeffreys' interval: the equal-tailed one of the posterior under the prior Beta(1/2, 1/2).

    The bound at 0 events is 0 and at `n` events 1, else it would exclude what was seen.
    Source: L. D. Brown, T. T. Cai and A. DasGupta, "Interval estimation for a binomial
    proportion", Statistical Science 16 (2001), section 4.3.
    """
    from scipy.special import betaincinv

    _check(events, n)
    tail = (1 - level) / 2
    a, b = events + 0.5, n - events + 0.5
    low = 0.0 if events == 0 else float(betaincinv(a, b, tail))
    high = 1.0 if events == n else float(betaincinv(a, b, 1 - tail))
    return low, high


def upper_bound(events: int, n: int, level: float = 0.95) -> float:
    """The one-sided exact upper bound of a rare event's rate (Clopper and Pearson).

    For no event in `n` trials it is 1 - (1 - level)^(1/n): about 3/n at 95 %, "the rule of three".
    Sources: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934); J. A. Hanley and
    A. Lippman-Hand, "If nothing goes wrong, is everything all right?", JAMA 249 (1983).
    """
    from scipy.special import betaincinv

    _check(events, n)
    if events == n:
        return 1.0
    if events == 0:
        return 1 - (1 - level) ** (1 / n)
    return float(betaincinv(events + 1, n - events, level))


def _check(events: float, n: float) -> None:
    if n <= 0 or not 0 <= events <= n:
        raise ValueError(f"{events:g} events in {n:g} trials: there must be 0 to n, and n above 0")
