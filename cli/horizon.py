"""`offsite horizon`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .options import RESULTS, Json, Results

if TYPE_CHECKING:
    from ..records.horizon import HorizonReport, HorizonSensitivity, Length, Trend
    from ..scoring.horizon import Horizons, Scores

FLAGS = {
    "above_longest": "above the longest task: all trials passed, or the curve is above it throughout",
    "extrapolated": "extrapolated: above 0.6 of the longest task",
    "below_shortest": "extrapolated: below the shortest task",
    "not_falling": "no horizon: longer tasks were not harder",
    "one_length": "no horizon: all tasks are equally long",
}
"""What the flags say, for people."""

Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Of the trend: models released in this window."),
]


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("horizon")(horizon)


def horizon(
    sources: Annotated[
        list[str],
        typer.Argument(help="Runs (`last`, id, folder), or files in the layout of METR's runs."),
    ],
    l2: Annotated[float, typer.Option(min=1e-12, help="Penalty on the curve's slope.")] = 1e-5,
    bootstraps: Annotated[int, typer.Option(min=0, help="Draws for the intervals.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    resample: Annotated[
        Literal["all", "families"],
        typer.Option(help="families, tasks and trials, as METR does, or whole families alone."),
    ] = "all",
    fractional: Annotated[
        bool, typer.Option("--fractional", help="Score by share (`partial`, `score_cont`).")
    ] = False,
    dates: Annotated[
        Path | None, typer.Option(help="YAML with release dates, agent: YYYY-MM-DD, for the trend.")
    ] = None,
    since: Day = None,
    until: Day = None,
    most_minutes: Annotated[
        float | None,
        typer.Option(min=0, help="Leave longer horizons out of the trend; METR: 960."),
    ] = None,
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """How long the tasks are, in a person's time, that agents do at 50 % and at 80 %.

    \b
    offsite horizon last
    offsite horizon runs.jsonl --dates release_dates.yaml --since 2023-01-01 --most-minutes 960

    METR's method. With two or more release dates the trend of the state of the art is told as well.
    """
    from ..records.errors import InputError
    from ..records.horizon import AgentHorizon, HorizonReport
    from ..scoring.horizon import horizons
    from ..scoring.scores import joined
    from .text import print_json

    tables: list[Scores] = []
    digests: dict[str, str] = {}
    released: dict[str, str] = {}
    doubts: list[HorizonSensitivity] = []
    for source in sources:
        read = _read_metr if Path(source).is_file() else _read_run
        table, name, digest = read(source, results, fractional, l2, released, doubts)
        tables.append(table)
        digests[name] = digest
    try:
        found = horizons(
            joined(tables), l2=l2, resampled=resample, bootstraps=bootstraps, seed=seed
        )
    except ValueError as error:
        raise InputError(f"{', '.join(sources)}: {error}") from error
    released |= _read_dates(dates) if dates else {}
    report = HorizonReport(
        sources=digests,
        score="fractional" if fractional else "binary",
        agents=tuple(
            AgentHorizon(agent=name, released=released.get(name), horizon=each)
            for name, each in found.agents.items()
        ),
        trend=_trend(found, released, since, until, most_minutes),
        sensitivity=tuple(doubts),
    )
    if json:
        print_json(report.model_dump(mode="json"))
    else:
        _print_horizons(report)


def _read_run(
    source: str,
    results: Path,
    fractional: bool,
    l2: float,
    released: dict[str, str],
    doubts: list[HorizonSensitivity],
) -> tuple[Scores, str, str]:
    """A run's scores, its id and digest; adds release dates and what doubtful trials change."""
    from ..agents.prices import find_model
    from ..records.errors import InputError
    from ..scoring.leaderboard import run_digest
    from ..scoring.scores import trial_scores
    from ..scoring.sensitivity import horizon_sensitivity
    from ..scoring.table import read_trials
    from .find import find_run

    store = find_run(source, results)
    run, trials = store.run(), read_trials(store)
    judged = trials.judged()
    if not len(judged):
        raise InputError(f"run {run.id} has no verdict at all; go on: offsite resume {run.id}")
    for agent in run.agents:
        model = find_model(agent.model) if agent.model else None
        if model and model.released:
            released[agent.slug] = model.released
    if not fractional:
        doubts += horizon_sensitivity(run, trials, l2)
    table = trial_scores(run, judged, judged.partial if fractional else None)
    return table, run.id, run_digest(store, trials)


