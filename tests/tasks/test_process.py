"""What a task's own code meets in its clean process."""

from __future__ import annotations

import os
from functools import partial

import pytest
from offsite.tasks.process import MEMORY_BYTES, ProcessFailed, in_clean_process


async def test_it_finds_no_keys():
    names = ("OPENAI_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "MONKEY")
    there = await in_clean_process(partial(_after_confining, names))
    assert there == ["MONKEY"]


async def test_it_may_not_take_the_machines_memory():
    with pytest.raises(ProcessFailed, match="2048 MB of memory"):
        await in_clean_process(partial(bytearray, MEMORY_BYTES + 1))


def _after_confining(names: tuple[str, ...]) -> list[str]:
    from offsite.tasks import process

    for name in names:
        os.environ[name] = "x"
    process._confine()
    return [name for name in names if name in os.environ]
