"""Keeping the conversation within what the model can take in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from ..prices import find_model
from .tools import capped

HEAD = 2
"""The system prompt and the assignment: never cut."""

FALLBACK_TOKENS = 128_000
CHARS_PER_TOKEN = 3.0
"""Before the first reply tells better; careful, for code and figures take more than prose."""

_GAP = "\n\n[From here on, earlier steps of your work are left out to save room. The files at your \
desk are as you left them.]"
IMAGE_CHARS = 4000
"""What a picture counts for."""

_SHORT = 300
"""Characters of an old observation that are never worth cutting."""

_FULL = 0.85
"""Share of the room at which the conversation is cut…"""
_CUT_TO = 0.5
"""… and to which: seldom and deep, so that the provider's cache of the beginning serves longer."""


class TooLong(Exception):
    """Even the assignment with the last step alone does not fit."""


def input_tokens(model: str, profile: Any, wish: int | None) -> int:
    """How many tokens of input the model takes, room for its reply set aside."""
    if wish is not None:
        return wish - min(wish // 4, 32_000)
    entry = find_model(model)
    if entry is not None:
        return min(
            entry.max_input or entry.context, entry.context - min(entry.context // 4, 32_000)
        )
    known: Any = profile.get("max_input_tokens") if profile else None
    tokens = known if isinstance(known, int) and known > 0 else FALLBACK_TOKENS
    return tokens - min(tokens // 4, 32_000)


def size(messages: Sequence[BaseMessage]) -> int:
    """Characters that are sent for these messages, roughly."""
    return sum(_size(message) for message in messages)


def fit(messages: list[BaseMessage], room: float, *, force: bool = False) -> list[BaseMessage]:
    """The conversation, cut where it is about to outgrow `room` (characters); else the same list.

    First old observations are emptied, the oldest first; then whole old steps are dropped; at last
    the newest observations are shortened.

    Args:
        force: cut to what is safe in any case: the provider has refused the length.

    Raises:
        TooLong: nothing is left to cut.
    """
    if size(messages) <= room * _FULL and not force:
        return messages
    goal = room * _CUT_TO
    last = _last_step(messages)
    kept = _emptied(messages, last, goal)
    if size(kept) > goal:
        kept = _dropped(kept, last, goal)
    if size(kept) > room * _FULL:
        kept = _shortened(kept, room)
    if size(kept) > room or (force and size(kept) >= size(messages)):
        raise TooLong(f"{size(kept):,} characters do not fit into {room:,.0f}")
    return kept


def _emptied(messages: list[BaseMessage], last: int, goal: float) -> list[BaseMessage]:
    kept, total = list(messages), size(messages)
    for place, message in enumerate(messages[:last]):
        if total <= goal:
            break
        if isinstance(message, ToolMessage) and _size(message) > _SHORT:
            stub = f"[{len(message.text):,} characters of output left out to save room]"
            kept[place] = message.model_copy(update={"content": stub})
            total -= _size(message) - _size(kept[place])
    return kept


def _dropped(messages: list[BaseMessage], last: int, goal: float) -> list[BaseMessage]:
    starts = [
        place
        for place, message in enumerate(messages)
        if HEAD < place <= last and isinstance(message, AIMessage)
    ]
    head = [messages[0], _with_gap(messages[1])]
    for start in starts:
        kept = [*head, *messages[start:]]
        if size(kept) <= goal or start == last:
            return kept
    return messages


def _shortened(messages: list[BaseMessage], room: float) -> list[BaseMessage]:
    answers = [place for place, m in enumerate(messages) if isinstance(m, ToolMessage)]
    rest = size(messages) - sum(_size(messages[place]) for place in answers)
    share = int((room * _FULL - rest) / max(1, len(answers))) - 200
    if share < _SHORT:
        return messages
    kept = list(messages)
    for place in answers:
        text = capped(messages[place].text, share)
        kept[place] = messages[place].model_copy(update={"content": text})
    return kept


def _last_step(messages: Sequence[BaseMessage]) -> int:
    """Where the newest reply of the model stands; the end where there is none."""
    places = [place for place, message in enumerate(messages) if isinstance(message, AIMessage)]
    return places[-1] if places else len(messages)


def _with_gap(assignment: BaseMessage) -> BaseMessage:
    text = assignment.text
    if text.endswith(_GAP):
        return assignment
    return assignment.model_copy(update={"content": text + _GAP})


def _size(message: BaseMessage) -> int:
    content: Any = message.content
    total = len(content) if isinstance(content, str) else sum(map(_block_size, content))
    if isinstance(message, AIMessage):
        total += sum(len(json.dumps(call["args"], default=str)) + 60 for call in message.tool_calls)
        total += sum(
            len(value) for value in message.additional_kwargs.values() if isinstance(value, str)
        )
    return total + 20


def _block_size(block: Any) -> int:
    if isinstance(block, dict) and cast("dict[str, Any]", block).get("type") == "image":
        return IMAGE_CHARS
    return len(json.dumps(block, default=str))
