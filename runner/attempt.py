"""One attempt at a trial: open, work, archive, close, grade."""

from __future__ import annotations

import asyncio
import json
import time
import traceback
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from ..agents import make_agent
from ..agents.colleague import ModelColleague
from ..agents.protocol import AgentFailed, Assignment, Desk, LimitReached, Limits
from ..records.endings import CONSEQUENCES, Ending
from ..records.errors import InputError, ResultsUnwritable, is_disk_refusing
from ..records.evidence import Evidence
from ..records.instance import Instance, InstanceRecord
from ..records.judgement import Judgement
from ..records.report import Report
from ..records.run import TaskRef
from ..records.store import EVIDENCE, StoreError
from ..records.trajectory import (
    Archived,
    Ended,
    Message,
    Note,
    Opened,
    Reported,
    Start,
    TrajectoryWriter,
    Usage,
)
from ..records.trial import TrialPlan
from ..records.verdict import Verdict
from ..sandboxes import Result, Sandbox, SandboxError
from ..scoring.grade import Case, GraderBroken, grade
from ..tasks.exam import IMAGE
from ..tasks.model import Task
from .exam import grade_answer, judge_answer
from .history import TRAJECTORY, Spent, archived_work, spent
from .instances import WorldBroken
from .opening import Context, Live, close_desk, open_desk

EXAMINATION_SECONDS = 180


@dataclass
class Outcome:
    """What one attempt came to."""

    ending: Ending
    message: str = ""
    work_ending: Ending | None = None
    work_message: str = ""
    instance: str | None = None
    report: Report | None = None
    verdict: Verdict | None = None
    steps: int = 0
    usage: Usage = field(default_factory=Usage)
    judgements: tuple[Judgement, ...] = ()
    evidence_sha256: str | None = None
    open: float = 0.0
    work: float = 0.0
    collect: float = 0.0
    grade: float = 0.0


async def attempt(live: Live, context: Context, folder: Path, *, resumable: bool) -> Outcome:
    """One go. Every way it can end becomes an `Ending`; only being stopped is raised.

    Raises:
        ResultsUnwritable: what happens can no longer be written down.
    """
    outcome = Outcome(Ending.HARNESS_FAILED)
    trajectory = TrajectoryWriter(folder / TRAJECTORY)
    try:
        trajectory.append(Start(trial=live.plan.id, attempt=live.attempt))
        await _go(live, context, trajectory, outcome, resumable=resumable)
    except (WorldBroken, SandboxError, GraderBroken) as error:
        outcome.ending, outcome.message = _ending(error), str(error)
    except AgentFailed as error:  # the judge's provider; the agent's own is met where it works
        outcome.ending, outcome.message = error.ending, str(error)
    except asyncio.CancelledError:
        outcome.ending = Ending.CANCELLED if live.cancelled else Ending.INTERRUPTED
        raise
    except Exception as error:
        if isinstance(error, ResultsUnwritable) or is_disk_refusing(error):
            outcome.ending, outcome.message = Ending.INTERRUPTED, str(error)
            raise
        outcome.ending = Ending.HARNESS_FAILED
        outcome.message = "".join(traceback.format_exception(error)).strip()
    finally:
        with closing(trajectory):
            trajectory.append(Ended(ending=outcome.ending, message=outcome.message))
        live.desk = None
    return outcome


