"""Bootstrap draws of families, tasks and trials, for all agents at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Counts = NDArray[np.int64]


def draw_families(families: Sequence[int], draws: int, rng: np.random.Generator) -> Counts:
    """How often each task is in each draw: families with replacement, each with all its tasks.

    Args:
        families: of each task, as numbers from 0.
    """
    return _drawn(families, draws, rng)[:, np.asarray(families)]


def draw_tasks(families: Sequence[int], draws: int, rng: np.random.Generator) -> Counts:
    """The same, and in each family its tasks with replacement.

    A family that is drawn twice has its tasks drawn twice, each time anew.
    """
    family, drawn = np.asarray(families), _drawn(families, draws, rng)
    counts = np.zeros((draws, len(family)), dtype=np.int64)
    for each in range(drawn.shape[1]):
        tasks = np.flatnonzero(family == each)
        shares = np.full(len(tasks), 1 / len(tasks))
        counts[:, tasks] = rng.multinomial(drawn[:, each] * len(tasks), shares)
    return counts


def _drawn(families: Sequence[int], draws: int, rng: np.random.Generator) -> Counts:
    """How often each family is drawn."""
    number = max(families) + 1
    return rng.multinomial(number, np.full(number, 1 / number), size=draws)


def draw_scores(tasks: Counts, scores: Sequence[Array], rng: np.random.Generator) -> Array:
    """The summed score of each task in each draw, its trials drawn with replacement.

    Args:
        tasks: how often each task is in each draw.
        scores: of each task, its trials' scores.
    """
    # Trials of the same score are drawn together: binary scores are two groups, one draw for all
    # tasks. The groups of a task are taken in turn, each from what the ones before have left.
    groups = [np.unique(each, return_counts=True) for each in scores]
    sizes = np.array([len(each) for each in scores])
    left, rest = tasks * sizes, sizes.copy()
    sums = np.zeros(tasks.shape)
    for turn in range(max((len(values) for values, _ in groups), default=0)):
        value = np.array([v[turn] if turn < len(v) else 0.0 for v, _ in groups])
        size = np.array([n[turn] if turn < len(n) else 0 for _, n in groups])
        chance = np.divide(size, rest, out=np.zeros(len(size)), where=rest > 0)
        taken = rng.binomial(left, np.minimum(chance, 1.0))
        sums += taken * value
        left, rest = left - taken, rest - size
    return sums
