"""What a trial's trajectory tells of its earlier attempts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..records.endings import Ending
from ..records.trajectory import (
    Archived,
    Ended,
    ModelCall,
    Opened,
    Start,
    Usage,
    read_trajectory,
)
from ..records.trial import Attempt

TRAJECTORY = "trajectory.jsonl"


@dataclass
class Spent:
    """What the work that is resumed had used up."""

    steps: int = 0
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0


def spent(folder: Path) -> Spent:
    """Counted from the last fresh desk on; time between sessions, and for opening, is free."""
    total = Spent()
    opened: float | None = None
    last = 0.0
    for event in read_trajectory(folder / TRAJECTORY):
        if isinstance(event, Start) and opened is not None:
            total.seconds += max(0.0, last - opened)
            opened = None
        elif isinstance(event, Opened):
            total = total if event.resumed else Spent()
            opened = event.at
        elif isinstance(event, ModelCall):
            total.steps += 1
            total.usage += event.usage
        last = event.at
    return total


def past_attempts(folder: Path) -> list[Attempt]:
    """The attempts at a trial, from its trajectory; one without an end was interrupted.

    Raises:
        TrajectoryError: the trajectory is damaged in its middle.
    """
    path = folder / TRAJECTORY
    attempts: list[Attempt] = []
    for event in read_trajectory(path) if path.exists() else ():
        if isinstance(event, Start):
            number = len(attempts) + 1
            attempts.append(Attempt(number=number, started=event.at, ending=Ending.INTERRUPTED))
        elif isinstance(event, Opened):
            _note(attempts, resumed=event.resumed)
        elif isinstance(event, Ended):
            _note(attempts, ended=event.at, ending=event.ending, message=event.message)
        elif isinstance(event, ModelCall) and attempts:
            _note(attempts, usage=attempts[-1].usage + event.usage)
    return attempts


def archived_work(folder: Path) -> Archived | None:
    """How the last work at the trial ended, where it was archived and no desk opened since."""
    found: Archived | None = None
    for event in read_trajectory(folder / TRAJECTORY):
        if isinstance(event, Archived):
            found = event
        elif isinstance(event, Opened):
            found = None
    return found


def _note(attempts: list[Attempt], **what: object) -> None:
    """Add to what is known of the last attempt."""
    if attempts:
        attempts[-1] = attempts[-1].model_copy(update=what)
