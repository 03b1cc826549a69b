"""The commands on real runs, as a user or a script calls them."""

from __future__ import annotations

import json
import signal
import subprocess
import time

import jsonschema
import pytest
from offsite.records.schemas import FOLDER
from paths import OFFSITE, SUITES

MINI = ("run", "mini", "--suites", SUITES, "--sandbox", "local")


@pytest.mark.parametrize(
    "command",
    [
        *("run", "resume", "ls", "show", "regrade", "audit", "doctor", "clean", "schemas"),
        *("leaderboard build", "desk open", "desk exec", "desk report", "baseline add"),
    ],
)
def test_help_shows_an_example(offsite, command):
    done = offsite(*command.split(), "--help")
    assert done.returncode == 0
    assert f"\n  offsite {command}" in done.stdout


def test_run_show_regrade_and_publish(offsite, tmp_path):
    done = offsite(*MINI, "-a", "oracle,no-op", "--json")
    assert done.returncode == 0, done.stderr
    entries = {entry["agent"]: entry for entry in json.loads(done.stdout)["entries"]}
    assert entries["oracle"]["delegable"]["value"] == 1
    assert entries["no-op"]["delegable"]["value"] == 0
    assert entries["no-op"]["false_done"]["value"] == 1
    shown = json.loads(offsite("show", "last", "--json").stdout)
    assert len(shown["trials"]) == 8
    trial = shown["trials"][0]["trial"]
    assert trial in offsite("show", trial).stdout
    assert (
        "── tool call" in offsite("show", f"last/{trial}", "--transcript").stdout
        or "no-op" in trial
    )
    assert "8 same" in offsite("regrade", "last", "--check").stdout
    for name in ("one.json", "two.json"):
        assert offsite("leaderboard", "build", "last", "-o", name).returncode == 0
    one = (tmp_path / "one.json").read_bytes()
    assert one == (tmp_path / "two.json").read_bytes()
    schema = json.loads((FOLDER / "leaderboard.schema.json").read_text())
    jsonschema.validate(json.loads(one), schema)


def test_regrade_check_is_a_gate(offsite, tmp_path):
    assert offsite(*MINI, "-a", "oracle", "--seeds", "0").returncode == 0
    (path,) = (tmp_path / "results").glob("*/trials/*sum-receipts*/trial.json")
    record = json.loads(path.read_text())
    record["verdict"]["delegable"] = False
    path.write_text(json.dumps(record))
    done = offsite("regrade", "last", "--check")
    assert done.returncode == 1
    assert "changed delegable False → True" in done.stdout
    assert json.loads(path.read_text())["verdict"]["delegable"] is False


def test_text_from_an_agent_is_shown_harmless(offsite):
    mini = ("desk", "open", "mini/clerical/sum-receipts", "--suites", SUITES, "--sandbox", "local")
    assert offsite(*mini).returncode == 0
    said = "[red]bold[/red] \x1b[2J\x07 <b>"
    done = offsite(
        "desk", "report", "last", "--status", "done", "--confidence", "1", "--summary", said
    )
    assert "[red]bold[/red] ␛[2J␇ <b>" in done.stdout
    assert "\x1b" not in done.stdout


def test_ctrl_c_drains_and_resume_goes_on(tmp_path, offsite):
    words = [OFFSITE, *map(str, MINI), "-a", "oracle,careless", "--seeds", "0-5", "-j", "1"]
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not list((tmp_path / "results").glob("*/trials/*/trial.json")):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "finishing the trials under way" in errors
    assert "offsite resume" in errors
    over = len(list((tmp_path / "results").glob("*/trials/*/trial.json")))
    assert 0 < over < 24
    assert offsite("resume", "last").returncode == 0
    assert json.loads(offsite("ls", "runs", "--json").stdout)[0]["done"] == 24


def test_sigterm_stops_cleanly(tmp_path, offsite):
    words = [OFFSITE, *map(str, MINI), "-a", "oracle", "--seeds", "0-9", "-j", "2"]
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not list((tmp_path / "results").glob("*/trials/*/trajectory.jsonl")):
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2, errors
    assert "Traceback" not in errors
    assert offsite("resume", "last").returncode == 0


def test_an_interrupted_run_never_exits_as_passed(tmp_path, offsite):
    words = [OFFSITE, *map(str, MINI), "-a", "oracle", "--seeds", "0", "-j", "9"]
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not list((tmp_path / "results").glob("*/trials/*")):
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    over = len(list((tmp_path / "results").glob("*/trials/*/trial.json")))
    assert process.returncode == (0 if over == 2 else 2)


def test_resume_says_which_key_is_missing(tmp_path, offsite):
    model = ("-a", "worker", "-m", "openai:gpt-5-mini", "--seeds", "0")
    nowhere = {"OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    assert (
        offsite(*MINI, *model, "-o", "retries=0", "--max-attempts", "1", **nowhere).returncode == 3
    )
    done = offsite("resume", "last")
    assert done.returncode == 4
    assert "OPENAI_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr
