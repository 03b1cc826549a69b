"""How the confidence that an agent states stands to what came of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..records.leaderboard import Calibration, CalibrationBin, Rate
from .rates import NO_DIFFERENCE, Clusters, cluster_codes, estimate, mean, rate

Array = NDArray[np.float64]

BINS = 10
"""Bins of equal width for the error that suits few trials."""

HLE_BIN = 100
"""Trials in a bin of Humanity's Last Exam."""


def calibration(
    confidences: ArrayLike, outcomes: ArrayLike, clusters: Clusters
) -> Calibration | None:
    """All that is said of stated confidences; None without any."""
    confidence, outcome = _pair(confidences, outcomes)
    if not len(confidence):
        return None
    codes = cluster_codes(clusters)
    published = len(confidence) >= HLE_BIN
    return Calibration(
        brier=mean((confidence - outcome) ** 2, codes),
        rms_error=binned_error(confidence, outcome),
        rms_error_ranked=rms_calibration_error(confidence, outcome),
        rms_error_hle=rms_calibration_error(confidence, outcome, hle_compat=True)
        if published
        else None,
        auroc=auroc(confidence, outcome, codes),
        mean_confidence=mean(confidence, codes),
        bins=calibration_bins(confidence, outcome, codes),
    )


def calibration_bins(
    confidences: ArrayLike, outcomes: ArrayLike, clusters: Clusters, bins: int = BINS
) -> tuple[CalibrationBin, ...]:
    """The rate in each bin of equal width that has trials, least confident first."""
    confidence, outcome = _pair(confidences, outcomes)
    codes, which = cluster_codes(clusters), _equal_width(confidence, bins)
    return tuple(
        CalibrationBin(
            low=bin / bins,
            high=(bin + 1) / bins,
            confidence=min(1.0, math.fsum(confidence[rows]) / int(rows.sum())),
            rate=rate(outcome[rows], codes[rows]),
        )
        for bin in range(bins)
        if (rows := which == bin).any()
    )


def binned_error(confidences: ArrayLike, outcomes: ArrayLike, bins: int = BINS) -> float:
    """Root mean square of confidence minus rate over bins of equal width, weighted by their size."""
    confidence, outcome = _pair(confidences, outcomes)
    return _root_mean_square(_equal_width(confidence, bins), confidence, outcome)


def rms_calibration_error(
    confidences: ArrayLike,
    outcomes: ArrayLike,
    bin_size: int = HLE_BIN,
    *,
    hle_compat: bool = False,
) -> float:
    """RMS calibration error over bins of equal size, in the order of the stated confidence.

    As Humanity's Last Exam computes it: bins of 100 by rank, the last one takes the rest. Its
    published code then leaves out that last bin, the most confident answers, yet divides by the
    number of all; the figures that are published with the exam are of that kind.
    Sources: L. Phan et al., "Humanity's Last Exam", arXiv:2501.14249 (2025); `calib_err` in
    hle_eval/run_judge_results.py of centerforaisafety/hle, which has it from
    hendrycks/outlier-exposure, utils/calibration_tools.py.

    Args:
        hle_compat: leave the last bin out, as that code does, to compare with published figures.

    Raises:
        ValueError: with `hle_compat`, fewer than `bin_size` trials, where that code fails.
    """
    confidence, outcome = _pair(confidences, outcomes)
    bins = len(confidence) // bin_size
    if hle_compat and not bins:
        raise ValueError(f"the published code needs at least {bin_size} trials")
    order = np.argsort(confidence, kind="stable")
    last = max(1, bins) - 1
    which = np.minimum(last, np.arange(len(order)) // bin_size)
    kept = which < last if hle_compat else np.ones(len(order), dtype=bool)
    confidence, outcome = confidence[order], outcome[order]
    share = float(kept.mean())
    if not share:
        return 0.0
    error = _root_mean_square(which[kept], confidence[kept], outcome[kept])
    return error * math.sqrt(share)


def auroc(confidences: ArrayLike, outcomes: ArrayLike, clusters: Clusters) -> Rate | None:
    """The chance that a delegable trial was stated with more confidence than another one.

    A tie counts half. 0.5: the confidence tells nothing. None where all trials came out alike. The
    standard error is that of placements, clustered: N. A. Obuchowski, "Nonparametric analysis of
    clustered ROC curve data", Biometrics 53 (1997).
    """
    confidence, outcome = _pair(confidences, outcomes)
    codes, right = cluster_codes(clusters), outcome == 1
    good, bad = confidence[right], confidence[~right]
    if not len(good) or not len(bad):
        return None
    above, below = _placements(good, bad), 1 - _placements(bad, good)
    value = math.fsum(above) / len(good)
    count = int(codes.max()) + 1
    se = None
    if count > 1:
        # Sums of deviations by cluster; one without good (or bad) trials adds nothing there.
        goods = np.bincount(codes[right], weights=above - value, minlength=count)
        bads = np.bincount(codes[~right], weights=below - value, minlength=count)
        sums = goods / len(good) + bads / len(bad)
        se = math.sqrt(count / (count - 1) * math.fsum(sums * sums))
        se = 0.0 if se < NO_DIFFERENCE else se
    return estimate(value, se, n=len(confidence), clusters=count)


def _placements(values: Array, others: Array) -> Array:
    """For each value the share of the others that lie below it, ties half."""
    ordered = np.sort(others)
    low, high = np.searchsorted(ordered, values), np.searchsorted(ordered, values, side="right")
    return (low + high) / (2 * len(others))


def _equal_width(confidence: Array, bins: int) -> NDArray[np.intp]:
    """Each confidence's bin."""
    return np.minimum(bins - 1, (confidence * bins).astype(np.intp))


def _root_mean_square(which: NDArray[np.intp], confidence: Array, outcome: Array) -> float:
    sizes = np.bincount(which)
    gaps = np.bincount(which, weights=confidence - outcome)
    filled = sizes > 0
    return math.sqrt(math.fsum(gaps[filled] ** 2 / sizes[filled]) / len(confidence))


def _pair(confidences: ArrayLike, outcomes: ArrayLike) -> tuple[Array, Array]:
    confidence, outcome = np.asarray(confidences, dtype=float), np.asarray(outcomes, dtype=float)
    if confidence.shape != outcome.shape:
        raise ValueError("there must be one outcome for each confidence")
    return confidence, outcome
