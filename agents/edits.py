"""Changing files at the desk: what a file is and when it was written stays true."""

from __future__ import annotations

import time

from ..records.instance import File
from .protocol import Desk

LARGEST = 16 * 1024 * 1024
"""Bytes of the largest file that is read or edited through the tools."""


class EditFailed(Exception):
    """The edit was not made; the message says why, for whoever asked for it."""


async def write_file(desk: Desk, path: str, content: bytes, *, call: str | None = None) -> str:
    """Write a whole file; one that is there keeps its mode. What was done, in a few words.

    Raises:
        EditFailed: the path cannot be written.
    """
    text = content.decode("utf-8", errors="replace")
    call = desk.acts("write_file", {"path": path, "content": text}, call)
    began = time.monotonic()
    try:
        await _put(desk, path, content)
    except (OSError, EditFailed) as error:
        desk.observe(call, cause(error, path), began, error=True)
        raise EditFailed(cause(error, path)) from error
    said = f"wrote {len(content)} bytes to {path}"
    desk.observe(call, said, began)
    return said


async def edit_file(desk: Desk, path: str, old: str, new: str, *, call: str | None = None) -> str:
    """Replace the one place where `old` stands in a file by `new`. What was done, in a few words.

    Raises:
        EditFailed: `old` stands there not once, or the file cannot be read or written.
    """
    call = desk.acts("edit_file", {"path": path, "old": old, "new": new}, call)
    began = time.monotonic()
    try:
        content = await desk.sandbox.read(path, limit=LARGEST + 1)
        await _put(desk, path, _replaced(content, path, old, new))
    except (OSError, EditFailed) as error:
        desk.observe(call, cause(error, path), began, error=True)
        raise EditFailed(cause(error, path)) from error
    said = f"edited {path}"
    desk.observe(call, said, began)
    return said


def _replaced(content: bytes, path: str, old: str, new: str) -> bytes:
    if len(content) > LARGEST:
        raise EditFailed(f"{path} is larger than {LARGEST} bytes; edit it with the shell")
    if not old:
        raise EditFailed("`old` is empty; use write_file to make a new file")
    found = content.count(old.encode())
    if found == 0:
        raise EditFailed(f"`old` does not stand in {path}; it must match exactly, blanks included")
    if found > 1:
        raise EditFailed(f"`old` stands {found} times in {path}; take more of what surrounds it")
    return content.replace(old.encode(), new.encode())


async def _put(desk: Desk, path: str, content: bytes) -> None:
    """Write as an editor would: the sandbox keeps the mode and sets the time."""
    await desk.sandbox.write({path: File(content)})


def cause(error: Exception, path: str) -> str:
    """Why a file of the desk could not be read or written, in words that name its path."""
    match error:
        case FileNotFoundError():
            return f"there is no {path}"
        case IsADirectoryError():
            return f"{path} is a folder"
        case PermissionError():
            return f"{path}: permission denied"
        case OSError(strerror=str(why)) if path not in why:
            return f"{path}: {why}"
        case OSError(strerror=str(why)):
            return why
        case _:
            return str(error)
