"""Gates: whether a rate is high enough, or not lower than a baseline's by more than is allowed."""

from __future__ import annotations

import math
from collections import Counter
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..records.errors import InputError
from ..records.gate import Gate, Outcome, Outcomes
from .comparison import POWER_80, Sample
from .rates import Clusters, cluster_codes, clustered_se

DRAWS = 4000
SEED = 0


def outcomes(sample: Sample) -> Outcomes:
    """The outcomes of a sample's trials with a verdict, by instance."""
    judged = sample.trials.judged()
    found: dict[tuple[str, int, str], tuple[int, int]] = {}
    columns = (judged.task, judged.seed.tolist(), judged.instance, judged.delegable.tolist())
    for task, seed, instance, delegable in zip(*columns, strict=True):
        good, n = found.get((task, seed, instance), (0, 0))
        found[task, seed, instance] = (good + delegable, n + 1)
    return Outcomes(
        run=sample.run.id,
        agent=sample.agent,
        suite=sample.run.suite.name,
        suite_digest=sample.run.suite.digest,
        instances=tuple(
            Outcome(task=task, seed=seed, instance=instance, delegable=good, trials=n)
            for (task, seed, instance), (good, n) in sorted(found.items())
        ),
    )


def min_rate(now: Outcomes, least: float, alpha: float, *, strict: bool = False) -> Gate:
    """Whether the delegable rate is at least this; the mean over instances, clustered by task.

    Raises:
        InputError: no trial has a verdict.
    """
    if not now.instances:
        raise InputError(f"run {now.run}: no trial of {now.agent} has a verdict")
    rates = [each.delegable / each.trials for each in now.instances]
    tasks = [each.task for each in now.instances]
    return _gate("min-rate", least, rates, tasks, alpha, strict=strict)


def max_drop(
    now: Outcomes, before: Outcomes, most: float, alpha: float, *, strict: bool = False
) -> Gate:
    """Whether the rate has not dropped by more than this, on the instances that both did.

    Raises:
        InputError: there is no such instance.
    """
    key = {(each.task, each.seed): each for each in before.instances}
    gains: list[float] = []
    tasks: list[str] = []
    left_out: Counter[str] = Counter()
    for each in now.instances:
        old = key.pop((each.task, each.seed), None)
        if old is None:
            left_out["not in the baseline"] += 1
        elif old.instance != each.instance:
            left_out["made otherwise"] += 1
        else:
            gains.append(each.delegable / each.trials - old.delegable / old.trials)
            tasks.append(each.task)
    if key:
        left_out["only in the baseline"] += len(key)
    if not gains:
        causes = ", ".join(f"{n} {cause}" for cause, n in sorted(left_out.items()))
        raise InputError(f"{now.run} and {before.run}: no instance that both did ({causes})")
    found = _gate("max-drop", -most, gains, tasks, alpha, strict=strict)
    told = {"baseline": before.run, "left_out": dict(sorted(left_out.items()))}
    return found.model_copy(update=told)


def one_sided(
    values: ArrayLike, clusters: Clusters, alpha: float, least: float
) -> tuple[float, float]:
    """The lower and the upper one-sided bound of a mean, by a bootstrap that draws clusters.

    Percentiles, taken further out as few clusters need: at Phi(-sqrt(G / (G - 1)) t) for G clusters
    and Student's t of alpha with G - 1 degrees of freedom. Source: T. Hesterberg, "What teachers
    should know about the bootstrap", The American Statistician 69 (2015), section 3.2.

    Where all clusters have the same mean, a share of clusters that was not met, at most
    1 - alpha^(1/G), may be wholly otherwise.

    Args:
        least: the least value there can be; the greatest is 1.
    """
    from scipy.special import ndtr, stdtrit

    given, codes = np.asarray(values, dtype=float), cluster_codes(clusters)
    mean, count = math.fsum(given) / len(given), int(codes.max()) + 1
    if not clustered_se(given, codes):
        unmet = 1 - alpha ** (1 / count)
        return mean - unmet * (mean - least), mean + unmet * (1 - mean)
    sums = np.bincount(codes, weights=given).astype(np.float64)
    sizes = np.bincount(codes)
    draws = _draws(sums, sizes)
    t = float(stdtrit(count - 1, 1 - alpha))
    tail = float(ndtr(-math.sqrt(count / (count - 1)) * t))
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)


def _draws(sums: NDArray[np.float64], sizes: NDArray[np.intp]) -> NDArray[np.float64]:
    """The mean in each draw of as many clusters as there are."""
    rng = np.random.default_rng(SEED)
    count = len(sums)
    means = np.empty(DRAWS)
    for start in range(0, DRAWS, 500):
        drawn = rng.multinomial(count, np.full(count, 1 / count), size=500)
        means[start : start + 500] = (drawn @ sums) / (drawn @ sizes)
    return means


def _gate(
    name: Literal["min-rate", "max-drop"],
    limit: float,
    values: list[float],
    tasks: list[str],
    alpha: float,
    *,
    strict: bool,
) -> Gate:
    """Failed only where the upper bound is below the limit; else passed where the value is not.

    Strictly, passed only where the lower bound is not below the limit either.
    """
    from scipy.special import stdtrit

    low, high = one_sided(values, tasks, alpha, 0.0 if name == "min-rate" else -1.0)
    value, se, count = math.fsum(values) / len(values), clustered_se(values, tasks), len(set(tasks))
    enough = (low if strict else value) >= limit - 1e-12
    return Gate(
        name=name,
        outcome="failed" if high < limit else "passed" if enough else "inconclusive",
        limit=limit,
        value=value,
        low=low,
        high=high,
        alpha=alpha,
        n=len(values),
        tasks=count,
        detectable=(float(stdtrit(count - 1, 1 - alpha)) + POWER_80) * se if se else None,
    )
