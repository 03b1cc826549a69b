"""Forecasts: planted trends are found, dates cover the planted day, the models are told apart."""

from __future__ import annotations

import math
import tomllib
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offsite.records.errors import InputError
from offsite.scoring.forecast import chosen_points, forecast, weights
from offsite.scoring.progress import Point, Progress, read_progress, scaled
from offsite.scoring.trend_models import fit

START = date(2023, 1, 1)
METR = tomllib.loads((Path(__file__).parent / "metr_horizons.toml").read_text())


def _points(days, logs, error=0.1):
    return tuple(
        Point(
            f"m{i}",
            START + timedelta(int(day)),
            *(math.exp(log + z * error) for z in (0, -1.96, 1.96)),
        )
        for i, (day, log) in enumerate(zip(days, logs, strict=True))
    )


def _progress(points, metric="horizon50"):
    return Progress(metric, points, {}, "file", "digest")


def _line(day):
    return 1 + 2 * day / 365.25


def _quantiles(report):
    return {
        q.at: date.fromisoformat(q.date) if q.date else date.max for q in report.dates.quantiles
    }


def test_a_clear_trend_crosses_on_its_day():
    days = np.arange(0, 1200, 80)
    found = forecast(_progress(_points(days, [_line(d) for d in days], 0.05)), 2400.0)
    truth = START + timedelta(365.25 * (math.log(2400) - 1) / 2)
    assert abs((_quantiles(found)[0.5] - truth).days) < 30
    assert sum(s.weight for s in found.dates.shapes) == pytest.approx(1, abs=1e-4)
    window = found.dates.window
    assert window.before + window.inside + window.after == pytest.approx(1, abs=1e-3)
    by = [each.probability for each in found.dates.crossed_by]
    assert by == sorted(by)
    assert found.dates.never == pytest.approx(1 - by[-1], abs=1e-3)
    assert found == forecast(_progress(found_points := _points(days, map(_line, days), 0.05)), 2400)
    assert len(found.points) == len(found_points)
    assert found.first is None
    assert forecast(_progress(found_points), math.exp(_line(200))).first.name == "m3"


def test_a_planted_break_gains_weight():
    days = np.arange(0, 1300, 50)
    broken = [1 + 0.3 * d / 365.25 + 2.7 * max(0, d - 540) / 365.25 for d in days]
    weight = {
        name: {s.shape: s.weight for s in forecast(_progress(_points(days, y)), 1e6).dates.shapes}
        for name, y in (("broken", broken), ("straight", [_line(d) for d in days]))
    }
    assert weight["broken"]["break-2024"] > 0.9
    assert weight["straight"]["break-2024"] < 0.6


def test_a_planted_ceiling_is_never_crossed():
    days = np.arange(0, 1300, 50)
    logs = [math.log(60 / (1 + math.exp(-3 * (d - 800) / 365.25))) for d in days]
    found = forecast(_progress(_points(days, logs)), 2400.0, everyone=True)
    shares = {s.shape: s.weight for s in found.dates.shapes}
    assert shares["ceiling"] > 0.5
    assert found.dates.never > 0.3


def test_rates_are_forecast_on_log_odds():
    days = np.arange(0, 1000, 70)
    points = tuple(
        Point(
            f"m{i}",
            START + timedelta(int(d)),
            *(1 / (1 + math.exp(2 - d / 300 - z)) for z in (0, -0.4, 0.4)),
        )
        for i, d in enumerate(days)
    )
    found = forecast(_progress(points, "rate"), 0.9)
    truth = START + timedelta(300 * (2 + math.log(9)))
    q = _quantiles(found)
    assert q[0.025] < truth < q[0.975]
    with pytest.raises(InputError, match="is not a share within"):
        forecast(_progress(points, "rate"), 1.0)
    assert scaled([0.0, 1.0], "rate") == pytest.approx([-5.293, 5.293], abs=0.01)


def test_few_entries_make_no_forecast():
    days = [0, 100, 200, 300]
    found = forecast(_progress(_points(days, [_line(d) for d in days])), 2400.0)
    assert not found.assessable
    assert "needs 5 usable entries" in found.reason
    assert found.dates is None
    assert not forecast(_progress(()), 2400.0).assessable
    same = forecast(_progress(_points([0] * 6, range(6)), "horizon50"), 2400.0, everyone=True)
    assert "there are 6 of 1" in same.reason


