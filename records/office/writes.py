"""What the worker changed in the office: what differs, without what colleagues and events did."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field

from ..evidence import Write
from .database import Table
from .files import SharedFile
from .forge import Pull
from .groupware import Mail
from .item import Item
from .state import Office
from .tracker import Issue

NOT_A_CHANGE = frozenset({"\\seen", "\\recent", "\\answered", "$forwarded", "$mdnsent"})
"""Flags that follow from reading and answering."""


class Act(Item):
    """What a colleague or an event changed: found, never put in. Fields are as in the deeds."""

    do: Literal["mail", "say", "issue", "change", "file", "pull"]
    id: str = Field(default="", description="Of a mail or a message.")
    boxes: tuple[str, ...] = Field(default=(), description="The mailboxes that a mail came into.")
    number: int = 0
    author: str = ""
    text: str = ""
    status: str = ""
    priority: str = ""
    assignee: str = ""
    path: str = ""
    content: bytes = b""
    repository: str = ""


def office_writes(start: Office, end: Office, acts: Iterable[Act] = ()) -> list[Write]:
    """What differs between two states, as writes; that a mail was read or answered does not.

    `acts` are taken as part of the start: of what came meanwhile, only what the worker did to it
    is a write.
    """
    before, after = dict(start.items()), dict(end.items())
    for act in acts:
        before |= _as_at_start(act, before, after)
    writes: list[Write] = []
    for path in sorted(before.keys() | after.keys()):
        old, new = (_essence(one.get(path)) for one in (before, after))
        if old == new:
            continue
        if new is None:
            writes.append(Write(path=path, change="deleted"))
            continue
        change = "created" if old is None else "modified"
        writes.append(
            Write(path=path, change=change, size=len(new), sha256=hashlib.sha256(new).hexdigest())
        )
    return writes


def _as_at_start(
    act: Act, before: Mapping[str, Item], after: Mapping[str, Item]
) -> Mapping[str, Item]:
    """What an act left, as if it had been there from the start."""
    match act.do:
        case "mail":
            return _mails(act, after)
        case "say":
            return {path: one for path, one in after.items() if _is_message(path, act.id)}
        case "file":
            return {f"office:files/{act.path}": SharedFile(path=act.path, content=act.content)}
        case "issue" | "change":
            return _issue(act, before, after)
        case "pull":
            return _pull(act, before, after)


def _mails(act: Act, after: Mapping[str, Item]) -> Mapping[str, Item]:
    copies = {
        path: one for path, one in after.items() if isinstance(one, Mail) and one.id == act.id
    }
    came = {
        f"office:mail/{box}/INBOX/{act.id}": next(iter(copies.values()))
        for box in act.boxes
        if copies
    }
    sent = {path: one for path, one in copies.items() if "/Sent/" in path}
    return {**sent, **{path: copies.get(path, one) for path, one in came.items()}}


def _is_message(path: str, id: str) -> bool:
    return path.startswith("office:chat/") and path.endswith(f"/{id}")


def _issue(act: Act, before: Mapping[str, Item], after: Mapping[str, Item]) -> Mapping[str, Item]:
    """The issue with what this act did to it; what the worker did to it stays a difference."""
    path = f"office:tracker/issues/{act.number}"
    start, end = before.get(path), after.get(path)
    if not isinstance(end, Issue):
        return {}
    if not isinstance(start, Issue):  # filed by the act: what came after has comments of its own
        return {path: end.model_copy(update={"comments": ()})} if act.do == "issue" else {}
    said = tuple(one for one in end.comments if _is_said(act, one.author, one.text))
    changed = {name: getattr(act, name) for name in ("status", "priority", "assignee")}
    new = {name: value for name, value in changed.items() if value}
    comments = tuple(one for one in end.comments if one in start.comments or one in said)
    return {path: start.model_copy(update={**new, "comments": comments, "updated": end.updated})}


def _pull(act: Act, before: Mapping[str, Item], after: Mapping[str, Item]) -> Mapping[str, Item]:
    path = f"office:forge/{act.repository}/pulls/{act.number}"
    start, end = before.get(path), after.get(path)
    if not isinstance(start, Pull) or not isinstance(end, Pull):
        return {}
    said = tuple(one for one in end.comments if _is_said(act, one.author, one.text))
    comments = tuple(one for one in end.comments if one in start.comments or one in said)
    return {path: start.model_copy(update={"comments": comments})}


def _is_said(act: Act, author: str, text: str) -> bool:
    return author == act.author and text.strip().replace("\r\n", "\n") == act.text.strip()


def _essence(item: Item | None) -> bytes | None:
    """What makes it the same thing before and after."""
    if isinstance(item, Mail):
        flags = sorted(flag for flag in item.flags if flag.lower() not in NOT_A_CHANGE)
        return item.content + b"\n" + json.dumps(flags).encode()
    if isinstance(item, SharedFile):
        return item.content
    if isinstance(item, Table):
        return item.essence
    return None if item is None else item.model_dump_json().encode()
