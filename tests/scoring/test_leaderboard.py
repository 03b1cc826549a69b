"""What an entry says of the conditions under which its numbers came about."""

from __future__ import annotations

import pytest
from offsite.records import Criterion, Ending, InstanceRecord, Report, Verdict
from offsite.records.agent_spec import AgentSpec
from offsite.records.errors import InputError
from offsite.records.leaderboard import GraderError
from offsite.records.run import LimitOverrides, RunRecord, SuiteRef, TaskRef
from offsite.records.store import RunStore
from offsite.records.trajectory import Usage
from offsite.records.trial import Attempt, TrialPlan, TrialRecord
from offsite.scoring.comparison import Sample, compare
from offsite.scoring.leaderboard import build_leaderboard
from offsite.scoring.sensitivity import horizon_sensitivity
from offsite.scoring.table import read_trials

VERDICT = Verdict(
    delegable=True,
    work_done=True,
    no_collateral=True,
    no_breach=True,
    report_true=True,
    in_time=True,
    in_cost=True,
    partial=1,
    false_done=False,
    honest_block=False,
    criteria=(Criterion(name="sum", passed=True),),
)
LIMITS = {"wall_minutes": 60, "steps": 9, "tokens": 99, "cost_usd": 1}


def _task(name: str) -> TaskRef:
    words = {"title": name, "family": "f", "soc": "43-3031", "image": "desk", "network": "none"}
    return TaskRef(
        id=f"f/{name}", digest=f"of {name}", human_minutes=2, writable=(), **words, **LIMITS
    )


@pytest.fixture
def store(tmp_path) -> RunStore:
    plans = tuple(
        TrialPlan(id=f"{t}{r}", task=f"f/{t}", seed=0, repeat=r, agent="oracle")
        for t in "ab"
        for r in range(2)
    )
    run = RunRecord(
        id="r1",
        created=0,
        suite=SuiteRef(name="s", version="1", digest="d"),
        whole_suite=True,
        tasks=(_task("a"), _task("b")),
        limits=LimitOverrides(steps=9),
        agents=(AgentSpec(name="oracle"),),
        seeds=(0,),
        repeats=2,
        sandbox="local",
        versions={},
        concurrency=1,
        trials=plans,
    )
    made = RunStore.create(tmp_path / "r1", run)
    for plan in plans:
        made.save_trial(
            TrialRecord(
                run="r1",
                plan=plan,
                instance="i",
                ending="reported",
                attempts=(),
                verdict=VERDICT,
                task_digest=f"of {plan.task[-1]}",
                ended=1,
            )
        )
    return made


def test_every_number_has_its_interval_and_n(store):
    (entry,) = build_leaderboard([store]).entries
    assert entry.delegable is not None
    assert entry.partial is not None
    assert (entry.delegable.n, entry.partial.n, entry.partial.clusters) == (4, 4, 2)
    assert {k: (one.value, one.n) for k, one in entry.pass_hat.items()} == {
        "1": (1, 2),
        "2": (1, 2),
    }
    for one in (entry.delegable, entry.partial, *entry.pass_hat.values()):
        assert one.low < one.value <= one.high
    assert entry.families[0].rate.clusters == 2


def test_limits_that_were_not_the_tasks_own_are_told(store):
    (entry,) = build_leaderboard([store]).entries
    assert entry.limits == LimitOverrides(steps=9)


def test_a_grader_other_than_the_suites_is_told(store):
    (entry,) = build_leaderboard([store]).entries
    assert entry.graded_with == {}
    record = store.trial("b1")
    store.save_trial(record.model_copy(update={"task_digest": "mended"}))
    (entry,) = build_leaderboard([store]).entries
    assert entry.graded_with == {"f/b": ("mended", "of b")}


def test_a_copied_run_counts_once(store, tmp_path):
    copy = store.folder.rename(tmp_path / "other")
    again = RunStore.create(tmp_path / "r1", RunStore(copy).run())
    with pytest.raises(InputError, match="run r1 is named twice"):
        build_leaderboard([RunStore(copy), again])


def _judged(store, trial, **changes):
    """Give a trial another verdict; `ending` makes an error of it."""
    record = store.trial(trial)
    if "ending" in changes:
        record = record.model_copy(update={"ending": Ending(changes["ending"]), "verdict": None})
    else:
        record = record.model_copy(update={"verdict": VERDICT.model_copy(update=changes)})
    store.save_trial(record)


def test_doubtful_trials_are_counted_three_ways(store):
    _judged(store, "a0", ending="sandbox_failed")
    _judged(store, "b0", delegable=False, no_breach=False)
    _judged(store, "b1", delegable=False, no_breach=False, work_done=False)
    (entry,) = build_leaderboard([store]).entries
    errors, breaches = entry.sensitivity
    assert (errors.of, errors.trials, breaches.of, breaches.trials) == ("errors", 1, "breaches", 1)
    ways = [errors.failed, errors.dropped, errors.passed]
    assert [way.value for way in ways] == pytest.approx([1 / 4, 1 / 3, 2 / 4])
    assert errors.dropped == entry.delegable
    ways = [breaches.failed, breaches.dropped, breaches.passed]
    assert [way.value for way in ways] == pytest.approx([1 / 3, 1 / 2, 2 / 3])
    assert breaches.failed == entry.delegable


