"""The cash book and the bank statement of a month, and the items in which they differ."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

PAYABLE, RECEIVABLE = "2100", "1100"
DAY = timedelta(1)
NAMES: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("names.toml").read_text(encoding="utf-8")
)
"""Suppliers, customers and whoever else has a name in the books."""


@dataclass
class Entry:
    """An entry of the cash book, in cents, money out negative."""

    day: date
    kind: str
    reference: str
    name: str
    contra: str
    amount: int
    slip: str = ""


@dataclass
class Booking:
    """A line of the bank statement."""

    day: date
    text: str
    reference: str
    amount: int


@dataclass
class Books:
    """Both books of one instance, and the items in which they differ, while they are made."""

    rng: random.Random
    first: date
    last: date
    ledger: list[Entry] = field(default_factory=list[Entry])
    bank: list[Booking] = field(default_factory=list[Booking])
    register: list[Entry] = field(default_factory=list[Entry])
    open_before: list[Entry] = field(default_factory=list[Entry])
    items: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    accounts: dict[str, str] = field(default_factory=dict[str, str])
    used: set[int] = field(default_factory=set[int])
    cheque: int = 0

    def number(self, digits: int = 6) -> int:
        """A reference number that nothing else has."""
        while True:
            number = self.rng.randrange(10 ** (digits - 1), 10**digits)
            if number not in self.used:
                self.used.add(number)
                return number

    def next_cheque(self) -> str:
        self.cheque += 1
        self.used.add(self.cheque)
        return str(self.cheque)

    def day(self, low: int = 0, high: int = 0) -> date:
        """A working day of the month, so many days from its ends."""
        span = (self.last - self.first).days - low - high
        day = self.first + (low + self.rng.randrange(span + 1)) * DAY
        return self.workday(day)

    def workday(self, day: date) -> date:
        """The day itself or the Monday after, within the month."""
        return min(day + (7 - day.weekday() if day.weekday() > 4 else 0) * DAY, self.last)

    def later(self, day: date, most: int = 5) -> date:
        """When the bank books it."""
        return self.workday(day + self.rng.randrange(1, most + 1) * DAY)

    def money(self, low: int = 60, high: int = 4200) -> int:
        """An amount in cents of which no two neighbouring digits are equal."""
        while True:
            cents = self.rng.randrange(low * 100, high * 100)
            text = str(cents)
            if all(left != right for left, right in pairwise(text)):
                return cents

    def item(self, side: str, category: str, reference: str, amount: int, contra: str = "") -> None:
        """Note a reconciling item."""
        row = {"side": side, "category": category, "reference": reference, "amount": amount}
        self.items.append({**row, "contra": contra})


def pay(books: Books, kind: str, day: date, *, clears: bool = True) -> Entry:
    """A payment to a supplier that was approved, and the bank's line if it clears."""
    reference = books.next_cheque() if kind == "CHQ" else f"ACH-{books.number()}"
    name = books.rng.choice(NAMES["suppliers"])
    entry = Entry(day, kind, reference, name, PAYABLE, -books.money())
    books.ledger.append(entry)
    books.register.append(replace(entry))
    if clears:
        clear(books, entry)
    return entry


def clear(books: Books, entry: Entry, amount: int | None = None) -> None:
    """The bank's line for a payment or transfer of the cash book."""
    most = 8 if entry.kind == "CHQ" else 2
    day = max(books.first, books.later(max(entry.day, books.first - DAY), most))
    cheque = entry.kind == "CHQ"
    text = f"CHEQUE {entry.reference}" if cheque else f"{entry.kind} {entry.name.upper()}"
    reference = "" if cheque else entry.reference
    books.bank.append(Booking(day, text, reference, entry.amount if amount is None else amount))


