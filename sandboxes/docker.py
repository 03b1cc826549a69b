"""The `docker` provider: every desk a container whose first process is the daemon.

A desk costs the engine four calls: create, attach, start, remove. The attached stream is opened
before the start and carries everything; nothing of it is logged to disk.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from .channel import CAPABILITIES, Channel, ChannelSandbox, Settings, program
from .engine import connect, engine_address
from .images import PARENTS, ensure_image
from .office import SETTINGS as OFFICE_SETTINGS
from .office import OfficeDesk, all_services, boot, desk_container, office_container
from .protocol import DeskSpec, EngineUnavailable, Leftover, Sandbox, SandboxError

if TYPE_CHECKING:
    from docker import DockerClient

T = TypeVar("T")

LABEL = "offsite"
ADDRESS = "offsite"
NETWORKS = {"none": "none", "office": "none", "open": "bridge"}

RELAY = """\
import os, _socket, select
desk = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
desk.connect("\\0%s")
ways = {0: desk.fileno(), desk.fileno(): 1}
poll = select.poll()
for fd in ways:
    poll.register(fd, select.POLLIN)
while True:
    for fd, _ in poll.poll():
        data = memoryview(os.read(fd, 1 << 18))
        if not data:
            raise SystemExit
        while data:
            data = data[os.write(ways[fd], data):]
"""
"""Joins a later harness to the daemon of a desk that still lives."""


class DockerProvider:
    """Desks in containers of the Docker engine."""

    name = "docker"

    def __init__(self) -> None:
        self._client: DockerClient | None = None
        self._images: dict[str, str] = {}
        self._turn = asyncio.Lock()
        self._threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="docker")

    async def prepare(self, image: str) -> str:
        """See `Provider.prepare`; a name that is none of Offsite's is one that the engine knows."""
        async with self._turn:
            if image not in self._images:
                self._images[image] = await self._in_thread(partial(self._find_image, image))
            return self._images[image]

    async def open(self, spec: DeskSpec) -> Sandbox:
        """See `Provider.open`."""
        config = _config(spec, await self.prepare(spec.image))
        if spec.services:
            return await self._open_with_office(config, all_services(spec.services))
        return (await self._open(config, Settings(address=ADDRESS)))[0]

    async def _open(
        self, config: Mapping[str, Any], settings: Settings
    ) -> tuple[ChannelSandbox, str]:
        """A container with the daemon in it, and the container's id."""
        starting = asyncio.ensure_future(self._in_thread(partial(self._start, config)))
        try:
            container, attached = await asyncio.shield(starting)
        except asyncio.CancelledError:  # the thread goes on, and what it makes must go
            container, attached = await starting
            attached.close()
            await self._remove(container)
            raise
        sandbox = await _join(attached, partial(self._remove, container))
        try:
            await sandbox.channel.begin(settings)
        except BaseException:
            await asyncio.shield(sandbox.close())
            raise
        return sandbox, container

    async def _open_with_office(
        self, config: Mapping[str, Any], services: Sequence[str]
    ) -> ChannelSandbox:
        image = await self.prepare("office")
        office, container = await self._open(
            _part(office_container(config, image, services), "office"), OFFICE_SETTINGS
        )
        booting = asyncio.ensure_future(boot(office, services))
        opened: ChannelSandbox = office
        try:
            desk, _ = await self._open(desk_container(config, container), Settings(address=ADDRESS))
            opened = OfficeDesk(desk, office)
            await opened.trust()
            await booting
        except BaseException:
            booting.cancel()
            await asyncio.shield(opened.close())
            raise
        return opened

    async def reattach(self, spec: DeskSpec) -> Sandbox | None:
        """See `Provider.reattach`."""
        desk = await self._reattach(spec, "desk", ADDRESS)
        if desk is None or not spec.services:
            return desk
        office = await self._reattach(spec, "office", OFFICE_SETTINGS.address)
        if office is None:
            await desk.close()
            return None
        return OfficeDesk(desk, office)

    async def _reattach(self, spec: DeskSpec, part: str, address: str) -> ChannelSandbox | None:
        labels = {**_labels(spec), f"{LABEL}.part": part}
        wanted = [f"{name}={value}" for name, value in labels.items()]
        found = await self._in_thread(
            lambda: self._api.containers(filters={"label": wanted, "status": "running"})
        )
        if not found:
            return None
        container = found[0]["Id"]
        try:
            attached = await self._in_thread(partial(self._relay, container, address))
            sandbox = await _join(attached, partial(self._remove, container))
            await sandbox.channel.call("hello", {})
        except SandboxError:
            return None
        return sandbox

    async def leftovers(self) -> Sequence[Leftover]:
        """See `Provider.leftovers`; what another machine made with this engine is its own."""
        found = await self._in_thread(
            lambda: self._api.containers(
                all=True, filters={"label": [f"{LABEL}=1", f"{LABEL}.host={_host()}"]}
            )
        )
        return [
            Leftover(
                kind="container",
                id=container["Id"],
                run=container["Labels"].get(f"{LABEL}.run", ""),
                trial=container["Labels"].get(f"{LABEL}.trial", ""),
                owner=container["Labels"].get(f"{LABEL}.owner", ""),
            )
            for container in found
        ]

    async def remove(self, leftover: Leftover) -> None:
        """See `Provider.remove`."""
        await self._remove(leftover.id)

    async def aclose(self) -> None:
        """See `Provider.aclose`."""
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

    def _find_image(self, image: str) -> str:
        if image in PARENTS:
            return ensure_image(image)
        return cast(str, self._api.inspect_image(image)["Id"])

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

    async def _remove(self, container: str) -> None:
        def remove() -> None:
            from docker.errors import APIError

            try:
                self._api.remove_container(container, force=True, v=True)
            except APIError as error:
                if error.status_code not in (404, 409):  # gone, or going by another's hand
                    raise

        await self._in_thread(remove)


