"""Rates and means of clustered trials, against closed forms and by simulation."""

import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offsite.scoring.intervals import wilson
from offsite.scoring.rates import clustered_se, mean, rate


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
    assert clustered_se([1.0, 0.0, 1.0], "aaa") is None
    found = rate([True, False, True], "aaa")
    assert (found.low, found.high) == pytest.approx(wilson(2 / 3, 1))
    assert found.se is None


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


def test_a_mean_has_students_interval():
    values = [0.2, 0.4, 0.9, 0.7]
    found = mean(values, range(4))
    se = statistics.stdev(values) / 2
    assert found.se == pytest.approx(se)
    assert (found.low, found.high) == pytest.approx((0.55 - 3.182446 * se, 1.0))
    # No difference is no certainty either.
    found = mean([1.0, 1.0], "ab")
    assert (found.low, found.high) == pytest.approx(wilson(1.0, 2))


@pytest.mark.parametrize("tasks", [3, 7, 49, 77])
def test_the_rounding_of_a_sum_is_no_variance(tasks):
    # Each task has the same share of a third, whose sums do not cancel exactly.
    outcomes, clusters = [True, False, False] * tasks, [i // 3 for i in range(3 * tasks)]
    found = rate(outcomes, clusters)
    assert found.se == 0
    assert (found.low, found.high) == pytest.approx(wilson(1 / 3, tasks))


def test_intervals_of_means_cover():
    rng = random.Random(3)
    hits = 0
    for _ in range(1000):
        skill = [rng.betavariate(2, 3) for _ in range(40)]
        values = [rng.betavariate(4 * p, 4 * (1 - p)) for p in skill for _ in range(3)]
        found = mean(values, [i // 3 for i in range(120)])
        hits += found.low <= 0.4 <= found.high
    assert hits / 1000 == pytest.approx(0.95, abs=0.02)
