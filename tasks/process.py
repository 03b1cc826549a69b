"""Running a task's own code in a clean process, with limits of time and memory and no secrets.

Graders parse what a worker left behind, with large libraries: what a hostile file makes of them
must neither find the keys of model providers nor take the machine's memory.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import resource
import traceback
from collections.abc import Callable
from functools import cache
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
            raise ProcessFailed(f"died with exit code {process.exitcode}") from None
    finally:
        process.kill()
        process.join()
        ours.close()
        stopped.close()
    if not good:
        raise ProcessFailed(value)
    return value


def _serve(answer: Connection, function: Callable[[], object]) -> None:
    _confine()
    os.dup2(2, 1)  # What a task's code prints must not get into a program's JSON.
    try:
        answer.send((True, function()))
    except MemoryError:
        answer.send((False, f"needed more than {MEMORY_BYTES // 1024**2} MB of memory"))
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        answer.send((False, f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})"))


def _confine() -> None:
    for name in [name for name in os.environ if _SECRET.search(name)]:
        del os.environ[name]
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
