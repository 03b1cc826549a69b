"""The verdict on an exam's answer: a pure function of what was archived, the judge's reply included."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..records.evidence import Evidence
from ..records.judgement import Judgement
from ..records.store import RunStore
from ..records.verdict import Criterion, Verdict
from .verdict import judge


def exam_verdict(
    evidence: Evidence,
    answer: str,
    judgement: Judgement | None,
    *,
    in_time: bool,
    in_cost: bool,
) -> Verdict:
    """`delegable` is: the answer is correct, within the limits.

    Args:
        answer: the correct one.
        judgement: None where there was nothing to judge, which is wrong.
    """
    correct = Criterion(
        name="correct",
        passed=judgement is not None and judgement.correct,
        expected=answer[:400],
        found=judgement.extracted[:400] if judgement else "no answer",
    )
    return judge([correct], evidence, expected="done", allowed=(), in_time=in_time, in_cost=in_cost)


@dataclass(frozen=True)
class Judging:
    """Who judged an agent's answers, and what that cost.

    Attributes:
        judges: the models that the verdicts follow; several where only some were judged anew.
        cost_usd: of all judging, that which was replaced included; None: a price is not known.
    """

    judges: tuple[str, ...]
    cost_usd: float | None


def judging_of(store: RunStore, agent: str) -> Judging:
    """How an agent's answers in an exam were judged, by what stands in the trials' records."""
    judged = [
        record.judgements
        for record in store.trials()
        if record.plan.agent == agent and record.judgements
    ]
    costs = [each.usage.cost_usd for judgements in judged for each in judgements]
    known = [cost for cost in costs if cost is not None]
    return Judging(
        judges=tuple(sorted({judgements[-1].model for judgements in judged})),
        cost_usd=math.fsum(known) if len(known) == len(costs) else None,
    )
