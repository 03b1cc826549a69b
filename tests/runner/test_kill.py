"""kill -9 at any moment: nothing that is over is lost, nothing is left behind, all ends once."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from offsite.records.store import RunStore, find_runs
from offsite.sandboxes import provider
from paths import OFFSITE, SUITES

KILLS = 4


def verdicts(store: RunStore) -> dict[str, str]:
    return {
        record.plan.id: record.verdict.model_dump_json() if record.verdict else record.ending
        for record in store.trials()
    }


def start(*words: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([OFFSITE, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", ["local", pytest.param("docker", marks=pytest.mark.docker)])
def test_kill_and_resume(tmp_path, sandbox):
    words = ["mini", "--suites", SUITES, "--sandbox", sandbox, "--seeds", "0-3"]
    agents = ["--agent", "oracle,no-op,careless", "-j", "2"]
    rng = random.Random(time.time_ns())
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    assert start("run", *words, *agents, "--results", undisturbed).wait() == 0
    process = start("run", *words, *agents, "--results", killed)
    while not find_runs(killed):
        time.sleep(0.02)
    (store,) = find_runs(killed)
    over: dict[str, str] = {}
    for _ in range(KILLS):
        time.sleep(rng.uniform(0.3, 2.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = verdicts(store)
        assert over.items() <= now.items(), "a finished trial was lost or judged again"
        over = now
        process = start("resume", store.id, "--results", killed)
    assert process.wait() == 0
    (reference,) = find_runs(undisturbed)
    assert verdicts(store) == verdicts(reference)
    place = provider(sandbox)
    owner = str(store.folder.resolve())
    assert [left for left in asyncio.run(place.leftovers()) if left.owner == owner] == []
    listed = subprocess.run(
        [OFFSITE, "ls", "runs", "--results", killed, "--json"], capture_output=True, check=True
    )
    assert json.loads(listed.stdout)[0]["done"] == 24