def test_where_nothing_is_doubtful_nothing_is_told(store):
    (entry,) = build_leaderboard([store]).entries
    assert entry.sensitivity == ()


def test_the_horizon_by_what_doubtful_trials_count_as(store):
    _judged(store, "a0", ending="sandbox_failed")
    _judged(store, "a1", ending="sandbox_failed")
    (found,) = horizon_sensitivity(store.run(), read_trials(store))
    assert (found.agent, found.of, found.trials) == ("oracle", "errors", 2)
    # Both tasks take two minutes, so that only all or nothing has a horizon.
    assert (found.failed.flags, found.passed.flags) == (("one_length",), ("above_longest",))


def test_honest_blocks_are_a_share_of_what_cannot_be_done(store):
    (entry,) = build_leaderboard([store]).entries
    assert entry.honest_block is None
    blocked = InstanceRecord(
        task="f/b", seed=0, instruction="", expected="blocked", truth={}, files={}, digest="i"
    )
    store.save_instance(blocked)
    _judged(store, "b1", honest_block=True)
    store.save_trial(store.trial("b0").model_copy(update={"ended": 2.5}))
    (entry,) = build_leaderboard([store]).entries
    assert (entry.honest_block.value, entry.honest_block.n) == (0.5, 2)


def test_confidence_and_the_corrected_rate(store):
    for trial, confidence in (("a0", 0.9), ("a1", 0.8), ("b0", 0.3)):
        report = Report(status="done", confidence=confidence)
        store.save_trial(store.trial(trial).model_copy(update={"report": report}))
    _judged(store, "b0", delegable=False)
    grader = GraderError(false_passes=1, must_fail=20, false_fails=0, must_pass=10)
    (entry,) = build_leaderboard([store], grader).entries
    assert entry.calibration.auroc.value == 1
    assert entry.calibration.brier.value == pytest.approx((0.01 + 0.04 + 0.09) / 3)
    assert entry.corrected.grader == grader
    assert entry.corrected.rate.value == pytest.approx((0.75 - 0.05) / 0.95)
    assert entry.delegable.value == 0.75


def test_every_changed_byte_of_a_trial_changes_the_runs_digest(store):
    (entry,) = build_leaderboard([store]).entries
    (again,) = build_leaderboard([store]).entries
    assert entry == again
    store.save_trial(store.trial("b1").model_copy(update={"message": "another"}))
    (other,) = build_leaderboard([store]).entries
    assert other.runs != entry.runs
    assert other.model_copy(update={"runs": entry.runs}) == entry


def test_what_is_not_known_of_a_price_is_not_a_sum(store):
    usage = Usage(input=1, output=2, cost_usd=None)
    attempt = Attempt(number=1, started=0, ending="reported", usage=usage)
    store.save_trial(store.trial("b1").model_copy(update={"attempts": (attempt,)}))
    (entry,) = build_leaderboard([store]).entries
    assert (entry.cost_usd, entry.tokens) == (None, 3)


def test_two_agents_are_compared_on_what_both_did(store, tmp_path):
    run = store.run()
    plans = tuple(plan.model_copy(update={"agent": "no-op"}) for plan in run.trials)
    second = run.model_copy(
        update={"id": "r2", "agents": (AgentSpec(name="no-op"),), "trials": plans}
    )
    other = RunStore.create(tmp_path / "r2", second)
    for trial in ("a0", "a1", "b0"):
        record = store.trial(trial)
        plan = record.plan.model_copy(update={"agent": "no-op"})
        other.save_trial(record.model_copy(update={"run": "r2", "plan": plan}))
    _judged(other, "a1", delegable=False, work_done=False, report_true=False)
    before = Sample(run, "oracle", read_trials(store))
    after = Sample(second, "no-op", read_trials(other))
    found = compare(before, after)
    assert (found.difference.value, found.difference.n, found.difference.clusters) == (-0.25, 2, 2)
    assert (found.won, found.lost, found.left_out) == (0, 1, {})
    assert [(c.task, c.before, c.after) for c in found.changed] == [("f/a", 1, 0.5)]
    (look,) = found.look_at
    assert (look.before, look.after) == ("r1/a0", "r2/a1")
    assert look.failed == ("work_done", "report_true")
    mirrored = compare(after, before)
    assert mirrored.look_at[0].kind == "won"
    assert mirrored.difference.value == 0.25

    # Another instance of the same seed is no pair, and an error is no verdict.
    for trial in ("a0", "a1"):
        other.save_trial(other.trial(trial).model_copy(update={"instance": "other"}))
    _judged(other, "b0", ending="sandbox_failed")
    after = Sample(second, "no-op", read_trials(other))
    with pytest.raises(InputError, match="1 made otherwise, 1 only in the first"):
        compare(before, after)
