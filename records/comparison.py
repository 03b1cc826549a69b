"""Two agents on the same instances: what `offsite compare` prints."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Record
from .leaderboard import Rate


class Side(Record):
    """One of the two that are compared."""

    run: str
    agent: str = Field(description="Slug.")
    suite: str
    suite_digest: str
    delegable: Rate = Field(description="Over the instances that both did.")


class Difference(Record):
    """The second one's mean minus the first one's, with its 95 % interval."""

    value: float = Field(ge=-1, le=1)
    low: float = Field(ge=-1, le=1)
    high: float = Field(ge=-1, le=1)
    se: float | None = Field(description="Clustered by task; None for one task.")
    p: float = Field(description="Two-sided, of a difference as large where there is none.")
    detectable: float | None = Field(
        description="The smallest difference that would be found at 5 % with a power of 80 %; "
        "None where no task differs from the others."
    )
    n: int = Field(description="Instances.")
    clusters: int = Field(description="Tasks.")


class TaskChange(Record):
    """A task on which the two differ."""

    task: str
    instances: int
    before: float = Field(description="Delegable share of the first one.")
    after: float = Field(description="Of the second one.")


class TrialPair(Record):
    """Two trials of one instance with different outcomes: worth a look."""

    task: str
    seed: int
    kind: Literal["lost", "won"]
    before: str = Field(description="`RUN/TRIAL` of the first one.")
    after: str = Field(description="Of the second one.")
    failed: tuple[str, ...] = Field(
        description="Parts of the verdict that do not hold in the one that is not delegable."
    )


class Comparison(Record):
    """Two agents, of one run or of two, on the instances that both did."""

    before: Side
    after: Side
    difference: Difference
    won: int = Field(description="Instances that the second one did better.")
    lost: int = Field(description="Instances that the first one did better.")
    left_out: dict[str, int] = Field(
        description="Why instances could not be compared, and how many."
    )
    changed: tuple[TaskChange, ...]
    look_at: tuple[TrialPair, ...]
