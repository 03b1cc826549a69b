"""A trial's desk: opened and laid out, or taken up where an earlier attempt left it; closed for sure."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..agents.protocol import Desk
from ..records.instance import Instance
from ..records.run import RunRecord
from ..records.store import RunStore
from ..records.trial import TrialPlan
from ..sandboxes import DeskSpec, Provider, Sandbox, SandboxError
from ..tasks.exam import Question
from ..tasks.model import Task
from .instances import Instances, WorldBroken

SETUP_SECONDS = 120


@dataclass(frozen=True)
class Context:
    """What all trials of a run share.

    Attributes:
        questions: by task, those of an exam; else there are none.
    """

    store: RunStore
    run: RunRecord
    provider: Provider
    tasks: Mapping[str, Task]
    instances: Instances
    questions: Mapping[str, Question] = field(default_factory=dict[str, Question])

    def task_digest(self, task: str) -> str:
        """Of the task as it is now; of a question as it was planned."""
        known = self.tasks.get(task)
        return known.digest if known is not None else self.run.task(task).digest


@dataclass
class Live:
    """A trial as it stands, for whoever watches.

    Attributes:
        next: the trial for which things may be got ready while this one works, if any.
    """

    plan: TrialPlan
    next: TrialPlan | None = None
    phase: str = "waiting"
    attempt: int = 0
    since: float = field(default_factory=time.time)
    desk: Desk | None = None
    cancelled: bool = False


async def open_desk(
    live: Live, context: Context, folder: Path, instance: Instance, *, resumable: bool
) -> tuple[Sandbox, bool]:
    """The desk, laid out; or the living one of the attempt before, where the agent can go on."""
    task = context.run.task(live.plan.task)
    spec = DeskSpec(
        run=context.run.id,
        trial=live.plan.id,
        owner=str(context.store.folder.resolve()),
        image=task.image,
        network=task.network,  # pyright: ignore[reportArgumentType] - checked when it was planned
        services=task.services,
        then=context.run.task(live.next.task).services if live.next else (),
    )
    checkpoint = folder / "checkpoint.sqlite"
    if resumable and checkpoint.exists():
        sandbox = await context.provider.reattach(spec)
        if sandbox is not None:
            return sandbox, True
    for left in folder.glob("checkpoint.sqlite*"):
        left.unlink()
    sandbox = await context.provider.open(spec)
    try:
        if instance.office is not None:
            await sandbox.furnish(instance.office)
        await sandbox.write(instance.files)
        for command in instance.setup:
            result = await sandbox.run(command, timeout=SETUP_SECONDS)
            if result.exit_code != 0:
                raise WorldBroken(f"setup failed: {command}\n{result.text}")
        if instance.setup:
            await sandbox.run(["rm", "-rf", ".setup"])
        await sandbox.mark()
    except BaseException:
        await close_desk(sandbox)
        raise
    return sandbox, False


async def close_desk(sandbox: Sandbox) -> None:
    """Close whatever happens: not even being cancelled again may leave a container behind."""
    ending = asyncio.ensure_future(sandbox.close())
    cancelled: asyncio.CancelledError | None = None
    while not ending.done():
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError as error:
            cancelled = error
        except SandboxError:
            pass  # The next start removes it by its label.
    if cancelled is not None:
        raise cancelled
