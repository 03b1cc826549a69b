"""What the desk in an office asks of it, and what it makes of the answers; without an engine."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from offsite.records.evidence import Evidence
from offsite.records.office import Office, Person, SharedFile, read_office
from offsite.sandboxes.office import OfficeDesk
from offsite.sandboxes.protocol import Collected, Result


class Answering:
    """An office that gives one answer, and keeps what it was asked."""

    def __init__(self, output: bytes, exit_code: int = 0) -> None:
        self.answer = Result(output=output, exit_code=exit_code, seconds=0.0)
        self.asked: list[Sequence[str]] = []
        self.told: list[bytes] = []
        self.channel = SimpleNamespace(lost=print)

    async def run(self, command: Sequence[str], **more: Any) -> Result:
        self.asked.append(command)
        self.told.append(more.get("stdin", b""))
        await asyncio.sleep(0)
        return self.answer

    async def close(self) -> None:
        """Nothing to close."""


def desk(office: Answering) -> OfficeDesk:
    return OfficeDesk(cast(Any, Answering(b"")), cast(Any, office))


@pytest.mark.parametrize(
    ("kept", "exit_code", "lives"),
    [
        (b"null", 0, False),
        (b'{"start": "2025-06-02T09:00:00Z"}', 0, True),
        (b"cat: none", 1, False),
    ],
)
async def test_a_desk_that_is_taken_up_passes_time_only_where_there_is_any(
    kept: bytes, exit_code: int, lives: bool
) -> None:
    office = Answering(kept, exit_code)
    found = desk(office)
    await found.take_up()
    assert found.lives is lives
    office.answer = Result(output=b"HTTP/1.0 200 OK\r\n\r\n{}", exit_code=0, seconds=0.0)
    await found.tick()
    assert len(office.asked) == 1 + lives


async def test_what_is_no_unicode_does_not_cost_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person(login="bob", name="Bob", password="bob-4711")
    plain: Mapping[str, Any] = Office(
        people=(person,), files=(SharedFile(path="a", content=b"x"),)
    ).model_dump(mode="json")
    broken = {**plain, "files": [{**plain["files"][0], "path": "a\udcff"}]}
    said = json.dumps({"start": plain, "end": broken, "acts": [{"do": "say", "id": "\udcff"}]})

    async def nothing(*_: Any, **__: Any) -> Collected:
        return Collected(writes=(), files={}, left_out={})

    monkeypatch.setattr("offsite.sandboxes.channel.ChannelSandbox.collect", nothing)
    collected = await desk(Answering(said.encode())).collect(())
    assert [write.path for write in collected.writes] == ["office:files/a", "office:files/a?"]
    end = read_office(Evidence(instance="i", report=None, writes=(), files=collected.files))
    assert end is not None
    assert [one.path for one in end.files] == ["a?"]


async def test_a_player_that_fails_without_a_word_is_told_of_nevertheless() -> None:
    question = json.dumps({"question": {"number": 7}}).encode()
    office = Answering(b"HTTP/1.0 200 OK\r\n\r\n" + question)

    async def late(_: Mapping[str, Any]) -> Mapping[str, Any]:
        raise TimeoutError

    found = desk(office)
    found.lives = True
    await found.play(late)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5):
            while not any(b"number" in one for one in office.told):
                await asyncio.sleep(0.01)
    await found.close()
    said = json.loads(next(one for one in office.told if b"number" in one))
    assert said == {"number": 7, "topics": [], "text": "", "error": "TimeoutError"}
