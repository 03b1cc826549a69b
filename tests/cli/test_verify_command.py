"""`offsite leaderboard verify`: whatever was tampered with in a bundle is named."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from offsite.records.store import RunStore
from offsite.scoring.leaderboard import digest_over, file_digests
from paths import OFFSITE, SUITES


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A bundle of a real run of the suite `mini`."""
    place = tmp_path_factory.mktemp("published")
    words = ("run", "mini", "--suites", SUITES, "--sandbox", "local", "-a", "oracle,no-op")
    for call in ((*words, "--seeds", "0-1"), ("leaderboard", "build", "last", "--bundle", "b")):
        subprocess.run([OFFSITE, *map(str, call)], cwd=place, check=True, capture_output=True)
    return place / "b"


class Bundle:
    """A bundle to be tampered with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (run,) = (folder / "results").iterdir()
        self.store = RunStore(run)

    def trial(self, agent: str) -> Path:
        return next(iter(sorted((self.store.folder / "trials").glob(f"*sum-receipts*{agent}*"))))

    def edit(self, path: Path, change: Callable[[Any], None]) -> None:
        told = json.loads(path.read_text())
        change(told)
        path.write_text(json.dumps(told))

    def hide(self) -> None:
        """Make the digests in leaderboard.json fit, as whoever forges would."""
        found = digest_over(self.store, file_digests(self.store))

        def change(board: Any) -> None:
            for entry in board["entries"]:
                entry["runs"] = {self.store.id: found}

        self.edit(self.folder / "leaderboard.json", change)


@pytest.fixture
def bundle(built, tmp_path) -> Bundle:
    return Bundle(Path(shutil.copytree(built, tmp_path / "bundle")))


def verified(offsite, *words: str) -> dict[str, str]:
    """What is wrong: expected and found, by name and field; the exit code says the same."""
    done = offsite("leaderboard", "verify", "bundle", "--suites", SUITES, *words, "--json")
    told = json.loads(done.stdout)
    assert done.returncode == (1 if told["faults"] else 0), done.stderr
    return {
        f"{one['name']}: {one['what']}": f"{one['expected']} {one['found']}"
        for one in told["faults"]
    }


def test_what_was_not_touched_is_as_it_must_be(offsite, bundle):
    assert not list(bundle.store.folder.glob("index.sqlite*"))
    done = offsite("leaderboard", "verify", "bundle", "--suites", SUITES)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 run, 4 instances, 8 trials, 2 entries: all as it must be\n"


def test_a_trajectory(offsite, bundle):
    with (bundle.trial("no-op") / "trajectory.jsonl").open("a") as file:
        file.write("\n")
    (fault,) = verified(offsite)
    assert fault == f"trial {bundle.trial('no-op').name}: trajectory.jsonl"


def test_evidence(offsite, bundle):
    path = bundle.trial("oracle") / "evidence.tar.zst"
    path.write_bytes(path.read_bytes()[:-9])
    assert list(verified(offsite)) == [f"trial {bundle.trial('oracle').name}: evidence.tar.zst"]


def test_a_verdict_though_the_digests_were_made_to_fit(offsite, bundle):
    def change(trial: Any) -> None:
        trial["verdict"]["delegable"] = True

    bundle.edit(bundle.trial("no-op") / "trial.json", change)
    assert f"run {bundle.store.id}: digest over its files" in verified(offsite)
    bundle.hide()
    found = verified(offsite)
    name = bundle.trial("no-op").name
    assert found.pop(f"trial {name}: verdict.delegable") == "False True"
    assert any(one.startswith("entry no-op on mini: delegable.value") for one in found)


def test_another_trials_evidence(offsite, bundle):
    good, bad = bundle.trial("oracle"), bundle.trial("no-op")
    shutil.copy(good / "evidence.tar.zst", bad)
    sha256 = json.loads((good / "trial.json").read_text())["evidence_sha256"]
    bundle.edit(bad / "trial.json", lambda trial: trial.update(evidence_sha256=sha256))
    bundle.hide()
    assert f"trial {bad.name}: verdict.delegable" in verified(offsite)


def test_the_truth(offsite, bundle):
    path = sorted((bundle.store.folder / "instances").glob("*sum-receipts*"))[0]
    bundle.edit(path, lambda kept: kept["truth"].update(total=0))
    found = verified(offsite)
    assert any(re.fullmatch(r"instance clerical/sum-receipts@0: truth.*", one) for one in found)


def test_a_total(offsite, bundle):
    def change(board: Any) -> None:
        board["entries"][0]["delegable"]["value"] = 0.5

    bundle.edit(bundle.folder / "leaderboard.json", change)
    assert verified(offsite) == {"entry oracle on mini: delegable.value": "1.0 0.5"}


def test_trials_that_were_left_out(offsite, bundle):
    shutil.rmtree(bundle.trial("no-op"))
    bundle.hide()
    found = verified(offsite)
    assert found["entry no-op on mini: missing"] == "1 0"


def test_a_trial_under_anothers_name(offsite, bundle):
    good, bad = bundle.trial("oracle"), bundle.trial("no-op")
    shutil.copy(good / "trial.json", bad)
    bundle.hide()
    assert f"trial {bad.name}: plan.id" in verified(offsite)


def test_what_a_run_says_of_its_tasks(offsite, bundle):
    def change(run: Any) -> None:
        run["tasks"][0]["human_minutes"] *= 10
        run["suite"]["version"] = "9"

    bundle.edit(bundle.store.folder / "run.json", change)
    bundle.hide()
    found = verified(offsite)
    assert any(one.endswith(".human_minutes") for one in found)
    assert found[f"run {bundle.store.id}: suite.version"].endswith(" 9")


def test_time_and_ending_of_a_trial(offsite, bundle):
    def change(trial: Any) -> None:
        trial["timing"]["work"] = 0.001

    def void(trial: Any) -> None:
        trial.update(ending="sandbox_failed", verdict=None)

    good, bad = bundle.trial("oracle"), bundle.trial("no-op")
    bundle.edit(good / "trial.json", change)
    bundle.edit(bad / "trial.json", void)
    bundle.hide()
    found = verified(offsite)
    assert f"trial {good.name}: seconds" in found
    assert found[f"trial {bad.name}: ending"] == "reported sandbox_failed"


def test_a_run_that_is_not_there(offsite, bundle):
    id = bundle.store.id
    bundle.store.folder.rename(bundle.folder / "elsewhere")
    assert list(verified(offsite)) == [f"run {id}: folder"]
    (bundle.folder / "elsewhere").rename(bundle.folder / id)
    assert verified(offsite) == {}


def test_graders_that_a_bundle_brings_are_not_run(offsite, bundle, tmp_path):
    planted = Path(shutil.copytree(SUITES / "mini", tmp_path / "planted"))
    for grader in planted.glob("*/*/grade.py"):
        grader.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n" + grader.read_text())

    bundle.edit(
        bundle.store.folder / "run.json",
        lambda run: run["suite"].update(folder=os.fspath(planted)),
    )
    bundle.hide()
    assert verified(offsite) == {}
    done = offsite("leaderboard", "verify", "bundle")
    assert done.returncode == 1
    assert "suite: expected mini, by --suites FOLDER, found not at hand" in done.stdout
    assert not (tmp_path / "ran").exists()


def test_an_entry_of_no_run_is_none(offsite, bundle):
    bundle.edit(bundle.folder / "leaderboard.json", lambda b: b["entries"][0].update(runs={}))
    done = offsite("leaderboard", "verify", "bundle")
    assert done.returncode == 4
    assert "runs" in done.stderr


def test_what_is_no_leaderboard_is_one_line(offsite, bundle):
    (bundle.folder / "leaderboard.json").write_text("{}")
    done = offsite("leaderboard", "verify", "bundle")
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1
