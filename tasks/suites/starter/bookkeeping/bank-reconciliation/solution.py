"""The oracle of `bank-reconciliation`: matches both books and explains what is left."""

import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from docx import Document
from openpyxl import load_workbook

Key = tuple[str, int]


@dataclass(frozen=True)
class Options:
    """What the wrong solvers change."""

    interim: bool = False
    carry_forward: bool = True
    stale: bool = True
    duplicates: str = "right"
    register: bool = True
    credit_to_bank: bool = False
    suspense: bool = False
    month_before: bool = False
    one_sided: bool = False
    net_fees: bool = False
    flipped: bool = False
    dated_by_hand: bool = False
    memos: bool = True


@dataclass
class Entry:
    """An entry of the cash book or an item open from before; money out negative, in cents."""

    day: date
    reference: str
    contra: str
    amount: int
    slip: str = ""
    kind: str = ""


@dataclass
class Item:
    """A reconciling item."""

    side: str
    category: str
    day: date
    reference: str
    amount: int
    contra: str = ""


@dataclass
class Rules:
    """The procedure's accounts and the limit for stale cheques."""

    stale: int
    fee: str
    interest: str
    receivable: str
    unclaimed: str
    suspense: str


def solve() -> dict[str, Any]:
    """Do the work rightly."""
    return work(Options())


def work(options: Options) -> dict[str, Any]:
    """Reconcile and write both files."""
    rules, (opening, ledger), (lines, bank_balance) = (
        read_procedure(),
        read_ledger(),
        read_bank(options),
    )
    book_balance = opening + sum(entry.amount for entry in ledger)
    before = read_open_items() if options.carry_forward else []
    last = max(line.day for line in read_bank(Options())[0])
    items = compare(ledger, before, lines, rules, last, options)
    if options.dated_by_hand:
        items = [replace(item, day=last + timedelta(4)) for item in items]
    sums = {"bank": bank_balance, "ledger": book_balance}
    for item in items:
        sums[item.side] += item.amount
    if options.suspense:
        items = [item for item in items if item.category not in ("amount_error", "duplicate_entry")]
        rest = sums["bank"] - book_balance - sum(i.amount for i in items if i.side == "ledger")
        items.append(Item("ledger", "amount_error", last, "rounding", rest, rules.suspense))
    write_reconciliation(items, {"bank": bank_balance, "ledger": book_balance}, sums, last, options)
    write_journal([item for item in items if item.side == "ledger"], last, options)
    summary = (
        f"Adjusted balance {dollars(sums['bank'])} on both sides; {len(items)} reconciling items."
    )
    return {"status": "done", "confidence": 0.9, "summary": summary}


def read_procedure() -> Rules:
    """Accounts and limits."""
    text = "\n".join(
        p.text for p in Document("finance/procedures/bank-reconciliation.docx").paragraphs
    )
    patterns = (
        r"more than (\d+) days",
        r"bank_fee (\d{4})",
        r"interest (\d{4})",
        r"returned_item (\d{4})",
        r"stale_cheque (\d{4})",
        r"posted to (\d{4}) Suspense",
    )
    found = [re.findall(pattern, text)[0] for pattern in patterns]
    return Rules(int(found[0]), *found[1:])


def read_ledger() -> tuple[int, list[Entry]]:
    """The balance brought forward and the entries."""
    path = next(Path("finance/ledger").glob("*.xlsx"))
    rows = list(
        load_workbook(path, read_only=True).worksheets[0].iter_rows(min_row=2, values_only=True)
    )
    entries = [
        Entry(
            _day(row[1]),
            str(row[3]),
            str(row[6]),
            cents(row[7]) - cents(row[8]),
            str(row[4] or ""),
            str(row[2]),
        )
        for row in rows[1:]
    ]
    return cents(rows[0][9]), entries


