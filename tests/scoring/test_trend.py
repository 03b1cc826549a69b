"""The trend against METR's published one, and planted ones."""

from __future__ import annotations

import math
import tomllib
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from offsite.scoring.trend import MEASURED_MINUTES, Release, state_of_the_art, trend

METR = tomllib.loads((Path(__file__).parent / "metr_horizons.toml").read_text())
PUBLISHED = [Release(m["name"], m["released"], m["p50"]) for m in METR["models"]]
START = date(2024, 1, 1)


def test_metrs_table_gives_its_published_doubling_time():
    found = trend(PUBLISHED, since=date(2023, 1, 1), most_minutes=MEASURED_MINUTES)
    assert found.doubling_days == pytest.approx(METR["doubling_days"], abs=0.001)
    assert [point.agent for point in found.points] == [
        model["name"] for model in METR["models"] if model.get("sota")
    ]
    assert found.r_squared > 0.93


def test_without_the_exclusion_the_doubling_time_is_another():
    found = trend(PUBLISHED, since=date(2023, 1, 1))
    assert found.points[-1].agent == "Claude Mythos Preview (early)"
    assert found.doubling_days < METR["doubling_days"] - 1


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0.1, 1000)), min_size=1, max_size=20))
def test_state_of_the_art_is_what_nothing_earlier_surpasses(models):
    releases = [
        Release(str(i), START + timedelta(day), minutes) for i, (day, minutes) in enumerate(models)
    ]
    found = {release.agent for release in state_of_the_art(releases)}
    for release in releases:
        rivals = [r.minutes for r in releases if r.released <= release.released]
        assert (release.agent in found) == (release.minutes >= max(rivals))


def _exact(doubling: float) -> list[Release]:
    return [
        Release(f"m{i}", START + timedelta(90 * i), 3 * 2 ** (90 * i / doubling)) for i in range(8)
    ]


def test_an_exact_exponential_is_recovered():
    found = trend(_exact(150))
    assert found.doubling_days == pytest.approx(150, rel=1e-5)
    assert found.r_squared == pytest.approx(1)
    assert math.exp(found.intercept + found.slope * (START - date(1970, 1, 1)).days) == (
        pytest.approx(3, rel=1e-2)
    )
    assert (found.low, found.high) == (None, None)


def test_a_window_and_too_few_models():
    releases = _exact(150)
    found = trend(releases, since=START + timedelta(90), until=START + timedelta(450))
    assert [point.agent for point in found.points] == ["m1", "m2", "m3", "m4"]
    assert trend(releases[:1]) is None
    assert trend([Release("a", START, 0.0), *releases[:1]]) is None


def test_the_bootstrap_carries_the_horizons_error():
    rng = np.random.default_rng(0)
    releases = _exact(150)
    error = 0.3
    draws = {r.agent: r.minutes * np.exp(rng.normal(0, error, 4000)) for r in releases}
    draws["m7"][:100] = np.inf  # some draws have no horizon for some model
    draws["m0"][100:200] = 0
    found = trend(releases, draws)
    days = np.arange(8) * 90.0
    se = error / math.sqrt(((days - days.mean()) ** 2).sum())
    slope = math.log(2) / 150
    assert found.low == pytest.approx(math.log(2) / (slope + 1.96 * se), rel=0.03)
    assert found.high == pytest.approx(math.log(2) / (slope - 1.96 * se), rel=0.03)
    assert found.bootstraps == 4000


def test_growth_that_is_not_certain_has_no_upper_bound():
    rng = np.random.default_rng(0)
    releases = _exact(2000)[:3]
    draws = {r.agent: r.minutes * np.exp(rng.normal(0, 1, 500)) for r in releases}
    found = trend(releases, draws)
    assert found.low < found.doubling_days
    assert found.high is None


@pytest.mark.parametrize(("doubling", "error"), [(90, 0.2), (180, 0.1)])
def test_intervals_cover_a_planted_doubling_time(doubling, error):
    # Each model is better than the last by more than the error: who is state of the art is no luck.
    rng = np.random.default_rng(12)
    days = np.arange(0, 900, 90)
    hits = 0
    for _ in range(1000):
        luck = rng.normal(0, error, len(days))
        releases = [
            Release(str(day), START + timedelta(int(day)), 2 ** (day / doubling) * math.exp(e))
            for day, e in zip(days, luck, strict=True)
        ]
        draws = {r.agent: r.minutes * np.exp(rng.normal(0, error, 300)) for r in releases}
        found = trend(releases, draws)
        hits += found.low <= doubling <= (found.high or math.inf)
    assert hits / 1000 == pytest.approx(0.95, abs=0.02)
