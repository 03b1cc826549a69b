"""The daemon's part that starts processes, finds them again and ends them."""

from __future__ import annotations

import fcntl
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable, Iterator
else:
    import _signal  # `signal` would pull in `enum`, and a trial waits for every import

FIONREAD = 0x541B
F_SETPIPE_SZ = 1031
PIPE_SIZE = 256 * 1024
OOM_SCORE = 500
NICE = 5


class Processes:
    """What the kernel tells of the processes below this one."""

    def __init__(self) -> None:
        self.parent: dict[int, int] = {}
        self.session: dict[int, int] = {}
        self.state: dict[int, str] = {}
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    fields = file.read().rpartition(b")")[2].split()
            except OSError:
                continue
            pid = int(name)
            self.state[pid] = fields[0].decode()
            self.parent[pid] = int(fields[1])
            self.session[pid] = int(fields[3])

    def below(self, tops: set[int], spared: set[int]) -> set[int]:
        """The living descendants of `tops`, without those that descend from `spared`."""
        children: dict[int, list[int]] = {}
        for pid, parent in self.parent.items():
            children.setdefault(parent, []).append(pid)
        found: set[int] = set()
        waiting = list(tops)
        while waiting:
            for child in children.get(waiting.pop(), ()):
                if child not in spared and child not in found:
                    found.add(child)
                    waiting.append(child)
        return {pid for pid in found if self.state[pid] not in "ZX"}


def children_of(pid: int) -> set[int]:
    """The direct children of a process."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
            return {int(child) for child in file.read().split()}
    except FileNotFoundError:  # a kernel without this file, or no such process
        return {child for child, parent in Processes().parent.items() if parent == pid}


def send_signal(pid: int, number: int) -> None:
    """Send a signal to a process, if it is still there."""
    try:  # noqa: SIM105 - contextlib is slow to import
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def end_all(victims: Callable[[], set[int]]) -> None:
    """Kill all that `victims` finds, also what forks faster than one can look.

    All are stopped before the first one dies: a stopped process keeps its place under the limit
    of processes, so that a fork bomb runs out of room.
    """
    stopped: set[int] = set()
    for _ in range(200):
        found = victims()
        new = found - stopped
        if not new:
            break
        for pid in new:
            send_signal(pid, _signal.SIGSTOP)
        stopped |= new
    for pid in stopped:
        send_signal(pid, _signal.SIGKILL)


class Worker:
    """Who works at this desk: user, home and environment."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.uid: int = settings["uid"]
        self.gid: int = settings["gid"]
        self.home: str = settings["home"]
        self.env: dict[str, str] = settings["env"]
        self.changes = self.uid != os.geteuid()

    def __enter__(self) -> None:
        """Act as the worker: the kernel then refuses what the worker may not do."""
        if self.changes:
            os.setegid(self.gid)
            os.seteuid(self.uid)

    def __exit__(self, *_: object) -> None:
        if self.changes:
            os.seteuid(0)
            os.setegid(0)


def spawn(
    worker: Worker,
    argv: list[str],
    *,
    fds: dict[int, int],
    cwd: str,
    env: dict[str, str],
    root: bool = False,
) -> int:
    """Start a process in a session of its own; `fds` says which of ours becomes which of its."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        _become(worker, root)
        high = {new: fcntl.fcntl(old, fcntl.F_DUPFD_CLOEXEC, 300) for new, old in fds.items()}
        for new, old in high.items():
            os.dup2(old, new)
        os.chdir(cwd)
        set_signals(_signal.SIG_DFL)
        os.execvpe(argv[0], argv, env)
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)
    finally:
        os._exit(126)


def _become(worker: Worker, root: bool) -> None:
    """In the child: first to die when memory ends, less urgent than this program, and the worker."""
    die_first()
    try:  # noqa: SIM105 - contextlib is slow to import
        os.nice(NICE)
    except OSError:
        pass
    if worker.changes and not root:
        os.setgroups([worker.gid])
        os.setresgid(worker.gid, worker.gid, worker.gid)
        os.setresuid(worker.uid, worker.uid, worker.uid)


def make_pipe() -> tuple[int, int]:
    """A pipe whose reading end never blocks, with much room: fewer switches under a flood."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    try:  # noqa: SIM105 - contextlib is slow to import
        fcntl.fcntl(reader, F_SETPIPE_SZ, PIPE_SIZE)
    except OSError:
        pass
    return reader, writer


def read_waiting(fd: int) -> Iterator[bytes]:
    """What is in a pipe now, and no more: a writer in the background may never end."""
    rest = int.from_bytes(fcntl.ioctl(fd, FIONREAD, b"\0\0\0\0"), sys.byteorder)
    while rest > 0 and (data := read_some(fd, rest)):
        yield data
        rest -= len(data)


def close_all(*fds: int) -> None:
    """Close descriptors."""
    for fd in fds:
        os.close(fd)


def read_some(fd: int, most: int = PIPE_SIZE) -> bytes | None:
    """What can be read without waiting; empty at the end, None where there is nothing now.

    There may be nothing although a poll told of something: an earlier reader of the same round took
    it, or the worker, who can open its own output for reading.
    """
    try:
        return os.read(fd, min(most, PIPE_SIZE))
    except BlockingIOError:
        return None


def set_signals(what: Any) -> None:
    """Ignore every signal that can be ignored, or none."""
    for number in range(1, _signal.NSIG):
        if number not in (_signal.SIGKILL, _signal.SIGSTOP):
            try:  # noqa: SIM105 - contextlib is slow to import
                _signal.signal(number, what)
            except (OSError, ValueError):  # the C library keeps two for itself
                pass


def die_first() -> None:
    """Be the first to be killed when the machine's memory ends."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(str(OOM_SCORE))
    except OSError:
        pass


def inherit_orphans() -> None:
    """Where this is not process 1, be the parent of every orphan below."""
    if os.getpid() != 1:
        prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def lock_memory() -> None:
    """Where this runs as the worker's user, keep the worker from our memory and descriptors.

    From then on `/proc/self` is root's: what has to be written there is written before, and what
    is started inherits it.
    """
    if os.geteuid():
        die_first()
        prctl(4, 0)  # PR_SET_DUMPABLE


def prctl(option: int, value: int) -> None:
    """The system call; `ctypes` itself would take longer to load than the rest of this program."""
    import _ctypes

    c: Any = _ctypes
    c.call_function(c.dlsym(c.dlopen(None, 0), "prctl"), (option, value, 0, 0, 0))
