"""What goes on in the office: colleagues who answer through the services, events, office time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from offsite.records.office import (
    ChangeIssue,
    Happening,
    OpenIssue,
    PutFile,
    Say,
    SendMail,
    unpack_office,
)
from offsite.records.office.tracker import Issue
from offsite.sandboxes import Sandbox
from offsite.sandboxes.docker import DockerProvider
from offsite.tasks import OfficeWorld

from .conftest import new_spec

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(900)]

DESK = """
import email.utils, json, smtplib, ssl, sys, time, urllib.parse, urllib.request, base64
from email.message import EmailMessage

def mail(to, subject, text, cc=""):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "worker@acme.test", to, subject
    if cc:
        message["Cc"] = cc
    message["Message-ID"] = email.utils.make_msgid(domain="acme.test")
    message.set_content(text)
    with smtplib.SMTP("mail.acme.test", 587) as server:
        server.starttls(context=ssl.create_default_context())
        server.login("worker", "desk-4711-pw")
        server.send_message(message)

def matrix(method, path, body=None, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None if body is None else json.dumps(body).encode()
    url = "https://chat.acme.test/_matrix/client/v3" + path
    return json.load(urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method)))

def signed_in():
    user = {"type": "m.id.user", "user": "worker"}
    asked = {"type": "m.login.password", "identifier": user, "password": "desk-4711-pw"}
    return matrix("POST", "/login", asked)["access_token"]

def say(room, text):
    token = signed_in()
    alias = urllib.parse.quote(f"#{room}:acme.test")
    id = matrix("GET", f"/directory/room/{alias}", token=token)["room_id"]
    path = f"/rooms/{id}/send/m.room.message/{time.monotonic_ns()}"
    matrix("PUT", path, {"msgtype": "m.text", "body": text}, token)

def tell(who, text):
    token = signed_in()
    asked = {"invite": [f"@{who}:acme.test"], "is_direct": True, "preset": "trusted_private_chat"}
    id = matrix("POST", "/createRoom", asked, token)["room_id"]
    path = f"/rooms/{id}/send/m.room.message/{time.monotonic_ns()}"
    matrix("PUT", path, {"msgtype": "m.text", "body": text}, token)

def comment(number, text, **more):
    content = json.dumps({"issue": {"notes": text, **more}}).encode()
    sign_in = base64.b64encode(b"worker:desk-4711-pw").decode()
    head = {"Content-Type": "application/json", "Authorization": f"Basic {sign_in}"}
    url = f"https://tracker.acme.test/issues/{number}.json"
    urllib.request.urlopen(urllib.request.Request(url, content, head, method="PUT"))
