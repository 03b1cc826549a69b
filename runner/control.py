"""The control socket of a run: how other processes watch it and steer it.

One JSON object a line in, one out: `{"do": "status"}`, `pause`, `resume`, `drain`, `stop`,
`{"do": "cancel", "trial": ID}`, `{"do": "concurrency", "number": N}`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ..records.sockets import socket_path
from .engine import Engine


@asynccontextmanager
async def serve(engine: Engine) -> AsyncGenerator[None, None]:
    """Answer on the run's socket as long as the context lasts; only this user can connect."""
    path = socket_path(engine.context.store.folder)
    path.unlink(missing_ok=True)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(_obey(engine, line)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_unix_server(answer, path)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def ask(run_folder: Path, request: dict[str, Any]) -> dict[str, Any] | None:
    """Ask a living run; None where none works in this folder."""
    try:
        reader, writer = await asyncio.open_unix_connection(socket_path(run_folder))
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    try:
        writer.write(json.dumps(request).encode() + b"\n")
        await writer.drain()
        line = await reader.readline()
        return json.loads(line) if line else None
    finally:
        writer.close()


def _obey(engine: Engine, line: bytes) -> dict[str, Any]:
    try:
        request: dict[str, Any] = json.loads(line)
        match request.get("do"):
            case "status":
                pass
            case "pause":
                engine.pause()
            case "resume":
                engine.resume()
            case "drain":
                engine.drain()
            case "stop":
                engine.stop()
            case "cancel":
                if not engine.cancel(str(request["trial"])):
                    return {"error": f"no such trial is waiting or under way: {request['trial']}"}
            case "concurrency":
                engine.set_concurrency(int(request["number"]))
            case other:
                return {"error": f"cannot {other!r}"}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return {"error": f"not understood: {error}"}
    return engine.status()
