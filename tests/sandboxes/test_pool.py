"""Spare offices: one waits for the next trial, is taken once, and never outlives its run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from offsite.records.store import is_held
from offsite.runner.leftovers import remove_leftovers
from offsite.sandboxes import DeskSpec, SandboxError
from offsite.sandboxes.docker import DockerProvider

from .conftest import new_spec
from .office_world import small_office

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(900)]

MAIL = ("mail",)


@pytest_asyncio.fixture
async def place() -> AsyncIterator[DockerProvider]:
    place = DockerProvider()
    await place.prepare("office")
    yield place
    await place.aclose()


@pytest.fixture
def run() -> str:
    """A run of the test's own."""
    return uuid.uuid4().hex


def spec_of(run: str, then: tuple[str, ...] = MAIL) -> DeskSpec:
    return new_spec(run=run, network="office", services=MAIL, then=then)


def said(*command: str) -> str:
    """What a program on this machine prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def offices(run: str) -> dict[str, str]:
    """Ids of a run's offices, each with the trial that is in it."""
    listed = said("docker", "ps", "-aq", "--no-trunc", "--filter", f"label=offsite.run={run}")
    if not listed:
        return {}
    found = json.loads(said("docker", "inspect", *listed.split()))
    trials = {
        one["HostConfig"]["NetworkMode"].partition(":")[2]: one["Config"]["Labels"]["offsite.trial"]
        for one in found
    }
    return {
        one["Id"]: trials.get(one["Id"], "")
        for one in found
        if one["Config"]["Labels"]["offsite.part"] == "office"
    }


async def spare_of(run: str) -> str:
    """The spare office of a run, once it runs."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for container, trial in offices(run).items():
            if not trial:
                return container
        await asyncio.sleep(0.05)
    raise AssertionError("no spare office came up")


async def test_each_office_serves_one_trial_and_a_spare_one_is_taken(
    run: str, place: DockerProvider
) -> None:
    first, second = spec_of(run), spec_of(run, then=())
    desk = await place.open(first)
    spare = await spare_of(run)
    await desk.furnish(small_office().office())
    await desk.close()
    assert list(offices(run)) == [spare], "an office ends with its trial"
    desk = await place.open(second)
    assert offices(run) == {spare: second.trial}, "the spare one is taken, and none follows"
    try:
        await desk.furnish(small_office().office())
        await desk.mark()
        left = {one.id: one.trial for one in await place.leftovers() if one.run == run}
        assert set(left.values()) == {second.trial}, "it counts as its trial's"
        other = DockerProvider()
        again = await other.reattach(second)
        assert again is not None
        assert (await again.run("grep -c acme.test /etc/hosts")).exit_code == 0
        await again.collect([])
        await again.close()
        await other.aclose()
    finally:
        await desk.close()
    assert not offices(run)


async def test_what_waits_is_of_the_kind_that_comes_next(run: str, place: DockerProvider) -> None:
    desks = [await place.open(spec_of(run, then=("mail", "files")))]
    files = await spare_of(run)
    desks.append(await place.open(spec_of(run)))
    assert files not in offices(run).values(), "of another kind: not taken"
    for desk in desks:
        await desk.close()
    spare = await spare_of(run)
    assert list(offices(run)) == [spare], "one at a time"
    assert spare != files
    await place.aclose()
    assert not offices(run)


async def test_a_spare_office_that_died_is_not_given_out(run: str, place: DockerProvider) -> None:
    desk = await place.open(spec_of(run))
    spare = await spare_of(run)
    said("docker", "kill", spare)
    await desk.close()
    desk = await place.open(spec_of(run, then=()))
    assert spare not in offices(run)
    await desk.close()
    assert not offices(run)


async def test_being_cancelled_while_it_is_taken_leaves_nothing(
    run: str, place: DockerProvider
) -> None:
    for wait in (0.0, 0.01, 0.2, 0.6):
        desk = await place.open(spec_of(run))
        taking = asyncio.ensure_future(place.open(spec_of(run)))
        await asyncio.sleep(wait)
        taking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await (await taking).close()  # it was there sooner
        await desk.close()
    await place.aclose()
    assert not offices(run)


async def test_the_runs_end_removes_its_spare_office(run: str, place: DockerProvider) -> None:
    spec = spec_of(run)
    desk = await place.open(spec)
    spare = await spare_of(run)
    await desk.close()
    assert is_held(Path(spec.owner))
    await remove_leftovers(place)
    assert list(offices(run)) == [spare], "its run lives"
    ours = [one for one in await place.leftovers() if one.run == run]
    assert [(one.id, one.trial, one.owner) for one in ours] == [(spare, "", spec.owner)]
    await place.remove(ours[0])
    assert not offices(run)
    assert not [one for one in await place.leftovers() if one.run == run]


KILLED = """
import asyncio, fcntl, sys
from pathlib import Path
from offsite.sandboxes import DeskSpec
from offsite.sandboxes.docker import DockerProvider

async def go(owner, run):
    place = DockerProvider()
    spec = DeskSpec(run=run, trial="t", owner=owner, network="office", services=("mail",), then=("mail",))
    await place.open(spec)
    print("open", flush=True)
    await asyncio.sleep(600)

lock = Path(sys.argv[1], "lock").open("w")
fcntl.flock(lock, fcntl.LOCK_EX)
asyncio.run(go(*sys.argv[1:]))
"""


async def test_killed_its_spare_office_is_the_next_starts_to_remove(
    run: str, place: DockerProvider, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(tmp_path), run, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"open\n"
    await spare_of(run)
    process.kill()
    await process.wait()
    await remove_leftovers(place, owner=str(tmp_path), keep_trials={"t"})
    assert list(offices(run).values()) == ["t"], "the trial can go on in its office"
    await remove_leftovers(place)
    assert not offices(run)


async def test_an_office_that_cannot_be_is_told_before_anything_opens(
    run: str,
    place: DockerProvider,
) -> None:
    with pytest.raises(SandboxError, match="no service 'fax'"):
        await place.open(spec_of(run, then=("fax",)))
    assert not offices(run)
