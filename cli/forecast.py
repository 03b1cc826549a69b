"""`offsite forecast` and `offsite gap`."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Json

if TYPE_CHECKING:
    from ..records.forecast import ForecastReport, GapReport, Measured, Metric

# As text: the names of metrics are checked below, so that nothing heavy is loaded for --help.
METRICS = ("rwr4", "horizon80", "horizon50", "rate")

Board = Annotated[
    Path, typer.Argument(help="leaderboard.json, or a YAML file in the layout of METR's table.")
]
MetricName = Annotated[
    str, typer.Option("--metric", help="rwr4, horizon80, horizon50 (minutes), or rate.")
]
Suite = Annotated[
    str | None, typer.Option(help="Name or digest, where the file holds several suites.")
]
Seed = Annotated[int, typer.Option(min=0, help="Of the draws.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.command("forecast")(forecast)
    app.command("gap")(gap)


def forecast(
    source: Board,
    metric: MetricName = "horizon80",
    threshold: Annotated[
        float | None,
        typer.Option(
            help="Minutes or a share; default: 0.6 for rwr4, 2400 for horizons, none for rate."
        ),
    ] = None,
    everyone: Annotated[
        bool,
        typer.Option("--all", help="Fit all entries, not only the state of the art of their day."),
    ] = False,
    end: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="What is later counts as never; default: 2040-01-01."
        ),
    ] = None,
    suite: Suite = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """When the trend of a metric may cross a threshold, and how sure that is.

    \b
    offsite forecast leaderboard.json --metric horizon80 --threshold 2400
    offsite forecast benchmark_results.yaml --metric horizon50 --json

    Three trends (straight, with a break in 2024, with a ceiling), weighted by how well each
    predicted later entries from earlier ones. Under five entries no forecast is made.
    """
    from ..records.errors import InputError
    from ..scoring.forecast import END, THRESHOLDS
    from ..scoring.forecast import forecast as forecast_dates
    from ..scoring.progress import read_progress
    from .text import print_json

    name = _metric(metric)
    goal = THRESHOLDS[name] if threshold is None else threshold
    if goal is None:
        raise InputError(f"--metric {name} has no threshold of its own; name one: --threshold 0.5")
    progress = read_progress(source, name, suite)
    until = end.date() if end else END
    report = forecast_dates(progress, goal, everyone=everyone, end=until, seed=seed)
    if json:
        print_json(report.model_dump(mode="json"))
    else:
        _print_forecast(report)


def gap(
    source: Board,
    metric: MetricName = "horizon80",
    countries: Annotated[
        str, typer.Option(help="Two countries, ISO 3166-1 alpha-2, separated by a comma.")
    ] = "US,CN",
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Default: the day of the last release."),
    ] = None,
    suite: Suite = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """How many days the best model of one country is behind the best of another.

    \b
    offsite gap leaderboard.json
    offsite gap leaderboard.json --metric horizon80 --countries US,FR

    Days since the leader first had what the other one has now. Levels that the other one has not
    reached yet are shown with the time so far.
    """
    from ..records.errors import InputError
    from ..scoring.gap import gap as gap_between
    from ..scoring.progress import read_progress
    from .text import print_json

    pair = countries.upper().split(",")
    if len(pair) != 2 or pair[0] == pair[1] or not all(re.fullmatch("[A-Z]{2}", c) for c in pair):
        raise InputError(f"--countries: {countries!r} is not two country codes, as US,CN")
    progress = read_progress(source, _metric(metric), suite)
    report = gap_between(
        progress, (pair[0], pair[1]), as_of=as_of.date() if as_of else None, seed=seed
    )
    if json:
        print_json(report.model_dump(mode="json"))
    else:
        _print_gap(report)


def _metric(name: str) -> Metric:
    from ..records.errors import InputError, nearest

    for known in METRICS:
        if name == known:
            return known
    raise InputError(f"--metric: there is no metric {name!r}{nearest(name, METRICS)}")


def _print_forecast(report: ForecastReport) -> None:
    from .text import counted, harmless, print_columns

    goal = _value(report.threshold, report.metric)
    number = counted(len(report.points), "entry", "entries")
    print(harmless(f"{report.source}: {report.metric} at {goal}; {number}, {report.models}"))
    _print_left_out(report.left_out)
    if report.dates is None:
        print(f"not assessable: {report.reason}")
        return
    _print_points(report.points, report.metric)
    if report.first:
        print(harmless(f"\nfirst there: {report.first.name}, {report.first.released}"))
    found = report.dates
    day = {q.at: q.date or f"after {found.end} or never" for q in found.quantiles}
    print(f"\nthe trend crosses {goal}: median {day[0.5]}")
    print(f"  80 %: {day[0.1]} to {day[0.9]}\n  95 %: {day[0.025]} to {day[0.975]}")
    print(f"  not by {found.end}: {found.never:.0%}")
    print(
        "  crossed by " + ", ".join(f"{c.date} {c.probability:.0%}" for c in found.crossed_by[:8])
    )
    window = found.window
    print(
        f"\nWang's window {window.start} to {window.end}: before {window.before:.0%}, "
        f"in it {window.inside:.0%}, after it or never {window.after:.0%}\n"
    )
    rows = [
        (s.shape, f"{s.weight:.2f}", f"{s.log_score:.2f}", s.median or "–", f"{s.within:.0%}")
        for s in found.shapes
    ]
    columns = ("trend", "weight", "log score", "median", f"by {found.end}")
    print_columns(columns, rows, columns[1:])
    print(f"\nweights from {found.scored} entries, each predicted from earlier ones")


def _print_gap(report: GapReport) -> None:
    from .text import harmless, print_columns

    one, two = report.countries
    print(
        harmless(
            f"{report.source}: {report.metric}; {one} {report.n[0]} and {two} {report.n[1]} entries"
        )
    )
    _print_left_out(report.left_out)
    if report.interval is None or report.days is None:
        print(f"not assessable: {report.reason}")
        return
    _print_points(report.best, report.metric)
    low, _, high = report.interval
    print(
        f"\n{report.behind} is {report.days} [{low:.0f}, {high:.0f}] days behind {report.leader} as "
        f"of {report.as_of}; {report.leader} leads with probability {report.lead_probability:.0%}"
    )
    rows = [
        (
            lag.name,
            lag.released,
            _value(lag.value, report.metric),
            lag.reached or "not yet",
            f"{'' if lag.reached else '> '}{lag.days}",
        )
        for lag in report.lags
    ]
    if rows:
        print()
        names = (
            f"levels of {report.leader}",
            "released",
            "value",
            f"{report.behind} there",
            "days",
        )
        print_columns(names, rows, ("value", "days"))
        median = "not reached" if report.median_lag is None else f"{report.median_lag:.0f} days"
        print(f"\nmedian lag (Kaplan-Meier, {len(rows)} levels): {median}")


def _print_points(points: tuple[Measured, ...], metric: Metric) -> None:
    from .text import print_columns

    rows = [
        (p.name, p.released, *(_value(v, metric) for v in (p.value, p.low, p.high))) for p in points
    ]
    print()
    print_columns(("entry", "released", metric, "low", "high"), rows, (metric, "low", "high"))


def _print_left_out(left_out: dict[str, int]) -> None:
    from .text import harmless

    if left_out:
        print(harmless("left out: " + ", ".join(f"{n} {why}" for why, n in left_out.items())))


def _value(value: float, metric: Metric) -> str:
    from .text import duration

    return duration(60 * value) if metric.startswith("horizon") else f"{value:.1%}"
