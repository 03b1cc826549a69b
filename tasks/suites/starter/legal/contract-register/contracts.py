"""The contracts of one instance: each has a part to play, and dates that let it."""

from __future__ import annotations

import calendar
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from faker import Faker

LAWS = {
    "England and Wales": "England and Wales",
    "Germany": "the Federal Republic of Germany",
    "Ireland": "the Republic of Ireland",
    "Netherlands": "the Netherlands",
    "France": "France",
    "New York": "the State of New York",
}
FORMS = {"Germany": "GmbH", "France": "SAS", "Netherlands": "B.V.", "New York": "Inc."}
KINDS = (
    "Software Licence and Support Agreement", "Facility Services Agreement",
    "Equipment Maintenance Agreement", "Transport Framework Agreement", "Consultancy Agreement",
    "Data Hosting Agreement", "Temporary Staffing Agreement", "Waste Management Agreement",
)  # fmt: skip
TRADES = [
    "Systems",
    "Facilities",
    "Engineering",
    "Freight",
    "Advisory",
    "Cloud",
    "People",
    "Recycling",
]
SECTIONS = (
    "Definitions", "Services", "Fees", "Term", "Confidentiality", "Data protection", "Warranties",
    "Intellectual property", "Liability", "Compliance and audit", "Force majeure", "Law",
    "Notices and general",
)  # fmt: skip


@dataclass(frozen=True)
class Contract:
    """What the files say of one contract; `role` tells which part it plays in the instance."""

    role: str
    number: str
    kind: str
    party: str
    law: str
    currency: str
    effective: date
    term: int
    renewal: int
    notice: tuple[int, str]
    fees: str
    annual: int
    cap: int
    percent: int
    style: int
    order: tuple[str, ...]
    signed: tuple[date, date]


def draw_contracts(rng: random.Random, fake: Faker, today: date) -> list[Contract]:
    """The eleven agreements, in the order in which they depend on each other."""
    laws = [law for law in LAWS if law not in ("Germany", "New York")]
    numbers = rng.sample(range(11, 99), 11)
    kinds = rng.sample(range(len(KINDS)), len(KINDS))
    styles = [0, 1, 2, 5, 0, 1, 2, 5]
    rng.shuffle(styles)
    out: dict[str, Contract] = {}

    def add(role: str, years: tuple[int, int], **fixed: Any) -> None:
        kind = kinds.pop() if "kind" not in fixed else 0
        law = rng.choice(laws)
        party = (
            f"{fake.unique.last_name()} {TRADES[kind]} {FORMS.get(fixed.get('law', law), 'Ltd')}"
        )
        currency = {"England and Wales": "GBP", "New York": "USD"}.get(fixed.get("law", law), "EUR")
        middle = rng.sample(SECTIONS[2:-1], len(SECTIONS) - 3)
        base: dict[str, Any] = {
            "kind": KINDS[kind], "party": party, "law": law, "currency": currency,
            "term": rng.choice((12, 24, 36)), "renewal": 12,
            "notice": rng.choice(((30, "days"), (60, "days"), (90, "days"), (3, "months"), (6, "months"))),
            "fees": rng.choice(("annual", "monthly", "quarterly", "schedule")),
            "annual": 1200 * rng.randrange(20, 260), "percent": 0,
            "cap": rng.choice((250_000, 400_000, 500_000, 750_000, 1_000_000)),
            "style": styles[len(out) % 8], "order": (*SECTIONS[:2], *middle, SECTIONS[-1]),
        } | fixed  # fmt: skip
        while True:
            effective = date(rng.randint(*years), rng.randint(1, 12), rng.randint(1, 28))
            if role == "until":
                effective = effective.replace(day=1)
            if base["style"] == 4:
                effective = effective.replace(day=rng.randint(13, 28))
            first, second = effective - timedelta(days=rng.randint(3, 20)), effective
            if role != "signature":
                second = effective + timedelta(days=rng.randint(1, 15))
            number = f"HL-{effective.year}-{numbers[len(out)]:03d}"
            c = Contract(role, number, effective=effective, signed=(first, second), **base)
            if _fits(c, today):
                out[role] = c
                return

    add("master", (2019, 2021), kind="Master Services Agreement", term=rng.choice((24, 36)),
        fees="annual", notice=rng.choice(((60, "days"), (90, "days"))))  # fmt: skip
    m = out["master"]
    add("sow", (2022, 2023), kind=f"Statement of Work no. {rng.randint(2, 9)}", party=m.party, law=m.law,
        currency=m.currency, term=m.term, renewal=m.renewal, notice=m.notice, percent=150)  # fmt: skip
    add("old", (2018, 2020), fees="annual")
    o = out["old"]
    other = rng.choice([law for law in laws if law != o.law])
    add("restated", (2023, 2024), kind=o.kind, party=o.party, currency=o.currency, law=other,
        fees="schedule", percent=125, annual=o.annual + 12_000)  # fmt: skip
    add("until", (2023, 2024), term=rng.choice((24, 36, 48)), renewal=0)
    add("expired", (2020, 2022), term=rng.choice((12, 18)), renewal=0)
    add("indefinite", (2018, 2023), term=0, renewal=0, notice=rng.choice(((3, "months"), (6, "months"))),
        cap=-1)  # fmt: skip
    add("passed", (2019, 2022), notice=rng.choice(((120, "days"), (180, "days"))), fees="schedule")
    add("signature", (2020, 2022), law="Germany", style=3, notice=(rng.choice((3, 6)), "months"))
    add("us", (2023, 2024), law="New York", style=4, term=36, fees="monthly", percent=200)
    u = out["us"]
    add("draft", (2026, 2026), kind=u.kind, party=u.party, law=u.law, currency=u.currency,
        annual=u.annual + 24_000, fees="annual")  # fmt: skip
    return list(out.values())


