"""The engine on real desks: how trials end, and what is kept of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from offsite.records.endings import Ending
from offsite.records.run import LimitOverrides
from offsite.records.store import RunStore
from offsite.runner.control import ask
from offsite.runner.engine import Engine, missing_trials
from offsite.runner.session import open_engine
from offsite.sandboxes import SandboxError, provider
from offsite.tasks.loader import load_suite, load_task


async def work(store: RunStore, place=None) -> Engine:
    async with open_engine(store, place=place or provider("local")) as engine:
        await engine.work()
    return engine


@dataclass
class Failing:
    """The local provider, whose first openings fail as those of a lost engine do."""

    failures: int

    def __post_init__(self):
        self._real = provider("local")

    def __getattr__(self, name):
        return getattr(self._real, name)

    async def open(self, spec):
        if self.failures > 0:
            self.failures -= 1
            raise SandboxError("the engine went away")
        return await self._real.open(spec)


async def test_every_trial_ends_once_with_its_verdict(make_run):
    store = make_run("oracle", "no-op", "careless")
    await work(store)
    records = {record.plan.id: record for record in store.trials()}
    assert set(records) == {plan.id for plan in store.run().trials}
    for record in records.values():
        assert record.ending is Ending.REPORTED
        assert record.delegable == (record.plan.agent == "oracle")
        assert len(record.attempts) == 1
        evidence = store.evidence(record.plan.id)
        assert evidence.instance == record.instance
        assert evidence.report == record.report
    assert missing_trials(store) == []


async def test_a_corrupt_trial_is_done_again(make_run):
    store = make_run("oracle")
    await work(store)
    victim = store.run().trials[0].id
    (store.trial_folder(victim) / "trial.json").write_text("{")
    assert [plan.id for plan in missing_trials(store)] == [victim]
    engine = await work(store)
    assert [record.plan.id for record in engine.finished] == [victim]
    record = store.trial(victim)
    assert record is not None
    assert record.delegable
    assert len(record.attempts) == 2


async def test_infrastructure_errors_are_retried_and_recorded(make_run, monkeypatch):
    monkeypatch.setattr("offsite.runner.trial.RETRY_SECONDS", 0.01)
    store = make_run("oracle", seeds=[0], concurrency=1)
    await work(store, Failing(2))
    first = next(store.trials())
    assert first.delegable
    assert [a.ending for a in first.attempts] == [
        Ending.SANDBOX_FAILED,
        Ending.SANDBOX_FAILED,
        Ending.REPORTED,
    ]


async def test_errors_that_remain_are_errors_and_a_resume_does_them_again(make_run, monkeypatch):
    monkeypatch.setattr("offsite.runner.trial.RETRY_SECONDS", 0.01)
    store = make_run("oracle", seeds=[0])
    await work(store, Failing(99))
    for record in store.trials():
        assert record.ending is Ending.SANDBOX_FAILED
        assert record.error
        assert not record.delegable
        assert record.message == "the engine went away"
    await work(store)
    for record in store.trials():
        assert record.delegable
        assert [a.number for a in record.attempts] == [1, 2, 3, 4]


async def test_the_time_limit_ends_a_trial_and_what_stands_is_graded(make_run, mini):
    solution = mini / "clerical" / "sum-receipts" / "solution.py"
    slow = "    import time\n    time.sleep(60)\n    return {"
    solution.write_text(solution.read_text().replace("    return {", slow))
    limits = LimitOverrides(wall_minutes=2 / 60)
    store = make_run("oracle", seeds=[0], limits=limits)
    await work(store)
    record = next(r for r in store.trials() if r.plan.task == "clerical/sum-receipts")
    assert record.ending is Ending.WALL_LIMIT
    assert record.verdict is not None
    assert record.verdict.work_done
    assert not record.verdict.in_time
    assert not record.delegable


async def test_the_step_limit(make_run):
    store = make_run("no-op", seeds=[0], limits=LimitOverrides(steps=1))
    await work(store)
    assert all(record.steps == 1 for record in store.trials())


@pytest.mark.parametrize(
    ("file", "code", "ending", "says"),
    [
        ("grade.py", "def grade(e, t):\n    return 1 / 0\n", Ending.GRADER_BROKEN, "ZeroDivision"),
        ("grade.py", "def grade(e, t):\n    return []\n", Ending.GRADER_BROKEN, "Criterion"),
        (
            "world.py",
            "def build(seed):\n    raise KeyError('x')\n",
            Ending.WORLD_BROKEN,
            "KeyError",
        ),
    ],
)
async def test_a_broken_task_is_the_tasks_fault(make_run, mini, file, code, ending, says):
    (mini / "clerical" / "sum-receipts" / file).write_text(code)
    store = make_run("oracle", seeds=[0])
    await work(store)
    record = next(r for r in store.trials() if r.plan.task == "clerical/sum-receipts")
    assert record.ending is ending
    assert record.fault == "task"
    assert record.error
    assert says in record.message
    assert len(record.attempts) == 1


async def test_it_can_be_watched_and_steered_from_outside(make_run):
    store = make_run("oracle", "no-op", seeds=range(4))
    assert await ask(store.folder, {"do": "status"}) is None
    async with open_engine(store, place=provider("local")) as engine:
        engine.pause()
        working = asyncio.create_task(engine.work())
        await asyncio.sleep(0.1)
        status = await ask(store.folder, {"do": "status"})
        assert status is not None
        assert (status["mode"], status["over"], status["planned"]) == ("paused", 0, 16)
        last = store.run().trials[-1].id
        await ask(store.folder, {"do": "cancel", "trial": last})
        faster = await ask(store.folder, {"do": "concurrency", "number": 4})
        assert faster is not None
        assert (faster["concurrency"], faster["waiting"]) == (4, 15)
        odd = await ask(store.folder, {"do": "dance"})
        assert odd is not None
        assert "error" in odd
        await ask(store.folder, {"do": "resume"})
        await working
    assert [plan.id for plan in missing_trials(store)] == [last]


async def test_draining_finishes_what_is_under_way(make_run):
    store = make_run("oracle", seeds=range(6))
    async with open_engine(store, place=provider("local")) as engine:
        working = asyncio.create_task(engine.work())
        while not engine.finished:
            await asyncio.sleep(0.01)
        engine.drain()
        await working
    over = list(store.trials())
    assert 0 < len(over) < 12
    assert all(record.delegable for record in over)
    await work(store)
    assert len(list(store.trials())) == 12


async def test_stopping_leaves_trials_unfinished_and_nothing_behind(make_run):
    store = make_run("oracle", seeds=range(6))
    place = provider("local")
    async with open_engine(store, place=place) as engine:
        working = asyncio.create_task(engine.work())
        while not engine.status()["live"]:
            await asyncio.sleep(0.01)
        engine.stop()
        await working
    owner = str(store.folder.resolve())
    assert [left for left in await place.leftovers() if left.owner == owner] == []
    await work(store)
    assert all(record.delegable for record in store.trials())


async def test_a_task_that_changed_is_not_mixed_with_what_was_done_before(make_run, mini):
    store = make_run("oracle", seeds=[0])
    await work(store)
    victim = next(p.id for p in store.run().trials if "sum-receipts" in p.id)
    (store.trial_folder(victim) / "trial.json").unlink()
    world = mini / "clerical" / "sum-receipts" / "world.py"
    world.write_text(world.read_text().replace("9999", "8888"))
    load_suite.cache_clear()
    load_task.cache_clear()
    await work(store)
    record = store.trial(victim)
    assert record is not None
    assert record.ending is Ending.WORLD_BROKEN
    assert "the task has changed since the run began" in record.message


async def test_a_damaged_trajectory_is_set_aside(make_run):
    store = make_run("oracle", seeds=[0])
    victim = store.run().trials[0].id
    folder = store.trial_folder(victim)
    (folder / "trajectory.jsonl").write_text('{"no": "event"}\n{"type": "note"}\n')
    await work(store)
    record = store.trial(victim)
    assert record is not None
    assert record.delegable
    assert (folder / "trajectory.damaged.jsonl").exists()
