"""Grading the archived trials of a run again, with the graders as they are now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from ..records.endings import CONSEQUENCES, Ending
from ..records.store import EVIDENCE, StoreError
from ..records.trial import TrialRecord
from ..records.verdict import Verdict
from ..scoring.grade import GraderBroken, grade
from ..tasks.process import ProcessKilled
from .attempt import grading_case
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


async def regrade(context: Context, *, write: bool = True) -> AsyncIterator[Regraded]:
    """Grade every trial whose work is to be graded, and write what that changed.

    Args:
        write: whether to write them; else they are only told.
    """
    for record in context.store.trials():
        if not _was_graded(record) or record.evidence_sha256 is None:
            yield Regraded(record.plan.id, "not graded", record.verdict, None, record.ending.value)
            continue
        evidence = context.store.trial_folder(record.plan.id) / EVIDENCE
        if not context.store.has_evidence(record.plan.id, record.evidence_sha256):
            message = f"{evidence}: is not the archive that was graded"
            yield Regraded(record.plan.id, "damaged", record.verdict, None, message)
            continue
        seconds, cost = record.timing.work, record.usage.cost_usd
        try:
            case = grading_case(context, record.plan, seconds=seconds, cost_usd=cost)
            verdict = await grade(evidence, case)
        except StoreError as error:
            yield Regraded(record.plan.id, "damaged", record.verdict, None, str(error))
            continue
        except (GraderBroken, ProcessKilled) as error:
            yield Regraded(record.plan.id, "grader broken", record.verdict, None, str(error))
            continue
        judged = _with(record, verdict, context)
        if judged != record and write:
            context.store.save_trial(judged)
        outcome = "same" if verdict == record.verdict else "changed"
        yield Regraded(record.plan.id, outcome, record.verdict, verdict)


def _was_graded(record: TrialRecord) -> bool:
    """Whether the work was graded, or would have been, had the grader not failed.

    What the infrastructure or the user broke is archived as well, and stays an error: it says
    nothing of what the agent could have done.
    """
    if record.work_ending is None or not CONSEQUENCES[record.work_ending].graded:
        return False
    return record.ending in (record.work_ending, Ending.GRADER_BROKEN)


def _with(record: TrialRecord, verdict: Verdict, context: Context) -> TrialRecord:
    """The record with its new verdict; where the grader had failed, with the work's own ending."""
    return record.model_copy(
        update={
            "verdict": verdict,
            "ending": record.work_ending,
            "message": record.work_message,
            "task_digest": context.tasks[record.plan.task].digest,
        }
    )
