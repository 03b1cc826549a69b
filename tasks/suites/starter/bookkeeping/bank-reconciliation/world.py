"""The world of `bank-reconciliation`: a month of a joinery's cash book and its bank statement.

Most entries are in both. `books` keeps a list of what is not, which is the truth.
"""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from offsite.tasks import World

from . import papers
from .books import (
    DAY,
    NAMES,
    RECEIVABLE,
    Books,
    carry_forward,
    mistakes,
    number_cheques,
    ordinary,
    timing,
    unknown_to_us,
)

# Months that end on a working day.
MONTHS = ((2026, 3), (2026, 4), (2026, 6), (2026, 7), (2026, 8), (2026, 9), (2026, 11))


def truth(books: Books, opening: int, opening_bank: int) -> dict[str, Any]:
    """Balances, items and the net effect of the journal on each account, in cents."""
    ledger = opening + sum(entry.amount for entry in books.ledger)
    bank = opening_bank + sum(one.amount for one in books.bank)
    adjusted = {"bank": bank, "ledger": ledger}
    journal: dict[str, int] = {"1010": 0}
    for item in books.items:
        adjusted[item["side"]] += item["amount"]
        if item["side"] == "ledger":
            journal["1010"] += item["amount"]
            journal[item["contra"]] = journal.get(item["contra"], 0) - item["amount"]
    if adjusted["bank"] != adjusted["ledger"]:
        raise ValueError(f"the books do not agree: {adjusted}")
    return {
        "balances": {"bank": bank, "ledger": ledger},
        "adjusted": adjusted["bank"],
        "items": [
            {**item, "dates": [f"{day}" for day in dates_of(books, item["reference"])]}
            for item in books.items
        ],
        "journal": journal,
        "suspense": books.accounts["suspense"],
        "date": f"{books.last}",
    }


def dates_of(books: Books, reference: str) -> list[date]:
    """The days under which either book has something, and the day of the reconciliation."""
    entries = [*books.open_before, *books.ledger]
    days = {entry.day for entry in entries if reference in (entry.reference, entry.slip)}
    days |= {one.day for one in books.bank if reference in (one.reference, one.text.split()[-1])}
    return sorted(days | {books.last})


def build(seed: int) -> World:
    """One instance."""
    rng = random.Random(f"bookkeeping/bank-reconciliation:{seed}")
    year, month = MONTHS[(seed + rng.randrange(2)) % len(MONTHS)]
    first = date(year, month, 1)
    last = (first + 31 * DAY).replace(day=1) - DAY
    books = Books(rng, first, last, cheque=rng.randrange(1000, 8000) * 100)
    books.accounts = {
        **{"stale": str(rng.choice((150, 180))), "fee": "6810", "interest": "4910"},
        **{"receivable": RECEIVABLE, "unclaimed": rng.choice(("2190", "2195")), "suspense": "9999"},
    }
    carry_forward(books)
    ordinary(books)
    timing(books)
    mistakes(books)
    mandates = unknown_to_us(books)
    number_cheques(books)
    books.ledger.sort(key=lambda entry: entry.day)
    books.bank.sort(key=lambda one: one.day)
    books.register.sort(key=lambda entry: (entry.day, entry.reference))
    opening = rng.randrange(90_000_00, 180_000_00)
    opening_bank = opening - sum(entry.amount for entry in books.open_before)
    before, period = first - DAY, f"{first:%Y-%m}"
    world = World()
    world.add(f"finance/ledger/cash-book-{period}.xlsx", papers.cash_book(books, opening))
    world.add(
        f"finance/bank/statement-{period}.csv", papers.statement(books.bank, opening_bank, before)
    )
    interim = [one for one in books.bank if one.day <= last - 4 * DAY]
    name = f"finance/bank/statement-{period}-interim.csv"
    world.add(name, papers.statement(interim, opening_bank, before))
    name = f"finance/reconciliations/reconciliation-{before:%Y-%m}.xlsx"
    world.add(name, papers.last_reconciliation(books, opening_bank, opening))
    rows = [["approved_on", "payment", "reference", "supplier", "amount"]]
    rows += [
        [f"{e.day}", e.kind, e.reference, e.name, papers.dollars(-e.amount)] for e in books.register
    ]
    world.add("finance/payables/payment-register.csv", papers.table(rows))
    world.add("finance/payables/mandates.csv", papers.table(mandates))
    world.add("finance/procedures/bank-reconciliation.docx", papers.procedure(books.accounts))
    notes = "# Month-end\n\n1. Bank\n2. Receivables\n3. Accruals\n4. Review with the controller\n"
    world.add("finance/month-end/checklist.md", notes)
    today = last + 4 * DAY
    world.facts = {
        "worker": rng.choice(NAMES["workers"]),
        "controller": rng.choice(NAMES["controllers"]),
        "today": f"{today.day} {today:%B %Y}",
        "month": f"{first:%B %Y}",
        "period": period,
        "last_day": f"{last.day} {last:%B %Y}",
    }
    world.truth = truth(books, opening, opening_bank)
    return world
