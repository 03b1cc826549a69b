"""The audit of tasks: does the grader pass who it must, and nobody else?"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..records.agent_spec import AgentSpec
from ..records.errors import InputError
from ..records.run import RunRecord
from ..records.store import RunStore
from ..records.trial import TrialPlan, TrialRecord
from ..sandboxes import Provider
from ..scoring.garbled import grade_garbled
from ..tasks.model import Suite, Task
from ..tasks.process import ProcessFailed
from ..tasks.solvers import wrong_solvers
from .attempt import grading_case
from .engine import Engine
from .plan import make_plan
from .session import open_context, open_engine

FEWEST_WRONG_SOLVERS = 6

BROKEN = "grader broken"
"""The kind of the commonest problem: one slip in a grader, met in every grading."""

ORACLE = AgentSpec(name="oracle")
IDLE = (AgentSpec(name="no-op"), AgentSpec(name="no-op", options={"status": "blocked"}))


@dataclass(frozen=True)
class Problem:
    """Something wrong with a task; `where` it was found, if that was at one trial."""

    kind: str
    cause: str
    where: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What equal problems share: the kind, and the exception's type and line or the cause."""
        raised = re.search(r"(\w+): .* \(([^()]+:\d+)\)$", self.cause, re.DOTALL)
        return self.kind, " ".join(raised.groups()) if raised else self.cause


@dataclass
class TaskAudit:
    """What the audit of one task found.

    Attributes:
        oracle: seeds on which the oracle is delegable.
        no_op: trials in which doing nothing is delegable; must be none.
        replay: seeds on which another seed's answer is delegable; must be none.
        wrong_caught: trials of wrong solvers that were caught by what must catch them.
        wrong: trials of wrong solvers that were planned.
        false_passes: trials that pass and must not.
        false_fails: trials that fail and must not.
        found: everything else that is wrong with the task, and trials that ended in an error.
    """

    task: str
    seeds: int
    oracle: int = 0
    no_op: int = 0
    replay: int = 0
    wrong_caught: int = 0
    wrong: int = 0
    false_passes: list[str] = field(default_factory=list[str])
    false_fails: list[str] = field(default_factory=list[str])
    found: list[Problem] = field(default_factory=list[Problem])

    def note(self, kind: str, cause: str, where: str = "") -> None:
        """Add a problem."""
        self.found.append(Problem(kind, cause, where))

    @property
    def problems(self) -> list[str]:
        """The problems, a line for all that are equal."""
        groups: dict[tuple[str, str], list[Problem]] = {}
        for problem in self.found:
            groups.setdefault(problem.key, []).append(problem)
        return [_line(group) for group in groups.values()]

    @property
    def passed(self) -> bool:
        """Whether the task may stand in a suite."""
        return not (self.false_passes or self.false_fails or self.found)


