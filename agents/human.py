"""A person, or any program, at the desk: works through a socket, one request a line.

A client that goes away before its answer ends what it asked for.

Requests and answers are JSON objects; bytes are base64. `{"do": "exec", "command": C, "timeout": S}`,
`{"do": "put", "path": P, "content": B}`, `{"do": "get", "path": P}`, `{"do": "status"}` (with the
`instruction` and the `rules`), `{"do": "where"}` (the shell's folder, for a prompt), `{"do":
"report", "report": {…}}`, `{"do": "leave"}` (without a report), `{"do": "browser"}` (the address of
a page that shows the desk's browser). An answer has either what was asked
for or `error`. Each `exec`, `put` and `get` counts as a step; the limit of steps is for models.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import time
from dataclasses import dataclass
from typing import Any, cast

from pydantic import ValidationError

from ..records.report import Report
from ..records.sockets import socket_path
from ..sandboxes import SandboxError
from .browser_page import BrowserPage
from .edits import EditFailed, cause, write_file
from .protocol import Assignment, Desk, LimitReached
from .rules import RULES

LONGEST_LINE = 256 * 1024 * 1024
LONGEST_COMMAND = 86_400.0
"""Seconds; a time limit beyond it is taken for this one."""


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
            visit.page.close()
            path.unlink(missing_ok=True)


@dataclass
class _Visit:
    assignment: Assignment
    desk: Desk
    over: asyncio.Future[Report | None]
    began: float = 0.0

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.page = BrowserPage(self.desk)

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
        except (SandboxError, LimitReached) as error:
            if not self.over.done():
                self.over.set_exception(error)
            return {"error": str(error)}
        except (OSError, ValueError, EditFailed) as error:
            return {"error": str(error)}

    async def _do(self, asked: object) -> dict[str, Any]:
        if not isinstance(asked, dict):
            raise ValueError("a request is a JSON object")
        request = cast("dict[str, Any]", asked)
        match request.get("do"):
            case "exec":
                command, timeout = _text(request, "command"), _seconds(request.get("timeout", 600))
                self.desk.steps += 1
                result = await self.desk.shell(command, timeout=timeout)
                await self.desk.tick()
                return {
                    "output": base64.b64encode(result.output).decode(),
                    "exit_code": result.exit_code,
                    "restarted": result.restarted,
                }
            case "put":
                path, content = _text(request, "path"), base64.b64decode(_text(request, "content"))
                self.desk.steps += 1
                await write_file(self.desk, path, content)
                await self.desk.tick()
                return {"path": path}
            case "get":
                path = _text(request, "path")
                self.desk.steps += 1
                content = await self._read(path)
                return {"content": base64.b64encode(content).decode()}
            case "status":
                return self._status()
            case "where":
                found = await self.desk.sandbox.shell('printf %s "${PWD/#$HOME/\\~}"', timeout=10)
                return {"folder": found.text}
            case "browser":
                return {"address": await self.page.address()}
            case "report":
                return self._leave(_report(request.get("report")))
            case "leave":
                return self._leave(None)
            case other:
                return {"error": f"cannot {other!r}"}

    async def _read(self, path: str) -> bytes:
        try:
            return await self.desk.read_file(path)
        except OSError as error:
            raise EditFailed(cause(error, path)) from error

    def _status(self) -> dict[str, Any]:
        limit = self.assignment.limits.wall_seconds
        return {
            "instruction": self.assignment.instruction,
            "rules": RULES,
            "seconds": time.monotonic() - self.began,
            "seconds_left": limit - (time.monotonic() - self.began),
        }

    def _leave(self, report: Report | None) -> dict[str, Any]:
        if not self.over.done():
            self.over.set_result(report)
        return {"left": True}


def _text(request: dict[str, Any], name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text")
    return value


def _seconds(value: object) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise ValueError("timeout must be a number of seconds above 0")
    return min(value, LONGEST_COMMAND)


def _report(value: object) -> Report:
    try:
        return Report.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
