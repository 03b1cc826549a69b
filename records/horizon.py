"""Time horizons and their trend, as they are printed and published."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Record

Flag = Literal["above_longest", "extrapolated", "below_shortest", "not_falling", "one_length"]
"""Why a horizon is not to be taken at its face value.

above_longest: all trials passed; it is above the longest task. extrapolated: it is above 0.6 of
the longest task. below_shortest: it is below the shortest one. not_falling: longer tasks were not
harder. one_length: all tasks are equally long. In the last two cases there is no horizon.
"""


Resampled = Literal["all", "families"]
"""What is drawn anew in each draw of the bootstrap.

all: families, in them tasks, of them trials, as METR does; the intervals are rather too wide.
families: only these, whole.
"""

Doubt = Literal["errors", "breaches"]
"""Which trials are doubtful.

errors: those without a verdict, by no fault of who was tested. breaches: those that broke a policy
and were right in all else.
"""


class Length(Record):
    """A duration in minutes, with its 95 % interval."""

    minutes: float | None = Field(description="None where there is none, or it is above all tasks.")
    low: float | None = Field(description="None where the bootstrap was above every length.")
    high: float | None = Field(description="Likewise.")
    flags: tuple[Flag, ...] = ()


class Horizon(Record):
    """How long the tasks are, in a person's time, that an agent does at a given rate."""

    p50: Length
    p80: Length
    intercept: float | None = Field(
        description="Of the logistic curve over log2(minutes); None where all trials came out "
        "alike or all tasks are equally long."
    )
    slope: float | None = Field(description="Change of the log odds for each doubling.")
    average: float = Field(description="Weighted mean score.")
    trials: int
    tasks: int
    families: int
    shortest: float = Field(description="Minutes of the shortest task.")
    longest: float = Field(description="Minutes of the longest task.")
    l2: float = Field(description="Strength of the penalty on the slope.")
    resampled: Resampled
    bootstraps: int
    seed: int = Field(description="Of the bootstrap.")


class AgentHorizon(Record):
    """An agent's horizon."""

    agent: str
    released: str | None = Field(default=None, description="YYYY-MM-DD.")
    horizon: Horizon


class TrendPoint(Record):
    """A model that was state of the art when it was released."""

    agent: str
    released: str
    minutes: float


class Trend(Record):
    """How the horizon of the state of the art grows: ln(minutes) = intercept + slope x days."""

    doubling_days: float | None = Field(description="None where the horizon does not grow.")
    low: float | None = Field(description="Of its 95 % interval.")
    high: float | None = Field(description="None where growth is not certain.")
    slope: float = Field(description="Of ln(minutes), a day.")
    intercept: float = Field(description="ln(minutes) on 1970-01-01.")
    r_squared: float
    bootstraps: int = Field(description="Usable ones.")
    points: tuple[TrendPoint, ...]


class HorizonSensitivity(Record):
    """An agent's horizon at 50 % by what doubtful trials are counted as."""

    agent: str
    of: Doubt
    trials: int = Field(ge=1, description="How many are doubtful.")
    failed: Length
    dropped: Length | None = Field(description="None where no other trial is.")
    passed: Length


class HorizonReport(Record):
    """What `offsite horizon` prints."""

    sources: dict[str, str] = Field(description="File or run to its sha256.")
    score: Literal["binary", "fractional"]
    agents: tuple[AgentHorizon, ...]
    trend: Trend | None = Field(default=None, description="None without two dated models.")
    sensitivity: tuple[HorizonSensitivity, ...] = ()
