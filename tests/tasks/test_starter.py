"""The suite `starter` is what it says it is."""

from __future__ import annotations

import pytest
from offsite.runner.audit import Audit
from offsite.sandboxes import provider
from offsite.tasks.loader import BUILTIN, load_suite

FAMILIES = 12


def test_one_task_from_each_family():
    tasks = load_suite(BUILTIN / "starter").tasks
    assert len(tasks) == len({task.family for task in tasks}) == FAMILIES
    assert all(task.spec.environment.network == "none" for task in tasks)
    assert all(task.spec.human.source for task in tasks)


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_every_task_passes_its_audit(tmp_path):
    suite = load_suite(BUILTIN / "starter")
    place = provider("docker")
    images = {"desk": await place.prepare("desk")}
    work = Audit(suite, suite.tasks, (0, 1), place, "docker", images, 4, tmp_path / "audit")
    found = await work.work()
    await place.aclose()
    assert all(task.passed for task in found), [t for t in found if not t.passed]
    assert all(task.oracle == 2 for task in found)
    assert all(task.wrong >= 2 * 6 for task in found)
