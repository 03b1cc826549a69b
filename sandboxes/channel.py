"""The host's end of a desk: frames over a pair of byte streams, and a sandbox made of them.

A provider starts `program()` inside the desk and joins the streams: what the daemon writes goes to
`Channel.feed`, what it complains on standard error to `Channel.complain`, its end to
`Channel.lost`; and `send` takes bytes to its standard input. Everything else is here.

A frame is two big-endian 32-bit lengths, an object and bytes. A request has `id` and `op`; an
answer has the same `id`, and `more` where another frame of it follows. Requests may overlap.
Requests are in `marshal`, which costs the daemon nothing to load; answers, which are not to be
trusted so far, in JSON.
"""

from __future__ import annotations

import asyncio
import errno
import json
import marshal
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files as package_files
from typing import Any, NoReturn

import pathspec

from ..records.evidence import Write
from ..records.instance import FIXED_MTIME, File
from ..records.office import Office
from .protocol import HOME, OUTPUT_CAP, Collected, Player, Result, SandboxError

MODULES = ("daemon_processes", "daemon_requests", "daemon_shell", "daemon")
LATER = ("daemon_changes", "daemon_files")
"""Compiled at the desk when first needed."""

BOOTSTRAP = """\
import os, sys
def take(n):
    data = b""
    while len(data) < n:
        part = os.read(0, n - len(data))
        if not part: sys.exit("the harness left")
        data += part
    return data
sys.modules["desk"] = type(sys)("desk")
for _ in range(int(take(8))):
    name = take(int(take(8))).decode()
    module = sys.modules["desk." + name] = type(sys)(name)
    module.__package__ = "desk"
    exec(compile(take(int(take(8))), name + ".py", "exec"), module.__dict__)
module.main()
"""
CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID")
"""What the daemon keeps, and what `run(user="root")` has; the worker has none.

It becomes the worker (SETUID, SETGID), and ends and collects whatever the worker left (KILL,
DAC_OVERRIDE); CHOWN and FOWNER make root's commands of use.
"""

BATCH = 4 * 1024 * 1024
MOST = 320 * 1024 * 1024
"""Bytes of one answer; more than the daemon ever sends."""

PATIENCE = 60.0
"""Seconds beyond a command's own limit after which a silent daemon counts as lost."""

FULL = (errno.ENOSPC, errno.EDQUOT)
HEAD = struct.Struct("!II")
ERRORS: dict[str, type[OSError]] = {
    error.__name__: error
    for error in (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)
}


@dataclass(frozen=True)
class Settings:
    """What the daemon is told when it starts.

    Attributes:
        uid, gid: who the worker is; where the daemon may not change its user, its own.
        state: a folder inside the desk which the worker can read and, where the daemon is root,
            not write.
        scratch: absolute folders outside the home whose writes are listed too.
        address: name of the abstract socket at which a later harness finds the daemon; empty for
            none.
    """

    uid: int = 1000
    gid: int = 1000
    home: str = HOME
    state: str = "/run/offsite"
    scratch: tuple[str, ...] = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock")
    address: str = ""
    env: dict[str, str] = field(
        default_factory=lambda: {
            "HOME": HOME,
            "USER": "agent",
            "LOGNAME": "agent",
            "SHELL": "/bin/bash",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "TZ": "UTC",
        }
    )


def program() -> tuple[str, ...]:
    """The command that starts the daemon inside a desk; its source follows on standard input."""
    return ("python3", "-I", "-S", "-E", "-c", BOOTSTRAP)


