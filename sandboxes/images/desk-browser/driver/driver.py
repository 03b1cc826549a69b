"""The process that keeps a desk's browser: takes one request after another on a unix socket.

`browse` starts it when there is none and talks to it. A request is a line of JSON with `action`,
its `arguments`, and `picture` where a picture of the tab as it then stands is wanted; the answer
is a line of JSON with `text`, `error`, and `picture` (how many bytes of JPEG follow it).

It runs as the worker, and so can be killed by the worker: the next `browse` starts another one.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

SCRATCH = Path("/var/lib/browser")
REQUEST_BYTES = 16 * 1024 * 1024

os.environ["OFFSITE_HOME"] = os.environ.get("HOME", "/home/agent")
os.environ["HOME"] = str(SCRATCH)  # what a browser leaves in a home goes there
os.environ["TMPDIR"] = str(SCRATCH / "tmp")

from actions import ACTIONS, Refused, act, element  # noqa: E402
from browser import Browser  # noqa: E402
from hand import view  # noqa: E402
from playwright.async_api import Error  # noqa: E402
from words import plain  # noqa: E402

ACTION_SECONDS = 100.0
"""The longest that any action may take; each has shorter limits of its own."""


class Driver:
    """Answers requests in turn."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.turn = asyncio.Lock()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            request = json.loads(await reader.readline())
            if request["action"] == "view" and self.browser.running:
                text, error = await self.answer(request)  # whoever looks on does not wait
                picture = await self.picture(request)
            else:
                async with self.turn:
                    text, error = await self.answer(request)
                    picture = await self.picture(request) if request.get("picture") else b""
            head = {"text": plain(text), "error": error, "picture": len(picture)}
            writer.write(json.dumps(head).encode() + b"\n" + picture)
            await writer.drain()
        except (OSError, ValueError, LookupError, TypeError) as failure:
            print(f"a request was not served: {failure}", file=sys.stderr)
        finally:
            writer.close()
        if self.browser.playwright_lost:
            os._exit(1)  # nothing can be done any more: the next request starts another driver

    async def answer(self, request: dict[str, Any]) -> tuple[str, bool]:
        """What is said, and whether it is an error."""
        action, arguments = request.get("action"), request.get("arguments")
        if action == "view":
            try:
                return await view(self.browser), False
            except (Error, KeyError) as failure:  # the tab has gone just now
                return f"Error: {failure}", True
        if action not in ACTIONS or not isinstance(arguments, dict):
            return f"Error: no action {action!r}; there are: {', '.join(ACTIONS)}", True
        try:
            async with asyncio.timeout(ACTION_SECONDS):
                return await act(self.browser, str(action), request["arguments"]), False
        except Refused as refused:
            return await self.told(f"Error: {refused}"), True
        except TimeoutError:
            return await self.told(f"Error: {action} took more than {ACTION_SECONDS:g} s"), True
        except Error as error:
            return await self.told(self.browser.explain(error)), True

    async def picture(self, request: dict[str, Any]) -> bytes:
        """The tab as it now stands; for a screenshot finer, or only an element of it."""
        if request["action"] != "screenshot":
            return await self.browser.picture()
        ref = request["arguments"].get("ref")
        try:
            of = await element(self.browser, ref) if ref else None
        except (Refused, Error):
            return b""
        return await self.browser.picture(quality=75, of=of)

    async def told(self, text: str) -> str:
        """An error with the state that it leaves behind."""
        return "\n".join([text, *await self.browser.state()])


async def main() -> None:
    """Serve until the desk ends."""
    lock = (SCRATCH / "driver.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    shutil.rmtree(SCRATCH / "tmp", ignore_errors=True)
    (SCRATCH / "tmp").mkdir()
    again = (SCRATCH / "profile").exists()
    socket = SCRATCH / "socket"
    socket.unlink(missing_ok=True)
    driver = Driver(Browser(SCRATCH, Path(os.environ["OFFSITE_HOME"]), again=again))
    server = await asyncio.start_unix_server(driver.serve, socket, limit=REQUEST_BYTES)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