class _Attached(asyncio.Protocol):
    """Takes the engine's stream apart: each piece has a type, three zeros and a length."""

    def __init__(self) -> None:
        self.pending = bytearray()
        self.channel = Channel(self.send)
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        pending = self.pending
        pending += data
        while len(pending) >= 8:
            kind, size = struct.unpack_from("!BxxxI", pending)
            if len(pending) < 8 + size:
                return
            piece = bytes(pending[8 : 8 + size])
            del pending[: 8 + size]
            if kind == 2:
                self.channel.complain(piece)
            else:
                self.channel.feed(piece)

    def connection_lost(self, exc: Exception | None) -> None:
        self.channel.lost("the desk's container ended")

    def send(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)


async def _join(attached: Any, remove: Callable[[], Any]) -> ChannelSandbox:
    """A sandbox over the engine's hijacked connection."""
    if not isinstance(attached, socket.SocketIO):
        raise EngineUnavailable(
            f"the engine at {engine_address()} is reached through TLS or SSH, which carries no "
            "desk; forward its socket and name that: export DOCKER_HOST=unix:///PATH"
        )
    stream = socket.socket(fileno=os.dup(attached.fileno()))
    attached.close()
    stream.setblocking(False)
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_connection(_Attached, sock=stream)

    async def close() -> None:
        transport.abort()
        await remove()

    return ChannelSandbox(protocol.channel, close)


def _labels(spec: DeskSpec) -> dict[str, str]:
    return {
        LABEL: "1",
        f"{LABEL}.run": spec.run,
        f"{LABEL}.trial": spec.trial,
        f"{LABEL}.owner": spec.owner,
        f"{LABEL}.host": _host(),
    }


@cache
def _host() -> str:
    """This machine among those that share an engine: a folder of a run is one machine's."""
    try:
        name = Path("/etc/machine-id").read_text(encoding="utf-8").strip()
    except OSError:
        name = ""
    return hashlib.sha256((name or socket.gethostname()).encode()).hexdigest()[:16]


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
        "Labels": {**_labels(spec), f"{LABEL}.part": "desk"},
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
            "ShmSize": memory // 4,  # what lies there counts as memory, and nothing can reclaim it
            "Tmpfs": {Settings().state: "size=64m,mode=0755"},  # every command passes through it
            "NanoCpus": int(spec.cpus * 1e9),
            "PidsLimit": spec.pids,
            # The daemon is process 1 and reaps; many engines have no init to lend.
            "Init": False,
        },
    }


def _part(config: Mapping[str, Any], part: str) -> dict[str, Any]:
    return {**config, "Labels": {**config["Labels"], f"{LABEL}.part": part}}


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
        self, *, filters: Mapping[str, Any], all: bool = ...
    ) -> Sequence[Mapping[str, Any]]: ...
    def inspect_image(self, image: str) -> Mapping[str, Any]: ...
    def exec_create(
        self, container: str, cmd: Sequence[str], *, stdin: bool, user: str
    ) -> Mapping[str, Any]: ...
    def exec_start(self, exec_id: str, *, socket: bool) -> Any: ...
