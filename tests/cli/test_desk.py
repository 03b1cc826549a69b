"""A task done by hand, from outside."""

from __future__ import annotations

import csv
import io
import json
import shutil
import signal
import socket
import subprocess
import time

import pytest
from offsite.records.sockets import socket_path
from paths import OFFSITE, SUITES


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
    said = ("--status", "done", "--confidence", "0.9", "--summary", "added up")
    receipts = offsite("desk", "get", desk, "receipts.csv", "-").stdout
    rows = csv.DictReader(io.StringIO(receipts))
    total = sum(int(row["cents"]) for row in rows if row["state"] == "paid")
    (tmp_path / "total.txt").write_text(str(total))
    assert offsite("desk", "put", desk, "total.txt").returncode == 0
    assert "--summary" in offsite("desk", "report", desk, *said[:-2]).stderr
    wrong = offsite("desk", "report", desk, "--status", "finished", *said[2:])
    assert wrong.returncode == 4
    assert wrong.stderr.startswith("offsite: status: Input should be 'done'")
    done = offsite("desk", "report", desk, *said, "--json")
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


OPEN = ("desk", "open", "mini/clerical/sum-receipts", "--suites", SUITES, "--sandbox", "local")


def _ask(tmp_path, request):
    """What the open desk answers to a line on its socket."""
    (folder,) = (tmp_path / "results").glob("*/trials/*")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(socket_path(folder)))
        client.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(client.makefile().readline())


def test_a_request_that_makes_no_sense_is_refused_and_the_desk_stays(offsite, tmp_path):
    assert offsite(*OPEN).returncode == 0
    for timeout in ("inf", "nan", "-1", "0"):
        done = offsite("desk", "exec", "last", "--timeout", timeout, "--", "touch", "ran")
        assert done.returncode == 4, timeout
    exec_ = {"do": "exec", "command": "touch ran"}
    for request in (
        [1],
        "x",
        {"do": "exec", "command": 5},
        {"do": "exec"},
        *({**exec_, "timeout": value} for value in (float("inf"), float("nan"), -1, 0, "5", None)),
        {"do": "put", "path": 5, "content": ""},
        {"do": "put", "path": "x"},
        {"do": "get", "path": None},
        {"do": "report"},
    ):
        assert "error" in _ask(tmp_path, request), request
    assert _ask(tmp_path, {**exec_, "command": "ls", "timeout": 1e300})["exit_code"] == 0
    assert offsite("desk", "exec", "last", "--", "test -e ran").returncode == 1
    offsite("desk", "close", "last")


def test_a_person_is_told_the_rules_that_they_are_judged_by(offsite, tmp_path):
    done = offsite(*OPEN)
    assert "any other stray file in your home counts against you" in done.stdout
    assert "minutes are left" in done.stdout
    assert f" in {tmp_path}/results/" in done.stdout
    assert "/tmp is for scratch" in _ask(tmp_path, {"do": "status"})["rules"]
    shell = subprocess.run(
        [OFFSITE, "desk", "shell", "last"],
        cwd=tmp_path,
        input="cd /tmp\npwd\nmkdir $'\\xff' && cd $'\\xff'\n:report\ndone\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert shell.returncode == 0, shell.stderr
    assert "/tmp is for scratch" in shell.stdout
    assert "/tmp$ /tmp\n" in shell.stdout
    assert "nothing was handed in\n" in shell.stdout  # the input ended within the report
    assert "the desk stays open" in shell.stdout
    offsite("desk", "close", "last")


def test_a_persons_steps_are_counted_and_not_limited(offsite, tmp_path):
    words = ("run", "mini/clerical/sum-receipts", "--suites", SUITES, "--sandbox", "local")
    done = subprocess.run(
        [OFFSITE, *map(str, words), "-a", "human", "--seeds", "0", "--steps", "2", "--json"],
        cwd=tmp_path,
        input="true\ntrue\ntrue\n:leave\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    trial = json.loads(offsite("show", "last", "--json").stdout)["trials"][0]
    assert (trial["ending"], trial["steps"]) == ("no_report", 3)


def test_a_person_who_goes_away_ends_the_run(offsite, tmp_path):
    words = ("run", "mini", "--suites", SUITES, "--sandbox", "local", "-a", "human")
    done = subprocess.run(
        [OFFSITE, *map(str, words), "--seeds", "0"],
        cwd=tmp_path,
        input=":report\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2
    assert "nothing was handed in" in done.stdout
    assert "offsite resume" in done.stderr


def test_ctrl_c_in_the_shell_of_a_desk(offsite, tmp_path):
    assert offsite(*OPEN).returncode == 0
    shell = subprocess.Popen(
        [OFFSITE, "desk", "shell", "last"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    _until_said(shell.stdout, b"~$ ")
    shell.stdin.write(b"touch begun; sleep 600\n")
    while offsite("desk", "get", "last", "begun", "-").returncode:
        time.sleep(0.1)
    shell.send_signal(signal.SIGINT)  # ends the command
    _until_said(shell.stdout, b"~$ ")
    shell.send_signal(signal.SIGINT)  # at the prompt: goes away, and nobody presses Enter
    said, errors = shell.communicate(timeout=60)
    assert shell.returncode == 2
    assert b"the desk stays open" in said
    assert b"^C\n" in errors
    assert b"interrupted" in errors
    assert offsite("desk", "close", "last").returncode == 0


def _until_said(stream, text):
    said = b""
    while not said.endswith(text):
        byte = stream.read(1)
        assert byte, said
        said += byte


def test_a_command_that_takes_too_long(offsite):
    assert offsite(*OPEN).returncode == 0
    done = offsite("desk", "exec", "last", "--timeout", "0.5", "--", "echo on; sleep 60")
    assert (done.returncode, done.stdout) == (124, "on\n")
    assert done.stderr == "offsite: ended after 0.5 s (--timeout)\n"
    offsite("desk", "close", "last")


def test_files_that_cannot_be_copied(offsite, tmp_path):
    assert offsite(*OPEN).returncode == 0
    for words in (("put", "last", "/tmp"), ("get", "last", "receipts.csv", "/tmp")):
        done = offsite("desk", *words)
        assert done.returncode == 4
        assert done.stderr == "offsite: /tmp: Is a directory\n"
    (tmp_path / "note").write_text("x")
    for words, says in (
        (("get", "last", "nope"), "there is no nope"),
        (("get", "last", "/tmp"), "/tmp is a folder"),
        (("put", "last", "note", "/tmp"), "/tmp is a folder"),
        (("put", "last", "note", "receipts.csv/x"), "receipts.csv/x: "),
    ):
        done = offsite("desk", *words)
        assert done.returncode == 4
        assert done.stderr.startswith(f"offsite: {says}")
        assert "Err" not in done.stderr
    offsite("desk", "close", "last")


def test_one_unreadable_run_hides_no_desk(offsite, tmp_path):
    assert offsite(*OPEN).returncode == 0
    bad = tmp_path / "results" / "bad" / "run.json"
    bad.parent.mkdir()
    bad.write_text('{"\\u001b[2J": 1}')
    for words in (("desk", "ls"), ("ls", "runs")):
        done = offsite(*words)
        assert done.returncode == 0
        assert "sum-receipts" in done.stdout or "human" in done.stdout
        assert "bad/run.json" in done.stderr
        assert "\x1b" not in done.stderr
    done = offsite("show", "results/bad")
    assert done.returncode == 4
    assert "\x1b" not in done.stderr
    offsite("desk", "close", "last")
