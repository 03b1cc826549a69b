"""Statistics as pure functions over outcomes."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from functools import cache

from ..records.leaderboard import Calibration, Rate

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


def clustered_se(values: Sequence[float], clusters: Sequence[Hashable]) -> float:
    """Standard error of the mean where values within a cluster are not independent.

    sqrt(G / (G - 1) * sum over clusters of (sum of deviations)^2) / n for G clusters; 0 for a
    single one, which says nothing about how clusters vary. Sources: E. Miller, "Adding error bars
    to evals", arXiv:2411.00640 (2024), section 2.2; the factor for few clusters: A. C. Cameron and
    D. L. Miller, "A practitioner's guide to cluster-robust inference", Journal of Human Resources
    50 (2015), section VI.
    """
    mean = sum(values) / len(values)
    sums: dict[Hashable, float] = {}
    for value, cluster in zip(values, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0.0) + value - mean
    if len(sums) < 2:
        return 0.0
    factor = len(sums) / (len(sums) - 1)
    return math.sqrt(factor * sum(s * s for s in sums.values())) / len(values)


def rate(outcomes: Sequence[bool], clusters: Sequence[Hashable]) -> Rate:
    """The share of true outcomes, with a 95 % interval that knows of clusters.

    The interval is Wilson's with an effective sample size: the one that an independent sample with
    the same standard error would have, never more than the number of observations, and with
    Student's t of G - 1 degrees of freedom for G clusters, as the standard error is itself an
    estimate (Cameron and Miller, section VI). Where all outcomes agree there is no variance to
    estimate from: each cluster counts once, and the normal point serves.
    """
    n = len(outcomes)
    values = [float(outcome) for outcome in outcomes]
    count = len(set(clusters))
    share = sum(values) / n
    se = clustered_se(values, clusters)
    if se == 0:
        low, high = wilson(share, count)
    else:
        low, high = wilson(share, min(n, share * (1 - share) / (se * se)), _t95(count - 1))
    return Rate(value=share, low=low, high=high, se=se, n=n, clusters=count)


@cache
def _t95(degrees: int) -> float:
    """The 97.5 % point of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.975))


def pass_hat_k(counts: Iterable[tuple[int, int]], k: int) -> float | None:
    """pass^k: the chance that k trials drawn from an instance's are all delegable, mean over instances.

    C(c, k) / C(n, k) for c delegable of n, over the instances with n >= k; None where there is none.
    Source: S. Yao et al., "tau-bench", arXiv:2406.12045 (2024).
    """
    shares = [math.comb(c, k) / math.comb(n, k) for c, n in counts if n >= k]
    return sum(shares) / len(shares) if shares else None


def calibration(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> Calibration | None:
    """How stated confidences stand to outcomes; None without any."""
    if not pairs:
        return None
    n = len(pairs)
    groups: dict[int, list[tuple[float, bool]]] = {}
    for confidence, outcome in pairs:
        groups.setdefault(min(bins - 1, int(confidence * bins)), []).append((confidence, outcome))
    squares = sum(
        len(group)
        * (sum(c for c, _ in group) / len(group) - sum(o for _, o in group) / len(group)) ** 2
        for group in groups.values()
    )
    return Calibration(
        n=n,
        brier=sum((c - o) ** 2 for c, o in pairs) / n,
        rms_error=math.sqrt(squares / n),
        mean_confidence=sum(c for c, _ in pairs) / n,
    )
