"""The seam between Offsite and whoever does the work."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..records.endings import Ending
from ..records.report import Report
from ..records.trajectory import (
    Message,
    ModelCall,
    Note,
    Observation,
    ToolCall,
    TrajectoryWriter,
    Usage,
)
from ..sandboxes import Result, Sandbox
from .clock import Clock


@dataclass(frozen=True)
class Limits:
    """What a trial may use up; the runner holds the time, the desk counts the rest.

    Steps and tokens are for models: a person's are counted and not limited.
    """

    wall_seconds: float
    steps: int
    tokens: int
    cost_usd: float


@dataclass(frozen=True)
class Assignment:
    """What the agent is told.

    Attributes:
        instruction: Markdown.
        task: `family/name`, for agents that belong to a task (oracle, careless); a model never
            sees it, nor the seed.
        image: the picture that belongs to an exam's question, as a data URI.
        folder: where the agent may keep its own state of this trial (checkpoints), on the host.
        resumed: the desk is the living one of an earlier attempt: go on from the last checkpoint.
    """

    instruction: str
    limits: Limits
    task: str
    seed: int
    folder: Path
    resumed: bool = False
    image: str | None = None


class LimitReached(Exception):
    """A limit of the trial was reached: the trial ends here and what stands is graded."""

    def __init__(self, ending: Ending, message: str) -> None:
        super().__init__(message)
        self.ending = ending


class AgentFailed(Exception):
    """The agent cannot go on; `ending` says in which way, and by that whose fault it is."""

    def __init__(self, ending: Ending, message: str) -> None:
        super().__init__(message)
        self.ending = ending


@dataclass
class Desk:
    """The desk as its worker meets it: each action is counted, done, and put into the trajectory.

    Attributes:
        steps: model calls, or actions of whoever works without a model, so far.
        usage: what the models of this trial used so far.
        clock: the agent's own time.
    """

    sandbox: Sandbox
    trajectory: TrajectoryWriter
    limits: Limits
    steps: int = 0
    usage: Usage = field(default_factory=Usage)
    clock: Clock = field(default_factory=Clock)

    def step(self) -> None:
        """Count one step.

        Raises:
            LimitReached: the trial has no step left.
        """
        if self.steps >= self.limits.steps:
            raise LimitReached(Ending.STEP_LIMIT, f"{self.limits.steps} steps are used up")
        self.steps += 1

    def say(self, message: Message) -> None:
        """Put what was said into the trajectory."""
        self.trajectory.append(message)

    def note(self, text: str) -> None:
        """Put a remark of the harness into the trajectory."""
        self.trajectory.append(Note(text=text))

    def spend(self, call: ModelCall) -> None:
        """Put a model call into the trajectory and count what it used.

        Raises:
            LimitReached: tokens or money are used up.
        """
        self.trajectory.append(call)
        self.usage += call.usage
        if self.usage.input + self.usage.output > self.limits.tokens:
            raise LimitReached(Ending.TOKEN_LIMIT, f"{self.limits.tokens} tokens are used up")
        if (self.usage.cost_usd or 0) > self.limits.cost_usd:
            raise LimitReached(Ending.COST_LIMIT, f"${self.limits.cost_usd:g} is used up")

    async def shell(self, command: str, *, timeout: float = 120, call: str | None = None) -> Result:
        """Run a command in the persistent shell."""
        call = self.acts("shell", {"command": command, "timeout": timeout}, call)
        result = await self.sandbox.shell(command, timeout=timeout)
        self.trajectory.append(
            Observation(
                call=call, text=result.text, exit_code=result.exit_code, seconds=result.seconds
            )
        )
        return result

    async def script(self, source: str, *, tool: str, timeout: float = 600) -> Result:
        """Run a Python program at the desk; it arrives on standard input and leaves no file."""
        call = self.acts("script", {"name": tool})
        result = await self.sandbox.run(
            ["python3", "-"], stdin=source.encode(), timeout=timeout, cap=1024 * 1024
        )
        self.trajectory.append(
            Observation(
                call=call, text=result.text, exit_code=result.exit_code, seconds=result.seconds
            )
        )
        return result

    async def read_file(self, path: str, *, call: str | None = None) -> bytes:
        """Read a file; the trajectory keeps only its size."""
        call = self.acts("read_file", {"path": path}, call)
        began = time.monotonic()
        try:
            content = await self.sandbox.read(path)
        except OSError as error:
            self.observe(call, str(error), began, error=True)
            raise
        self.observe(call, f"{len(content)} bytes", began)
        return content

    def acts(self, tool: str, arguments: Mapping[str, object], call: str | None = None) -> str:
        """Put a tool call into the trajectory; the id that its observation must bear."""
        event = ToolCall.model_validate(
            {"call": call or uuid.uuid4().hex[:12], "tool": tool, "arguments": dict(arguments)}
        )
        self.trajectory.append(event)
        return event.call

    async def tick(self) -> None:
        """A call of a tool is over: what it set going at the office goes on."""
        await self.sandbox.tick()

    def observe(
        self,
        call: str,
        text: str,
        began: float,
        *,
        error: bool = False,
        screen: str | None = None,
    ) -> None:
        """Put what a tool answered into the trajectory; `began` is of `time.monotonic`."""
        seconds = time.monotonic() - began
        self.trajectory.append(
            Observation(call=call, text=text, seconds=seconds, error=error, screen=screen)
        )


class Agent(Protocol):
    """Whoever does an assignment at a desk."""

    name: str

    async def work(self, assignment: Assignment, desk: Desk) -> Report | None:
        """Do the work and hand in a report; None where the agent leaves without one.

        Raises:
            LimitReached: from the desk; must not be swallowed.
            AgentFailed: the agent cannot go on.
        """
        ...
