"""The worker's tool for the office's time: the desk's command `office` (docs/office.md)."""

from __future__ import annotations

import time
from typing import Any, Self

from pydantic import Field, model_validator

from ...sandboxes import Sandbox
from ..protocol import Desk
from .config import WorkerConfig
from .tools import Answer, Arguments, Tools

WAIT = "wait"
OFFICE = "/usr/local/bin/office"
CALL_SECONDS = 300


class Wait(Arguments):
    """Let time pass at the office, for an answer or an appointment. It ends as soon as something
    arrives for you (a mail, a message, a change of an issue), and tells what; no real time passes."""

    minutes: int | None = Field(default=None, ge=1, le=1440, description="At most so long.")
    until: str | None = Field(
        default=None, description="Or until this time: `14:00` or `2025-06-03 09:00`."
    )
    full: bool = Field(default=False, description="Wait on when something arrives.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.minutes is None) == (self.until is None):
            raise ValueError("say either `minutes` or `until`")
        return self


async def office_tools(sandbox: Sandbox) -> Tools:
    """The tools for the office around this desk: none where nothing goes on there."""
    told = await sandbox.run(["sh", "-c", f"test -x {OFFICE} && {OFFICE} time"])
    return {WAIT: (Wait, _wait)} if told.exit_code == 0 else {}


async def _wait(given: Any, call: str, desk: Desk, config: WorkerConfig) -> Answer:
    desk.acts(WAIT, given.model_dump(exclude_none=True), call)
    began = time.monotonic()
    long = [str(given.minutes)] if given.minutes else ["--until", given.until]
    command = [OFFICE, "wait", *long, *(["--full"] if given.full else [])]
    told = await desk.sandbox.run(command, timeout=CALL_SECONDS)
    text = told.text.strip()
    desk.observe(call, text, began, error=told.exit_code != 0)
    return Answer(text if told.exit_code == 0 else f"Error: {text}")
