"""`offsite gate`, as CI calls it."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import jsonschema
from offsite.records.schemas import FOLDER
from offsite.records.store import find_runs
from paths import SUITES

MINI = ("run", "mini", "--suites", SUITES, "--sandbox", "local", "--seeds", "0,1")


def test_a_run_is_gated(offsite, tmp_path):
    done = offsite(*MINI, "-a", "oracle,no-op")
    assert done.returncode == 0, done.stderr
    summary = tmp_path / "summary.md"
    done = offsite("gate", "last:oracle", "--min-rate", "0.6", GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 0, done.stderr
    assert "passed        min-rate: rate 100.0 [" in done.stdout
    assert "4 instances of 2 tasks" in done.stdout
    assert "| min-rate | passed | 100.0 |" in summary.read_text()
    assert offsite("gate", "last:oracle", "--min-rate", "0.6", "--strict").returncode == 6

    done = offsite("gate", "last:no-op", "--min-rate", "0.9", "--junit", "gate.xml", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["gates"][0]["outcome"] == "failed"
    suite = ET.parse(tmp_path / "gate.xml").getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "1", "0")
    assert suite.find("testcase/failure").get("message").startswith("min-rate: rate 0.0 [")
    offsite(
        *("gate", "last:no-op", "--min-rate", "0", "--junit", "all.xml", "--junit-mode", "trials")
    )
    cases = ET.parse(tmp_path / "all.xml").findall("testsuite/testcase")
    assert len(cases) == 4
    assert "work done" in cases[0].find("failure").get("message")


def test_a_run_is_held_against_a_baseline(offsite, tmp_path):
    offsite(*MINI, "-a", "oracle,no-op")
    done = offsite("gate", "last:oracle", "--save", "before.json")
    assert done.returncode == 0, done.stderr
    schema = json.loads((FOLDER / "outcomes.schema.json").read_text())
    jsonschema.validate(json.loads((tmp_path / "before.json").read_text()), schema)
    for baseline in ("before.json", "last:oracle"):
        same = offsite("gate", "last:oracle", "--baseline", baseline)
        assert same.returncode == 0
        assert "change from " in same.stdout
        worse = offsite("gate", "last:no-op", "--baseline", baseline, "--max-drop", "0.1")
        assert worse.returncode in (1, 6)
        assert "change from " in worse.stdout
    assert offsite("gate", "last:oracle").returncode == 4
    (tmp_path / "before.json").write_text("{}")
    assert "before.json" in offsite("gate", "last:oracle", "--baseline", "before.json").stderr


def test_trials_without_a_verdict_are_not_passed_over(offsite, tmp_path):
    offsite(*MINI, "-a", "oracle")
    (run,) = find_runs(tmp_path / "results")
    first, *rest = sorted((run.folder / "trials").iterdir())
    (first / "trial.json").unlink()
    done = offsite("gate", "last", "--min-rate", "0.6")
    assert done.returncode == 3
    assert "0 errors and 1 missing trials" in done.stderr
    for trial in rest:
        (trial / "trial.json").unlink()
    done = offsite("gate", "last", "--min-rate", "0.6")
    assert done.returncode == 5
    assert "no trial of oracle has a verdict" in done.stderr
