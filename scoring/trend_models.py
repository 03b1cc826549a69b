"""Trends of a value in time, with their uncertainty: straight, with a break, with a ceiling.

Each is a Bayesian regression of values y with known errors s: y ~ Normal(f(t), s^2 + scatter^2).
The scatter, the day of the break and the ceiling are taken over a grid; given these, the
coefficients' posterior is normal: exactly for the first two, by Gauss-Newton for the third.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..records.forecast import Shape

Array = NDArray[np.float64]

SLOPE_SD, CHANGE_SD, LEVEL_SD = 3.0, 2.0, 10.0
"""Prior standard deviations of growth a year, of its change at the break, and of the level.

On the scale of ln(minutes) or log odds: wide beside METR's trend of about 2 a year.
"""

SCATTERS = np.geomspace(0.01, 2.0, 16)
SCATTER_SCALE = 0.5
"""Half-Cauchy prior of the models' scatter about their trend."""

CEILINGS = 10
"""Values of the ceiling in the grid."""

HIGHEST = 1000.0
"""The ceiling of a horizon is up to this many times the longest one: 1000^(u^2), u even in (0, 1)."""


@dataclass(frozen=True)
class Fit:
    """A posterior as a mixture: of each node of the grid its probability and coefficients' law.

    Attributes:
        turn: the break in years, or the ceiling on the values' own scale; NaN where there is none.
        middle: the year at which the level is the first coefficient.
    """

    shape: Shape
    rate: bool
    middle: float
    chance: Array
    scatter: Array
    turn: Array
    mean: Array
    root: Array

    def draw(self, number: int, rng: np.random.Generator) -> Fit:
        """Draws from the posterior: a fit whose nodes are these, with no width."""
        at = rng.choice(len(self.chance), size=number, p=self.chance)
        width = self.mean.shape[1]
        normal = rng.standard_normal((number, width))
        mean = self.mean[at] + (self.root[at] @ normal[:, :, None])[:, :, 0]
        return replace(
            self,
            chance=np.full(number, 1 / number),
            scatter=self.scatter[at],
            turn=self.turn[at],
            mean=mean,
            root=np.zeros((number, width, width)),
        )

    def at(self, years: Array) -> Array:
        """The trend of each node, a row each, at these years."""
        return _trend(self, self.mean, years)[0]


def fit(shape: Shape, years: Array, values: Array, errors: Array, *, rate: bool) -> Fit:
    """The posterior of a trend.

    Args:
        years: calendar years with their fraction.
        rate: values are log odds, else ln(minutes); what a ceiling means depends on it.
    """
    turns = _turns(shape, values, rate=rate)
    scatter, turn = (grid.ravel() for grid in np.meshgrid(SCATTERS, turns, indexing="ij"))
    width = 3 if shape == "break-2024" else 2
    middle = float(years.mean())
    nodes = len(turn)
    start = np.zeros((nodes, width))
    start[:, 0] = values.mean()
    prior = np.array([LEVEL_SD, SLOPE_SD, CHANGE_SD][:width]) ** -2.0
    made = Fit(
        shape,
        rate,
        middle,
        np.full(nodes, 1 / nodes),
        scatter,
        turn,
        start,
        np.zeros((nodes, width, width)),
    )
    variance = errors**2 + scatter[:, None] ** 2
    mean, precision = _newton(made, start, years, values, variance, prior)
    rest = values - _trend(made, mean, years)[0]
    log = (
        -0.5 * (rest**2 / variance + np.log(variance)).sum(axis=1)
        - 0.5 * ((mean - start[0]) ** 2 * prior).sum(axis=1)
        - 0.5 * np.linalg.slogdet(precision)[1]
        # The grid is even in ln(scatter).
        + np.log(scatter / (1 + (scatter / SCATTER_SCALE) ** 2))
    )
    chance = np.exp(log - log.max())
    # cov = root root', from precision = L L'.
    root = np.linalg.inv(np.linalg.cholesky(precision)).transpose(0, 2, 1)
    return replace(made, chance=chance / chance.sum(), mean=mean, root=root)


