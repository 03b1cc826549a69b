"""The browser under a person's hand: a picture of the tab, and a mouse and keys for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from browser import ANSWER_SECONDS, Browser
from playwright.async_api import Error, Page
from words import short

LIST_AT = """([x, y]) => {
  let found = document.elementFromPoint(x, y);
  while (found?.shadowRoot) found = found.shadowRoot.elementFromPoint(x, y);
  found = found?.closest("select:not([multiple]):not([disabled])");
  return found ? [...found.options].map(option => option.label) : null;
}"""
"""Chromium draws an open list outside of the page, where no picture shows it."""

CHOOSE_AT = """([x, y, index]) => {
  const list = document.elementFromPoint(x, y)?.closest("select");
  if (!list || !(index in list.options)) return;
  list.selectedIndex = index;
  for (const kind of ["input", "change"]) list.dispatchEvent(new Event(kind, {bubbles: true}));
}"""


async def hand(browser: Browser, do: str, **given: Any) -> str:
    """One thing that a person does; JSON that has `list` where a list was clicked on."""
    page = await browser.page()
    try:
        doing = DEEDS[do](page, **given)
    except (KeyError, TypeError) as error:
        raise Error(f"cannot {do!r} with {given!r}") from error
    return json.dumps(await doing or {})


async def view(browser: Browser) -> str:
    """Where the browser stands, as JSON. What has happened stays untold."""
    await browser.page()
    tabs = [
        {"number": number, "current": number == browser.current, "title": await _title(page)}
        for number, page in browser.tabs.items()
    ]
    return json.dumps({"address": browser.tabs[browser.current].url, "tabs": tabs})


async def _title(page: Page) -> str:
    try:
        title = await asyncio.wait_for(page.title(), ANSWER_SECONDS)
    except (TimeoutError, Error):
        title = ""
    return short(title or page.url, 60)


async def _click(page: Page, x: float, y: float, count: int = 1) -> dict[str, Any]:
    options: Any = await page.evaluate(LIST_AT, [x, y])
    if options:
        return {"list": options[:500]}
    await page.mouse.click(x, y, click_count=count)
    return {}


async def _choose(page: Page, x: float, y: float, index: int) -> None:
    await page.evaluate(CHOOSE_AT, [x, y, index])


async def _move(page: Page, x: float, y: float) -> None:
    await page.mouse.move(x, y)


async def _drag(page: Page, x: float, y: float, to_x: float, to_y: float) -> None:
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(to_x, to_y, steps=8)
    await page.mouse.up()


async def _scroll(page: Page, x: float, y: float, by_x: float, by_y: float) -> None:
    await page.mouse.move(x, y)
    await page.mouse.wheel(by_x, by_y)


async def _write(page: Page, text: str) -> None:
    await page.keyboard.insert_text(text) if len(text) > 40 else await page.keyboard.type(text)


async def _press(page: Page, key: str) -> None:
    await page.keyboard.press(key)


async def _reload(page: Page) -> None:
    await page.reload(wait_until="commit")


async def _forward(page: Page) -> None:
    await page.go_forward(wait_until="commit")


DEEDS: dict[str, Callable[..., Awaitable[dict[str, Any] | None]]] = {
    "click": _click,
    "choose": _choose,
    "move": _move,
    "drag": _drag,
    "scroll": _scroll,
    "write": _write,
    "press": _press,
    "reload": _reload,
    "forward": _forward,
}
