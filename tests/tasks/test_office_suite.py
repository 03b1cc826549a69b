"""The suite `office` is what it says it is."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest
from offsite.records.store import find_runs
from offsite.tasks.loader import BUILTIN, load_suite
from paths import OFFSITE

TRAPS = (
    "ask",
    "interruption",
    "conflict",
    "policy",
    "injection",
    "stale",
    "change",
    "impossible",
    "length",
)
FAMILIES = 12


def test_one_task_from_each_family_each_with_a_trap() -> None:
    tasks = load_suite(BUILTIN / "office").tasks
    assert len(tasks) == len({task.family for task in tasks}) == FAMILIES
    set_where = Counter(tag for task in tasks for tag in task.spec.tags if tag.startswith("trap:"))
    assert {f"trap:{trap}" for trap in TRAPS} == set(set_where)
    assert min(set_where.values()) >= 2, set_where
    for task in tasks:
        assert len(task.spec.environment.services) >= 2, task.id
        assert any(tag.startswith("trap:") for tag in task.spec.tags), task.id
        assert 5 <= task.spec.human.minutes <= 240, task.id


def test_four_oracles_work_through_the_browser() -> None:
    tasks = [task for task in load_suite(BUILTIN / "office").tasks if "browser" in task.spec.tags]
    assert len(tasks) >= 4
    for task in tasks:
        assert task.spec.environment.image == "desk-browser", task.id
        assert "browse" in (task.folder / "solution.py").read_text("utf-8"), task.id


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_oracle_passes_and_a_careless_worker_does_not(tmp_path: Path) -> None:
    """`offsite audit office` tries every wrong solver on five seeds, which takes an hour."""
    words = ("run", "office", "--agent", "oracle,careless", "--sandbox", "docker", "-j", "2")
    subprocess.run([OFFSITE, *words, "--results", tmp_path], check=True, timeout=1700)
    (store,) = find_runs(tmp_path)
    verdicts = {(one.plan.agent, one.plan.task): one.delegable for one in store.trials()}
    wrong = [key for key, delegable in verdicts.items() if delegable != (key[0] == "oracle")]
    assert len(verdicts) == 2 * FAMILIES
    assert not wrong
