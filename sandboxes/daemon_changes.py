"""The daemon's part that finds out what lies at the desk, and what has changed there.

Sent beside `daemon_files.py`. What the worker left is hostile: links are never followed, only
regular files opened, and every list and sum has a limit.
"""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, Any

from .daemon_requests import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    Entry = tuple[int, int, int, int, int]  # mode with type, size, mtime and ctime in ns, inode
    Level = tuple[int, str, list[str]]  # a folder that is open, its prefix, the folders in it
    Change = tuple[str, str, Entry | None]

MAX_DEPTH = 200
MAX_ENTRIES = 200_000
MAX_LISTED = 20_000
MAX_PATH = 4096
MAX_NAMES = 8 * 1024**2  # bytes of the names in one list
MAX_HASHED = 2 * 1024**3
RACY_NS = 50_000_000
NO_LINK = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FOLDER = os.O_RDONLY | os.O_DIRECTORY | NO_LINK
LOCKED = "a folder could not be looked into"
LITTER = (".cache", ".config", ".local")  # left by programs unasked: looked at and listed last


class Mark:
    """The state of the home and of the scratch folders at one moment."""

    def __init__(self, home: str, scratch: list[str]) -> None:
        self.taken = time.time_ns()
        self.entries: dict[str, Entry] = {}
        self.contents: dict[str, str | None] = {}  # a file's sum, a link's target
        self.cut = ""
        if not home:
            return
        budget = MAX_HASHED
        walk = Walk(home, scratch)
        for path, entry in walk:
            self.entries[path] = entry
            if stat.S_ISLNK(entry[0]):
                self.contents[path] = target_of(home, path)
            elif stat.S_ISREG(entry[0]) and entry[1] <= budget:
                budget -= entry[1]
                self.contents[path] = checksum(home, path)
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
        """Whether a path is what it was; its content is read again only where its times moved."""
        before = self.entries[path]
        if before[0] != entry[0]:  # its type or its permissions
            return False
        if stat.S_ISLNK(entry[0]):
            now = target_of(home, path)
        elif not stat.S_ISREG(entry[0]) or (before == entry and self.settled(entry)):
            return before == entry
        elif before[1] != entry[1] or entry[1] > MAX_HASHED:
            return False
        else:
            now = checksum(home, path)
        return now is not None and now == self.contents.get(path)

    def settled(self, entry: Entry) -> bool:
        """Whether it was last touched so long before the mark that a later touch shows."""
        return entry[3] < self.taken - RACY_NS


class Walk:
    """Everything but folders: names in the home relative to it, in the scratch folders absolute.

    It goes by descriptors, so that no link is ever followed, and holds little whatever the worker
    made. `cut` says at the end what was not looked at. `unlock` opens folders that their owner has
    locked, where this runs as the owner; root needs no such thing.
    """

    def __init__(self, home: str, scratch: list[str], *, unlock: bool = False) -> None:
        self.unlock = unlock
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

    def open(self, name: str, above: int | None) -> int:
        """Open a folder so that it can be listed and its entries be looked at."""
        if self.unlock:
            state = os.stat(name, dir_fd=above, follow_symlinks=False)
            mode = stat.S_IMODE(state.st_mode)
            if stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and ~mode & 0o500:
                os.chmod(name, mode | 0o700, dir_fd=above)
        return os.open(name, FOLDER, dir_fd=above)

    def enter(
        self, levels: list[Level], name: str, prefix: str, above: int | None = None
    ) -> Iterator[tuple[str, Entry]]:
        """One folder's entries; it becomes the last of `levels`, with the folders in it."""
        try:
            fd = self.open(name, above)
        except FileNotFoundError:
            return
        except OSError:
            self.cut = LOCKED
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
                    self.cut = LOCKED
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
    return state.st_mode, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino


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
        fd = open_locked(name, above)
    finally:
        os.close(above)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise PermissionError(1, "not a regular file")
    return fd


def open_locked(name: str, above: int) -> int:
    """Open a file, also one that its owner, as who this runs, has locked; it stays locked."""
    try:
        return os.open(name, os.O_RDONLY | NO_LINK, dir_fd=above)
    except PermissionError:
        state = os.stat(name, dir_fd=above, follow_symlinks=False)
        if not stat.S_ISREG(state.st_mode):
            raise
        mode = stat.S_IMODE(state.st_mode)
        os.chmod(name, mode | 0o400, dir_fd=above)
        try:
            return os.open(name, os.O_RDONLY | NO_LINK, dir_fd=above)
        finally:
            os.chmod(name, mode, dir_fd=above)


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


def target_of(home: str, path: str) -> str | None:
    """Where a link leads; None where it cannot be read."""
    try:
        above, name = open_above(home, path)
        try:
            return os.readlink(name, dir_fd=above)
        finally:
            os.close(above)
    except OSError:
        return None


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


def find_changes(home: str, scratch: list[str], start: Mark, limit: int) -> dict[str, Any]:
    """What differs from the mark, and every file of the home with its size.

    What became of files that were there is always told, of new ones what there is room for. A file
    larger than `limit` is listed without its sum. No process of the worker's may be left.
    """
    changes: list[Change] = []
    new, litter, files = Listed(), Listed(), Listed()
    missing = set(start.entries)
    walk = Walk(home, scratch, unlock=True)
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
    return {"writes": writes, "files": files.items, "left_out": left_out}


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
