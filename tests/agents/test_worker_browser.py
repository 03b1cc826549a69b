"""A worker that does its job through the desk's browser alone, led by a scripted model."""

from __future__ import annotations

import base64
import json
import re
import uuid
import zipfile
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
from agent_trial import Trial, new_trial
from browser_desk import IMAGE, URL, browse, find_ref, serve_site
from offsite.records.trajectory import screen_path
from offsite.sandboxes import DeskSpec, provider
from scripted_server import Call, ScriptedServer, Turn, report

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(1200)]

TOOLS = {
    f"browser_{action}"
    for action in (
        [
            "open",
            "snapshot",
            "click",
            "type",
            "select",
            "press",
            "upload",
            "download",
            "tabs",
            "back",
            "screenshot",
            "wait",
        ]
    )
}


@pytest.fixture
async def trial(tmp_path: Path) -> AsyncGenerator[Trial]:
    """A trial at a desk with a browser and the test site."""
    place = provider("docker")
    await place.prepare(IMAGE)
    spec = DeskSpec(run="agents", trial=uuid.uuid4().hex, owner=str(tmp_path), image=IMAGE)
    desk = await place.open(spec)
    await serve_site(desk)
    yield new_trial("alpha", tmp_path / "alpha", desk, wall_seconds=600)
    await desk.close()
    await place.aclose()


def use(tool: str, **arguments: Any) -> Turn:
    """A turn with one browser call."""
    return Turn(calls=(Call(f"browser_{tool}", arguments),))


async def refs(trial: Trial, page: str, *wanted: str) -> list[str]:
    """References as the worker will find them: the site gives the same page the same ones."""
    await browse(trial.desk.sandbox, f"open {URL}{page}")
    shown = await browse(trial.desk.sandbox, "snapshot")
    await trial.desk.sandbox.run("pkill -9 -f 'driver.[p]y'; rm -rf /var/lib/browser/profile")
    return [find_ref(shown, one) for one in wanted]


async def test_a_job_through_the_browser_alone(server: ScriptedServer, trial: Trial):
    name, size, order = await refs(trial, "/form", "textbox", "combobox", "Order")
    server.script(
        "alpha",
        [
            Turn(
                calls=(
                    Call("browser_open", {"url": f"{URL}/form"}),
                    Call("browser_snapshot", {}),
                )
            ),
            use("type", ref=name, text="Ann"),
            use("select", ref=size, values=["Large"]),
            use("click", ref="e999"),
            use("click", ref=order),
            use("screenshot"),
            use("open"),
            report(),
        ],
    )
    assert await trial.work()
    assert "Ann|l|" in await browse(trial.desk.sandbox, "snapshot")

    first, *_, last = server.requests["alpha"]
    tools = {tool["function"]["name"]: tool["function"] for tool in first["tools"]}
    assert set(tools) >= TOOLS
    assert "Your desk has a browser" in first["messages"][0]["content"]
    assert tools["browser_click"]["parameters"]["required"] == ["ref"]

    calls = [event.tool for event in trial.events("tool_call")]
    seen = trial.events("observation")
    assert calls[:2] == ["browser_open", "browser_snapshot"]
    assert f"[ref={name}]" in seen[1].text
    assert [event.error for event in seen] == [False] * 4 + [True] + [False] * 2 + [True, False]
    assert "take a new snapshot" in seen[4].text
    assert "page: Thanks" in seen[5].text
    assert "do not fit browser_open" in seen[7].text

    screens = [event.screen for event in seen[:7]]
    assert all(screens)
    files = sorted((trial.folder / "screens").iterdir())
    assert files == sorted({screen_path(trial.folder, screen) for screen in screens})
    assert len(files) < len(screens)  # what looks the same is kept once
    assert all(file.read_bytes().startswith(b"\xff\xd8\xff") for file in files)

    pictures = [m for m in last["messages"] if m["role"] == "user" and "image_url" in json.dumps(m)]
    (picture,) = pictures
    url = picture["content"][-1]["image_url"]["url"]
    shown = base64.b64decode(re.sub("^data:image/jpeg;base64,", "", url))
    assert shown == screen_path(trial.folder, screens[6]).read_bytes()


async def test_a_model_without_eyes_and_a_trace(server: ScriptedServer, trial: Trial):
    server.script("alpha", [use("open", url=f"{URL}/second"), use("screenshot"), report()])
    assert await trial.work(images=False, browser_trace=True)
    tools = {tool["function"]["name"] for tool in server.requests["alpha"][0]["tools"]}
    assert tools >= TOOLS - {"browser_screenshot"}
    assert "browser_screenshot" not in tools
    assert "there is no tool 'browser_screenshot'" in trial.events("observation")[1].text
    with zipfile.ZipFile(trial.folder / "browser-trace.zip") as trace:
        assert any(name.endswith(".trace") for name in trace.namelist())


async def test_a_browser_that_dies_is_no_failure_of_the_trial(server: ScriptedServer, trial: Trial):
    kill: Callable[[str], Turn] = lambda what: Turn(  # noqa: E731
        calls=(Call("shell", {"command": f"pkill -9 -f '{what}'; sleep 0.5"}),)
    )
    page = use("open", url=f"{URL}/second")
    server.script(
        "alpha",
        [page, kill("remote-debugging-[p]ipe"), page, kill("driver.[p]y"), page, report()],
    )
    assert await trial.work()
    opened = [event.text for event in trial.events("observation") if "opened" in event.text]
    assert ["was started again" in text for text in opened] == [False, True, True]


async def test_whatever_stands_in_for_the_driver_is_answered(server: ScriptedServer, trial: Trial):
    fake = (
        "rm -f /var/lib/browser/socket; chmod 700 /var/lib/browser; mkdir /var/lib/browser/socket"
    )
    server.script(
        "alpha",
        [Turn(calls=(Call("shell", {"command": fake}),)), use("snapshot"), report()],
    )
    assert await trial.work()
    assert "the browser gave no answer" in trial.events("observation")[1].text
