"""What is drawn by lot: who is there, what is asked for, and what the director makes of it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
FIRST = ("Anna", "Bruno", "Clara", "David", "Elena", "Femi", "Greta", "Henrik", "Irena", "Jonas")
LAST = (
    "Adler",
    "Brook",
    "Costa",
    "Dunne",
    "Eriksen",
    "Farrell",
    "Gruber",
    "Hale",
    "Ivers",
    "Janda",
)
FIRMS = ("Hartmann", "Kestrel", "Lindqvist", "Marlowe", "Norwood", "Osprey", "Pellegrin", "Quayle")
GOODS = {
    "DESK160": ("Desk 160 cm", 389),
    "DESK180": ("Desk 180 cm", 429),
    "DESKEL": ("Desk, electric", 715),
    "CHAIR1": ("Task chair", 249),
    "CHAIR2": ("Task chair with headrest", 318),
    "VISIT": ("Visitor chair", 129),
    "CAB2": ("Cabinet, 2 doors", 274),
    "CAB4": ("Cabinet, 4 doors", 446),
    "LAMP": ("Desk lamp", 62),
    "SCREEN": ("Acoustic screen", 187),
    "CONF8": ("Conference table for 8", 1140),
    "SHELF": ("Shelf", 158),
}
KINDS = ("lower", "shorter", "except")


@dataclass(frozen=True)
class Wanted:
    """A line that the customer asks for."""

    code: str
    quantity: int


class Scene:
    """One instance."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(f"sales-operations/quote-approval:{seed}")
        self.kind = KINDS[seed % len(KINDS)]
        self.today = date(2025, 6, 2) + timedelta(days=7 * rng.randrange(3) + rng.randrange(3))
        self.needs_reminder = rng.random() < 0.5
        self._people()
        self.prices = {
            code: Decimal(base + rng.randrange(-20, 30)) + rng.choice((0, Decimal("0.50")))
            for code, (_, base) in GOODS.items()
        }
        self.assembly = Decimal(rng.choice((58, 62, 66)))
        self.delivery = Decimal(rng.choice((90, 110, 130)))
        self.own = rng.choice((3, 4, 5))
        self.limit = self.own + rng.choice((3, 4))
        self.asked = self.limit + rng.choice((4, 5, 6, 7))
        self.hours = rng.randrange(4, 12)
        codes = rng.sample(sorted(GOODS), 4)
        self.request = [Wanted(code, rng.randrange(8, 25)) for code in codes]
        self.except_code = codes[0]
        self.changed = self._changed()
        self.granted = self.asked - rng.choice((2, 3)) if self.kind == "lower" else self.asked
        self.until = self.today + timedelta(days=rng.randrange(9, 15))
        self._free_from()
        self.inquiry = f"RFQ-{rng.randrange(2000, 9000)}"

    def _people(self) -> None:
        firsts, lasts = (self.rng.sample(names, 6) for names in (FIRST, LAST))
        names = [f"{a} {b}" for a, b in zip(firsts, lasts, strict=True)]
        self.boss, self.director, self.lead, self.colleague, self.contact, self.other = names
        self.firms = self.rng.sample(FIRMS, 8)
        self.customer, self.sister = (
            f"{self.firms[0]} Interiors Ltd",
            f"{self.firms[0]} Interiors NI Ltd",
        )
        self.code = f"{self.firms[0][:3].upper()}-1"
        self.domain = f"{self.firms[0].lower()}.example"
        self.address = f"{login(self.contact)}@{self.domain}"

    def _changed(self) -> Wanted:
        """One line in another quantity; the total at list prices grows by less than a tenth."""
        line = min(self.request[1:], key=lambda one: self.prices[one.code] * one.quantity)
        less = self.rng.random() < 0.5
        return Wanted(line.code, line.quantity + (-3 if less else 2))

    def _free_from(self) -> None:
        """Delivery is free from a sum on that makes a difference, and that the total is not near."""
        goods = sum((self.price(one.code) * one.quantity for one in self.final), Decimal(0))
        self.free = int(goods * self.rng.choice((Decimal("0.8"), Decimal("1.3")))) // 500 * 500

    @property
    def final(self) -> list[Wanted]:
        """The goods as the customer wants them last."""
        return [self.changed if one.code == self.changed.code else one for one in self.request]

    def price(self, code: str) -> Decimal:
        """What one of it costs the customer."""
        bare = self.kind == "except" and code == self.except_code
        percent = 0 if bare else self.granted
        return (self.prices[code] * (100 - percent) / 100).quantize(Decimal("0.0001"))

    @property
    def listed(self) -> Decimal:
        """The net total at list prices, as it was asked for first, without delivery."""
        goods = sum((self.prices[one.code] * one.quantity for one in self.request), Decimal(0))
        return goods + self.assembly * self.hours

    @property
    def lines(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Quantity and price of each line that the quote must have."""
        found = {one.code: (Decimal(one.quantity), self.price(one.code)) for one in self.final}
        goods = sum((quantity * price for quantity, price in found.values()), Decimal(0))
        found["ASSEMBLY"] = (Decimal(self.hours), self.assembly)
        if goods < self.free:
            found["DELIV"] = (Decimal(1), self.delivery)
        return found

    @property
    def net(self) -> Decimal:
        """The total of the quote."""
        amounts = [
            (quantity * price).quantize(CENT, ROUND_HALF_UP)
            for quantity, price in self.lines.values()
        ]
        return sum(amounts, Decimal(0))


def login(name: str) -> str:
    """The login of somebody."""
    return name.lower().replace(" ", ".")