def test_a_doubtful_best_model_does_not_make_a_worse_one_the_best():
    points = list(_points([0, 10, 20], [1, 3, 2]))
    points[1] = Point(**{**vars(points[1]), "doubt": "horizon extrapolated"})
    chosen, left = chosen_points(points, everyone=False)
    assert [p.name for p in chosen] == ["m0"]
    assert left == {"not state of the art when released": 1, "horizon extrapolated": 1}


@given(st.lists(st.lists(st.floats(-50, 5), min_size=3, max_size=3), min_size=1, max_size=15))
def test_weights_sum_to_one_and_follow_the_scores(rows):
    scores = np.array(rows)
    found = weights(scores)
    assert found.sum() == pytest.approx(1)
    better = scores + np.array([5.0, 0, 0])
    assert weights(better)[0] >= found[0] - 1e-9


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from(["linear", "break-2024", "ceiling"]), st.booleans())
def test_a_fit_is_finite_whatever_the_data(seed, shape, rate):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 12))
    values = rng.normal(0, 5, n).clip(-5.2, 5.2)
    made = fit(shape, 2023 + rng.random(n) * 3, values, rng.random(n) + 1e-3, rate=rate)
    assert made.chance.sum() == pytest.approx(1)
    trend = made.draw(50, rng).at(np.linspace(2023, 2040, 20))
    assert np.isfinite(trend).all()


def test_metrs_table_is_read_and_gives_dates(tmp_path):
    lines = ["results:"]
    for i, model in enumerate(METR["models"]):
        # The facts kept here have no intervals: a factor of two stands in for them.
        lengths = {k: model.get(k, model["p50"] / 10) for k in ("p50", "p80")}
        told = ", ".join(
            f"{k}_horizon_length: {{estimate: {v}, ci_low: {v / 2}, ci_high: {2 * v}}}"
            for k, v in lengths.items()
        )
        lines.append(f"  m{i}: {{release_date: {model['released']}, metrics: {{{told}}}}}")
    path = tmp_path / "metr.yaml"
    path.write_text("\n".join(lines))
    progress = read_progress(path, "horizon50")
    assert len(progress.points) == len(METR["models"])
    found = forecast(progress, 2400.0)
    # From 17 hours in April 2026, at a doubling in 129 days or less, 40 hours are a year away at most.
    assert date(2026, 4, 7) < _quantiles(found)[0.5] < date(2027, 4, 7)
    with pytest.raises(InputError, match="has horizons only"):
        read_progress(path, "rwr4")
    odd = "{estimate: 9, ci_low: 10, ci_high: 20}"
    path.write_text(
        f"results: {{m: {{release_date: 2025-01-01, metrics: {{p50_horizon_length: {odd}}}}}}}"
    )
    with pytest.raises(
        InputError, match=r"p50_horizon_length: .*must be within ci_low and ci_high"
    ):
        read_progress(path, "horizon50")
    path.write_text("results: {m: {release_date: soon}}")
    with pytest.raises(InputError, match=r"results\.m\.release_date"):
        read_progress(path, "horizon50")


@pytest.mark.slow
@pytest.mark.parametrize("everyone", [True, False])
def test_intervals_cover_a_planted_day(everyone):
    # Scatter and error of 0.2 each; the day is a year and a half after the last release.
    rng = np.random.default_rng(1)
    truth, threshold = START + timedelta(1500), math.exp(_line(1500))
    inside = {0.8: 0, 0.95: 0}
    runs = 100
    for _ in range(runs):
        days = np.sort(rng.integers(0, 1000, 16))
        logs = [_line(d) + rng.normal(0, 0.2) + rng.normal(0, 0.2) for d in days]
        found = forecast(_progress(_points(days, logs, 0.2)), threshold, everyone=everyone)
        q = _quantiles(found)
        inside[0.8] += q[0.1] <= truth <= q[0.9]
        inside[0.95] += q[0.025] <= truth <= q[0.975]
    # Three models in place of the true one, and priors: rather too wide than too narrow.
    assert inside[0.8] / runs >= 0.75
    assert inside[0.95] / runs >= 0.9
