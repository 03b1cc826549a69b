"""What only the docker provider does."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import io
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from offsite.records.instance import File
from offsite.sandboxes import DeskSpec, EngineUnavailable, SandboxError
from offsite.sandboxes.docker import DockerProvider

from .conftest import new_spec

pytestmark = pytest.mark.docker


@pytest_asyncio.fixture
async def place() -> AsyncIterator[DockerProvider]:
    place = DockerProvider()
    yield place
    await place.aclose()


def engine(*arguments: str) -> str:
    """What the `docker` command says."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def containers(spec: DeskSpec) -> list[str]:
    return engine("ps", "-aq", "--filter", f"label=offsite.trial={spec.trial}").split()


async def test_how_a_desk_is_fenced(place: DockerProvider) -> None:
    spec = new_spec(memory_mb=300, cpus=0.5, pids=77)
    desk = await place.open(spec)
    try:
        (container,) = containers(spec)
        wanted = (
            "{{json .Config.Labels}} {{.HostConfig.NetworkMode}} {{.HostConfig.Memory}} "
            "{{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}} "
            "{{.HostConfig.LogConfig.Type}} {{.HostConfig.SecurityOpt}} {{.HostConfig.Privileged}}"
        )
        limits = await desk.run("ulimit -Hc; ulimit -Hf")
        assert limits.text.split() == ["0", str(8 * 1024**2)]
        labels, *fence = engine("inspect", "-f", wanted, container).rsplit(" ", 8)
        memory = str(300 * 1024 * 1024)
        assert fence == [
            "none", memory, memory, "500000000", "77", "none", "[no-new-privileges]", "false",
        ]  # fmt: skip
        for name, value in (("", "1"), (".run", spec.run), (".trial", spec.trial)):
            assert f'"offsite{name}":"{value}"' in labels
        assert f'"offsite.owner":"{spec.owner}"' in labels
    finally:
        await desk.close()


async def test_root_is_there_for_the_harness_only(place: DockerProvider) -> None:
    desk = await place.open(new_spec())
    try:
        made = await desk.run("echo secret > /etc/s; chmod 600 /etc/s; id -u", user="root")
        assert made.output == b"0\n"
        assert (await desk.run("cat /etc/s")).exit_code == 1
        with pytest.raises(PermissionError):
            await desk.read("/etc/s")
        await desk.mark()
        await desk.shell("ln -s /etc/s stolen; ln /etc/s hard; mkdir d; ln -s /etc d/e")
        collected = await desk.collect(["**"])
        assert not collected.files
    finally:
        await desk.close()


async def test_the_worker_cannot_reach_the_daemon(place: DockerProvider) -> None:
    desk = await place.open(new_spec())
    try:
        for attack in (
            "kill -9 1",
            "kill -STOP 1",
            "cat /proc/1/environ /proc/1/mem",
            "echo x > /proc/1/fd/0",
            "echo 'touch /tmp/owned' > /run/offsite/command",
            "rm -rf /run/offsite; mv /run/offsite /tmp",
            'python3 -c \'import socket; s = socket.socket(1, 1); s.connect("\\0offsite"); '
            's.send(b"x" * 99); exit(1 if not s.recv(9) else 0)\'',
            "echo 1000 > /proc/1/oom_score_adj",
            "renice 19 1",
        ):
            assert (await desk.shell(attack, timeout=10)).exit_code != 0, attack
        assert (await desk.shell("echo ok")).output == b"ok\n"
    finally:
        await desk.close()


@pytest.mark.parametrize("how", ["shell", "run"])
async def test_eating_all_memory_ends_the_command_only(place: DockerProvider, how: str) -> None:
    desk = await place.open(new_spec(memory_mb=64))
    try:
        await desk.shell("X=kept")
        call = desk.shell if how == "shell" else desk.run
        result = await call("python3 -c 'x = bytearray(10**9)'; echo $?", timeout=30)
        assert b"137" in result.output
        many = "for i in $(seq 9); do python3 -c 'x = bytearray(2 * 10**7); input()' < <(sleep 9) & done"
        await call(f"{many}; sleep 1", timeout=3)
        assert (await desk.shell("echo $X")).exit_code == 0
        await desk.shell("head -c 200000000 /dev/zero > /dev/shm/fill", timeout=20)
        assert (await desk.shell("rm -f /dev/shm/fill; echo ok")).output.endswith(b"ok\n")
    finally:
        await desk.close()


