"""Written leaderboards are joined and compared by what identifies an entry."""

from __future__ import annotations

import pytest
from offsite.records.errors import InputError
from offsite.records.leaderboard import Entry, Leaderboard, Rate
from offsite.records.run import LimitOverrides
from offsite.scoring.leaderboard_files import diff_leaderboards, merge_leaderboards


def rate(value: float) -> Rate:
    return Rate(value=value, low=value - 0.1, high=value + 0.1, se=0.05, n=40, clusters=20)


def entry(agent: str, value: float, run: str = "r1") -> Entry:
    words = {"suite": "s", "suite_version": "1", "suite_digest": "d", "sandbox": "local"}
    counts = {"tasks": 20, "repeats": 1, "planned": 40, "errors": 0, "missing": 0, "tokens": 0}
    empty = {name: {} for name in ("pass_hat", "pass_at", "images", "versions")}
    sums = {"cost_usd": None, "work_seconds": 1, "human_minutes": 1}
    none = {"partial": None, "false_done": None, "honest_block": None, "families": ()}
    return Entry(
        agent=agent,
        whole_suite=True,
        seeds=(0,),
        limits=LimitOverrides(),
        delegable=rate(value),
        runs={run: "0" * 64},
        **{**words, **counts, **empty, **sums, **none},
    )


def board(*entries: Entry) -> Leaderboard:
    return Leaderboard(entries=entries)


def test_merging_keeps_an_entry_once_and_the_best_first_in_any_order():
    low, high = board(entry("a", 0.3)), board(entry("b", 0.6), entry("a", 0.3))
    merged = merge_leaderboards([low, high])
    assert [e.agent for e in merged.entries] == ["b", "a"]
    assert merged == merge_leaderboards([high, low])


def test_merging_refuses_two_accounts_of_one_run():
    with pytest.raises(InputError, match="s a, run r1: the files differ in delegable"):
        merge_leaderboards([board(entry("a", 0.3)), board(entry("a", 0.4))])


@pytest.mark.parametrize(("after", "overlap"), [(0.4, True), (0.8, False)])
def test_a_change_names_the_field_and_whether_intervals_overlap(after, overlap):
    found = diff_leaderboards(
        board(entry("a", 0.3), entry("c", 0.5)), board(entry("a", after), entry("b", 0.5))
    )
    assert (found.added, found.removed, found.same) == (("s b",), ("s c",), 0)
    (change,) = found.changed
    assert [(f.field, f.overlap) for f in change.fields] == [("delegable", overlap)]


def test_several_runs_of_one_agent_are_told_apart():
    old = board(entry("a", 0.3, "r1"), entry("a", 0.5, "r2"))
    found = diff_leaderboards(old, board(entry("a", 0.3, "r1")))
    assert (found.removed, found.same) == (("s a (r2)",), 1)
