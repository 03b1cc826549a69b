"""The daemon's part that deals with files: write, read, mark, list what changed, bring it.

Sent to the desk beside `daemon.py` and compiled there when first needed. What the worker left is
hostile: links are never followed, only regular files opened, and every list and sum has a limit.
"""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, Any

from .daemon_requests import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    Answer = tuple[dict[str, Any], "Iterator[bytes]"]
    Entry = tuple[int, int, int, int, int]  # type, size, mtime and ctime in ns, inode
    Level = tuple[int, str, list[str]]  # a folder that is open, its prefix, the folders in it
    Change = tuple[str, str, Entry | None]

PART = 256 * 1024
MAX_DEPTH = 200
MAX_ENTRIES = 200_000
MAX_LISTED = 20_000
MAX_PATH = 4096
MAX_NAMES = 8 * 1024**2  # bytes of the names in one list
MAX_HASHED = 2 * 1024**3
MAX_READ = 256 * 1024**2
RACY_NS = 50_000_000
NO_LINK = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FOLDER = os.O_RDONLY | os.O_DIRECTORY | NO_LINK
LITTER = (".cache", ".config", ".local")  # left by programs unasked: looked at and listed last


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
        return finish(daemon.worker.home, daemon.settings["scratch"], start, header["limit"])
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


class Mark:
    """The state of the home and of the scratch folders at one moment."""

    def __init__(self, home: str, scratch: list[str]) -> None:
        self.taken = time.time_ns()
        self.entries: dict[str, Entry] = {}
        self.sums: dict[str, str | None] = {}
        self.cut = ""
        if not home:
            return
        budget = MAX_HASHED
        walk = Walk(home, scratch)
        for path, entry in walk:
            self.entries[path] = entry
            if stat.S_ISREG(entry[0]) and entry[1] <= budget:
                budget -= entry[1]
                self.sums[path] = checksum(home, path)
        self.cut = walk.cut

    def change(self, home: str, path: str, entry: Entry | None) -> str | None:
        """What became of a path that was there; `entry` is None where nothing or a folder is.

        A file in whose place there is anything else was deleted.
        """
        was_file = stat.S_ISREG(self.entries[path][0])
        if entry is None or (was_file and not stat.S_ISREG(entry[0])):
            return "deleted"
        return None if self.same(home, path, entry) else "modified"

    def same(self, home: str, path: str, entry: Entry) -> bool:
        """Whether a path's content is what it was; read again only where its times moved."""
        before = self.entries.get(path)
        if before is None or before[0] != entry[0]:
            return False
        settled = entry[3] < self.taken - RACY_NS
        if before == entry and settled:
            return True
        if not stat.S_ISREG(entry[0]):
            return before[4] == entry[4] and before[1] == entry[1]
        if before[1] != entry[1] or entry[1] > MAX_HASHED:
            return False
        known = self.sums.get(path)
        return known is not None and known == checksum(home, path)


class Walk:
    """Everything but folders: names in the home relative to it, in the scratch folders absolute.

    It goes by descriptors, so that no link is ever followed, and holds little whatever the worker
    made. `cut` says at the end what was not looked at.
    """

    def __init__(self, home: str, scratch: list[str]) -> None:
        self.tops = [(home, ""), *((folder, folder + "/") for folder in scratch)]
        self.cut = ""
        self.met = 0
        self.waiting = 0  # bytes of the names of folders that are still to be entered

    def __iter__(self) -> Iterator[tuple[str, Entry]]:
        for top, start in self.tops:
            levels: list[Level] = []
            yield from self.enter(levels, top, start)
            while levels:
                fd, prefix, folders = levels[-1]
                if folders and self.met <= MAX_ENTRIES:
                    name = folders.pop()
                    self.waiting -= len(name)
                    yield from self.enter(levels, name, f"{prefix}{name}/", fd)
                else:
                    os.close(fd)
                    levels.pop()

    def enter(
        self, levels: list[Level], name: str, prefix: str, above: int | None = None
    ) -> Iterator[tuple[str, Entry]]:
        """One folder's entries; it becomes the last of `levels`, with the folders in it."""
        try:
            fd = os.open(name, FOLDER, dir_fd=above)
        except OSError:
            return
        folders: list[str] = []
        levels.append((fd, prefix, folders))
        enough = len(levels) > MAX_DEPTH or len(prefix) > MAX_PATH - 256
        with os.scandir(fd) as found:
            for item in found:
                self.met += 1
                if self.met > MAX_ENTRIES:
                    self.cut = f"more than {MAX_ENTRIES} entries: the rest was not looked at"
                    return
                try:
                    state = item.stat(follow_symlinks=False)
                except OSError:
                    continue
                if not stat.S_ISDIR(state.st_mode):
                    yield prefix + item.name, entry_of(state)
                elif enough or self.waiting > MAX_NAMES:
                    self.cut = "folders too deep or too many to look into"
                    yield f"{prefix}{item.name}/", entry_of(state)
                else:
                    folders.append(item.name)
                    self.waiting += len(item.name)
        if not prefix:
            folders.sort(key=lambda name: name not in LITTER)  # the last is entered first


