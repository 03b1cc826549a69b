"""Statistics as pure functions over outcomes."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from functools import cache

from ..records.leaderboard import Calibration, Rate

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution: two-sided 95 % intervals."""

NO_DIFFERENCE = 1e-12
"""A standard error below this is the rounding of a sum, and none."""


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


def clustered_se(values: Sequence[float], clusters: Sequence[Hashable]) -> float | None:
    """Standard error of the mean where values within a cluster are not independent.

    sqrt(G / (G - 1) * sum over clusters of (sum of deviations)^2) / n for G clusters; None for a
    single one, which says nothing about how clusters vary. Below `NO_DIFFERENCE` it is 0.
    Sources: E. Miller, "Adding error bars to evals", arXiv:2411.00640 (2024), section 2.2; the
    factor for few clusters: A. C. Cameron and D. L. Miller, "A practitioner's guide to
    cluster-robust inference", Journal of Human Resources 50 (2015), section VI.
    """
    mean = sum(values) / len(values)
    sums: dict[Hashable, float] = {}
    for value, cluster in zip(values, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0.0) + value - mean
    if len(sums) < 2:
        return None
    factor = len(sums) / (len(sums) - 1)
    se = math.sqrt(factor * sum(s * s for s in sums.values())) / len(values)
    return 0.0 if se < NO_DIFFERENCE else se


def rate(outcomes: Sequence[bool], clusters: Sequence[Hashable]) -> Rate:
    """The share of true outcomes, with a 95 % interval that knows of clusters.

    The interval is Wilson's with an effective sample size: the one that an independent sample with
    the same standard error would have, never more than the number of observations, and with
    Student's t of G - 1 degrees of freedom for G clusters, as the standard error is itself an
    estimate (Cameron and Miller, section VI). Where there is no variance to estimate from (one
    cluster, or no difference between clusters) each cluster counts once, and the normal point
    serves.
    """
    n = len(outcomes)
    values = [float(outcome) for outcome in outcomes]
    share, count, se = sum(values) / n, len(set(clusters)), clustered_se(values, clusters)
    if not se:
        low, high = wilson(share, count)
    else:
        low, high = wilson(share, min(n, share * (1 - share) / (se * se)), _t95(count - 1))
    return Rate(value=share, low=low, high=high, se=se, n=n, clusters=count)


def mean(values: Sequence[float], clusters: Sequence[Hashable]) -> Rate:
    """The mean of values from 0 to 1, with a 95 % interval that knows of clusters.

    Student's t with G - 1 degrees of freedom for G clusters, cut to 0 and 1. Where there is no
    variance to estimate from each cluster counts once, as in `rate`: Wilson's interval serves,
    since no values from 0 to 1 vary more than zeros and ones of the same mean.
    """
    value = min(1.0, sum(values) / len(values))
    count, se = len(set(clusters)), clustered_se(values, clusters)
    if not se:
        low, high = wilson(value, count)
    else:
        half = _t95(count - 1) * se
        low, high = max(0.0, value - half), min(1.0, value + half)
    return Rate(value=value, low=low, high=high, se=se, n=len(values), clusters=count)


@cache
def _t95(degrees: int) -> float:
    """The 97.5 % point of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.975))


def pass_hat_k(counts: Iterable[tuple[Hashable, int, int]], k: int) -> Rate | None:
    """pass^k: the chance that k trials drawn from an instance's are all delegable, mean over instances.

    C(c, k) / C(n, k) for c delegable of n, over the instances with n >= k; None where there is none.
    Source: S. Yao et al., "tau-bench", arXiv:2406.12045 (2024).

    Args:
        counts: cluster (the task), c and n of each instance.
    """
    shares = [(math.comb(c, k) / math.comb(n, k), cluster) for cluster, c, n in counts if n >= k]
    return mean([s for s, _ in shares], [cluster for _, cluster in shares]) if shares else None


def calibration(
    pairs: Sequence[tuple[float, bool]], clusters: Sequence[Hashable], bins: int = 10
) -> Calibration | None:
    """How stated confidences stand to outcomes; None without any."""
    if not pairs:
        return None
    groups: dict[int, list[tuple[float, bool]]] = {}
    for confidence, outcome in pairs:
        groups.setdefault(min(bins - 1, int(confidence * bins)), []).append((confidence, outcome))
    squares = sum(
        len(group)
        * (sum(c for c, _ in group) / len(group) - sum(o for _, o in group) / len(group)) ** 2
        for group in groups.values()
    )
    return Calibration(
        brier=mean([(c - o) ** 2 for c, o in pairs], clusters),
        rms_error=math.sqrt(squares / len(pairs)),
        mean_confidence=mean([c for c, _ in pairs], clusters),
    )
