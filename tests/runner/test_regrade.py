"""Grading again: the same verdicts, new ones from a mended grader, damage named."""

from __future__ import annotations

import pytest
from offsite.records.store import RunStore
from offsite.runner.regrade import regrade
from offsite.runner.session import open_context, open_engine
from offsite.sandboxes import provider
from offsite.tasks.loader import load_suite, load_task


@pytest.fixture
async def store(make_run) -> RunStore:
    made = make_run("oracle", "no-op", "careless")
    async with open_engine(made, place=provider("local")) as engine:
        await engine.work()
    return made


async def outcomes(store: RunStore) -> dict[str, str]:
    load_suite.cache_clear()
    load_task.cache_clear()
    return {again.trial: again.outcome async for again in regrade(open_context(store))}


async def test_the_same_grader_gives_the_same_verdicts(store):
    before = list(store.trials())
    assert set((await outcomes(store)).values()) == {"same"}
    assert list(store.trials()) == before


async def test_a_mended_grader_gives_new_verdicts(store, mini):
    grader = mini / "clerical" / "sum-receipts" / "grade.py"
    grader.write_text(grader.read_text().replace('truth["total"])', 'truth["total"] + 1)'))
    found = await outcomes(store)
    changed = {trial for trial, outcome in found.items() if outcome == "changed"}
    assert changed >= {
        p.id for p in store.run().trials if "sum-receipts" in p.id and "oracle" in p.id
    }
    assert not any("rename-files" in trial for trial in changed)
    assert set((await outcomes(store)).values()) == {"same"}


async def test_changed_evidence_is_named_and_its_verdict_kept(store):
    victim = store.run().trials[0].id
    path = store.trial_folder(victim) / "evidence.tar.zst"
    path.write_bytes(path.read_bytes() + b"x")
    before = store.trial(victim)
    found = await outcomes(store)
    assert found.pop(victim) == "damaged"
    assert set(found.values()) == {"same"}
    assert store.trial(victim) == before
