"""The `docker` provider: every desk a container whose first process is the daemon.

A desk costs the engine four calls: create, attach, start, remove. The attached stream is opened
before the start and carries everything; nothing of it is logged to disk.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from .channel import CAPABILITIES, ChannelSandbox, Settings, program
from .engine import connect, engine_address
from .images import PARENTS, build_apart, built_image
from .labels import LABEL, host, labels
from .office import SETTINGS as OFFICE_SETTINGS
from .office import OfficeDesk, all_services, boot, desk_container, office_container
from .pool import OfficePlan, OpenOffice, Pool
from .protocol import DeskSpec, EngineUnavailable, Leftover, Sandbox, SandboxError
from .stream import join

if TYPE_CHECKING:
    from docker import DockerClient

T = TypeVar("T")

ADDRESS = "offsite"
PART = f"{LABEL}.part"
"""The label that tells a desk's container from its office's."""

INSIDE = "container:"
"""How the network of a desk in an office begins: the office's container follows."""

NETWORKS = {"none": "none", "office": "none", "open": "bridge"}
ENDED = "the desk's container ended"
FILE_BYTES = 8 * 1024**3
SYSCTLS = {
    "kernel.shm_rmid_forced": "1",
    "kernel.sem": "250 8000 32 128",
    "kernel.msgmni": "32",
}
"""System V memory ends with its processes, and little else of its kind can be had.

The kernel frees memory by killing processes. What outlives them would leave it none but the daemon.
"""

RELAY = """\
import os, _socket, _thread
desk = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
desk.connect("\\0%s")
def carry(source, sink):
    try:
        while data := memoryview(os.read(source, 1 << 18)):
            while data:
                data = data[os.write(sink, data):]
    finally:
        os._exit(0)
_thread.start_new_thread(carry, (desk.fileno(), 1))
carry(0, desk.fileno())
"""
"""Joins a later harness to the daemon of a desk that still lives.

Each way has its thread: a way that is full must not keep the other from being emptied.
"""


