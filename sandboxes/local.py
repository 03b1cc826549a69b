"""The `local` provider: desks on this machine with no engine, each in a jail of bubblewrap's.

The programs are the host's. A jail keeps a worker from seeing and changing anything but its desk;
it is no defence against a hostile kernel exploit, and its limits are each process's own: memory
(writable, per process), file size, and the number of processes. Its scratch folders are memory,
too, and limited together. A desk ends with the process that
opened it, so none can be reattached.

Where an ordinary user opens desks, the daemon in the jail has the worker's user id. Its memory,
descriptors and signals are out of the worker's reach, but the kernel lets a worker lower the
daemon's resource limits (`prlimit`) and its priority, and do as it likes with the files that the
shell reads, in `/run/offsite`, whose writes are not listed. With `prlimit` it can end its own desk,
which counts as a failure of the sandbox; it gains nothing else. Root's jails and containers have
two user ids and no such way.

Unsafe desks are plain processes with a folder as home: the worker can do whatever the user can.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from .channel import BOOTSTRAP, Channel, ChannelSandbox, Settings
from .jail import DESK, PATH, UID, jail_command
from .local_folder import Folder, all_folders
from .protocol import DeskSpec, EngineUnavailable, Leftover, Sandbox

FILE_BYTES = 8 * 1024**3
END_SECONDS = 10.0
ROOTS_PROCESSES = 4096
"""Where root opens desks, the kernel counts the processes of all of them together."""

LIMITS = """\
import resource as _r
for _n, _v in {limits!r}.items():
    _n = getattr(_r, "RLIMIT_" + _n)
    _h = _r.getrlimit(_n)[1]
    _v = _v if _h < 0 else min(_v, _h)
    _r.setrlimit(_n, (_v, _v))
"""


class LocalProvider:
    """Desks on this machine."""

    name = "local"

    def __init__(self, *, unsafe: bool = False) -> None:
        """`unsafe` makes plain processes where there is no jail."""
        self._unsafe = unsafe
        self._jailed: bool | None = None

    async def prepare(self, image: str) -> str:
        """See `Provider.prepare`; the digest is a line that says what the desk's programs are."""
        if image != "desk":
            raise EngineUnavailable(
                f"the local sandbox has no image {image!r}, only 'desk'; to use it: --sandbox docker"
            )
        if self._jailed is None:
            problem = await asyncio.to_thread(jail_problem)
            if problem and not self._unsafe:
                raise EngineUnavailable(problem)
            self._jailed = problem is None
        kind = "jail" if self._jailed else "unjailed"
        return f"local {kind}, {_system()}, Python {platform.python_version()}"

    async def open(self, spec: DeskSpec) -> Sandbox:
        """See `Provider.open`."""
        await self.prepare(spec.image)
        if spec.network != "none":
            raise EngineUnavailable(
                f"the local sandbox has no network {spec.network!r}; to have it: --sandbox docker"
            )
        folder = Folder.make(spec, UID if self._jailed and os.geteuid() == 0 else None)
        if self._jailed:
            jail = jail_command(folder.home, Path(spec.owner), memory_mb=spec.memory_mb)
            command = [*jail, *_daemon(f"{DESK}/bin/python3", spec, jailed=True)]
            settings = Settings(uid=UID, gid=UID, env={**Settings().env, "PATH": PATH})
        else:
            command = _daemon(sys.executable, spec, jailed=False)
            settings = _plain_settings(folder)
        return await _start(command, settings, folder)

    async def reattach(self, spec: DeskSpec) -> Sandbox | None:
        """None: a local desk ends with the process that opened it."""
        del spec
        return None

    async def leftovers(self) -> Sequence[Leftover]:
        """See `Provider.leftovers`."""
        return [
            Leftover(kind="folder", id=str(folder.path), run=run, trial=trial, owner=owner)
            for folder in all_folders()
            for run, trial, owner in [folder.label()]
        ]

    async def remove(self, leftover: Leftover) -> None:
        """See `Provider.remove`."""
        await asyncio.to_thread(Folder(Path(leftover.id)).remove)

    async def aclose(self) -> None:
        """Nothing is held."""


