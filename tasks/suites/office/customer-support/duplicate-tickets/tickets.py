"""The queue: who reports what, which tickets are one problem, and what is true of it."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

PRIORITIES = ("Low", "Normal", "High", "Urgent")
MONDAY = datetime(2025, 6, 2, 8, 0)


@dataclass
class Customer:
    """Somebody who reports something."""

    name: str
    address: str
    premium: bool = False


@dataclass
class Problem:
    """What is the matter, and when which firmware mends it: as known today, and as was known once."""

    product: str
    code: str
    line: str
    texts: dict[str, list[str]]
    mended: tuple[str, date]
    stale: tuple[str, date]
    commented: bool = False


@dataclass
class Ticket:
    """A ticket; `firmware` is what stands in it, `mailed` what the customer corrected by mail."""

    customer: Customer
    subject: str
    text: str
    problem: Problem
    firmware: str
    mailed: str = ""
    status: str = "New"
    priority: str = "Normal"
    group: int = -1
    survives: bool = False
    number: int = 0
    at: datetime = MONDAY
    comments: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


@dataclass
class Queue:
    """All tickets of Support, in the order in which they came."""

    rng: random.Random
    tickets: list[Ticket] = field(default_factory=list[Ticket])

    def __post_init__(self) -> None:
        path = Path(__file__).with_name("texts.toml")
        self.texts: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        firsts, lasts = self._shuffled("first"), self._shuffled("last")
        names = [f"{one} {other}" for one, other in zip(firsts, lasts, strict=True)]
        names += [f"{o} {t}" for o, t in zip(firsts, lasts[5:] + lasts[:5], strict=True)]
        self.staff = {
            role: names.pop() for role in ("worker", "lead", "intake", "firmware", "devices")
        }
        self.customers = [
            Customer(
                name, f"{name.lower().replace(' ', '.')}@{self.rng.choice(('post', 'box'))}.example"
            )
            for name in names
        ]
        for one in self.rng.sample(self.customers, 9):
            one.premium = True
        self._fresh = list(self.customers)
        self.problems = self._problems()
        for group, make in enumerate(
            (self._in_progress, self._oldest, self._corrected, self._pair)
        ):
            make(group, self.problems[group])
        self._others()
        self._number()

    def _shuffled(self, kind: str) -> list[Any]:
        found = list(self.texts[kind])
        self.rng.shuffle(found)
        return found

    def _problems(self) -> list[Problem]:
        """Five problems, and behind them the twins of the first four: an older line of firmware."""
        found: list[Problem] = []
        codes = self.rng.sample(range(101, 190), 5)
        days = self.rng.sample(range(20, 60), 20)
        for texts, product, code in zip(
            self._shuffled("problem"), self._shuffled("products"), codes, strict=True
        ):
            line = self.rng.choice((3, 4, 5)), self.rng.choice((2, 3, 4))
            here = f"{line[0]}.{line[1]}"
            mended = f"{line[0]}.{line[1] + 1}.{self.rng.randrange(0, 3)}", _day(days.pop())
            stale = f"{here}.{self.rng.randrange(8, 10)}", _day(days.pop() - 18)
            found.append(Problem(product, f"E-{code}", here, texts, mended, stale))
        for one in found[:4]:
            major, minor = one.line.split(".")
            older = f"{major}.{int(minor) - 1}"
            mended = f"{older}.{self.rng.randrange(10, 15)}", _day(days.pop())
            found.append(Problem(one.product, one.code, older, one.texts, mended, mended))
        return found

    def _customer(self, premium: bool) -> Customer:
        found = self.rng.choice([one for one in self._fresh if one.premium == premium])
        self._fresh.remove(found)
        return found

    def _ticket(self, problem: Problem, *, premium: bool = False, **more: Any) -> Ticket:
        used = sum(one.problem.code == problem.code for one in self.tickets) % 4
        ticket = Ticket(
            customer=self._customer(premium),
            subject=problem.texts["subject"][used],
            text=problem.texts["text"][used],
            problem=problem,
            firmware=f"{problem.line}.{self.rng.randrange(1, 7)}",
            **more,
        )
        self.tickets.append(ticket)
        return ticket

    def _in_progress(self, group: int, problem: Problem) -> None:
        """The second oldest is in progress and survives; the engineer has corrected the day."""
        twin = self.problems[group + 5]
        self._ticket(problem, group=group, priority="Urgent")
        survivor = self._ticket(problem, group=group, survives=True, status="In Progress")
        self._ticket(twin)
        self._ticket(problem, group=group, premium=True, priority="High", status="Feedback")
        # Somebody else of the same name has a Premium contract.
        plain = self._ticket(problem, group=group)
        name = plain.customer.name
        address = f"{name.lower().replace(' ', '')}@{self.rng.choice(('mail', 'web'))}.example"
        self.customers.append(Customer(name, address, premium=True))
        problem.commented = True
        survivor.comments += [
            ("firmware", _told(problem.stale)),
            ("firmware", _told(problem.mended)),
        ]

    def _oldest(self, group: int, problem: Problem) -> None:
        """The oldest is closed already; of the open ones the oldest survives. No engineer has spoken."""
        self._ticket(problem, status="Closed")
        self._ticket(problem, group=group, survives=True, priority="Low")
        duplicate = self._ticket(problem, group=group)
        self._ticket(self.problems[group + 5], priority="High")
        self._ticket(problem, group=group)
        wrong = f"{problem.line}.7", _day(self.rng.randrange(3, 9))
        duplicate.comments.append(("intake", f"I told the customer: {_told(wrong)}"))

    def _corrected(self, group: int, problem: Problem) -> None:
        """A ticket seems to be of the older line, and the customer's mail says that it is not."""
        survivor = self._ticket(problem, group=group, survives=True)
        other = self._ticket(problem, group=group, priority="High")
        twin = self.problems[group + 5]
        moved = self._ticket(problem, group=group, premium=True)
        moved.mailed, moved.firmware = moved.firmware, f"{twin.line}.4"
        self._ticket(twin)
        problem.commented = True
        other.comments.append(("devices", _told(problem.stale)))
        survivor.comments.append(("devices", _told(problem.mended)))

    def _pair(self, group: int, problem: Problem) -> None:
        """A third one seems to belong to the pair, and the customer's mail says that it does not."""
        self._ticket(problem, group=group, survives=True)
        twin = self.problems[group + 5]
        away = self._ticket(twin)
        away.mailed, away.firmware = away.firmware, f"{problem.line}.2"
        self._ticket(problem, group=group)

    def _others(self) -> None:
        """What is no duplicate of anything."""
        single = self.problems[4]
        self._ticket(single, status="In Progress")
        texts = list(zip(self.texts["other"]["subject"], self.texts["other"]["text"], strict=True))
        statuses = ["New", "New", "Feedback", "Resolved", "Closed", "New"]
        for (subject, text), status in zip(texts, statuses, strict=True):
            ticket = self._ticket(single, premium=self.rng.random() < 0.3, status=status)
            product = self.rng.choice(self.texts["products"])
            ticket.problem = Problem(product, "none", "", {}, single.mended, single.stale)
            ticket.subject, ticket.text = subject, text

    def _number(self) -> None:
        """Numbers and times: the tickets of a group come in their order, the rest between them."""
        places = list(range(len(self.tickets)))
        order: list[Ticket] = [self.tickets[0]] * len(places)
        self.rng.shuffle(places)
        for code in dict.fromkeys(one.problem.code for one in self.tickets):
            mine = [one for one in self.tickets if one.problem.code == code]
            for place, ticket in zip(sorted(places.pop() for _ in mine), mine, strict=True):
                order[place] = ticket
        numbers = sorted(self.rng.sample(range(101, 199), len(order)))
        for index, (ticket, number) in enumerate(zip(order, numbers, strict=True)):
            ticket.number = number
            ticket.at = MONDAY + timedelta(hours=9 * index, minutes=self.rng.randrange(60))
        self.tickets = order


def _day(after: int) -> date:
    return date(2025, 6, 10) + timedelta(days=after)


def _told(fact: tuple[str, date]) -> str:
    """A fact as somebody at the company writes it."""
    version, day = fact
    return f"Mended in firmware {version}, which is released on {day.day} {day:%B %Y}."
