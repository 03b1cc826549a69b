"""Running a task's own code in a clean process, with limits of time and memory.

Graders parse what a worker left behind, with large libraries: what a file makes of them must not
take the machine's memory, and does not meet the keys of model providers in `os.environ`. That is
no jail: a task's code runs as the user who runs Offsite, and can read what he can.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import resource
import signal
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from typing import Any, TypeVar, cast

T = TypeVar("T")

# What worlds and graders are likely to import: loaded once, in the server that all are forked from.
_PRELOAD = [
    "__main__",
    "offsite.tasks.loader",
    "offsite.tasks.grading",
    "offsite.tasks.documents",
    "docx",
    "faker",
    "openpyxl",
]


MEMORY_BYTES = 2 * 1024**3
"""What such a process may hold as data."""

_SECRET = re.compile(r"(^|_)(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)(_ID)?$", re.IGNORECASE)


class ProcessFailed(RuntimeError):
    """The function raised, was killed, or took too long; the message says which."""


class ProcessKilled(ProcessFailed):
    """A signal ended the process: sent from outside, or by the system for want of memory."""


async def in_clean_process(function: Callable[[], T], *, timeout_seconds: float = 120) -> T:
    """Call a function in a fresh process; a `functools.partial` of a module-level one serves.

    The process ends when the call is cancelled.

    Raises:
        ProcessFailed: with the function's own message and the last line of its traceback.
    """
    stopped, stop = _context().Pipe(duplex=False)
    calling = asyncio.ensure_future(asyncio.to_thread(_call, function, timeout_seconds, stopped))
    try:
        return await asyncio.shield(calling)
    except asyncio.CancelledError:
        stop.close()
        await asyncio.gather(calling, return_exceptions=True)
        raise
    finally:
        stop.close()


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOAD)
    return context


def _call(function: Callable[[], T], limit: float, stopped: Connection) -> T:
    """Wait for the process's answer, or for `stopped` to be closed at its other end."""
    context = _context()
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, function), daemon=True)
    with _without_ctrl_c():
        process.start()
    theirs.close()
    try:
        ready = wait([ours, stopped], limit)
        if stopped in ready:
            raise ProcessFailed("was stopped")
        if not ready:
            raise ProcessFailed(f"took longer than {limit:g} s")
        try:
            good, value = cast(tuple[bool, Any], ours.recv())
        except EOFError:
            process.join(5)
            raise _death(process.exitcode) from None
    finally:
        process.kill()
        process.join()
        ours.close()
        stopped.close()
    if not good:
        raise ProcessFailed(value)
    return value


@contextmanager
def _without_ctrl_c() -> Generator[None]:
    """What is started in here, and all that it forks, is not ended by Ctrl-C.

    A terminal sends it to the whole process group. The fork server is started with the first
    process, and what is blocked in this thread then stays blocked in all its children.
    """
    resource_tracker.ensure_running()  # Started later, in here, it would unblock the signal again.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _death(exit_code: int | None) -> ProcessFailed:
    if exit_code is not None and exit_code < 0:
        return ProcessKilled(f"was killed by signal {-exit_code}")
    return ProcessFailed(f"died with exit code {exit_code}")


def _serve(answer: Connection, function: Callable[[], object]) -> None:
    _confine()
    os.dup2(2, 1)  # What a task's code prints must not get into a program's JSON.
    try:
        answer.send((True, function()))
    except MemoryError:
        answer.send((False, f"needed more than {MEMORY_BYTES // 1024**2} MB of memory"))
    except Exception as error:
        answer.send((False, told(error)))


def told(error: Exception) -> str:
    """An exception that was raised, and the line that raised it."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})"


def _confine() -> None:
    for name in [name for name in os.environ if _SECRET.search(name)]:
        del os.environ[name]
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
