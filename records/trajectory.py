"""The trajectory: the append-only events of a trial, one JSON object a line."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, TextIO

from pydantic import Field, TypeAdapter, ValidationError

from .base import SCHEMA_VERSION, Record
from .endings import Ending
from .errors import InputError, writing
from .plain import JsonObject, Text
from .report import Report


class _Event(Record):
    at: float = Field(default_factory=time.time, description="Seconds since the epoch.")


class Start(_Event):
    """An attempt begins: the first event, and another one for each further attempt."""

    type: Literal["start"] = "start"
    schema_version: Literal[1] = SCHEMA_VERSION
    trial: str
    attempt: int = 1


class Opened(_Event):
    """There is a desk, laid out for the work."""

    type: Literal["opened"] = "opened"
    resumed: bool = Field(
        default=False, description="It is the living one of the attempt before: the work goes on."
    )


class Message(_Event):
    """What was said: the assignment by the user, the rest by the agent."""

    type: Literal["message"] = "message"
    role: Literal["system", "user", "assistant"]
    text: Text
    reasoning: Text = ""


class ToolCall(_Event):
    """The agent acts at the desk."""

    type: Literal["tool_call"] = "tool_call"
    call: Text = Field(description="Pairs the call with its observation.")
    tool: Text
    arguments: JsonObject


class Observation(_Event):
    """What the desk answered."""

    type: Literal["observation"] = "observation"
    call: Text
    text: Text
    exit_code: int | None = None
    seconds: float = 0.0
    error: bool = False
    screen: str | None = Field(
        default=None,
        description="What the browser showed then: sha256 of `screens/<sha256>.jpg` beside this file.",
    )


class Usage(Record):
    """Tokens and money. `cached` is part of `input`, `reasoning` is part of `output`."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0
    cost_usd: float | None = Field(
        default=0.0, description="None where the model's price is not known."
    )

    def __add__(self, other: Usage) -> Usage:
        known = self.cost_usd is not None and other.cost_usd is not None
        return Usage(
            input=self.input + other.input,
            cached=self.cached + other.cached,
            output=self.output + other.output,
            reasoning=self.reasoning + other.reasoning,
            cost_usd=(self.cost_usd or 0) + (other.cost_usd or 0) if known else None,
        )


class ModelCall(_Event):
    """One call of a model, with what it used."""

    type: Literal["model_call"] = "model_call"
    model: str
    usage: Usage
    seconds: float = 0.0
    retries: int = 0


class Note(_Event):
    """Something that the harness wants to be known: a limit reached, a context cut, a retry."""

    type: Literal["note"] = "note"
    text: Text


class Reported(_Event):
    """The agent handed in its report."""

    type: Literal["report"] = "report"
    report: Report


class Archived(_Event):
    """The work is over and its evidence is archived: what is left is to grade it."""

    type: Literal["archived"] = "archived"
    ending: Ending = Field(description="How the work ended.")
    message: Text = ""
    steps: int
    usage: Usage
    seconds: float = Field(description="The agent's own time.")
    instance: str = Field(description="Digest of the instance that was worked on.")
    evidence_sha256: str


class Ended(_Event):
    """An attempt is over."""

    type: Literal["ended"] = "ended"
    ending: Ending
    message: Text = ""


Event = (
    Start
    | Opened
    | Message
    | ToolCall
    | Observation
    | ModelCall
    | Note
    | Reported
    | Archived
    | Ended
)
EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


class TrajectoryError(InputError):
    """A line in the middle of a trajectory is not an event."""


class TrajectoryWriter:
    """Appends events to a file; each is flushed to the system before `append` returns.

    A half line that a crash left at the end is cut off when the file is opened again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing(path):
            _cut_half_line(path)
            self._file: TextIO = path.open("a", encoding="utf-8")

    def append(self, event: Event) -> None:
        """Write one event.

        Raises:
            ResultsUnwritable: the disk is full, or not writable any more.
        """
        line = event.model_dump_json() + "\n"
        with writing(self._path):
            self._file.write(line)
            self._file.flush()

    def keep_screen(self, picture: bytes) -> str:
        """Keep a JPEG beside the file, once however often it comes; its sha256.

        Raises:
            ResultsUnwritable: the disk is full, or not writable any more.
        """
        digest = hashlib.sha256(picture).hexdigest()
        path = screen_path(self._path.parent, digest)
        if not path.exists():
            part = path.with_suffix(".part")
            with writing(part):
                part.parent.mkdir(exist_ok=True)
                part.write_bytes(picture)
                part.replace(path)
        return digest

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def screen_path(folder: Path, digest: str) -> Path:
    """Where a trial's folder has the picture with this sha256."""
    return folder / "screens" / f"{digest}.jpg"


def read_trajectory(path: Path) -> Iterator[Event]:
    """The events in order. A last line cut by a crash is left out.

    Raises:
        TrajectoryError: another line is damaged; the message names file and line.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            whole = line.endswith(b"\n")
            try:
                yield EVENT.validate_json(line)
            except ValidationError as error:
                if not whole:
                    return
                cause = error.errors()[0]["msg"]
                raise TrajectoryError(f"{path}:{number}: not an event: {cause}") from error


def _cut_half_line(path: Path) -> None:
    if not path.exists():
        return
    content = path.read_bytes()
    if content and not content.endswith(b"\n"):
        # Never rewritten: a crash in the middle of that would lose the rest.
        os.truncate(path, content.rfind(b"\n") + 1)