class Channel:
    """Requests and answers. All methods belong to one event loop."""

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._send = send
        self._last = 0
        self._waiting: dict[int, asyncio.Future[tuple[dict[str, Any], bytes]]] = {}
        self._parts: dict[int, list[bytes]] = {}
        self._pending = bytearray()
        self._complaints = bytearray()
        self._lost: str | None = None

    def feed(self, data: bytes) -> None:
        """Take bytes from the daemon's standard output."""
        pending = self._pending
        pending += data
        while len(pending) >= HEAD.size:
            head, blob = HEAD.unpack_from(pending)
            end = HEAD.size + head + blob
            if end > MOST:
                self._flooded()
            if self._lost is not None or len(pending) < end:
                return
            header = json.loads(pending[HEAD.size : HEAD.size + head])
            self._receive(header, bytes(pending[HEAD.size + head : end]))
            del pending[:end]

    def complain(self, data: bytes) -> None:
        """Take bytes from the daemon's standard error; the last ones go into error messages."""
        self._complaints = (self._complaints + data)[-4096:]

    def lost(self, why: str) -> None:
        """The streams are gone: every request, open or to come, fails with this reason."""
        if self._lost is None:
            self._lost = why
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(self._failure())
        self._waiting.clear()

    async def begin(self, settings: Settings, *, timeout: float = PATIENCE) -> None:
        """Send the daemon its source and settings, and wait until it is there."""
        self._send(_sources())
        later = marshal.dumps([(name, _source(name)) for name in LATER], 2)
        await self.call("hello", asdict(settings), later, timeout=timeout)

    async def call(
        self, op: str, header: Mapping[str, Any], blob: bytes = b"", *, timeout: float = PATIENCE
    ) -> tuple[dict[str, Any], bytes]:
        """One request and its answer.

        Raises:
            SandboxError: the channel is lost, or the daemon did not answer in `timeout` seconds.
            OSError: what the daemon answered, as the error that it met.
        """
        if self._lost is not None:
            raise self._failure()
        self._last += 1
        id = self._last
        self._waiting[id] = future = asyncio.get_running_loop().create_future()
        self._send(_frame({**header, "id": id, "op": op}, blob))
        try:
            async with asyncio.timeout(timeout):
                answer, content = await future
        except TimeoutError:
            raise SandboxError(f"the desk did not answer for {timeout:g} s{self._said()}") from None
        except asyncio.CancelledError:
            if self._lost is None and op in ("run", "shell"):
                self._send(_frame({"id": 0, "op": "cancel", "of": id}))
            raise
        finally:
            self._waiting.pop(id, None)
            self._parts.pop(id, None)
        if "error" in answer:
            _raise(answer)
        return answer, content

    def _receive(self, header: dict[str, Any], blob: bytes) -> None:
        id = header["id"]
        future = self._waiting.get(id)
        if future is None or future.done():
            return
        if header.get("more"):
            parts = self._parts.setdefault(id, [])
            parts.append(blob)
            if sum(map(len, parts)) > MOST:
                self._flooded()
            return
        if parts := self._parts.pop(id, None):
            blob = b"".join([*parts, blob])
        future.set_result((header, blob))

    def _flooded(self) -> None:
        self._parts.clear()
        self._pending.clear()
        self.lost(f"the desk sent an answer of more than {MOST} bytes")

    def _failure(self) -> SandboxError:
        return SandboxError(f"{self._lost}{self._said()}")

    def _said(self) -> str:
        said = self._complaints.decode(errors="replace").strip()
        return f"; its last words:\n{said}" if said else ""


