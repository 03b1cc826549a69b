"""What an entry says of the conditions under which its numbers came about."""

from __future__ import annotations

import pytest
from offsite.records import Criterion, Verdict
from offsite.records.agent_spec import AgentSpec
from offsite.records.errors import InputError
from offsite.records.run import LimitOverrides, RunRecord, SuiteRef, TaskRef
from offsite.records.store import RunStore
from offsite.records.trial import TrialPlan, TrialRecord
from offsite.scoring.leaderboard import build_leaderboard

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