EMPTY_FILES = "cd /dev/shm; python3 -c 'for n in range(10**7): open(str(n), \"w\")'"
SHARED_MEMORY = """python3 -c '
import ctypes
c = ctypes.CDLL(None)
c.shmat.restype = ctypes.c_void_p
for _ in range(2 * 64):
    id = c.shmget(0, 2**20, 0o1600)
    ctypes.memset(c.shmat(id, None, 0), 1, 2**20)
    c.shmdt(ctypes.c_void_p(c.shmat(id, None, 0)))
'"""
MESSAGES = """python3 -c '
import ctypes
c = ctypes.CDLL(None)
while c.semget(0, 250, 0o1600) >= 0: pass
while (queue := c.msgget(0, 0o1600)) >= 0:
    while c.msgsnd(queue, (ctypes.c_long * 1025)(1), 8192, 0o4000) == 0: pass
'"""


@pytest.mark.parametrize("attack", [EMPTY_FILES, SHARED_MEMORY, MESSAGES])
async def test_memory_that_no_process_holds_never_ends_the_desk(
    place: DockerProvider, attack: str
) -> None:
    desk = await place.open(new_spec(memory_mb=64))
    try:
        await desk.mark()
        for _ in range(2):
            await desk.run(attack, timeout=60)
        assert (await desk.shell("echo ok")).output == b"ok\n"
        await desk.collect([])
    finally:
        await desk.close()


async def test_a_desk_whose_memory_was_full_says_so(place: DockerProvider) -> None:
    spec = new_spec(memory_mb=64)
    desk = await place.open(spec)
    try:
        await desk.run("python3 -c 'x = bytearray(10**9)'")
        engine("kill", *containers(spec))
        with pytest.raises(SandboxError, match="container ended: its memory was full"):
            await desk.run("true")
    finally:
        await desk.close()


async def test_hundreds_of_busy_processes_leave_the_desk_responsive(place: DockerProvider) -> None:
    desk = await place.open(new_spec(cpus=0.5))
    try:
        await desk.shell("for i in $(seq 100); do (while :; do :; done) & done")
        result = await desk.shell("echo ok", timeout=20)
        assert result.output == b"ok\n"
    finally:
        await desk.close()


HARNESS = """
import asyncio, sys
from offsite.records.instance import File
from offsite.sandboxes import DeskSpec, provider

async def main():
    place = provider("docker")
    desk = await place.open(DeskSpec(run="tests", trial=sys.argv[1], owner=sys.argv[2]))
    await desk.write({"before": File(b"1")})
    await desk.mark()
    await desk.shell("cd /tmp; X=kept; echo 2 > ~/made")
    print("ready", flush=True)
    big = {f"big{n}": File(bytes(4_000_000)) for n in range(1000)}
    await asyncio.gather(desk.shell("sleep 0.5; yes | head -c 9000000"), desk.write(big))

asyncio.run(main())
"""


async def test_a_desk_outlives_its_harness_and_is_found_again(place: DockerProvider) -> None:
    spec = new_spec()
    harness = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HARNESS, spec.trial, spec.owner, stdout=subprocess.PIPE
    )
    try:
        assert harness.stdout is not None
        assert await harness.stdout.readline() == b"ready\n"
        await asyncio.sleep(0.05)
        os.kill(harness.pid, signal.SIGKILL)
        await harness.wait()
        desk = await place.reattach(spec)
        assert desk is not None
        assert (await desk.shell("echo $X; pwd")).output == b"kept\n/tmp\n"
        await desk.run("rm -f big*")
        content = bytes(range(256)) * 20_000
        await desk.write({"after": File(content)})
        assert await desk.read("after") == content
        collected = await desk.collect(["made"])
        assert {write.path for write in collected.writes} == {"made", "after"}
        again = await place.reattach(spec)
        assert again is not None
        assert (await again.run("cat made")).output == b"2\n"
        await desk.close()
        assert not containers(spec)
        with pytest.raises(SandboxError):
            await again.run("true")
    finally:
        if harness.returncode is None:
            harness.kill()
        for container in containers(spec):
            engine("rm", "-fv", container)


async def test_transfers_overlap_after_reattaching(place: DockerProvider) -> None:
    spec = new_spec()
    desk = await place.open(spec)
    try:
        again = await place.reattach(spec)
        assert again is not None
        content = bytes(range(256)) * 16_000
        await again.write({f"{n}": File(content) for n in range(8)})
        writes = [again.write({f"{n}.new": File(content)}) for n in range(8)]
        async with asyncio.timeout(60):
            read = await asyncio.gather(*(again.read(f"{n}") for n in range(8)), *writes)
        assert read[:8] == [content] * 8
    finally:
        await desk.close()


