"""What a user can do wrong, and how to say so."""

from __future__ import annotations

import difflib
import errno
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path


class InputError(ValueError):
    """Bad usage or input: one line that names the thing, the field where there is one, the cause."""


class ResultsUnwritable(OSError):
    """What happens can no longer be written down (a full disk, say): the run must stop."""


@contextmanager
def writing(path: Path) -> Generator[None]:
    """Whatever the system refuses while results are written here says that they cannot be."""
    try:
        yield
    except OSError as error:
        raise ResultsUnwritable(error.errno, error.strerror or str(error), str(path)) from error


def is_disk_refusing(error: BaseException) -> bool:
    """Whether this machine's disk is full or read-only: nobody's fault who works on it."""
    refusals = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
    return isinstance(error, OSError) and error.errno in refusals


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known ones, or all that there are."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        return f"; did you mean {' or '.join(close)}?"
    return f"; there are: {', '.join(names)}" if names else ""