@dataclass
class Audit:
    """An audit under way: `engine` is the one at work now, for whoever shows progress."""

    suite: Suite
    tasks: Sequence[Task]
    seeds: Sequence[int]
    place: Provider
    sandbox: str
    images: dict[str, str]
    concurrency: int
    folder: Path
    unsafe_local: bool = False
    engine: Engine | None = None

    async def work(self) -> list[TaskAudit]:
        """Run oracle, no-op and all wrong solvers, then the replays, and judge the graders.

        Raises:
            InputError: fewer than two seeds: another seed's answer could not be tried.
        """
        if len(set(self.seeds)) < 2:
            raise InputError("an audit needs at least two seeds")
        number = len(self.seeds)
        found = {
            task.id: TaskAudit(task.id, number, wrong=number * len(wrong_solvers(task)))
            for task in self.tasks
        }
        await self._check_digests(found)
        first = await self._run(self._solvers(), "solvers")
        second = await self._run(self._replays(first), "replays")
        tasks = {task.id: task for task in self.tasks}
        for store in (first, second):
            run = store.run()
            for record in store.trials():
                _count(found[record.plan.task], record, run, tasks[record.plan.task])
            await _check_stability(store, found)
        await self._check_garbled(first, found)
        for task in self.tasks:
            number = len(wrong_solvers(task))
            if number < FEWEST_WRONG_SOLVERS:
                cause = f"has {number} wrong solvers, needs {FEWEST_WRONG_SOLVERS}"
                found[task.id].note("", cause)
        return list(found.values())

    def _solvers(self) -> RunRecord:
        """A plan with oracle, no-op and each task's own wrong solvers."""
        own = {task.id: {_wrong(name).slug for name in wrong_solvers(task)} for task in self.tasks}
        names = sorted({name for task in self.tasks for name in wrong_solvers(task)})
        common = {agent.slug for agent in (ORACLE, *IDLE)}
        plan = self._plan([ORACLE, *IDLE, *(_wrong(name) for name in names)])
        wanted = [t for t in plan.trials if t.agent in common | own[t.task]]
        return plan.model_copy(update={"trials": tuple(wanted)})

    def _replays(self, first: RunStore) -> RunRecord:
        """A plan in which each seed gets the oracle's answer to the seed before it."""
        sources = {
            (plan.task, plan.seed): AgentSpec(
                name="replay", options={"trial": str(first.trial_folder(plan.id).resolve())}
            )
            for plan in first.run().trials
            if plan.agent == ORACLE.slug
        }
        before = {seed: self.seeds[i - 1] for i, seed in enumerate(self.seeds)}
        trials: list[TrialPlan] = []
        for task, seed in sources:
            slug = sources[task, before[seed]].slug
            id = f"{task.replace('/', '.')}.s{seed}.replay"
            trials.append(TrialPlan(id=id, task=task, seed=seed, agent=slug))
        plan = self._plan(list(sources.values()))
        return plan.model_copy(update={"trials": tuple(trials)})

    def _plan(self, agents: Sequence[AgentSpec]) -> RunRecord:
        return make_plan(
            self.suite,
            self.tasks,
            agents,
            seeds=self.seeds,
            repeats=1,
            sandbox=self.sandbox,
            concurrency=self.concurrency,
            images=self.images,
            unsafe_local=self.unsafe_local,
        )

    async def _run(self, plan: RunRecord, name: str) -> RunStore:
        store = RunStore.create(self.folder / name, plan)
        async with open_engine(store, place=self.place) as engine:
            self.engine = engine
            await engine.work()
        return store

    async def _check_digests(self, found: dict[str, TaskAudit]) -> None:
        """The digests must not depend on hash seeds, time zone, or what was built before."""
        for task in self.tasks:
            digests = [await _digests(task, self.seeds, zone) for zone in ("UTC", "Asia/Tokyo")]
            if digests[0] != digests[1]:
                found[task.id].note("", "the same seed gives different digests")
            elif len(set(digests[0])) != len(digests[0]):
                found[task.id].note(
                    "",
                    "different seeds give the same instance, or world.py failed: "
                    f"{' '.join(digests[0])[-300:]}",
                )

    async def _check_garbled(self, store: RunStore, found: dict[str, TaskAudit]) -> None:
        """No grader may raise on what a worker may leave behind, nor pass what is garbage."""
        context = open_context(store, self.place)
        for record in store.trials():
            plan, audit = record.plan, found[record.plan.task]
            first_oracle = plan.agent == ORACLE.slug and plan.seed == self.seeds[0]
            if not first_oracle or record.evidence_sha256 is None:
                continue
            case = grading_case(context, plan, seconds=record.timing.work, cost_usd=None)
            try:
                variants = await grade_garbled(
                    store.trial_folder(plan.id) / "evidence.tar.zst", case
                )
            except ProcessFailed as error:
                audit.note("grading malformed outputs", str(error), plan.id)
                continue
            for one in variants:
                if one.error:
                    audit.note(BROKEN, one.error, f"{plan.id} with {one.name}")
            audit.false_passes += [
                f"{plan.id} with {one.name}" for one in variants if one.garbage and one.delegable
            ]


async def _check_stability(store: RunStore, found: dict[str, TaskAudit]) -> None:
    """Every trial graded again, with another hash seed, must give the same verdict."""
    plans = {plan.id: plan for plan in store.run().trials}
    again, complaint = await _graded_again(store)
    for id, plan in plans.items():
        missing = "missing", complaint or "there is no record of it"
        outcome, message = again.get(id, missing)
        if outcome == BROKEN:
            found[plan.task].note(BROKEN, _plain(message), f"{id} again")
        elif outcome != "same":
            found[plan.task].note(f"graded again: {outcome}", message, id)