async def test_a_desk_that_does_not_answer_is_not_reattached_but_removed(
    place: DockerProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = new_spec()
    desk = await place.open(spec)
    try:
        monkeypatch.setattr("offsite.sandboxes.docker.ADDRESS", "elsewhere")
        assert await place.reattach(spec) is None
        assert not containers(spec)
    finally:
        await desk.close()


def through_tls(place: DockerProvider, config: dict[str, object]) -> tuple[str, io.BytesIO]:
    """What an engine does whose streams are encrypted."""
    return START(place, config)[0], io.BytesIO()


START = DockerProvider._start  # pyright: ignore[reportPrivateUsage]


async def test_no_way_out_of_open_leaves_a_container(
    place: DockerProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = new_spec()
    for delay in (0.01, 0.05, 0.1, 0.2):
        opening = asyncio.create_task(place.open(spec))
        for _ in range(3):
            await asyncio.sleep(delay)
            opening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await (await opening).close()  # it was open before it was cancelled
        assert opening.cancelled() or delay > 0.05
        assert not containers(spec)
    broken = asyncio.create_task(place.open(replace(spec, image="base")))
    await asyncio.sleep(0.02)
    broken.cancel()
    with pytest.raises(asyncio.CancelledError):
        await broken
    monkeypatch.setattr(DockerProvider, "_start", through_tls)
    with pytest.raises(EngineUnavailable, match="TLS"):
        await place.open(spec)
    assert not containers(spec)


async def test_another_machines_desk_is_none_of_our_leftovers(
    place: DockerProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = new_spec()
    desk = await place.open(spec)
    try:
        assert spec.trial in {one.trial for one in await place.leftovers()}
        for module in ("docker", "labels"):
            monkeypatch.setattr(f"offsite.sandboxes.{module}.host", lambda: "another")
        assert spec.trial not in {one.trial for one in await place.leftovers()}
        assert await place.reattach(spec) is None
    finally:
        await desk.close()


async def test_there_is_nothing_to_reattach(place: DockerProvider) -> None:
    assert await place.reattach(new_spec()) is None
    spec = new_spec()
    desk = await place.open(spec)
    try:
        engine("kill", *containers(spec))
        await asyncio.sleep(0.2)
        assert await place.reattach(spec) is None
        assert await place.reattach(replace(spec, owner="/elsewhere")) is None
    finally:
        await desk.close()
    assert not containers(spec)


async def test_a_container_that_dies_is_a_sandbox_error(place: DockerProvider) -> None:
    spec = new_spec()
    desk = await place.open(spec)
    try:
        waiting = asyncio.create_task(desk.shell("sleep 100", timeout=100))
        await asyncio.sleep(0.1)
        engine("kill", *containers(spec))
        with pytest.raises(SandboxError, match="container ended"):
            await waiting
    finally:
        await desk.close()


async def test_a_full_disk_is_the_workers_own_only_after_the_mark(place: DockerProvider) -> None:
    desk = await place.open(new_spec(memory_mb=64))
    try:
        await desk.run("fallocate -l 16M /dev/shm/x")
        with pytest.raises(SandboxError, match="no room for its instance: No space left"):
            await desk.write({"/dev/shm/full": File(bytes(1_000_000))})
        await desk.mark()
        with pytest.raises(OSError, match="No space left") as caught:
            await desk.write({"/dev/shm/full": File(bytes(1_000_000))})
        assert caught.value.errno == errno.ENOSPC
        await desk.collect([])
    finally:
        await desk.close()


async def test_an_image_that_is_not_there(place: DockerProvider) -> None:
    with pytest.raises(SandboxError, match="no-such-image"):
        await place.open(replace(new_spec(), image="no-such-image:1"))


@pytest.mark.parametrize(
    ("named", "mend"),
    [(True, "unset DOCKER_HOST"), (False, "to get one: ")],
    ids=["named", "usual"],
)
async def test_no_engine(monkeypatch: pytest.MonkeyPatch, named: bool, mend: str) -> None:
    nowhere = "unix:///nowhere/docker.sock"
    if named:
        monkeypatch.setenv("DOCKER_HOST", nowhere)
    else:
        monkeypatch.delenv("DOCKER_HOST", raising=False)
        monkeypatch.setattr("offsite.sandboxes.engine.engine_address", lambda: nowhere)
    place = DockerProvider()
    with pytest.raises(EngineUnavailable, match=mend) as caught:
        await place.prepare("desk")
    assert "\n" not in str(caught.value)
    await place.aclose()


async def test_a_worker_that_leaves_no_room_for_processes(place: DockerProvider) -> None:
    desk = await place.open(new_spec(pids=40))
    try:
        await desk.shell("for i in $(seq 60); do sleep 1000 & done 2>/dev/null", timeout=3)
        assert (await desk.run("true")).exit_code in (0, 126, 254)
        await desk.shell("kill -9 $$", timeout=3)
        assert (await desk.shell("true", timeout=3)).exit_code in (0, 126)
        await desk.collect([])
        assert (await desk.run("echo room")).output == b"room\n"
        assert (await desk.shell("echo room")).output == b"room\n"
    finally:
        await desk.close()


async def test_an_image_without_python(place: DockerProvider) -> None:
    spec = replace(new_spec(), image="base")
    with pytest.raises(SandboxError, match='"python3": executable file not found'):
        await place.open(spec)
    assert not containers(spec)
