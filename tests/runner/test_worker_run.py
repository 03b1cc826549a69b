"""A model's run through the program itself: provider's protocol, desk, evidence, verdict, resume."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from offsite.records.endings import Ending
from offsite.records.store import RunStore, find_runs
from paths import OFFSITE, SUITES
from scripted_server import Call, ScriptedServer, Turn, fail, report, scripted_server, shell

SUM = (
    "awk -F, '$3==\"paid\"{t+=$2} END{print t}' receipts.csv > total.txt; "
    "cat total.txt; echo once >> /tmp/log"
)
SORT = Turn(
    calls=(
        Call("shell", {"command": "sort -u names.txt > sorted.txt"}),
        Call("read_file", {"path": "sorted.txt", "limit": 3}),
    ),
    cached=600,
    reasoning_tokens=20,
)


async def run(server: ScriptedServer, *words: str | Path) -> asyncio.subprocess.Process:
    env = {**os.environ, "OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "sk-test"}
    return await asyncio.create_subprocess_exec(
        OFFSITE, *map(str, words), env=env, stderr=asyncio.subprocess.PIPE
    )


async def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("sandbox", ["local", pytest.param("docker", marks=pytest.mark.docker)])
async def test_a_model_does_a_suite(tmp_path, sandbox):
    async with scripted_server() as server:
        server.script("receipts of May", [shell(SUM), fail(429, retry_after="0"), report()])
        server.script("names.txt", [SORT, report(confidence=0.7)])
        process = await run(
            server,
            *("run", "mini", "--suites", SUITES, "--sandbox", sandbox, "--seeds", "0"),
            *("-a", "worker", "-m", "openai:gpt-5-mini", "--results", tmp_path),
        )
        _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    (store,) = find_runs(tmp_path)
    for record in store.trials():
        assert record.delegable, record
        assert record.usage.output > 0
        assert record.usage.cost_usd
        assert record.usage.cost_usd > 0
    sort = next(r for r in store.trials() if r.plan.task == "clerical/rename-files")
    assert (sort.usage.input, sort.usage.cached, sort.usage.reasoning) == (2000, 600, 20)
    assert sort.report is not None
    assert sort.report.confidence == 0.7


@pytest.mark.docker
async def test_after_kill_9_the_worker_goes_on_at_its_desk(tmp_path):
    words = ("mini/clerical/sum-receipts", "--suites", SUITES, "--sandbox", "docker")
    async with scripted_server() as server:
        server.script("receipts of May", [shell(SUM), shell("sleep 1; cat /tmp/log"), report()])
        agent = ("-a", "worker", "-m", "openai:gpt-5-mini", "--seeds", "0")
        process = await run(server, "run", *words, *agent, "--results", tmp_path)
        await until(lambda: "sleep 1" in _trajectory(tmp_path))
        process.kill()
        await process.wait()
        (store,) = find_runs(tmp_path)
        assert list(store.trials()) == []
        process = await run(server, "resume", "last", "--results", tmp_path)
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        asked = len(server.requests["receipts of May"])
    record = _only(store)
    assert record.delegable
    assert [(a.ending, a.resumed) for a in record.attempts] == [
        (Ending.INTERRUPTED, False),
        (Ending.REPORTED, True),
    ]
    assert record.steps == asked == 3
    assert not list(store.folder.glob("trials/*/checkpoint*"))


async def test_a_refused_key_is_the_users_fault(tmp_path):
    async with scripted_server() as server:
        server.script("receipts of May", [fail(401, "Incorrect API key provided")])
        process = await run(
            server,
            *("run", "mini/clerical/sum-receipts", "--suites", SUITES, "--sandbox", "local"),
            *("-a", "worker", "-m", "openai:gpt-5-mini", "--seeds", "0", "--results", tmp_path),
        )
        _, errors = await process.communicate()
    assert process.returncode == 4
    assert b"Incorrect API key provided" in errors
    (store,) = find_runs(tmp_path)
    record = _only(store)
    assert record.ending is Ending.MODEL_REJECTED
    assert record.fault == "user"


async def test_the_step_limit_ends_a_trial_and_what_stands_is_graded(tmp_path):
    async with scripted_server() as server:
        server.script("receipts of May", [shell(SUM), shell("ls"), shell("ls")])
        process = await run(
            server,
            *("run", "mini/clerical/sum-receipts", "--suites", SUITES, "--sandbox", "local"),
            *("-a", "worker", "-m", "openai:gpt-5-mini", "--seeds", "0", "--results", tmp_path),
            *("--steps", "2"),
        )
        await process.communicate()
    (store,) = find_runs(tmp_path)
    record = _only(store)
    assert record.ending is Ending.STEP_LIMIT
    assert record.verdict is not None
    assert record.verdict.work_done
    assert not record.delegable


def _trajectory(results: Path) -> str:
    """What is written so far of the trials, all together."""
    return "".join(path.read_text() for path in results.glob("*/trials/*/trajectory.jsonl"))


def _only(store: RunStore):
    (record,) = store.trials()
    return record
