"""Correcting a rate by what an audit found."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from offsite.records.errors import InputError
from offsite.records.leaderboard import GraderError
from offsite.scoring.grader_error import corrected_rate, read_audit
from offsite.scoring.rates import rate


def _grader(false_passes, must_fail, false_fails, must_pass):
    return GraderError(
        false_passes=false_passes,
        must_fail=must_fail,
        false_fails=false_fails,
        must_pass=must_pass,
    )


def test_the_closed_form():
    raw = rate([True] * 60 + [False] * 40, range(100))
    found = corrected_rate(raw, _grader(10, 100, 20, 100)).rate
    assert found.value == pytest.approx((0.6 - 0.1) / 0.7)
    a, b = (10.5 * 90.5) / (101**2 * 102), (20.5 * 80.5) / (101**2 * 102)
    p = found.value
    assert found.se == pytest.approx((raw.se**2 + (1 - p) ** 2 * a + p**2 * b) ** 0.5 / 0.7)
    assert (found.n, found.clusters) == (100, 100)


@given(st.integers(0, 30), st.integers(1, 400), st.integers(0, 200))
def test_an_audit_without_errors_widens_and_does_not_move(right, audited, wrong):
    raw = rate([True] * right + [False] * (wrong + 1), range(right + wrong + 1))
    found = corrected_rate(raw, _grader(0, audited, 0, audited)).rate
    assert found.value == pytest.approx(raw.value)
    assert found.low <= found.value <= found.high
    assert found.se >= (raw.se or 0)


def test_graders_no_better_than_chance_correct_nothing():
    raw = rate([True, False], range(2))
    with pytest.raises(InputError, match="so often"):
        corrected_rate(raw, _grader(5, 10, 5, 10))
    with pytest.raises(InputError, match="no trials"):
        corrected_rate(raw, _grader(0, 0, 0, 10))


def test_the_interval_covers():
    rng = np.random.default_rng(2)
    truth, false_pass, false_fail, hits = 0.6, 0.05, 0.1, 0
    for _ in range(1000):
        right = rng.random(400) < truth
        seen = np.where(right, rng.random(400) >= false_fail, rng.random(400) < false_pass)
        audit = _grader(
            int(rng.binomial(300, false_pass)), 300, int(rng.binomial(300, false_fail)), 300
        )
        found = corrected_rate(rate(seen, range(400)), audit).rate
        hits += found.low <= truth <= found.high
    assert hits / 1000 == pytest.approx(0.95, abs=0.02)


def test_an_audit_is_read_as_it_is_printed(tmp_path):
    task = {"task": "f/a", "seeds": 5, "oracle": 5, "no_op": 0, "replay": 0, "wrong": 30}
    task |= {"wrong_caught": 29, "false_passes": ["one"], "false_fails": [], "passed": False}
    path = tmp_path / "audit.json"
    path.write_text(json.dumps([task, task]))
    assert read_audit(path) == _grader(2, 80, 0, 10)
    path.write_text("{}")
    with pytest.raises(InputError, match="is not what `offsite audit"):
        read_audit(path)
