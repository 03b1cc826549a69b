"""Prepare the quote at the seller's own limit, and the request for the rest."""

from __future__ import annotations

import csv
import email
import email.policy
import json
import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from docx import Document
from openpyxl import load_workbook

ME = "Inside sales representative"
CENT = Decimal("0.01")
Limits = dict[str, dict[str, Decimal]]


def solve(
    *,
    price_list: str = "valid",
    currency: str | None = None,
    tiers: bool = True,
    replace: bool = True,
    bundle: bool = True,
    bundle_discount: bool = False,
    grant: str = "limit",
    decisive: tuple[str, ...] = ("Consumables", "Equipment"),
    request: bool = True,
    remark: str = "",
    say: str = "{quote} is ready at the discount the desk may grant; approval of {wish} % is requested.",
) -> dict[str, Any]:
    """Do the job; the options are the ways to get it wrong."""
    wanted, wish, company, today, quote = read_mails()
    customers = csv.DictReader(Path("crm/customers.csv").read_text(encoding="utf-8").splitlines())
    account = next(row for row in customers if row["name"] == company)
    money = currency or account["currency"]
    book = load_workbook(pick_list(price_list, today), data_only=True)
    limits, holders = read_policy()
    articles: dict[str, dict[str, Any]] = {}
    for row in book[money].iter_rows(min_row=2, values_only=True):
        head = ("sku", "name", "group", "unit", "1", "10", "50", "200", "status", "new")
        articles[str(row[0])] = dict(zip(head, row, strict=True))

    lines: list[dict[str, Any]] = []

    def add(sku: str, quantity: int, price: Decimal, group: str | None, replaces: str = "") -> None:
        limit = limits[ME][group] if group else Decimal(0)
        percent = {"limit": min(limit, wish), "wish": wish, "flat": limits[ME]["Consumables"]}[
            grant
        ]
        if group is None:
            percent = limits[ME]["Equipment"] if bundle_discount else Decimal(0)
        lines.append(
            {
                "sku": sku,
                "quantity": quantity,
                "currency": money,
                "unit_price": price,
                "discount_pct": percent,
                "line_total": net(quantity, price, percent),
                "replaces": replaces,
                "group": group,
            }
        )

    if bundle:
        for sku, (parts, prices) in read_bundles(book).items():
            kits = min(wanted.get(part, 0) // count for part, count in parts.items())
            if kits:
                for part, count in parts.items():
                    wanted[part] -= kits * count
                add(sku, kits, prices[money], None)
    for asked, quantity in wanted.items():
        if not quantity:
            continue
        sku = articles[asked]["new"] if replace and articles[asked]["new"] else asked
        column = max(b for b in (1, 10, 50, 200) if quantity >= b) if tiers else 1
        price = Decimal(str(articles[sku][str(column)])).quantize(CENT)
        add(sku, quantity, price, articles[sku]["group"], asked if sku != asked else "")

    write_quote([line | {"remark": remark.format(wish=wish)} for line in lines], bool(remark))
    if request:
        open_lines = [x for x in lines if x["group"] and limits[ME][x["group"]] < wish]
        groups = {x["group"] for x in open_lines} & set(decisive)
        role = next(r for r in limits if all(limits[r][g] >= wish for g in groups))
        approved = [
            net(x["quantity"], x["unit_price"], wish if x in open_lines else x["discount_pct"])
            for x in lines
        ]
        form = {
            "quote": quote,
            "customer_id": account["customer_id"],
            "currency": money,
            "approver": holders[role],
            "lines": [
                {
                    "sku": x["sku"],
                    "quoted_pct": float(x["discount_pct"]),
                    "requested_pct": float(wish),
                }
                for x in open_lines
            ],
            "total_quoted": str(sum(x["line_total"] for x in lines)),
            "total_if_approved": str(sum(approved)),
            "reason": f"{company} wishes {wish} % and considers a second offer; above desk authority.",
        }
        Path("crm/approval.json").write_text(json.dumps(form, indent=1), encoding="utf-8")
    return {
        "status": "done",
        "confidence": 0.9,
        "summary": say.format(quote=quote, wish=wish),
        "questions": [],
    }


def read_mails() -> tuple[dict[str, int], Decimal, str, date, str]:
    """What is wanted, the wished discount, the company, the day and the quote's number."""
    wanted: dict[str, int] = {}
    wish = Decimal(0)
    company: str = ""
    quote: str = ""
    days: list[date] = []
    for path in sorted(Path("inbox").glob("*.eml")):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        days.append(mail["Date"].datetime.date())
        body: str = mail.get_content()
        found = re.findall(r"(?m)^\s+(\d+) x (\S+)", body)
        if found:
            wanted = {sku: int(count) for count, sku in found}
            wish = Decimal(first(r"(\d+) % off", body))
            company = first(r"Purchasing, (.+)", body).strip()
        number = re.search(r"Q-\d{4}-\d+", str(mail["Subject"]))
        quote = number[0] if number else quote
    return wanted, wish, company, max(days), quote


def first(pattern: str, text: str) -> str:
    """The first group of the first match."""
    found = re.search(pattern, text)
    assert found, pattern
    return str(found[1])


def pick_list(which: str, today: date) -> Path:
    """The list that is valid today, or the first or last by name."""
    paths = sorted(Path("pricing").glob("*.xlsx"))
    if which != "valid":
        return paths[0] if which == "first" else paths[-1]
    for path in paths:
        cover = {row[0]: row[1] for row in load_workbook(path)["Cover"].iter_rows(values_only=True)}
        start, end = cover["Valid from"], cover["Valid to"]
        assert isinstance(start, datetime)
        assert isinstance(end, datetime)
        if start.date() <= today <= end.date():
            return path
    raise SystemExit("no price list is valid today")


def read_bundles(book: Any) -> dict[str, tuple[dict[str, int], dict[str, Decimal]]]:
    """Components and prices of each bundle."""
    out: dict[str, tuple[dict[str, int], dict[str, Decimal]]] = {}
    rows = list(book["Bundles"].iter_rows(values_only=True))
    for sku, _, part, count, *prices in rows[1:]:
        parts, money = out.setdefault(sku, ({}, {}))
        parts[part] = int(count)
        for name, price in zip(rows[0][4:], prices, strict=True):
            if price is not None:
                money[name] = Decimal(str(price)).quantize(CENT)
    return out


def read_policy() -> tuple[Limits, dict[str, str]]:
    """Limits by role and group, lowest role first, and the holders' addresses."""
    table = Document("policies/discount-policy.docx").tables[0]
    limits: Limits = {}
    holders: dict[str, str] = {}
    groups = [cell.text for cell in table.rows[0].cells[2:]]
    for row in table.rows[1:]:
        role, holder, *values = [cell.text for cell in row.cells]
        numbers = [Decimal(value.rstrip(" %")) for value in values]
        limits[role] = dict(zip(groups, numbers, strict=True))
        address = re.search(r"<(.+)>", holder)
        holders[role] = address[1] if address else ""
    return limits, holders


def net(quantity: int, price: Decimal, percent: Decimal) -> Decimal:
    """A line's total."""
    return (quantity * price * (100 - percent) / 100).quantize(CENT, ROUND_HALF_UP)


def write_quote(lines: list[dict[str, Any]], remarks: bool) -> None:
    """The quote in the CRM's format."""
    head: list[str] = [
        "sku",
        "quantity",
        "currency",
        "unit_price",
        "discount_pct",
        "line_total",
        "replaces",
    ]
    head += ["remark"] if remarks else []
    with Path("crm/quote.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, head, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(lines)
