"""A task in an office, done through the desk's browser alone, from its folder to the verdict."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser_desk import find_ref
from offsite.records.office import read_office
from offsite.records.store import find_runs
from offsite.records.trajectory import read_trajectory, screen_path
from paths import OFFSITE
from scripted_server import Answering, Call, Turn, report, scripted_server

FILES = {
    "../../suite.toml": 'version = "1"\ndescription = "An office"\nseeds = [3]\n',
    "task.toml": """
title = "Pass on a word"
soc = "43-4051"
outputs = ["answer.txt"]
allowed_writes = ["office:tracker/issues/1", "office:chat/bob+worker/worker/**"]

[human]
minutes = 5
source = "made for the tests"
sigma = 0.5

[environment]
image = "desk-browser"
services = ["calendar", "tracker", "chat"]
""",
    "instruction.md": "Do what Bob wrote you (login worker, password desk-4711-pw).\n",
    "world.py": """
from offsite.tasks import World


def build(seed):
    word = f"blue-{7000 + seed}"
    world = World(truth={"word": word})
    office = world.office
    for login in ("worker", "bob"):
        office.person(login, login.title() + " Ode", password="desk-4711-pw")
    office.mail("bob", "worker", "A word", f"The word is\\n{word}\\nSet issue 1 to In Progress.",
                at="2025-06-02 09:00")
    office.project("website", "Website", members=["worker", "bob"])
    office.issue("website", "The word is missing", author="bob", at="2025-05-20 09:00")
    office.direct("bob", "worker", [("bob", "2025-06-02 09:05", "Tell me when you know it.")])
    return world
""",
    "solution.py": "def solve():\n    return {}\n",
    "wrong.py": "CAUGHT_BY = {}\n",
    "grade.py": """
from offsite.records.office import read_office
from offsite.tasks.grading import check


def grade(evidence, truth):
    office = read_office(evidence)
    (issue,), (room,) = office.issues, office.rooms
    comments = [one.text for one in issue.comments]
    told = [one.text for one in room.messages if one.sender == "worker"]
    return [
        check("status", issue.status == "In Progress", expected="In Progress", found=issue.status),
        check("comment", truth["word"] in comments, expected=truth["word"], found=comments),
        check("told", told == [truth["word"]], expected=truth["word"], found=told),
    ]
""",
}

TOOLS = ("open", "snapshot", "click", "type", "select", "wait")


def call(tool: str, **arguments: Any) -> Call:
    return Call(f"browser_{tool}", arguments)


def shown(body: dict[str, Any]) -> str:
    """What the tools have answered since the model last spoke."""
    answers: list[str] = []
    for message in reversed(body["messages"]):
        if message["role"] != "tool":
            break
        answers.insert(0, str(message["content"]))
    return "\n".join(answers)


def seeing(*made: Callable[[str], Call]) -> Answering:
    """A turn with calls that depend on what was shown."""
    return lambda body: Turn(calls=tuple(one(shown(body)) for one in made))


def at(what: str, tool: str, **arguments: Any) -> Callable[[str], Call]:
    """A call for the first element with this in its line."""
    return lambda text: call(tool, ref=find_ref(text, what), **arguments)


def always(tool: str, **arguments: Any) -> Callable[[str], Call]:
    return lambda _: call(tool, **arguments)


def sign_in(login: str, *then: Callable[[str], Call]) -> Answering:
    return seeing(
        at(f'textbox "{login}', "type", text="worker"),
        at('textbox "Password', "type", text="desk-4711-pw", submit=True),
        *then,
        always("snapshot"),
    )


def turns() -> list[Turn | Answering]:
    """A worker that reads the mail, and knows the word from there alone."""
    known: dict[str, str] = {}

    def read(text: str) -> Call:
        match = re.search(r"The word is ⏎ (blue-\d+) ⏎ Set issue 1", text)
        assert match, text
        known["word"] = match[1]
        return call("open", url="tracker.acme.test/issues/1")

    def write(what: str, *, submit: bool) -> Callable[[str], Call]:
        def typed(text: str) -> Call:
            return at(what, "type", text=known["word"], submit=submit)(text)

        return typed

    def open_page(name: str, text: str) -> Turn:
        page = call("open", url=f"https://{name}.acme.test")
        return Turn(calls=(page, call("wait", text=text), call("snapshot")))

    return [
        open_page("portal", "Mail"),
        seeing(at('link "Mail', "click"), always("wait", text="Username"), always("snapshot")),
        sign_in("Username", always("wait", text="A word")),
        seeing(
            at('button "A word"', "click"),
            always("wait", text="The word is"),
            always("snapshot"),
        ),
        seeing(read, always("wait", text="Login"), always("snapshot")),
        sign_in("Login"),
        seeing(
            at('link "Edit"', "click"),
            always("snapshot", find='combobox "Status'),
            always("snapshot", find="textbox [active]"),
            always("snapshot", find='button "Submit"'),
        ),
        seeing(
            write("textbox [active]", submit=False),
            at('combobox "Status', "select", values=["In Progress"]),
            always("wait", seconds=1),
            at('button "Submit"', "click"),
            always("wait", text="Successful update"),
        ),
        open_page("chat", "Username"),
        sign_in("Username", always("wait", text="Bob Ode"), always("wait", seconds=1)),
        seeing(at('link "B Bob Ode', "click"), always("snapshot")),
        seeing(
            write('textbox "Send a message', submit=True),
            always("wait", seconds=2),
            always("snapshot"),
        ),
        report(),
    ]


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_mail_tracker_and_chat_through_the_browser_alone(tmp_path: Path) -> None:
    folder = tmp_path / "suites" / "browsing" / "clerical" / "pass-on"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    words = (
        "run",
        "browsing",
        "--suites",
        folder.parents[2],
        "--sandbox",
        "docker",
        "--seeds",
        "3",
    )
    model = ("-a", "worker", "-m", "openai:gpt-5-mini", "--results", tmp_path / "results")
    async with scripted_server() as server:
        server.script("Do what Bob wrote", turns())
        env = {**os.environ, "OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "sk-test"}
        done = await run([str(OFFSITE), *map(str, words), *map(str, model)], env)
        assert server.left("Do what Bob wrote") == 0, done
    (store,) = find_runs(tmp_path / "results")
    (record,) = store.trials()
    assert record.delegable, (record.message, record.verdict, done)

    trial = store.folder / "trials" / record.plan.id
    events = list(read_trajectory(trial / "trajectory.jsonl"))
    seen = [event for event in events if event.type == "observation" and event.screen]
    used = [event for event in events if event.type == "tool_call"]
    assert len(seen) == len([one for one in used if one.tool.startswith("browser_")]) > 25
    assert {one.tool for one in used} - {"report"} == {f"browser_{x}" for x in TOOLS}
    screens = {screen_path(trial, event.screen) for event in seen if event.screen}
    assert len(screens) > 10
    assert all(screen.read_bytes().startswith(b"\xff\xd8\xff") for screen in screens)

    office = read_office(store.evidence(record.plan.id))
    assert office is not None
    (mail,) = office.mails
    assert "\\Seen" in mail.flags
    assert [one.author for one in office.issues[0].comments] == ["worker"]
    assert [one.sender for one in office.rooms[0].messages] == ["bob", "worker"]


async def run(command: list[str], env: dict[str, str]) -> str:
    """What a command says, while the server in this process answers it."""
    process = await asyncio.create_subprocess_exec(
        *command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return said.decode()
