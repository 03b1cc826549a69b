"""The commands on real runs, as a user or a script calls them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time

import jsonschema
import pytest
from offsite.records.schemas import FOLDER
from offsite.records.store import find_runs, is_held
from paths import OFFSITE, SUITES

MINI = ("run", "mini", "--suites", SUITES, "--sandbox", "local")


@pytest.mark.parametrize(
    "command",
    [
        *("run", "resume", "ls", "show", "regrade", "audit", "doctor", "clean", "schemas"),
        *("compare", "gate", "horizon"),
        *("leaderboard", "leaderboard build", "baseline", "baseline add", "desk"),
        *(f"desk {name}" for name in ("open", "exec", "shell", "put", "get", "report", "close")),
        "desk ls",
    ],
)
def test_help_shows_an_example(offsite, command):
    done = offsite(*command.split(), "--help")
    assert done.returncode == 0
    assert re.search(rf"^ +offsite {command}\b", done.stdout, re.MULTILINE)


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
    again = json.loads(offsite("regrade", "last", "--check", "--json").stdout)["trials"]
    assert {(one["outcome"], one["difference"]) for one in again} == {("same", "")}
    for name in ("one.json", "two.json"):
        assert offsite("leaderboard", "build", "last", "-o", name).returncode == 0
    done = offsite("leaderboard", "build", "last", "-o", "/nonexist/x.json")
    assert done.stderr == "offsite: /nonexist/x.json: No such file or directory\n"
    done = offsite("show", "last", "--transcript")
    assert (done.returncode, done.stdout) == (4, "")
    assert "--transcript is of a trial: offsite show 20" in done.stderr
    done = offsite("leaderboard", "build", "last", "-o", ".")
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    one = (tmp_path / "one.json").read_bytes()
    assert one == (tmp_path / "two.json").read_bytes()
    schema = json.loads((FOLDER / "leaderboard.schema.json").read_text())
    jsonschema.validate(json.loads(one), schema)


def test_a_trial_by_the_beginning_of_its_id(offsite):
    assert offsite(*MINI, "-a", "oracle,no-op", "--seeds", "0").returncode == 0
    for name in ("clerical.sum-receipts.s0.r0.o", "last/clerical.sum-receipts.s0.r0.o"):
        assert "clerical.sum-receipts.s0.r0.oracle: delegable" in offsite("show", name).stdout
    for name in ("clerical.", "last/clerical."):
        done = offsite("show", name)
        assert done.returncode == 4
        assert "'clerical.' of run" in done.stderr
        assert re.search(r" may be clerical\S+, clerical\S+, clerical\S+ … 1 more: ", done.stderr)
    done = offsite("show", "last/clerical.sum-receipts.s0.r0.orakel")
    assert done.returncode == 4
    assert "; near are clerical.sum-receipts.s0.r0.oracle, " in done.stderr
    assert " … 1 more: offsite show 20" in done.stderr


def test_auto_without_docker_is_local_and_the_sandbox_is_named(offsite):
    words = ("run", "mini", "--suites", SUITES, "-a", "no-op", "--seeds", "0")
    done = offsite(*words, OFFSITE_NO_DOCKER="1")
    assert done.returncode == 0, done.stderr
    assert "OFFSITE_NO_DOCKER is 1; using the local sandbox\n" in done.stderr
    assert "(sandbox local)\n" in done.stderr
    assert "(sandbox local)\n" in offsite("show", "last").stdout


def test_a_narrow_terminal_loses_no_column(offsite, tmp_path):
    assert offsite(*MINI, "-a", "oracle,careless", "--seeds", "0").returncode == 0
    tables = {}
    for width in ("80", "140"):
        ours, theirs = os.openpty()
        words = [str(OFFSITE), "show", "last"]
        wide = {**os.environ, "COLUMNS": width}
        process = subprocess.Popen(words, cwd=tmp_path, env=wide, stdout=theirs)
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # so ends a terminal that nobody writes to
            while part := os.read(ours, 65536):
                shown += part
        os.close(ours)
        assert process.wait(60) == 0
        tables[width] = re.search(r"\r\nagent .*", shown.decode(), re.DOTALL)[0].split("\r\n")
    assert tables["80"][1].split() == tables["140"][1].split()
    assert {"partial", "time"} < set(tables["80"][1].split())
    assert max(map(len, tables["80"])) <= 80
    assert tables["80"][2].count("[") < tables["140"][2].count("[") == 3


def test_regrade_check_is_a_gate(offsite, tmp_path):
    assert offsite(*MINI, "-a", "oracle", "--seeds", "0").returncode == 0
    (path,) = (tmp_path / "results").glob("*/trials/*sum-receipts*/trial.json")
    record = json.loads(path.read_text())
    record["verdict"]["delegable"] = False
    path.write_text(json.dumps(record))
    (path.parents[2] / "lock").unlink()
    done = offsite("regrade", "last", "--check")
    assert done.returncode == 1
    assert not (path.parents[2] / "lock").exists()  # it may lie where nothing can be written
    assert "changed delegable False → True" in done.stdout
    assert json.loads(path.read_text())["verdict"]["delegable"] is False


def test_a_gate_whose_reader_has_gone_keeps_its_code(offsite, tmp_path):
    (tmp_path / "schemas").mkdir()
    words = [str(OFFSITE), "schemas", "-o", "schemas", "--check"]
    process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 1


def test_the_failed_trials_of_a_run(offsite):
    assert offsite(*MINI, "-a", "oracle,no-op", "--seeds", "0").returncode == 0
    rows = json.loads(offsite("show", "last", "--failed", "--json").stdout)["trials"]
    assert len(rows) == 2
    assert not any(row["delegable"] for row in rows)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_audit_that_is_interrupted(tmp_path, number):
    words = [str(OFFSITE), "audit", "mini", "--suites", str(SUITES), "--sandbox", "local"]
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not list((tmp_path / "results").glob("audits/*/*/trials/*")):
        time.sleep(0.02)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.endswith("offsite: interrupted\n")
    assert "Traceback" not in errors


def test_opening_a_desk_that_is_interrupted_leaves_none(tmp_path, offsite):
    task = ["mini/clerical/sum-receipts", "--suites", str(SUITES), "--sandbox", "local"]
    process = subprocess.Popen(
        [str(OFFSITE), "desk", "open", *task], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    while not list((tmp_path / "results").glob("*/desk.log")):
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (2, "offsite: interrupted\n")
    (run,) = find_runs(tmp_path / "results")
    while is_held(run.folder):
        time.sleep(0.02)
    assert offsite("desk", "ls").stdout.startswith(f"no desk is open in {tmp_path}/results; ")


def test_text_from_an_agent_is_shown_harmless(offsite):
    mini = ("desk", "open", "mini/clerical/sum-receipts", "--suites", SUITES, "--sandbox", "local")
    assert offsite(*mini).returncode == 0
    said = "[red]bold[/red] \x1b[2J\x07 <b>"
    done = offsite(
        "desk", "report", "last", "--status", "done", "--confidence", "1", "--summary", said
    )
    assert "[red]bold[/red] ␛[2J␇ <b>" in done.stdout
    assert "\x1b" not in done.stdout
    for words in (("show", "last", "--json"), ("desk", "ls", "--json")):
        assert offsite(*words).stdout.isascii()


def test_ctrl_c_drains_and_resume_goes_on(tmp_path, offsite):
    words = [OFFSITE, *map(str, MINI), "-a", "oracle,careless", "--seeds", "0-5", "-j", "1"]
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not list((tmp_path / "results").glob("*/trials/*/trial.json")):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert re.search(r"finishing \d+ trials? under way", errors)
    assert "offsite resume" in errors
    over = len(list((tmp_path / "results").glob("*/trials/*/trial.json")))
    assert 0 < over < 24
    for path in (tmp_path / "results").glob("*/trials/*/trial.json"):
        path.rename(path.with_name("away"))
    done = offsite("leaderboard", "build", "last")
    assert done.returncode == 0
    assert "has no verdict at all; to go on with it: offsite resume 20" in done.stderr
    for path in (tmp_path / "results").glob("*/trials/*/away"):
        path.rename(path.with_name("trial.json"))
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
    url = "http://127.0.0.1:9"
    # What lies behind a proxy is not tried before the run: each trial finds that nobody is there.
    nowhere = {"OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": url, "HTTP_PROXY": url, "NO_PROXY": ""}
    assert (
        offsite(*MINI, *model, "-o", "retries=0", "--max-attempts", "1", **nowhere).returncode == 3
    )
    done = offsite("resume", "last")
    assert done.returncode == 4
    assert "OPENAI_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_is_not_there_ends_a_run_before_it_begins(tmp_path, offsite):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    there = {"OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "NO_PROXY": "127.0.0.1"}
    done = offsite(*MINI, "-a", "worker,no-op", "-m", "openai:gpt-5", **there)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
    assert f"127.0.0.1:{port}: connection refused" in done.stderr
    assert not (tmp_path / "results").exists()
