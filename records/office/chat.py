"""The rooms of the chat."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from .item import Item


class Message(Item):
    """A message in a room of the chat."""

    sender: str
    at: AwareDatetime
    text: str
    id: str = Field(default="", description="Given by the server.")


class Room(Item):
    """A room of the chat; a direct one is two people's own."""

    name: str = Field(description="Its alias, `#name:acme.test`; for a direct one `alice+bob`.")
    topic: str = ""
    direct: bool = False
    members: tuple[str, ...]
    invited: tuple[str, ...] = Field(
        default=(), description="Asked in, and not there yet; found, never put in."
    )
    messages: tuple[Message, ...] = ()