def entry_of(state: os.stat_result) -> Entry:
    kind = stat.S_IFMT(state.st_mode)
    return kind, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino


def open_above(home: str, path: str) -> tuple[int, str]:
    """The folder of a path, opened with no link anywhere on the way to it, and the last name."""
    *folders, last = path.strip("/").split("/")
    fd = os.open("/" if path.startswith("/") else home, FOLDER)
    for name in folders:
        try:
            below = os.open(name, FOLDER, dir_fd=fd)
        finally:
            os.close(fd)
        fd = below
    return fd, last


def open_safely(home: str, path: str) -> int:
    """Open a regular file, with no link anywhere on the way to it."""
    above, name = open_above(home, path)
    try:
        fd = os.open(name, os.O_RDONLY | NO_LINK, dir_fd=above)
    finally:
        os.close(above)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise PermissionError(1, "not a regular file")
    return fd


def look_up(home: str, path: str) -> Entry | None:
    """What is at a path now; None for a folder, too, and for what only a link leads to."""
    try:
        above, name = open_above(home, path)
        try:
            state = os.stat(name, dir_fd=above, follow_symlinks=False)
        finally:
            os.close(above)
    except OSError:
        return None
    return None if stat.S_ISDIR(state.st_mode) else entry_of(state)


def checksum(home: str, path: str) -> str | None:
    """sha256 of a file; None where it cannot be read."""
    try:
        fd = open_safely(home, path)
    except OSError:
        return None
    try:
        whole = new_sha256(os.fstat(fd).st_size)
        while data := os.read(fd, 1 << 20):
            whole.update(data)
    except OSError:
        return None
    finally:
        os.close(fd)
    return whole.hexdigest()


def new_sha256(size: int) -> Any:
    """Python's own implementation starts at once; OpenSSL's is slow to load and fast to run."""
    for name in ("hashlib",) if size > 8 * 1024**2 else ("_sha2", "_sha256", "hashlib"):
        try:
            return __import__(name).sha256()
        except ImportError:
            continue
    raise OSError("this Python has no sha256")


class Listed:
    """As many items of a list as there is room for, as JSON takes it."""

    def __init__(self) -> None:
        self.room = MAX_NAMES
        self.items: list[Any] = []

    def add(self, path: str, *rest: Any) -> None:
        """Take an item; `room` below zero says that there was one too much."""
        self.room -= len(to_json(path))
        if self.room >= 0:
            self.items.append((path, *rest))


def finish(home: str, scratch: list[str], start: Mark, limit: int) -> Answer:
    """What differs from the mark, and every file of the home with its size.

    What became of files that were there is always told, of new ones what there is room for. A file
    larger than `limit` is listed without its sum.
    """
    changes: list[Change] = []
    new, litter, files = Listed(), Listed(), Listed()
    missing = set(start.entries)
    walk = Walk(home, scratch)
    for path, entry in walk:
        if stat.S_ISREG(entry[0]) and not path.startswith("/"):
            files.add(path, entry[1])
        if path not in start.entries:
            (litter if path.split("/", 1)[0] in LITTER else new).add(path, "created", entry)
            continue
        missing.discard(path)
        if change := start.change(home, path, entry):
            changes.append((path, change, entry))
    for path in missing:  # gone, or where the walk did not come
        if change := start.change(home, path, entry := look_up(home, path)):
            changes.append((path, change, entry))
    created = new.items + litter.items
    room = max(0, MAX_LISTED - len(changes))
    writes, left_out = summed(home, changes + created[:room], limit)
    reasons = [walk.cut] if walk.cut else []
    if min(new.room, litter.room) < 0 or len(created) > room:
        reasons.append(f"more than {MAX_LISTED} writes or too long names: not all that is new")
    if files.room < 0:
        reasons.append("too many files with too long names: outputs may be missing")
    if start.cut:
        reasons.append(f"at the start {start.cut}: changes are uncertain")
    if reasons:
        left_out["."] = "; ".join(reasons)
    listing = to_json({"writes": writes, "files": files.items, "left_out": left_out}).encode()
    return {}, iter((listing,))


def summed(home: str, changes: list[Change], limit: int) -> tuple[list[Any], dict[str, str]]:
    """The changes with their sizes and sums, and why a file has no sum."""
    writes: list[Any] = []
    left_out: dict[str, str] = {}
    budget = MAX_HASHED
    for path, change, entry in changes:
        kind, size = (0, 0) if entry is None or change == "deleted" else entry[:2]
        total = None
        if stat.S_ISREG(kind) and size <= min(limit, budget):
            budget -= size
            total = checksum(home, path)
        elif stat.S_ISREG(kind):
            left_out[path] = f"{size} bytes are more than the limit"
        writes.append((path, change, size, total))
    return writes, left_out


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
