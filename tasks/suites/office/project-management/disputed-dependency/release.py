"""The release of one instance: two projects, their tickets, and which comes first."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date

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
    """A ticket of the release, and what waits for it."""

    subject: str
    side: int
    due: date
    number: int = 0
    status: str = "New"
    blocks: list[Ticket] = field(default_factory=list["Ticket"])


class Release:
    """What the tracker holds at the start, and what was decided."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(f"project-management/disputed-dependency:{seed}")
        self.number = rng.randrange(4, 9)
        self.sides = rng.sample(SIDES, 2)
        self.people = rng.sample(PEOPLE, 7)
        self.buyer = rng.choice(BUYERS)
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

    def _line(self, side: int) -> Ticket:
        """A side's ticket, and what waits for it."""
        _, _, subject, others = self.sides[side]
        head = self._ticket(subject, side)
        head.blocks = [self._ticket(other, side) for other in others]
        head.blocks[-1].status = self.rng.choice(("Closed", "Rejected"))
        return head

    def _ticket(self, subject: str, side: int) -> Ticket:
        ticket = Ticket(subject, side, date(2025, 6, self.rng.randrange(10, 28)))
        self.tickets.append(ticket)
        return ticket
