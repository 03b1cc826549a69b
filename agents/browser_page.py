"""A page on loopback that shows a desk's browser to a person, and takes their mouse and keys.

The person's own browser meets nothing of the desk but pictures and plain text: no page of the desk
runs in it, no certificate and no proxy is needed, and the desk needs no network. Only who has the
address gets in: it holds a random token, and another site's page cannot ask for it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ..records.office import DOMAIN
from ..sandboxes import SandboxError
from .browser import ask_browser, has_browser
from .protocol import Desk

LONGEST_HEAD = 64 * 1024
LONGEST_BODY = 1024 * 1024
NO_BROWSER = "this desk has no browser: its task does not name the image desk-browser"
PORTAL = f"portal.{DOMAIN}"
UNCOUNTED = {"move", "scroll"}
"""What only looks: it is no step, and no time passes by it."""

HEADERS = (
    "Cache-Control: no-store",
    "Connection: close",
    "Content-Security-Policy: default-src 'none'; img-src data:; connect-src 'self'; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy: same-origin",
    "Referrer-Policy: no-referrer",
    "X-Content-Type-Options: nosniff",
)


class NotServed(Exception):
    """A request that gets no more than a status."""


@dataclass
class BrowserPage:
    """The page of one desk; nothing listens before `address` was asked for."""

    desk: Desk
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    port: int = 0
    home: str = ""
    _server: asyncio.Server | None = None
    _serving: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def address(self) -> str:
        """Where it is; from now on it is there.

        Raises:
            ValueError: the desk has no browser.
        """
        if self._server is None:
            if not await has_browser(self.desk.sandbox):
                raise ValueError(NO_BROWSER)
            if (await self.desk.sandbox.run(["getent", "hosts", PORTAL])).exit_code == 0:
                self.home = f"https://{PORTAL}/"
            self._server = await asyncio.start_server(
                self._connected, "127.0.0.1", 0, limit=LONGEST_HEAD
            )
            self.port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    def close(self) -> None:
        """Nothing listens any more, and nothing goes on."""
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(30):
                method, path, headers = await _head(reader)
            what = self._allowed(path, headers)
            length = int(headers.get("content-length", "0"))
            if length > LONGEST_BODY:
                raise NotServed("413 Content Too Large")
            body = await reader.readexactly(length)
            kind, content = await self._answer(f"{method} {what}", body)
            status = "200 OK"
        except NotServed as refused:
            status, kind, content = str(refused), "text/plain", str(refused).encode()
        except (ValueError, SandboxError) as error:
            status, kind, content = "400 Bad Request", "text/plain", str(error).encode()
        except (OSError, EOFError, TimeoutError, asyncio.CancelledError):
            writer.close()
            return
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}; charset=utf-8", *HEADERS]
        lines.append(f"Content-Length: {len(content)}")
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + content)
            await writer.drain()
        except OSError:
            pass  # whoever asked has gone
        finally:
            writer.close()

    def _allowed(self, path: str, headers: dict[str, str]) -> str:
        """What is asked for, where the address and the one who asks are right.

        A name that leads to 127.0.0.1 is not the address: so no page of another site gets in.
        """
        if headers.get("host") not in (f"127.0.0.1:{self.port}", f"localhost:{self.port}"):
            raise NotServed("421 Misdirected Request")
        if headers.get("origin", f"http://{headers['host']}") != f"http://{headers['host']}":
            raise NotServed("403 Forbidden")
        _, token, what = [*path.partition("?")[0].split("/", 2), "", ""][:3]
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            raise NotServed("404 Not Found")
        return what

    async def _answer(self, asked: str, body: bytes) -> tuple[str, bytes]:
        if asked == "GET ":
            page = Path(__file__).with_name("browser_page.html").read_bytes()
            return "text/html", page
        if asked == "POST view":
            told = await self._view(_object(body))
        elif asked == "POST do":
            told = await self._do(_object(body))
        else:
            raise NotServed("404 Not Found")
        return "application/json", json.dumps(told).encode()

    async def _view(self, given: dict[str, Any]) -> dict[str, Any]:
        """Where the browser stands, with its picture where that is not the one seen last."""
        head, picture = await ask_browser(self.desk.sandbox, "view", {}, picture=True)
        if head["error"]:
            return {"error": head["text"]}
        seen = hashlib.sha256(picture).hexdigest()
        told: dict[str, Any] = {**json.loads(head["text"]), "seen": seen, "home": self.home}
        if picture and seen != given.get("seen"):
            told["picture"] = base64.b64encode(picture).decode()
        return told

    async def _do(self, given: dict[str, Any]) -> dict[str, Any]:
        """One action of the driver, by a person's hand; it is a step of theirs."""
        action, arguments = given.get("action"), given.get("arguments")
        if not isinstance(action, str) or not isinstance(arguments, dict):
            raise ValueError("an action with its arguments is wanted")
        asked = cast("dict[str, Any]", arguments)
        if asked.get("do") in UNCOUNTED:
            head, _ = await ask_browser(self.desk.sandbox, action, asked)
            return head
        self.desk.steps += 1
        call = self.desk.acts(f"browser_{action}", asked)
        began = time.monotonic()
        head, picture = await ask_browser(self.desk.sandbox, action, asked, picture=True)
        screen = self.desk.trajectory.keep_screen(picture) if picture else None
        self.desk.observe(call, head["text"], began, error=head["error"], screen=screen)
        await self.desk.tick()
        return head


async def _head(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]]:
    """Method, path and headers of a request."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.LimitOverrunError as error:
        raise NotServed("431 Request Header Fields Too Large") from error
    first, *lines = head.split("\r\n")
    words = first.split(" ")
    if len(words) != 3:
        raise NotServed("400 Bad Request")
    named = (line.partition(":") for line in lines if line)
    return words[0], words[1], {name.strip().lower(): value.strip() for name, _, value in named}


def _object(body: bytes) -> dict[str, Any]:
    given = json.loads(body or b"{}")
    if not isinstance(given, dict):
        raise ValueError("a JSON object is wanted")
    return cast("dict[str, Any]", given)
