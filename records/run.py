"""`run.json`: the plan of a run, and all that is needed to read it on another machine."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .agent_spec import AgentSpec
from .base import SCHEMA_VERSION, Record
from .trial import TrialPlan


class SuiteRef(Record):
    """The suite that a run was planned from."""

    name: str
    version: str
    digest: str
    folder: str | None = Field(
        default=None,
        description="Where it lies, for suites that do not ship with Offsite; an exam's file.",
    )


class TaskRef(Record):
    """What a run must know of a task to be summarised without it."""

    id: str
    digest: str
    title: str
    family: str
    soc: str
    human_minutes: float = Field(description="0 for an exam's question: nobody measured it.")
    wall_minutes: float
    steps: int
    tokens: int
    cost_usd: float
    writable: tuple[str, ...] = Field(description="Patterns of what the worker may write.")
    image: str
    network: str
    services: tuple[str, ...] = ()


class LimitOverrides(Record):
    """What a user set instead of the tasks' own limits; None leaves each task's own."""

    wall_minutes: float | None = Field(default=None, gt=0)
    steps: int | None = Field(default=None, gt=0)
    tokens: int | None = Field(default=None, gt=0)
    cost_usd: float | None = Field(default=None, ge=0)


class RunRecord(Record):
    """The plan: fixed when the run is made, never changed afterwards."""

    schema_version: Literal[1] = SCHEMA_VERSION
    id: str
    created: float = Field(description="Seconds since the epoch.")
    suite: SuiteRef
    whole_suite: bool = Field(description="Every task of the suite is in the plan.")
    tasks: tuple[TaskRef, ...]
    limits: LimitOverrides = LimitOverrides()
    agents: tuple[AgentSpec, ...]
    seeds: tuple[int, ...]
    repeats: int = Field(ge=1)
    sandbox: str = Field(description="The provider's name.")
    unsafe_local: bool = False
    colleagues: str | None = Field(
        default=None, description="The model that plays colleagues; None: the tasks' own rules."
    )
    judge: str | None = Field(
        default=None, description="The model that judges an exam; None where graders of tasks do."
    )
    images: dict[str, str] = Field(
        default_factory=dict, description="Image name to the digest of what was built."
    )
    versions: dict[str, str] = Field(description="Offsite, Python and the packages that matter.")
    concurrency: int = Field(ge=1)
    max_attempts: int = Field(default=3, ge=1)
    trials: tuple[TrialPlan, ...]

    def agent(self, slug: str) -> AgentSpec:
        """The agent of this slug."""
        return next(agent for agent in self.agents if agent.slug == slug)

    def task(self, id: str) -> TaskRef:
        """The task of this id."""
        return next(task for task in self.tasks if task.id == id)
