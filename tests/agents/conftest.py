"""What the tests of the agents share: a scripted provider, and trials at a desk."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from agent_trial import Trial, new_trial
from offsite.records.store import RunStore
from offsite.sandboxes import DeskSpec, Sandbox, provider
from scripted_server import ScriptedServer, scripted_server


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[ScriptedServer]:
    """A model provider that follows a script, where `openai:` models are looked for."""
    async with scripted_server() as scripted:
        monkeypatch.setenv("OPENAI_BASE_URL", scripted.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        yield scripted


@pytest.fixture(autouse=True)
def held(tmp_path: Path) -> Generator[None]:
    """Hold the folder as a run's, lest a run on this machine takes the desks for leftovers."""
    with RunStore(tmp_path).lock():
        yield


@pytest.fixture
async def trial(tmp_path: Path) -> AsyncGenerator[Callable[..., Awaitable[Trial]]]:
    """Makes a trial at a local desk; the same key again is a later attempt at the living desk."""
    place = provider("local", unsafe=True)
    desks: dict[str, Sandbox] = {}

    async def make(key: str = "alpha", **limits: Any) -> Trial:
        if key not in desks:
            spec = DeskSpec(run="agents", trial=uuid.uuid4().hex, owner=str(tmp_path))
            desks[key] = await place.open(spec)
        return new_trial(key, tmp_path / key, desks[key], **limits)

    yield make
    for desk in desks.values():
        await desk.close()
    await place.aclose()
