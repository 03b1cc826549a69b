"""A model provider on loopback that says what a script tells it, over real HTTP.

It speaks OpenAI's chat completions, streamed (server-sent events) and whole; of the responses API
it takes the requests, and answers them with `raw` turns. Each conversation has
a key, found in the text of its messages, and a script of its own: one `Turn` is used up by each
request; it may be a function of the request, for what is known only then. So any number of trials can talk to one server at a time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """A tool call. `arguments` as a string are sent as they stand, valid JSON or not."""

    tool: str
    arguments: dict[str, Any] | str
    id: str | None = None


@dataclass(frozen=True)
class Turn:
    """What the server does with one request.

    Attributes:
        input, cached, output, reasoning_tokens: the usage that it tells.
        told: when it tells it: once, with every chunk (growing, as some servers do), or never.
        status: an HTTP error instead of a reply, with `error` as OpenAI's error object.
        hang: seconds of silence; before the reply, or in its middle if `cut` or `hang_inside`.
        cut: the connection is torn down in the middle of the stream.
        faded: the stream ends tidily, but before the reply does.
        raw: this body instead of a reply, with status 200 and `kind` as its content type.
    """

    text: str = ""
    reasoning: str = ""
    calls: tuple[Call, ...] = ()
    finish: str | None = None
    input: int = 1000
    cached: int = 0
    output: int = 50
    reasoning_tokens: int = 0
    told: str = "once"
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    error: dict[str, Any] = field(default_factory=dict[str, Any])
    hang: float = 0.0
    hang_inside: float = 0.0
    cut: bool = False
    faded: bool = False
    raw: str | None = None
    kind: str = "text/event-stream"


Answering = Callable[[dict[str, Any]], Turn]


def fail(status: int, message: str = "scripted", code: str = "", **headers: str) -> Turn:
    """An HTTP error; `retry_after="2"` becomes a header."""
    return Turn(
        status=status,
        error={"message": message, "type": "scripted", "code": code or None},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def shell(command: str, **more: Any) -> Turn:
    """A turn with one call of `shell`."""
    return Turn(calls=(Call("shell", {"command": command}),), **more)


def report(status: str = "done", confidence: float = 0.9, **more: Any) -> Turn:
    """A turn that hands in the report."""
    arguments = {"status": status, "confidence": confidence, "summary": "As asked."}
    return Turn(calls=(Call("report", arguments),), **more)


class ScriptedServer:
    """The server; `url` is what goes into `OPENAI_BASE_URL`.

    Attributes:
        requests: every request body so far, by conversation.
        keys: every bearer key that was sent.
    """

    def __init__(self) -> None:
        self.url = ""
        self.requests: dict[str, list[dict[str, Any]]] = {}
        self.keys: set[str] = set()
        self._scripts: dict[str, list[Turn | Answering]] = {}
        self._calls = 0

    def script(self, key: str, turns: Sequence[Turn | Answering]) -> None:
        """What the conversation that mentions `key` is answered, request by request."""
        self._scripts[key] = list(turns)
        self.requests[key] = []

    def left(self, key: str) -> int:
        """How many turns have not been used."""
        return len(self._scripts[key])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
            body = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))))
            self.keys.add(headers.get("authorization", "").removeprefix("bearer "))
            await self._answer(head[0].split(" ")[1], body, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, path: str, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        turn = self._next(path, body)
        await asyncio.sleep(turn.hang)
        if turn.status is not None:
            _send(writer, turn.status, {"error": turn.error}, turn.headers)
        elif turn.raw is not None:
            _send_raw(writer, turn.raw, turn.kind)
        elif not body.get("stream"):
            _send(writer, 200, self._whole(turn, body), {})
        else:
            await self._stream(turn, body, writer)

    def _next(self, path: str, body: dict[str, Any]) -> Turn:
        if path not in ("/v1/chat/completions", "/v1/responses"):
            return fail(404, f"no {path} here")
        text = json.dumps(body.get("messages") or body.get("input"))
        for key, turns in self._scripts.items():
            if key in text:
                self.requests[key].append(body)
                if not turns:
                    return fail(400, f"the script of {key} is at its end")
                turn = turns.pop(0)
                return turn if isinstance(turn, Turn) else turn(body)
        return fail(400, "no conversation of this key")

    def _tool_calls(self, turn: Turn) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = []
        for index, call in enumerate(turn.calls):
            self._calls += 1
            given = call.arguments
            text = given if isinstance(given, str) else json.dumps(given)
            calls.append(
                {
                    "index": index,
                    "id": f"call_{self._calls}" if call.id is None else call.id,
                    "type": "function",
                    "function": {"name": call.tool, "arguments": text},
                }
            )
        return calls

    def _whole(self, turn: Turn, body: dict[str, Any]) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": turn.text or None}
        if turn.reasoning:
            message["reasoning_content"] = turn.reasoning
        if turn.calls:
            message["tool_calls"] = [
                {name: value for name, value in call.items() if name != "index"}
                for call in self._tool_calls(turn)
            ]
        choice = {"index": 0, "message": message, "finish_reason": _finish(turn)}
        usage = None if turn.told == "never" else _usage(turn)
        return {**_frame(body, "chat.completion"), "choices": [choice], "usage": usage}

    async def _stream(self, turn: Turn, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        )
        deltas = self._deltas(turn)
        broken = turn.cut or turn.faded
        for place, delta in enumerate(deltas[: max(1, len(deltas) // 2)] if broken else deltas):
            usage = _usage(turn) if turn.told == "always" else None
            _event(writer, body, [{"index": 0, "delta": delta, "finish_reason": None}], usage)
            await writer.drain()
            if place == len(deltas) // 3 and turn.hang_inside:
                await asyncio.sleep(turn.hang_inside)
        if turn.cut:
            writer.transport.abort()
            return
        if not turn.faded:
            last = {"index": 0, "delta": {}, "finish_reason": _finish(turn)}
            _event(writer, body, [last], _usage(turn) if turn.told == "always" else None)
            asked = (body.get("stream_options") or {}).get("include_usage")
            if turn.told != "never" and asked:
                _event(writer, body, [], _usage(turn))
            _chunk(writer, b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")

    def _deltas(self, turn: Turn) -> list[dict[str, Any]]:
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        deltas += [{"reasoning_content": piece} for piece in _pieces(turn.reasoning)]
        deltas += [{"content": piece} for piece in _pieces(turn.text)]
        for call in self._tool_calls(turn):
            name, arguments = call["function"]["name"], call["function"]["arguments"]
            deltas.append({"tool_calls": [{**call, "function": {"name": name, "arguments": ""}}]})
            deltas += [
                {"tool_calls": [{"index": call["index"], "function": {"arguments": piece}}]}
                for piece in _pieces(arguments)
            ]
        return deltas


@asynccontextmanager
async def scripted_server() -> AsyncGenerator[ScriptedServer]:
    """A server on a free port of loopback."""
    scripted = ScriptedServer()
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0, limit=64 * 1024 * 1024)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield scripted
    finally:
        server.close()


def _send(
    writer: asyncio.StreamWriter, status: int, body: dict[str, Any], headers: dict[str, str]
) -> None:
    content = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Scripted", "content-type: application/json", "connection: close"]
    lines += [f"content-length: {len(content)}", *(f"{n}: {v}" for n, v in headers.items())]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)


def _send_raw(writer: asyncio.StreamWriter, body: str, kind: str) -> None:
    content = body.encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n"
    writer.write(f"{head}content-length: {len(content)}\r\n\r\n".encode() + content)


def _event(
    writer: asyncio.StreamWriter,
    body: dict[str, Any],
    choices: list[dict[str, Any]],
    usage: dict[str, Any] | None,
) -> None:
    chunk = {**_frame(body, "chat.completion.chunk"), "choices": choices, "usage": usage}
    _chunk(writer, f"data: {json.dumps(chunk)}\n\n".encode())


def _chunk(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")


def _frame(body: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": body["model"]}


def _finish(turn: Turn) -> str:
    return turn.finish or ("tool_calls" if turn.calls else "stop")


def _usage(turn: Turn) -> dict[str, Any]:
    return {
        "prompt_tokens": turn.input,
        "completion_tokens": turn.output,
        "total_tokens": turn.input + turn.output,
        "prompt_tokens_details": {"cached_tokens": turn.cached},
        "completion_tokens_details": {"reasoning_tokens": turn.reasoning_tokens},
    }


def _pieces(text: str) -> list[str]:
    """A few characters each, as models write."""
    length = 12
    return [text[start : start + length] for start in range(0, len(text), length)]
