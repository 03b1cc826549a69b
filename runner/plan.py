"""Making the plan of a run."""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from ..records.agent_spec import AgentSpec
from ..records.run import LimitOverrides, RunRecord, SuiteRef, TaskRef
from ..records.trial import TrialPlan
from ..tasks.loader import BUILTIN
from ..tasks.model import Suite, Task

OWN_LIMITS = LimitOverrides()
_PACKAGES = ("offsite", "docker", "langgraph", "langchain-openai", "pydantic")


def make_plan(
    suite: Suite,
    tasks: Sequence[Task],
    agents: Sequence[AgentSpec],
    *,
    seeds: Sequence[int],
    repeats: int,
    sandbox: str,
    concurrency: int,
    images: Mapping[str, str],
    unsafe_local: bool = False,
    limits: LimitOverrides = OWN_LIMITS,
    max_attempts: int = 3,
    colleagues: str | None = None,
) -> RunRecord:
    """The plan of a run: every task with every seed, repeat and agent, task by task."""
    trials = [
        TrialPlan(
            id=f"{task.id.replace('/', '.')}.s{seed}.r{repeat}.{agent.slug}",
            task=task.id,
            seed=seed,
            repeat=repeat,
            agent=agent.slug,
        )
        for task in tasks
        for seed in seeds
        for repeat in range(repeats)
        for agent in agents
    ]
    builtin = suite.tasks[0].folder.is_relative_to(BUILTIN)
    return RunRecord(
        id=new_run_id(suite.name),
        created=time.time(),
        suite=SuiteRef(
            name=suite.name,
            version=suite.version,
            digest=suite.digest,
            folder=None if builtin else str(suite.tasks[0].folder.resolve().parents[1]),
        ),
        whole_suite=len(tasks) == len(suite.tasks),
        tasks=tuple(task_ref(task, limits) for task in tasks),
        limits=limits,
        agents=tuple(agents),
        seeds=tuple(seeds),
        repeats=repeats,
        sandbox=sandbox,
        unsafe_local=unsafe_local,
        colleagues=colleagues,
        images=dict(images),
        versions=versions(),
        concurrency=concurrency,
        max_attempts=max_attempts,
        trials=tuple(trials),
    )


def new_run_id(suite: str) -> str:
    """A name for a run's folder that sorts by time and is not taken."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{suite}-{secrets.token_hex(2)}"


def versions() -> dict[str, str]:
    """Versions of Offsite, Python and the packages that a result may depend on."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def task_ref(task: Task, limits: LimitOverrides) -> TaskRef:
    """What a plan says of a task."""
    own = task.spec.limits
    return TaskRef(
        id=task.id,
        digest=task.digest,
        title=task.spec.title,
        family=task.family,
        soc=task.spec.soc,
        human_minutes=task.spec.human.minutes,
        wall_minutes=own.wall_minutes if limits.wall_minutes is None else limits.wall_minutes,
        steps=own.steps if limits.steps is None else limits.steps,
        tokens=own.tokens if limits.tokens is None else limits.tokens,
        cost_usd=own.cost_usd if limits.cost_usd is None else limits.cost_usd,
        writable=(*task.spec.outputs, *task.spec.allowed_writes),
        image=task.spec.environment.image,
        network=task.spec.environment.network,
        services=task.spec.environment.services,
    )
