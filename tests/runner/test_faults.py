"""What breaks on the way: whose fault it is, what it costs, and that no work is done twice."""

from __future__ import annotations

import asyncio
import errno
import shutil
import sqlite3
import subprocess
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
from offsite.agents.reference import NoOp
from offsite.agents.worker import checkpoints
from offsite.records.agent_spec import AgentSpec
from offsite.records.endings import Ending
from offsite.records.store import RunStore, find_runs
from offsite.records.trajectory import TrajectoryError, read_trajectory
from offsite.runner import trial
from offsite.runner.engine import Engine, missing_trials
from offsite.runner.regrade import regrade
from offsite.runner.session import open_context, open_engine
from offsite.sandboxes import SandboxError, provider
from offsite.tasks.loader import load_suite, load_task
from paths import OFFSITE
from scripted_server import Call, ScriptedServer, Turn, fail, report, scripted_server, shell

SUM = "awk -F, '$3==\"paid\"{t+=$2} END{print t}' receipts.csv > total.txt"
WORKER = AgentSpec(name="worker", model="openai:gpt-5-mini")
BROKEN = "def grade(e, t):\n    return 1 / 0\n"
WAITING = """
import time
from pathlib import Path
while not Path({flag!r}).exists():
    time.sleep(0.02)
"""


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[ScriptedServer]:
    async with scripted_server() as scripted:
        monkeypatch.setenv("OPENAI_BASE_URL", scripted.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        yield scripted


@pytest.fixture
def sums(mini: Path) -> Path:
    """The task `sum-receipts`, to be broken; the suite's other task is taken away."""
    shutil.rmtree(mini / "clerical" / "rename-files")
    return mini / "clerical" / "sum-receipts"


async def work(store: RunStore, place=None) -> Engine:
    load_suite.cache_clear()
    load_task.cache_clear()
    async with open_engine(store, place=place or provider("local")) as engine:
        await engine.work()
    return engine


def only(store: RunStore):
    (record,) = store.trials()
    return record


def events(store: RunStore, kind: str):
    (path,) = store.folder.glob("trials/*/trajectory.jsonl")
    return [event for event in read_trajectory(path) if event.type == kind]


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


async def regraded(store: RunStore) -> list[str]:
    load_suite.cache_clear()
    load_task.cache_clear()
    return [again.outcome async for again in regrade(open_context(store))]


async def until(condition) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("sums")
@pytest.mark.parametrize("levels", [150, 220, 400])
async def test_what_a_model_sends_can_always_be_read_back(make_run, server, levels):
    odd = Call("shell", {"command": "true", "why": nested(levels), "half": "\ud800"})
    server.script("receipts of May", [shell(SUM), Turn(calls=(odd,)), report()])
    store = make_run(WORKER, seeds=[0])
    await work(store)
    assert only(store).delegable
    assert len(events(store, "tool_call")) >= 2


async def test_a_fault_of_the_harness_costs_one_trial(make_run, monkeypatch):
    store = make_run("oracle", seeds=[0])
    victim = store.run().trials[0].id

    def read(folder: Path, read=trial.past_attempts):
        if folder.name == victim and (folder / "evidence.tar.zst").exists():
            raise TrajectoryError("cannot be read")
        return read(folder)

    monkeypatch.setattr(trial, "past_attempts", read)
    engine = await work(store)
    assert not engine.failure
    found = {record.plan.id: record.ending for record in store.trials()}
    assert found.pop(victim) is Ending.HARNESS_FAILED
    assert list(found.values()) == [Ending.REPORTED]


async def test_text_that_no_encoding_can_write_is_spelled_out(make_run, sums):
    (sums / "grade.py").write_text("def grade(e, t):\n    raise ValueError('\\udcff')\n")
    store = make_run("oracle", seeds=[0])
    await work(store)
    assert only(store).ending is Ending.GRADER_BROKEN
    assert "\\udcff" in only(store).message


async def test_no_name_of_a_file_turns_a_failure_into_an_error(make_run, sums):
    (sums / "examine.py").write_text(
        "import os\ndef examine():\n    return {name: name for name in os.listdir('.')}\n"
    )
    solution = sums / "solution.py"
    bad = "    open(b'\\xff.txt', 'w').close()\n    return {"
    solution.write_text(solution.read_text().replace("    return {", bad))
    store = make_run("oracle", seeds=[0])
    await work(store)
    assert only(store).ending is Ending.REPORTED
    assert "\\udcff.txt" in store.evidence(only(store).plan.id).examination
    assert not only(store).delegable


@pytest.mark.usefixtures("sums")
@pytest.mark.parametrize(
    ("turns", "ending"),
    [([shell(SUM), fail(500)], "provider_failed"), ([shell(SUM), fail(401)], "model_rejected")],
)
async def test_what_was_an_error_is_none_of_the_agents_zeros(make_run, server, turns, ending):
    server.script("receipts of May", turns)
    worker = WORKER.model_copy(update={"options": {"retries": 0}})
    store = make_run(worker, seeds=[0], max_attempts=1)
    await work(store)
    before = only(store)
    assert (before.ending, before.error) == (ending, True)
    assert before.evidence_sha256 is not None
    assert await regraded(store) == ["not graded"]
    assert only(store) == before


async def test_a_mended_grader_brings_back_how_the_work_ended(make_run, sums):
    grader, solution = sums / "grade.py", sums / "solution.py"
    good = grader.read_text()
    grader.write_text(BROKEN)
    solution.write_text(solution.read_text() + "    raise KeyError('no such column')\n")
    solution.write_text(solution.read_text().replace("    return {", "    said = {"))
    store = make_run("oracle", seeds=[0])
    await work(store)
    assert only(store).ending is Ending.GRADER_BROKEN
    assert missing_trials(store) == []
    grader.write_text(good)
    assert await regraded(store) == ["changed"]
    record = only(store)
    assert record.ending is Ending.AGENT_CRASHED
    assert "no such column" in record.message
    assert record.verdict is not None
    assert record.verdict.work_done
    assert not record.delegable


def test_killed_while_grading_the_work_is_not_done_again(tmp_path, sums):
    flag = tmp_path / "flag"
    grader = sums / "grade.py"
    grader.write_text(grader.read_text() + WAITING.format(flag=str(flag)))
    words = ("mini", "--suites", sums.parents[2], "--sandbox", "local", "--results", tmp_path / "r")
    process = subprocess.Popen([OFFSITE, "run", *words, "-a", "oracle", "--seeds", "0"])
    while not [
        p for p in (tmp_path / "r").glob("*/trials/*/t*.jsonl") if '"archived"' in p.read_text()
    ]:
        time.sleep(0.02)
    process.kill()
    process.wait()
    flag.touch()
    assert subprocess.run([OFFSITE, "resume", "last", *words[-2:]], check=False).returncode == 0
    (store,) = find_runs(tmp_path / "r")
    assert only(store).delegable
    assert [a.ending for a in only(store).attempts] == [Ending.INTERRUPTED, Ending.REPORTED]
    assert len(events(store, "tool_call")) == len(events(store, "opened")) == 1


async def test_stopping_ends_a_grader_that_sleeps(make_run, sums, tmp_path):
    grader, flag = sums / "grade.py", tmp_path / "flag"
    grader.write_text(grader.read_text() + WAITING.format(flag=str(flag)))
    store = make_run("oracle", seeds=[0])
    async with open_engine(store, place=provider("local")) as engine:
        working = asyncio.create_task(engine.work())
        await until(lambda: [one["phase"] for one in engine.status()["live"]] == ["grading"])
        engine.stop()
        async with asyncio.timeout(60):
            await working
    assert list(store.trials()) == []
    flag.touch()
    await work(store)
    assert only(store).delegable
    assert len(events(store, "opened")) == 1


@pytest.mark.usefixtures("sums")
async def test_archived_work_that_was_changed_is_not_graded(make_run):
    store = make_run("oracle", seeds=[0])
    await work(store)
    folder = store.trial_folder(only(store).plan.id)
    (folder / "trial.json").unlink()
    (folder / "evidence.tar.zst").write_bytes(b"changed")
    await work(store)
    assert only(store).delegable
    assert len(events(store, "opened")) == 2


@dataclass
class Slow:
    """The local provider, opening or closing desks slowly."""

    opening: float = 0
    closing: float = 0

    def __post_init__(self):
        self._real = provider("local")

    def __getattr__(self, name):
        return getattr(self._real, name)

    async def open(self, spec):
        await asyncio.sleep(self.opening)
        desk = await self._real.open(spec)
        close = desk.close

        async def slowly():
            await asyncio.sleep(self.closing)
            await close()

        desk.close = slowly
        return desk


@pytest.mark.usefixtures("sums")
async def test_an_attempt_that_was_stopped_while_its_desk_opened_is_recorded(make_run):
    store = make_run("oracle", seeds=[0])
    async with open_engine(store, place=Slow(opening=60)) as engine:
        working = asyncio.create_task(engine.work())
        await until(lambda: [*store.folder.glob("trials/*/*.jsonl")] and events(store, "start"))
        engine.stop()
        await working
    await work(store)
    attempts = [(a.number, a.ending) for a in only(store).attempts]
    assert attempts == [(1, Ending.INTERRUPTED), (2, Ending.REPORTED)]


@pytest.mark.usefixtures("sums")
async def test_stopping_while_a_desk_closes_is_honoured_and_leaves_no_desk(make_run):
    store, place = make_run("oracle", seeds=[0]), Slow(closing=0.5)
    async with open_engine(store, place=place) as engine:
        working = asyncio.create_task(engine.work())
        await until(lambda: list(store.folder.glob("trials/*/evidence.tar.zst")))
        engine.stop()
        await working
        owner = str(store.folder.resolve())
        assert [left for left in await place.leftovers() if left.owner == owner] == []
    assert list(store.trials()) == []
    assert events(store, "ended")[-1].ending is Ending.INTERRUPTED


@pytest.mark.usefixtures("sums")
async def test_cancelling_the_last_trial_of_a_paused_run_ends_it(make_run):
    store = make_run("oracle", seeds=[0])
    async with open_engine(store, place=provider("local")) as engine:
        engine.pause()
        working = asyncio.create_task(engine.work())
        await asyncio.sleep(0.05)
        assert engine.cancel(store.run().trials[0].id)
        async with asyncio.timeout(60):
            await working


@pytest.mark.usefixtures("sums")
async def test_a_checkpoint_that_cannot_be_written_is_not_the_agents_fault(
    make_run, server, monkeypatch
):
    server.script("receipts of May", [shell(SUM), report()] * 2)
    store = make_run(WORKER, seeds=[0])

    async def full(*args, **kwargs):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints.AsyncSqliteSaver, "aput", full)
        engine = await work(store)
    assert "database or disk is full" in engine.failure
    assert list(store.trials()) == []
    server.script("receipts of May", [shell(SUM), report()])
    await work(store)
    assert only(store).delegable


@pytest.mark.usefixtures("sums")
async def test_a_full_disk_under_an_agent_stops_the_run(make_run, monkeypatch):
    async def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(NoOp, "work", full)
    store = make_run("no-op", seeds=[0])
    engine = await work(store)
    assert "No space left on device" in engine.failure
    assert list(store.trials()) == []


@pytest.mark.usefixtures("sums")
async def test_an_agent_that_cannot_be_had_is_the_users_fault(make_run, tmp_path):
    nowhere = AgentSpec(name="replay", options={"trial": str(tmp_path / "nowhere")})
    store = make_run(nowhere, seeds=[0])
    await work(store)
    record = only(store)
    assert (record.ending, record.fault, record.error) == (Ending.BAD_INPUT, "user", True)
    assert "is no trial's folder" in record.message
    assert await regraded(store) == ["not graded"]


@pytest.mark.usefixtures("sums")
async def test_a_provider_that_is_gone_at_the_end_hides_nothing(make_run):
    store, place = make_run("oracle", seeds=[0]), Slow()

    async def gone():
        raise SandboxError("the engine went away")

    async with open_engine(store, place=place) as engine:
        await engine.work()
        place.leftovers = gone
    assert only(store).delegable
