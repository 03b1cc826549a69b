"""A model at its desk asks a colleague, waits, and is answered: by the task's rules, or by a model."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
from offsite.records.office import Happening, read_office
from offsite.records.store import RunStore, find_runs
from offsite.records.trajectory import read_trajectory
from paths import OFFSITE
from scripted_server import Call, ScriptedServer, Turn, report, scripted_server, shell

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(600)]

FILES = {
    "task.toml": """
title = "Ask for a number"
soc = "43-4051"
outputs = ["number.txt"]
allowed_writes = ["office:mail/bea/INBOX/**"]

[human]
minutes = 2
source = "made for the tests"
sigma = 0.5

[environment]
services = ["mail"]
""",
    "instruction.md": "Ask Bea for the number by mail (login worker, password a-password), and write it into number.txt.\n",
    "world.py": """
from offsite.tasks import World


def build(seed):
    world = World(truth={"number": "4711"})
    for login in ("worker", "bea"):
        world.office.person(login, login.title() + " Ode", password="a-password")
    life = world.office.life
    life.begins("2025-06-02 09:00")
    life.colleague("bea", minutes=30, manner="curt")
    life.answer("bea", "number", asked="number", text="It is 4711.")
    return world
""",
    "solution.py": """
def solve():
    return {"status": "done", "confidence": 0.9, "summary": ""}
""",
    "grade.py": """
from offsite.records.office import read_office
from offsite.tasks.grading import check


def grade(evidence, truth):
    asked = [one.topic for one in read_office(evidence).happenings if one.kind == "answered"]
    return [
        check("asked", asked == ["number"], expected=["number"], found=asked),
        check("number", truth["number"] in (evidence.text("number.txt") or ""), expected=truth, found=""),
    ]
""",
    "wrong.py": "CAUGHT_BY = {}\n",
}
SEND = """python3 -c '
import smtplib
with smtplib.SMTP("mail.acme.test", 587) as server:
    server.starttls()
    server.login("worker", "a-password")
    server.sendmail("worker@acme.test", "bea@acme.test", "From: worker@acme.test\\nTo: bea@acme.test\\nSubject: Hi\\n\\nWhat is the number?")
'"""
READ = """python3 -c '
import imaplib, re
box = imaplib.IMAP4_SSL("mail.acme.test")
box.login("worker", "a-password")
box.select("INBOX")
text = box.fetch("1", "(RFC822)")[1][0][1].decode()
print(text)
open("number.txt", "w").write(re.search("4711", text)[0])
'"""


async def run(server: ScriptedServer, tmp_path: Path, *more: str) -> RunStore:
    folder = tmp_path / "asking" / "clerical" / "ask"
    folder.mkdir(parents=True)
    (folder.parents[1] / "suite.toml").write_text(
        'version = "1"\ndescription = "One"\nseeds = [0]\n'
    )
    for name, text in FILES.items():
        (folder / name).write_text(text)
    wait = Turn(calls=(Call("wait", {"minutes": 120}),))
    server.script("Ask Bea for the number", [shell(SEND), wait, shell(READ), report()])
    process = await asyncio.create_subprocess_exec(
        OFFSITE,
        *("run", "asking", "--suites", str(tmp_path / "asking"), "--sandbox", "docker"),
        *("-a", "worker", "-m", "openai:gpt-5-mini", "--results", str(tmp_path / "results"), *more),
        env={**os.environ, "OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "sk-test"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    (store,) = find_runs(tmp_path / "results")
    return store


def happenings(store: RunStore) -> list[Happening]:
    (record,) = store.trials()
    assert record.delegable, record
    office = read_office(store.evidence(record.plan.id))
    assert office is not None
    return list(office.happenings)


async def test_by_the_rules_of_the_task(tmp_path: Path) -> None:
    async with scripted_server() as server:
        store = await run(server, tmp_path)
        told = json.dumps(server.requests["Ask Bea for the number"][-1])
    assert [(one.kind, f"{one.at:%H:%M}") for one in happenings(store)] == [
        ("heard", "09:03"),
        ("answered", "09:33"),
        ("waited", "09:33"),
    ], "three minutes for the mail, and what Bea takes from then on"
    assert "It is 2025-06-02 09:33 in the office." in told
    assert "Arrived: mail from Bea Ode: Re: Hi" in told


async def test_by_a_model_where_the_user_asks_for_it(tmp_path: Path) -> None:
    async with scripted_server() as server:
        said = json.dumps({"topics": ["number", "unheard of"], "text": "4711, of course."})
        server.script("You play one person", [Turn(text="Well."), Turn(text=f"```{said}```")])
        store = await run(server, tmp_path, "--colleagues", "openai:gpt-5-mini")
        (asked, _) = server.requests["You play one person"]
    assert "number: It is 4711." in json.dumps(asked)
    assert store.run().colleagues == "openai:gpt-5-mini"
    answered = [one.text for one in happenings(store) if one.kind == "answered"]
    assert answered == ["4711, of course."]
    (trial,) = store.run().trials
    events = read_trajectory(store.trial_folder(trial.id) / "trajectory.jsonl")
    assert "bea was played by openai:gpt-5-mini" in "".join(str(event) for event in events)
