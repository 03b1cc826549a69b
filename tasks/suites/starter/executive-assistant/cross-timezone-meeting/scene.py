"""Four calendars in which each slot but one is taken, and what only one mistake would overlook."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

# Mondays of weeks in which the clocks of only one side of the Atlantic have been changed.
WEEKS = ("2026-03-09", "2026-03-16", "2026-03-23", "2026-10-26", "2027-03-15", "2027-03-22")
NEW_YORK, CHICAGO, LONDON = "America/New_York", "America/Chicago", "Europe/London"
# Hours from UTC in all of these weeks: summer time in America, winter time in Europe.
HOURS = {NEW_YORK: -4, CHICAGO: -5, LONDON: 0}
DAYS = ("MO", "TU", "WE", "TH", "FR")
HOUR = timedelta(hours=1)
DOMAIN = "northgate-labs.example"
CAST: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("people.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Person:
    """Somebody in the directory; `hours` are Monday to Thursday, Friday, as `HH:MM-HH:MM`."""

    name: str
    team: str
    city: str
    zone: str
    hours: tuple[str, ...]
    room: str

    @property
    def email(self) -> str:
        plain = self.name.lower().translate(str.maketrans("éáíñúóö", "eainuoo"))
        return f"{plain.replace(' ', '.')}@{DOMAIN}"


@dataclass
class Event:
    """An entry of a calendar; `start` is local to `zone`, the clock that its owner used."""

    title: str
    start: datetime
    minutes: int
    zone: str
    rule: str = ""
    exdates: list[datetime] = field(default_factory=list[datetime])
    override: tuple[datetime, datetime | None] | None = None
    status: str = "CONFIRMED"
    free: bool = False


class Scene:
    """The four calendars and the truth of one instance while they are made."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = rng = random.Random(f"executive-assistant/cross-timezone-meeting:{seed}")
        self.monday = date.fromisoformat(WEEKS[(seed + rng.randrange(2)) % len(WEEKS)])
        city, (zone, *near) = rng.choice(sorted(CAST["continent"].items()))
        self.offsets = {**HOURS, zone: 1}
        far, britons = rng.sample(CAST["americans"], 2), rng.sample(CAST["britons"], 2)
        rooms = [f"https://meet.{DOMAIN}/{rng.randrange(10**8, 10**9)}" for _ in range(8)]
        day, long, early = (
            ("09:00-17:00",) * 2,
            ("09:00-17:30", "09:00-17:00"),
            ("08:30-16:30",) * 2,
        )
        short = ("08:30-17:30", "08:30-16:00")
        self.host = Person(far[0], "Product", "New York", NEW_YORK, day, rooms[0])
        self.briton = Person(britons[0], "Marketing", "London", LONDON, long, rooms[1])
        self.local = Person(near[0], "Engineering", city, zone, short, rooms[2])
        self.traveller = Person(far[1], "Sales", "Chicago", CHICAGO, early, rooms[3])
        twin = f"{britons[0].split()[0]} {rng.choice(CAST['namesakes'])}"
        self.people = [self.host, self.briton, self.local, self.traveller]
        self.europeans = [self.briton, self.local]
        self.others = [
            Person(twin, "Finance", "London", LONDON, long, rooms[4]),
            Person(britons[1], "Legal", "London", LONDON, day, rooms[5]),
            Person(near[1], "Engineering", city, zone, short, rooms[6]),
            Person(near[2], "Support", city, zone, early, rooms[7]),
        ]
        self.assistant = rng.choice(("Robin", "Kim", "Alex", "Sam"))
        self.calendars: dict[str, list[Event]] = {p.name: [] for p in self.people}
        self.exporter = rng.choice(self.europeans)
        self.stale: list[Event] = []
        self.busy: list[dict[str, str]] = []
        self.focus_day = rng.choice((0, 1))
        self.landing = self.at(2, 9, rng.choice((40, 45, 50, 55)))
        self.buffer = 4
        self.slots: dict[str, datetime] = {}

    def at(self, day: int, hour: int, minute: int = 0) -> datetime:
        """A moment of the week in UTC."""
        return datetime.combine(self.monday + timedelta(day), time(hour, minute))

    def away(self, who: Person, moment: datetime) -> bool:
        """Whether this is the traveller, in London."""
        return who is self.traveller and moment >= self.at(2, 0)

    def wall(self, moment: datetime, who: Person) -> datetime:
        """A moment on the clock on the wall where somebody is."""
        zone = LONDON if self.away(who, moment) else who.zone
        return moment + self.offsets[zone] * HOUR

    def takes(self, who: Person, start: datetime, minutes: int, what: str) -> None:
        """Note in the truth that somebody is busy."""
        end = start + timedelta(minutes=minutes)
        self.busy.append({"who": who.name, "what": what, "start": iso(start), "end": iso(end)})

    def single(self, who: Person, start: datetime, title: str, minutes: int = 60) -> Event:
        """A single entry; not noted as busy."""
        zone = LONDON if self.away(who, start) else who.zone
        event = Event(title, self.wall(start, who), minutes, zone)
        self.calendars[who.name].append(event)
        return event

    def weekly(self, who: Person, start: datetime, title: str, minutes: int = 60) -> Event:
        """A series with an occurrence at this moment of the week; not noted as busy."""
        event = self.single(who, start, title, minutes)
        every = self.rng.choice((1, 1, 2))
        event.start -= timedelta(weeks=every * self.rng.randrange(2, 5))
        event.rule = f"FREQ=WEEKLY;INTERVAL={every};BYDAY={DAYS[start.weekday()]}"
        return event

    def title(self) -> str:
        """A title like all others: no trap can be told by it."""
        return self.rng.choice(CAST["appointments"])

    def near_right(self) -> tuple[datetime, int]:
        """Start and minutes of what overlaps the right slot and begins at another time."""
        shift, minutes = self.rng.choice(((-60, 90), (-30, 60), (-30, 120), (30, 60), (30, 90)))
        return self.slots["right"] + timedelta(minutes=shift), minutes

    def plain(self, who: Person, start: datetime, minutes: int) -> None:
        """An ordinary appointment, alone or of a series."""
        title = self.title()
        series = self.rng.random() < 0.5 and not self.away(who, start)
        (self.weekly if series else self.single)(who, start, title, minutes)
        self.takes(who, start, minutes, title)