def _read_metr(
    source: str, _results: Path, fractional: bool, *_: object
) -> tuple[Scores, str, str]:
    import hashlib

    from ..scoring.scores import read_metr_runs

    path = Path(source)
    table = read_metr_runs(path, fractional=fractional)
    with path.open("rb") as file:
        return table, source, hashlib.file_digest(file, "sha256").hexdigest()


def _read_dates(path: Path) -> dict[str, str]:
    """Release dates by agent; METR's file has them below `date`."""
    import yaml
    from pydantic import TypeAdapter, ValidationError

    from ..records.errors import InputError

    plain, nested = (
        TypeAdapter(dict[str, date]),
        TypeAdapter(dict[Literal["date"], dict[str, date]]),
    )
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        try:
            days = nested.validate_python(content)["date"]
        except ValidationError:
            days = plain.validate_python(content)
    except (yaml.YAMLError, UnicodeDecodeError, ValidationError) as error:
        raise InputError(f"{path}: is not YAML of lines `agent: YYYY-MM-DD`") from error
    return {agent: day.isoformat() for agent, day in days.items()}


def _trend(
    found: Horizons,
    released: dict[str, str],
    since: datetime | None,
    until: datetime | None,
    most_minutes: float | None,
) -> Trend | None:
    from ..scoring.trend import Release, trend

    dated = [
        Release(name, date.fromisoformat(released[name]), each.p50.minutes)
        for name, each in found.agents.items()
        if name in released and each.p50.minutes is not None
    ]
    draws = {name: each[0] for name, each in found.draws.items()}
    return trend(
        dated,
        draws if any(len(each) for each in draws.values()) else None,
        since=since.date() if since else None,
        until=until.date() if until else None,
        most_minutes=float("inf") if most_minutes is None else most_minutes,
    )


def _print_horizons(report: HorizonReport) -> None:
    from .text import print_columns

    rows = [
        (
            each.agent,
            each.released or "",
            *_cells(each.horizon.p50),
            *_cells(each.horizon.p80),
            f"{each.horizon.average:.0%}",
            each.horizon.trials,
            each.horizon.tasks,
        )
        for each in report.agents
    ]
    right = ("50 %", "80 %", "average", "trials", "tasks")
    columns = ("agent", "released", "50 %", "", "80 %", "", *right[2:])
    print_columns(columns, rows, right)
    print("\nhuman time with 95 % bootstrap intervals; * is not to be taken at its face value:")
    for flag, meaning in FLAGS.items():
        if any(flag in (*a.horizon.p50.flags, *a.horizon.p80.flags) for a in report.agents):
            print(f"  {meaning}")
    _print_doubts(report.sensitivity)
    trend = report.trend
    if trend is not None:
        growth = "does not grow" if trend.doubling_days is None else _doubling(trend)
        print(f"\nstate of the art, {len(trend.points)} models: {growth}, R² {trend.r_squared:.2f}")


def _print_doubts(doubts: Sequence[HorizonSensitivity]) -> None:
    from .text import ONE, counted, harmless

    for each in doubts:
        ways = {"failed": each.failed, "dropped": each.dropped, "passed": each.passed}
        told = ", ".join(f"{name} {_length(way)}" for name, way in ways.items() if way)
        number = counted(each.trials, ONE[each.of], each.of)
        print(harmless(f"  {each.agent}: {number}; at 50 %, counted as {told}"))


def _doubling(trend: Trend) -> str:
    interval = ""
    if trend.low is not None:
        high = "∞" if trend.high is None else f"{trend.high:.0f}"
        interval = f" [{trend.low:.0f}, {high}]"
    return f"doubles in {trend.doubling_days:.0f}{interval} days"


def _cells(length: Length) -> tuple[str, str]:
    """The horizon and its interval."""
    if length.minutes is None and "above_longest" not in length.flags:
        return "–*", ""
    low = "?" if length.low is None else _time(length.low)
    high = "∞" if length.high is None else _time(length.high)
    interval = "" if length.low is None and length.high is None else f"[{low}, {high}]"
    return _length(length), interval


def _length(length: Length) -> str:
    mark = "*" if length.flags else ""
    if length.minutes is None:
        return ("above all" if "above_longest" in length.flags else "–") + mark
    return _time(length.minutes) + mark


def _time(minutes: float) -> str:
    from .text import duration

    return duration(60 * minutes) if minutes else "0"
