"""One Chromium with one profile: its tabs, and what happened in them since the last answer."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from certificates import trust_site
from playwright.async_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Download,
    Error,
    FileChooser,
    Page,
    Playwright,
    Request,
    WebError,
    async_playwright,
)
from words import short

CHROMIUM = "/usr/bin/chromium-headless-shell"
WINDOW = {"width": 1280, "height": 800}
ACTION_MS = 8000
BRIEF_SECONDS = 1.5
"""How long is waited for what a page loads after an action …"""
LONG_SECONDS = 15.0
"""… and for a new page to come."""
ANSWER_SECONDS = 4.0
"""A page that says nothing for so long hangs."""
PICTURE_SECONDS = 5.0
MOST_TABS = 20


class Browser:
    """The browser of a desk; it is started when first needed, and again when it has died.

    Attributes:
        tabs: open tabs by number; a number is never given twice.
        dialog: how the next dialogs are to be answered: `accept`, `dismiss`, or a prompt's text.
        happened: what the next answer has to tell.
        downloads, downloading: how many have begun, and how many have not ended.
        tracing: whether a Playwright trace is kept.
    """

    def __init__(self, scratch: Path, home: Path, *, again: bool) -> None:
        self.scratch = scratch
        self.home = home
        self.tabs: dict[int, Page] = {}
        self.current = 0
        self.dialog = "dismiss"
        self.happened: list[str] = []
        self.errors: list[str] = []
        self.choosing = False
        self.downloads = 0
        self.downloading = 0
        self.tracing = False
        self.playwright_lost = False
        self._again = again
        self._last_address = ""
        self._numbers = 0
        self._playwright: Playwright | None = None
        self._context: BrowserContext | None = None
        self._loading: dict[Request, float] = {}
        self._closing: set[asyncio.Future[None]] = set()

    # --- Life ---------------------------------------------------------------------------------

    async def context(self) -> BrowserContext:
        """The running browser, started if need be."""
        if self._context is None:
            self._context = await self._start()
        return self._context

    @property
    def running(self) -> bool:
        """Whether it runs and has a tab open."""
        return self._context is not None and self.current in self.tabs

    async def page(self) -> Page:
        """The current tab, an empty one if there is none."""
        context = await self.context()
        if self.current not in self.tabs:
            self._opened(await context.new_page())
            self._forget_tabs()
        return self.tabs[self.current]

    async def answering_page(self) -> Page:
        """The current tab; a new one in its place where its page hangs and cannot even be left."""
        page = await self.page()
        try:
            await asyncio.wait_for(page.evaluate("1"), ANSWER_SECONDS)
        except (TimeoutError, Error):
            self.happened.append(f"the page in tab {self.current} did not answer")
            self._later(page.close())
            page = await (await self.context()).new_page()
        return page

    async def stop_loading(self, page: Page) -> None:
        """As the cross beside the address bar does."""
        with suppress(TimeoutError, Error):
            session: Any = await (await self.context()).new_cdp_session(page)
            await asyncio.wait_for(session.send("Page.stopLoading"), ANSWER_SECONDS)
            await session.detach()

    async def _start(self) -> BrowserContext:
        if self._playwright is None:
            await trust_site(self.scratch)
            self._playwright = await async_playwright().start()
        if self._again:
            was = f" (it was at {self._last_address})" if self._last_address else ""
            self.happened.append(f"the browser had ended and was started again{was}")
        self._again = True
        context = await self._playwright.chromium.launch_persistent_context(
            self.scratch / "profile",
            executable_path=CHROMIUM,
            viewport=WINDOW,  # pyright: ignore[reportArgumentType] - a TypedDict by any other name
            locale="en-US",
            accept_downloads=True,
            chromium_sandbox=False,  # it needs rights that the desk does not have
        )
        context.set_default_timeout(ACTION_MS)
        context.on("page", self._opened)
        context.on("dialog", self._on_dialog)
        context.on("console", self._on_console)
        context.on("weberror", self._on_page_error)
        context.on("request", self._on_request)
        context.on("requestfinished", self._on_request_over)
        context.on("requestfailed", self._on_request_over)
        context.on("close", self._on_end)
        for page in context.pages:
            self._opened(page)
        self._forget_tabs()
        if self.tracing:
            await context.tracing.start(screenshots=True, snapshots=True)
        return context

    def _forget_tabs(self) -> None:
        """The first tab is no news."""
        self.happened = [one for one in self.happened if not one.startswith("new tab")]

    def _on_end(self, _: BrowserContext) -> None:
        self._context = None
        self.tabs.clear()
        self._loading.clear()

    # --- What happens -------------------------------------------------------------------------

    def _opened(self, page: Page) -> None:
        if page in self.tabs.values():
            return
        self._numbers += 1
        number = self._numbers
        self.tabs[number] = page
        self.current = number
        self.happened.append(f"new tab {number}, now the current one")
        page.on("close", lambda _: self._closed(number))
        page.on("crash", lambda _: self._crashed(number))
        page.on("download", self._on_download)
        page.on("filechooser", self._on_chooser)
        if len(self.tabs) > MOST_TABS:
            self.happened.append(f"more than {MOST_TABS} tabs: tab {number} was closed")
            self._later(page.close())

    def _closed(self, number: int) -> None:
        self.tabs.pop(number, None)
        if self.current == number:
            self.current = max(self.tabs, default=0)
        self.happened.append(f"tab {number} was closed")

    def _crashed(self, number: int) -> None:
        page = self.tabs.pop(number, None)
        self.happened.append(f"the page in tab {number} crashed; its tab was closed")
        if page is not None:
            self._later(page.close())

    def _later(self, closing: Coroutine[Any, Any, None]) -> None:
        async def quietly() -> None:
            with suppress(Error):
                await closing

        self._closing.add(task := asyncio.ensure_future(quietly()))
        task.add_done_callback(self._closing.discard)

    async def _on_dialog(self, dialog: Dialog) -> None:
        kind, said = dialog.type, short(dialog.message)
        accept = kind in ("alert", "beforeunload") or self.dialog != "dismiss"
        typed = self.dialog if self.dialog not in ("accept", "dismiss") else None
        try:
            await (
                dialog.accept(typed if kind == "prompt" else None) if accept else dialog.dismiss()
            )
        except Error:
            return
        hint = "" if accept else '; to accept it, repeat the action with dialog="accept"'
        if kind == "prompt" and not accept:
            hint = "; to answer it, repeat the action with dialog set to the answer"
        done = "accepted" if accept else "dismissed"
        self.happened.append(f'the page opened a dialog ({kind}): "{said}"; it was {done}{hint}')

    async def _on_download(self, download: Download) -> None:
        self.downloads += 1
        self.downloading += 1
        try:
            target = self._free_name(download.suggested_filename)
            await download.save_as(target)
            size = target.stat().st_size
            shown = target.relative_to(self.home)
            self.happened.append(f"downloaded ~/{shown} ({size:,} bytes)")
        except (Error, OSError) as error:
            self.happened.append(f"a download failed: {short(str(error))}")
        finally:
            self.downloading -= 1

    def _free_name(self, suggested: str) -> Path:
        """Where a download goes; what a page calls a file is no path."""
        name = Path(re.sub(r"[\x00-\x1f/\\]", "_", suggested).lstrip("._")[-150:] or "download")
        folder = self.home / "Downloads"
        folder.mkdir(exist_ok=True)
        target, number = folder / name, 1
        while target.exists():
            target, number = folder / f"{name.stem} ({number}){name.suffix}", number + 1
        return target

    def _on_chooser(self, _: FileChooser) -> None:
        if not self.choosing:
            self.happened.append("the page asks for a file: give it with upload and the same ref")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(short(message.text))

    def _on_page_error(self, error: WebError) -> None:
        self.errors.append(short(str(error.error)))

    def _on_request(self, request: Request) -> None:
        self._loading[request] = time.monotonic()

    def _on_request_over(self, request: Request) -> None:
        self._loading.pop(request, None)

    # --- What is said -------------------------------------------------------------------------

    async def settle(self, began: float) -> None:
        """Wait for what an action that began then set off, for a while."""
        quiet = 0
        while quiet < 2:
            await asyncio.sleep(0.04)
            since = time.monotonic() - began
            loading = [one for one, start in self._loading.items() if start >= began]
            new_page = any(one.is_navigation_request() for one in loading)
            if since > (LONG_SECONDS if new_page else BRIEF_SECONDS):
                return
            quiet = 0 if loading or self.downloading else quiet + 1

    async def state(self) -> list[str]:
        """The lines that end every answer: where the browser stands, and what happened."""
        lines: list[str] = []
        if self._context is not None and self.current in self.tabs:
            page = self.tabs[self.current]
            try:
                title = short(await asyncio.wait_for(page.title(), ANSWER_SECONDS), 120)
            except (TimeoutError, Error):
                title = "(the page does not answer; opening another address helps)"
            self._last_address = page.url
            place = f" [tab {self.current} of {len(self.tabs)}]" if len(self.tabs) > 1 else ""
            lines.append(f"page: {title or '(no title)'} | {short(page.url, 500)}{place}")
        else:
            lines.append("page: none is open")
        lines += [f"- {one}" for one in _some(self.happened)]
        if self.downloading:
            lines.append("- a download is still under way; wait some seconds")
        if self.errors:
            lines.append(f"- console errors: {len(self.errors)}; the last: {self.errors[-1]}")
        self.happened.clear()
        self.errors.clear()
        return lines

    async def picture(self, *, quality: int = 50, of: Any = None) -> bytes:
        """A JPEG of the current tab, or of one element; empty where there can be none."""
        if self._context is None or self.current not in self.tabs:
            return b""
        of = of or self.tabs[self.current]
        try:
            return await of.screenshot(
                type="jpeg", quality=quality, scale="css", timeout=PICTURE_SECONDS * 1000
            )
        except Error:
            return b""

    def check(self, page: Page) -> None:
        """Raise Playwright's error if the tab is gone."""
        if page.is_closed():
            raise Error("the tab has been closed")

    def explain(self, error: Error) -> str:
        """Playwright's error in few words, with what to do where that is known."""
        text = error.message
        gone = "has been closed" in text or "Connection closed" in text or "Target crashed" in text
        page = self.tabs.get(self.current)
        if gone and page is not None and not page.is_closed() and "crashed" not in text:
            self.playwright_lost = True  # nothing told us of the end: Playwright itself is gone
        if gone:
            return (
                "Error: the browser or its tab ended while this was under way; the next action "
                "starts it again: open the page once more, and look what was done"
            )
        call, _, rest = text.partition("\n")
        first = short(re.sub(r"^(\w+\.\w+: )?(Error: )?", "", call))
        if "intercepts pointer events" in rest:
            what = [line for line in rest.splitlines() if "intercepts pointer events" in line]
            return f"Error: something lies over the element: {short(what[-1].strip(' -'))}"
        if call.endswith("exceeded."):
            for hint in ("not visible", "not enabled", "not editable", "not stable"):
                if f"element is {hint}" in rest:
                    return f"Error: the element is {hint}; nothing was done"
            return f"Error: not done within {ACTION_MS // 1000} s"
        return f"Error: {first}"


def _some(happened: list[str], most: int = 8) -> list[str]:
    if len(happened) <= most:
        return happened
    return [*happened[:most], f"and {len(happened) - most} more events of this kind"]
