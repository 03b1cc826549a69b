"""Paired differences: closed forms, properties, coverage."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offsite.scoring.comparison import paired_difference
from scipy.stats import ttest_1samp


def test_one_instance_a_task_is_the_paired_t_test():
    gains = [1.0, 0.0, 0.0, -1.0, 1.0, 1.0, 0.0, 0.5]
    found = paired_difference(gains, range(8))
    whole = ttest_1samp(gains, 0)
    interval = whole.confidence_interval()
    assert found.p == pytest.approx(whole.pvalue)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.se == pytest.approx(statistics.stdev(gains) / math.sqrt(8))
    assert found.detectable == pytest.approx((2.364624 + 0.841621) * found.se, rel=1e-5)


@settings(deadline=None)
@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), min_size=1, max_size=40))
def test_the_interval_and_p_agree_and_mirror(gains):
    tasks = [i // 2 for i in range(len(gains))]
    found = paired_difference(gains, tasks)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert 0 <= found.p <= 1
    if found.se:
        assert (found.p < 0.05) == (found.low > 0 or found.high < 0)
    other = paired_difference([-gain for gain in gains], tasks)
    assert (-other.high, -other.low, other.p) == pytest.approx((found.low, found.high, found.p))


def test_agreement_of_all_tasks_is_no_certainty():
    same = paired_difference([0.0] * 10, range(10))
    unmet = 1 - 0.025**0.1
    assert (same.low, same.high, same.p) == pytest.approx((-unmet, unmet, 1))
    better = paired_difference([1.0] * 10, range(10))
    assert (better.low, better.high, better.p) == pytest.approx((1 - 2 * unmet, 1, 2 / 1024))
    single = paired_difference([1.0, 0.0], "aa")
    assert (single.se, single.p) == (None, 1.0)
    assert single.low < 0


def test_the_interval_covers():
    # Hard instances are hard for both; the second one is better by a tenth where it can be.
    rng = np.random.default_rng(11)
    hits, found_nothing = 0, 0
    for _ in range(1000):
        easy = np.repeat(rng.beta(2, 2, 40), 3) * 0.8
        gains = (rng.random(120) < easy + 0.1).astype(float) - (rng.random(120) < easy)
        tasks = np.repeat(np.arange(40), 3)
        found = paired_difference(gains, tasks)
        hits += found.low <= 0.1 <= found.high
        none = (rng.random(120) < easy).astype(float) - (rng.random(120) < easy)
        found_nothing += paired_difference(none, tasks).p >= 0.05
    assert hits / 1000 == pytest.approx(0.95, abs=0.02)
    assert found_nothing / 1000 == pytest.approx(0.95, abs=0.02)
