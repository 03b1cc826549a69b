"""The report: an agent's own, structured final word."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Record
from .plain import Text

Status = Literal["done", "partial", "blocked", "refused"]


class Report(Record):
    """What the worker says about its own work when it leaves the desk."""

    status: Status = Field(
        description=(
            "done: all that was asked is finished. partial: some of it is. blocked: it cannot be "
            "done as asked, for the cause given in the summary. refused: it should not be done."
        )
    )
    confidence: float = Field(
        ge=0,
        le=1,
        description="Probability, in the worker's own view, that the work will be accepted.",
    )
    summary: Text = Field(
        default="", description="What was done, found, or what stands in the way."
    )
    questions: tuple[Text, ...] = Field(
        default=(), description="What the worker had to leave open."
    )