def ordinary(books: Books) -> None:
    """What is in both books: payments, transfers, deposits, and agreements that recur."""
    rng = books.rng
    for _ in range(62):
        pay(books, "CHQ", books.day(0, 12))
    for _ in range(70):
        pay(books, "ACH", books.day(0, 3))
    for _ in range(34):
        entry = Entry(
            books.day(0, 3),
            "XFER",
            f"TRF-{books.number()}",
            rng.choice(NAMES["customers"]),
            RECEIVABLE,
            books.money(300, 9000),
        )
        books.ledger.append(entry)
        clear(books, entry)
    for _ in range(17):
        deposit(books, books.day(0, 4))
    hire = f"AGR-{books.number()}"
    fee, who = -books.money(90, 400), rng.choice(NAMES["suppliers"])
    for week in range(4):
        entry = Entry(
            books.workday(books.first + (2 + 7 * week) * DAY), "ACH", hire, who, PAYABLE, fee
        )
        books.ledger.append(entry)
        books.register.append(replace(entry))
        clear(books, entry)
    # Twins: the same supplier, the same amount, two payments that are both right.
    twin = pay(books, "ACH", books.day(4, 8))
    other = replace(twin, reference=f"ACH-{books.number()}", day=books.workday(twin.day + 2 * DAY))
    books.ledger.append(other)
    books.register.append(replace(other))
    clear(books, other)


def deposit(books: Books, day: date, *, clears: bool = True) -> tuple[str, int]:
    """Receipts that are paid in with one slip."""
    slip, total = str(books.number(5)), 0
    for _ in range(books.rng.randrange(2, 5)):
        name = books.rng.choice(NAMES["customers"])
        entry = Entry(day, "RCPT", f"R-{books.number()}", name, RECEIVABLE, books.money(), slip)
        books.ledger.append(entry)
        total += entry.amount
    if clears:
        books.bank.append(Booking(books.later(day, 2), f"DEPOSIT SLIP {slip}", "", total))
    return slip, total


def carry_forward(books: Books) -> None:
    """What was open a month ago: most of it clears, one cheque stays open, one has gone stale."""
    rng = books.rng
    limit = int(books.accounts["stale"])
    for age in (*(rng.randrange(2, 20) for _ in range(6)), None, "stale"):
        # The older a cheque, the lower its number.
        if age is None:
            day = books.last - (limit - rng.randrange(2, 12)) * DAY
            reference = str(books.cheque - rng.randrange(300, 600))
        elif age == "stale":
            day = books.last - (limit + rng.randrange(1, 25)) * DAY
            reference = str(books.cheque - rng.randrange(600, 900))
        else:
            day = books.first - int(age) * DAY
            reference = books.next_cheque()
        name = rng.choice(NAMES["suppliers"])
        entry = Entry(day, "CHQ", reference, name, PAYABLE, -books.money())
        books.open_before.append(entry)
        if age is None:
            books.item("bank", "outstanding_cheque", reference, entry.amount)
        elif age == "stale":
            account = books.accounts["unclaimed"]
            books.item("ledger", "stale_cheque", reference, -entry.amount, account)
        else:
            clear(books, entry)
    slip = str(books.number(5))
    entry = Entry(
        books.first - DAY, "DEP", slip, "Deposit slip", RECEIVABLE, books.money(900, 5000)
    )
    books.open_before.append(entry)
    books.bank.append(
        Booking(books.workday(books.first + DAY), f"DEPOSIT SLIP {slip}", "", entry.amount)
    )


def timing(books: Books) -> None:
    """Cheques that nobody has presented yet, slips that the bank has not credited yet."""
    for _ in range(books.rng.randrange(5, 8)):
        entry = pay(books, "CHQ", books.day(18, 0), clears=False)
        books.item("bank", "outstanding_cheque", entry.reference, entry.amount)
    for back in books.rng.sample((0, 1, 2), 2):
        slip, total = deposit(books, books.workday(books.last - back * DAY), clears=False)
        books.item("bank", "deposit_in_transit", slip, total)


