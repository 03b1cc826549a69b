"""What happens when an instance is done k times: at least once right, or right every time."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from functools import cache

from ..records.leaderboard import Rate
from .rates import mean

Counts = Sequence[tuple[Hashable, int, int]]
"""For each instance: its task, how many of its trials are delegable, and how many there are."""


def pass_hat_k(counts: Counts, k: int) -> Rate | None:
    """pass^k: the chance that k trials drawn from an instance's are all delegable.

    C(c, k) / C(n, k) for c delegable of n, which is unbiased; the mean over the instances with
    n >= k of each task, then over tasks. None where there is no such instance.
    Source: S. Yao et al., "tau-bench", arXiv:2406.12045 (2024).
    """
    return _over_tasks(counts, k, _all_right)


def pass_at_k(counts: Counts, k: int) -> Rate | None:
    """pass@k: the chance that at least one of k trials drawn from an instance's is delegable.

    1 - C(n - c, k) / C(n, k), averaged as `pass_hat_k`.
    Source: M. Chen et al., "Evaluating large language models trained on code", arXiv:2107.03374
    (2021), section 2.1.
    """
    return _over_tasks(counts, k, _one_right)


@cache
def _all_right(c: int, n: int, k: int) -> float:
    return math.comb(c, k) / math.comb(n, k)


@cache
def _one_right(c: int, n: int, k: int) -> float:
    return 1 - math.comb(n - c, k) / math.comb(n, k)


def _over_tasks(counts: Counts, k: int, chance: Callable[[int, int, int], float]) -> Rate | None:
    tasks: dict[Hashable, list[float]] = defaultdict(list)
    for task, c, n in counts:
        if n >= k:
            tasks[task].append(chance(c, n, k))
    if not tasks:
        return None
    found = mean([math.fsum(each) / len(each) for each in tasks.values()], list(tasks))
    return found.model_copy(update={"n": sum(map(len, tasks.values()))})