def log_density(drawn: Fit, year: float, value: float, error: float) -> float:
    """The log predictive density of a value that was not in the fit, over draws of it."""
    middle = drawn.at(np.array([year]))[:, 0]
    variance = error**2 + drawn.scatter**2
    log = -0.5 * ((value - middle) ** 2 / variance + np.log(2 * np.pi * variance))
    return float(np.logaddexp.reduce(log) - np.log(len(log)))


def _turns(shape: Shape, values: Array, *, rate: bool) -> Array:
    """The grid of the break's day (mid-months of 2024) or of the ceiling."""
    if shape == "linear":
        return np.array([np.nan])
    if shape == "break-2024":
        return 2024 + (np.arange(12) + 0.5) / 12
    steps = (np.arange(CEILINGS) + 0.5) / CEILINGS
    top = float(values.max())
    if not rate:
        return top + np.log(HIGHEST) * steps**2
    best = 1 / (1 + np.exp(-top))
    share = best + (1 - best) * steps
    return np.log(share / (1 - share))


def _trend(fit: Fit, mean: Array, years: Array) -> tuple[Array, Array]:
    """The trend of each node (nodes, years), and its derivatives (nodes, years, coefficients)."""
    t = years - fit.middle
    columns = [
        np.broadcast_to(np.ones(len(t)), (len(mean), len(t))),
        np.broadcast_to(t, (len(mean), len(t))),
    ]
    if fit.shape == "break-2024":
        # The slope is that after the break's middle: what a forecast goes on with is one number.
        columns.append(np.minimum(0.0, years - fit.turn[:, None]))
    design = np.stack(columns, axis=2)
    line = (design @ mean[:, :, None])[:, :, 0]
    if fit.shape != "ceiling":
        return line, design
    # minutes = C / (1 + exp(-u)), or share = C / (1 + exp(-u)); far below C, u is the straight
    # line less ln C: so that coefficients mean the same as in the straight trend.
    ceiling = fit.turn[:, None]
    cap = -np.logaddexp(0, -ceiling) if fit.rate else ceiling
    u = line - cap
    log = cap - np.logaddexp(0, -u)
    slack = 1 / (1 + np.exp(np.clip(u, -700, 700)))
    if fit.rate:
        share = np.exp(log)
        below = np.maximum(1 - share, 1e-12)
        return log - np.log(below), design * (slack / below)[:, :, None]
    return log, design * slack[:, :, None]


def _newton(
    made: Fit, start: Array, years: Array, values: Array, variance: Array, prior: Array
) -> tuple[Array, Array]:
    """Mean and precision of the coefficients of each node; one step is exact where f is linear."""
    mean = start
    precision: Array = np.zeros((len(start), len(prior), len(prior)))
    for _ in range(1 if made.shape != "ceiling" else 40):
        step, precision = _step(made, mean, start, years, values, variance, prior)
        mean = mean + step
        if np.abs(step).max() < 1e-6:
            break
    return mean, precision


def _step(
    made: Fit,
    mean: Array,
    start: Array,
    years: Array,
    values: Array,
    variance: Array,
    prior: Array,
) -> tuple[Array, Array]:
    value, slope = _trend(made, mean, years)
    weighted = slope / variance[:, :, None]
    precision = weighted.transpose(0, 2, 1) @ slope + np.diag(prior)
    pull = (weighted * (values - value)[:, :, None]).sum(axis=1) - prior * (mean - start)
    solved: Array = np.asarray(np.linalg.solve(precision, pull[:, :, None]), dtype=np.float64)
    step = solved[:, :, 0]
    # A longer step than 1 in ln(minutes) or log odds may overshoot where the curve bends.
    return (np.clip(step, -1.0, 1.0) if made.shape == "ceiling" else step), precision
