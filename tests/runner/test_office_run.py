"""A task with an office, from its folder to the verdict."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from offsite.records.office import read_office
from offsite.records.store import RunStore
from offsite.runner.session import open_engine
from offsite.sandboxes import DeskSpec, Sandbox
from offsite.sandboxes.docker import DockerProvider

FILES = {
    "task.toml": """
title = "Answer a client"
soc = "43-4051"
outputs = ["answer.txt"]
allowed_writes = ["office:mail/pat@client.example/**"]

[human]
minutes = 2
source = "made for the tests"
sigma = 0.5

[environment]
services = ["mail"]
""",
    "instruction.md": "Pat asked for the number. Answer Pat by mail (login worker, password a-password).\n",
    "world.py": """
from offsite.tasks import World


def build(seed):
    world = World(truth={"number": 4000 + seed})
    for login in ("worker", "bob"):
        world.office.person(login, login.title() + " Ode", password="a-password")
    world.office.mail("Pat <pat@client.example>", "worker", "The number?", "Please", at="2025-06-02 09:30")
    world.office.mail("bob", "worker", "The number", f"It is {4000 + seed}.", at="2025-06-02 09:00")
    return world
""",
    "solution.py": """
import email, email.policy, imaplib, re, smtplib
from email.message import EmailMessage


def solve(*, to="pat@client.example"):
    box = imaplib.IMAP4_SSL("mail.acme.test")
    box.login("worker", "a-password")
    box.select("INBOX")
    found = ""
    for number in box.search(None, "ALL")[1][0].split():
        raw = box.fetch(number, "(RFC822)")[1][0][1]
        text = email.message_from_bytes(raw, policy=email.policy.default).get_content()
        found += "".join(re.findall("4[0-9]{3}", text))
    answer = EmailMessage()
    answer["From"], answer["To"], answer["Subject"] = "worker@acme.test", to, "Re: The number?"
    answer.set_content(found)
    with smtplib.SMTP("mail.acme.test", 587) as server:
        server.starttls()
        server.login("worker", "a-password")
        server.send_message(answer)
    return {"status": "done", "confidence": 0.9, "summary": found}
""",
    "grade.py": """
from offsite.records.office import read_office
from offsite.tasks.grading import check


def grade(evidence, truth):
    mails = [m for m in read_office(evidence).mails if m.mailbox == "pat@client.example"]
    told = [m.text.strip() for m in mails]
    return [check("answered", told == [str(truth["number"])], expected=truth["number"], found=told)]
""",
    "wrong.py": """
from solution import solve

CAUGHT_BY = {"wrong_person": "collateral"}


def wrong_person():
    return solve(to="bob@acme.test")
""",
}


class Noting(DockerProvider):
    """Docker's, with what it was asked to open."""

    def __init__(self) -> None:
        super().__init__()
        self.specs: list[DeskSpec] = []

    async def open(self, spec: DeskSpec) -> Sandbox:
        self.specs.append(spec)
        return await super().open(spec)


@pytest.mark.docker
@pytest.mark.slow
async def test_an_office_from_world_to_verdict(
    mini: Path, make_run: Callable[..., RunStore]
) -> None:
    for family in mini.iterdir():
        if family.is_dir():
            shutil.rmtree(family)
    folder = mini / "clerical" / "answer-client"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    store = make_run("oracle", "careless", "no-op", sandbox="docker", seeds=[3], concurrency=1)
    place = Noting()
    async with open_engine(store, place=place) as engine:
        await engine.work()
    assert [spec.then for spec in place.specs] == [("mail",), ("mail",), ()]
    assert not [one for one in await place.leftovers() if one.run == store.id]
    await place.aclose()
    records = {record.plan.agent: record for record in store.trials()}
    assert not [record.message for record in records.values() if record.error]
    assert {agent: record.delegable for agent, record in records.items()} == {
        "oracle": True, "careless": False, "no-op": False,
    }  # fmt: skip
    verdict = records["careless"].verdict
    assert verdict is not None
    (path,) = verdict.collateral
    assert path.startswith("office:mail/bob/INBOX/")
    office = read_office(store.evidence(records["oracle"].plan.id))
    assert office is not None
    assert len(office.mails) == 3
