"""The audit lets good tasks pass and names what is wrong with bad ones."""

from __future__ import annotations

import re

import pytest
from offsite.records.errors import InputError
from offsite.runner.audit import Audit, TaskAudit
from offsite.sandboxes import provider
from offsite.tasks.loader import load_suite


async def audit(mini, folder, seeds=(0, 1)) -> dict[str, TaskAudit]:
    suite = load_suite(mini)
    work = Audit(suite, suite.tasks, seeds, provider("local"), "local", {"desk": ""}, 2, folder)
    return {found.task: found for found in await work.work()}


async def test_good_tasks_pass(mini, tmp_path):
    found = await audit(mini, tmp_path / "audit")
    assert all(task.passed for task in found.values()), found
    assert found["clerical/sum-receipts"].wrong_caught == 12
    assert found["clerical/sum-receipts"].oracle == 2


async def test_what_is_wrong_is_named(mini, tmp_path):
    lenient = mini / "clerical" / "sum-receipts" / "grade.py"
    lenient.write_text(
        lenient.read_text().replace('close(text, truth["total"])', "text is not None")
    )
    strict = mini / "clerical" / "rename-files" / "grade.py"
    strict.write_text(strict.read_text().replace("names == sorted(names)", "False"))
    found = await audit(mini, tmp_path / "audit")
    passes = found["clerical/sum-receipts"].false_passes
    assert len([one for one in passes if " with " not in one]) == 2 * 3 + 2  # and the replays
    assert any(one.endswith("with empty files") for one in passes)
    assert found["clerical/sum-receipts"].replay == 2
    assert len(found["clerical/rename-files"].false_fails) == 2


async def test_an_unstable_world_is_named(mini, tmp_path):
    world = mini / "clerical" / "sum-receipts" / "world.py"
    world.write_text(world.read_text().replace('"month": "May"', '"month": str(hash("May"))'))
    found = await audit(mini, tmp_path / "audit")
    assert "the same seed gives different digests" in found["clerical/sum-receipts"].problems


async def test_a_grader_that_raises_or_is_unstable_is_named(mini, tmp_path):
    fragile = mini / "clerical" / "sum-receipts" / "grade.py"
    text = fragile.read_text()
    text = text.replace(
        '    text = evidence.text("total.txt")\n',
        '    text = evidence.text("total.txt")\n    float(text or 0)\n',
    )
    fragile.write_text(text)
    unstable = mini / "clerical" / "rename-files" / "grade.py"
    unstable.write_text(unstable.read_text().replace('expected="ascending"', "expected=set(names)"))
    found = await audit(mini, tmp_path / "audit")
    problems = found["clerical/sum-receipts"].problems
    assert any(re.search(r"^grader broken in \d+ gradings: ValueError", p) for p in problems)
    problems = found["clerical/rename-files"].problems
    assert any(one.startswith("graded again: changed in ") for one in problems), problems


async def test_one_slip_of_a_grader_is_one_line(mini, tmp_path):
    slip = mini / "clerical" / "sum-receipts" / "grade.py"
    slip.write_text(slip.read_text().replace("    return [", "    len(7)\n    return ["))
    found = (await audit(mini, tmp_path / "audit"))["clerical/sum-receipts"]
    (line,) = found.problems
    told = r"grader broken in \d\d gradings: TypeError: .*grade.py:\d+\); first: clerical\.sum\S+$"
    assert re.match(told, line), line
    assert (found.wrong_caught, found.wrong) == (0, 12)


async def test_one_seed_is_not_enough(mini, tmp_path):
    with pytest.raises(InputError, match="at least two seeds"):
        await audit(mini, tmp_path / "audit", seeds=(0,))