async def _go(
    live: Live,
    context: Context,
    trajectory: TrajectoryWriter,
    outcome: Outcome,
    *,
    resumable: bool,
) -> None:
    """Work and archive, unless an earlier attempt came as far as that; then grade."""
    plan = live.plan
    began = time.monotonic()
    live.phase, live.since = "opening", time.time()
    question = context.questions.get(plan.task)
    if question is not None:
        instance = question.instance()
    else:
        instance = await context.instances.get(context.tasks[plan.task], plan.seed)
    kept = InstanceRecord.of(instance)
    try:
        context.store.save_instance(kept)
    except StoreError as error:
        raise WorldBroken(str(error)) from error
    outcome.instance = instance.digest
    if not _take_up_archived(plan, context, trajectory, outcome):
        folder = context.store.trial_folder(plan.id)
        sandbox, resumed = await open_desk(live, context, folder, instance, resumable=resumable)
        try:
            trajectory.append(Opened(resumed=resumed))
            outcome.open = time.monotonic() - began
            if context.run.colleagues is not None:
                await sandbox.play(ModelColleague(context.run.colleagues, trajectory))
            desk = _desk(context.run.task(plan.task), sandbox, trajectory)
            await _work(live, context, instance, desk, outcome, resumed=resumed)
            live.phase = "collecting"
            began = time.monotonic()
            task = context.tasks.get(plan.task)
            evidence = await _collect(task, instance, sandbox, outcome.report)
            _archive(plan, context, trajectory, evidence, outcome)
        finally:
            await close_desk(sandbox)
        outcome.collect = time.monotonic() - began
    began = time.monotonic()
    if context.run.judge is not None and CONSEQUENCES[outcome.ending].graded:
        live.phase = "judging"
        archived = context.store.evidence(plan.id)
        outcome.judgements = await judge_answer(context.run.judge, archived, kept, trajectory)
    live.phase = "grading"
    outcome.verdict = await _grade(plan, context, outcome)
    outcome.grade = time.monotonic() - began


def _archive(
    plan: TrialPlan,
    context: Context,
    trajectory: TrajectoryWriter,
    evidence: Evidence,
    outcome: Outcome,
) -> None:
    """Keep the evidence, and how the work ended: from here on no crash can cost the work."""
    outcome.evidence_sha256 = context.store.save_evidence(plan.id, evidence)
    outcome.work_ending, outcome.work_message = outcome.ending, outcome.message
    trajectory.append(
        Archived(
            ending=outcome.ending,
            message=outcome.message,
            steps=outcome.steps,
            usage=outcome.usage,
            seconds=outcome.work,
            instance=evidence.instance,
            evidence_sha256=outcome.evidence_sha256,
        )
    )


def _take_up_archived(
    plan: TrialPlan, context: Context, trajectory: TrajectoryWriter, outcome: Outcome
) -> bool:
    """Whether an earlier attempt left only the grading to do; fills in how its work ended."""
    work = archived_work(context.store.trial_folder(plan.id))
    if work is None or not CONSEQUENCES[work.ending].graded:
        return False
    same = work.instance == outcome.instance
    if not same or not context.store.has_evidence(plan.id, work.evidence_sha256):
        return False
    trajectory.append(Note(text="the work is done and archived; what is left is to grade it"))
    outcome.ending = outcome.work_ending = work.ending
    outcome.message = outcome.work_message = work.message
    outcome.report = context.store.evidence(plan.id).report
    outcome.steps, outcome.usage, outcome.work = work.steps, work.usage, work.seconds
    outcome.evidence_sha256 = work.evidence_sha256
    return True


def _ending(error: Exception) -> Ending:
    if isinstance(error, WorldBroken):
        return Ending.WORLD_BROKEN
    return Ending.GRADER_BROKEN if isinstance(error, GraderBroken) else Ending.SANDBOX_FAILED


