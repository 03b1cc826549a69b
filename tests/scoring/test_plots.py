"""Plots: well-formed, escaped, honest about what they leave out."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_run import make_run
from offsite.records.agent_spec import AgentSpec
from offsite.records.errors import InputError
from offsite.records.horizon import Horizon, Length
from offsite.records.leaderboard import Entry, Leaderboard, Rate
from offsite.scoring.leaderboard import build_leaderboard
from offsite.scoring.plots import PLOTS, NothingToPlot
from offsite.scoring.plots.entries import dollars, short_names, span
from offsite.scoring.plots.growth import growth
from offsite.scoring.plots.pareto import pareto_front
from offsite.scoring.plots.png import to_png
from offsite.scoring.plots.style import HEAT, HEAT_TEXT, PALETTE, standalone
from offsite.scoring.plots.svg import Wanted, clean, placed, shortened, text_width

HOSTILE = "<script>alert(1)</script>\"'&]]>\x1b[31m\u202e"


@pytest.fixture(scope="module")
def board(tmp_path_factory) -> Leaderboard:
    models = (
        *("openai:gpt-4o-2024-05-13", "anthropic:claude-sonnet-4-0", "openai:gpt-5-pro"),
        *("moonshot:kimi-k2-0711-preview", "moonshot:kimi-k2-thinking"),
    )
    skills = [
        (AgentSpec(name="worker", model=model), 10.0 * 3**i, 0.01 * 4**i)
        for i, model in enumerate(models)
    ]
    skills += [(AgentSpec(name="worker", model=f"x:{HOSTILE}"), 30.0, 0.2)]
    skills += [(AgentSpec(name="oracle"), 1e9, 0.0)]
    store = make_run(tmp_path_factory.mktemp("plots") / "r", skills, families=("a-b", "clerical"))
    return build_leaderboard([store])


@pytest.mark.parametrize("kind", PLOTS)
@pytest.mark.parametrize("width", [340, 760])
def test_a_plot_is_a_file_of_its_own(board, kind, width):
    drawing = PLOTS[kind](board.entries, width=width)
    svg = standalone(drawing, "Suite made 1.")
    ElementTree.fromstring(svg)
    assert "<script" not in svg.replace(clean("<script"), "")
    assert "\x1b" not in svg
    assert "\u202e" not in svg
    picture = to_png(svg)
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20]) == pytest.approx(2 * (drawing.width + 32), abs=2)
    assert to_png(svg) == picture
    assert drawing.says
    # Nothing in it may be fetched.
    assert not re.search(r"(href|src)=|url\(|@import", svg)


@pytest.mark.parametrize("kind", PLOTS)
def test_reference_agents_are_drawn_only_where_there_are_no_others(board, kind):
    assert "oracle" not in PLOTS[kind](board.entries).body
    alone = [entry for entry in board.entries if entry.agent == "oracle"]
    if kind in ("horizon", "gap"):
        with pytest.raises(NothingToPlot, match=r"both a release date|of each country"):
            PLOTS[kind](alone)
    else:
        assert "oracle" in PLOTS[kind](alone).body


def test_what_is_left_out_is_told(board):
    assert "1 of 6 entries are left out" in PLOTS["horizon"](board.entries).note
    entries = [entry.model_copy(update={"cost_usd": None}) for entry in board.entries]
    with pytest.raises(NothingToPlot, match="known cost"):
        PLOTS["pareto"](entries)
    assert "1 of 6" in PLOTS["pareto"]([*board.entries[:6], entries[6]]).note


def test_a_release_date_that_is_none_is_named(board):
    entry = board.entries[1].model_copy(update={"released": "soon"})
    with pytest.raises(InputError, match="released: 'soon' is not YYYY-MM-DD"):
        PLOTS["horizon"]([entry])


def _dated(board: Leaderboard, day: str, minutes: float | None, *flags: str, spread: float = 2):
    entry = next(entry for entry in board.entries if entry.horizon)
    low, high = (minutes / spread, minutes * spread) if minutes else (960.0, None)
    p50 = Length(minutes=minutes, low=low, high=high, flags=flags)
    horizon = Horizon.model_validate({**entry.horizon.model_dump(), "p50": p50, "p80": p50})
    return entry.model_copy(update={"model": f"m:{day}", "released": day, "horizon": horizon})


def test_the_trend_finds_the_planted_doubling(board):
    days = [
        date(2024, 1, 1 + i % 2).replace(month=1 + 2 * (i % 6), year=2024 + i // 6)
        for i in range(12)
    ]
    entries = [
        _dated(board, day.isoformat(), 8 * 2 ** ((day - days[0]).days / 120), spread=1.5)
        for day in days
    ]
    found = growth(entries)
    assert found.trend.doubling_days == pytest.approx(120, rel=1e-3)
    assert found.trend.low < 120 < found.trend.high
    low, high = found.band(date(2027, 1, 1))
    assert low < found.minutes(date(2027, 1, 1)) < high
    assert PLOTS["horizon"](entries).note.count("doubles in 120 [") == 1


def test_a_flagged_horizon_is_not_in_the_trend_and_yet_was_the_best(board):
    first, second = _dated(board, "2024-01-01", 8), _dated(board, "2025-01-01", 64)
    flagged = _dated(board, "2024-06-01", 500, "extrapolated")
    above = _dated(board, "2024-06-01", None, "above_longest")
    assert [p.released for p in growth([first, second]).trend.points] == [
        "2024-01-01",
        "2025-01-01",
    ]
    for better in (flagged, above):
        assert growth([first, better, second]) is None
        assert "hollow" in PLOTS["horizon"]([first, better, second]).body


def test_the_front_holds_what_nobody_betters():
    points = [(1, 0.5), (2, 0.4), (2, 0.7), (3, 0.7), (0, 0.1), (9, 0.71)]
    assert pareto_front(points) == [4, 0, 2, 5]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1))
def test_every_point_is_on_the_front_or_bettered(points):
    front = {points[i] for i in pareto_front(points)}
    for cost, rate in points:
        assert any(c <= cost and r >= rate for c, r in front)
        if (cost, rate) in front:
            assert not any(c <= cost and r >= rate and (c, r) != (cost, rate) for c, r in points)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=20))
def test_no_label_hides_another(points):
    found = placed([Wanted(x, y, "a label") for x, y in points], (0, 0, 300, 300))
    wide = text_width("a label")
    spots = re.findall(r'x="(\S+)" y="(\S+)" class="label halo" text-anchor="(\w+)"', found)
    shift = {"start": 0, "end": -wide, "middle": -wide / 2}
    lefts = [(float(x) + shift[anchor], float(y)) for x, y, anchor in spots]
    for i, (x, y) in enumerate(lefts):
        assert -0.1 <= x <= 300.1 - wide
        assert all(abs(x - a) > wide - 0.2 or abs(y - b) > 12 for a, b in lefts[:i])


@given(st.text(max_size=60), st.floats(20, 200))
def test_a_shortened_name_fits(name, room):
    assert text_width(shortened(name, room)) <= max(room, text_width("…"))


def test_names_tell_entries_apart(board):
    entry: Entry = board.entries[1].model_copy(update={"agent": "worker", "model": "a:m"})
    other = entry.model_copy(update={"agent": "codex"})
    third = other.model_copy(update={"options": {"effort": '"high"'}})
    assert short_names([entry]) == ["m"]
    assert short_names([entry, other]) == ["worker · m", "codex · m"]
    assert len(set(short_names([entry, other, third]))) == 3
    assert "effort=high" in short_names([entry, other, third])[2]


def test_lengths_and_prices_read_well():
    assert [span(m) for m in (0.25, 1, 4.2, 59.9, 90, 2400)] == [
        "15 s",
        "1 min",
        "4.2 min",
        "1 h",
        "1.5 h",
        "40 h",
    ]
    assert [dollars(c) for c in (0, 0.004, 0.35, 12.4, 1234)] == [
        "$0",
        "$0.004",
        "$0.35",
        "$12",
        "$1,234",
    ]


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    """As WCAG 2.1 defines it."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", PALETTE)
def test_colours_can_be_read(theme):
    palette = PALETTE[theme]
    for name in ("ink", "soft", "first", "second", "third", "other", "good", "bad"):
        assert _contrast(palette[name], palette["paper"]) >= 4.5, name
    for cell, ink in zip(HEAT[theme], HEAT_TEXT[theme], strict=True):
        assert _contrast(cell, ink) >= 4.5


def test_the_gap_is_the_one_that_offsite_gap_tells(board):
    def made(country: str, day: str, share: float) -> Entry:
        rate = Rate(value=share, low=share - 0.01, high=share + 0.01, se=0.02, n=96, clusters=24)
        changed = {"model": f"m:{country}{day}", "released": day, "country": country}
        return board.entries[1].model_copy(update={**changed, "delegable": rate})

    us = [
        made("US", "2024-01-01", 0.3),
        made("US", "2024-07-01", 0.5),
        made("US", "2025-06-01", 0.4),
    ]
    cn = [made("CN", "2024-06-01", 0.2), made("CN", "2025-03-01", 0.45)]
    drawing = PLOTS["gap"]([*us, *cn])
    # CN's 45 % stood first on 2024-07-01; the last release is of 2025-06-01.
    days = (date(2025, 6, 1) - date(2024, 7, 1)).days
    assert drawing.says.startswith(f"CN is {days} [")
    assert drawing.says.endswith("days behind US on 2025-06-01.")
    assert f">{days} days<" in drawing.body
    assert drawing.body.count("hollow") == 1
    with pytest.raises(NothingToPlot, match="CN has 1"):
        PLOTS["gap"]([*us, cn[0]])
