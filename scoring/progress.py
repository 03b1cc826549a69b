"""What trends and gaps are taken over: dated values of one metric, on a scale without bounds."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError, model_validator

from ..records.errors import InputError
from ..records.forecast import Measured, Metric
from ..records.horizon import Length
from ..records.leaderboard import Entry, Leaderboard, Rate
from ..records.store import parse_record
from .horizon import rounded
from .intervals import Z95

Array = NDArray[np.float64]

LEAST_RATE = 0.005
"""Rates count as from 0.5 % to 99.5 %: beyond, the logit says what no suite can measure."""


@dataclass(frozen=True)
class Point:
    """One entry's value of the metric.

    Attributes:
        low, high: its 95 % interval.
        country: ISO 3166-1 alpha-2, where it is known.
        doubt: why the value cannot be used in a fit; it still says who was the best of its day.
    """

    name: str
    released: date
    value: float
    low: float
    high: float
    country: str | None = None
    doubt: str | None = None

    def record(self) -> Measured:
        """As it is printed."""
        return Measured(
            name=self.name,
            released=self.released.isoformat(),
            value=rounded(self.value),
            low=rounded(self.low),
            high=rounded(self.high),
        )


@dataclass(frozen=True)
class Progress:
    """The dated values of one metric in one file, and what of it was left out."""

    metric: Metric
    points: tuple[Point, ...]
    left_out: dict[str, int]
    source: str
    sha256: str
    suite: str | None = None
    suite_digest: str | None = None


def is_rate(metric: Metric) -> bool:
    """Whether the metric is a share; else it is minutes."""
    return metric in ("rwr4", "rate")


def scaled(values: Sequence[float], metric: Metric) -> Array:
    """ln(minutes) of horizons, logit of rates."""
    given = np.asarray(values, dtype=float)
    if not is_rate(metric):
        return np.log(given)
    share = np.clip(given, LEAST_RATE, 1 - LEAST_RATE)
    return np.log(share / (1 - share))


def values_and_errors(points: Sequence[Point], metric: Metric) -> tuple[Array, Array]:
    """Values on the metric's scale, and the standard error that each one's interval stands for."""
    value, low, high = (
        scaled([getattr(p, name) for p in points], metric) for name in ("value", "low", "high")
    )
    return value, np.maximum((high - low) / (2 * Z95), 1e-3)


def read_progress(path: Path, metric: Metric, suite: str | None = None) -> Progress:
    """The values in a leaderboard, or in a file in the layout of METR's table of horizons.

    Source of the latter: https://metr.org/assets/benchmark_results_1_1.yaml: `results`, by model,
    with `release_date` and `metrics` p50_horizon_length and p80_horizon_length (estimate, ci_low,
    ci_high, minutes).

    Raises:
        InputError: it is neither, or holds several suites and none is named.
    """
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    if path.suffix in (".yaml", ".yml"):
        points, left_out = _metr(path, content, metric)
        return Progress(metric, tuple(points), left_out, str(path), sha256)
    board = parse_record(path, content, Leaderboard)
    entries = _of_one_suite(path, board.entries, suite)
    left: Counter[str] = Counter()
    found = [point for entry in entries if (point := _point(path, entry, metric, left))]
    return Progress(
        metric,
        tuple(found),
        dict(sorted(left.items())),
        str(path),
        sha256,
        entries[0].suite,
        entries[0].suite_digest,
    )


def _of_one_suite(path: Path, entries: Sequence[Entry], suite: str | None) -> list[Entry]:
    """Those of the suite of this name or digest; rates of different suites make no trend."""
    chosen = [e for e in entries if suite is None or suite in (e.suite, e.suite_digest)]
    if not chosen:
        named = f" of suite {suite!r}" if suite else ""
        raise InputError(f"{path}: entries: there is none{named}")
    digests = sorted({(e.suite, e.suite_digest) for e in chosen})
    if len(digests) > 1:
        told = ", ".join(f"{name} {digest}" for name, digest in digests)
        raise InputError(f"{path}: entries: of {len(digests)} suites ({told}); name one: --suite")
    return chosen


def _point(path: Path, entry: Entry, metric: Metric, left: Counter[str]) -> Point | None:
    if entry.released is None:
        left["without a release date"] += 1
        return None
    try:
        day = date.fromisoformat(entry.released)
    except ValueError as error:
        raise InputError(f"{path}: released: {entry.released!r} is not YYYY-MM-DD") from error
    name = f"{entry.agent} ({entry.model})" if entry.model else entry.agent
    measured: tuple[float, float, float] | None = None
    doubt = None
    if is_rate(metric):
        measured = _rate(entry, metric)
    elif entry.horizon is not None:
        length = entry.horizon.p80 if metric == "horizon80" else entry.horizon.p50
        measured, doubt = _length(length)
    if measured is None:
        left[f"without {metric}"] += 1
        return None
    return Point(name, day, *measured, country=entry.country, doubt=doubt)


def _rate(entry: Entry, metric: Metric) -> tuple[float, float, float] | None:
    rate: Rate | None = entry.delegable
    if metric == "rwr4":
        rate = entry.readiness.rwr4 if entry.readiness else None
    return (rate.value, rate.low, rate.high) if rate else None


def _length(length: Length) -> tuple[tuple[float, float, float] | None, str | None]:
    """A horizon, and why it cannot be used; above all tasks it is at least the longest one."""
    low, high = length.low or None, length.high
    value = length.minutes if length.minutes else (low if length.flags else None)
    if not value:
        return None, None
    doubt = f"horizon {length.flags[0]}" if length.flags else None
    if low is None and high is None:
        return (value, value, value), doubt or "horizon without an interval"
    # Where one bound is missing the interval is taken as symmetric in ln(minutes).
    low = low or value * value / cast(float, high)
    return (value, low, high if high is not None else value * value / low), doubt


class _MetrLength(BaseModel):
    estimate: float = Field(ge=0, allow_inf_nan=False)
    ci_low: float = Field(ge=0, allow_inf_nan=False)
    ci_high: float = Field(ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> _MetrLength:
        if not self.ci_low <= self.estimate <= self.ci_high:
            raise ValueError("estimate must be within ci_low and ci_high")
        return self


class _MetrMetrics(BaseModel):
    p50_horizon_length: _MetrLength
    p80_horizon_length: _MetrLength


class _MetrModel(BaseModel):
    release_date: date
    metrics: _MetrMetrics


class _MetrTable(BaseModel):
    results: dict[str, _MetrModel]


def _metr(path: Path, content: bytes, metric: Metric) -> tuple[list[Point], dict[str, int]]:
    import yaml

    if is_rate(metric):
        raise InputError(f"{path}: has horizons only; --metric horizon80 or horizon50")
    try:
        raw: Any = yaml.safe_load(content)
        table = _MetrTable.model_validate(raw)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not YAML") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        cause = first["msg"] if field else "is not in the layout of METR's table: no `results`"
        raise InputError(f"{path}: {field}{': ' if field else ''}{cause}") from error
    found: list[Point] = []
    left: Counter[str] = Counter()
    for name, model in table.results.items():
        metrics = model.metrics
        each = metrics.p80_horizon_length if metric == "horizon80" else metrics.p50_horizon_length
        high = each.ci_high if math.isfinite(each.ci_high) else None
        measured, doubt = _length(
            Length(minutes=each.estimate, low=each.ci_low or None, high=high or None)
        )
        if measured is None:
            left[f"without {metric}"] += 1
        else:
            found.append(Point(name, model.release_date, *measured, doubt=doubt))
    return found, dict(left)
