"""Gates: when they pass, fail or cannot tell, and how often they err."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offsite.records.errors import InputError
from offsite.records.gate import Outcome, Outcomes
from offsite.scoring.gate import max_drop, min_rate, one_sided


def _outcomes(rates, tasks=None, trials=10, digest="i"):
    return Outcomes(
        run="r",
        agent="a",
        suite="s",
        suite_digest="d",
        instances=tuple(
            Outcome(
                task=f"f/{tasks[i] if tasks else i}",
                seed=i,
                instance=digest,
                delegable=round(rate * trials),
                trials=trials,
            )
            for i, rate in enumerate(rates)
        ),
    )


@pytest.mark.parametrize(
    ("least", "strict", "outcome"),
    [
        (0.5, False, "passed"),
        (0.5, True, "passed"),
        (0.7, False, "passed"),
        (0.7, True, "inconclusive"),
        (0.72, False, "inconclusive"),
        (0.95, False, "failed"),
        (0.95, True, "failed"),
    ],
)
def test_a_least_rate(least, strict, outcome):
    found = min_rate(_outcomes([0.5, 0.6, 0.7, 0.8, 0.9] * 6), least, 0.05, strict=strict)
    assert found.outcome == outcome
    assert (found.value, found.n, found.tasks) == (pytest.approx(0.7), 30, 30)
    assert found.low < 0.7 < found.high
    assert found.detectable > 0


def test_a_drop_is_of_the_same_instances():
    before, now = _outcomes([0.8] * 30), _outcomes([0.8, 0.7, 0.6] * 10)
    found = max_drop(now, before, 0.03, 0.05)
    assert (found.outcome, found.n, found.baseline) == ("failed", 30, "r")
    assert found.value == pytest.approx(-0.1)
    assert max_drop(now, before, 0.1, 0.05).outcome == "passed"
    assert max_drop(now, before, 0.09, 0.05).outcome == "inconclusive"
    assert max_drop(before, now, 0.0, 0.05).outcome == "passed"


def test_what_cannot_be_paired_is_told():
    now = _outcomes([1, 0, 1])
    before = _outcomes([1, 0, 1, 1], digest="i")
    odd = before.instances[0].model_copy(update={"instance": "other"})
    before = before.model_copy(update={"instances": (odd, *before.instances[1:])})
    found = max_drop(now, before, 0, 0.05)
    assert (found.n, found.left_out) == (2, {"made otherwise": 1, "only in the baseline": 1})
    with pytest.raises(InputError, match="no instance that both did"):
        max_drop(now, _outcomes([1], tasks=["z"]), 0, 0.05)


def test_two_runs_that_agree_are_not_proved_equal():
    found = max_drop(_outcomes([1.0] * 10), _outcomes([1.0] * 10), 0.03, 0.05)
    assert (found.outcome, found.value, found.detectable) == ("passed", 0, None)
    assert found.low == pytest.approx(-(1 - 0.05**0.1))
    assert max_drop(
        _outcomes([1.0] * 10), _outcomes([1.0] * 10), 0.03, 0.05, strict=True
    ).outcome == ("inconclusive")


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=20), st.integers(1, 5))
def test_bounds_hold_the_mean_and_stay_in_range(values, size):
    tasks = [i // size for i in range(len(values))]
    low, high = one_sided(values, tasks, 0.05, 0.0)
    assert -1e-9 <= low <= sum(values) / len(values) + 1e-9
    assert sum(values) / len(values) - 1e-9 <= high <= 1 + 1e-9


@pytest.mark.slow
def test_at_the_limit_a_gate_fails_as_often_as_alpha_says():
    rng = np.random.default_rng(4)
    failed = 0
    for _ in range(1000):
        easy = np.repeat(rng.beta(2, 2, 30), 3) * 0.9 + 0.05
        before = rng.random(90) < easy
        now = rng.random(90) < easy - 0.05
        gains = now.astype(float) - before
        failed += one_sided(gains, np.repeat(np.arange(30), 3), 0.05, -1)[1] < -0.05
    assert failed / 1000 == pytest.approx(0.05, abs=0.02)
