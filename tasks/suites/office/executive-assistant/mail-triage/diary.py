"""The director's week: what stands in the diary, and the times that people propose."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MONDAY = datetime(2025, 6, 9)
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Slot:
    """A time of the diary; `title` of what stands there."""

    start: datetime
    end: datetime
    title: str = ""

    def meets(self, other: Slot) -> bool:
        """Whether both have some time in common."""
        return self.start < other.end and other.start < self.end


@dataclass
class Diary:
    """Appointments from Tuesday to Friday; the day of the journey is empty until the change.

    Attributes:
        weekly: the appointment that recurs; its series began in January.
        rivals: two requests that overlap, the one that comes first in front.
    """

    rng: random.Random
    entries: list[Slot] = field(default_factory=list[Slot])
    rivals: tuple[Slot, ...] = ()

    def __post_init__(self) -> None:
        days = [1, 2, 3, 4]
        self.away: int = self.rng.choice(days[1:])
        days.remove(self.away)
        self.rng.shuffle(days)
        self.days = days
        self.weekly = slot(days[0], "10:00", 60, "Management round")
        titles = ["Budget talk", "Supervisory board, preparation", "Site inspection"]
        self.rng.shuffle(titles)
        # Each begins and ends where something before and behind it still has room.
        starts = ["14:00", self.rng.choice(("14:00", "14:30")), self.rng.choice(("10:00", "10:30"))]
        lengths = [self.rng.choice((60, 90)), 60, 60]
        for day, start, minutes, title in zip(days, starts, lengths, titles, strict=True):
            self.entries.append(slot(day, start, minutes, title))
        self.entries.append(slot(0, "09:30", 45, "Call with the bank"))

    @property
    def journey(self) -> Slot:
        """The whole day away."""
        return slot(self.away, "08:00", 600)

    def requests(self) -> list[tuple[Slot, bool, bool]]:
        """Proposed times, whether each gets its place, and whether that hangs on the change."""
        one, two, three = self.days
        first, second, third = self.entries[:3]
        pick = self.rng.choice
        touching = Slot(second.end, second.end + pick((2, 3, 4)) * QUARTER)
        before = slot(one, pick(("13:00", "13:15")), 45)
        free = slot(three, pick(("14:00", "14:30", "15:00")), pick((30, 45, 60)))
        late = slot(two, "16:30", 60)
        lunch = slot(pick((two, three)), *pick((("11:30", 60), ("12:30", 45), ("12:15", 30))))
        clash = Slot(third.end - QUARTER, third.end + 2 * QUARTER)
        inside = Slot(first.start + QUARTER, first.start + 3 * QUARTER)
        weekly = slot(one, pick(("10:30", "09:30")), 60)
        wanted = slot(two, pick(("09:00", "09:30")), 60)
        self.rivals = (wanted, Slot(wanted.start + 2 * QUARTER, wanted.end + 2 * QUARTER))
        gone = (slot(self.away, pick(("09:00", "10:00")), 60), slot(self.away, "15:00", 45))
        found = [(one, True, False) for one in (touching, before, free, self.rivals[0])]
        found += [(one, False, False) for one in (late, lunch, clash, inside, weekly)]
        found += [(self.rivals[1], False, False), *((one, False, True) for one in gone)]
        self.rng.shuffle(found)
        return found


def slot(day: int, start: str, minutes: int, title: str = "") -> Slot:
    """So many days after Monday."""
    hours, rest = map(int, start.split(":"))
    begin = MONDAY + timedelta(days=day, hours=hours, minutes=rest)
    return Slot(begin, begin + timedelta(minutes=minutes), title)
