"""Gates for CI: what `offsite gate` prints, and the outcomes that it can compare with."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import SCHEMA_VERSION, Record


class Outcome(Record):
    """What became of the trials of one instance."""

    task: str
    seed: int
    instance: str = Field(description="Digest.")
    delegable: int = Field(ge=0, description="Trials that are delegable.")
    trials: int = Field(ge=1, description="Trials with a verdict.")


class Outcomes(Record):
    """A run's outcomes, small enough to be kept in a repository."""

    schema_version: Literal[1] = SCHEMA_VERSION
    kind: Literal["offsite-outcomes"] = "offsite-outcomes"
    run: str
    agent: str = Field(description="Slug.")
    suite: str
    suite_digest: str
    instances: tuple[Outcome, ...]


class Gate(Record):
    """One gate, and whether what was measured passes it."""

    name: Literal["min-rate", "max-drop"]
    outcome: Literal["passed", "failed", "inconclusive"]
    limit: float = Field(description="The least rate, or the least change, that is allowed.")
    value: float = Field(description="The rate, or its change from the baseline.")
    low: float = Field(description="One-sided lower bound at 1 - alpha.")
    high: float = Field(description="One-sided upper bound at 1 - alpha.")
    alpha: float
    n: int = Field(description="Instances.")
    tasks: int
    detectable: float | None = Field(
        description="How far below the limit the truth must be to fail with a power of 80 %; None "
        "where no task differs from the others."
    )
    baseline: str | None = Field(default=None, description="Run of the baseline.")
    left_out: dict[str, int] = Field(
        default_factory=dict, description="Why instances could not be paired, and how many."
    )


class GateReport(Record):
    """All gates of a run."""

    run: str
    agent: str
    suite: str
    suite_digest: str
    gates: tuple[Gate, ...]
    errors: int = Field(description="Trials that are over and have no verdict.")
    missing: int = Field(description="Trials in the plan that are not over.")
