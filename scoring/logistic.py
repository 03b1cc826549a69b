"""Logistic curves of success over log2(minutes): many at once, by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_STEPS = 200
NEARLY = 1e-10
"""Steps below this are the end, in log odds."""


@dataclass(frozen=True)
class Curves:
    """Success = 1 / (1 + exp(-(intercept + slope x log2(minutes)))), one curve an element."""

    intercept: Array
    slope: Array

    def minutes(self, rate: float) -> Array:
        """Where each curve crosses a rate; infinite or 0 where it is always above or below.

        A curve that does not fall is above it if its middle is: what is longer is not harder then.
        """
        log_odds = np.log(rate / (1 - rate))
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            crossing = np.exp2((log_odds - self.intercept) / self.slope)
        flat = np.where(self.intercept >= log_odds, np.inf, 0.0)
        return np.where(self.slope < 0, crossing, flat)


def fit_curves(minutes: Array, weights: Array, successes: Array, l2: float) -> Curves:
    """The curve of each row that minimises the weighted log loss plus l2/2 x slope^2.

    The intercept has no penalty. A fractional score counts as two rows, a success of its weight and
    a failure of the rest, so that only the sum of scores matters. Rows that have only successes or
    only failures get a flat curve at plus or minus infinity.

    Args:
        minutes: of each task.
        weights: a row for each curve: the summed weight of each task's trials.
        successes: likewise, the summed weight times score.
    """
    if l2 <= 0:
        raise ValueError("l2 must be above 0: without a penalty, separable data have no best curve")
    x = np.log2(minutes)
    middle = float(x.mean())
    totals, wins = weights.sum(axis=1), successes.sum(axis=1)
    none, all_ = wins <= 0, wins >= totals * (1 - 1e-12)
    mixed = np.flatnonzero(~none & ~all_)
    intercept = np.where(all_, np.inf, -np.inf)
    slope = np.zeros(len(weights))
    if len(mixed):
        a, b = _newton(x - middle, weights[mixed], successes[mixed], l2)
        intercept[mixed], slope[mixed] = a - b * middle, b
    return Curves(intercept, slope)


def _newton(x: Array, weights: Array, successes: Array, l2: float) -> tuple[Array, Array]:
    """Intercepts and slopes; x is centred, which makes the two nearly independent."""
    share = successes.sum(axis=1) / weights.sum(axis=1)
    a, b = np.log(share / (1 - share)), np.zeros(len(weights))
    open_ = np.arange(len(weights))
    for _ in range(MOST_STEPS):
        w, s, a0, b0 = weights[open_], successes[open_], a[open_], b[open_]
        chance = _sigmoid(a0[:, None] + b0[:, None] * x)
        rest, curvature = w * chance - s, w * chance * (1 - chance)
        ga, gb = rest.sum(axis=1), rest @ x + l2 * b0
        haa, hab, hbb = curvature.sum(axis=1), curvature @ x, curvature @ (x * x) + l2
        determinant = np.maximum(haa * hbb - hab * hab, 1e-300)
        step_a = (hbb * ga - hab * gb) / determinant
        step_b = (haa * gb - hab * ga) / determinant
        size = _step_size(x, w, s, l2, (a0, b0), (step_a, step_b), ga * step_a + gb * step_b)
        a[open_], b[open_] = a0 - size * step_a, b0 - size * step_b
        moved = size * (np.abs(step_a) + np.abs(step_b) * np.abs(x).max())
        open_ = open_[moved > NEARLY * (1 + np.abs(a[open_]))]
        if not len(open_):
            break
    return a, b


def _step_size(
    x: Array,
    weights: Array,
    successes: Array,
    l2: float,
    at: tuple[Array, Array],
    step: tuple[Array, Array],
    gain: Array,
) -> Array:
    """How much of each Newton step to take: halved until the loss falls as it should."""
    before = _loss(x, weights, successes, l2, *at)
    size = np.ones(len(before))
    for _ in range(40):
        now = _loss(x, weights, successes, l2, at[0] - size * step[0], at[1] - size * step[1])
        bad = now > before - 1e-4 * size * gain + 1e-14 * (1 + np.abs(before))
        if not bad.any():
            break
        size[bad] /= 2
    return size


def _loss(x: Array, weights: Array, successes: Array, l2: float, a: Array, b: Array) -> Array:
    eta = a[:, None] + b[:, None] * x
    return (weights * np.logaddexp(0, eta) - successes * eta).sum(axis=1) + l2 / 2 * b * b


def _sigmoid(eta: Array) -> Array:
    return 0.5 * (1 + np.tanh(eta / 2))
