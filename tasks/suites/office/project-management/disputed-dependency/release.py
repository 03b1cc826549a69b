"""The release of one instance: two projects, their tickets, and what the planning rules make of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

TODAY = date(2025, 6, 3)
SIDES = (
    ("billing", "Billing", "Tariffs with yearly prices",
     ("Invoices with the new tariffs", "Dunning run with the new tariffs", "Reminder letters", "Price archive")),
    ("portal", "Customer portal", "Customers change their contract online",
     ("Change of contract on phones", "Help texts for the change", "Mail after the change", "Old form taken down")),
    ("warehouse", "Warehouse", "Stock figures by the hour",
     ("Stock figures for the shop", "Alarm for low stock", "Monthly stock report", "Scanner texts")),
    ("dispatch", "Dispatch", "Routes planned from live data",
     ("Driver's list from the new routes", "Delivery slots for customers", "Fuel report", "Old map removed")),
    ("returns", "Returns", "Returns booked at the counter",
     ("Label printing for returns", "Refund file for Finance", "Returns statistics", "Paper form withdrawn")),
    ("suppliers", "Suppliers", "Supplier numbers of the new kind",
     ("Order form with the new numbers", "Supplier letters", "Supplier rating", "Old list archived")),
)  # fmt: skip
PEOPLE = (
    ("anna", "Anna Brandt"), ("bjorn", "Bjorn Dahl"), ("carla", "Carla Nunes"), ("dirk", "Dirk Hansen"),
    ("esra", "Esra Polat"), ("filip", "Filip Novak"), ("greta", "Greta Lind"), ("henk", "Henk Visser"),
    ("irene", "Irene Costa"), ("jonas", "Jonas Weber"), ("karim", "Karim Haddad"), ("lucia", "Lucia Ferri"),
    ("marek", "Marek Zielinski"), ("nora", "Nora Eklund"), ("oscar", "Oscar Blanc"), ("paula", "Paula Reyes"),
)  # fmt: skip
BUYERS = ("Norvik", "Castellan", "Brightwater", "Ostrava Holding", "Merrow")


@dataclass
class Ticket:
    """A ticket of the release; `effort` in working days."""

    subject: str
    side: int
    effort: int
    due: date
    number: int = 0
    status: str = "New"
    priority: str = "Normal"
    blocks: list[Ticket] = field(default_factory=list["Ticket"])


class Release:
    """What the tracker holds at the start, and what it must hold at the end."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(f"project-management/disputed-dependency:{seed}")
        self.number = rng.randrange(4, 9)
        self.sides = rng.sample(SIDES, 2)
        self.people = rng.sample(PEOPLE, 7)
        self.buyer = rng.choice(BUYERS)
        self.holidays = sorted(
            {date(2025, 6, rng.choice((17, 18, 19))), date(2025, 6, 30), date(2025, 7, 14)}
        )
        self.tickets: list[Ticket] = []
        self.heads = [self._line(side) for side in (0, 1)]
        rng.shuffle(self.tickets)
        numbers = sorted(rng.sample(range(401, 499), len(self.tickets)))
        for ticket, number in zip(self.tickets, numbers, strict=True):
            ticket.number = number
        self.right = (rng.randrange(2) + seed) % 2
        self.first, self.second = self.heads[self.right], self.heads[1 - self.right]
        # Either nothing is entered, or what one of the leads entered, who is wrong.
        self.entered = rng.random() < 0.6
        self.moved = self._moved()
        days = sorted(set(self.moved.values()))
        self.freeze = rng.choice(days[:2])
        self.urgent = sorted(n for n, due in self.moved.items() if due > self.freeze)

    def later(self, start: date, days: int) -> date:
        """So many working days after a day."""
        while days:
            start += timedelta(days=1)
            days -= start.weekday() < 5 and start not in self.holidays
        return start

    def _line(self, side: int) -> Ticket:
        """A side's ticket, and what waits for it: three in a row, one that has time, one that is closed."""
        rng = self.rng
        _, _, subject, (one, two, three, four) = self.sides[side]
        head = self._ticket(subject, side, date(2025, 6, rng.randrange(10, 14)))
        head.effort = rng.randrange(4, 8)
        after = self._ticket(one, side, self.later(head.due, rng.randrange(2, 4)))
        last = self._ticket(two, side, self.later(after.due, rng.randrange(2, 4)))
        spare = self._ticket(three, side, self.later(head.due, 28 + rng.randrange(6)))
        over = self._ticket(four, side, self.later(head.due, 1))
        over.status = rng.choice(("Closed", "Rejected"))
        head.blocks += [after, spare, over]
        after.blocks.append(last)
        return head

    def _ticket(self, subject: str, side: int, due: date) -> Ticket:
        ticket = Ticket(subject, side, self.rng.randrange(3, 7), due)
        self.tickets.append(ticket)
        return ticket

    def _moved(self) -> dict[int, date]:
        moved: dict[int, date] = {}
        line = [(self.first.due, self.second)]
        while line:
            before, ticket = line.pop()
            due = self.later(before, ticket.effort)
            if ticket.status != "New" or due <= ticket.due:
                continue
            moved[ticket.number] = due
            line += [(due, one) for one in ticket.blocks]
        return moved
