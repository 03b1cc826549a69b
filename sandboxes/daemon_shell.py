"""The daemon's part that holds the persistent shell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .daemon_processes import (
    children_of,
    close_all,
    end_all,
    make_pipe,
    read_some,
    read_waiting,
    send_signal,
    spawn,
)
from .daemon_requests import Command, Kept

if TYPE_CHECKING:
    import signal as _signal

    from .daemon import Daemon
else:
    import _signal

OUTPUT_FD, STATUS_FD = 250, 251
GIVE_UP_SECONDS = 1.0
INTERRUPT_EVERY = 0.02

# Interactive, because only such a bash survives an interrupt with its variables.
BASH = ["bash", "--norc", "--noprofile", "--noediting", "-i"]
# A bash that waits for a program ignores an interrupt if the program dies of something else, and
# goes on to the next command. A trap runs before that, and can interrupt.
SETUP = "PS1=; set +o history +H; unset HISTFILE MAILCHECK; trap '\\builtin kill -INT $$' RTMAX\n"
# The command is sourced: that is fast at any length, keeps an open quote from swallowing the next
# line, and makes `exit` silent. Bash puts its descriptors back whatever the command did to them.
LINE = (
    "\\builtin . {state}/status; \\builtin . {state}/command 0</dev/null 1>&{out} 2>&{out} "
    "{out}>&- {status}>&-; \\builtin printf '%s\\n' \"{number} $?\" >&{status}; "
    "PS0= PS1= PROMPT_COMMAND=\n"
)
PROBE = "\\builtin printf '%s\\n' \"{number} $?\" >&{status}\n"
BETWEEN_CAP = 8 * 1024


class Shell:
    """The persistent shell: one bash and the commands that wait for it."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.queue: list[Command] = []
        self.current: Command | None = None
        self.pid = 0
        self.control = self.output = self.status = -1
        self.count = 0
        self.last_status = 0
        self.cwd = daemon.worker.home
        self.probe = 0
        self.settled = False
        self.died = False  # between two commands: the next answer must tell
        self.next_interrupt = self.give_up = 0.0
        self.between = Kept(BETWEEN_CAP)

    def submit(self, command: Command) -> None:
        """Take a command; its time begins when those before it are over."""
        self.count += 1
        command.number = self.count
        self.queue.append(command)
        self.advance()

    def advance(self) -> None:
        """Begin the next command if the shell is free."""
        while self.queue and not self.current:
            command = self.queue.pop(0)
            try:
                if not self.pid:
                    self.start()
                self.daemon.write_state("command", os.fsencode(command.header["command"]) + b"\n")
            except OSError as error:  # no process, no disk
                command.refuse(error)
                continue
            self.current = command
            command.start_clock()
            command.top = self.pid
            command.spared = children_of(self.pid) | children_of(os.getpid())
            if self.between.total:
                command.kept.add(self.between.result()[0])
                self.between = Kept(BETWEEN_CAP)
            self.say(LINE, command.number)

    def say(self, line: str, number: int) -> None:
        state = self.daemon.state
        text = line.format(state=state, number=number, out=OUTPUT_FD, status=STATUS_FD)
        try:  # noqa: SIM105 - contextlib is slow to import
            os.write(self.control, text.encode())
        except OSError:
            pass  # it died this moment and `ended` follows, or the worker filled the pipe

    def start(self) -> None:
        daemon = self.daemon
        self.last_status = 0
        daemon.write_state("status", b"return 0\n")
        null = os.open("/dev/null", os.O_RDWR)
        commands, control = os.pipe()
        os.set_blocking(control, False)  # the worker can fill it
        reader, output = make_pipe()
        told, status = make_pipe()
        fds = {0: commands, 1: null, 2: null, OUTPUT_FD: output, STATUS_FD: status}
        env = dict(daemon.worker.env)
        cwd = self.cwd if os.path.isdir(self.cwd) else daemon.worker.home
        try:
            self.pid = spawn(daemon.worker, BASH, fds=fds, cwd=cwd, env=env)
        except OSError:
            close_all(control, reader, told)
            raise
        finally:
            close_all(null, commands, output, status)
        daemon.sessions.add(self.pid)
        self.control, self.output, self.status = control, reader, told
        os.write(control, SETUP.encode())
        daemon.watch(reader, self.on_output)
        daemon.watch(told, self.on_status)
        self.cwd = daemon.worker.home

    def on_output(self) -> None:
        data = read_some(self.output)
        if data is None:
            return
        if not data:  # bash is dying, or the command closed what is not its own
            self.daemon.unwatch(self.output)
        (self.current.kept if self.current else self.between).add(data)

    def on_status(self) -> None:
        data = read_some(self.status)
        if data is None:
            return
        if not data:
            self.daemon.unwatch(self.status)
        for line in data.splitlines():
            words = line.split()
            awaited = self.probe or (self.current.number if self.current else 0)
            if len(words) != 2 or words[0] != b"%d" % awaited or not words[1].isdigit():
                continue
            if awaited > 0 or self.settled:
                self.finish(int(words[1]))
            else:
                self.settle()

    def take_output(self, command: Command) -> None:
        for data in read_waiting(self.output):
            command.kept.add(data)

    def finish(self, exit_code: int) -> None:
        """The current command is over."""
        command = self.current
        if command is None:
            return
        if command.timed_out:
            end_all(lambda: self.daemon.started_by(command))
            exit_code = 130
        if self.pid:
            self.take_output(command)
        if exit_code != self.last_status and self.pid:
            self.keep_status(exit_code)
        self.current = None
        self.probe = 0
        command.answer(exit_code, restarted=self.died or not self.pid)
        self.died = False
        self.advance()

    def keep_status(self, exit_code: int) -> None:
        """Let the next command meet this as `$?`; a worker who left no room for it does without."""
        try:
            self.daemon.write_state("status", b"return %d\n" % exit_code)
        except OSError:
            return
        self.last_status = exit_code

    def expire(self, now: float) -> None:
        """The time limit is over: kill what was started, interrupt bash, at last replace it."""
        command = self.current
        if command is None:
            return
        self.next_interrupt = now + INTERRUPT_EVERY
        if command.timed_out and now >= self.give_up:
            self.cwd = self.daemon.folder_of(self.pid) or self.cwd
            end_all(lambda: {self.pid} | self.daemon.started_by(command))
        elif command.timed_out and self.settled:
            self.say(PROBE, self.probe)
        elif command.timed_out:
            send_signal(self.pid, _signal.SIGINT)
            self.say(PROBE, self.probe)
        else:
            command.timed_out = True
            send_signal(self.pid, _signal.SIGSTOP)
            end_all(lambda: self.daemon.started_by(command))
            self.give_up = now + GIVE_UP_SECONDS
            self.probe = -2 * command.number
            self.settled = False
            send_signal(self.pid, _signal.SIGRTMAX)
            send_signal(self.pid, _signal.SIGCONT)
            self.say(PROBE, self.probe)

    def settle(self) -> None:
        """The shell answers again, but an interrupt may still be on its way to it.

        That would make it forget what it has read of its next line, so a second answer is awaited,
        with no interrupt after the first one.
        """
        self.settled = True
        self.probe -= 1
        self.say(PROBE, self.probe)

    def due(self) -> float | None:
        """When `expire` must be called."""
        if self.current is None:
            return None
        return self.next_interrupt if self.current.timed_out else self.current.deadline

    def ended(self, exit_code: int) -> None:
        """The shell is dead."""
        self.pid = 0
        if self.current:
            self.take_output(self.current)
        self.daemon.leave(self.output)
        self.daemon.unwatch(self.status)
        close_all(self.status, self.control)
        self.died = self.current is None
        self.finish(exit_code)