def iso(moment: datetime) -> str:
    """A moment as the truth has it."""
    return f"{moment:%Y-%m-%dT%H:%M}Z"


def place(scene: Scene) -> None:
    """Choose where each trap, the right slot and the spare one lie."""
    rng, at, day = scene.rng, scene.at, 1 - scene.focus_day
    late = [at(day, 14, 30), at(day, 15, 30), at(2, 14, 30), at(2, 15, 30)]
    # An hour later than the first window, so that it is within the hours with wrong clocks too.
    shift = late.pop(rng.randrange(len(late)))
    rest = [at(day, 13, 30), *late]
    rng.shuffle(rest)
    names = ("stale", "moved", "tentative", "mail")
    scene.slots = {
        "shift": shift,
        **dict(zip(names, rest, strict=True)),
        "focus": at(scene.focus_day, rng.choice((13, 14)), 30),
        "flight": at(2, 13),
        "right": rng.choice((at(3, 13), at(3, 13, 30), at(3, 14), at(3, 14, 30), at(4, 13))),
        "spare": at(4, 14),
    }


def fill(scene: Scene) -> None:
    """Ordinary appointments in every common half-hour that no slot lies in, and around them."""
    rng, people = scene.rng, scene.people
    taken = {start + part for start in scene.slots.values() for part in (timedelta(0), HOUR / 2)}
    for day in range(5):
        # In focus time, and where the shifted slot may lie, only Europeans have meetings.
        owners = scene.europeans if day in (scene.focus_day, 2) else people
        moment = scene.at(day, 13)
        while moment < (scene.at(day, 15) if day == 4 else scene.at(day, 16, 30)):
            if moment not in taken:
                scene.plain(rng.choice(owners), moment, 30)
            moment += HOUR / 2
        for who in people:
            if who is scene.host or (who is scene.traveller and day < 2):
                hours = (17, 18, 19, 20)
            else:
                hours = (11, 12) if day in (scene.focus_day, 2) else (9, 10, 11)
            for hour in rng.sample(hours, 2):
                start = scene.at(day, hour, rng.choice((0, 15, 30)))
                scene.plain(who, start, rng.choice((25, 30)))


def set_traps(scene: Scene) -> None:
    """What blocks the slots before the right one, and what only seems to block the right one."""
    rng, slots = scene.rng, scene.slots
    council = scene.weekly(scene.host, slots["shift"], scene.title())
    scene.takes(scene.host, slots["shift"], 60, council.title)

    who = rng.choice(scene.europeans)
    home = scene.at(rng.choice((1 - scene.focus_day, 3)), 8, 30)
    moved = scene.weekly(who, home, scene.title())
    moved.override = (scene.wall(home, who), scene.wall(slots["moved"], who))
    scene.takes(who, slots["moved"], 60, f"{moved.title} (moved)")

    who = rng.choice(scene.europeans)
    hold = scene.single(who, slots["tentative"], f"HOLD: {scene.title()}")
    hold.status = "TENTATIVE"
    scene.takes(who, slots["tentative"], 60, f"{hold.title} (tentative)")

    who, other = rng.sample(scene.europeans, 2)
    start, minutes = scene.near_right()
    dropped = scene.weekly(who, start, scene.title(), minutes)
    if rng.random() < 0.5:
        dropped.exdates.append(scene.wall(start, who))
    else:
        dropped.override = (scene.wall(start, who), None)
    start, minutes = scene.near_right()
    scene.single(other, start, scene.title(), minutes).free = True
    start, minutes = scene.near_right()
    ended = scene.weekly(scene.host, start, scene.title(), minutes)
    ended.rule += f";UNTIL={scene.monday - timedelta(days=4):%Y%m%d}T235900Z"
    flight = scene.landing - timedelta(hours=7, minutes=45)
    scene.single(scene.traveller, flight, "Flight to London", 465).zone = LONDON

    scene.stale = [*scene.calendars[scene.exporter.name]]
    fresh = scene.single(scene.exporter, slots["stale"], scene.title())
    scene.takes(scene.exporter, slots["stale"], 60, fresh.title)
    start, minutes = scene.near_right()
    wall = scene.wall(start, scene.exporter)
    scene.stale.append(Event(fresh.title, wall, minutes, fresh.zone))
