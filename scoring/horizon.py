"""The time horizon: how long, for a person, the tasks are that an agent does at a given rate.

By METR's method. Sources: T. Kwa et al., "Measuring AI ability to complete long tasks",
arXiv:2503.14499 (2025), section 4; METR/eval-analysis-public, src/horizon (utils/logistic.py,
wrangle/logistic.py, wrangle/bootstrap.py, compute_task_weights.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..records.horizon import Flag, Horizon, Length, Resampled
from .logistic import Curves, fit_curves
from .resampling import draw_families, draw_scores, draw_tasks

Array = NDArray[np.float64]

L2 = 1e-5
"""The penalty on the slope. METR's was 0.1 until March 2026, which moved horizons by 10 to 45 %."""

RATES = (0.5, 0.8)
MEASURABLE = 0.6
"""Above this share of the longest task a horizon is flagged: too few tasks are longer."""

BOOTSTRAPS = 1000
TAILS = (0.025, 0.975)
DIGITS = 6
"""Significant digits that are given: what further ones say differs between processors."""


@dataclass(frozen=True)
class Scores:
    """Trials of all agents as columns: a row is one trial.

    Attributes:
        family: a task's family; tasks of a family are alike.
        minutes: what a person needs for the task; the same in all its trials.
        score: from 0 to 1.
    """

    agent: Sequence[str]
    family: Sequence[str]
    task: Sequence[str]
    minutes: ArrayLike
    score: ArrayLike


@dataclass(frozen=True)
class Horizons:
    """What was found of every agent.

    Attributes:
        draws: for each agent, the minutes at 50 % and at 80 % in each draw of the bootstrap; the
            same draw of tasks for all agents, so that differences and trends can be had of them.
    """

    agents: dict[str, Horizon]
    draws: dict[str, tuple[Array, Array]]


def horizons(
    table: Scores,
    *,
    l2: float = L2,
    resampled: Resampled = "all",
    bootstraps: int = BOOTSTRAPS,
    seed: int = 0,
) -> Horizons:
    """The horizons of all agents, with 95 % bootstrap intervals over families, tasks and trials.

    A trial's weight is 1 / (trials of its task x sqrt(tasks of its family)), normalised to a sum of
    1 for each agent. As METR does, a task that is drawn twice counts twice, and weights are not
    normalised again. Unlike METR, which leaves out draws with only failures or only successes,
    these count as a horizon of 0 or above all lengths.

    Drawing at three levels, one in the other, counts the spread of trials in that of tasks, and
    that of tasks in that of families, once more: such intervals hold the truth more often than they
    say. Drawing whole families alone is right where these are many; with a dozen it is too narrow.

    Raises:
        ValueError: a score is not from 0 to 1, a task has two lengths or families, or one is not
            positive.
    """
    layout = _Layout.of(table)
    rng = np.random.default_rng(seed)
    draw = draw_tasks if resampled == "all" else draw_families
    counts = draw(layout.family, bootstraps, rng) if bootstraps else None
    found: dict[str, Horizon] = {}
    draws: dict[str, tuple[Array, Array]] = {}
    for agent in sorted(layout.agents):
        each = layout.agents[agent]
        curve = each.fit(np.ones((1, len(each.minutes))), each.sums[None, :], l2)
        drawn: tuple[Array, Array] = (np.empty(0), np.empty(0))
        if counts is not None:
            mine = counts[:, each.tasks]
            trials = draw_scores(mine, each.scores, rng) if resampled == "all" else mine * each.sums
            many, there = each.fit(mine, trials, l2), mine.any(axis=1)
            # A draw without any of an agent's tasks tells nothing of it.
            drawn = (
                np.where(there, many.minutes(RATES[0]), np.nan),
                np.where(there, many.minutes(RATES[1]), np.nan),
            )
        how = {"l2": l2, "resampled": resampled, "bootstraps": bootstraps, "seed": seed}
        found[agent] = _horizon(each, curve, drawn, how)
        draws[agent] = drawn
    return Horizons(found, draws)


@dataclass(frozen=True)
class _Agent:
    """One agent's trials by task.

    Attributes:
        tasks: numbers of its tasks in the table.
        weights: of one trial of each task.
        scores: of each task, its trials' scores; `sums` are their sums.
    """

    tasks: NDArray[np.intp]
    minutes: Array
    families: int
    weights: Array
    scores: Sequence[Array]
    sums: Array

    @property
    def sizes(self) -> Array:
        """Trials of each task."""
        return np.array([len(each) for each in self.scores], dtype=float)

    def fit(self, times: Array | NDArray[np.int64], sums: Array, l2: float) -> Curves:
        """The curves where each task is there so many times, with such summed scores."""
        return fit_curves(self.minutes, times * self.sizes * self.weights, sums * self.weights, l2)


