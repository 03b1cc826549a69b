"""The actions: what each does with the browser, and what it says that it did."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from inspect import signature
from pathlib import Path
from typing import Any

from browser import BRIEF_SECONDS, Browser
from hand import hand
from playwright.async_api import Error, Locator, Page
from words import found, page_part, short, telling

OPEN_MS = 20_000
DOWNLOAD_SECONDS = 60.0
WAIT_SECONDS = 90.0
BUDGET = 12_000
"""Characters of a snapshot that are shown, about 4,000 tokens."""

NOT_A_REF = "references look like e12 or f1e3 and come from snapshot"


class Refused(Exception):
    """The action cannot be done; the message says why, and what helps."""


async def act(browser: Browser, action: str, arguments: Mapping[str, Any]) -> str:
    """Do one action; what was done, then where the browser stands.

    Raises:
        Refused: it cannot be done as asked.
        Error: Playwright met something.
    """
    began = time.monotonic()
    given = dict(arguments)
    browser.dialog = str(given.pop("dialog", "") or "dismiss")
    do = ACTIONS[action]
    try:
        signature(do).bind(browser, **given)
    except TypeError as error:
        raise Refused(f"these arguments do not fit {action}: {error}") from error
    try:
        said = await do(browser, **given)
        if action in CHANGING:
            await browser.settle(began)
    finally:
        browser.dialog = "dismiss"
    head, *body = said.split("\n", 1)
    return "\n".join([head, *await browser.state(), *body])


async def open_page(browser: Browser, url: str, new_tab: bool = False) -> str:
    page = await browser.answering_page()
    if new_tab:
        page = await (await browser.context()).new_page()
    address, downloads = _address(url), browser.downloads
    try:
        answer = await page.goto(address, wait_until="domcontentloaded", timeout=OPEN_MS)
    except Error as error:
        if "Download is starting" in error.message or "net::ERR_ABORTED" in error.message:
            if await _download_began(browser, downloads, 1):
                return f"{short(address)} is a download"
            raise Refused(f"{short(address)} cannot be opened: it gave nothing to show") from error
        await browser.stop_loading(page)
        raise _not_opened(address, error) from error
    status = f" (HTTP {answer.status})" if answer and answer.status >= 400 else ""
    return f"opened {short(address)}{status}"


def _not_opened(address: str, error: Error) -> Exception:
    if "Timeout" in error.message:
        return Refused(
            f"{short(address)} has not come within {OPEN_MS // 1000} s, and loading was stopped"
        )
    reason = re.search(r"net::\w+|Cannot navigate[^\n]*", error.message)
    return Refused(f"{short(address)} cannot be opened: {reason[0]}") if reason else error


def _address(url: str) -> str:
    """As typed into the address bar: a path is a file, a bare name is a host."""
    url = url.strip()
    if url.startswith("/"):
        return f"file://{url}"
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:(?!\d)", url):
        return url
    local = re.match(r"(localhost|[\d.]+|\[[\da-f:]+\])([:/]|$)", url)
    return f"{'http' if local else 'https'}://{url}"


async def snapshot(
    browser: Browser, ref: str = "", find: str = "", start: int = 1, budget: int = BUDGET
) -> str:
    page = await browser.page()
    with suppress(Error):  # what is still on its way may come yet
        await page.wait_for_load_state(timeout=BRIEF_SECONDS * 1000)
    if ref:
        text = await (await element(browser, ref)).aria_snapshot(mode="ai")
    else:
        text = await page.aria_snapshot(mode="ai")
    lines = telling(text.splitlines()) or ["[the page is empty]"]
    if find:
        return f"snapshot\n{found(lines, find, budget)}"
    if not 1 <= start <= len(lines):
        raise Refused(f"the snapshot has {len(lines)} lines; start={start} is none of them")
    return f"snapshot\n{page_part(lines, start, budget)}"


async def click(browser: Browser, ref: str, double: bool = False) -> str:
    target = await element(browser, ref)
    await (target.dblclick() if double else target.click())
    return f"clicked {ref}"


async def type_text(
    browser: Browser, ref: str, text: str, submit: bool = False, clear: bool = True
) -> str:
    target = await element(browser, ref)
    if clear:
        await target.fill(text)
    else:
        await target.press("End")
        await target.press_sequentially(text)
    if submit:
        await target.press("Enter")
    return f"typed {len(text)} characters into {ref}{', and pressed Enter' if submit else ''}"


async def select(browser: Browser, ref: str, values: list[str]) -> str:
    target = await element(browser, ref)
    kind = await target.evaluate("e => e.tagName + (e.type || '')")
    if kind in ("INPUTcheckbox", "INPUTradio"):
        raise Refused(f"{ref} is no list; click it instead")
    if not kind.startswith("SELECT"):
        raise Refused(f"{ref} is no list of the browser's own: click it, then what it shows")
    there: list[list[str]] = await target.evaluate(
        "e => [...e.options].map(o => [o.label, o.value])"
    )
    known = {word for option in there for word in option}
    if missing := [value for value in values if value not in known]:
        options = ", ".join(repr(label) for label, _ in there[:50])
        raise Refused(f"{ref} has no option {missing[0]!r}; there are: {options}")
    chosen = await target.select_option(values)
    return f"selected {', '.join(map(repr, values))} in {ref} (value {', '.join(chosen)})"


async def press(browser: Browser, key: str, ref: str = "") -> str:
    page = await browser.page()
    try:
        if ref:
            await (await element(browser, ref)).press(key)
        else:
            await page.keyboard.press(key)
    except Error as error:
        if "Unknown key" in error.message:
            raise Refused(
                f"no key {key!r}; keys are named as in Enter, Tab, Escape, ArrowDown, a, Control+a"
            ) from error
        raise
    return f"pressed {key}"


async def upload(browser: Browser, ref: str, paths: list[str]) -> str:
    files = [browser.home / path.removeprefix("~/") for path in paths]
    if missing := [path for path, file in zip(paths, files, strict=True) if not file.is_file()]:
        raise Refused(f"there is no file {missing[0]}")
    target = await element(browser, ref)
    page = await browser.page()
    if await target.evaluate("e => e.tagName == 'INPUT' && e.type == 'file'"):
        await target.set_input_files(files)
    else:
        await _choose(browser, page, target, files)
    return f"gave {', '.join(paths)} to {ref}"


async def _choose(browser: Browser, page: Page, target: Locator, files: list[Path]) -> None:
    browser.choosing = True
    try:
        async with page.expect_file_chooser(timeout=3000) as chooser:
            await target.click()
        await (await chooser.value).set_files(files)
    except Error as error:
        if "Timeout" in error.message:
            raise Refused("the page asked for no file when this was clicked") from error
        raise
    finally:
        browser.choosing = False


async def download(browser: Browser, ref: str = "", url: str = "") -> str:
    if bool(ref) == bool(url):
        raise Refused("give either ref or url")
    before = browser.downloads
    if ref:
        await (await element(browser, ref)).click()
    else:
        await open_page(browser, url)
    if not await _download_began(browser, before, 5):
        raise Refused("no download began; the page may say why: take a snapshot")
    until = time.monotonic() + DOWNLOAD_SECONDS
    while browser.downloading:
        if time.monotonic() > until:
            raise Refused(f"the download has not ended within {DOWNLOAD_SECONDS:g} s")
        await asyncio.sleep(0.02)
    return f"waited for the download of {ref or short(url)}"


async def _download_began(browser: Browser, before: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while browser.downloads == before and time.monotonic() < until:
        await asyncio.sleep(0.02)
    return browser.downloads > before


async def tabs(browser: Browser, switch: int | None = None, close: int | None = None) -> str:
    await browser.context()
    for number in (switch, close):
        if number is not None and number not in browser.tabs:
            there = ", ".join(map(str, browser.tabs)) or "none"
            raise Refused(f"no tab {number}; open are: {there}")
    if switch is not None:
        browser.current = switch
        await browser.tabs[switch].bring_to_front()
    if close is not None:
        await browser.tabs[close].close(run_before_unload=False)
    lines = [
        f"{number}{' (current)' if number == browser.current else ''}: {short(page.url)}"
        for number, page in browser.tabs.items()
    ]
    return "\n".join(["tabs", *lines])


async def back(browser: Browser) -> str:
    page = await browser.page()
    answer = await page.go_back(wait_until="domcontentloaded")
    if answer is None and page.url == "about:blank":
        return "went back; there is nothing before"
    return "went back"


async def screenshot(browser: Browser, ref: str = "") -> str:
    await browser.page()
    if ref:
        await element(browser, ref)
    return "screenshot"


async def wait(browser: Browser, text: str = "", gone: str = "", seconds: float = 0) -> str:
    if not (text or gone or seconds):
        raise Refused("give text, gone or seconds")
    page = await browser.page()
    if not (text or gone):
        await asyncio.sleep(min(seconds, WAIT_SECONDS))
        return f"waited {min(seconds, WAIT_SECONDS):g} s"
    limit = min(seconds or 30.0, WAIT_SECONDS)
    until = time.monotonic() + limit
    while time.monotonic() < until:
        browser.check(page)
        there = await _shows(page, text or gone)
        if there == bool(text):
            return f"{(text or gone)!r} is {'there' if text else 'gone'}"
        await asyncio.sleep(0.1)
    still = "has not appeared" if text else "is still there"
    raise Refused(f"{(text or gone)!r} {still} after {limit:g} s")


async def _shows(page: Page, text: str) -> bool:
    for frame in page.frames:
        try:
            if await frame.get_by_text(text).filter(visible=True).count():
                return True
        except Error as error:
            if "closed" in error.message:
                raise
            continue  # the frame goes just now
    return False


async def trace(browser: Browser, path: str = "") -> str:
    """Without a path: keep a trace from now on. With one: end it and write it there."""
    context = await browser.context()
    if not path:
        if not browser.tracing:
            await context.tracing.start(screenshots=True, snapshots=True)
        browser.tracing = True
        return "a trace is kept"
    await context.tracing.stop(path=path)
    browser.tracing = False
    return f"the trace is in {path}"


async def element(browser: Browser, ref: str) -> Locator:
    """The element of the newest snapshot that has this reference.

    Raises:
        Refused: there is none.
    """
    name = ref.strip().removeprefix("[").removesuffix("]").removeprefix("ref=")
    if not re.fullmatch(r"(f\d+)?e\d+", name):
        raise Refused(f"{short(ref)!r} is no reference; {NOT_A_REF}")
    target = (await browser.page()).get_by_ref(name)
    try:
        known = await target.count()
    except Error as error:
        if "has been closed" in error.message:
            raise
        known = 0
    if not known:
        raise Refused(
            f"{name} is not on the page as it now is: the page has changed since the last snapshot, "
            "or none was taken of it; take a new snapshot"
        )
    return target


ACTIONS: dict[str, Callable[..., Awaitable[str]]] = {
    "open": open_page,
    "snapshot": snapshot,
    "click": click,
    "type": type_text,
    "select": select,
    "press": press,
    "upload": upload,
    "download": download,
    "tabs": tabs,
    "back": back,
    "screenshot": screenshot,
    "wait": wait,
    "trace": trace,
    "hand": hand,
}
CHANGING = {"open", "click", "type", "select", "press", "upload", "back"}
"""After these a page may have something to load."""
