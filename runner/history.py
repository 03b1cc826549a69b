"""What a trial's trajectory tells of its earlier attempts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..records.endings import Ending
from ..records.trajectory import Ended, ModelCall, Start, Usage, read_trajectory
from ..records.trial import Attempt

TRAJECTORY = "trajectory.jsonl"


@dataclass
class Spent:
    """What the attempt that is resumed had used up."""

    steps: int = 0
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0


def spent(path: Path) -> Spent:
    """Counted from the trajectory, from its last fresh start on; time between sessions is free."""
    total = Spent()
    began: float | None = None
    last = 0.0
    for event in read_trajectory(path):
        if isinstance(event, Start):
            if event.resumed:
                total.seconds += max(0.0, last - (began or last))
            else:
                total = Spent()
            began = event.at
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
            attempts.append(_attempt(attempts, event.at, resumed=event.resumed))
        elif isinstance(event, Ended):
            if not attempts or attempts[-1].ended is not None:
                # It ended before there was a desk to start at.
                attempts.append(_attempt(attempts, event.at))
            how = {"ended": event.at, "ending": event.ending, "message": event.message}
            attempts[-1] = attempts[-1].model_copy(update=how)
        elif isinstance(event, ModelCall) and attempts:
            usage = attempts[-1].usage + event.usage
            attempts[-1] = attempts[-1].model_copy(update={"usage": usage})
    return attempts


def _attempt(before: list[Attempt], started: float, *, resumed: bool = False) -> Attempt:
    ending = Ending.INTERRUPTED
    return Attempt(number=len(before) + 1, started=started, ending=ending, resumed=resumed)