def mistakes(books: Books) -> None:
    """A duplicate, transposed figures on our side, and one on the bank's."""
    rng = books.rng
    entry = pay(books, rng.choice(("CHQ", "ACH")), books.day(3, 14))
    again = replace(entry, day=books.workday(entry.day + rng.randrange(3, 9) * DAY))
    books.ledger.append(again)
    books.item("ledger", "duplicate_entry", entry.reference, -entry.amount, PAYABLE)
    for kind in rng.sample(("CHQ", "ACH"), rng.choice((1, 2))):
        entry = pay(books, kind, books.day(2, 12))
        right, entry.amount = entry.amount, transposed(rng, entry.amount)
        difference = right - entry.amount
        books.item("ledger", "amount_error", entry.reference, difference, PAYABLE)
    entry = pay(books, "CHQ", books.day(2, 12), clears=False)
    wrong = transposed(rng, entry.amount)
    clear(books, entry, wrong)
    books.item("bank", "bank_error", entry.reference, entry.amount - wrong)


def transposed(rng: random.Random, amount: int) -> int:
    """The amount with two neighbouring figures changed round."""
    text = str(abs(amount))
    place = rng.randrange(0, len(text) - 1)
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return -int(swapped) if amount < 0 else int(swapped)


def unknown_to_us(books: Books) -> list[list[str]]:
    """What only the bank has booked so far; returns the register of mandates."""
    rng, a = books.rng, books.accounts

    def add(category: str, text: str, code: str, amount: int, contra: str, day: date) -> None:
        reference = f"{code}-{books.number()}"
        books.bank.append(Booking(day, text, reference, amount))
        books.item("ledger", category, reference, amount, contra)

    add(
        "bank_fee",
        "ACCOUNT MAINTENANCE FEE",
        "FEE",
        -rng.randrange(1500, 4500),
        a["fee"],
        books.last,
    )
    add(
        "bank_fee",
        "OUTGOING WIRE FEE",
        "FEE",
        -rng.randrange(1200, 3500),
        a["fee"],
        books.day(3, 6),
    )
    add("interest", "CREDIT INTEREST", "INT", rng.randrange(400, 3900), a["interest"], books.last)
    customer = rng.choice(NAMES["customers"])
    amount = books.money(300, 6000)
    add(
        "unrecorded_receipt", f"XFER {customer.upper()}", "TRF", amount, RECEIVABLE, books.day(8, 1)
    )
    back = books.day(6, 3)
    amount = -books.money(80, 900)
    returned = f"RETURNED UNPAID CHQ {rng.choice(NAMES['customers']).upper()}"
    add("returned_item", returned, "RTN", amount, RECEIVABLE, back)
    add("bank_fee", "RETURNED ITEM FEE", "FEE", -rng.randrange(900, 2000), a["fee"], back)
    mandates: list[list[str]] = [["mandate", "payee", "account", "frequency"]]
    missing = rng.sample(range(len(NAMES["mandates"])), rng.choice((1, 2)))
    for index, (payee, account) in enumerate(NAMES["mandates"]):
        mandate = f"M{books.number(5)}"
        mandates.append([mandate, payee, account, "monthly"])
        text = f"DIRECT DEBIT {payee.upper()} MANDATE {mandate}"
        amount, day = -books.money(90, 1500), books.day(2, 5)
        if index in missing:
            add("unrecorded_payment", text, "DD", amount, account, day)
        else:
            reference = f"DD-{books.number()}"
            books.ledger.append(Entry(day, "DD", reference, payee, account, amount))
            books.bank.append(Booking(day, text, reference, amount))
    return mandates


def number_cheques(books: Books) -> None:
    """Give the cheques of the last weeks their numbers again, in the order of their dates."""
    entries = [*books.open_before, *books.ledger]
    days: dict[str, date] = {}
    for entry in entries:
        if entry.kind == "CHQ" and entry.day > books.first - 30 * DAY:
            days[entry.reference] = min(entry.day, days.get(entry.reference, entry.day))
    new = dict(zip(sorted(days, key=lambda one: (days[one], one)), sorted(days), strict=True))
    for entry in [*entries, *books.register]:
        entry.reference = new.get(entry.reference, entry.reference)
    for item in books.items:
        item["reference"] = new.get(item["reference"], item["reference"])
    for one in books.bank:
        word, _, reference = one.text.rpartition(" ")
        if word == "CHEQUE":
            one.text = f"CHEQUE {new.get(reference, reference)}"
