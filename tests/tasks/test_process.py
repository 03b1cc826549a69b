"""What a task's own code meets in its clean process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from offsite.tasks.process import MEMORY_BYTES, ProcessFailed, ProcessKilled, in_clean_process

SLOW = """
import asyncio, signal, sys, time
from functools import partial
from offsite.tasks.process import in_clean_process
from test_process import _announced

if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda *_: None)  # as `offsite run` does: it finishes what runs
    print(asyncio.run(in_clean_process(partial(_announced, sys.argv[1]))))
"""


async def test_it_finds_no_keys():
    names = ("OPENAI_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "MONKEY")
    there = await in_clean_process(partial(_after_confining, names))
    assert there == ["MONKEY"]


async def test_it_may_not_take_the_machines_memory():
    with pytest.raises(ProcessFailed, match="2048 MB of memory"):
        await in_clean_process(partial(bytearray, MEMORY_BYTES + 1))


def test_ctrl_c_at_a_terminal_ends_no_grader(tmp_path):
    program, begun = tmp_path / "program.py", tmp_path / "begun"
    program.write_text(SLOW)
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    harness = subprocess.Popen(
        [sys.executable, program, begun],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not begun.exists() and harness.poll() is None:
        time.sleep(0.02)
    os.killpg(harness.pid, signal.SIGINT)  # a terminal sends it to the whole group
    said, errors = harness.communicate(timeout=60)
    assert (said, errors) == ("finished\n", "")


async def test_a_death_by_signal_is_told_apart():
    with pytest.raises(ProcessKilled, match="signal 9"):
        await in_clean_process(partial(_die, signal.SIGKILL))
    with pytest.raises(ProcessFailed, match="exit code 3") as caught:
        await in_clean_process(partial(os._exit, 3))
    assert not isinstance(caught.value, ProcessKilled)


def _announced(begun: str) -> str:
    Path(begun).touch()
    time.sleep(1)
    return "finished"


def _die(number: int) -> None:
    os.kill(os.getpid(), number)


def _after_confining(names: tuple[str, ...]) -> list[str]:
    from offsite.tasks import process

    for name in names:
        os.environ[name] = "x"
    process._confine()
    return [name for name in names if name in os.environ]
