"""Every way in which a trial can end, and whose fault it is. Nothing else decides that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Fault = Literal["none", "agent", "task", "infrastructure", "user"]


class Ending(StrEnum):
    """How a trial, or one attempt at it, ended."""

    REPORTED = "reported"
    NO_REPORT = "no_report"
    WALL_LIMIT = "wall_limit"
    STEP_LIMIT = "step_limit"
    TOKEN_LIMIT = "token_limit"
    COST_LIMIT = "cost_limit"
    CONTEXT_LIMIT = "context_limit"
    AGENT_CRASHED = "agent_crashed"
    GRADER_BROKEN = "grader_broken"
    WORLD_BROKEN = "world_broken"
    SANDBOX_FAILED = "sandbox_failed"
    PROVIDER_FAILED = "provider_failed"
    HARNESS_FAILED = "harness_failed"
    MODEL_REJECTED = "model_rejected"
    BAD_INPUT = "bad_input"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Consequence:
    """What follows from an ending.

    Attributes:
        fault: whose fault it is.
        graded: whether what stands is graded; what is not graded is an error.
        retried: whether the harness tries the trial again by itself.
        meaning: one line for people.
    """

    fault: Fault
    graded: bool
    retried: bool
    meaning: str


CONSEQUENCES: dict[Ending, Consequence] = {
    Ending.REPORTED: Consequence("none", True, False, "the agent handed in its report"),
    Ending.NO_REPORT: Consequence("agent", True, False, "the agent left without a report"),
    Ending.WALL_LIMIT: Consequence("agent", True, False, "the time limit was reached"),
    Ending.STEP_LIMIT: Consequence("agent", True, False, "the step limit was reached"),
    Ending.TOKEN_LIMIT: Consequence("agent", True, False, "the token limit was reached"),
    Ending.COST_LIMIT: Consequence("agent", True, False, "the cost limit was reached"),
    Ending.CONTEXT_LIMIT: Consequence(
        "agent", True, False, "the assignment no longer fits the model's context"
    ),
    Ending.AGENT_CRASHED: Consequence("agent", True, False, "the agent's own code failed"),
    Ending.GRADER_BROKEN: Consequence("task", False, False, "the task's grader failed"),
    Ending.WORLD_BROKEN: Consequence("task", False, False, "the task's world could not be made"),
    Ending.SANDBOX_FAILED: Consequence("infrastructure", False, True, "the sandbox failed"),
    Ending.PROVIDER_FAILED: Consequence(
        "infrastructure", False, True, "the model's provider failed, after retries"
    ),
    Ending.HARNESS_FAILED: Consequence("infrastructure", False, True, "Offsite itself failed"),
    Ending.MODEL_REJECTED: Consequence(
        "user", False, False, "the provider refused the key, the model's name or the request"
    ),
    Ending.BAD_INPUT: Consequence(
        "user", False, False, "what the agent was given to work with cannot be used"
    ),
    Ending.CANCELLED: Consequence("user", False, False, "the trial was cancelled"),
    Ending.INTERRUPTED: Consequence(
        "infrastructure", False, True, "the harness was stopped before the trial was over"
    ),
}
"""The one table of faults."""
