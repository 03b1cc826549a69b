"""The shared drive: a folder, served by WsgiDAV (`drive.py`)."""

from __future__ import annotations

import base64
import datetime
import os
import shutil
from pathlib import Path

from .common import DOMAIN, RUN, Data, answers

SOCKET = f"{RUN}/files.sock"
DRIVE = Path("/srv/files")
OWNER = "www-data"


def ready() -> bool:
    """Whether the server answers."""
    return answers(SOCKET, "/", f"files.{DOMAIN}")


def welcome(people: list[Data]) -> None:
    """Nothing: whoever is in the office may use the drive, see `drive.py`."""
    del people


def seed(office: Data) -> None:
    """Lay the files."""
    for file in office["files"]:
        path = DRIVE / file["path"]
        if not path.resolve().is_relative_to(DRIVE):
            raise ValueError(f"{file['path']} leads out of the drive")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.urlsafe_b64decode(file["content"]))
        if file["at"]:
            when = datetime.datetime.fromisoformat(file["at"]).timestamp()
            os.utime(path, (when, when))
    for path in DRIVE.rglob("*"):
        shutil.chown(path, OWNER, OWNER)


def collect() -> Data:
    """Every file."""
    found: list[Data] = []
    for path in sorted(path for path in DRIVE.rglob("*") if path.is_file()):
        when = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC)
        found.append(
            {
                "path": str(path.relative_to(DRIVE)),
                "content": base64.urlsafe_b64encode(path.read_bytes()).decode(),
                "at": when.isoformat(),
            }
        )
    return {"files": found}
