"""`trial.json`: what became of one trial. Its presence means that the trial is over."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import SCHEMA_VERSION, Record
from .endings import CONSEQUENCES, Ending, Fault
from .judgement import Judgement
from .plain import Text
from .report import Report
from .trajectory import Usage
from .verdict import Verdict


class TrialPlan(Record):
    """One agent on one instance, once: a line of the run's plan."""

    id: str = Field(description="Unique in the run, and the name of the trial's folder.")
    task: str = Field(description="`family/name`.")
    seed: int
    repeat: int = 0
    agent: str = Field(description="Slug of the agent in the run's list.")


class Attempt(Record):
    """One go at a trial, or at what an earlier one left to do of it."""

    number: int
    started: float = Field(description="Seconds since the epoch.")
    ended: float | None = Field(default=None, description="None where the harness was killed.")
    ending: Ending
    message: Text = ""
    resumed: bool = Field(default=False, description="It went on at the desk of the one before.")
    usage: Usage = Field(default=Usage(), description="What its own model calls used.")


class Timing(Record):
    """Where the time of the last attempt went, in seconds."""

    open: float = Field(default=0.0, description="Making the instance and opening the sandbox.")
    work: float = Field(default=0.0, description="The agent's own time, what counts as deadline.")
    collect: float = 0.0
    grade: float = 0.0


class TrialRecord(Record):
    """The outcome of a trial: either a verdict or an error."""

    schema_version: Literal[1] = SCHEMA_VERSION
    run: str
    plan: TrialPlan
    instance: str | None = Field(description="Digest; None where the instance could not be made.")
    ending: Ending
    message: Text = Field(
        default="", description="What there is to say of the ending: of an error, a limit, a crash."
    )
    work_ending: Ending | None = Field(
        default=None,
        description="How the work itself ended; `ending` is another where the grader then failed. "
        "None where there was no work to archive.",
    )
    work_message: Text = ""
    attempts: tuple[Attempt, ...]
    report: Report | None = None
    verdict: Verdict | None = Field(default=None, description="None where the trial is an error.")
    steps: int = 0
    usage: Usage = Field(
        default=Usage(), description="What the work that was judged used, limits included."
    )
    judgements: tuple[Judgement, ...] = Field(
        default=(), description="Of an exam's answer, in order; the verdict follows the last one."
    )
    timing: Timing = Timing()
    task_digest: str = Field(description="Digest of the task whose grader gave the verdict.")
    evidence_sha256: str | None = None
    trajectory_sha256: str | None = None
    ended: float = Field(description="Seconds since the epoch.")

    @property
    def fault(self) -> Fault:
        """Whose fault the ending is."""
        return CONSEQUENCES[self.ending].fault

    @property
    def spent(self) -> Usage:
        """What all attempts, and all judging, used together."""
        judging = (judgement.usage for judgement in self.judgements)
        return sum((*(attempt.usage for attempt in self.attempts), *judging), Usage())

    @property
    def confidence(self) -> float | None:
        """As stated in the report, or as the exam's judge read it; None without a report."""
        if self.judgements:
            return self.judgements[-1].confidence
        return self.report.confidence if self.report else None

    @property
    def error(self) -> bool:
        """Whether there is no verdict."""
        return self.verdict is None

    @property
    def delegable(self) -> bool:
        """The headline; False for an error."""
        return self.verdict is not None and self.verdict.delegable
