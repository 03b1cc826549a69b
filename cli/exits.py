"""Exit codes, in pytest's spirit, and what leads to them."""

from __future__ import annotations

import errno
import io
from enum import IntEnum
from typing import Any, TextIO


class Exit(IntEnum):
    """What the program's exit code says."""

    PASSED = 0
    GATE_FAILED = 1
    INTERRUPTED = 2
    INFRASTRUCTURE = 3
    BAD_INPUT = 4
    NOTHING_SELECTED = 5
    INCONCLUSIVE = 6


def exit_of(error: BaseException) -> tuple[Exit, str] | None:
    """The exit code and the one line for an error that a user can meet; None for any other."""
    from ..agents.errors import ServerUnreachable
    from ..records.errors import InputError
    from ..runner.select import NothingSelected
    from ..sandboxes import SandboxError

    if isinstance(error, KeyboardInterrupt):
        return Exit.INTERRUPTED, "interrupted"
    if isinstance(error, NothingSelected):
        return Exit.NOTHING_SELECTED, str(error)
    if isinstance(error, InputError):
        return Exit.BAD_INPUT, str(error)
    if isinstance(error, SandboxError | ServerUnreachable):
        return Exit.INFRASTRUCTURE, str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Exit.INFRASTRUCTURE, "the disk is full; make room, then: offsite resume last"
    if isinstance(error, OSError) and error.filename is not None:
        return Exit.BAD_INPUT, f"{error.filename2 or error.filename}: {error.strerror}"
    return None


class _Pipe(io.FileIO):
    def write(self, data: Any) -> int:
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            return len(data)


def without_reader(stream: TextIO) -> TextIO:
    """The stream, so that what nobody reads any more (`… | head`) is dropped without an error.

    A gate whose reader has gone must still end with its own exit code.
    """
    pipe = io.BufferedWriter(_Pipe(stream.fileno(), "w", closefd=False))
    return io.TextIOWrapper(
        pipe, encoding=stream.encoding, errors=stream.errors, line_buffering=stream.isatty()
    )
