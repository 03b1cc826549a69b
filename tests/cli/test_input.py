"""Bad usage and bad input: one clear line, the right exit code, no traceback, nothing lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from paths import SUITES

MINI = ("run", "mini", "--suites", SUITES, "--sandbox", "local")
TASK = "mini/clerical/sum-receipts"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("run", "startr", "-a", "oracle"), 4, "no suite or task 'startr'; did you mean starter"),
        (("run", "starter/bookeeping/*", "-a", "oracle"), 5, "no task matches"),
        (("run", "mini/clerical/sum", "--suites", SUITES, "-a", "oracle"), 4, "sum-receipts"),
        ((*MINI, "-a", "orakle"), 4, "no agent 'orakle'; did you mean oracle"),
        ((*MINI, "-a", "worker"), 4, "worker needs a model"),
        ((*MINI, "-a", "worker", "-m", "opnai:gpt-5"), 4, "did you mean openai"),
        ((*MINI, "-a", "worker", "-m", "openai:gpt-5"), 4, "OPENAI_API_KEY"),
        ((*MINI, "-a", "oracle", "--seeds", "4-1"), 4, "runs backwards"),
        ((*MINI, "-a", "oracle", "--seeds", "x"), 4, "'x' is neither a number nor a range"),
        ((*MINI, "-a", "oracle", "--seeds", "0-99999999999"), 4, "are more than 100,000 seeds"),
        ((*MINI, "-a", ","), 5, "names no agent"),
        ((*MINI, "-a", "oracle", "-m", "foo:bar"), 4, "foo:bar: none of these agents takes"),
        ((*MINI, "-a", "human", "-o", "x=1"), 4, "human: takes no options, and x was given"),
        ((*MINI, "-a", "oracle", "-o", "x"), 4, "is not NAME=VALUE"),
        ((*MINI, "-a", "no-op", "-o", "status=asleep"), 4, "no-op: option status"),
        ((*MINI, "-a", "careless", "-o", "wrong=off_by_two"), 4, "no wrong solver of clerical/"),
        (("run", "mini", "--suites", SUITES, "--sandbox", "dokcer", "-a", "oracle"), 4, "docker"),
        (("run", "mini", "--suites", SUITES, "--repeat", "0", "-a", "oracle"), 4, "--repeat"),
        (("show", "last"), 4, "/results; make one: offsite run starter --agent oracle; or"),
        (("resume", "nothing"), 4, "no run 'nothing'"),
        (("ls", "taks"), 4, "did you mean tasks"),
        (("desk", "exec", "last", "--", "ls"), 4, "/results; open a desk: offsite desk open SUITE"),
        (("audit", "mini", "--suites", "/nowhere"), 4, "/nowhere: --suites: is not a folder"),
        (
            ("ls", "suites", "--suites", "."),
            4,
            ".: --suites: neither this folder nor one in it has",
        ),
        (("run", "/nonexist", "-a", "oracle"), 4, "offsite: /nonexist is not there\n"),
        (("run", "/tmp", "-a", "oracle"), 4, "offsite: /tmp has no suite.toml\n"),
        (
            (*MINI, "-a", "no-op", "--results", "/dev/null"),
            4,
            "Not a directory; name a folder that",
        ),
        (("schemas", "-o", "/dev/null"), 4, "/dev/null: File exists"),
        (("frobnicate",), 4, "frobnicate"),
    ],
)
def test_one_line_and_the_code(offsite, words, code, says):
    done = offsite(*words)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_engine_that_does_not_run(offsite):
    done = offsite(
        *("run", "mini", "--suites", SUITES, "--sandbox", "docker", "-a", "oracle"),
        DOCKER_HOST="unix:///nowhere.sock",
    )
    assert done.returncode == 3
    assert "answers at unix:///nowhere.sock, where DOCKER_HOST points; start" in done.stderr
    doctor = offsite("doctor", "--json", DOCKER_HOST="tcp://127.0.0.1:9")
    (engine,) = [check for check in json.loads(doctor.stdout) if check["name"] == "docker engine"]
    assert "tcp://127.0.0.1:9, where DOCKER_HOST points" in engine["detail"]
    assert engine["mend"] == "unset DOCKER_HOST"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("minutes = 2", "minutes = -2", "task.toml: human.minutes: Input should be greater than 0"),
        ("minutes = 2\n", "", "task.toml: human.minutes: Field required"),
        ('soc = "43-3031"', 'soc = "clerk"', "task.toml: soc: String should match"),
        ("[human]", "[human", "task.toml: file: "),
        ('title = "Add', 'colour = "red"\ntitle = "Add', "task.toml: colour: Extra inputs"),
        (
            "[human]",
            '[environment]\nnetwork = "open"\n[human]',
            "sum-receipts: environment.network: the sandbox local has no 'open'",
        ),
        (
            "[human]",
            '[environment]\nservices = ["mail"]\n[human]',
            "sum-receipts: environment.services: the sandbox local has no mail",
        ),
    ],
)
def test_a_wrong_field_of_a_task(offsite, tmp_path, old, new, says):
    shutil.copytree(SUITES, tmp_path / "suites")
    path = tmp_path / "suites" / "mini" / "clerical" / "sum-receipts" / "task.toml"
    path.write_text(path.read_text().replace(old, new))
    done = offsite("run", "mini", "--suites", "suites", "-a", "oracle", "--sandbox", "local")
    assert done.returncode == 4
    assert says in done.stderr
    assert not (tmp_path / "results").exists()


def test_a_suite_of_ones_own(offsite, tmp_path):
    shutil.copytree(SUITES / "mini", tmp_path / "mine")
    for folder in ("mine", tmp_path / "mine"):
        assert "mine/clerical/sum-receipts" in offsite("ls", "tasks", "--suites", folder).stdout
    words = ("mine/clerical/sum-receipts", "--suites", "mine", "--sandbox", "local")
    assert offsite("run", *words, "-a", "no-op", "--seeds", "0").returncode == 0
    assert offsite("regrade", "last", "--check").returncode == 0
    (tmp_path / "mine" / "suite.toml").unlink()
    done = offsite("run", "mine", "-a", "no-op")
    assert (done.returncode, done.stderr) == (4, "offsite: mine has no suite.toml\n")


def test_a_missing_file_and_a_duplicate_name(offsite, tmp_path):
    mini = tmp_path / "suites" / "mini"
    shutil.copytree(SUITES / "mini", mini)
    shutil.copytree(mini / "clerical" / "sum-receipts", mini / "sales" / "sum-receipts")
    done = offsite("ls", "tasks", "--suites", "suites")
    assert done.returncode == 4
    assert "sum-receipts is there already" in done.stderr
    (mini / "sales" / "sum-receipts" / "grade.py").unlink()
    done = offsite("ls", "tasks", "--suites", "suites")
    assert done.returncode == 4
    assert "sum-receipts/grade.py: file: is missing" in done.stderr
    shutil.rmtree(mini / "sales")
    (mini / "clerical" / "sum-receipts" / "task.toml").unlink()
    done = offsite("ls", "tasks", "--suites", "suites")
    assert done.returncode == 4
    assert "sum-receipts/task.toml: file: is missing" in done.stderr
    (mini / "suite.toml").write_text('version = "1"\ndescription = ""\nseeds = [0, 1, 0]\n')
    done = offsite("ls", "suites", "--suites", "suites")
    assert done.returncode == 4
    assert "suite.toml: seeds: Value error, a seed stands there twice" in done.stderr


def test_an_unknown_name_of_a_model_is_doubted(offsite):
    words = (*MINI, "-a", "worker", "-m", "openai:gtp-5", "--seeds", "4-1")
    done = offsite(*words, OPENAI_API_KEY="sk-x")
    assert "offsite: openai:gtp-5 is not among the known models of openai; did you" in done.stderr
    assert "openai:gpt-5" in done.stderr
    done = offsite(*words, OPENAI_API_KEY="sk-x", OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert "known models" not in done.stderr


def test_a_run_of_a_newer_schema(offsite, tmp_path):
    assert offsite(*MINI, "-a", "no-op", "--seeds", "0").returncode == 0
    (path,) = (tmp_path / "results").glob("*/run.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema_version": 2}))
    for words in (("show", "last"), ("resume", "last"), ("regrade", "last")):
        done = offsite(*words)
        assert done.returncode == 4
        assert "run.json: schema_version: is 2, this Offsite reads up to 1" in done.stderr


def test_a_finished_trial_of_a_newer_schema_is_not_done_again(offsite, tmp_path):
    assert offsite(*MINI, "-a", "no-op", "--seeds", "0").returncode == 0
    path, _ = (tmp_path / "results").glob("*/trials/*/trial.json")
    newer = json.dumps({**json.loads(path.read_text()), "schema_version": 2})
    path.write_text(newer)
    done = offsite("resume", "last")
    assert done.returncode == 4
    assert "trial.json: schema_version: is 2, this Offsite reads up to 1" in done.stderr
    assert path.read_text() == newer


def test_a_damaged_trajectory_is_told_in_one_line(offsite, tmp_path):
    assert offsite(*MINI, "-a", "no-op", "--seeds", "0").returncode == 0
    path, _ = (tmp_path / "results").glob("*/trials/*/trajectory.jsonl")
    path.write_text("{damaged\n" + path.read_text())
    done = offsite("show", f"last/{path.parent.name}", "-t")
    assert done.returncode == 4
    assert "trajectory.jsonl:1: not an event" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_run_whose_suite_or_images_are_gone(offsite, tmp_path):
    assert offsite(*MINI, "-a", "no-op", "--seeds", "0").returncode == 0
    (path,) = (tmp_path / "results").glob("*/run.json")
    plan = json.loads(path.read_text())
    path.write_text(json.dumps({**plan, "suite": {**plan["suite"], "folder": None}}))
    done = offsite("resume", "last")
    assert done.returncode == 4
    assert "the run's suite mini does not ship with this Offsite" in done.stderr
    path.write_text(json.dumps({**plan, "images": {"desk": "another"}}))
    done = offsite("resume", "last")
    assert done.returncode == 4
    assert "and the run began with another" in done.stderr
    assert "begin a new run" in done.stderr


def test_a_run_goes_on_from_another_folder(offsite, tmp_path):
    shutil.copytree(SUITES, tmp_path / "suites")
    run = ("run", "mini", "--suites", "suites", "--sandbox", "local", "-a", "no-op", "--cost", "0")
    assert offsite(*run, "--seeds", "0").returncode == 0
    (folder,) = (tmp_path / "results").iterdir()
    plan = json.loads((folder / "run.json").read_text())
    assert Path(plan["suite"]["folder"]) == tmp_path / "suites" / "mini"
    assert [task["cost_usd"] for task in plan["tasks"]] == [0, 0]


def test_why_a_desk_did_not_open_and_an_error_that_was_there_before(offsite, tmp_path):
    shutil.copytree(SUITES, tmp_path / "suites")
    task = tmp_path / "suites" / "mini" / "clerical" / "sum-receipts"
    where = ("--suites", "suites", "--sandbox", "local")
    (task / "grade.py").write_text("def grade(e, t):\n    return 1 / 0\n")
    words = ("mini/clerical/sum-receipts", *where)
    assert offsite("run", *words, "-a", "oracle", "--seeds", "0").returncode == 3
    done = offsite("resume", "last")
    assert done.returncode == 3
    assert "ERROR grader_broken: " in done.stderr
    (task / "world.py").write_text("def build(seed):\n    raise KeyError('no such thing')\n")
    done = offsite("desk", "open", *words)
    assert done.returncode == 4
    assert "the desk did not open: " in done.stderr
    assert "no such thing" in done.stderr
