"""The gap between countries: known cases, who is not there yet, and who leads by luck."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offsite.records.forecast import Lag
from offsite.scoring.gap import gap, median_lag
from offsite.scoring.progress import Point, Progress

START = date(2025, 1, 1)


def _progress(*models, error=1.0001):
    return Progress(
        "horizon80",
        tuple(
            Point(f"{country}{day}", START + timedelta(day), v, v / error, v * error, country)
            for country, day, v in models
        ),
        {},
        "file",
        "digest",
    )


MODELS = (("US", 0, 10), ("US", 100, 20), ("US", 200, 40), ("CN", 150, 10), ("CN", 300, 25))


def test_days_behind_and_what_is_not_reached():
    found = gap(_progress(*MODELS, ("FR", 10, 5)), ("US", "CN"))
    # On day 300 the best is 25, which the other one first had on day 200.
    assert (found.leader, found.behind, found.days, found.as_of) == ("US", "CN", 100, "2025-10-28")
    assert [(lag.days, lag.reached is None) for lag in found.lags] == [
        (150, False),
        (200, False),
        (100, True),
    ]
    # One of three is not there after 100 days: it tells nothing of the two later events.
    assert found.median_lag == 150
    assert found.lead_probability == 1
    assert found.left_out == {"of another country, or of none that is known": 1}


def test_the_order_of_the_countries_does_not_matter_and_the_day_does():
    assert gap(_progress(*MODELS), ("CN", "US")).days == 100
    earlier = gap(_progress(*MODELS, ("CN", 160, 9)), ("US", "CN"), as_of=START + timedelta(160))
    assert (earlier.days, earlier.left_out["released later"]) == (160, 2)


def test_a_lead_within_the_error_is_not_certain():
    found = gap(_progress(*MODELS, ("CN", 310, 39), error=2.0), ("US", "CN"))
    assert 0.3 < found.lead_probability < 0.7
    assert found.interval[0] < 0 < found.interval[2]


def test_too_few_entries_make_no_gap():
    found = gap(_progress(*MODELS[:4]), ("US", "CN"))
    assert not found.assessable
    assert "CN has 1" in found.reason
    assert found.days is None


def _lag(days, reached):
    return Lag(name="m", released="2025-01-01", value=1, reached=reached, days=days)


@given(st.lists(st.integers(0, 500), min_size=1, max_size=20))
def test_without_censoring_the_median_is_the_plain_one(days):
    lags = [_lag(day, "2025-06-01") for day in days]
    assert median_lag(lags) == sorted(days)[(len(days) - 1) // 2]
    assert median_lag([_lag(day, None) for day in days]) is None


def test_a_censored_lag_counts_as_longer():
    assert median_lag([_lag(10, "x"), _lag(20, None), _lag(30, "x")]) == pytest.approx(30)
