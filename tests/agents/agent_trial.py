"""One trial of an agent, as the runner would do it, for the tests to look into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offsite.agents import make_agent
from offsite.agents.protocol import Assignment, Desk, Limits
from offsite.records.agent_spec import AgentSpec
from offsite.records.instance import File
from offsite.records.report import Report
from offsite.records.trajectory import Event, TrajectoryWriter, read_trajectory
from offsite.sandboxes import Sandbox

MODEL = "openai:gpt-5-mini"


@dataclass
class Trial:
    """One trial: `key` stands in its assignment, `folder` holds its trajectory and checkpoint."""

    key: str
    folder: Path
    desk: Desk

    async def work(
        self, *, model: str = MODEL, resumed: bool = False, **options: Any
    ) -> Report | None:
        """Let the worker work."""
        spec = AgentSpec(name="worker", model=model, options={"backoff": 0.05, **options})
        return await make_agent(spec, {}).work(self.assignment(resumed=resumed), self.desk)

    def assignment(self, *, resumed: bool = False, task: str = "", seed: int = 0) -> Assignment:
        return Assignment(
            instruction=f"Make a file. ({self.key})",
            limits=self.desk.limits,
            task=task,
            seed=seed,
            folder=self.folder,
            resumed=resumed,
        )

    async def text(self, path: str) -> str:
        """What a file on the desk holds."""
        return (await self.desk.sandbox.read(path)).decode()

    async def has(self, path: str) -> bool:
        """Whether a file stands on the desk."""
        return (await self.desk.sandbox.run(["test", "-e", path])).exit_code == 0

    async def put(self, path: str, content: str | bytes, mode: int = 0o644) -> None:
        """Lay a file on the desk."""
        raw = content.encode() if isinstance(content, str) else content
        await self.desk.sandbox.write({path: File(raw, mode=mode)})

    def events(self, kind: str | None = None) -> list[Any]:
        """What the trajectory holds, of one kind or all."""
        events: list[Event] = list(read_trajectory(self.folder / "trajectory.jsonl"))
        return [event for event in events if kind is None or event.type == kind]

    def notes(self) -> str:
        """The harness's remarks."""
        return "\n".join(event.text for event in self.events("note"))


def new_trial(key: str, folder: Path, sandbox: Sandbox, **limits: Any) -> Trial:
    """A trial at this desk, with ample limits but for those given."""
    folder.mkdir(exist_ok=True)
    given = {"wall_seconds": 60.0, "steps": 50, "tokens": 10**7, "cost_usd": 10.0, **limits}
    writer = TrajectoryWriter(folder / "trajectory.jsonl")
    return Trial(key, folder, Desk(sandbox, writer, Limits(**given)))
