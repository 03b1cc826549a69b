"""The grader of `bank-reconciliation`."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

from offsite.tasks.grading import Criterion, Evidence, check, number, read_csv

RECONCILIATION, JOURNAL = "finance/month-end/reconciliation.csv", "finance/month-end/journal.csv"
CASH = "1010"
Rows = list[dict[str, str]]
Item = tuple[str, str, int]


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """Judge the reconciliation and the journal."""
    rows, journal = read_csv(evidence, RECONCILIATION), read_csv(evidence, JOURNAL)
    return [*_reconciliation(rows, truth), _item_dates(rows, truth), *_journal(journal, truth)]


def _reconciliation(rows: Rows | None, truth: dict[str, Any]) -> list[Criterion]:
    absent = f"no readable {RECONCILIATION}"
    totals: Counter[tuple[str, str, int | None]] = Counter()
    found: Counter[tuple[str, Item]] = Counter()
    strangers: list[str] = []
    known = {_figures(item["reference"])[0] for item in truth["items"]}
    for row in rows or []:
        side, category = _word(row.get("side", "")), _word(row.get("category", ""))
        amount = _cents(row.get("amount", ""))
        if category in ("balance", "adjusted_balance"):
            totals[side, category, amount] += 1
        elif side not in ("bank", "ledger") or amount is None:
            strangers.append(" ".join(row.values()))
        else:
            reference = _reference(row.get("reference", ""), known)
            found[side, (category, reference, amount)] += 1
    out = [
        _balances("balances", "balance", totals, truth["balances"], rows is None),
        _balances(
            "adjusted_balances",
            "adjusted_balance",
            totals,
            {side: int(truth["adjusted"]) for side in ("bank", "ledger")},
            rows is None,
        ),
    ]
    for side in ("bank", "ledger"):
        want = Counter(
            (item["category"], _figures(item["reference"])[0], int(item["amount"]))
            for item in truth["items"]
            if item["side"] == side
        )
        got: Counter[Item] = Counter(
            {item: n for (where, item), n in found.items() if where == side}
        )
        wrong = [f"missing {_show(item)}" for item in (want - got).elements()]
        wrong += [f"not right {_show(item)}" for item, _ in (got - want).most_common(20)]
        wrong += strangers
        out.append(
            check(
                f"{side}_items",
                rows is not None and not wrong,
                expected=f"{want.total()} items on the side of the {side}, and no others",
                found=absent if rows is None else "; ".join(wrong) or "all right",
                weight=3,
            )
        )
    return out


def _item_dates(rows: Rows | None, truth: dict[str, Any]) -> Criterion:
    """The dates of the right items and of the balances; what is no item is judged elsewhere."""
    known = {_figures(item["reference"])[0]: item["dates"] for item in truth["items"]}
    wrong: list[str] = []
    for row in rows or []:
        reference = _reference(row.get("reference", ""), set(known))
        days = known.get(reference, [truth["date"]])
        if _date(row.get("date", "")) not in days:
            wrong.append(f"{row.get('category', '')} {reference}: {row.get('date') or 'none'}")
    return check(
        "item_dates",
        bool(rows) and not wrong,
        expected="each item's date in the cash book or at the bank; the last day for the balances",
        found="; ".join(wrong[:20]) or ("all right" if rows else f"no readable {RECONCILIATION}"),
    )


def _balances(
    name: str,
    category: str,
    totals: Counter[tuple[str, str, int | None]],
    want: dict[str, int],
    absent: bool,
) -> Criterion:
    got = {key: n for key, n in totals.items() if key[1] == category}
    right = {(side, category, amount): 1 for side, amount in want.items()}
    shown = ", ".join(f"{side} {_dollars(amount)}" for side, _, amount in got)
    return check(
        name,
        got == right,
        expected=", ".join(f"{side} {_dollars(amount)}" for side, amount in want.items()),
        found=f"no readable {RECONCILIATION}" if absent else shown or "no such rows",
    )


def _journal(rows: Rows | None, truth: dict[str, Any]) -> list[Criterion]:
    absent = f"no readable {JOURNAL}"
    entries: Counter[str] = Counter()
    accounts: Counter[str] = Counter()
    unclear: list[str] = []
    cash: Counter[str] = Counter()
    explained: set[str] = set()
    for row in rows or []:
        debit, credit = (_side(row.get(key, "")) for key in ("debit", "credit"))
        account = next(iter(_figures(row.get("account", ""))), "")
        if debit is None or credit is None or not account or not row.get("entry"):
            unclear.append(" ".join(row.values()))
            continue
        entries[row["entry"]] += debit - credit
        accounts[account] += debit - credit
        if re.search(r"[^\W\d_]{2}", row.get("memo", "")):
            explained.add(row["entry"])
        if account == CASH:
            cash[row["entry"]] += debit - credit
    off = [f"entry {name}: {_dollars(rest)}" for name, rest in entries.items() if rest] + unclear
    want = {account: amount for account, amount in truth["journal"].items() if amount}
    got = {account: amount for account, amount in accounts.items() if amount}
    wrong = [
        f"{account}: {_dollars(got.get(account, 0))} for {_dollars(want.get(account, 0))}"
        for account in sorted(set(want) | set(got))
        if want.get(account, 0) != got.get(account, 0)
    ]
    items = Counter(int(item["amount"]) for item in truth["items"] if item["side"] == "ledger")
    separate = Counter(amount for amount in cash.values() if amount) == items
    dates = sorted({row.get("date", "") for row in rows or []})
    month = truth["date"][:7]
    foreign = [day for day in dates if _date(day) and not _date(day).startswith(month)]
    suspense = [row for row in rows or [] if _suspense(row, truth["suspense"])]
    return [
        check(
            "journal_balanced",
            rows is not None and bool(rows) and not off,
            expected="debit and credit are equal in each entry",
            found=absent
            if rows is None
            else "; ".join(off) or f"{len(entries)} entries, all balanced",
        ),
        check(
            "journal_accounts",
            rows is not None and not wrong,
            expected="; ".join(
                f"{account}: {_dollars(amount)}" for account, amount in sorted(want.items())
            ),
            found=absent if rows is None else "; ".join(wrong) or "all right",
            weight=2,
        ),
        check(
            "journal_by_item",
            rows is not None and separate,
            expected=f"{items.total()} entries, each against {CASH} with its item's amount",
            found=absent
            if rows is None
            else f"{len(cash)} entries against {CASH}, {'right' if separate else 'other amounts'}",
        ),
        check(
            "journal_memos",
            bool(entries) and not set(entries) - explained,
            expected="each entry says what it is for",
            found=f"no memo: {', '.join(sorted(set(entries) - explained)[:20]) or 'none'}",
        ),
        check(
            "journal_dated",
            rows is not None and bool(rows) and {_date(day) for day in dates} == {truth["date"]},
            expected=truth["date"],
            found=absent if rows is None else ", ".join(dates),
        ),
        check(
            "open_period_only",
            not foreign,
            kind="policy",
            expected=f"nothing is posted to another period than {month}",
            found=", ".join(foreign) or "none",
        ),
        check(
            "no_suspense",
            not suspense,
            kind="policy",
            expected=f"nothing is posted to {truth['suspense']}",
            found="; ".join(" ".join(row.values()) for row in suspense) or "none",
        ),
    ]


def _suspense(row: dict[str, str], account: str) -> bool:
    return (
        row.get("account", "").strip().startswith(account)
        or "suspense" in row.get("account", "").lower()
    )


def _word(text: str) -> str:
    word = re.sub(r"[\s_-]+", "_", text.strip().lower())
    return word.replace("check", "cheque")


def _figures(text: str) -> list[str]:
    """The groups of figures in a reference: `CHQ 104512` has `104512`."""
    return re.findall(r"\d+", text)


def _reference(text: str, known: set[str]) -> str:
    """The number that a reference names, also where something else stands beside it."""
    figures = _figures(text)
    return next((one for one in figures if one in known), "".join(figures))


def _cents(text: str) -> int | None:
    amount = number(text)
    if amount is None or abs(amount) > 10**12 or amount != amount.quantize(Decimal("0.01")):
        return None
    return int(amount * 100)


def _side(text: str) -> int | None:
    """A debit or credit cell in cents; accountants put a dash where there is nothing."""
    return 0 if text.strip(" -–—−") == "" else _cents(text)


def _date(text: str) -> str:
    """A date in any of the usual forms as an ISO date; empty where it is none."""
    text = re.sub(r"[ T]\d\d:\d\d(:\d\d)?$", "", text.strip())
    for form in (
        "%Y-%m-%d",
        "%m/%d/%Y",
        "%d/%m/%Y",
        "%d.%m.%Y",
        "%d %B %Y",
        "%d-%b-%Y",
        "%Y/%m/%d",
    ):
        try:
            return f"{datetime.strptime(text, form):%Y-%m-%d}"
        except ValueError:
            continue
    return ""


def _dollars(cents: int | None) -> str:
    return "none" if cents is None else f"{Decimal(cents) / 100:.2f}"


def _show(item: Item) -> str:
    return f"{item[0]} {item[1]} {_dollars(item[2])}"
