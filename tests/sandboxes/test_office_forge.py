"""Colleagues at the forge: they hear and answer on pull requests."""

from __future__ import annotations

import json

import pytest
from offsite.records.office import CommentPull, unpack_office
from offsite.sandboxes import Sandbox
from offsite.sandboxes.docker import DockerProvider
from offsite.tasks import OfficeWorld

from .conftest import new_spec

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(900)]

PULL = "https://forge.acme.test/api/0/site/pull-request"
CURL = "curl -sS --fail-with-body -u worker:desk-4711-pw"


def world() -> OfficeWorld:
    """Bea has asked for a change, and knows why; Carl looks in."""
    office = OfficeWorld()
    office.person("worker", "Wim Worker", password="desk-4711-pw")
    office.person("bea", "Bea Ode", password="bea-0815-pw")
    office.person("carl", "Carl Cole", password="carl-1234-pw")
    forge = office.forge
    forge.repository("site", owner="carl", members=["worker"])
    forge.commit("site", "Begin", {"page.txt": "one\n"}, author="carl", at="2025-05-01 09:00")
    forge.commit(
        "site",
        "Count on",
        {"page.txt": "one\ntwo\n"},
        branch="count",
        author="bea",
        at="2025-05-28 09:00",
    )
    forge.pull("site", "Count on", author="bea", source="count", at="2025-05-28 10:00")
    life = office.life
    life.begins("2025-06-02 09:00")
    life.colleague("bea", minutes=20)
    life.answer("bea", "how far", asked="how far", text="Up to **two**.")
    life.colleague("carl", minutes=5)
    life.answer("carl", "leave", asked="may i merge", text="You may, {first}.")
    life.arrives(
        "reminder",
        CommentPull(author="carl", repository="site", number=1, text="Is it done?"),
        at="11:00",
    )
    return office


async def at_desk(desk: Sandbox, command: str) -> None:
    """One call of a tool."""
    done = await desk.run(command, timeout=120)
    assert done.exit_code == 0, done.text
    await desk.tick()


async def wait(desk: Sandbox, *arguments: str) -> list[str]:
    """The time, and what arrives when waited for."""
    told = json.loads((await desk.run(["office", "--json", "wait", *arguments])).text)
    return [told["time"], *told["arrived"]]


async def test_colleagues_answer_on_pull_requests() -> None:
    place = DockerProvider()
    desk = await place.open(new_spec(network="office", services=("forge",)))
    try:
        await desk.furnish(world().office())
        await desk.mark()
        # Who asked for the change hears every comment, others what names them.
        await at_desk(desk, f"{CURL} -d comment='How far does it count?' {PULL}/1/comment")
        assert await wait(desk, "60") == [
            "2025-06-02 09:22", "pull request #1 of site: Bea Ode wrote",
        ]  # fmt: skip
        await at_desk(desk, f"{CURL} -d comment='May I merge, @carl?' {PULL}/1/comment")
        assert (await wait(desk, "60"))[1:] == ["pull request #1 of site: Carl Cole wrote"]
        # A merge takes its time, too.
        before = (await wait(desk, "--full", "1"))[0]
        await at_desk(desk, f"{CURL} -d wait=true {PULL}/1/merge")
        assert (before, await wait(desk, "--full", "1")) == (
            "2025-06-02 09:30",
            ["2025-06-02 09:34"],
        )
        assert await wait(desk, "--until", "12:00") == [
            "2025-06-02 11:00", "pull request #1 of site: Carl Cole wrote",
        ]  # fmt: skip
        found = await desk.collect([])
    finally:
        await desk.close()
        await place.aclose()
    office = unpack_office(found.files)
    assert office is not None
    (pull,) = office.repositories[0].pulls
    assert [(one.author, one.text) for one in pull.comments] == [
        ("worker", "How far does it count?"),
        ("bea", "Up to **two**."),
        ("worker", "May I merge, @carl?"),
        ("carl", "You may, Wim."),
        ("carl", "Is it done?"),
    ]
    assert (pull.status, pull.closed_by) == ("Merged", "worker")
    answered = [(one.who, one.topic) for one in office.happenings if one.kind == "answered"]
    assert answered == [("bea", "how far"), ("carl", "leave")]


async def test_what_colleagues_say_is_no_write() -> None:
    place = DockerProvider()
    desk = await place.open(new_spec(network="office", services=("forge",)))
    try:
        await desk.furnish(world().office())
        await desk.mark()
        assert (await wait(desk, "--until", "12:00"))[0] == "2025-06-02 11:00"
        assert not (await desk.collect([])).writes
    finally:
        await desk.close()
        await place.aclose()
