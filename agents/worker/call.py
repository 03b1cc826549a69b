"""One call of the model: received within time limits, tried again where the provider failed."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Sequence
from typing import Any, cast

from langchain_core.exceptions import ContextOverflowError, ModelError
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import add_ai_message_chunks

from ...records.endings import Ending
from ..models import address, doubt_name
from ..protocol import AgentFailed, Desk
from .config import WorkerConfig
from .reply import Reply, ending, read_reply

_OVERFLOW = re.compile(
    r"context[ _]length|context window|context size|maximum context|prompt is too long|"
    r"input is too long|too many (input )?tokens|exceeds? the (maximum|max|limit).{0,40}tokens|"
    r"input token count|reduce the length|maximum prompt length|exceeded model token limit|"
    r"exceeds? max length|exceed context limit",
    re.IGNORECASE,
)
"""How providers say that the conversation is too long, where LangChain does not know it yet."""

_TOO_LARGE = re.compile(r"tokens must be reduced", re.IGNORECASE)
"""A 429 that says the same: this one request is more than the account may send in a minute."""

_TRANSIENT = {408, 409, 425, 429}
"""Statuses below 500 that are worth another try."""

_NO_MONEY = re.compile(r"insufficient_quota|insufficient balance|billing", re.IGNORECASE)
"""A 429 with these words does not pass by waiting."""


class ContextExceeded(Exception):
    """The provider says that the conversation is too long."""


class _Cut(Exception):
    """The stream ended before the reply did, or was silent for too long."""


async def call_model(
    chat: Any, model: str, messages: Sequence[BaseMessage], config: WorkerConfig, desk: Desk
) -> Reply:
    """Get the model's reply to the conversation. Only the try that brings it is the agent's time.

    Args:
        chat: a LangChain chat model with the tools bound.

    Raises:
        ContextExceeded: the conversation must be cut.
        AgentFailed: the provider failed, after retries, or refuses the key, model or request.
    """
    desk.clock.stop()
    seconds = 0.0
    try:
        reply = await _try(chat, model, messages, config, desk)
        seconds = reply.seconds
        return reply
    finally:
        desk.clock.start(charge=seconds)


async def _try(
    chat: Any, model: str, messages: Sequence[BaseMessage], config: WorkerConfig, desk: Desk
) -> Reply:
    """Try until there is a whole reply, or trying on is of no use."""
    for tried in range(config.retries + 1):
        began = time.monotonic()
        try:
            async with asyncio.timeout(config.request_seconds):
                raw = await _receive(chat, messages, config)
        except Exception as error:
            wait = _wait(error, model, tried, config)
            text = _said(error)
            if tried == config.retries:
                tries = f"{tried + 1} tries" if tried else "one try"
                message = f"{_named(model)}: no reply after {tries}; at last: {text}"
                raise AgentFailed(Ending.PROVIDER_FAILED, message) from error
            desk.note(f"{text}; retry {tried + 1} of {config.retries} in {wait:.1f} s")
            await asyncio.sleep(wait)
            continue
        return read_reply(raw, model, messages, time.monotonic() - began, tried)
    raise AssertionError("the last try returns or raises")


async def _receive(chat: Any, messages: Sequence[BaseMessage], config: WorkerConfig) -> AIMessage:
    """One reply, whole.

    Whatever is raised in here is the provider's, or its gateway's: of a broken reply (an empty
    stream, HTML, an error with status 200) LangChain makes `ValueError`, `TypeError` and others.
    """
    if not config.stream:
        return cast(AIMessage, await chat.ainvoke(list(messages)))
    chunks: list[AIMessageChunk] = []
    stream = chat.astream(list(messages))
    limit = config.first_chunk_seconds
    try:
        while True:
            try:
                async with asyncio.timeout(limit):
                    chunk = await anext(stream, None)
            except TimeoutError as error:
                raise _Cut(f"no word from the provider for {limit:g} s") from error
            if chunk is None:
                break
            chunks.append(chunk)
            limit = config.chunk_seconds
    finally:
        await stream.aclose()
    # All at once: adding them one by one parses the growing arguments anew with each.
    whole = add_ai_message_chunks(chunks[0], *chunks[1:])
    if not ending(whole):
        raise _Cut("the stream broke off")
    return whole


def _wait(error: Exception, model: str, tried: int, config: WorkerConfig) -> float:
    """Seconds until the next try.

    Raises:
        ContextExceeded, AgentFailed: there is to be none.
    """
    status = _status(error)
    text = _said(error)
    told = f"{text} {getattr(error, 'code', '')}"
    too_long = _TOO_LARGE if status == 429 else _OVERFLOW
    if isinstance(error, ContextOverflowError) or too_long.search(told):
        raise ContextExceeded(text) from error
    if (
        (status == 429 and _NO_MONEY.search(told))
        or (status is not None and status < 500 and status not in _TRANSIENT)
        or (status is None and isinstance(error, ModelError) and not error.is_retryable)
    ):
        doubt = doubt_name(model)
        raise AgentFailed(Ending.MODEL_REJECTED, f"{text} ({doubt})" if doubt else text) from error
    asked = _retry_after(error)
    if asked is not None:
        if asked > config.retry_after_max:
            raise AgentFailed(
                Ending.PROVIDER_FAILED, f"{_named(model)} asks to wait {asked:g} s: {text}"
            ) from error
        return asked
    backoff = min(config.backoff_max, config.backoff * 2**tried)
    return backoff * random.uniform(0.75, 1.25)


def _named(model: str) -> str:
    """The model, and where it was looked for."""
    place = address(model)
    return f"{model} at {place}" if place else model


def _status(error: Exception) -> int | None:
    """The HTTP status, where the error has one (OpenAI and Anthropic; Google says `code`)."""
    for name in ("status_code", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int) and 400 <= value < 600:
            return value
    return None


def _retry_after(error: Exception) -> float | None:
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            return max(0.0, float(headers[name]) / unit)
        except (KeyError, ValueError):
            continue
    return None


def _said(error: Exception) -> str:
    """The provider's message on one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 600 else text[:600] + " …"
