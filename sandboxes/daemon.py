"""The program inside a desk: runs commands and moves files for the harness, over one byte stream.

It and the other `daemon_*` modules are sent to the desk as source and need only Python's standard
library, 3.11 or later; they import little, because every trial waits for their start. `channel.py`
is the other end and tells the format of the frames. In a container it is process 1: it inherits
all orphans, no signal from inside kills it, and when memory ends all others die before it. It ends
when its input does. It runs as root where it can; all that the worker starts runs as the worker.
"""

from __future__ import annotations

import _socket  # `socket` would pull in `enum`
import marshal
import os
import select
import sys
import time
from typing import TYPE_CHECKING, Any

from .daemon_processes import (
    Processes,
    Worker,
    children_of,
    close_all,
    end_all,
    inherit_orphans,
    lock_memory,
    make_pipe,
    read_some,
    read_waiting,
    set_signals,
    spawn,
)
from .daemon_requests import Command, Connection
from .daemon_shell import Shell

if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable
else:
    import _signal  # `signal` would pull in `enum`


EROFS = 30


class Daemon:
    """The loop: frames in, processes and answers out."""

    def __init__(self, settings: dict[str, Any], connection: Connection) -> None:
        self.worker = Worker(settings)
        self.state: str = settings["state"]
        self.settings = settings
        self.poll = select.poll()
        self.readers: dict[int, Callable[[], None]] = {}
        self.runs: dict[int, Command] = {}
        self.sessions: set[int] = set()
        self.files: Callable[..., Any] | None = None
        self.marked: Any = None
        self.listener: Any = None
        os.makedirs(self.state, mode=0o755, exist_ok=True)
        if self.worker.changes:
            os.setgroups([])
        self.wake, wake = make_pipe()
        os.set_blocking(wake, False)
        _signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        _signal.signal(_signal.SIGCHLD, lambda _number, _frame: None)
        self.watch(self.wake, self.reap)
        self.shell = Shell(self)
        self.attend(connection)
        self.listen()

    def watch(self, fd: int, reader: Callable[[], None]) -> None:
        self.readers[fd] = reader
        self.poll.register(fd, select.POLLIN | select.POLLHUP)

    def unwatch(self, fd: int) -> None:
        if self.readers.pop(fd, None):
            self.poll.unregister(fd)

    def attend(self, connection: Connection) -> None:
        self.watch(connection.source, lambda: self.receive(connection))

    def listen(self) -> None:
        """Let a later harness find this desk: root only, the address dies with the desk."""
        address = self.settings.get("address")
        if not address:
            return
        self.listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self.listener.bind("\0" + address)
        self.listener.listen(8)
        self.listener.setblocking(False)
        self.watch(self.listener.fileno(), self.accept)

    def accept(self) -> None:
        try:
            fd, _ = self.listener._accept()
        except OSError:  # who called has gone
            return
        peer = _socket.socket(fileno=fd)
        credentials = peer.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
        if int.from_bytes(credentials[4:8], sys.byteorder) != os.geteuid():
            peer.close()
            return
        self.attend(Connection(fd, fd, peer))

    def loop(self) -> None:
        while True:
            now = time.monotonic()
            due = [run.deadline for run in self.runs.values() if not run.timed_out]
            if (shell := self.shell.due()) is not None:
                due.append(shell)
            wait = max(0.0, min(due) - now) * 1000 + 1 if due else None
            for fd, _ in self.poll.poll(wait):
                if reader := self.readers.get(fd):
                    reader()
            self.expire(time.monotonic())

    def expire(self, now: float) -> None:
        for run in list(self.runs.values()):
            if now >= run.deadline and not run.timed_out:
                run.timed_out = True
                end_all(lambda run=run: {run.top} | self.started_by(run))
        if (due := self.shell.due()) is not None and now >= due:
            self.shell.expire(now)

    def reap(self) -> None:
        read_some(self.wake)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            code = os.waitstatus_to_exitcode(status)
            code = code if code >= 0 else 128 - code
            if pid == self.shell.pid:
                self.shell.ended(code)
            elif run := self.runs.pop(pid, None):
                self.end_run(run, code)

    def started_by(self, command: Command) -> set[int]:
        """All that lives because of a command, its orphans included, but not its first process."""
        processes = Processes()
        here = os.getpid()
        tops = {self.shell.pid, *self.runs}
        others = self.sessions - {command.top}
        orphans = {
            pid
            for pid, parent in processes.parent.items()
            if parent == here
            and pid not in tops
            and pid not in command.spared
            and processes.session[pid] not in others
            and processes.state[pid] not in "ZX"
        }
        return orphans | processes.below({command.top} | orphans, command.spared)

    def end_run(self, run: Command, code: int) -> None:
        if run.timed_out:
            end_all(lambda: self.started_by(run))
        output = run.output
        if output >= 0:
            for data in read_waiting(output):
                run.kept.add(data)
            self.leave(output)
        run.answer(code)

    def leave(self, fd: int) -> None:
        """Nobody wants this output any more; what runs in the background may go on writing."""
        self.unwatch(fd)
        self.watch(fd, lambda: self.drain(fd))

    def drain(self, fd: int) -> None:
        if read_some(fd) == b"":
            self.unwatch(fd)
            os.close(fd)

    def receive(self, connection: Connection) -> None:
        for header, blob in connection.receive():
            try:
                self.handle(connection, header, blob)
            except (OSError, ValueError) as error:  # such as a path with a NUL
                connection.send({"id": header["id"], **self.failure(error)})
        if not connection.alive:
            self.unwatch(connection.source)
            if connection.owner is not None:
                connection.owner.close()
            elif self.listener is None:  # nobody can come back: the desk ends with its harness
                self.end_everything()
                os._exit(0)

    def failure(self, error: OSError | ValueError) -> dict[str, Any]:
        """What an operation failed of, and whether that was at the worker's desk or before."""
        if isinstance(error, OSError) and error.errno == EROFS:
            error = PermissionError(1, error.strerror)
        number = error.errno if isinstance(error, OSError) else None
        return {
            "error": type(error).__name__,
            "errno": number,
            "message": (error.strerror if isinstance(error, OSError) else None) or str(error),
            "laid_out": self.marked is not None,
        }

    def handle(self, connection: Connection, header: dict[str, Any], blob: bytes) -> None:
        operation = header["op"]
        if operation == "shell":
            self.shell.submit(Command(connection, header))
        elif operation == "run":
            self.run(Command(connection, header), blob if header["stdin"] else None)
        elif operation == "cancel":
            of = int(header["of"])
            self.cancel(lambda one: one.id == of and one.connection is connection)
        elif operation == "hello":
            self.take_over(connection)
            connection.send({"id": header["id"], "pid": os.getpid()})
        else:
            if operation == "finish":
                self.end_everything()
            if self.files is None:
                self.files = self.load_files()
            answer, parts = self.files(self, header, blob)
            for part in parts:
                connection.send_parts(header["id"], part)
            connection.send({"id": header["id"], **answer})

    def load_files(self) -> Callable[..., Any]:
        """The part that deals with files; as `BOOTSTRAP` does it with the others."""
        module: Any = None
        for name, source in marshal.loads(self.settings["later"]):
            module = sys.modules[f"{__package__}.{name}"] = type(sys)(name)
            module.__package__ = __package__
            exec(compile(source, f"{name}.py", "exec"), module.__dict__)
        return module.handle

    def run(self, command: Command, stdin: bytes | None) -> None:
        header = command.header
        cwd = os.path.join(self.worker.home, header["cwd"] or "")
        root = header["user"] == "root"
        if root and os.geteuid():
            raise PermissionError(1, "this desk has no root")
        with self.worker:
            os.stat(f"{cwd}/.")
        if stdin is None:
            source = os.open("/dev/null", os.O_RDONLY)
        else:
            source = os.memfd_create("stdin")
            os.write(source, stdin)
            os.lseek(source, 0, os.SEEK_SET)
        command.output, output = make_pipe()
        command.spared = children_of(os.getpid())
        try:
            command.top = spawn(
                self.worker,
                header["argv"],
                fds={0: source, 1: output, 2: output},
                cwd=cwd,
                env={**self.worker.env, **header["env"]},
                root=root,
            )
        except OSError as error:
            os.close(command.output)
            command.refuse(error)
            return
        finally:
            close_all(source, output)
        self.sessions.add(command.top)
        self.runs[command.top] = command
        fd = command.output
        self.watch(fd, lambda: self.on_output(command, fd))

    def on_output(self, command: Command, fd: int) -> None:
        data = read_some(fd)
        command.kept.add(data or b"")
        if data == b"":  # it closed its output and goes on
            self.unwatch(fd)
            os.close(fd)
            command.output = -1

    def cancel(self, unwanted: Callable[[Command], bool]) -> None:
        """Nobody waits for these commands any more: end them as if their time were over."""
        self.shell.queue = [command for command in self.shell.queue if not unwanted(command)]
        for command in [*self.runs.values(), self.shell.current]:
            if command and unwanted(command):
                command.deadline = 0.0

    def take_over(self, connection: Connection) -> None:
        """A new harness is here: the one before it is dead, and what it asked for is void."""
        self.cancel(lambda command: command.connection is not connection)

    def end_everything(self) -> None:
        """Kill all processes but this one; the commands under way are answered as killed."""
        for command in self.shell.queue:
            command.answer(137, restarted=True)
        self.shell.queue.clear()
        end_all(lambda: Processes().below({os.getpid()}, set()))
        for _ in range(500):
            self.reap()
            if not children_of(os.getpid()):
                return
            time.sleep(0.002)

    def folder_of(self, pid: int) -> str | None:
        try:
            with self.worker:
                return os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            return None

    def write_state(self, name: str, content: bytes) -> None:
        """Put what the shell reads next where the worker may read and not write.

        A worker with our own user id can do there what it likes, such as lock or remove the folder.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            fd = os.open(f"{self.state}/{name}", flags, 0o644)
        except (FileNotFoundError, PermissionError):
            os.makedirs(self.state, exist_ok=True)
            os.chmod(self.state, 0o755)
            fd = os.open(f"{self.state}/{name}", flags, 0o644)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(fd, rest) :]
        finally:
            os.close(fd)


def main() -> None:
    """Serve until the desk ends."""
    os.umask(0o022)
    set_signals(_signal.SIG_IGN)  # a worker of the same user can send them
    inherit_orphans()
    lock_memory()
    connection = Connection(0, 1)
    waiting = select.poll()
    waiting.register(0, select.POLLIN)
    frames: list[tuple[dict[str, Any], bytes]] = []
    while not frames and connection.alive:
        waiting.poll()
        frames = connection.receive()
    if not frames:
        return
    settings, blob = frames[0]
    daemon = Daemon({**settings, "later": blob}, connection)
    connection.send({"id": settings["id"], "pid": os.getpid()})
    daemon.loop()
