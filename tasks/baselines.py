"""What people needed for a task, kept beside it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..records.base import SCHEMA_VERSION, Record
from .model import Task

BASELINES = "baselines.jsonl"
"""The file in a task's folder, a line for each person's trial; no part of the task's digest."""


class Baseline(Record):
    """One trial by a person."""

    schema_version: Literal[1] = SCHEMA_VERSION
    run: str
    trial: str
    seed: int
    instance: str | None = Field(description="Digest of the instance.")
    minutes: float = Field(description="From the desk's opening to the report.")
    delegable: bool
    partial: float
    ended: float = Field(description="Seconds since the epoch.")


def read_baselines(task: Task) -> list[Baseline]:
    """All that is kept of a task."""
    path = task.folder / BASELINES
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Baseline.model_validate_json(line) for line in lines if line.strip()]


def add_baseline(task: Task, baseline: Baseline) -> bool:
    """Keep one; False where the same trial is there already."""
    known = {(b.run, b.trial) for b in read_baselines(task)}
    if (baseline.run, baseline.trial) in known:
        return False
    with (task.folder / BASELINES).open("a", encoding="utf-8") as file:
        file.write(baseline.model_dump_json() + "\n")
    return True
