"""The task model: what stands in a task's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, cast

from pydantic import Field, model_validator

from ..records.base import SCHEMA_VERSION, Record
from ..records.office import Service

FILES = ("task.toml", "instruction.md", "world.py", "solution.py", "grade.py", "wrong.py")
"""What every task folder holds; `examine.py` may stand beside them."""


class Human(Record):
    """How long a person who does this work for a living needs for it."""

    minutes: float = Field(gt=0, description="Median, in minutes.")
    source: str = Field(min_length=1, description="Where the figure comes from.")
    sigma: float = Field(gt=0, description="Standard deviation of ln(minutes).")


class Environment(Record):
    """What the desk must offer."""

    image: Literal["desk", "desk-browser"] = Field(
        default="desk", description="The smallest image that serves."
    )
    network: Literal["none", "office", "registry", "open"] = "none"
    services: tuple[Service, ...] = Field(
        default=(), description="What of an office stands around the desk; the network is its own."
    )

    @model_validator(mode="before")
    @classmethod
    def _office_network(cls, given: Any) -> Any:
        if not isinstance(given, dict):  # a model, which is checked already
            return given
        told = cast("dict[str, Any]", given)
        return {"network": "office", **told} if told.get("services") else told

    @model_validator(mode="after")
    def _one_network(self) -> Self:
        if bool(self.services) != (self.network == "office"):
            raise ValueError("services and the network `office` go together")
        return self

    @property
    def images(self) -> frozenset[str]:
        """All images that a trial needs."""
        return frozenset({self.image, "office"} if self.services else {self.image})


class Limits(Record):
    """What a trial may use up. Reaching one ends the trial; what stands is graded."""

    wall_minutes: float = Field(default=60.0, gt=0, description="The deadline.")
    steps: int = Field(default=150, gt=0, description="Model calls or actions of the agent.")
    tokens: int = Field(default=3_000_000, gt=0, description="Input and output together.")
    cost_usd: float = Field(default=10.0, ge=0, description="0: only what costs nothing.")


class TaskSpec(Record):
    """`task.toml`."""

    schema_version: Literal[1] = SCHEMA_VERSION
    title: str = Field(min_length=1)
    soc: str = Field(
        pattern=r"^\d\d-\d{4}$",
        description="Occupation, Standard Occupational Classification 2018.",
    )
    tags: tuple[str, ...] = ()
    outputs: tuple[str, ...] = Field(
        default=(),
        description="Patterns (gitignore syntax, relative to the home) of what the grader reads. "
        "Always archived, changed or not; always allowed to be written. Only where the work is done "
        "in an office may there be none.",
    )
    allowed_writes: tuple[str, ...] = Field(
        default=(), description="Patterns of what else the worker may write."
    )
    human: Human
    environment: Environment = Environment()
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _something_to_read(self) -> Self:
        if not self.outputs and not self.environment.services:
            raise ValueError("outputs: name what the grader reads")
        return self


@dataclass(frozen=True)
class Task:
    """A task in its folder.

    Attributes:
        suite: name of the suite that it stands in.
        digest: sha256 over the files of the folder.
    """

    suite: str
    family: str
    name: str
    folder: Path
    spec: TaskSpec
    digest: str

    @property
    def id(self) -> str:
        """`family/name`."""
        return f"{self.family}/{self.name}"

    @property
    def examine(self) -> Path | None:
        """The script that looks at the desk after the worker has left, if the task has one."""
        path = self.folder / "examine.py"
        return path if path.exists() else None


@dataclass(frozen=True)
class Suite:
    """A named, versioned list of tasks with seeds.

    Attributes:
        digest: sha256 over name, version, seeds and the tasks' digests.
    """

    name: str
    version: str
    description: str
    seeds: tuple[int, ...]
    tasks: tuple[Task, ...]
    digest: str