class ChannelSandbox:
    """A `Sandbox` whose daemon is reached through a channel; `remove` ends what carries it."""

    def __init__(self, channel: Channel, remove: Callable[[], Awaitable[None]]) -> None:
        self.channel = channel
        self._remove = remove
        self._turn = asyncio.Lock()

    async def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60,
        user: str | None = None,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes | None = None,
        cap: int = OUTPUT_CAP,
    ) -> Result:
        """See `Sandbox.run`."""
        if user not in (None, "agent", "root"):
            raise ValueError(f"no user {user!r} at a desk; there are: agent, root")
        request = {
            "argv": ["bash", "-c", command] if isinstance(command, str) else list(command),
            "timeout": timeout,
            "user": user or "agent",
            "cwd": cwd,
            "env": dict(env or {}),
            "stdin": stdin is not None,
            "cap": cap,
        }
        return _result(
            *await self.channel.call("run", request, stdin or b"", timeout=timeout + PATIENCE)
        )

    async def shell(self, command: str, *, timeout: float = 60, cap: int = OUTPUT_CAP) -> Result:
        """See `Sandbox.shell`."""
        request = {"command": command, "timeout": timeout, "cap": cap}
        async with self._turn:
            return _result(*await self.channel.call("shell", request, timeout=timeout + PATIENCE))

    async def read(self, path: str, *, limit: int | None = None) -> bytes:
        """See `Sandbox.read`."""
        return (await self.channel.call("read", {"path": path, "limit": limit}))[1]

    async def write(self, files: Mapping[str, File]) -> None:
        """See `Sandbox.write`."""
        batch: list[dict[str, Any]] = []
        content = bytearray()
        for path, file in files.items():
            for start in range(0, max(1, len(file.content)), BATCH):
                piece = file.content[start : start + BATCH]
                if len(content) + len(piece) > BATCH:
                    await self.channel.call("write", {"files": batch}, bytes(content))
                    batch, content = [], bytearray()
                batch.append(
                    {
                        "path": path,
                        "mode": file.mode,
                        "mtime": file.mtime,
                        "fixed": FIXED_MTIME,
                        "size": len(piece),
                        "more": start > 0,
                    }
                )
                content += piece
        if batch:
            await self.channel.call("write", {"files": batch}, bytes(content))

    async def furnish(self, office: Office) -> None:
        """See `Sandbox.furnish`."""
        del office
        raise SandboxError("there is no office around this desk")

    async def play(self, player: Player) -> None:
        """See `Sandbox.play`."""
        del player

    async def tick(self) -> None:
        """See `Sandbox.tick`."""

    async def mark(self) -> None:
        """See `Sandbox.mark`."""
        await self.channel.call("mark", {}, timeout=10 * PATIENCE)

    async def collect(self, outputs: Sequence[str], *, limit: int = 64 * 1024 * 1024) -> Collected:
        """See `Sandbox.collect`."""
        _, listing = await self._collect("finish", {"limit": limit})
        found = json.loads(listing)
        wanted = pathspec.GitIgnoreSpec.from_lines(f"/{output.lstrip('/')}" for output in outputs)
        paths = [path for path, _ in found["files"] if wanted.match_file(path)]
        listed = set(paths)
        left_out: dict[str, str] = found["left_out"]
        paths += [
            path
            for path, _, _, checksum in found["writes"]
            if checksum is not None and path not in listed
        ]
        answer, content = await self._collect("bring", {"paths": paths, "limit": limit})
        return Collected(
            writes=tuple(
                Write(path=_shown(path), change=change, size=size, sha256=checksum)
                for path, change, size, checksum in sorted(found["writes"])
            ),
            files=_cut(content, answer["sizes"]),
            left_out={_shown(p): why for p, why in {**left_out, **answer["left_out"]}.items()},
        )

    async def _collect(self, op: str, header: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        try:
            return await self.channel.call(op, header, timeout=10 * PATIENCE)
        except OSError as error:  # no path of the caller's is at fault
            raise SandboxError(f"the desk cannot be collected: {error.strerror}") from error

    async def close(self) -> None:
        """See `Sandbox.close`."""
        self.channel.lost("the desk is closed")
        await self._remove()


@cache
def _source(module: str) -> bytes:
    return (package_files("offsite.sandboxes") / f"{module}.py").read_bytes()


@cache
def _sources() -> bytes:
    """What `BOOTSTRAP` reads: how many modules, then of each name and source with their sizes."""
    parts = [part for name in MODULES for part in (name.encode(), _source(name))]
    return b"%08d" % len(MODULES) + b"".join(b"%08d" % len(part) + part for part in parts)


def _frame(header: Mapping[str, Any], blob: bytes = b"") -> bytes:
    text = marshal.dumps(dict(header), 2)  # the version that every Python reads
    return HEAD.pack(len(text), len(blob)) + text + blob


def _result(answer: dict[str, Any], output: bytes) -> Result:
    return Result(
        output=output,
        exit_code=answer["exit_code"],
        seconds=answer["seconds"],
        left_out=answer["left_out"],
        restarted=answer["restarted"],
    )


def _raise(answer: dict[str, Any]) -> NoReturn:
    kind, number = ERRORS.get(answer["error"], OSError), answer.get("errno")
    message = answer["message"]
    if number in FULL and not answer["laid_out"]:
        raise SandboxError(f"the desk has no room for its instance: {message}")
    raise kind(message) if number is None else kind(number, message)


def _cut(content: bytes, sizes: Mapping[str, int]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    start = 0
    for path, size in sizes.items():
        files[_shown(path)] = content[start : start + size]
        start += size
    return files


def _shown(path: str) -> str:
    """A name as text that every format can hold: bytes that are no UTF-8 become `\\xNN`."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
