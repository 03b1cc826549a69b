"""What a user can do wrong, and how to say so."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Bad usage or input: one line that names the thing, the field where there is one, the cause."""


class ResultsUnwritable(OSError):
    """What happens can no longer be written down (a full disk, say): the run must stop."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known ones, or all that there are."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        return f"; did you mean {' or '.join(close)}?"
    return f"; there are: {', '.join(names)}" if names else ""
