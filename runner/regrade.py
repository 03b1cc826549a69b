"""Grading the archived trials of a run again, with the graders as they are now."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..records.endings import CONSEQUENCES, Ending
from ..records.store import StoreError
from ..records.trial import TrialRecord
from ..records.verdict import Verdict
from ..scoring.grade import GraderBroken, grade
from .attempt import Context, grading_case

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
    """Grade every trial that has evidence, and write the verdicts that changed.

    Args:
        write: whether to write them; else they are only told.
    """
    for record in context.store.trials():
        if record.evidence_sha256 is None:
            yield Regraded(record.plan.id, "not graded", record.verdict, None, record.ending.value)
            continue
        evidence = context.store.trial_folder(record.plan.id) / "evidence.tar.zst"
        if not _intact(evidence, record.evidence_sha256):
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
        except GraderBroken as error:
            yield Regraded(record.plan.id, "grader broken", record.verdict, None, str(error))
            continue
        changed = verdict != record.verdict
        if changed and write:
            context.store.save_trial(_with(record, verdict, context))
        outcome = "changed" if changed else "same"
        yield Regraded(record.plan.id, outcome, record.verdict, verdict)


def _intact(evidence: Path, expected: str) -> bool:
    return evidence.exists() and hashlib.sha256(evidence.read_bytes()).hexdigest() == expected


def _with(record: TrialRecord, verdict: Verdict, context: Context) -> TrialRecord:
    """The record with its new verdict; a grader that was broken and is mended ends the error."""
    ending = record.ending
    if not CONSEQUENCES[ending].graded:
        ending = Ending.REPORTED if record.report is not None else Ending.NO_REPORT
    return record.model_copy(
        update={
            "verdict": verdict,
            "ending": ending,
            "message": record.message if ending is record.ending else "",
            "task_digest": context.tasks[record.plan.task].digest,
        }
    )