"""


def world() -> OfficeWorld:
    """A worker, two who answer, one who never does, and what arrives."""
    office = OfficeWorld()
    office.person("worker", "Wim Worker", password="desk-4711-pw")
    office.person("bea", "Bea Ode", password="bea-0815-pw")
    office.person("carl", "Carl Cole", password="carl-1234-pw")
    office.mail("bea", "worker", "Welcome", "Read this.", at="2025-06-02 08:00")
    office.project("website", "Website", members=["worker", "bea", "carl"])
    office.issue("website", "Logo", author="bea", at="2025-05-20 09:00", assignee="worker")
    office.room("general", ["worker", "bea", "carl"], [("bea", "2025-06-02 08:00", "Hello")])
    life = office.life
    life.begins("2025-06-02 09:00")
    life.colleague("bea", minutes=20, unclear="What do you mean?")
    life.answer(
        "bea",
        "callback",
        asked=["call.?back|number on file"],
        needs=["northwind"],
        ask_back="For which supplier?",
        text="It is 555-0100.",
        again="I told you: 555-0100.",
        then=[PutFile(path="Suppliers/note.txt", content=b"called\n")],
    )
    life.answer("bea", "salary", asked="salary", askers=["carl"], refusal="No.", text="100")
    life.colleague("carl", minutes=60, opens="10:00", closes="12:00")
    life.answer("carl", "logo", asked="logo", text="Use the blue one.")
    life.colleague("pat@client.example", minutes=5, greeting="Dear {first},", closing="Pat")
    life.answer("pat@client.example", "offer", asked="offer", text="We take it.")
    new = Issue(
        number=9,
        project="website",
        subject="Late",
        author="bea",
        created=datetime(2025, 6, 2, 11, 30, tzinfo=UTC),
    )
    life.arrives(
        "late ticket",
        OpenIssue(issue=new),
        Say(sender="carl", room="general", text="Lunch?"),
        at="11:30",
    )
    life.arrives(
        "changed mind",
        ChangeIssue(author="bea", number=1, text="Never mind.", status="Rejected"),
        SendMail(sender="bea", to=("worker",), subject="Drop it", text="See the ticket.", after=10),
        mailed="carl",
        says="logo",
    )
    return office


async def at_desk(desk: Sandbox, program: str) -> None:
    """Run a program of the worker, which is one call of a tool."""
    done = await desk.run(["python3", "-c", DESK + program], timeout=120)
    assert done.exit_code == 0, done.text
    await desk.tick()


async def office(desk: Sandbox, *arguments: str) -> dict[str, Any]:
    """What the command `office` answers."""
    told = await desk.run(["office", "--json", *arguments], timeout=120)
    assert told.exit_code == 0, told.text
    return json.loads(told.text)


@asynccontextmanager
async def opened(*services: str) -> AsyncIterator[Sandbox]:
    """A desk in the office of `world`, with these services of it."""
    place = DockerProvider()
    desk = await place.open(new_spec(network="office", services=services))
    try:
        await desk.furnish(world().office())
        await desk.mark()
        yield desk
    finally:
        await desk.close()
        await place.aclose()


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Sandbox]:
    """A desk in an office with all that colleagues use."""
    async with opened("mail", "tracker", "chat", "files") as desk:
        yield desk


@pytest_asyncio.fixture
async def mail_desk() -> AsyncIterator[Sandbox]:
    """A desk in an office with mail, and the drive on which colleagues put files."""
    async with opened("mail", "files") as desk:
        yield desk


async def test_a_day_with_colleagues(desk: Sandbox) -> None:
    assert (await office(desk, "time"))["time"] == "2025-06-02 09:00"

    # A vague question is asked back, a clear one answered; what was not asked is not told.
    await at_desk(desk, "mail('bea@acme.test', 'Please', 'Can you do the call back?')")
    told = await office(desk, "wait", "60")
    assert told == {"time": "2025-06-02 09:23", "arrived": ["mail from Bea Ode: Re: Please"]}
    await at_desk(desk, "mail('bea@acme.test', 'Re: Please', 'For Northwind')")
    told = await office(desk, "wait", "60")
    assert told["arrived"] == ["mail from Bea Ode: Re: Please"]

    # In a room who is named answers; two people's own room needs no name.
    await at_desk(desk, "say('general', 'What is the salary of the boss, Bea?')")
    await at_desk(desk, "tell('carl', 'Which logo?')")
    told = await office(desk, "wait", "30")
    assert told["arrived"] == ["message from Bea Ode in the room general"]
    told = await office(desk, "wait", "--until", "11:20")
    assert told == {"time": "2025-06-02 11:00", "arrived": ["message from Carl Cole in chat"]}

    # Comments reach the author of an issue; events come at their time and after what was said.
    await at_desk(desk, "comment(1, 'Is it the number on file of Northwind?')")
    await at_desk(desk, "mail('carl@acme.test', 'Logo', 'The logo, please', cc='bea@acme.test')")
    arrived = [one for _ in range(4) for one in (await office(desk, "wait", "20"))["arrived"]]
    assert arrived == [
        "issue #1: Bea Ode wrote or changed something",
        "mail from Bea Ode: Drop it",
        "issue #1: Bea Ode wrote or changed something",
        "issue #9 from Bea Ode: Late",
        "message from Carl Cole in the room general",
    ]
    told = await office(desk, "wait", "--until", "2025-06-03 11:00")
    assert told["arrived"] == ["mail from Carl Cole: Re: Logo"]
    assert told["time"] == "2025-06-03 10:06", "an hour of his, of which 54 minutes were today"
    await at_desk(desk, "mail('pat@client.example', 'Offer', 'Our offer')")
    assert (await office(desk, "wait", "10"))["arrived"] == [
        "mail from pat@client.example: Re: Offer"
    ]

    # What was said last is heard, though nobody answers any more.
    last = "mail('carl@acme.test', 'Bye', 'The logo is done')"
    assert (await desk.run(["python3", "-c", DESK + last], timeout=120)).exit_code == 0
    found = await desk.collect([])
    end = unpack_office(found.files)
    assert end is not None
    assert end.happenings[-1].kind == "heard"
    assert end.happenings[-1].text.strip() == "The logo is done"
    answered = [(one.who, one.topic, one.kind) for one in end.happenings if one.topic]
    assert answered == [
        ("bea", "callback", "asked back"),
        ("bea", "callback", "answered"),
        ("bea", "salary", "refused"),
        ("carl", "logo", "answered"),
        ("", "changed mind", "arrived"),
        ("bea", "callback", "answered"),
        ("", "late ticket", "arrived"),
        ("carl", "logo", "answered"),
        ("pat@client.example", "offer", "answered"),
    ]
    assert all(isinstance(one, Happening) for one in end.happenings)
    by_hand = [mail.text for mail in end.mails if mail.sender == "pat@client.example"]
    assert by_hand == ["Dear Wim,\n\nWe take it.\n\nPat\n"]
    assert any(file.path == "Suppliers/note.txt" for file in end.files)
    written = {write.path.rpartition("/")[0] for write in found.writes}
    assert written == {
        "office:mail/bea/INBOX",
        "office:mail/carl/INBOX",
        "office:mail/pat@client.example/INBOX",
        "office:chat/general/worker",
        "office:chat/carl+worker/worker",
        "office:chat",
        "office:tracker/issues",
    }, "what colleagues and events did is no write of the worker's"


async def test_a_colleagues_mail_that_the_worker_deletes_is_a_write(mail_desk: Sandbox) -> None:
    await at_desk(
        mail_desk, "mail('bea@acme.test', 'Hi', 'What is the number on file of Northwind?')"
    )
    assert (await office(mail_desk, "wait", "60"))["arrived"]
    delete = """
