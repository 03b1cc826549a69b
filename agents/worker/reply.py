"""What the model replied, brought into the form in which it is kept, counted and acted on."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ToolCall,
    message_chunk_to_message,
)

from ...records.trajectory import Usage
from ..prices import cost_usd
from .context import size
from .tools import BAD_JSON, is_too_deep

_WRITTEN = ("cache_creation", "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
"""Where LangChain tells what was written into the cache: in all, or else by how long it lasts."""


@dataclass(frozen=True)
class Reply:
    """What the model said, with what it took.

    Attributes:
        cut: it was ended by the model's output limit.
        estimated: the provider told no usage; the tokens are counted from the text.
    """

    message: AIMessage
    usage: Usage
    seconds: float
    retries: int
    cut: bool
    estimated: bool


def read_reply(
    raw: AIMessage, model: str, messages: Sequence[BaseMessage], seconds: float, retries: int
) -> Reply:
    """Take in a whole reply to these messages, streamed or not."""
    told = raw.usage_metadata
    input_details = (told or {}).get("input_token_details") or {}
    output_details = (told or {}).get("output_token_details") or {}
    used = {
        "input": told["input_tokens"] if told else _estimate(messages),
        "cached": int(input_details.get("cache_read") or 0),
        "output": told["output_tokens"] if told else _estimate([raw]),
    }
    written = sum(int(input_details.get(name) or 0) for name in _WRITTEN)
    usage = Usage(
        **used,
        reasoning=int(output_details.get("reasoning") or 0),
        cost_usd=cost_usd(model, **used, written=written),
    )
    return Reply(
        message=_plain(raw, messages),
        usage=usage,
        seconds=seconds,
        retries=retries,
        cut=ending(raw) in ("length", "max_tokens", "MAX_TOKENS", "incomplete"),
        estimated=told is None,
    )


def ending(message: AIMessage) -> str:
    """Why the reply ended, as the provider says; empty where it did not come to its end."""
    told = message.response_metadata
    return str(told.get("finish_reason") or told.get("stop_reason") or told.get("status") or "")


def _estimate(messages: Sequence[BaseMessage]) -> int:
    return size(messages) // 4


def _plain(raw: AIMessage, messages: Sequence[BaseMessage]) -> AIMessage:
    """The reply as it is kept: whole, its tool calls fit to be sent to any provider again."""
    message = message_chunk_to_message(raw) if isinstance(raw, AIMessageChunk) else raw
    calls = _calls(raw, messages)
    content: Any = message.content
    if isinstance(content, list):
        # OpenAI's responses API: LangChain makes these anew from `tool_calls`, under their ids.
        blocks = cast("list[Any]", content)
        content = [block for block in blocks if not _is_call(block)]
    if not content and not calls:
        content = "(nothing)"  # some providers refuse an empty message when it is sent again
    return AIMessage(
        content=_clean(content) if isinstance(content, str) else content,
        additional_kwargs={
            name: _clean(value) if isinstance(value, str) else value
            for name, value in message.additional_kwargs.items()
            if name != "tool_calls"
        },
        response_metadata=message.response_metadata,
        id=message.id,
        tool_calls=calls,
    )


def _is_call(block: Any) -> bool:
    return isinstance(block, dict) and cast("Any", block).get("type") == "function_call"


def _calls(raw: AIMessage, messages: Sequence[BaseMessage]) -> list[ToolCall]:
    """The tool calls, in order, with names and ids that every provider takes back.

    LangChain completes JSON that was cut off, so that half a command would be run as if it were
    whole. Here what is no JSON object, or nested too deeply, stays as it came, under `BAD_JSON`.
    """
    if isinstance(raw, AIMessageChunk):
        given = [(c.get("name"), c.get("args"), c.get("id")) for c in raw.tool_call_chunks]
    else:
        given = [
            (c["name"], c["args"], c["id"]) for c in (*raw.tool_calls, *raw.invalid_tool_calls)
        ]
    taken = {c["id"] for m in messages if isinstance(m, AIMessage) for c in m.tool_calls}
    calls: list[ToolCall] = []
    for name, arguments, id in given:
        unique = id or f"call_{len(taken)}"
        while unique in taken:
            unique = f"{unique}_{len(taken)}"
        taken.add(unique)
        sendable = re.sub(r"[^a-zA-Z0-9_-]", "_", name or "")[:64] or "unnamed"
        calls.append(ToolCall(name=sendable, args=_arguments(arguments), id=unique))
    return calls


def _arguments(given: Any) -> dict[str, Any]:
    text: str = given if isinstance(given, str) else json.dumps(given or {})
    try:
        loaded: Any = json.loads(text.strip() or "{}", strict=False)
        if isinstance(loaded, dict) and not is_too_deep(cast("object", loaded)):
            return json.loads(_clean(json.dumps(loaded, ensure_ascii=False)))
    except (ValueError, RecursionError):
        pass
    return {BAD_JSON: _clean(text)}


def _clean(text: str) -> str:
    """Without half characters (lone surrogates), which nothing downstream can write."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
