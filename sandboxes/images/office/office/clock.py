"""Office time: it stands still unless something passes it, so that a trial runs the same each time.

Each call of a tool passes one minute, each thing done in the office a few more, and waiting what is
waited. Working hours say when somebody answers.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

CALL = 1
"""Minutes that a call of a tool takes."""

ACTS = {"mail": 3, "chat": 1, "tracker": 2, "forge": 2}
"""Minutes that a mail, a message, a change in the tracker or forge takes."""

LONGEST_WAIT = 24 * 60
"""Minutes that may be waited at once."""

MINUTE = datetime.timedelta(minutes=1)


class OfficeClock:
    """The time in the office, UTC."""

    def __init__(self, start: datetime.datetime) -> None:
        self.start = self.now = start

    def pass_minutes(self, minutes: int) -> None:
        """Let time pass."""
        self.now += minutes * MINUTE

    def moment(self, told: str) -> datetime.datetime:
        """`14:30` on the first day, or `2025-06-03 14:30`.

        Raises:
            ValueError: it is neither.
        """
        day = self.start.date().isoformat()
        return _utc(told if " " in told else f"{day} {told}")

    def next(self, told: str) -> datetime.datetime:
        """`14:30` as somebody says it now: today, or tomorrow where that is over.

        Raises:
            ValueError: it is no time.
        """
        if " " in told:
            return _utc(told)
        moment = _utc(f"{self.now.date().isoformat()} {told}")
        return moment if moment >= self.now else moment + datetime.timedelta(days=1)


def after_working(
    start: datetime.datetime, minutes: int, opens: str, closes: str, days: Sequence[int]
) -> datetime.datetime:
    """So many minutes later, counting only those within working hours (Monday is 0)."""
    if not days or opens >= closes:
        raise ValueError(f"no working hours: {opens} to {closes} on {list(days)}")
    now, left = start, minutes * MINUTE
    while True:
        first, last = (_at(now, told) for told in (opens, closes))
        if now.weekday() in days and now < last:
            now = max(now, first)
            if now + left <= last:
                return now + left
            left -= last - now
        now = _at(now + datetime.timedelta(days=1), "00:00")


def _at(day: datetime.datetime, told: str) -> datetime.datetime:
    hours, minutes = map(int, told.split(":"))
    return day.replace(hour=hours, minute=minutes, second=0, microsecond=0)


def _utc(told: str) -> datetime.datetime:
    return datetime.datetime.strptime(told, "%Y-%m-%d %H:%M").replace(tzinfo=datetime.UTC)
