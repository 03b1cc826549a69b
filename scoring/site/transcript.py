"""A trial's trajectory as the events of its page."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...records.trajectory import (
    Archived,
    Ended,
    Event,
    Message,
    ModelCall,
    Note,
    Observation,
    Opened,
    Reported,
    Start,
    ToolCall,
    TrajectoryError,
    read_trajectory,
    screen_path,
)

LONGEST = 50_000
"""Characters of one text that a page carries; what is longer is cut, and says so."""

SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Shown:
    """One event.

    Attributes:
        kind: the class that it is shown and filtered by.
        at: seconds since the trial's first event.
        head: one line.
        text: the whole of it, or "".
        screen: sha256 of the picture that goes with it.
    """

    kind: str
    at: float
    head: str
    text: str = ""
    screen: str | None = None
    failed: bool = False


@dataclass(frozen=True)
class Transcript:
    """All events, and what stands in the way of showing more."""

    events: list[Shown]
    problem: str = ""


def transcript(folder: Path, sha256: str | None = None) -> Transcript:
    """The events of the trial in this folder, as far as they can be read.

    Args:
        sha256: what the trial's record says of the file, where it does.
    """
    path = folder / "trajectory.jsonl"
    if not path.is_file():
        return Transcript([], "there is no trajectory in the run's folder")
    with path.open("rb") as file:
        if sha256 and hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            return Transcript([], "the trajectory is not the one that the trial's record names")
    events: list[Shown] = []
    began: float | None = None
    try:
        for event in read_trajectory(path):
            began = event.at if began is None else began
            events += _shown(event, event.at - began)
    except TrajectoryError as error:
        return Transcript(events, str(error).partition(": ")[2])
    return Transcript(events)


def screen(folder: Path, digest: str) -> bytes | None:
    """The picture of this sha256; None where it is absent or something else."""
    if not SHA256.fullmatch(digest):
        return None
    path = screen_path(folder, digest)
    if not path.is_file():
        return None
    content = path.read_bytes()
    return content if hashlib.sha256(content).hexdigest() == digest else None


def _shown(event: Event, at: float) -> Iterator[Shown]:
    match event:
        case Start():
            yield Shown("harness", at, f"attempt {event.attempt} begins")
        case Opened():
            yield Shown(
                "harness", at, "the desk of the attempt before" if event.resumed else "a fresh desk"
            )
        case Message():
            if event.reasoning:
                yield Shown("reasoning", at, "reasoning", cut(event.reasoning))
            if event.text or not event.reasoning:
                yield Shown(f"message {event.role}", at, event.role, cut(event.text))
        case ToolCall():
            yield Shown("call", at, event.tool, cut(arguments(event)))
        case Observation():
            code = "" if event.exit_code is None else f", exit code {event.exit_code}"
            head = f"{'error' if event.error else 'answer'}{code}, {event.seconds:.1f} s"
            failed = event.error or bool(event.exit_code)
            yield Shown("answer", at, head, cut(event.text), event.screen, failed)
        case ModelCall():
            u = event.usage
            cost = "" if u.cost_usd is None else f", ${u.cost_usd:.4f}"
            head = f"{event.model}: {u.input:,} tokens in ({u.cached:,} cached), {u.output:,} out, {event.seconds:.1f} s{cost}"
            yield Shown("model", at, head)
        case Note():
            yield Shown("harness", at, "note", cut(event.text))
        case Reported():
            r = event.report
            yield Shown(
                "report", at, f"report: {r.status}, confidence {r.confidence:.0%}", cut(r.summary)
            )
        case Archived():
            yield Shown(
                "harness", at, f"work over: {event.ending}, {event.steps} steps", cut(event.message)
            )
        case Ended():
            yield Shown("harness", at, f"attempt over: {event.ending}", cut(event.message))  # fmt: skip


def arguments(call: ToolCall) -> str:
    """A call's arguments: the bare text where there is one only, else JSON."""
    values = list(call.arguments.values())
    if len(values) == 1 and isinstance(values[0], str):
        return values[0]
    return json.dumps(call.arguments, indent=1, ensure_ascii=False) if values else ""


def cut(text: str) -> str:
    """The text, or its beginning with what was left out."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\n… {len(text) - LONGEST:,} characters more"