class DockerProvider:
    """Desks in containers of the Docker engine."""

    name = "docker"

    def __init__(self) -> None:
        self._client: DockerClient | None = None
        self._images: dict[str, str] = {}
        self._turn = asyncio.Lock()
        self._pool = Pool(self._open_office)
        self._opening = 0
        self._threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="docker")

    async def prepare(self, image: str) -> str:
        """See `Provider.prepare`; a name that is none of Offsite's is one that the engine knows."""
        async with self._turn:
            if image not in self._images:
                self._images[image] = await self._find_image(image)
            return self._images[image]

    async def open(self, spec: DeskSpec) -> Sandbox:
        """See `Provider.open`."""
        config = _config(spec, await self.prepare(spec.image))
        office = await self._plan(spec, spec.services)
        then = await self._plan(spec, spec.then)
        self._opening += 1
        try:
            if office:
                desk = await self._open_in_office(config, office)
            else:
                desk, _ = await self._open(config, Settings(address=ADDRESS))
        finally:
            self._opening -= 1
        if not self._opening:  # a spare office must not slow down what is wanted now
            self._pool.expect(then)
        return desk

    async def _open(
        self, config: Mapping[str, Any], settings: Settings
    ) -> tuple[ChannelSandbox, str]:
        """A container with the daemon in it, and the container's id."""
        starting = asyncio.ensure_future(self._in_thread(partial(self._start, config)))
        sandbox = None
        try:
            container, attached = await asyncio.shield(starting)
            sandbox = await self._join(container, attached)
            await sandbox.channel.begin(settings)
        except BaseException:
            await _at_all_costs(sandbox.close() if sandbox else self._discard(starting))
            raise
        return sandbox, container

    async def _open_in_office(self, config: Mapping[str, Any], plan: OfficePlan) -> ChannelSandbox:
        office = await self._pool.take(plan)
        close = office.close
        try:
            inside = desk_container(config, office.container)
            desk, _ = await self._open(inside, Settings(address=ADDRESS))
            opened = OfficeDesk(desk, office.sandbox)
            close = opened.close
            await opened.introduce()
            await office.booting
        except BaseException:
            office.booting.cancel()
            await _at_all_costs(close())
            raise
        return opened

    async def _open_office(self, plan: OfficePlan) -> OpenOffice:
        sandbox, container = await self._open(plan.container, OFFICE_SETTINGS)
        booting = asyncio.ensure_future(boot(sandbox, plan.services))
        booting.add_done_callback(lambda it: it.cancelled() or it.exception())
        return OpenOffice(sandbox, container, booting)

    async def _plan(self, spec: DeskSpec, services: Sequence[str]) -> OfficePlan | None:
        """An office has no trial's label, so that it may stand before its trial is known."""
        if not services:
            return None
        image, needed = await self.prepare("office"), all_services(services)
        config = _config(replace(spec, trial=""), image)
        container = _part(office_container(config, image, needed), "office")
        return OfficePlan(container, needed)

    async def reattach(self, spec: DeskSpec) -> Sandbox | None:
        """See `Provider.reattach`; a desk that does not answer is removed, and its office."""
        wanted = {**_labels(spec), PART: "desk"}
        found = await self._containers([f"{name}={value}" for name, value in wanted.items()])
        running = [container for container in found if container["State"] == "running"]
        if not running:
            return None
        desk = await self._take_up(running[0]["Id"], ADDRESS)
        around = _office_around(running[0])
        office = await self._take_up(around, OFFICE_SETTINGS.address) if around else None
        if desk is None or (around and office is None):
            for part in filter(None, (desk, office)):
                await _at_all_costs(part.close())
            return None
        if office is None:
            return desk
        found = OfficeDesk(desk, office)
        try:
            await found.take_up()
        except BaseException:
            await _at_all_costs(found.close())
            raise
        return found

    async def _take_up(self, container: str, address: str) -> ChannelSandbox | None:
        """What an earlier harness opened; it is removed where it does not answer."""
        sandbox = None
        try:
            attached = await self._in_thread(partial(self._relay, container, address))
            sandbox = await self._join(container, attached)
            await sandbox.channel.call("hello", {})
        except SandboxError:
            await _at_all_costs(sandbox.close() if sandbox else self._remove(container))
            return None
        return sandbox

    async def leftovers(self) -> Sequence[Leftover]:
        """See `Provider.leftovers`; what another machine made with this engine is its own."""
        found = await self._containers([f"{LABEL}=1", f"{LABEL}.host={host()}"])
        trials = {_office_around(one): one["Labels"].get(f"{LABEL}.trial", "") for one in found}
        return [
            Leftover(
                kind="container",
                id=container["Id"],
                run=container["Labels"].get(f"{LABEL}.run", ""),
                trial=container["Labels"].get(f"{LABEL}.trial") or trials.get(container["Id"], ""),
                owner=container["Labels"].get(f"{LABEL}.owner", ""),
            )
            for container in found
        ]

    async def remove(self, leftover: Leftover) -> None:
        """See `Provider.remove`."""
        await self._pool.close(leftover.id)
        await self._remove(leftover.id)

    async def aclose(self) -> None:
        """See `Provider.aclose`."""
        await self._pool.close()
        if self._client is not None:
            self._client.close()
            self._client = None
        self._threads.shutdown(wait=False)

    @property
    def _api(self) -> _Engine:
        if self._client is None:
            self._client = connect()
        return cast("_Engine", self._client.api)

    async def _in_thread(self, call: Callable[[], T]) -> T:
        """One or more calls of the engine, with its errors in our words."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, partial(_translated, call)
        )

    async def _find_image(self, image: str) -> str:
        if image in PARENTS:
            return await self._in_thread(partial(built_image, image)) or await build_apart(image)
        return await self._in_thread(lambda: cast(str, self._api.inspect_image(image)["Id"]))

    async def _containers(self, labels: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        return await self._in_thread(
            lambda: self._api.containers(all=True, filters={"label": labels})
        )

    def _start(self, config: Mapping[str, Any]) -> tuple[str, Any]:
        container: str = self._api.create_container_from_config(config)["Id"]
        streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        try:
            attached = self._api.attach_socket(container, params=streams)
            self._api.start(container)
        except BaseException:
            self._api.remove_container(container, force=True, v=True)
            raise
        return container, attached

    def _relay(self, container: str, address: str) -> Any:
        command = ["python3", "-I", "-S", "-E", "-c", RELAY % address]
        made = self._api.exec_create(container, command, stdin=True, user="root")
        return self._api.exec_start(made["Id"], socket=True)

    async def _join(self, container: str, attached: Any) -> ChannelSandbox:
        return await join(
            attached, partial(self._remove, container), partial(self._why_ended, container)
        )

    async def _discard(self, starting: asyncio.Future[tuple[str, Any]]) -> None:
        """Nobody wants this container: the thread that starts it goes on, and then it must go."""
        container, attached = await starting
        attached.close()
        await self._remove(container)

    async def _why_ended(self, container: str) -> str:
        """What the engine knows of a container whose stream ended; it learns of that a bit later."""
        for _ in range(20):
            try:
                found = await self._in_thread(lambda: self._api.inspect_container(container))
            except SandboxError as error:
                return f"{ENDED} ({error})"
            state = found["State"]
            if not state["Running"]:
                return f"{ENDED}: its memory was full" if state["OOMKilled"] else ENDED
            await asyncio.sleep(0.1)
        return "the stream to the desk's container ended"

    async def _remove(self, container: str) -> None:
        def remove() -> None:
            from docker.errors import APIError

            try:
                self._api.remove_container(container, force=True, v=True)
            except APIError as error:
                if error.status_code not in (404, 409):  # gone, or going by another's hand
                    raise

        await self._in_thread(remove)


async def _at_all_costs(work: Awaitable[None]) -> None:
    """Do this to its end, however often the caller is cancelled.

    What the engine refuses to remove, the next start finds by its label.
    """
    task = asyncio.ensure_future(work)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError, SandboxError):
            await asyncio.shield(task)


def _labels(spec: DeskSpec) -> dict[str, str]:
    return labels(spec.run, spec.trial, spec.owner)


def _office_around(desk: Mapping[str, Any]) -> str:
    """The container in whose network a listed desk stands: its office; empty where it has none."""
    network: str = desk["HostConfig"]["NetworkMode"]
    return network.removeprefix(INSIDE) if network.startswith(INSIDE) else ""


def _part(config: Mapping[str, Any], part: str) -> dict[str, Any]:
    return {**config, "Labels": {**config["Labels"], PART: part}}


def _config(spec: DeskSpec, image: str) -> dict[str, Any]:
    if spec.network not in NETWORKS:
        raise SandboxError(f"the docker provider has no network {spec.network!r} yet")
    memory = spec.memory_mb * 1024 * 1024
    return {
        "Image": image,
        "Entrypoint": [],
        "Cmd": list(program()),
        "User": "root",
        "WorkingDir": "/",
        "Hostname": "desk",
        "Env": ["LANG=C.UTF-8"],
        "Labels": {**_labels(spec), PART: "desk"},
        "Healthcheck": {"Test": ["NONE"]},
        "OpenStdin": True,
        "StdinOnce": False,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": False,
        "HostConfig": {
            "NetworkMode": NETWORKS[spec.network],
            "LogConfig": {"Type": "none"},
            "CapDrop": ["ALL"],
            "CapAdd": list(CAPABILITIES),
            "SecurityOpt": ["no-new-privileges"],
            "Memory": memory,
            "MemorySwap": memory,
            "Tmpfs": {
                Settings().state: "size=64m,mode=0755",  # every command passes through it
                # What lies there is memory that no process holds: bytes and names are counted.
                "/dev/shm": f"size={memory // 4},nr_inodes=4k,mode=1777",
            },
            "Sysctls": SYSCTLS,
            "NanoCpus": int(spec.cpus * 1e9),
            "PidsLimit": spec.pids,
            "Ulimits": [
                {"Name": name, "Soft": most, "Hard": most}
                for name, most in {"core": 0, "fsize": FILE_BYTES}.items()
            ],
            # The daemon is process 1 and reaps; many engines have no init to lend.
            "Init": False,
        },
    }


def _translated(call: Callable[[], T]) -> T:
    from docker.errors import APIError, DockerException
    from requests import RequestException

    try:
        return call()
    except APIError as error:
        said = str(error.explanation or error)
        raise SandboxError(f"the Docker engine refused: {said}") from error
    except (DockerException, RequestException, OSError) as error:
        if isinstance(error, SandboxError):
            raise
        raise EngineUnavailable(
            f"the Docker engine at {engine_address()} does not answer ({error}); "
            "look with: docker info"
        ) from error


class _Engine(Protocol):
    """The calls of the engine's API that are used here; the SDK has no types."""

    def create_container_from_config(self, config: Mapping[str, Any]) -> Mapping[str, Any]: ...
    def attach_socket(self, container: str, params: Mapping[str, int]) -> Any: ...
    def start(self, container: str) -> None: ...
    def remove_container(self, container: str, *, force: bool, v: bool) -> None: ...
    def containers(
        self, *, filters: Mapping[str, Any], all: bool
    ) -> Sequence[Mapping[str, Any]]: ...
    def inspect_image(self, image: str) -> Mapping[str, Any]: ...
    def inspect_container(self, container: str) -> Mapping[str, Any]: ...
    def exec_create(
        self, container: str, cmd: Sequence[str], *, stdin: bool, user: str
    ) -> Mapping[str, Any]: ...
    def exec_start(self, exec_id: str, *, socket: bool) -> Any: ...
