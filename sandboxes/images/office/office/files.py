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
        put(
            file["path"],
            file["content"],
            file["at"] and datetime.datetime.fromisoformat(file["at"]),
        )


def put(path: str, content: str, at: datetime.datetime | None) -> None:
    """Lay a file, new or in place of the old one; the content is base64."""
    place = DRIVE / path
    if not place.resolve().is_relative_to(DRIVE):
        raise ValueError(f"{path} leads out of the drive")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(base64.urlsafe_b64decode(content))
    if at:
        os.utime(place, (at.timestamp(), at.timestamp()))
    for one in (place, *place.parents):
        if one.is_relative_to(DRIVE):
            shutil.chown(one, OWNER, OWNER)


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
