"""Taking the graders' own errors out of a rate."""

from __future__ import annotations

import math
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from ..records.errors import InputError
from ..records.leaderboard import Corrected, GraderError, Rate
from .rates import t95


class _TaskAudit(BaseModel):
    """What is needed of an entry of `offsite audit --json`."""

    task: str
    seeds: int
    wrong: int
    false_passes: list[str]
    false_fails: list[str]


def read_audit(path: Path) -> GraderError:
    """The counts of a file that `offsite audit --json` wrote.

    Of each seed the oracle must pass; no-op, replay and every wrong solver must not.

    Raises:
        InputError: the file is no such thing.
    """
    try:
        tasks = TypeAdapter(list[_TaskAudit]).validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(f"{path}: is not what `offsite audit --json` prints") from error
    return GraderError(
        false_passes=sum(len(task.false_passes) for task in tasks),
        must_fail=sum(2 * task.seeds + task.wrong for task in tasks),
        false_fails=sum(len(task.false_fails) for task in tasks),
        must_pass=sum(task.seeds for task in tasks),
    )


def corrected_rate(raw: Rate, grader: GraderError) -> Corrected:
    """The rate that perfect graders would have found: (q - FPR) / (1 - FPR - FNR), cut to 0 and 1.

    Its variance, by the delta method for independent audits of m trials that must fail and k that
    must pass, with p the corrected rate and J = 1 - FPR - FNR:
    (var(q) + (1 - p)^2 var(FPR) + p^2 var(FNR)) / J^2. The variance of q is the clustered one. An
    audit without an error does not prove that there are none: the variances of FPR and FNR are
    those of the posterior under Jeffreys' prior, Beta(x + 1/2, m - x + 1/2).
    Sources: W. J. Rogan and B. Gladen, "Estimating prevalence from the results of a screening
    test", American Journal of Epidemiology 107 (1978).

    Raises:
        InputError: nothing was audited, or the graders are no better than chance.
    """
    if not grader.must_fail or not grader.must_pass:
        raise InputError("the audit has no trials that must pass, or none that must not")
    false_pass = grader.false_passes / grader.must_fail
    false_fail = grader.false_fails / grader.must_pass
    j = 1 - false_pass - false_fail
    if j <= 0:
        raise InputError("the audit's graders err so often that no rate can be had from them")
    unbounded = (raw.value - false_pass) / j
    value = min(1.0, max(0.0, unbounded))
    variance = _variance(raw) + (
        (1 - value) ** 2 * _posterior_variance(grader.false_passes, grader.must_fail)
        + value**2 * _posterior_variance(grader.false_fails, grader.must_pass)
    )
    se = math.sqrt(variance) / j
    half = t95(max(1, raw.clusters - 1)) * se
    found = Rate(
        value=value,
        low=max(0.0, min(value, unbounded - half)),
        high=min(1.0, max(value, unbounded + half)),
        se=se,
        n=raw.n,
        clusters=raw.clusters,
    )
    return Corrected(grader=grader, rate=found)


def _variance(raw: Rate) -> float:
    """The clustered variance; where none was found, that of one observation a cluster."""
    if raw.se:
        return raw.se**2
    return _posterior_variance(raw.value * raw.clusters, raw.clusters)


def _posterior_variance(events: float, n: int) -> float:
    a, b = events + 0.5, n - events + 0.5
    return a * b / ((a + b) ** 2 * (a + b + 1))
