"""The worker's browser tools: each is one action of the driver at the desk (docs/browser.md)."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import Field

from ...sandboxes import Sandbox, SandboxError
from ..browser import ask_browser, has_browser
from ..protocol import Desk
from .config import WorkerConfig
from .tools import Answer, Arguments, Tools

TRACE = "/var/lib/browser/trace.zip"

REF = "The element's reference in the newest snapshot, such as e12 or f1e3."
DIALOG = (
    "How to answer a dialog that this opens: `accept`, `dismiss`, or the text for a prompt. Left "
    "out, confirmations and prompts are dismissed, and you are told."
)


class Open(Arguments):
    """Go to an address in the desk's browser."""

    url: str = Field(min_length=1)
    new_tab: bool = False


class Snapshot(Arguments):
    """See what the page in the current tab shows, as its accessibility tree. Elements have
    references ([ref=e12]) by which the other browser tools act on them; they hold until the page
    changes. A long page is cut, and the answer says how to see the rest."""

    ref: str | None = Field(default=None, description="Only this element and what is in it.")
    find: str | None = Field(default=None, description="Only lines with this text.")
    start: int | None = Field(default=None, ge=1, description="First line wanted, from 1.")


class Click(Arguments):
    """Click an element."""

    ref: str = Field(description=REF)
    double: bool = False
    dialog: str | None = Field(default=None, description=DIALOG)


class Type(Arguments):
    """Write text into a field, in place of what it holds."""

    ref: str = Field(description=REF)
    text: str
    submit: bool = Field(default=False, description="Press Enter afterwards.")
    clear: bool = Field(default=True, description="False: write it behind what is there.")
    dialog: str | None = Field(default=None, description=DIALOG)


class Select(Arguments):
    """Choose from a list."""

    ref: str = Field(description=REF)
    values: list[str] = Field(min_length=1, description="Labels or values of the options.")
    dialog: str | None = Field(default=None, description=DIALOG)


class Press(Arguments):
    """Press a key, such as Enter, Escape, Tab, ArrowDown, PageDown or Control+a."""

    key: str = Field(min_length=1)
    ref: str | None = Field(default=None, description="In this element, else where the focus is.")
    dialog: str | None = Field(default=None, description=DIALOG)


class Upload(Arguments):
    """Give files of the desk to a file field, or to a button that asks for them."""

    ref: str = Field(description=REF)
    paths: list[str] = Field(min_length=1, description="Absolute, or relative to your home.")


class Download(Arguments):
    """Click an element, or open an address, and wait for the file: it comes to ~/Downloads."""

    ref: str | None = Field(default=None, description=REF)
    url: str | None = None


class Tabs(Arguments):
    """List the tabs; or switch to one, or close one."""

    switch: int | None = Field(default=None, description="Number of the tab to go to.")
    close: int | None = Field(default=None, description="Number of the tab to close.")


class Back(Arguments):
    """Go back to the page before."""


class Screenshot(Arguments):
    """See a picture of the current tab, or of one element: for what the snapshot cannot tell."""

    ref: str | None = Field(default=None, description="Only this element.")


class Wait(Arguments):
    """Wait until a text appears on the page, or is gone; or for some seconds."""

    text: str | None = None
    gone: str | None = None
    seconds: float | None = Field(default=None, gt=0, description="At most so long.")


async def browser_tools(sandbox: Sandbox, *, images: bool) -> Tools:
    """The tools for the browser of this desk: none where it has none.

    Args:
        images: whether the model takes images.
    """
    if not await has_browser(sandbox):
        return {}
    return {name: tool for name, tool in BROWSER.items() if images or tool[0] is not Screenshot}


@asynccontextmanager
async def traced(desk: Desk, folder: Path, *, wanted: bool) -> AsyncGenerator[None]:
    """Keep a Playwright trace of what is done meanwhile, where it is wanted, in this folder."""
    if not wanted:
        yield
        return
    await ask_browser(desk.sandbox, "trace", {})
    try:
        yield
    finally:
        try:
            head, _ = await ask_browser(desk.sandbox, "trace", {"path": TRACE})
            if head["error"]:
                desk.note(f"no browser trace: {head['text']}")
            else:
                (folder / "browser-trace.zip").write_bytes(await desk.sandbox.read(TRACE))
        except (SandboxError, OSError) as error:
            desk.note(f"no browser trace: {error}")


def _tool(action: str) -> Callable[[Any, str, Desk, WorkerConfig], Awaitable[Answer]]:
    async def do(given: Arguments, call: str, desk: Desk, config: WorkerConfig) -> Answer:
        asked = given.model_dump(exclude_none=True)
        desk.acts(f"browser_{action}", asked, call)
        began = time.monotonic()
        head, picture = await ask_browser(desk.sandbox, action, asked, picture=True)
        screen = desk.trajectory.keep_screen(picture) if picture else None
        desk.observe(call, head["text"], began, error=head["error"], screen=screen)
        shown = screen if action == "screenshot" and not head["error"] else None
        return Answer(head["text"], screen=shown)

    return do


BROWSER: Tools = {
    "browser_open": (Open, _tool("open")),
    "browser_snapshot": (Snapshot, _tool("snapshot")),
    "browser_click": (Click, _tool("click")),
    "browser_type": (Type, _tool("type")),
    "browser_select": (Select, _tool("select")),
    "browser_press": (Press, _tool("press")),
    "browser_upload": (Upload, _tool("upload")),
    "browser_download": (Download, _tool("download")),
    "browser_tabs": (Tabs, _tool("tabs")),
    "browser_back": (Back, _tool("back")),
    "browser_screenshot": (Screenshot, _tool("screenshot")),
    "browser_wait": (Wait, _tool("wait")),
}
"""The one table of browser tools."""
