"""The verdict on an exam's answer: a pure function of what was archived, the judge's reply included."""

from __future__ import annotations

import math

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


def judging_usd(store: RunStore, agent: str) -> float | None:
    """What judging an agent's answers cost in US dollars, again included; None: a price is unknown."""
    costs = [
        judgement.usage.cost_usd
        for record in store.trials()
        if record.plan.agent == agent
        for judgement in record.judgements
    ]
    known = [cost for cost in costs if cost is not None]
    return math.fsum(known) if len(known) == len(costs) else None
