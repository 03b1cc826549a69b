"""What a colleague says to what they hear: rules over words, no model, so that it is repeatable."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from .common import Data

QUOTED = re.compile(
    r"^\s*>|^-{2,}\s*original message|^on .{5,120} wrote:\s*$|^-{5,}.*forwarded", re.I
)


@dataclass(frozen=True)
class Heard:
    """Something that was said.

    Attributes:
        way: `mail`, `chat`, `tracker` or `forge`.
        who: the login or address of who said it.
        to: who it reaches: logins and addresses (all in the room, or all whom it names).
        where: what an answer needs: the mail, the room, the number of the issue …
        opened: whether it is a new issue, not a comment.
    """

    way: str
    id: str
    who: str
    to: tuple[str, ...]
    text: str
    subject: str = ""
    where: Data = field(default_factory=dict[str, object])


@dataclass(frozen=True)
class Reply:
    """What a colleague answers; what has no text is only kept in the history.

    Attributes:
        kind: as in `Happening`.
        minutes: of working time until it is said.
        then: what else happens, after it.
    """

    kind: str
    topic: str
    text: str
    minutes: int
    then: tuple[Data, ...] = ()


class Memory:
    """What each colleague was told and has answered so far."""

    def __init__(self) -> None:
        self.said: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self.told: set[tuple[str, str]] = set()


def replies(colleague: Data, heard: Heard, memory: Memory) -> list[Reply]:
    """What this colleague says to it: all answers that were asked for, or else one that says so."""
    who, text = colleague["who"], spoken(f"{heard.subject}\n{heard.text}")
    earlier = memory.said[who, heard.who]
    earlier.append(text)
    found: list[Reply] = []
    for answer in colleague["answers"]:
        if heard.way in answer["ways"] and _is_asked(answer, text, earlier[:-1], memory, who):
            found.append(_reply(colleague, answer, heard, "\n".join(earlier), memory))
    if found:
        return found
    if colleague["unclear"]:
        return [Reply("unclear", "", colleague["unclear"], colleague["minutes"])]
    return [Reply("ignored", "", "", 0)]


def spoken(text: str) -> str:
    """What somebody wrote themselves: without the lines that quote another."""
    kept: list[str] = []
    for line in text.splitlines():
        if re.match(r"^-{2,}\s*original message", line, re.I):
            break
        if not QUOTED.search(line):
            kept.append(line)
    return "\n".join(kept)


def names(colleague: Data, name: str, text: str) -> bool:
    """Whether a text names somebody: by login, or by their first or whole name."""
    words = {colleague["who"], name, name.split(" ", maxsplit=1)[0]} - {""}
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.I) for word in words)


def _is_asked(answer: Data, text: str, earlier: Sequence[str], memory: Memory, who: str) -> bool:
    if any(_found(one, text) for one in answer["unless"]):
        return False
    if all(_found(one, text) for one in answer["asked"]):
        return True
    # What was asked back for may come alone: "The one of Northwind."
    pending = (who, f"back:{answer['topic']}") in memory.told
    asked_before = any(all(_found(one, said) for one in answer["asked"]) for said in earlier)
    clear = all(_found(one, text) for one in answer["needs"])
    return bool(answer["needs"]) and pending and asked_before and clear


def _reply(colleague: Data, answer: Data, heard: Heard, all_said: str, memory: Memory) -> Reply:
    who, topic = colleague["who"], answer["topic"]
    minutes = colleague["minutes"] if answer["after"] is None else answer["after"]
    if answer["askers"] and heard.who not in answer["askers"]:
        return Reply("refused", topic, answer["refusal"], minutes)
    if not all(_found(one, all_said) for one in answer["needs"]):
        memory.told.add((who, f"back:{topic}"))
        return Reply("asked back", topic, answer["ask_back"], minutes)
    memory.told.discard((who, f"back:{topic}"))
    first = (who, topic) not in memory.told
    memory.told.add((who, topic))
    text = answer["text"] if first else answer["again"] or answer["text"]
    return Reply("answered", topic, text, minutes, tuple(answer["then"]) if first else ())


def _found(expression: str, text: str) -> bool:
    return re.search(expression, text, re.I) is not None
