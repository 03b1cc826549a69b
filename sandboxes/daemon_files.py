"""The daemon's part that deals with files: write, read, mark, list what changed, bring it.

Sent to the desk beside `daemon.py` and compiled there when first needed. What the worker left is
hostile: links are never followed, only regular files opened, and every list and sum has a limit.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from .daemon_changes import NO_LINK, Mark, find_changes, open_safely
from .daemon_requests import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    Answer = tuple[dict[str, Any], "Iterator[bytes]"]

PART = 256 * 1024
MAX_READ = 256 * 1024**2


def handle(daemon: Any, header: dict[str, Any], blob: bytes) -> Answer:
    """Do one operation; the answer's header, and what is to be sent before it."""
    operation = header["op"]
    if operation == "write":
        with daemon.worker:
            write(daemon.worker.home, header["files"], blob, laying=daemon.marked is None)
        return {}, iter(())
    if operation == "read":
        with daemon.worker:
            return {}, iter((read(daemon.worker.home, header["path"], header["limit"]),))
    if operation == "mark":
        daemon.marked = Mark(daemon.worker.home, daemon.settings["scratch"])
        return {"entries": len(daemon.marked.entries)}, iter(())
    if operation == "finish":
        start = daemon.marked or Mark("", [])
        listing = find_changes(
            daemon.worker.home, daemon.settings["scratch"], start, header["limit"]
        )
        return {}, iter((to_json(listing).encode(),))
    if operation == "bring":
        return bring(daemon.worker.home, header["paths"], header["limit"])
    raise OSError(f"unknown operation {operation}")


def write(home: str, files: list[dict[str, Any]], blob: bytes, *, laying: bool) -> None:
    """Write files as whoever this process is now.

    `laying` is true while the instance is laid out, before the mark: then every file gets its mode,
    and the common time if it has none of its own. Later a file that was there keeps its mode, and
    the time is the present, as when a person saves it.
    """
    start = 0
    for file in files:
        data = blob[start : start + file["size"]]
        start += file["size"]
        target = real_target(home, file["path"])
        os.makedirs(os.path.dirname(target), exist_ok=True)
        new = not os.path.lexists(target)
        if not new and not stat.S_ISREG(os.lstat(target).st_mode):
            if os.path.isdir(target):
                raise IsADirectoryError(21, f"{file['path']}: is a folder")
            raise PermissionError(1, f"{file['path']}: is not a regular file")
        flags = os.O_APPEND if file["more"] else os.O_TRUNC
        fd = os.open(target, os.O_WRONLY | os.O_CREAT | flags | NO_LINK, 0o600 if new else 0)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(fd, rest) :]
            if new or laying:
                os.fchmod(fd, file["mode"])
            if file["mtime"] is not None or laying:
                seconds = file["mtime"] if file["mtime"] is not None else file["fixed"]
                os.utime(fd, (seconds, seconds))
        finally:
            os.close(fd)


def real_target(home: str, path: str) -> str:
    """Where a path leads; what is named inside the home must also lie there."""
    named = os.path.normpath(os.path.join(home, path))
    real = os.path.realpath(named)
    inside = os.path.realpath(home) + "/"
    if f"{named}/".startswith(f"{home}/") and not f"{real}/".startswith(inside):
        raise PermissionError(1, f"{path}: a symbolic link leads out of the home")
    return real


def read(home: str, path: str, limit: int | None) -> bytes:
    """A regular file's content, as whoever this process is now."""
    fd = os.open(os.path.join(home, path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(fd)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(21, f"{path}: is a folder")
        if not stat.S_ISREG(found.st_mode):
            raise PermissionError(1, f"{path}: is not a regular file")
        if limit is None and found.st_size > MAX_READ:
            raise OSError(27, f"{path}: {found.st_size} bytes are too many to read at once")
        return read_all(fd, MAX_READ if limit is None else limit)
    finally:
        os.close(fd)


def read_all(fd: int, limit: int) -> bytes:
    parts: list[bytes] = []
    while limit > 0 and (data := os.read(fd, min(limit, 1 << 20))):
        parts.append(data)
        limit -= len(data)
    return b"".join(parts)


def bring(home: str, paths: list[str], limit: int) -> Answer:
    """The content of files, in this order, while it fits; the answer tells sizes and reasons."""
    sizes: dict[str, int] = {}
    left_out: dict[str, str] = {}

    def parts() -> Iterator[bytes]:
        room = limit
        for path in paths:
            try:
                fd = open_safely(home, path)
            except OSError as error:
                left_out[path] = error.strerror or "cannot be read"
                continue
            try:
                size = os.fstat(fd).st_size
                if size > room:
                    left_out[path] = f"{size} bytes are more than the limit leaves"
                    continue
                sizes[path] = 0
                while sizes[path] < size:
                    data = os.read(fd, min(PART, size - sizes[path]))
                    if not data:
                        break
                    sizes[path] += len(data)
                    yield data
                room -= size
            finally:
                os.close(fd)

    return {"sizes": sizes, "left_out": left_out}, parts()
