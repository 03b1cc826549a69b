"""Intervals of independent trials, against published values, closed forms, and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from offsite.scoring.intervals import jeffreys, upper_bound, wilson
from scipy.special import betainc

COUNTS = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_wilson_against_a_published_value():
    # Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, 81/263.
    low, high = wilson(81 / 263, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_jeffreys_leaves_equal_tails_of_the_posterior():
    low, high = jeffreys(5, 20)
    assert betainc(5.5, 15.5, low) == pytest.approx(0.025)
    assert betainc(5.5, 15.5, high) == pytest.approx(0.975)
    assert jeffreys(0, 20)[0] == 0
    assert jeffreys(20, 20)[1] == 1


@given(COUNTS)
def test_jeffreys_holds_the_share_and_mirrors(count):
    x, n = count
    low, high = jeffreys(x, n)
    assert 0 <= low <= x / n <= high <= 1
    assert jeffreys(n - x, n) == pytest.approx((1 - high, 1 - low))
    wide = jeffreys(x, n, 0.99)
    assert wide[0] <= low
    assert high <= wide[1]


@given(COUNTS)
def test_an_upper_bound_leaves_five_percent_below(count):
    x, n = count
    bound = upper_bound(x, n)
    if x == n:
        assert bound == 1
        return
    below = sum(math.comb(n, i) * bound**i * (1 - bound) ** (n - i) for i in range(x + 1))
    assert below == pytest.approx(0.05, abs=1e-6)


def test_no_event_is_the_rule_of_three():
    assert upper_bound(0, 100) == pytest.approx(1 - 0.05**0.01)
    assert upper_bound(0, 1000) == pytest.approx(3 / 1000, rel=0.01)
    with pytest.raises(ValueError, match="4 events in 3 trials"):
        upper_bound(4, 3)


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5])
def test_jeffreys_covers(p):
    # A discrete sample covers now a little more, now a little less: n is varied, as is usual.
    rng = np.random.default_rng(3)
    sizes = rng.integers(80, 240, 1000)
    bounds = [jeffreys(int(rng.binomial(n, p)), int(n)) for n in sizes]
    assert np.mean([low <= p <= high for low, high in bounds]) == pytest.approx(0.95, abs=0.02)
