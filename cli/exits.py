"""Exit codes, in pytest's spirit, and what leads to them."""

from __future__ import annotations

import errno
import os
import sys
from enum import IntEnum


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
    from ..records.errors import InputError
    from ..runner.select import NothingSelected
    from ..sandboxes import SandboxError

    if isinstance(error, KeyboardInterrupt):
        return Exit.INTERRUPTED, "interrupted"
    if isinstance(error, NothingSelected):
        return Exit.NOTHING_SELECTED, str(error)
    if isinstance(error, InputError):
        return Exit.BAD_INPUT, str(error)
    if isinstance(error, SandboxError):
        return Exit.INFRASTRUCTURE, str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Exit.INFRASTRUCTURE, "the disk is full; make room, then: offsite resume last"
    if isinstance(error, PermissionError | FileNotFoundError | NotADirectoryError):
        return Exit.BAD_INPUT, f"{error.filename}: {error.strerror}"
    return None


def quiet_stdout() -> None:
    """After a broken pipe (`offsite show … | head`): nothing more may be written at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
