"""A person, or any program, at the desk: works through a socket, one request a line.

A client that goes away before its answer ends what it asked for.

Requests and answers are JSON objects; bytes are base64. `{"do": "exec", "command": C, "timeout": S}`,
`{"do": "put", "path": P, "content": B}`, `{"do": "get", "path": P}`, `{"do": "status"}`,
`{"do": "report", "report": {…}}`, `{"do": "leave"}` (without a report). An answer has either what
was asked for or `error`.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ..records.report import Report
from ..records.sockets import socket_path
from ..sandboxes import SandboxError
from .protocol import Assignment, Desk

LONGEST_LINE = 256 * 1024 * 1024


@dataclass
class Human:
    """Whoever connects to the trial's socket."""

    name: str = "human"

    async def work(self, assignment: Assignment, desk: Desk) -> Report | None:
        """Serve requests until a report is handed in or the worker leaves."""
        visit = _Visit(assignment, desk, asyncio.get_running_loop().create_future())
        path = socket_path(assignment.folder)
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(visit.serve, path, limit=LONGEST_LINE)
        try:
            return await visit.over
        finally:
            server.close()
            path.unlink(missing_ok=True)


@dataclass
class _Visit:
    assignment: Assignment
    desk: Desk
    over: asyncio.Future[Report | None]
    began: float = 0.0

    def __post_init__(self) -> None:
        self.began = time.monotonic()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests in order."""
        try:
            while line := await reader.readline():
                answering = asyncio.ensure_future(self._answer(line))
                # One request at a time: what comes before the answer is the client's going away.
                gone = asyncio.ensure_future(reader.read(1))
                await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not answering.done():
                    answering.cancel()  # ends the command at the desk, too
                    return
                gone.cancel()
                await asyncio.gather(gone, return_exceptions=True)
                writer.write(json.dumps(answering.result()).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            pass  # The client is gone; the desk stays.
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            return await self._do(json.loads(line))
        except SandboxError as error:
            if not self.over.done():
                self.over.set_exception(error)
            return {"error": str(error)}
        except (OSError, ValueError, KeyError, TypeError) as error:
            return {"error": f"{type(error).__name__}: {error}"}

    async def _do(self, request: dict[str, Any]) -> dict[str, Any]:
        match request.get("do"):
            case "exec":
                result = await self.desk.shell(
                    request["command"], timeout=float(request.get("timeout", 600))
                )
                return {
                    "output": base64.b64encode(result.output).decode(),
                    "exit_code": result.exit_code,
                    "restarted": result.restarted,
                }
            case "put":
                await self.desk.write_file(request["path"], base64.b64decode(request["content"]))
                return {"path": request["path"]}
            case "get":
                content = await self.desk.read_file(request["path"])
                return {"content": base64.b64encode(content).decode()}
            case "status":
                return self._status()
            case "report":
                return self._leave(_report(request["report"]))
            case "leave":
                return self._leave(None)
            case other:
                return {"error": f"cannot {other!r}"}

    def _status(self) -> dict[str, Any]:
        limit = self.assignment.limits.wall_seconds
        return {
            "instruction": self.assignment.instruction,
            "seconds": time.monotonic() - self.began,
            "seconds_left": limit - (time.monotonic() - self.began),
        }

    def _leave(self, report: Report | None) -> dict[str, Any]:
        if not self.over.done():
            self.over.set_result(report)
        return {"left": True}


def _report(value: object) -> Report:
    try:
        return Report.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
