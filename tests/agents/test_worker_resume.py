"""The worker goes on in mid-trial: after a cancel, and after a process that was killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from agent_trial import Trial, new_trial
from offsite.agents.protocol import AgentFailed
from offsite.sandboxes import DeskSpec, Sandbox, provider
from scripted_server import Call, ScriptedServer, Turn, fail, report, shell

Make = Callable[..., Awaitable[Trial]]


@pytest.mark.docker
async def test_a_killed_process_is_gone_on_with(server: ScriptedServer, tmp_path: Path):
    """kill -9 while a command runs: what was answered is not done again, nor is the command."""
    server.script(
        "alpha",
        [
            shell("echo one >> log; cd /tmp"),
            Turn(calls=(
                Call("shell", {"command": "echo two >> ~/log"}),
                Call("shell", {"command": "echo three >> ~/log; sleep 3"}),
                Call("shell", {"command": "echo four >> ~/log; pwd"}),
            )),
            shell("echo five >> ~/log"),
            report(),
        ],
    )  # fmt: skip
    async with _Killed(tmp_path, until=lambda kept: "sleep 3" in kept) as one:
        assert await one.work(resumed=True)
        assert (await one.text("log")).split() == ["one", "two", "three", "four", "five"]
        assert "was under way, not repeated" in one.notes()
        assert one.desk.steps == 2
    told = [m for m in server.requests["alpha"][2]["messages"] if m["role"] == "tool"]
    assert len(told) == 4
    assert "connection to your desk broke" in told[2]["content"]
    assert len(server.requests["alpha"]) == 4  # no reply was asked for twice


@pytest.mark.docker
async def test_a_process_killed_while_the_model_thinks(server: ScriptedServer, tmp_path: Path):
    server.script("alpha", [shell("echo one >> log"), Turn(text="lost", hang=60), report()])
    async with _Killed(tmp_path, until=lambda _: server.left("alpha") == 1) as one:
        assert await one.work(resumed=True)
        assert await one.text("log") == "one\n"
    assert server.requests["alpha"][1]["messages"] == server.requests["alpha"][2]["messages"]


async def test_a_cancelled_trial_is_gone_on_with(server: ScriptedServer, trial: Make):
    server.script(
        "alpha",
        [shell("echo one >> log"), shell("echo two >> log; touch started; sleep 60"), report()],
    )
    first = await trial()
    task = asyncio.create_task(first.work())
    await _until(lambda: "sleep 60" in _trajectory(first.folder))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    second = await trial()
    assert await second.work(resumed=True)
    assert await second.text("log") == "one\ntwo\n"


async def test_after_a_failure_of_the_provider(server: ScriptedServer, trial: Make):
    server.script("alpha", [shell("echo one >> log"), fail(500), report()])
    with pytest.raises(AgentFailed):
        await (await trial()).work(retries=0)
    second = await trial()
    assert await second.work(resumed=True)
    assert await second.text("log") == "one\n"
    assert "resumed at the last checkpoint" in second.notes()


async def test_what_was_over_is_not_done_again(server: ScriptedServer, trial: Make):
    server.script("alpha", [shell("true"), report("partial", 0.4)])
    first = await (await trial()).work()
    assert await (await trial()).work(resumed=True) == first
    assert len(server.requests["alpha"]) == 2


async def test_resumed_before_the_first_checkpoint(server: ScriptedServer, trial: Make):
    server.script("alpha", [report()])
    one = await trial()
    assert await one.work(resumed=True)
    assert "begins anew" in one.notes()


async def test_the_checkpoint_does_not_grow_with_the_square(server: ScriptedServer, trial: Make):
    server.script("alpha", [shell("seq 1 2000", input=3000)] * 30 + [report()])
    one = await trial()
    await one.work()
    with sqlite3.connect(one.folder / "checkpoint.sqlite") as database:
        (kept,) = database.execute("SELECT count(*) FROM checkpoints").fetchone()
    assert kept == 1
    files = one.folder.glob("checkpoint.sqlite*")
    assert sum(file.stat().st_size for file in files) < 4_000_000


class _Killed:
    """A trial in a Docker desk whose process was killed; entered, it is the next attempt."""

    def __init__(self, folder: Path, until: Callable[[str], bool]) -> None:
        self._spec = DeskSpec(run="agents", trial=uuid.uuid4().hex, owner=str(folder))
        self._folder = folder / "alpha"
        self._until = until
        self._place = provider("docker")
        self._desk: Sandbox | None = None

    async def __aenter__(self) -> Trial:
        program = f"""
import asyncio
from pathlib import Path
from agent_trial import new_trial
from offsite.sandboxes import DeskSpec, provider
async def main():
    place = provider("docker")
    await place.prepare("desk")
    desk = await place.open({self._spec!r})
    await new_trial("alpha", Path({str(self._folder)!r}), desk).work()
asyncio.run(main())
"""
        path = os.pathsep.join(filter(None, sys.path))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, env={**os.environ, "PYTHONPATH": path}
        )
        try:
            await _until(lambda: self._until(_trajectory(self._folder)), 60)
            await asyncio.sleep(0.5)
        finally:
            process.send_signal(signal.SIGKILL)
            await process.wait()
        self._desk = await self._place.reattach(self._spec)
        assert self._desk is not None
        return new_trial("alpha", self._folder, self._desk)

    async def __aexit__(self, *_: object) -> None:
        if self._desk is not None:
            await self._desk.close()
        await self._place.aclose()


def _trajectory(folder: Path) -> str:
    path = folder / "trajectory.jsonl"
    return path.read_text() if path.exists() else ""


async def _until(condition: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)
