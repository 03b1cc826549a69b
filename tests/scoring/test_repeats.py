"""pass@k and pass^k against their definitions."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offsite.scoring.repeats import pass_at_k, pass_hat_k


@given(st.lists(st.booleans(), min_size=1, max_size=7), st.integers(1, 7))
def test_they_are_means_over_all_draws_of_k(outcomes, k):
    counts = [("a", sum(outcomes), len(outcomes))]
    draws = list(itertools.combinations(outcomes, k))
    if not draws:
        assert pass_hat_k(counts, k) is None
        assert pass_at_k(counts, k) is None
        return
    assert pass_hat_k(counts, k).value == pytest.approx(sum(map(all, draws)) / len(draws))
    assert pass_at_k(counts, k).value == pytest.approx(sum(map(any, draws)) / len(draws))


def test_tasks_count_alike_whatever_their_instances():
    counts = [("a", 2, 2), ("a", 2, 2), ("a", 2, 2), ("b", 0, 2)]
    found = pass_hat_k(counts, 1)
    assert (found.value, found.n, found.clusters) == (0.5, 4, 2)
    # What has too few trials is left out.
    assert pass_hat_k([*counts, ("c", 1, 1)], 2).clusters == 2


@given(st.integers(0, 8), st.integers(1, 7))
def test_more_draws_help_one_and_hurt_the_other(c, k):
    counts = [("a", c, 8)]
    assert pass_at_k(counts, k).value <= pass_at_k(counts, k + 1).value + 1e-12
    assert pass_hat_k(counts, k).value >= pass_hat_k(counts, k + 1).value - 1e-12
    # The one is the other with right and wrong exchanged.
    assert pass_at_k(counts, k).value == pytest.approx(1 - pass_hat_k([("a", 8 - c, 8)], k).value)


def test_published_formula_of_human_eval():
    # Chen et al. (2021), figure 3: 1 - prod(1 - k / arange(n - c + 1, n + 1)).
    n, c, k = 200, 13, 10
    product = math.prod(1 - k / i for i in range(n - c + 1, n + 1))
    assert pass_at_k([("a", c, n)], k).value == pytest.approx(1 - product)