def read_bank(options: Options) -> tuple[list[Entry], int]:
    """The bank's lines (what the bank says about it in `contra`) and its balance."""
    paths = sorted(Path("finance/bank").glob("*.csv"))
    path = next(one for one in paths if one.name.endswith("interim.csv") == options.interim)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines: list[Entry] = []
    for row in rows[1:]:
        text = row["Description"]
        slip = re.findall(r"DEPOSIT SLIP (\d+)", text)
        reference = row["Reference"] or (re.findall(r"CHEQUE (\d+)", text) or slip)[0]
        lines.append(Entry(_day(row["Date"]), reference, text, cents(row["Amount"])))
    return lines, cents(rows[-1]["Balance"])


def read_open_items() -> list[Entry]:
    """What was open a month ago."""
    path = next(Path("finance/reconciliations").glob("*.xlsx"))
    rows = load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)
    return [
        Entry(
            _day(row[1]),
            str(row[2]),
            "",
            cents(row[4]),
            kind="CHQ" if "cheque" in str(row[0]) else "DEP",
        )
        for row in rows
        if row[0] in ("Outstanding cheque", "Deposit in transit")
    ]


def compare(
    ledger: list[Entry],
    before: list[Entry],
    lines: list[Entry],
    rules: Rules,
    last: date,
    options: Options,
) -> list[Item]:
    """What is in one book only."""
    entries = [*before, *(one for one in ledger if not one.slip)]
    slips: dict[str, Entry] = {}
    for one in ledger:
        if one.slip:
            slip = slips.setdefault(one.slip, Entry(one.day, one.slip, one.contra, 0, kind="SLIP"))
            slip.amount += one.amount
    entries += slips.values()
    booked = Counter((line.reference, line.amount) for line in lines)
    left: list[Entry] = []
    for entry in entries:
        key = (entry.reference, entry.amount)
        if booked[key]:
            booked[key] -= 1
        else:
            left.append(entry)
    seen: Counter[Key] = Counter()
    rest: list[Entry] = []
    for line in reversed(lines):
        key = (line.reference, line.amount)
        if seen[key] < booked[key]:
            seen[key] += 1
            rest.append(line)
    items = _explain_ledger(
        left, rest, {(one.reference, one.amount) for one in lines}, rules, last, options
    )
    if options.duplicates == "by amount":
        items += _twins(ledger)
    return items + _explain_bank(rest, rules)


def _explain_ledger(
    left: list[Entry], rest: list[Entry], paid: set[Key], rules: Rules, last: date, options: Options
) -> list[Item]:
    """What the bank does not have; takes the lines that it has with another amount out of `rest`."""
    with Path("finance/payables/payment-register.csv").open(encoding="utf-8", newline="") as file:
        approved = {row["reference"]: -cents(row["amount"]) for row in csv.DictReader(file)}
    items: list[Item] = []
    for entry in left:
        other = next((line for line in rest if line.reference == entry.reference), None)
        difference = other.amount - entry.amount if other else 0
        if other:
            rest.remove(other)
            ours = approved.get(entry.reference) != entry.amount if options.register else True
            side, category = ("ledger", "amount_error") if ours else ("bank", "bank_error")
            if options.credit_to_bank:
                side, category = "bank", "bank_error"
            amount = difference if side == "ledger" else -difference
            items.append(Item(side, category, entry.day, entry.reference, amount, entry.contra))
        elif (entry.reference, entry.amount) in paid and options.duplicates != "overlooked":
            items.append(
                Item(
                    "ledger",
                    "duplicate_entry",
                    entry.day,
                    entry.reference,
                    -entry.amount,
                    entry.contra,
                )
            )
        elif entry.kind in ("SLIP", "DEP"):
            items.append(
                Item("bank", "deposit_in_transit", entry.day, entry.reference, entry.amount)
            )
        elif options.stale and (last - entry.day).days > rules.stale:
            items.append(
                Item(
                    "ledger",
                    "stale_cheque",
                    entry.day,
                    entry.reference,
                    -entry.amount,
                    rules.unclaimed,
                )
            )
        else:
            items.append(
                Item("bank", "outstanding_cheque", entry.day, entry.reference, entry.amount)
            )
    return items