async def _work(
    live: Live,
    context: Context,
    instance: Instance,
    desk: Desk,
    outcome: Outcome,
    *,
    resumed: bool,
) -> None:
    """Let the agent work within the limits; fills in how it ended."""
    plan, limits = live.plan, desk.limits
    folder = context.store.trial_folder(plan.id)
    before = spent(folder) if resumed else Spent()
    desk.steps, desk.usage = before.steps, before.usage
    picture = instance.files.get(IMAGE) if plan.task in context.questions else None
    assignment = Assignment(
        instruction=instance.instruction,
        image=picture.content.decode() if picture else None,
        limits=limits,
        task=plan.task,
        seed=plan.seed,
        folder=folder,
        resumed=resumed,
    )
    if not resumed:
        desk.say(Message(role="user", text=instance.instruction))
    live.desk, live.phase, live.since = desk, "working", time.time()
    began = time.monotonic()
    try:
        # A wrong solver is one of its own task's; an exam's question is no task.
        own = {id: task for id, task in context.tasks.items() if id == plan.task}
        agent = make_agent(context.run.agent(plan.agent), own)
        async with asyncio.timeout(max(0.0, limits.wall_seconds - before.seconds)) as clock:
            desk.clock.deadline = clock
            try:
                outcome.report = await agent.work(assignment, desk)
            except TimeoutError:
                # The deadline's own is raised again outside; another one is the agent's failure.
                if clock.expired():
                    raise
                raise AgentFailed(Ending.AGENT_CRASHED, "a time-out was not handled") from None
        outcome.ending = Ending.REPORTED if outcome.report else Ending.NO_REPORT
    except TimeoutError:
        outcome.ending = Ending.WALL_LIMIT
    except (LimitReached, AgentFailed) as error:
        outcome.ending, outcome.message = error.ending, str(error)
    except (SandboxError, ResultsUnwritable):
        raise
    except InputError as error:
        outcome.ending, outcome.message = Ending.BAD_INPUT, str(error)
    except Exception as error:
        if is_disk_refusing(error):
            raise
        outcome.ending = Ending.AGENT_CRASHED
        outcome.message = "".join(traceback.format_exception(error)).strip()
    finally:
        outcome.work = time.monotonic() - began - desk.clock.free + before.seconds
        outcome.steps, outcome.usage = desk.steps, desk.usage
    if outcome.report is not None:
        desk.trajectory.append(Reported(report=outcome.report))


def _desk(task: TaskRef, sandbox: Sandbox, trajectory: TrajectoryWriter) -> Desk:
    limits = Limits(
        wall_seconds=task.wall_minutes * 60,
        steps=task.steps,
        tokens=task.tokens,
        cost_usd=task.cost_usd,
    )
    return Desk(sandbox, trajectory, limits)


async def _collect(
    task: Task | None, instance: Instance, sandbox: Sandbox, report: Report | None
) -> Evidence:
    collected = await sandbox.collect(task.spec.outputs if task else ())
    return Evidence(
        instance=instance.digest,
        report=report,
        writes=collected.writes,
        files=collected.files,
        left_out=collected.left_out,
        examination=await _examine(task, sandbox) if task else None,
    )


async def _examine(task: Task, sandbox: Sandbox) -> JsonValue:
    """What the task's `examine()` finds at the desk, now that the worker has left."""
    if task.examine is None:
        return None
    mark = "offsite-examination:"
    source = task.examine.read_text(encoding="utf-8")
    program = f"{source}\nimport json as _json\nprint('\\n{mark}' + _json.dumps(examine()))\n"
    result = await sandbox.run(
        ["python3", "-I", "-"],
        stdin=program.encode(),
        timeout=EXAMINATION_SECONDS,
        cap=4 * 1024 * 1024,
    )
    *_, last = ["", *result.text.splitlines()]
    try:
        return json.loads(last.removeprefix(mark)) if last.startswith(mark) else _unexamined(result)
    except (ValueError, RecursionError):
        return _unexamined(result)


def _unexamined(result: Result) -> JsonValue:
    """What stands in the evidence where the examination did not end with its answer."""
    return {"failed": result.text[-2000:]}


async def _grade(plan: TrialPlan, context: Context, outcome: Outcome) -> Verdict | None:
    if not CONSEQUENCES[outcome.ending].graded:
        return None
    if context.run.judge is not None:
        seconds, cost = outcome.work, outcome.usage.cost_usd
        return grade_answer(context, plan, outcome.judgements, seconds=seconds, cost_usd=cost)
    case = grading_case(context, plan, seconds=outcome.work, cost_usd=outcome.usage.cost_usd)
    evidence = context.store.trial_folder(plan.id) / EVIDENCE
    return await grade(evidence, case)


def grading_case(
    context: Context, plan: TrialPlan, *, seconds: float, cost_usd: float | None
) -> Case:
    """What a trial's verdict is given on, beside the evidence.

    Args:
        seconds: how long the agent worked.
        cost_usd: what its models cost; None where that is not known.
    """
    instance = context.store.instance(plan.task, plan.seed)
    ref = context.run.task(plan.task)
    return Case(
        folder=context.tasks[plan.task].folder,
        truth=instance.truth,
        expected=instance.expected,
        writable=ref.writable,
        in_time=seconds < ref.wall_minutes * 60,
        in_cost=(cost_usd or 0.0) <= ref.cost_usd,
    )
