"""Grading: from a trial's archived evidence to its verdict, in a clean process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from ..records.evidence import Evidence, load_evidence
from ..records.report import Status
from ..records.verdict import Criterion, Verdict
from ..tasks.loader import grader, load_task
from ..tasks.process import ProcessFailed, ProcessKilled, in_clean_process
from .verdict import judge


class GraderBroken(RuntimeError):
    """The task's grader failed on this evidence: the task's fault, not the agent's."""


@dataclass(frozen=True)
class Case:
    """What a verdict is given on, beside the evidence.

    Attributes:
        folder: the task's folder, where its grader lies.
        writable: patterns of what the worker may write.
    """

    folder: Path
    truth: Mapping[str, object]
    expected: Status
    writable: Sequence[str]
    in_time: bool
    in_cost: bool


async def grade(evidence: Path, case: Case, *, timeout_seconds: float = 120) -> Verdict:
    """Grade an archive. The same archive, truth and grader give the same verdict.

    Raises:
        GraderBroken: the grader raised, took too long, or did not give criteria.
        ProcessKilled: a signal ended it, which is no fault of the grader.
    """
    try:
        return await in_clean_process(
            partial(_grade, evidence, case), timeout_seconds=timeout_seconds
        )
    except ProcessKilled:
        raise
    except ProcessFailed as error:
        raise GraderBroken(f"{case.folder / 'grade.py'}: {error}") from error


def verdict_of(evidence: Evidence, case: Case) -> Verdict:
    """Grade evidence here, in this process; whatever the grader raises comes through."""
    criteria = _check(grader(load_task(case.folder))(evidence, case.truth))
    return judge(
        criteria,
        evidence,
        expected=case.expected,
        allowed=case.writable,
        in_time=case.in_time,
        in_cost=case.in_cost,
    )


def _grade(path: Path, case: Case) -> Verdict:
    return verdict_of(load_evidence(path), case)


def _check(criteria: object) -> list[Criterion]:
    if not isinstance(criteria, list) or not criteria:
        raise TypeError("grade() must return a list of at least one Criterion")
    found = [c for c in cast(list[object], criteria) if isinstance(c, Criterion)]
    if len(found) != len(cast(list[object], criteria)):
        raise TypeError("grade() must return Criterion objects only")
    if len({c.name for c in found}) != len(found):
        raise ValueError("grade() must return each criterion once")
    return found
