"""A judgement: what a model said of an answer in an exam. Kept, so that grading again asks no model."""

from __future__ import annotations

import re
import time

from pydantic import Field

from .base import Record
from .plain import Text
from .trajectory import Usage

_FIELD = re.compile(
    r"^[ \t*_#>-]*(extracted_final_answer|correct|confidence)[ \t*_]*:[ \t*_]*(.*?)[ \t*_]*$",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"(yes|no)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%?$")


class Judgement(Record):
    """One judge's whole reply on one answer, and what can be read from it.

    The reply has the fields of Humanity's Last Exam, a line each (hle_eval/run_judge_results.py of
    centerforaisafety/hle); of a field that stands there twice the last one counts.
    """

    at: float = Field(default_factory=time.time, description="Seconds since the epoch.")
    model: str = Field(description="The judge, as `provider:name`.")
    edition: str = Field(description="Which edition of the judge's instructions it was given.")
    reply: Text = Field(description="What it said, whole.")
    usage: Usage = Field(description="What the judging used; not part of the trial's own usage.")

    @property
    def correct(self) -> bool:
        """Whether it says that the answer is correct."""
        return says_correct(self.reply) is True

    @property
    def extracted(self) -> str:
        """The answer that it found in the response."""
        return _fields(self.reply).get("extracted_final_answer", "")

    @property
    def confidence(self) -> float:
        """The confidence that the response states, from 0 to 1; 1 where none can be read.

        That is the exam's rule: no confidence counts as 100 %.
        """
        found = _NUMBER.match(_fields(self.reply).get("confidence", ""))
        percent = float(found[1]) if found else 100.0
        return percent / 100 if percent <= 100 else 1.0


def says_correct(reply: str) -> bool | None:
    """What a judge's reply says of the answer; None where it does not say it."""
    found = _WORD.match(_fields(reply).get("correct", ""))
    return found[1].lower() == "yes" if found else None


def _fields(reply: str) -> dict[str, str]:
    return {name.lower(): value for name, value in _FIELD.findall(reply)}
