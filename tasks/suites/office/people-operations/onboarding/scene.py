"""Who starts when, and what the checklist, the policy and the people make of it."""

from __future__ import annotations

import random
from datetime import date, timedelta

TODAY = date(2025, 6, 5)
TEAMS = ("sales", "finance", "logistics", "purchasing", "marketing")
GRADES = ("analyst", "senior analyst", "assistant", "planner")
STAFF = (
    "Anna Brandt", "Bjorn Dahl", "Carla Nunes", "Dirk Hansen", "Esra Polat", "Filip Novak", "Greta Lind",
    "Henk Visser", "Irene Costa", "Jonas Weber", "Karim Haddad", "Lucia Ferri", "Marek Zielinski",
    "Nora Eklund", "Oscar Blanc", "Paula Reyes",
)  # fmt: skip
NEWCOMERS = (
    "Selma Aydin", "Tom Becker", "Ruth Adler", "Quentin Moss", "Stine Holm", "Ravi Menon", "Tessa Quinn",
    "Samir Khoury", "Thea Lange", "Ugo Prandi",
)  # fmt: skip
LAPTOPS = ("Lark 14", "Lark 16", "Heron 13", "Heron 15", "Kite 14")
ROOMS = ("Elm", "Birch", "Rowan", "Maple", "Workshop", "Aspen")
DRIVES = (
    "Sales",
    "Finance",
    "Logistics",
    "Purchasing",
    "Marketing",
    "Projects",
    "Reports",
    "Contracts",
)
PLACES = ("4 Harbour Street", "12 Mill Lane", "7 Station Road")
SLOTS = ("10:30", "11:00", "11:15")


class Scene:
    """One new colleague and everybody who has to do with it."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(f"people-operations/onboarding:{seed}")
        self.staff = rng.sample(STAFF, 10)
        names = (
            "head",
            "manager",
            "buddy",
            "default_buddy",
            "old_buddy",
            "it",
            "safety",
            "old_safety",
        )
        self.who: dict[str, str] = dict(zip(names, self.staff, strict=False))
        self.hire, *self.other_hires = rng.sample(NEWCOMERS, 4)
        self.team, *self.other_teams = rng.sample(TEAMS, len(TEAMS))
        self.roles = [f"{self.team.capitalize()} {grade}" for grade in rng.sample(GRADES, 3)]
        self.role = self.roles[0]
        self.rights = self._rights()
        self.first = date(2025, 6, rng.choice((16, 17, 18, 23, 24)))
        self.hour, self.wished, self.told = (
            "09:30",
            "08:00",
            rng.choice(("08:30", "08:45", "09:00")),
        )
        self.model, self.default_model = rng.sample(LAPTOPS, 2)
        self.rooms = rng.sample(ROOMS, 3)
        self.brief, self.brief_minutes = rng.choice(SLOTS), rng.choice((45, 60))
        self.review = rng.choice(("14:00", "15:00", "15:30"))
        self.laptop_days, self.account_days = rng.choice((4, 5)), rng.choice((2, 3))
        self.ticket = rng.randrange(410, 480)
        self.place = rng.choice(PLACES)

    def login(self, name: str) -> str:
        """A person's login, which is the first name."""
        return name.split(maxsplit=1)[0].lower()

    def before(self, days: int) -> date:
        """So many working days before the first day."""
        day = self.first
        while days:
            day -= timedelta(days=1)
            days -= day.weekday() < 5
        return day

    @property
    def friday(self) -> date:
        """The Friday of the first week."""
        return self.first + timedelta(days=4 - self.first.weekday())

    @property
    def private(self) -> str:
        """The new colleague's private address."""
        return f"{self.hire.lower().replace(' ', '.')}@home.example"

    def appointments(self) -> list[dict[str, object]]:
        """What must stand in the calendar."""
        rows = (
            ("Welcome", self.first, self.told, 30, ("manager", "head"), self.rooms[0]),
            ("Safety briefing", self.first, self.brief, self.brief_minutes, ("safety",), self.rooms[1]),
            ("Lunch with the buddy", self.first, "12:30", 60, ("buddy",), "Canteen"),
            ("First week review", self.friday, self.review, 30, ("manager",), self.rooms[2]),
        )  # fmt: skip
        return [
            {
                "title": title,
                "start": f"{day} {hour}",
                "minutes": minutes,
                "with": [self.login(self.hire), *(self.login(self.who[one]) for one in people)],
                "place": place,
            }
            for title, day, hour, minutes, people, place in rows
        ]

    def _rights(self) -> dict[str, list[tuple[str, str]]]:
        rng, found = self.rng, dict[str, list[tuple[str, str]]]()
        own = self.team.capitalize()
        for role in self.roles:
            others = rng.sample([one for one in DRIVES if one != own], 2)
            found[role] = [
                ("mail", "mailbox"),
                ("tracker", f"project {self.team}"),
                ("drive", f"{own} {rng.choice(('read', 'read and write'))}"),
                *(("drive", f"{one} {rng.choice(('read', 'read and write'))}") for one in others),
            ]
        return found
