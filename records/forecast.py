"""When a threshold may be crossed, and how far one country is behind: as it is printed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Record

Metric = Literal["rwr4", "horizon80", "horizon50", "rate"]
"""What is forecast: readiness RWR^4, horizons in minutes at 80 % and 50 %, the delegable rate."""

Shape = Literal["linear", "break-2024", "ceiling"]
"""The trend models."""

Days = tuple[float, float, float]
"""2.5 %, 50 % and 97.5 % quantile of a number of days."""


class Measured(Record):
    """A model's value of the metric, with its 95 % interval."""

    name: str
    released: str
    value: float
    low: float
    high: float


class ShapeForecast(Record):
    """One trend model's part in the forecast."""

    shape: Shape
    weight: float = Field(description="Pseudo-BMA+ weight; the weights sum to 1.")
    log_score: float = Field(
        description="Sum of the log predictive densities of entries, each given earlier ones."
    )
    median: str | None = Field(description="Of the crossing date; None: later, or never.")
    within: float = Field(description="P(crossed by the end of the forecast).")


class DateQuantile(Record):
    """A quantile of the crossing date."""

    at: float
    date: str | None = Field(description="None: after the forecast's end, or never.")


class CrossedBy(Record):
    """P(crossed by a date)."""

    date: str
    probability: float


class Window(Record):
    """How the crossing date stands to the window from `start` to `end`, both included."""

    start: str
    end: str
    before: float
    inside: float
    after: float = Field(description="After it or never.")


class DateForecast(Record):
    """The distribution of the date at which the trend crosses the threshold."""

    quantiles: tuple[DateQuantile, ...]
    crossed_by: tuple[CrossedBy, ...]
    window: Window
    end: str = Field(description="What is later counts as never.")
    never: float = Field(description="P(not crossed by `end`).")
    shapes: tuple[ShapeForecast, ...]
    scored: int = Field(description="Entries that were predicted from earlier ones.")
    draws: int
    seed: int


class ForecastReport(Record):
    """What `offsite forecast` prints."""

    source: str
    sha256: str
    suite: str | None
    suite_digest: str | None
    metric: Metric
    threshold: float = Field(description="Minutes for horizons, else a share.")
    models: Literal["state of the art when released", "all"]
    points: tuple[Measured, ...]
    left_out: dict[str, int] = Field(description="Why entries were left out, and how many.")
    as_of: str | None = Field(description="The last release in the file.")
    first: Measured | None = Field(
        description="The first of `points` at the threshold; where the trend crosses may differ."
    )
    assessable: bool
    reason: str | None = Field(description="Why no forecast is made.")
    dates: DateForecast | None


class Lag(Record):
    """One level of the leader's: when it was reached, and when by the other one."""

    name: str
    released: str
    value: float
    reached: str | None = Field(description="Day on which the other had it; None: not yet.")
    days: int = Field(description="Until then; where not yet, so far: the lag is censored.")


class GapReport(Record):
    """What `offsite gap` prints."""

    source: str
    sha256: str
    suite: str | None
    suite_digest: str | None
    metric: Metric
    countries: tuple[str, str]
    n: tuple[int, int] = Field(description="Entries of each.")
    left_out: dict[str, int]
    as_of: str | None
    assessable: bool
    reason: str | None = Field(description="Why no gap is told.")
    leader: str | None
    behind: str | None
    best: tuple[Measured, ...] = Field(description="The best of the leader's and of the other's.")
    days: int | None = Field(
        description="Since the leader first had what the other one has now; 0 where both are equal."
    )
    interval: Days | None = Field(
        description="Of `days` under the entries' own errors; below 0 the other one leads."
    )
    lead_probability: float | None = Field(description="P(the leader leads) under these errors.")
    lags: tuple[Lag, ...]
    median_lag: float | None = Field(description="Kaplan and Meier's; None: not reached.")
