"""The customers of one instance: who asks, who has the same name, and all the others."""

from __future__ import annotations

import random
from dataclasses import dataclass

FIRST = (
    "Helena", "Martin", "Sofia", "Viktor", "Amelie", "Rasmus", "Ingrid", "Tobias", "Yasmin", "Pavel",
    "Clara", "Hugo", "Noemi", "Stefan", "Leonie", "Daniel", "Mirjam", "Anton", "Judith", "Felix",
)  # fmt: skip
LAST = (
    "Brandt", "Lindqvist", "Moreau", "Kowalski", "Hoffmann", "Okafor", "Petersen", "Rossi", "Vermeer",
    "Novotny", "Keller", "Sandberg", "Marchetti", "Fischer", "Duarte", "Winkler", "Ostrowska", "Baumann",
)  # fmt: skip
DOMAINS = ("post.example", "mail.example", "web.example", "home.example", "letterbox.example")


@dataclass(frozen=True)
class Customer:
    """A line of the register."""

    number: str
    name: str
    mail: str
    former_mail: str
    phone: str
    since: str
    orders: tuple[str, ...]

    @property
    def sender(self) -> str:
        """As it stands in a mail's From."""
        return f"{self.name} <{self.mail}>"


def customers(rng: random.Random, count: int = 14) -> list[Customer]:
    """Customers; the first asks, the second has the same name."""
    names: list[str] = []
    while len(names) < count - 1:
        name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
        if name not in names:
            names.append(name)
    names.insert(1, names[0])
    numbers = rng.sample(range(20100, 29900), count)
    orders = iter(rng.sample(range(40000, 79999), count * 3))
    mails: set[str] = set()
    found: list[Customer] = []
    for number, name in zip(numbers, names, strict=True):
        former = _address(rng, name, mails) if not found or rng.random() < 0.3 else ""
        found.append(
            Customer(
                number=f"K-{number}",
                name=name,
                mail=_address(rng, name, mails),
                former_mail=former,
                phone=f"+44 1632 960{rng.randrange(100, 1000)}",
                since=f"20{rng.randrange(16, 24)}-0{rng.randrange(1, 10)}-{rng.randrange(10, 29)}",
                orders=tuple(f"O-{next(orders)}" for _ in range(3)),
            )
        )
    if len({one.phone for one in found}) != len(found):
        return customers(rng, count)
    return found


def another_address(rng: random.Random, one: Customer) -> str:
    """An address of the same style that stands in no register."""
    return _address(rng, one.name, {one.mail, one.former_mail})


def _address(rng: random.Random, name: str, taken: set[str]) -> str:
    first, last = name.lower().split()
    while True:
        local = rng.choice(
            (f"{first}.{last}", f"{first[0]}.{last}", f"{last}{rng.randrange(60, 99)}")
        )
        address = f"{local}@{rng.choice(DOMAINS)}"
        if address not in taken:
            taken.add(address)
            return address
