"""Pictures for models that see: kept in the trial's folder, shown in the newest part of the talk."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, ToolMessage

from ...records.trajectory import screen_path
from .tools import Answer

NEWEST = 3
"""Pictures that are sent; older ones show what is no more, and each costs about a thousand tokens."""


def tool_message(answer: Answer, call: str) -> ToolMessage:
    """The answer as the conversation keeps it: of a picture only its sha256."""
    return ToolMessage(answer.text or "(nothing)", tool_call_id=call, artifact=answer.screen)


def with_screens(messages: Sequence[BaseMessage], folder: Path) -> list[BaseMessage]:
    """The conversation with the newest pictures put in.

    A picture stands in a message of the user's behind the answers to the calls of one reply:
    OpenAI's chat completions take none in a tool's answer, and nothing between these.
    """
    wanted = [place for place, message in enumerate(messages) if _screen(message)][-NEWEST:]
    shown: list[BaseMessage] = []
    waiting: list[dict[str, Any]] = []
    for place, message in enumerate(messages):
        if waiting and not isinstance(message, ToolMessage):
            shown.append(_pictures(waiting))
            waiting = []
        shown.append(message)
        if place in wanted:
            waiting += _block(folder, _screen(message))
    return [*shown, _pictures(waiting)] if waiting else shown


def _screen(message: BaseMessage) -> str:
    return message.artifact or "" if isinstance(message, ToolMessage) else ""


def _pictures(blocks: list[dict[str, Any]]) -> HumanMessage:
    told = {"type": "text", "text": "[what browser_screenshot showed]"}
    return HumanMessage([told, *blocks])


def _block(folder: Path, digest: str) -> list[dict[str, Any]]:
    path = screen_path(folder, digest)
    if not path.exists():
        return []
    data = base64.b64encode(path.read_bytes()).decode()
    return [{"type": "image", "base64": data, "mime_type": "image/jpeg"}]
