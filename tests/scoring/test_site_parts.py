"""What the site says of entries, and what it makes of trajectories that are not as they should be."""

from __future__ import annotations

import hashlib
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_run import leave_trajectory, make_run
from offsite.records.agent_spec import AgentSpec
from offsite.records.leaderboard import Entry, Leaderboard, Rate
from offsite.records.run import LimitOverrides
from offsite.scoring.leaderboard import build_leaderboard
from offsite.scoring.site import write_site
from offsite.scoring.site.names import entry_page, trial_page
from offsite.scoring.site.transcript import LONGEST, cut, screen, transcript
from offsite.scoring.site.views import doubts, numbers, rank_ranges, rows


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    skills = [(AgentSpec(name="worker", model="openai:gpt-5-pro"), 30.0, 0.1)]
    return make_run(tmp_path_factory.mktemp("runs") / "r1", skills, families=("legal",), seeds=1)


@pytest.fixture(scope="module")
def entry(store) -> Entry:
    return build_leaderboard([store]).entries[0]


def _rated(entry: Entry, low: float, high: float, agent: str = "worker") -> Entry:
    rate = Rate(value=(low + high) / 2, low=low, high=high, se=0.1, n=10, clusters=5)
    return entry.model_copy(update={"agent": agent, "delegable": rate})


def test_ranks_are_as_far_apart_as_intervals(entry):
    best, middle, last = (0.8, 0.9), (0.5, 0.85), (0.1, 0.4)
    made = [_rated(entry, *each) for each in (best, middle, last)]
    made.append(_rated(entry, 0.99, 1, agent="oracle"))
    assert rank_ranges(made) == [(1, 2), (1, 2), (3, 3), None]
    assert [row.rank.text for row in rows(made)] == ["1–2", "1–2", "3", "–"]
    nothing = entry.model_copy(update={"delegable": None})
    assert rank_ranges([nothing, made[0]]) == [None, (1, 1)]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted), min_size=1, max_size=12))
def test_every_rank_can_be_somebodys(pairs):
    base = Entry.model_construct(agent="worker")
    made = [
        base.model_copy(
            update={"delegable": Rate(value=low, low=low, high=high, se=0, n=1, clusters=1)}
        )
        for low, high in pairs
    ]
    ranges = rank_ranges(made)
    assert all(1 <= low <= high <= len(pairs) for low, high in ranges)
    for rank in range(1, len(pairs) + 1):
        assert any(low <= rank <= high for low, high in ranges)


def test_every_rate_has_its_interval_and_n(entry):
    found = {name: rest for name, *rest in numbers(entry)}
    assert len(found) >= 12
    for name, (value, n, tasks) in found.items():
        assert "[" in value or name.startswith("RMS"), name
        assert int(n) > 0
        assert int(tasks) > 0
    assert found["delegable"][1:] == ["6", "3"]


def test_what_makes_an_entry_hard_to_compare_is_told(entry):
    assert doubts(entry) == []
    odd = entry.model_copy(
        update={
            "whole_suite": False,
            "missing": 2,
            "errors": 1,
            "limits": LimitOverrides(steps=9),
            "graded_with": {"f/a": ("x",)},
        }
    )
    told = "; ".join(doubts(odd))
    for words in (
        "only 3 tasks",
        "6 trials 2 missing",
        "1 trial without",
        "steps 9",
        "1 task graded",
    ):
        assert words in told


def test_pages_are_named_by_what_they_are(entry):
    other = entry.model_copy(update={"runs": {"r2": "0"}})
    assert entry_page(entry) != entry_page(other)
    assert trial_page("r1", "a/b") != trial_page("r1", "a-b")
    assert entry_page(entry.model_copy(update={"agent": "../../é" * 99})).isascii()


def test_a_damaged_trajectory_is_shown_up_to_there(store):
    folder = store.folder / "trials" / store.run().trials[0].id
    assert transcript(folder).problem == "there is no trajectory in the run's folder"
    leave_trajectory(store, folder.name)
    path = folder / "trajectory.jsonl"
    whole = transcript(folder)
    assert (len(whole.events), whole.problem) == (13, "")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:4], "{}", *lines[4:]]))
    found = transcript(folder)
    assert len(found.events) == 4
    assert found.problem.startswith("not an event")
    path.write_text("\n".join(lines)[:-9])
    assert len(transcript(folder).events) == 12


def test_a_trajectory_that_was_changed_is_not_shown(store):
    folder = store.folder / "trials" / store.run().trials[2].id
    leave_trajectory(store, folder.name)
    kept = hashlib.sha256((folder / "trajectory.jsonl").read_bytes()).hexdigest()
    assert len(transcript(folder, kept).events) == 13
    with (folder / "trajectory.jsonl").open("a") as file:
        file.write("\n")
    found = transcript(folder, kept)
    assert (found.events, found.problem[:30]) == ([], "the trajectory is not the one ")


def test_no_screen_but_the_one_that_is_named(store, tmp_path):
    folder = store.folder / "trials" / store.run().trials[1].id
    digest = leave_trajectory(store, folder.name)
    assert screen(folder, digest).startswith(b"\xff\xd8")
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    for name in ("../trajectory", "../../../secret", "", digest + "/x", "0" * 64):
        assert screen(folder, name) is None
    os.symlink(secret, folder / "screens" / f"{'a' * 64}.jpg")
    assert screen(folder, "a" * 64) is None


def test_long_texts_are_cut_and_say_so():
    assert cut("x" * LONGEST) == "x" * LONGEST
    assert cut("x" * (LONGEST + 1234)).endswith("… 1,234 characters more")


def test_what_stands_in_a_leaderboard_of_strangers_is_borne(entry):
    """Keys and options that Offsite would not have written."""
    odd = entry.model_copy(
        update={
            "pass_hat": {"²": entry.delegable, "many": entry.delegable},
            "options": {"a": "{not json", "b": json.dumps({"x": [1]})},
        }
    )
    assert rows([odd])[0].detail == "worker, a={not json, b={'x': [1]}"
    assert numbers(odd)


def test_an_entry_without_a_verdict_has_its_page(entry, tmp_path):
    none = {
        "delegable": None,
        "partial": None,
        "false_done": None,
        "horizon": None,
        "calibration": None,
    }
    empty = {
        "pass_hat": {},
        "pass_at": {},
        "families": (),
        "planned": 0,
        "missing": 0,
        "cost_usd": None,
    }
    bare = entry.model_copy(update=none | empty)
    board = Leaderboard(entries=(bare,))
    write_site(board, b"", tmp_path / "site")
    page = (tmp_path / "site" / "index.html").read_text()
    assert page.count("Nothing to show: no entry") == 4
