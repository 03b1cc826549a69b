"""The shared drive."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from .item import Item


class SharedFile(Item):
    """A file of the shared drive."""

    path: str = Field(pattern=r"^[^/]")
    content: bytes
    at: AwareDatetime | None = None
