"""Rates and means of trials that are not independent: those of one task are a cluster."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..records.leaderboard import Rate
from .intervals import wilson

Clusters = Sequence[Hashable] | NDArray[np.intp]

NO_DIFFERENCE = 1e-12
"""A standard error below this is the rounding of a sum, and none."""


def clustered_se(values: ArrayLike, clusters: Clusters) -> float | None:
    """Standard error of the mean where values within a cluster are not independent.

    sqrt(G / (G - 1) * sum over clusters of (sum of deviations)^2) / n for G clusters; None for a
    single one, which says nothing about how clusters vary. Below `NO_DIFFERENCE` it is 0.
    Sources: E. Miller, "Adding error bars to evals", arXiv:2411.00640 (2024), section 2.2; the
    factor for few clusters: A. C. Cameron and D. L. Miller, "A practitioner's guide to
    cluster-robust inference", Journal of Human Resources 50 (2015), section VI.
    """
    given = np.asarray(values, dtype=float)
    return _clustered_se(given, _mean(given), cluster_codes(clusters))


def rate(outcomes: ArrayLike, clusters: Clusters) -> Rate:
    """The share of true outcomes, with a 95 % interval that knows of clusters.

    The interval is Wilson's with an effective sample size: the one that an independent sample with
    the same standard error would have, never more than the number of observations, and with
    Student's t of G - 1 degrees of freedom for G clusters, as the standard error is itself an
    estimate (Cameron and Miller, section VI). Where there is no variance to estimate from (one
    cluster, or no difference between clusters) each cluster counts once, and the normal point
    serves.
    """
    values, codes = np.asarray(outcomes, dtype=float), cluster_codes(clusters)
    n, share, count = len(values), _mean(values), _count(codes)
    se = _clustered_se(values, share, codes)
    if not se:
        low, high = wilson(share, count)
    else:
        low, high = wilson(share, min(n, share * (1 - share) / (se * se)), t95(count - 1))
    return Rate(value=share, low=low, high=high, se=se, n=n, clusters=count)


def mean(values: ArrayLike, clusters: Clusters) -> Rate:
    """The mean of values from 0 to 1, with a 95 % interval that knows of clusters.

    Student's t with G - 1 degrees of freedom for G clusters, cut to 0 and 1. Where there is no
    variance to estimate from each cluster counts once, as in `rate`: Wilson's interval serves,
    since no values from 0 to 1 vary more than zeros and ones of the same mean.
    """
    given, codes = np.asarray(values, dtype=float), cluster_codes(clusters)
    value, count = min(1.0, _mean(given)), _count(codes)
    se = _clustered_se(given, _mean(given), codes)
    return estimate(value, se, n=len(given), clusters=count)


def estimate(value: float, se: float | None, *, n: int, clusters: int) -> Rate:
    """An estimate from 0 to 1 with its clustered standard error: Student's interval, as `mean`."""
    if not se:
        low, high = wilson(value, clusters)
    else:
        half = t95(clusters - 1) * se
        low, high = max(0.0, value - half), min(1.0, value + half)
    return Rate(value=value, low=low, high=high, se=se, n=n, clusters=clusters)


def cluster_codes(clusters: Clusters) -> NDArray[np.intp]:
    """Each observation's cluster as a number from 0."""
    if isinstance(clusters, np.ndarray):
        return np.unique(clusters, return_inverse=True)[1]
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in clusters], dtype=np.intp)


@cache
def t95(degrees: int) -> float:
    """The 97.5 % point of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.975))


def _clustered_se(
    values: NDArray[np.float64], mean: float, codes: NDArray[np.intp]
) -> float | None:
    sums = np.bincount(codes, weights=values - mean)
    if len(sums) < 2:
        return None
    factor = len(sums) / (len(sums) - 1)
    se = math.sqrt(factor * math.fsum(sums * sums)) / len(values)
    return 0.0 if se < NO_DIFFERENCE else se


def _mean(values: NDArray[np.float64]) -> float:
    # Exactly rounded, so that every machine gives the same bytes.
    return math.fsum(values) / len(values)


def _count(codes: NDArray[np.intp]) -> int:
    return int(codes.max()) + 1