def jail_problem() -> str | None:
    """Why no jail can be made here, with the command that mends it; None where one was made."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed; to get it: sudo apt-get install bubblewrap"
    with tempfile.TemporaryDirectory(prefix="offsite-jail-") as home:
        command = [*jail_command(Path(home)), f"{DESK}/bin/python3", "-I", "-S", "-c", "print(1)"]
        try:
            ended = subprocess.run(command, capture_output=True, timeout=20, env={}, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"bubblewrap does not run ({error}); to do without a jail: --unsafe-local"
    if ended.returncode == 0:
        return None
    said = ended.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
    return f"bubblewrap cannot make a jail ({said[-1]}); {_permission()}"


def _permission() -> str:
    for switch, value in {
        "kernel/apparmor_restrict_unprivileged_userns": "0",
        "kernel/unprivileged_userns_clone": "1",
    }.items():
        file = Path("/proc/sys", switch)
        if os.geteuid() != 0 and file.exists() and file.read_text().strip() != value:
            return f"to allow it: sudo sysctl -w {switch.replace('/', '.')}={value}"
    return "to do without a jail: --unsafe-local"


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        return platform.system()


def _daemon(python: str, spec: DeskSpec, *, jailed: bool) -> list[str]:
    limits = {"CORE": 0, "DATA": spec.memory_mb * 1024**2, "FSIZE": FILE_BYTES}
    if jailed:
        as_root = os.geteuid() == 0
        limits["NPROC"] = max(ROOTS_PROCESSES, spec.pids) if as_root else spec.pids
    return [python, "-I", "-S", "-E", "-c", LIMITS.format(limits=limits) + BOOTSTRAP]


def _plain_settings(folder: Folder) -> Settings:
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
    return Settings(
        uid=os.geteuid(),
        gid=os.getegid(),
        home=str(folder.home),
        state=str(folder.path / "state"),
        scratch=(),
        env={**Settings().env, "HOME": str(folder.home), "PATH": path},
    )


async def _start(command: Sequence[str], settings: Settings, folder: Folder) -> ChannelSandbox:
    """Start the daemon with this command and join its streams."""
    stream, daemons = socket.socketpair()
    try:
        process = _spawn(command, daemons, folder)
    except BaseException:
        stream.close()
        folder.remove()
        raise
    streams = _Streams(folder)

    async def close() -> None:
        streams.close()
        stream.close()
        await asyncio.to_thread(_end, process, folder)

    try:
        stream.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: streams, sock=stream)
        await streams.channel.begin(settings)
    except BaseException:
        await asyncio.shield(close())
        raise
    return ChannelSandbox(streams.channel, close)


def _spawn(
    command: Sequence[str], stream: socket.socket, folder: Folder
) -> subprocess.Popen[bytes]:
    """The daemon on this stream. It inherits none of our environment, where keys may be."""
    with stream, folder.complaints.open("wb") as complaints:
        end = stream.fileno()
        environment = {"LANG": "C.UTF-8"}
        return subprocess.Popen(
            command, stdin=end, stdout=end, stderr=complaints, env=environment, cwd="/"
        )


def _end(process: subprocess.Popen[bytes], folder: Folder) -> None:
    """Wait for the daemon: when its harness leaves, it ends all at the desk and then itself."""
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    folder.remove()


class _Streams(asyncio.Protocol):
    """Joins the daemon's stream to a channel."""

    def __init__(self, folder: Folder) -> None:
        self.channel = Channel(self.send)
        self.folder = folder
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.channel.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:
        with contextlib.suppress(OSError):
            self.channel.complain(self.folder.complaints.read_bytes()[-4096:])
        self.channel.lost("the desk's process ended")

    def send(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)

    def close(self) -> None:
        if self.transport is not None:
            self.transport.abort()
