"""The stream of a container's first process, which the engine carries over its own connection."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any, cast

from .channel import Channel, ChannelSandbox
from .engine import engine_address
from .protocol import EngineUnavailable


async def join(
    attached: Any, remove: Callable[[], Any], why: Callable[[], Awaitable[str]]
) -> ChannelSandbox:
    """A sandbox over the engine's hijacked connection."""
    if not isinstance(attached, socket.SocketIO):
        raise EngineUnavailable(
            f"the engine at {engine_address()} is reached through TLS or SSH, which carries no "
            "desk; forward its socket and name that: export DOCKER_HOST=unix:///PATH"
        )
    stream = socket.socket(fileno=os.dup(attached.fileno()))
    attached.close()
    stream.setblocking(False)
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(lambda: _Stream(why), sock=stream)

    async def close() -> None:
        protocol.close()
        await remove()

    return ChannelSandbox(protocol.channel, close)


class _Stream(asyncio.Protocol):
    """Takes the engine's stream apart: each piece has a type, three zeros and a length."""

    def __init__(self, why: Callable[[], Awaitable[str]]) -> None:
        """`why` finds out why the stream ended."""
        self.pending = bytearray()
        self.channel = Channel(self.send)
        self.transport: asyncio.Transport | None = None
        self.why: Callable[[], Awaitable[str]] | None = why
        self.ending: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        pending = self.pending
        pending += data
        while len(pending) >= 8:
            kind, size = struct.unpack_from("!BxxxI", pending)
            if len(pending) < 8 + size:
                return
            piece = bytes(pending[8 : 8 + size])
            del pending[: 8 + size]
            if kind == 2:
                self.channel.complain(piece)
            else:
                self.channel.feed(piece)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.why is not None:
            self.ending = asyncio.ensure_future(self.tell(self.why))

    async def tell(self, why: Callable[[], Awaitable[str]]) -> None:
        self.channel.lost(await why())

    def close(self) -> None:
        """Nobody asks any more why it ends."""
        self.why = None
        if self.transport is not None:
            self.transport.abort()

    def send(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)