def _twins(ledger: list[Entry]) -> list[Item]:
    """Payments of an equal amount to the same account: taken for duplicates by mistake."""
    seen: set[tuple[int, str]] = set()
    items: list[Item] = []
    for entry in ledger:
        key = (entry.amount, entry.reference[:3])
        if key in seen and entry.reference.startswith("ACH"):
            items.append(
                Item(
                    "ledger",
                    "duplicate_entry",
                    entry.day,
                    entry.reference,
                    -entry.amount,
                    entry.contra,
                )
            )
        seen.add(key)
    return items


def _explain_bank(rest: list[Entry], rules: Rules) -> list[Item]:
    """What the cash book does not have."""
    with Path("finance/payables/mandates.csv").open(encoding="utf-8", newline="") as file:
        mandates = {row["mandate"]: row["account"] for row in csv.DictReader(file)}
    items: list[Item] = []
    for line in rest:
        text, mandate = line.contra, re.findall(r"MANDATE (\w+)", line.contra)
        if text.endswith("FEE"):
            category, contra = "bank_fee", rules.fee
        elif "INTEREST" in text:
            category, contra = "interest", rules.interest
        elif text.startswith("RETURNED"):
            category, contra = "returned_item", rules.receivable
        elif mandate:
            category, contra = "unrecorded_payment", mandates[mandate[0]]
        else:
            category = "unrecorded_receipt" if line.amount > 0 else "unrecorded_payment"
            contra = rules.receivable
        items.append(Item("ledger", category, line.day, line.reference, line.amount, contra))
    return items


def write_reconciliation(
    items: list[Item], balances: dict[str, int], sums: dict[str, int], last: date, options: Options
) -> None:
    """Both sides, each from its balance to the adjusted one."""
    if options.net_fees:
        fees = [item for item in items if item.category in ("bank_fee", "interest")]
        total = sum(item.amount for item in fees)
        items = [item for item in items if item not in fees]
        items.append(Item("ledger", "bank_fee", last, "", total))
    with Path("finance/month-end/reconciliation.csv").open(
        "w", newline="", encoding="utf-8"
    ) as file:
        out = csv.writer(file)
        out.writerow(["side", "category", "date", "reference", "amount"])
        for side in ("bank", "ledger"):
            out.writerow([side, "balance", last, "", dollars(balances[side])])
            for one in items:
                if one.side == side:
                    sign = -1 if options.flipped and one.category == "outstanding_cheque" else 1
                    out.writerow(
                        [side, one.category, one.day, one.reference, dollars(sign * one.amount)]
                    )
            out.writerow([side, "adjusted_balance", last, "", dollars(sums[side])])


def write_journal(items: list[Item], last: date, options: Options) -> None:
    """An entry for each item on the side of the ledger."""
    day = last.replace(day=1) if options.month_before else last
    if options.month_before:
        day = date.fromordinal(day.toordinal() - 1)
    with Path("finance/month-end/journal.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["entry", "date", "account", "debit", "credit", "memo"])
        for number, item in enumerate(items, 1):
            memo = f"{item.category} {item.reference}" if options.memos else ""
            amount = dollars(abs(item.amount))
            cash, contra = (
                ([amount, ""], ["", amount]) if item.amount > 0 else (["", amount], [amount, ""])
            )
            out.writerow([number, day, "1010", *cash, memo])
            if not options.one_sided:
                out.writerow([number, day, item.contra, *contra, memo])


def cents(value: object) -> int:
    """An amount in cents; nothing is 0."""
    return int((Decimal(str(value or 0)) * 100).to_integral_value())


def dollars(amount: int) -> str:
    """Cents as dollars."""
    return f"{Decimal(amount) / 100:.2f}"


def _day(value: object) -> date:
    return value.date() if isinstance(value, datetime) else date.fromisoformat(str(value)[:10])
