"""A page in the machine's Chromium that minds what must not happen: errors, and calls for the network."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, Playwright, async_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@asynccontextmanager
async def opened(**context: object) -> AsyncGenerator[Page]:
    """A fresh page; in the end nothing was said on its console and nothing asked of the network."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=_program(playwright), chromium_sandbox=False
        )
        page = await (await browser.new_context(**context)).new_page()
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
        page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith("file:") else wrong.append(f"asked: {request.url}")
            ),
        )
        yield page
        await browser.close()
        assert not wrong


def _program(playwright: Playwright) -> str | None:
    """The path of the system's own; None for the one that Playwright has installed."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None and shutil.which(playwright.chromium.executable_path) is None:
        pytest.fail("needs Chromium: apt-get install chromium-headless-shell", pytrace=False)
    return path
