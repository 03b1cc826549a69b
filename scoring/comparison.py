"""Paired comparison: two agents on identical instances."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from ..records.comparison import Comparison, Difference, Side, TaskChange, TrialPair
from ..records.errors import InputError
from ..records.index import PARTS
from ..records.run import RunRecord
from .rates import Clusters, cluster_codes, clustered_se, mean, t95
from .table import Trials

POWER_80 = 0.8416212335729143
"""The 80 % point of the normal distribution."""


@dataclass(frozen=True)
class Sample:
    """One agent's trials of a run."""

    run: RunRecord
    agent: str
    trials: Trials


@dataclass(frozen=True)
class Pairs:
    """The instances that both did, row by row.

    Attributes:
        before: share of the first one's trials that are delegable; `after`: of the second one's.
        rows: of each instance, the rows of the trials of the first and of the second one.
        left_out: why others could not be compared, and how many.
    """

    tasks: list[str] = field(default_factory=list[str])
    seeds: list[int] = field(default_factory=list[int])
    before: list[float] = field(default_factory=list[float])
    after: list[float] = field(default_factory=list[float])
    rows: list[tuple[list[int], list[int]]] = field(
        default_factory=list[tuple[list[int], list[int]]]
    )
    left_out: Counter[str] = field(default_factory=Counter[str])

    @property
    def gains(self) -> list[float]:
        """Of each instance, what the second one is better by."""
        return [after - before for before, after in zip(self.before, self.after, strict=True)]


def compare(before: Sample, after: Sample) -> Comparison:
    """What is different in the second one, how certain that is, and where to look.

    Raises:
        InputError: there is no instance that both did.
    """
    pairs = pair(before.trials, after.trials)
    if not pairs.tasks:
        causes = ", ".join(f"{n} {cause}" for cause, n in sorted(pairs.left_out.items()))
        raise InputError(f"there is no instance that both did ({causes or 'no trials'})")
    gains = pairs.gains
    return Comparison(
        before=_side(before, pairs.before, pairs.tasks),
        after=_side(after, pairs.after, pairs.tasks),
        difference=paired_difference(gains, pairs.tasks),
        won=sum(gain > 0 for gain in gains),
        lost=sum(gain < 0 for gain in gains),
        left_out=dict(sorted(pairs.left_out.items())),
        changed=_changed(pairs),
        look_at=_look_at(before, after, pairs),
    )


def pair(before: Trials, after: Trials) -> Pairs:
    """The instances that both did: the same task, seed and digest, and a verdict on either side."""
    first, second = _instances(before), _instances(after)
    found = Pairs()
    for key in sorted(first.keys() | second.keys()):
        if key not in first or key not in second:
            found.left_out["only in the second" if key not in first else "only in the first"] += 1
            continue
        ones, others = first[key], second[key]
        digests = set(before.instance[ones]) | set(after.instance[others])
        if len(digests) > 1:
            found.left_out["made otherwise"] += 1
            continue
        found.tasks.append(key[0])
        found.seeds.append(key[1])
        found.before.append(float(before.delegable[ones].mean()))
        found.after.append(float(after.delegable[others].mean()))
        found.rows.append((ones, others))
    return found


def paired_difference(gains: ArrayLike, clusters: Clusters) -> Difference:
    """The mean gain from -1 to 1, with an interval and a p that know of clusters.

    Student's t with G - 1 degrees of freedom on the clustered standard error of the gains: as both
    did the same instances, what makes these hard for both drops out. Source: E. Miller, "Adding
    error bars to evals", arXiv:2411.00640 (2024), section 4.2.

    Where all G tasks have the same mean gain d there is no variance to estimate. Then a share of
    tasks that this sample did not meet, at most 1 - 0.025^(1/G) (no such task in G), may be wholly
    otherwise, either way; and p is that of a sign test over tasks: 2^(1 - G), or 1 where d is 0.
    """
    values, codes = np.asarray(gains, dtype=float), cluster_codes(clusters)
    value = math.fsum(values) / len(values)
    se, count = clustered_se(values, codes), int(codes.max()) + 1
    if se:
        from scipy.special import stdtr

        half = t95(count - 1) * se
        low, high = value - half, value + half
        p = 2 * float(stdtr(count - 1, -abs(value) / se))
    else:
        unmet = 1 - 0.025 ** (1 / count)
        low, high = value - unmet * (1 + value), value + unmet * (1 - value)
        p = 1.0 if value == 0 else 2.0 ** (1 - count)
    return Difference(
        value=value,
        low=max(-1.0, low),
        high=min(1.0, high),
        se=se,
        p=min(1.0, p),
        detectable=(t95(count - 1) + POWER_80) * se if se else None,
        n=len(values),
        clusters=count,
    )


def _instances(trials: Trials) -> dict[tuple[str, int], list[int]]:
    """The rows of each instance's trials that have a verdict."""
    found: dict[tuple[str, int], list[int]] = {}
    rows = np.flatnonzero(~trials.error).tolist()
    for row in rows:
        found.setdefault((trials.task[row], int(trials.seed[row])), []).append(row)
    return found


def _side(sample: Sample, shares: Sequence[float], tasks: Sequence[str]) -> Side:
    return Side(
        run=sample.run.id,
        agent=sample.agent,
        suite=sample.run.suite.name,
        suite_digest=sample.run.suite.digest,
        delegable=mean(shares, tasks),
    )


def _changed(pairs: Pairs) -> tuple[TaskChange, ...]:
    """The tasks whose rates differ, what was lost most first."""
    of: dict[str, list[int]] = {}
    for row, task in enumerate(pairs.tasks):
        of.setdefault(task, []).append(row)
    changes = [
        TaskChange(
            task=task,
            instances=len(rows),
            before=math.fsum(pairs.before[row] for row in rows) / len(rows),
            after=math.fsum(pairs.after[row] for row in rows) / len(rows),
        )
        for task, rows in of.items()
    ]
    differing = [change for change in changes if change.before != change.after]
    return tuple(sorted(differing, key=lambda c: (c.after - c.before, c.task)))


def _look_at(before: Sample, after: Sample, pairs: Pairs) -> tuple[TrialPair, ...]:
    """Of each instance that one did better, a trial of either with different outcomes; lost first."""
    found: list[TrialPair] = []
    for row, gain in enumerate(pairs.gains):
        if gain == 0:
            continue
        ones, others = pairs.rows[row]
        lost = gain < 0
        one = next(i for i in ones if bool(before.trials.delegable[i]) == lost)
        other = next(i for i in others if bool(after.trials.delegable[i]) != lost)
        parts = after.trials.parts[other] if lost else before.trials.parts[one]
        found.append(
            TrialPair(
                task=pairs.tasks[row],
                seed=pairs.seeds[row],
                kind="lost" if lost else "won",
                before=f"{before.run.id}/{before.trials.trial[one]}",
                after=f"{after.run.id}/{after.trials.trial[other]}",
                failed=tuple(name for bit, name in enumerate(PARTS) if not parts >> bit & 1),
            )
        )
    return tuple(sorted(found, key=lambda p: (p.kind, p.task, p.seed)))