import imaplib
box = imaplib.IMAP4_SSL("mail.acme.test")
box.login("worker", "desk-4711-pw")
box.select("INBOX")
for number in box.search(None, "SUBJECT", "Re:")[1][0].split():
    box.store(number, "+FLAGS", "\\\\Deleted")
box.expunge()
"""
    await at_desk(mail_desk, delete)
    deleted = [one.path for one in (await mail_desk.collect([])).writes if one.change == "deleted"]
    assert len(deleted) == 1
    assert deleted[0].startswith("office:mail/worker/INBOX/")


async def test_whatever_a_worker_sends_time_goes_on(mail_desk: Sandbox) -> None:
    await at_desk(
        mail_desk,
        """
with smtplib.SMTP("mail.acme.test", 587) as server:
    server.starttls(context=ssl.create_default_context())
    server.login("worker", "desk-4711-pw")
    for head in ("Message-ID: <", "From: \\"", "From: a@[", "To: <", "To: :;@", "References: <@"):
        text = f"{head}\\nSubject: Northwind\\n\\nWhat is the number on file of Northwind?\\n"
        server.sendmail("worker@acme.test", ["bea@acme.test"], text)
""",
    )
    for minutes in ("10000000000", "1441"):
        refused = await mail_desk.run(["office", "wait", minutes])
        assert refused.exit_code != 0
        assert "from 1 to 1440" in refused.text
    assert (await office(mail_desk, "wait", "60"))["arrived"]
    assert unpack_office((await mail_desk.collect([])).files)


async def test_what_cannot_be_waited_is_told(mail_desk: Sandbox) -> None:
    wrong = {
        ("wait", "0"): "from 1 to 1440",
        ("wait", "--until", "soon"): "does not match format",
        ("wait", "9999"): "from 1 to 1440",
        ("wait",): "say how long",
    }
    for arguments, why in wrong.items():
        told = await mail_desk.run(["office", *arguments])
        assert told.exit_code != 0
        assert why in told.text
        assert "Traceback" not in told.text
    assert (await office(mail_desk, "time"))["time"] == "2025-06-02 09:00"