def _fits(c: Contract, today: date) -> bool:
    """Whether the dates give the contract the part that it has to play, with no deadline near today."""
    if c.role == "draft":
        return True
    if c.effective > today - timedelta(days=60):
        return False
    if c.role in ("old", "indefinite"):
        return True
    end, deadline = end_and_deadline(c, today)
    if not c.renewal:
        return (
            end < today - timedelta(days=20) if c.role == "expired" else end > today + timedelta(60)
        )
    this = _before(end, c.notice)
    if abs((this - today).days) < 6 or abs((deadline - today).days) < 6:
        return False
    first_end = months_on(c.effective, c.term) - timedelta(days=1)
    return {
        "passed": this < today,
        "us": end == first_end and this > today,
        "signature": end > first_end,
    }.get(c.role, True)


def months_on(day: date, months: int) -> date:
    """The same day so many months on (or back), or the last day of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _before(end: date, notice: tuple[int, str]) -> date:
    count, unit = notice
    return end - timedelta(days=count) if unit == "days" else months_on(end, -count)


def end_and_deadline(c: Contract, today: date) -> tuple[date, date]:
    """End of the term that runs today (or ran last), and the next deadline for notice."""
    length, one = c.term, timedelta(days=1)
    while c.renewal and months_on(c.effective, length) - one < today:
        length += c.renewal
    end = months_on(c.effective, length) - one
    deadline = _before(end, c.notice)
    if deadline < today:
        deadline = _before(months_on(c.effective, length + c.renewal) - one, c.notice)
    return end, deadline


def amendment(rng: random.Random, master: Contract) -> tuple[str, Contract]:
    change = rng.choice(("notice", "cap", "fee"))
    if change == "notice":
        return change, replace(master, notice=rng.choice(((120, "days"), (180, "days"))))
    if change == "cap":
        return change, replace(master, cap=master.cap + rng.choice((150_000, 300_000)))
    return change, replace(master, annual=master.annual + 1200 * rng.randrange(5, 20))
