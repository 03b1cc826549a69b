"""Desks of every provider, for the conformance suite."""

from __future__ import annotations

import fcntl
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from offsite.sandboxes import DeskSpec, Provider, Sandbox, provider

PROVIDERS = [pytest.param("docker", marks=pytest.mark.docker), "local"]


OWNER = tempfile.mkdtemp(prefix="offsite-tests-")


@pytest.fixture(scope="session", autouse=True)
def held_owner() -> Iterator[None]:
    """Hold the owner as a run holds its folder: runs at the same time leave our desks alone."""
    with Path(OWNER, "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    Path(OWNER, "lock").unlink()
    Path(OWNER).rmdir()


def new_spec(**more: object) -> DeskSpec:
    """A desk's description that no other test shares."""
    return DeskSpec(**{"run": "tests", "trial": uuid.uuid4().hex, "owner": OWNER, **more})  # type: ignore[arg-type]


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=PROVIDERS)
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    """A provider, its image at hand."""
    place = provider(request.param)
    await place.prepare("desk")
    yield place
    await place.aclose()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared(place: Provider) -> AsyncIterator[Sandbox]:
    """A desk for tests that leave it as it was."""
    desk = await place.open(new_spec())
    yield desk
    await desk.close()


@pytest_asyncio.fixture(loop_scope="module")
async def fresh(place: Provider) -> AsyncIterator[Sandbox]:
    """A desk of the test's own."""
    desk = await place.open(new_spec())
    yield desk
    await desk.close()