@dataclass(frozen=True)
class _Layout:
    """The table by agent and task."""

    family: list[int]
    agents: dict[str, _Agent]

    @classmethod
    def of(cls, table: Scores) -> _Layout:
        minutes, score = np.asarray(table.minutes, float), np.asarray(table.score, float)
        if not len(minutes):
            raise ValueError("there are no trials")
        if not np.isfinite(minutes).all() or (minutes <= 0).any():
            raise ValueError("minutes must be above 0")
        if not ((score >= 0) & (score <= 1)).all():
            raise ValueError("scores must be from 0 to 1")
        names: dict[str, int] = {}
        task = np.array([names.setdefault(name, len(names)) for name in table.task])
        known: dict[str, int] = {}
        families = np.array([known.setdefault(name, len(known)) for name in table.family])
        first = np.unique(task, return_index=True)[1]
        for column, what in ((minutes, "lengths"), (families, "families")):
            odd = np.flatnonzero(column != column[first][task])
            if len(odd):
                raise ValueError(f"task {table.task[odd[0]]!r} has two {what}")
        agents = _rows_by_agent(table.agent)
        family = families[first]
        return cls(
            family.tolist(),
            {
                name: _agent(task[rows], score[rows], minutes[first], family)
                for name, rows in agents.items()
            },
        )


def _rows_by_agent(names: Sequence[str]) -> dict[str, NDArray[np.intp]]:
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        rows.setdefault(name, []).append(row)
    return {name: np.array(each, dtype=np.intp) for name, each in rows.items()}


def _agent(
    task: NDArray[np.intp], score: Array, minutes: Array, family: NDArray[np.intp]
) -> _Agent:
    tasks, sizes = np.unique(task, return_counts=True)
    order = np.argsort(task, kind="stable")
    scores = np.split(score[order], np.cumsum(sizes)[:-1])
    mine = family[tasks]
    in_family = np.bincount(mine)[mine]
    weights = 1 / (sizes * np.sqrt(in_family))
    return _Agent(
        tasks=tasks,
        minutes=minutes[tasks],
        families=len(np.unique(mine)),
        weights=weights / (weights * sizes).sum(),
        scores=scores,
        sums=np.array([each.sum() for each in scores]),
    )


def _horizon(
    agent: _Agent,
    curve: Curves,
    draws: tuple[Array, Array],
    how: Mapping[str, object],
) -> Horizon:
    intercept, slope = float(curve.intercept[0]), float(curve.slope[0])
    shortest, longest = float(agent.minutes.min()), float(agent.minutes.max())
    lengths = [
        _length(float(curve.minutes(rate)[0]), slope, np.isinf(intercept), each, shortest, longest)
        for rate, each in zip(RATES, draws, strict=True)
    ]
    told = not np.isinf(intercept) and shortest < longest
    return Horizon.model_validate(
        {
            "p50": lengths[0],
            "p80": lengths[1],
            "intercept": rounded(intercept) if told else None,
            "slope": rounded(slope) if told else None,
            "average": rounded(min(1.0, float((agent.sums * agent.weights).sum()))),
            "trials": sum(map(len, agent.scores)),
            "tasks": len(agent.tasks),
            "families": agent.families,
            "shortest": shortest,
            "longest": longest,
            **how,
        }
    )


def _length(
    minutes: float, slope: float, alike: bool, draws: Array, shortest: float, longest: float
) -> Length:
    """One horizon with its interval and what is doubtful of it."""
    low, high = _interval(draws)
    if alike and not minutes:
        return Length(minutes=0.0, low=low, high=high)
    if alike:
        return Length(minutes=None, low=longest, high=None, flags=("above_longest",))
    if shortest == longest:
        return Length(minutes=None, low=None, high=None, flags=("one_length",))
    if slope >= 0:
        return Length(minutes=None, low=None, high=None, flags=("not_falling",))
    if np.isinf(minutes):
        return Length(minutes=None, low=low, high=high, flags=("above_longest",))
    flags: list[Flag] = []
    if minutes > MEASURABLE * longest:
        flags.append("extrapolated")
    if minutes < shortest:
        flags.append("below_shortest")
    return Length(minutes=rounded(minutes), low=low, high=high, flags=tuple(flags))


def _interval(draws: Array) -> tuple[float | None, float | None]:
    """The 95 % percentile interval; None where a bound is above all lengths, or nothing was drawn."""
    usable = np.sort(draws[~np.isnan(draws)])
    if not len(usable):
        return None, None
    # No interpolation: some draws may be infinite.
    low, high = (usable[min(len(usable) - 1, int(tail * len(usable)))] for tail in TAILS)
    return (
        None if np.isinf(low) else rounded(float(low)),
        None if np.isinf(high) else rounded(float(high)),
    )


def rounded(value: float) -> float:
    """The value with `DIGITS` significant digits."""
    return float(f"{value:.{DIGITS}g}")
