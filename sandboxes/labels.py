"""The labels by which whatever was made in the engine is found again."""

from __future__ import annotations

import hashlib
import socket
from functools import cache
from pathlib import Path

LABEL = "offsite"


def labels(run: str, trial: str, owner: str) -> dict[str, str]:
    """The labels of a thing; `owner` is the folder whose lock is held while it is wanted."""
    return {
        LABEL: "1",
        f"{LABEL}.run": run,
        f"{LABEL}.trial": trial,
        f"{LABEL}.owner": owner,
        f"{LABEL}.host": host(),
    }


@cache
def host() -> str:
    """This machine among those that share an engine: a folder of a run is one machine's.

    Cloned machines and containers of one image have the same machine-id, and another name.
    """
    try:
        name = Path("/etc/machine-id").read_text(encoding="utf-8").strip()
    except OSError:
        name = ""
    return hashlib.sha256(f"{name} {socket.gethostname()}".encode()).hexdigest()[:16]
