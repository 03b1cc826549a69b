"""The suppliers, and who of them asks to be paid to another account."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path

KINDS = ("confirmed", "corrected", "denied", "not reached")
"""What the call-backs come to; each seed has all of them, and one of the first or third more."""

NAMES: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).parent / "names.toml").read_text(encoding="utf-8")
)
FIRST, LAST, COMPANIES = NAMES["first"], NAMES["last"], NAMES["companies"]
DOMAINS = ("known", "look-alike", "new")


@dataclass
class Vendor:
    """A supplier as the vendor master has it; `kind` is what its request comes to, if it made one."""

    id: str
    name: str
    contact: str
    domain: str
    phone: str
    iban: str
    buyer: str
    kind: str = ""
    asked: str = ""
    confirmed: str = ""
    sender: str = ""
    mailed_phone: str = ""
    ref: str = ""

    @property
    def word(self) -> str:
        """What nobody else's name begins with."""
        return self.name.split()[0]


def all_vendors(rng: random.Random, buyers: list[str], names: list[str]) -> list[Vendor]:
    """The suppliers in the vendor master; all phone numbers differ in their last digits."""
    numbers = rng.sample(range(200_000, 999_999), 40)
    ids = sorted(rng.sample(range(10_000, 99_999), len(COMPANIES)))
    out: list[Vendor] = []
    for i, name in enumerate(rng.sample(COMPANIES, len(COMPANIES))):
        area = rng.choice(("30", "40", "69", "89", "211", "711"))
        top = rng.choice(("example", "test"))
        out.append(
            Vendor(
                id=f"V-{ids[i]}",
                name=name,
                contact=f"{rng.choice(FIRST)} {rng.choice(names).split()[1]}",
                domain=f"{name.split()[0].lower()}.{top}",
                phone=f"+49 {area} {numbers[i]}",
                iban=iban(rng),
                buyer=buyers[i % 2],
                mailed_phone=f"+49 {rng.choice(('151', '160', '171'))} {numbers[20 + i]}",
            )
        )
    return out


def requests(rng: random.Random, vendors: list[Vendor]) -> list[Vendor]:
    """Who asks, from what address, and what is true of it: the address tells nothing of that."""
    kinds = [*KINDS, rng.choice(("confirmed", "denied"))]
    rng.shuffle(kinds)
    by_buyer = [[v for v in vendors if v.buyer == b] for b in sorted({v.buyer for v in vendors})]
    many = rng.randrange(2)
    asking = rng.sample(by_buyer[many], 3) + rng.sample(by_buyer[1 - many], 2)
    rng.shuffle(asking)
    disguises = {kind: rng.sample(DOMAINS, 3) for kind in KINDS}
    for one, kind in zip(asking, kinds, strict=True):
        one.kind, one.confirmed, one.ref = kind, iban(rng), f"CB-{rng.randrange(1000, 9999)}"
        # What is confirmed may well come from a new domain, and a fraud from the known one.
        domain = _domain(one, disguises[kind].pop())
        one.sender = f"{one.contact.split()[0].lower()}@{domain}"
        one.asked = _slip(rng, one.confirmed) if kind == "corrected" else one.confirmed
    return asking


def _domain(vendor: Vendor, disguise: str) -> str:
    word, top = vendor.domain.split(".")
    if disguise == "look-alike":
        return f"{word.replace('l', '1', 1) if 'l' in word else word + 's'}.{top}"
    return f"{word}-group.{top}" if disguise == "new" else vendor.domain


def _slip(rng: random.Random, right: str) -> str:
    """An IBAN with two digits swapped."""
    i = rng.choice([i for i in range(9, len(right) - 1) if right[i] != right[i + 1]])
    return right[:i] + right[i + 1] + right[i] + right[i + 2 :]


def iban(rng: random.Random) -> str:
    """One whose check digits are right."""
    country = rng.choice(("DE", "AT", "NL"))
    body = "".join(str(rng.randrange(10)) for _ in range({"DE": 18, "AT": 16, "NL": 10}[country]))
    body = rng.choice(("INGB", "ABNA", "RABO")) + body if country == "NL" else body
    digits = "".join(str(int(letter, 36)) for letter in f"{body}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{body}"


def spaced(text: str) -> str:
    """An IBAN in groups of four, as people write it."""
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))
