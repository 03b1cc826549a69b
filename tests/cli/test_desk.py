"""A task done by hand, from outside."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pytest
from paths import SUITES


@pytest.mark.parametrize("sandbox", ["local", pytest.param("docker", marks=pytest.mark.docker)])
def test_a_person_does_a_task(offsite, tmp_path, sandbox):
    shutil.copytree(SUITES, tmp_path / "suites")
    where = ("--suites", "suites", "--sandbox", sandbox, "--seed", "3", "--json")
    opened = json.loads(offsite("desk", "open", "mini/clerical/sum-receipts", *where).stdout)
    desk = opened["id"]
    assert "receipts of May" in opened["instruction"]
    assert desk in offsite("desk", "ls").stdout
    assert offsite("desk", "exec", desk, "--", "cd /tmp; X=5; false").returncode == 1
    assert offsite("desk", "exec", desk, "--", "echo $PWD $X").stdout == "/tmp 5\n"
    receipts = offsite("desk", "get", desk, "receipts.csv", "-").stdout
    rows = csv.DictReader(io.StringIO(receipts))
    total = sum(int(row["cents"]) for row in rows if row["state"] == "paid")
    (tmp_path / "total.txt").write_text(str(total))
    assert offsite("desk", "put", desk, "total.txt").returncode == 0
    wrong = offsite("desk", "report", desk, "--status", "finished", "--confidence", "1")
    assert wrong.returncode == 4
    assert "status: Input should be 'done'" in wrong.stderr
    done = offsite("desk", "report", desk, "--status", "done", "--confidence", "0.9", "--json")
    record = json.loads(done.stdout)
    assert record["verdict"]["delegable"] is True
    assert record["report"]["confidence"] == 0.9
    assert offsite("desk", "exec", desk, "--", "ls").returncode == 4
    assert "added" in offsite("baseline", "add", desk).stdout
    assert "has it already" in offsite("baseline", "add", desk).stdout
    kept = tmp_path / "suites" / "mini" / "clerical" / "sum-receipts" / "baselines.jsonl"
    assert json.loads(kept.read_text())["delegable"] is True
    assert offsite("regrade", desk, "--check").returncode == 0


def test_leaving_without_a_report(offsite):
    task = ("mini/clerical/rename-files", "--suites", SUITES, "--sandbox", "local")
    assert offsite("desk", "open", *task).returncode == 0
    done = offsite("desk", "close", "last")
    assert "the agent left without a report" in done.stdout


def test_only_a_persons_trial_is_a_baseline(offsite):
    words = ("run", "mini", "--suites", SUITES, "--sandbox", "local", "-a", "oracle")
    assert offsite(*words, "--seeds", "0").returncode == 0
    done = offsite("baseline", "add", "last")
    assert done.returncode == 4
    assert "was not done by a person" in done.stderr
