"""Statistics against closed forms, and by simulation."""

import math
import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offsite.scoring.statistics import calibration, clustered_se, pass_hat_k, rate, wilson


def test_wilson_against_a_published_value():
    # Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, 81/263.
    low, high = wilson(81 / 263, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@settings(deadline=None)  # scipy is imported when it is first needed
@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(1, 10))
def test_an_interval_holds_its_value_and_stays_in_range(outcomes, tasks):
    found = rate(outcomes, [i % tasks for i in range(len(outcomes))])
    assert 0 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1


def test_one_trial_a_cluster_is_the_plain_standard_error():
    values = [1.0, 0.0, 1.0, 1.0]
    assert clustered_se(values, range(4)) == pytest.approx(statistics.stdev(values) / 2)


def test_a_single_cluster_says_nothing_about_how_clusters_vary():
    assert clustered_se([1.0, 0.0, 1.0], "aaa") == 0
    found = rate([True, False, True], "aaa")
    assert (found.low, found.high) == pytest.approx(wilson(2 / 3, 1))
    assert found.se == 0


def test_repeating_every_trial_does_not_narrow_the_interval():
    outcomes = [True, False, True, True, False, True]
    once = rate(outcomes, range(6))
    often = rate(outcomes * 10, list(range(6)) * 10)
    assert often.high - often.low == pytest.approx(once.high - once.low)


def test_agreement_of_all_is_no_certainty():
    found = rate([True] * 48, [i % 12 for i in range(48)])
    assert found.high == 1
    assert found.low == pytest.approx(wilson(1.0, 12)[0])


@pytest.mark.parametrize("repeats", [1, 3])
@pytest.mark.parametrize("tasks", [6, 12, 40])
def test_intervals_cover(tasks, repeats):
    rng = random.Random(7)
    hits = 0
    for _ in range(1000):
        skill = [min(0.98, max(0.02, rng.gauss(0.5, 0.35))) for _ in range(tasks)]
        outcomes = [rng.random() < p for p in skill for _ in range(repeats)]
        found = rate(outcomes, [i // repeats for i in range(tasks * repeats)])
        hits += found.low <= 0.5 <= found.high
    # Few tasks have few possible outcomes, and an interval that errs then is to be too wide.
    assert 0.94 <= hits / 1000 <= (0.98 if tasks == 40 else 1)


@given(st.integers(0, 8))
def test_pass_hat_k(c):
    assert pass_hat_k([(c, 8)], 1) == pytest.approx(c / 8)
    assert pass_hat_k([(c, 8)], 8) == (1.0 if c == 8 else 0.0)
    assert pass_hat_k([(c, 8)], 9) is None


def test_calibration():
    found = calibration([(1.0, True), (1.0, False), (0.0, False), (0.0, False)])
    assert found is not None
    assert found.brier == 0.25
    assert found.rms_error == pytest.approx(math.sqrt((2 * 0.25 + 0) / 4))
    assert calibration([]) is None