def _line(group: list[Problem]) -> str:
    """Equal problems in one line."""
    first = group[0]
    text = ": ".join(filter(None, (first.kind, first.cause)))
    if len(group) == 1:
        return f"{first.where}: {text}" if first.where else text
    number = f"{len(group)} {'gradings' if first.kind == BROKEN else 'trials'}"
    said = f": {first.cause}" if first.cause else ""
    return f"{first.kind} in {number}{said}; first: {first.where}"


def _plain(message: str) -> str:
    """What a grader raised, without the path of the grader before it: its line stands behind."""
    return re.sub(r"^\S*grade\.py: (?=.*\(.*:\d+\)$)", "", message[-600:], flags=re.DOTALL)


def _wrong(name: str) -> AgentSpec:
    return AgentSpec(name="careless", options={"wrong": name})


def _count(audit: TaskAudit, record: TrialRecord, run: RunRecord, task: Task) -> None:
    agent = run.agent(record.plan.agent)
    verdict = record.verdict
    if verdict is None or record.fault != "none":
        kind = record.ending.value.replace("_", " ")
        audit.note(kind, _plain(record.message), record.plan.id)
        return
    if agent.name == "oracle":
        audit.oracle += verdict.delegable
        if not verdict.delegable:
            audit.false_fails.append(f"{record.plan.id}: {', '.join(_failed(record))}")
        return
    if verdict.delegable:
        audit.false_passes.append(record.plan.id)
    if agent.name == "no-op":
        audit.no_op += verdict.delegable
    elif agent.name == "replay":
        audit.replay += verdict.delegable
    else:
        solver = str(agent.options["wrong"])
        must = wrong_solvers(task)[solver]
        if must in _failed(record):
            audit.wrong_caught += 1
        else:
            caught = ", ".join(_failed(record)) or "nothing"
            audit.note(f"must be caught by {must}, was by {caught}", "", record.plan.id)


def _failed(record: TrialRecord) -> list[str]:
    """What did not hold: names of criteria, and `collateral`, `report`."""
    verdict = record.verdict
    if verdict is None:
        return []
    failed = [c.name for c in verdict.criteria if not c.passed]
    if not verdict.no_collateral:
        failed.append("collateral")
    # Work that is not done and reported done breaks the report in any case: that proves nothing.
    if not verdict.report_true and verdict.work_done:
        failed.append("report")
    return failed


async def _digests(task: Task, seeds: Iterable[int], zone: str) -> list[str]:
    """The instances' digests, made in a process of its own with its own hash seed."""
    code = (
        "import sys; from pathlib import Path; "
        "from offsite.tasks.loader import build_instance, load_task; "
        "task = load_task(Path(sys.argv[1])); "
        "print(*(build_instance(task, int(s)).digest for s in sys.argv[2:]))"
    )
    output, _ = await _python(code, str(task.folder), *map(str, seeds), hashseed=len(zone), TZ=zone)
    return output.split()


async def _graded_again(store: RunStore) -> tuple[dict[str, tuple[str, str]], str]:
    """Outcome and message of grading each trial again, in a process with its own hash seed; and complaints."""
    code = (
        "import asyncio, json, sys; from pathlib import Path\n"
        "from offsite.records.store import RunStore\n"
        "from offsite.runner.regrade import regrade\n"
        "from offsite.runner.session import open_context\n"
        "async def go():\n"
        "    context = open_context(RunStore(Path(sys.argv[1])))\n"
        "    return {a.trial: (a.outcome, a.message) async for a in regrade(context, write=False)}\n"
        "if __name__ == '__main__':\n"
        "    print('\\n' + json.dumps(asyncio.run(go())))\n"
    )
    ours = os.environ.get("PYTHONHASHSEED")
    output, status = await _python(code, str(store.folder), hashseed=2 if ours == "1" else 1)
    if status != 0:
        return {}, output.strip()[-300:] or f"exit code {status}"
    return json.loads(output.splitlines()[-1]), ""


async def _python(code: str, *args: str, hashseed: int, **env: str) -> tuple[str, int | None]:
    """What a program prints in a process with this hash seed, and its exit code."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        *args,
        env={**os.environ, **env, "PYTHONHASHSEED": str(hashseed)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return output.decode(errors="replace"), process.returncode
