"""`leaderboard.json`: what is published of runs. Its JSON Schema is in `records/schemas/`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import SCHEMA_VERSION, Record
from .horizon import Doubt, Horizon
from .run import LimitOverrides


class Rate(Record):
    """A share, or a mean of values from 0 to 1, with its 95 % interval."""

    value: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    se: float | None = Field(
        ge=0, description="Standard error, clustered by task; None for one task: nothing tells it."
    )
    n: int = Field(ge=1, description="What it was taken over: trials, or instances for pass^k.")
    clusters: int = Field(ge=1, description="Tasks.")


class FamilyRate(Record):
    """The delegable rate within one job family."""

    family: str
    rate: Rate


class CalibrationBin(Record):
    """Trials whose stated confidence is about the same."""

    low: float = Field(ge=0, le=1, description="The least confidence that belongs here.")
    high: float = Field(ge=0, le=1, description="Below this; the last bin has 1 as well.")
    confidence: float = Field(ge=0, le=1, description="Mean of what was stated.")
    rate: Rate = Field(description="Share of delegable trials.")


class Calibration(Record):
    """How the stated confidence stands to the outcome, over trials with a report."""

    brier: Rate = Field(description="Mean squared difference of confidence and outcome (0 or 1).")
    rms_error: float = Field(
        description="Root mean square, weighted by size, of confidence minus rate in ten bins of "
        "equal width."
    )
    rms_error_ranked: float = Field(
        description="The same in bins of 100 trials in the order of their confidence."
    )
    rms_error_hle: float | None = Field(
        description="As the published code of Humanity's Last Exam has it, without the last of "
        "these bins; None under 100 trials, where that code fails."
    )
    auroc: Rate | None = Field(
        description="Chance that a delegable trial was stated with more confidence than another "
        "one; None where all came out alike."
    )
    mean_confidence: Rate
    bins: tuple[CalibrationBin, ...] = Field(
        description="The ten bins of equal width, without empty ones."
    )


class Sensitivity(Record):
    """The delegable rate by what doubtful trials are counted as."""

    of: Doubt
    trials: int = Field(ge=1, description="How many are doubtful.")
    failed: Rate = Field(description="They count as not delegable.")
    dropped: Rate | None = Field(description="They do not count; None where no other trial is.")
    passed: Rate = Field(description="They count as delegable.")


class GraderError(Record):
    """How often the suite's graders err, as an audit found it."""

    false_passes: int = Field(ge=0, description="Audited trials that passed and must not.")
    must_fail: int = Field(ge=0, description="Audited trials that must not pass.")
    false_fails: int = Field(ge=0, description="Audited trials that failed and must not.")
    must_pass: int = Field(ge=0, description="Audited trials that must pass.")


class Corrected(Record):
    """The delegable rate with the graders' errors taken out."""

    grader: GraderError
    rate: Rate


class Readiness(Record):
    """Remote Worker Readiness in short: log-uniform lengths, over what the tasks reach.

    What they do not reach is neither 0 nor left out: all in all RWR is from `reached` x low to
    1 - `reached` x (1 - high).
    """

    rwr1: Rate = Field(
        description="Share of the remotable work that tasks reach, by wages, that is delegable."
    )
    rwr4: Rate | None = Field(
        description="The same, four times of four; None where no instance has four trials."
    )
    reached: float = Field(
        ge=0, le=1, description="Share of the remotable work, by wages, that tasks reach."
    )
    reached4: float = Field(ge=0, le=1, description="The same, where an instance has four trials.")
    level: int = Field(ge=0, le=5, description="Highest of L1 to L5 that is shown; 0: none.")


class Entry(Record):
    """One agent, with one model, on one suite."""

    agent: str
    model: str | None = None
    options: dict[str, str] = Field(default_factory=dict)
    developer: str | None = None
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2.")
    released: str | None = Field(default=None, description="YYYY-MM-DD.")
    suite: str
    suite_version: str
    suite_digest: str
    whole_suite: bool = Field(description="Every task of the suite was in the plan.")
    tasks: int
    graded_with: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Task to the digests with which its verdicts were given, where these are not "
        "those of the suite: its grader was changed since. Empty where the suite's digest holds.",
    )
    limits: LimitOverrides = Field(description="Set instead of the tasks' own, if any were.")
    seeds: tuple[int, ...]
    repeats: int
    planned: int = Field(description="Trials in the plan.")
    errors: int = Field(description="Trials that are over and have no verdict.")
    missing: int = Field(description="Trials in the plan that are not over.")
    delegable: Rate | None = Field(description="None where no trial has a verdict.")
    pass_hat: dict[str, Rate] = Field(
        description="k to pass^k: the chance that all of k trials of an instance are delegable."
    )
    pass_at: dict[str, Rate] = Field(
        description="k to pass@k: the chance that one of k trials of an instance is delegable."
    )
    partial: Rate | None = Field(description="Mean weighted share of criteria.")
    false_done: Rate | None = Field(description="Trials reported done that were not.")
    honest_block: Rate | None = Field(
        description="Of trials whose work cannot be done as posed, those reported blocked with the "
        "true cause; None where the suite has no such trial."
    )
    exam: bool = Field(
        default=False,
        description="The suite is an exam, which is no work: `delegable` is the accuracy, and there "
        "is neither horizon nor readiness.",
    )
    judges: tuple[str, ...] = Field(
        default=(), description="The models that judged the exam's answers."
    )
    judging_usd: float | None = Field(
        default=None,
        description="What the judge cost, part of `cost_usd`; None where its price is "
        "not known, or there is none.",
    )
    calibration: Calibration | None = None
    horizon: Horizon | None = Field(
        default=None, description="Over the delegable rate; None where no trial has a verdict."
    )
    sensitivity: tuple[Sensitivity, ...] = Field(
        default=(), description="Where it makes a difference what doubtful trials are counted as."
    )
    corrected: Corrected | None = Field(
        default=None, description="Beside `delegable`, where an audit was given."
    )
    readiness: Readiness | None = Field(
        default=None,
        description="None where it was not computed.",
    )
    cost_usd: float | None = Field(description="Sum; None where a price is not known.")
    tokens: int
    work_seconds: float = Field(description="Sum of the agent's own time.")
    human_minutes: float = Field(description="What a person would need for the same trials, sum.")
    families: tuple[FamilyRate, ...]
    sandbox: str
    images: dict[str, str]
    versions: dict[str, str]
    runs: dict[str, str] = Field(
        min_length=1, description="Run id to the sha256 over its plan and trials."
    )


class Leaderboard(Record):
    """The file. The same runs give the same bytes."""

    schema_version: Literal[1] = SCHEMA_VERSION
    kind: Literal["offsite-leaderboard"] = "offsite-leaderboard"
    entries: tuple[Entry, ...]
