"""Where the processes of a run listen for others of the same user."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from .errors import InputError

LONGEST = 107
"""Bytes that the path of a unix socket may have."""


def socket_path(folder: Path) -> Path:
    """The socket of whoever works in this folder.

    Not in the folder itself: the system allows a socket's path about a hundred characters.

    Raises:
        InputError: the system's temporary folder does not serve for that.
    """
    sockets = Path(tempfile.gettempdir()) / f"offsite-{os.getuid()}"
    sockets.mkdir(mode=0o700, exist_ok=True)
    if sockets.stat().st_uid != os.getuid():
        raise InputError(f"{sockets}: belongs to somebody else; set TMPDIR to a folder of your own")
    path = sockets / f"{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}.sock"
    if len(os.fsencode(path)) > LONGEST:
        raise InputError(f"{path}: is too long for a socket; set TMPDIR to a shorter path")
    return path
