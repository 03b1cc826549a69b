"""Where the processes of a run listen for others of the same user."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


def socket_path(folder: Path) -> Path:
    """The socket of whoever works in this folder.

    Not in the folder itself: the system allows a socket's path about a hundred characters.

    Raises:
        PermissionError: the folder of the sockets belongs to somebody else.
    """
    sockets = Path(tempfile.gettempdir()) / f"offsite-{os.getuid()}"
    sockets.mkdir(mode=0o700, exist_ok=True)
    if sockets.stat().st_uid != os.getuid():
        raise PermissionError(f"{sockets}: belongs to somebody else")
    return sockets / f"{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}.sock"
