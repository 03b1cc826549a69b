"""The rules by which colleagues hear and answer, and by which office time passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office.clock import OfficeClock, after_working
from office.colleagues import Heard, Memory, names, replies, spoken
from offsite.records.office import Answer, Colleague

MONDAY = datetime(2025, 6, 2, 9, 0, tzinfo=UTC)
WEEK = (0, 1, 2, 3, 4)


def bea(**more: Any) -> dict[str, Any]:
    """A colleague as the office is given them."""
    answers = (
        Answer(
            topic="callback",
            asked=("call.?back",),
            needs=("northwind|contoso",),
            ask_back="For whom?",
            text="It is theirs.",
            again="As I said.",
        ),
        Answer(topic="budget", asked=("budget",), unless=("last year",), text="9,000"),
        Answer(topic="salary", asked=("salary",), askers=("carl",), refusal="No.", text="100"),
        Answer(topic="chat only", asked=("lunch",), ways=("chat",), text="At noon."),
    )
    return Colleague(who="bea", answers=answers, **more).model_dump(mode="json")


def hear(memory: Memory, text: str, *, way: str = "mail", **more: Any) -> list[tuple[str, str]]:
    """What Bea says to the worker: kinds and texts."""
    said = replies(bea(**more), Heard(way, "1", "worker", ("bea",), text), memory)
    return [(one.kind, one.text) for one in said]


def test_a_vague_question_is_asked_back_until_it_is_clear() -> None:
    memory = Memory()
    assert hear(memory, "Could you do the call back?") == [("asked back", "For whom?")]
    assert hear(memory, "Northwind, please") == [("answered", "It is theirs.")]
    assert hear(memory, "And the callback?") == [("answered", "As I said.")]


def test_what_makes_it_clear_answers_nothing_that_was_not_asked() -> None:
    assert hear(Memory(), "Northwind writes to us") == [("ignored", "")]


def test_all_that_was_asked_is_answered() -> None:
    said = hear(Memory(), "The budget, and the callback for Contoso?")
    assert said == [("answered", "It is theirs."), ("answered", "9,000")]


def test_not_everybody_is_told() -> None:
    assert hear(Memory(), "What is the salary?") == [("refused", "No.")]


def test_an_answer_may_belong_to_one_way() -> None:
    assert hear(Memory(), "Lunch?", unclear="What?") == [("unclear", "What?")]
    assert hear(Memory(), "Lunch?", way="chat") == [("answered", "At noon.")]


def test_what_is_quoted_was_not_asked() -> None:
    mail = "Thanks!\n\nOn Monday 2 June 2025 Bea Ode wrote:\n> Do you need the budget?\n"
    assert hear(Memory(), mail) == [("ignored", "")]
    assert spoken("New\n----- Original Message -----\nOld") == "New"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Bea, please", True),
        ("@bea: please", True),
        ("Ask Bea Ode.", True),
        ("a beautiful day", False),
        ("beam", False),
    ],
)
def test_who_is_named_in_a_room(text: str, named: bool) -> None:
    assert names({"who": "bea"}, "Bea Ode", text) is named


minutes = st.integers(0, 5000)
starts = st.integers(0, 14 * 24 * 60).map(lambda n: MONDAY + timedelta(minutes=n))


@given(starts, minutes)
def test_answers_come_within_working_hours(start: datetime, minutes: int) -> None:
    due = after_working(start, minutes, "09:00", "17:30", WEEK)
    assert due >= start
    assert due.weekday() in WEEK
    assert "09:00" <= f"{due:%H:%M}" <= "17:30"


@given(starts, minutes, minutes)
def test_working_time_adds_up(start: datetime, one: int, other: int) -> None:
    hours = ("09:00", "17:30", WEEK)
    at_once = after_working(start, one + other, *hours)
    in_parts = after_working(after_working(start, one, *hours), other, *hours)
    assert after_working(at_once, 1, *hours) == after_working(in_parts, 1, *hours)


def test_overnight_and_over_the_weekend() -> None:
    friday = datetime(2025, 6, 6, 17, 20, tzinfo=UTC)
    assert after_working(friday, 30, "09:00", "17:30", WEEK) == datetime(
        2025, 6, 9, 9, 20, tzinfo=UTC
    )


def test_times_as_they_are_said() -> None:
    clock = OfficeClock(MONDAY)
    clock.pass_minutes(120)
    assert clock.now.hour == 11
    assert clock.next("14:00") == datetime(2025, 6, 2, 14, tzinfo=UTC)
    assert clock.next("09:00") == datetime(2025, 6, 3, 9, tzinfo=UTC), "tomorrow"
    assert clock.moment("09:30") == datetime(2025, 6, 2, 9, 30, tzinfo=UTC), "on the first day"
    with pytest.raises(ValueError, match="does not match format"):
        clock.next("noon")
