"""Grading the archived trials of a run again, with the graders as they are now."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from ..agents.protocol import AgentFailed
from ..records.endings import CONSEQUENCES, Ending
from ..records.store import EVIDENCE, StoreError
from ..records.trajectory import TrajectoryWriter
from ..records.trial import TrialRecord
from ..records.verdict import Verdict
from ..scoring.grade import GraderBroken, grade
from ..tasks.process import ProcessKilled
from .attempt import grading_case
from .exam import grade_answer, judge_answer
from .history import TRAJECTORY
from .opening import Context

Outcome = Literal["same", "changed", "not graded", "damaged", "grader broken"]


@dataclass(frozen=True)
class Regraded:
    """What grading one trial again came to."""

    trial: str
    outcome: Outcome
    before: Verdict | None
    after: Verdict | None
    message: str = ""


async def regrade(
    context: Context, *, write: bool = True, judge: str | None = None, at_once: int = 1
) -> AsyncIterator[Regraded]:
    """Grade every trial whose work is to be graded, and write what that changed.

    Args:
        write: whether to write them; else they are only told.
        judge: of an exam, the model that judges all answers anew; None: what was judged stands.
        at_once: how many trials at a time.
    """
    waiting: deque[asyncio.Task[Regraded]] = deque()
    try:
        for record in context.store.trials():
            again = _again(context, record, write=write, judge=judge)
            waiting.append(asyncio.create_task(again))
            if len(waiting) >= at_once:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for left in waiting:
            left.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _again(
    context: Context, record: TrialRecord, *, write: bool, judge: str | None
) -> Regraded:
    id, before = record.plan.id, record.verdict
    if not _was_graded(record, judge) or record.evidence_sha256 is None:
        return Regraded(id, "not graded", before, None, record.ending.value)
    evidence = context.store.trial_folder(id) / EVIDENCE
    if not context.store.has_evidence(id, record.evidence_sha256):
        return Regraded(
            id, "damaged", before, None, f"{evidence}: is not the archive that was graded"
        )
    try:
        now = await _judged_anew(context, record, judge) if judge else record
        verdict = await _verdict(context, now)
    except StoreError as error:
        return Regraded(id, "damaged", before, None, str(error))
    except (GraderBroken, ProcessKilled, AgentFailed) as error:
        return Regraded(id, "grader broken", before, None, str(error))
    judged = _with(now, verdict, context)
    if judged != record and write:
        context.store.save_trial(judged)
    return Regraded(id, "same" if verdict == before else "changed", before, verdict)


async def _verdict(context: Context, record: TrialRecord) -> Verdict:
    seconds, cost = record.timing.work, record.usage.cost_usd
    if context.run.judge is not None:
        return grade_answer(context, record.plan, record.judgements, seconds=seconds, cost_usd=cost)
    case = grading_case(context, record.plan, seconds=seconds, cost_usd=cost)
    return await grade(context.store.trial_folder(record.plan.id) / EVIDENCE, case)


async def _judged_anew(context: Context, record: TrialRecord, judge: str) -> TrialRecord:
    """The record with one more judgement; those before it stay."""
    path = context.store.trial_folder(record.plan.id) / TRAJECTORY
    evidence = context.store.evidence(record.plan.id)
    instance = context.store.instance(record.plan.task, record.plan.seed)
    with closing(TrajectoryWriter(path)) as trajectory:
        new = await judge_answer(judge, evidence, instance, trajectory)
    return record.model_copy(
        update={
            "judgements": (*record.judgements, *new),
            "trajectory_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
    )


def _was_graded(record: TrialRecord, judge: str | None) -> bool:
    """Whether the work was graded, or would have been, had the grader not failed.

    What the infrastructure or the user broke is archived as well, and stays an error: it says
    nothing of what the agent could have done.
    """
    if record.work_ending is None or not CONSEQUENCES[record.work_ending].graded:
        return False
    # Where a new judge is asked for, that the one before could not be reached does not matter.
    return record.ending in (record.work_ending, Ending.GRADER_BROKEN) or judge is not None


def _with(record: TrialRecord, verdict: Verdict, context: Context) -> TrialRecord:
    """The record with its new verdict; where the grader had failed, with the work's own ending."""
    return record.model_copy(
        update={
            "verdict": verdict,
            "ending": record.work_ending,
            "message": record.work_message,
            "task_digest": context.task_digest(record.plan.task),
        }
    )
