"""Calibration against closed forms and published code."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from offsite.scoring.calibration import auroc, binned_error, calibration, rms_calibration_error

PAIRS = st.lists(
    st.tuples(st.floats(0, 1).map(lambda c: round(c, 2)), st.booleans()), min_size=1, max_size=40
)


def test_the_parts_of_it():
    found = calibration([1.0, 1.0, 0.0, 0.0], [True, False, False, False], "aabb")
    assert found is not None
    assert (found.brier.value, found.brier.n) == (0.25, 4)
    assert found.brier.low < 0.25 < found.brier.high
    assert found.rms_error == pytest.approx(math.sqrt((2 * 0.25 + 0) / 4))
    assert found.rms_error_hle is None
    assert found.auroc.value == pytest.approx((2 + 1 / 2) / 3)
    assert calibration([], [], "") is None


@given(PAIRS)
def test_bins_hold_every_trial_once_and_give_the_error(pairs):
    confidence, outcome = zip(*pairs, strict=True)
    found = calibration(confidence, outcome, range(len(pairs)))
    assert sum(bin.rate.n for bin in found.bins) == len(pairs)
    gaps = [bin.rate.n * (bin.confidence - bin.rate.value) ** 2 for bin in found.bins]
    assert math.sqrt(sum(gaps) / len(pairs)) == pytest.approx(found.rms_error, abs=1e-9)
    for bin in found.bins:
        assert bin.rate.low <= bin.rate.value <= bin.rate.high
        assert bin.low - 1e-9 <= bin.confidence <= bin.high + 1e-9


def _as_published(confidence, correct, beta=100):
    """What the exam's published code gives, written out from its description."""
    order = sorted(range(len(confidence)), key=lambda i: confidence[i])
    edges = [[i * beta, (i + 1) * beta] for i in range(len(order) // beta)]
    edges[-1][1] = len(order)
    total = 0.0
    for low, high in edges[:-1]:  # the last bin is never looked at
        rows = order[low:high]
        gap = sum(confidence[i] for i in rows) / len(rows) - sum(correct[i] for i in rows) / len(
            rows
        )
        total += len(rows) / len(order) * gap**2
    return math.sqrt(total)


@pytest.mark.parametrize("n", [100, 199, 250, 1234])
def test_the_exams_error_with_and_without_its_last_bin(n):
    rng = np.random.default_rng(n)
    confidence = rng.random(n)
    correct = rng.random(n) < confidence**2
    published = rms_calibration_error(confidence, correct, hle_compat=True)
    assert published == pytest.approx(_as_published(confidence.tolist(), correct.tolist()))
    whole = rms_calibration_error(confidence, correct)
    last = np.argsort(confidence, kind="stable")[max(0, n // 100 - 1) * 100 :]
    gap = confidence[last].mean() - correct[last].mean()
    assert whole**2 == pytest.approx(published**2 + len(last) / n * gap**2)


def test_where_the_published_code_fails_so_does_its_likeness():
    with pytest.raises(ValueError, match="at least 100"):
        rms_calibration_error([0.5] * 99, [True] * 99, hle_compat=True)
    assert rms_calibration_error([0.5] * 4, [True] * 4) == 0.5


def test_overconfidence_in_the_last_bin_is_hidden_from_the_published_figure():
    # Wholly sure and always wrong: only the last bin knows.
    confidence, correct = [0.0] * 100 + [1.0] * 100, [False] * 200
    assert rms_calibration_error(confidence, correct, hle_compat=True) == 0
    assert rms_calibration_error(confidence, correct) == pytest.approx(math.sqrt(0.5))


@given(PAIRS)
def test_auroc_is_the_share_of_pairs_in_the_right_order(pairs):
    confidence, outcome = [c for c, _ in pairs], [o for _, o in pairs]
    good, bad = [c for c, o in pairs if o], [c for c, o in pairs if not o]
    found = auroc(confidence, outcome, range(len(pairs)))
    if not good or not bad:
        assert found is None
        return
    wins = sum((g > b) + (g == b) / 2 for g in good for b in bad)
    assert found.value == pytest.approx(wins / (len(good) * len(bad)))
    assert found.low <= found.value <= found.high


@given(PAIRS)
def test_errors_are_of_the_right_size(pairs):
    confidence, outcome = [c for c, _ in pairs], [o for _, o in pairs]
    bias = abs(np.mean(confidence) - np.mean(outcome))
    for error in (binned_error, rms_calibration_error):
        assert bias - 1e-9 <= error(confidence, outcome) <= 1
    assert binned_error([1.0 * o for o in outcome], outcome) == 0


def test_aurocs_interval_covers():
    # Scores of two normal distributions one standard deviation apart: Phi(1 / sqrt 2).
    truth = 0.7602499389065233
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(1000):
        outcome = np.repeat(rng.random(60) < 0.5, 2)
        task = np.repeat(rng.normal(0, 1, 60), 2)  # half of the spread is the task's
        score = (task + rng.normal(0, 1, 120)) / math.sqrt(2) + outcome
        found = auroc(1 / (1 + np.exp(-score)), outcome, np.repeat(np.arange(60), 2))
        hits += found.low <= truth <= found.high
    assert hits / 1000 == pytest.approx(0.95, abs=0.02)
