"""The time horizon against another optimiser, planted truths, and in its corner cases."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offsite.scoring.horizon import Scores, horizons
from offsite.scoring.logistic import fit_curves
from offsite.scoring.resampling import draw_families, draw_scores, draw_tasks
from scipy.optimize import minimize
from scipy.special import expit


def _planted(rng, *, families=60, tasks=4, trials=5, minutes=60.0, slope=-0.7, spread=0.0):
    """Trials of one agent whose success falls with log2(minutes); families differ by `spread`."""
    length = 2 ** rng.uniform(-1, 11, families * tasks)
    family = np.repeat(np.arange(families), tasks)
    odds = slope * np.log2(length / minutes) + np.repeat(rng.normal(0, spread, families), tasks)
    rows = np.repeat(np.arange(len(length)), trials)
    return Scores(
        agent=["a"] * len(rows),
        family=[f"f{family[row]}" for row in rows],
        task=[f"t{row}" for row in rows],
        minutes=length[rows],
        score=(rng.random(len(rows)) < expit(odds[rows])).astype(float),
    )


def _one(minutes, scores, **options):
    tasks = [f"t{i}" for i in range(len(minutes))]
    found = horizons(Scores(["a"] * len(tasks), tasks, tasks, minutes, scores), **options)
    return found.agents["a"]


@pytest.mark.parametrize("l2", [1e-5, 0.1])
@pytest.mark.parametrize("fractional", [False, True])
def test_the_fit_is_that_of_another_optimiser(l2, fractional):
    rng = np.random.default_rng(4)
    table = _planted(rng, families=12)
    score = rng.random(len(table.task)) if fractional else np.asarray(table.score)
    score = np.where(np.asarray(table.minutes) > 400, score * 0.2, score)
    found = horizons(Scores(table.agent, table.family, table.task, table.minutes, score), l2=l2)
    x = np.log2(table.minutes)
    # 1 / (trials of the task x sqrt(tasks of the family)): five trials, families of four.
    weight = np.full(len(x), 1 / (5 * 2))
    weight /= weight.sum()

    def loss(at):
        odds = at[0] + at[1] * x
        return (weight * (np.logaddexp(0, odds) - score * odds)).sum() + l2 / 2 * at[1] ** 2

    best = minimize(loss, [0, 0], method="BFGS", options={"gtol": 1e-9})
    each = found.agents["a"]
    assert (each.intercept, each.slope) == pytest.approx(tuple(best.x), rel=2e-4)
    for length, rate in ((each.p50, 0.5), (each.p80, 0.8)):
        crossing = 2 ** ((math.log(rate / (1 - rate)) - best.x[0]) / best.x[1])
        assert length.minutes == pytest.approx(crossing, rel=1e-3)


def test_a_fractional_score_is_a_success_and_a_failure_by_its_weight():
    minutes = np.array([1.0, 10.0, 100.0])
    whole = fit_curves(
        np.repeat(minutes, 2),
        np.array([[0.7, 0.3, 0.4, 0.6, 0.1, 0.9]]),
        np.array([[0.7, 0, 0.4, 0, 0.1, 0]]),
        1e-5,
    )
    one = fit_curves(minutes, np.ones((1, 3)), np.array([[0.7, 0.4, 0.1]]), 1e-5)
    assert one.intercept == pytest.approx(whole.intercept)
    assert one.slope == pytest.approx(whole.slope)


def test_weights_are_by_trials_and_by_tasks_of_a_family():
    # One family of four tasks, one of one: 4 x 1/2 against 1. A task's trials share its weight.
    tasks = ["a1", "a1", "a2", "a3", "a4", "b1"]
    table = Scores(["x"] * 6, [t[0] for t in tasks], tasks, [5.0] * 6, [1, 1, 1, 1, 1, 0])
    assert horizons(table).agents["x"].average == pytest.approx(2 / 3, rel=1e-5)


@pytest.mark.parametrize("truth", [5.0, 60.0, 300.0])
def test_a_planted_horizon_is_recovered(truth):
    found = horizons(_planted(np.random.default_rng(1), families=300, minutes=truth)).agents["a"]
    p80 = truth * 2 ** (-math.log(4) / 0.7)
    assert found.p50.minutes == pytest.approx(truth, rel=0.15)
    assert found.p80.minutes == pytest.approx(p80, rel=0.2)
    assert found.p50.low < truth < found.p50.high
    assert found.p80.low < p80 < found.p80.high
    assert found.slope == pytest.approx(-0.7, rel=0.1)
    assert (found.tasks, found.families, found.trials) == (1200, 300, 6000)


def _coverage(resampled, families):
    rng = np.random.default_rng(8)
    hits = 0
    for number in range(1000):
        table = _planted(rng, families=families, tasks=2, trials=3, spread=0.5)
        found = horizons(table, resampled=resampled, bootstraps=400, seed=number).agents["a"]
        hits += found.p50.low <= 60 <= found.p50.high
    return hits / 1000


@pytest.mark.slow
def test_drawing_whole_families_covers_at_the_nominal_rate():
    assert _coverage("families", 100) == pytest.approx(0.95, abs=0.02)


@pytest.mark.slow
def test_drawing_at_three_levels_errs_on_the_wide_side():
    assert 0.97 <= _coverage("all", 40) < 1


def test_who_always_fails_has_a_horizon_of_nothing():
    found = _one([1.0, 10.0, 100.0], [0, 0, 0])
    assert (found.p50.minutes, found.p50.low, found.p50.high, found.p50.flags) == (0, 0, 0, ())
    assert (found.intercept, found.slope, found.average) == (None, None, 0)


def test_who_always_passes_is_above_the_longest_task():
    found = _one([1.0, 10.0, 100.0], [1, 1, 1])
    assert (found.p50.minutes, found.p50.low, found.p50.high) == (None, 100, None)
    assert found.p80.flags == ("above_longest",)


def test_beyond_the_tasks_a_horizon_is_flagged():
    minutes = [1.0, 2, 4, 8, 16, 32, 64, 100]
    assert _one(minutes, [1, 1, 1, 1, 1, 1, 1, 0]).p50.flags == ("extrapolated",)
    assert _one(minutes, [1, 1, 1, 1, 1, 0, 0, 0]).p50.flags == ()
    assert _one(minutes, [0.3, 0.2, 0.2, 0.1, 0.1, 0, 0, 0]).p50.flags == ("below_shortest",)
    assert _one(minutes, [0, 0, 0, 0, 1, 1, 1, 1]).p50.flags == ("not_falling",)
    alike = _one([5.0, 5.0], [1, 0]).p50
    assert (alike.minutes, alike.flags) == (None, ("one_length",))


def test_separable_outcomes_have_a_finite_curve():
    found = _one([1.0, 2, 4, 8, 16, 32], [1, 1, 1, 0, 0, 0])
    assert 4 < found.p80.minutes < found.p50.minutes < 8
    assert found.p50.minutes == pytest.approx(math.sqrt(32), rel=0.01)


def test_a_strong_penalty_flattens_the_curve():
    table = _planted(np.random.default_rng(3))
    weak, strong = horizons(table), horizons(table, l2=0.1)
    assert abs(strong.agents["a"].slope) < 0.9 * abs(weak.agents["a"].slope)
    assert strong.agents["a"].p80.minutes < weak.agents["a"].p80.minutes


def test_the_same_seed_gives_the_same_and_agents_do_not_disturb_each_other():
    table = _planted(np.random.default_rng(6), families=10)
    first, again = horizons(table, bootstraps=50), horizons(table, bootstraps=50)
    assert first.agents == again.agents
    assert first.agents != horizons(table, bootstraps=50, seed=1).agents
    half = len(table.task) // 2
    two = Scores(
        ["a"] * half + ["b"] * (len(table.task) - half),
        table.family,
        table.task,
        table.minutes,
        table.score,
    )
    assert set(horizons(two, bootstraps=50).agents) == {"a", "b"}


@pytest.mark.parametrize(
    ("minutes", "families", "scores", "message"),
    [
        ([1.0, 2.0], "ff", [0, 1], "task 't' has two lengths"),
        ([1.0, 1.0], "fg", [0, 1], "task 't' has two families"),
        ([1.0, 1.0], "ff", [0, 1.5], "from 0 to 1"),
        ([0.0, 0.0], "ff", [0, 1], "above 0"),
        ([], "", [], "no trials"),
    ],
)
def test_what_is_no_table_is_refused(minutes, families, scores, message):
    n = len(minutes)
    with pytest.raises(ValueError, match=message):
        horizons(Scores(["a"] * n, list(families), ["t"] * n, minutes, scores))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=12), st.integers(0, 99))
def test_horizons_are_ordered_whatever_the_scores(scores, seed):
    found = _one([2.0**i for i in range(len(scores))], scores, bootstraps=30, seed=seed)
    if found.p50.minutes is not None and found.p80.minutes is not None:
        assert 0 <= found.p80.minutes <= found.p50.minutes
    for length in (found.p50, found.p80):
        if length.low is not None and length.high is not None:
            assert length.low <= length.high


def test_draws_have_the_means_and_sizes_that_they_must():
    rng = np.random.default_rng(0)
    families = [0, 0, 0, 1]
    counts = draw_tasks(families, 20_000, rng)
    # Two families are drawn, each with as many tasks as it has.
    assert set(counts.sum(axis=1).tolist()) == {2, 4, 6}
    assert counts.mean(axis=0) == pytest.approx([1, 1, 1, 1], abs=0.03)
    whole = draw_families(families, 20_000, rng)
    assert (whole[:, 0] == whole[:, 2]).all()
    assert set((whole[:, 0] + whole[:, 3]).tolist()) == {2}
    scores = [np.array(s) for s in ([0.0, 1, 1], [0.5], [0.1, 0.2, 0.3, 0.4], [1.0, 1.0])]
    sums = draw_scores(counts, scores, rng)
    assert sums.mean(axis=0) == pytest.approx([2, 0.5, 1.0, 2], rel=0.03)
    once = counts[:, 0] == 1
    # Of three trials two of which pass: binomial, as drawing with replacement is.
    assert np.bincount(sums[once, 0].astype(int)) / once.sum() == pytest.approx(
        [1 / 27, 6 / 27, 12 / 27, 8 / 27], abs=0.02
    )


def _table_for_metrs_code():
    """Three agents of 2, 30 and 240 minutes on 150 tasks of 40 families."""
    draw = random.Random(5).random
    tasks = [(f"f{i % 40}", f"t{i}", 2 ** (14 * draw() - 4)) for i in range(150)]
    rows = [
        (agent, family, task, minutes, float(draw() < 1 / (1 + (minutes / horizon) ** 0.9)))
        for agent, horizon in (("a", 2), ("b", 30), ("c", 240))
        for number, (family, task, minutes) in enumerate(tasks)
        for _ in range(3 + number % 3)
    ]
    return Scores(*map(list, zip(*rows, strict=True)))


# What METR's own code gives for that table (METR/eval-analysis-public at 52d6b56, scikit-learn
# 1.9.1): minutes at 50 % and 80 % for both strengths, and the 95 % intervals of 1,000 draws.
METRS = {
    (0.1, "a"): (2.23505, 0.3883),
    (0.1, "b"): (40.96192, 6.83802),
    (0.1, "c"): (331.14812, 75.39405),
    (1e-5, "a"): (2.26605, 0.47738),
    (1e-5, "b"): (40.82759, 8.2121),
    (1e-5, "c"): (292.24768, 103.21868),
}
METRS_INTERVALS = {
    "a": ((1.39910, 3.48209), (0.247867, 0.882061)),
    "b": ((25.9334, 63.5072), (4.24258, 15.8925)),
    "c": ((212.567, 430.513), (69.8970, 159.018)),
}


@pytest.mark.parametrize("l2", [0.1, 1e-5])
def test_horizons_are_those_of_metrs_own_code(l2):
    found = horizons(_table_for_metrs_code(), l2=l2)
    for agent, each in found.agents.items():
        # Its solver stops when the gradient is small, ours at the optimum.
        p50, p80 = METRS[l2, agent]
        assert (each.p50.minutes, each.p80.minutes) == pytest.approx((p50, p80), rel=2e-3)
    if l2 == 1e-5:
        for agent, intervals in METRS_INTERVALS.items():
            each = found.agents[agent]
            for length, interval in zip((each.p50, each.p80), intervals, strict=True):
                # Other draws of the same bootstrap: their quantiles differ by some percent.
                assert (length.low, length.high) == pytest.approx(interval, rel=0.12)
