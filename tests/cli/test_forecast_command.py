"""`offsite forecast` and `offsite gap`, as a user calls them."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from offsite.records.leaderboard import Entry, Leaderboard, Rate, Readiness
from offsite.records.run import LimitOverrides

START = date(2024, 1, 1)


def _entry(day, value, country, **change):
    entry = Entry(
        agent="worker",
        model=f"p:{country}-{day}",
        country=country,
        released=(START + timedelta(day)).isoformat(),
        suite="s",
        suite_version="1",
        suite_digest="d",
        whole_suite=True,
        tasks=30,
        limits=LimitOverrides(),
        seeds=(0,),
        repeats=1,
        planned=30,
        errors=0,
        missing=0,
        delegable=Rate(
            value=value, low=value * 0.8, high=min(1, value * 1.2), se=0.1, n=30, clusters=30
        ),
        pass_hat={},
        pass_at={},
        partial=None,
        false_done=None,
        honest_block=None,
        cost_usd=None,
        tokens=0,
        work_seconds=0,
        human_minutes=0,
        families=(),
        sandbox="local",
        images={},
        versions={},
        runs={f"r{day}{country}": "x"},
    )
    return entry.model_copy(update=change)


@pytest.fixture
def board(tmp_path):
    entries = [_entry(90 * i, 0.05 + 0.07 * i, "US") for i in range(9)]
    entries += [_entry(90 * i + 200, 0.05 + 0.07 * i, "CN") for i in range(5)]
    path = tmp_path / "leaderboard.json"

    def write(*more):
        path.write_text(Leaderboard(entries=(*entries, *more)).model_dump_json())
        return path

    write()
    return write


def test_a_leaderboard_is_forecast(offsite, board):
    done = offsite("forecast", board(), "--metric", "rate", "--threshold", "0.9")
    assert done.returncode == 0, done.stderr
    assert "rate at 90.0%; 9 entries, state of the art when released" in done.stdout
    assert "left out: 5 not state of the art when released" in done.stdout
    assert "Wang's window 2027-01-23 to 2029-01-23: before " in done.stdout
    assert "break-2024" in done.stdout
    done = offsite("forecast", board(), "--metric", "rate", "--threshold", "0.9", "--json", "--all")
    found = json.loads(done.stdout)
    assert (len(found["points"]), found["suite_digest"]) == (14, "d")
    assert sum(s["weight"] for s in found["dates"]["shapes"]) == pytest.approx(1, abs=1e-4)


def test_what_cannot_be_forecast_is_said(offsite, board):
    done = offsite("forecast", board())
    assert done.returncode == 0
    assert "left out: 14 without horizon80" in done.stdout
    assert "not assessable: a forecast needs 5 usable entries" in done.stdout
    hostile = offsite("forecast", board(_entry(5, 0.1, "US", suite_digest="\x1b[2Je")))
    assert hostile.returncode == 4
    assert "of 2 suites" in hostile.stderr
    assert "\x1b" not in hostile.stderr
    assert offsite("forecast", board(), "--suite", "s").returncode == 0
    for words, said in (
        (("--metric", "rates"), "did you mean rate"),
        (("--metric", "rate"), "name one: --threshold"),
        (("--metric", "rate", "--threshold", "1"), "threshold: 1 is not a share within"),
        (
            ("--metric", "rate", "--threshold", "0.9", "--end", "2024-02-01"),
            "end: 2024-02-01 is not after",
        ),
        (("--suite", "t"), "there is none of suite 't'"),
    ):
        done = offsite("forecast", board(), *words)
        assert (done.returncode, said in done.stderr) == (4, True), (words, done.stderr)
    odd = offsite("forecast", board(_entry(5, 0.1, "US", released="soon")))
    assert (odd.returncode, "released: 'soon' is not" in odd.stderr) == (4, True)


def test_readiness_is_forecast(offsite, tmp_path):
    entries: list[Entry] = []
    for i in range(7):
        entry = _entry(90 * i, 0.05 + 0.05 * i, "US")
        ready = Readiness(
            rwr1=entry.delegable, rwr4=entry.delegable, reached=0.5, reached4=0.5, level=0
        )
        entries.append(entry.model_copy(update={"readiness": ready}))
    path = tmp_path / "leaderboard.json"
    path.write_text(Leaderboard(entries=tuple(entries)).model_dump_json())
    done = offsite("forecast", path, "--metric", "rwr4")
    assert (done.returncode, done.stderr) == (0, "")
    assert "rwr4 at 60.0%; 7 entries" in done.stdout


def test_the_gap_between_two_countries(offsite, board):
    done = offsite("gap", board(), "--metric", "rate")
    assert done.returncode == 0, done.stderr
    # The last release is on day 720; what China has, 33 %, the United States had on day 360.
    assert "CN is 360 [" in done.stdout
    assert "not yet" in done.stdout
    assert "median lag (Kaplan-Meier, 9 levels): 200 days" in done.stdout
    found = json.loads(offsite("gap", board(), "--metric", "rate", "--json").stdout)
    assert (found["leader"], found["days"], found["n"]) == ("US", 360, [9, 5])
    done = offsite("gap", board(), "--metric", "rate", "--countries", "US,FR")
    assert "not assessable: a gap needs 2 usable entries of each country; FR has 0" in done.stdout
    done = offsite("gap", board(), "--countries", "USA")
    assert (done.returncode, "is not two country codes" in done.stderr) == (4, True)
