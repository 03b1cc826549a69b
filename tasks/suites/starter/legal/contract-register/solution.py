"""Read the contracts, work in the amendment, count the deadlines."""

from __future__ import annotations

import calendar
import csv
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from pypdf import PdfReader

HEAD = [
    "contract_no",
    "counterparty",
    "effective_date",
    "initial_term_months",
    "renewal_months",
    "notice_period",
    "current_term_end",
    "next_notice_deadline",
    "governing_law",
    "currency",
    "annual_value",
    "liability_cap",
    "status",
    "amended_by",
    "superseded_by",
]
MONTHS = "|".join(calendar.month_name[1:])
DAY = rf"\d{{4}}-\d\d-\d\d|\d\d\.\d\d\.\d{{4}}|\d\d/\d\d/\d{{4}}|(?:the )?\d+(?:\w\w day of)? (?:{MONTHS}) \d{{4}}|(?:{MONTHS}) \d+, \d{{4}}"
AMOUNT = r"([A-Z]{3}) (\d[\d.,]*\d)"
MASTER = r"Master Services Agreement no\. ([\w-]+)"
LAWS = ("England and Wales", "Germany", "Ireland", "Netherlands", "France", "New York")
FEES = {"year": 1, "month": 12, "quarter": 4}
Row = dict[str, Any]


def solve(
    *,
    drafts: bool = False,
    amend: bool = True,
    amendment_row: bool = False,
    supersede: bool = True,
    references: bool = True,
    roll: bool = True,
    by_signature: bool = False,
    inclusive: bool = True,
    yearly: bool = True,
    venue: bool = False,
) -> dict[str, Any]:
    """Do the job; the options are the ways to get it wrong."""
    mail = Path("register/audit-request.eml").read_text(encoding="utf-8")
    today = parsedate_to_datetime(first(r"(?m)^Date: (.+)$", mail)).date()
    papers = [read(path) for path in sorted(Path("contracts").glob("*.pdf"))]
    signed = [p for p in papers if drafts or p.count("/s/") == 2]
    changes = [p for p in signed if "Amendment no. 1" in p]
    orders = [p for p in signed if "under the Master Services Agreement no." in p]
    rows: dict[str, Row] = {}
    for paper in signed:
        if paper not in changes and paper not in orders:
            row = entry(paper, by_signature, venue)
            rows[row["contract_no"]] = row
    for paper in changes:
        master = rows[first(MASTER, paper)]
        if amend:
            work_in(paper, master)
        if amendment_row:
            rows[number_of(paper)] = master | {"contract_no": number_of(paper), "amended_by": ""}
    for paper in orders:
        row = entry(paper, by_signature, venue)
        if references:
            # Length, renewal, notice and law are the master's, as amended; the dates are its own.
            master = rows[first(MASTER, paper)]
            row |= {key: master[key] for key in ("initial", "renewal", "notice", "governing_law")}
        rows[row["contract_no"]] = row
    for paper in signed if supersede else []:
        old = re.search(r"supersedes,? the agreement no\. (\S+?)[ ,.](?= |t|b)", paper)
        if old and old[1] in rows:
            rows[old[1]] |= {"status": "superseded", "superseded_by": number_of(paper)}
    for row in rows.values():
        count(row, today, roll, inclusive, yearly)
    write(rows.values())
    return {
        "status": "done",
        "confidence": 0.85,
        "summary": summary(papers, signed, rows.values()),
        "questions": [],
    }


def summary(papers: list[str], signed: list[str], rows: Iterable[Row]) -> str:
    """The note to counsel."""
    left_out = ", ".join(number_of(p) for p in papers if p not in signed)
    count = len(list(rows))
    deadlines = [row["next_notice_deadline"] for row in rows if row["next_notice_deadline"]]
    return (
        f"{count} contracts are in the register. Not signed by both and left out: {left_out or 'none'}. "
        f"The first deadline is {min(deadlines)}."
    )


def read(path: Path) -> str:
    """The text of a paper on one line, without page headers and footers."""
    pages: list[str] = []
    for page in PdfReader(path).pages:
        text = page.extract_text()
        text = re.sub(r"(?m)^Halden Logistics plc - page \d+$", "", text)
        pages.append(text if not pages else re.sub(r"(?m)^Contract no\. \S+$", "", text))
    return re.sub(r"\s+", " ", " ".join(pages))


def entry(paper: str, by_signature: bool, venue: bool) -> Row:
    """One contract as its paper has it; what it does not say is empty."""
    last = paper.index("Signatures")
    dates = [day(d) for d in re.findall(rf"Date: ({DAY})", paper[last:])]
    begins = re.search(rf"takes effect on ({DAY}) \(the", paper)
    effective = day(begins[1]) if begins and not by_signature else max(dates)
    term = re.search(r"first period of [^(]*\((\d+)\) (months|years)", paper)
    until = re.search(rf"and ends on ({DAY}), that day included", paper)
    initial: int | None = None
    if term:
        initial = int(term[1]) * (12 if term[2] == "years" else 1)
    elif until:
        after = day(until[1]) + timedelta(days=1)
        initial = (after.year - effective.year) * 12 + after.month - effective.month
    renewal = re.search(
        r"(?:successive periods of|extended by a further) [^(]*\((\d+)\) months", paper
    )
    notice = re.search(r"not less than [^(]*\((\d+)\) (days|months)", paper)
    fee = re.search(rf"a fee of {AMOUNT} per (year|month|quarter)", paper)
    listed = re.search(r"Schedule: fees per year (.*?) Signatures", paper)
    if fee:
        currency, instalment, times = fee[1], amount(fee[2]), FEES[fee[3]]
    else:
        parts = re.findall(AMOUNT, listed[1] if listed else "")
        currency, instalment, times = parts[0][0], sum((amount(p[1]) for p in parts), Decimal(0)), 1
    cap = re.search(rf"contract year is limited to (?:{AMOUNT}|(\d+) per cent)", paper)
    law = first(r"governed by (.+?)[.,]", paper)
    return {
        "contract_no": number_of(paper),
        "counterparty": first(r'Hull \("Halden"\), and (.+?) \(the "Supplier"\)', paper),
        "effective": effective,
        "initial": initial,
        "renewal": int(renewal[1]) if renewal else None,
        "notice": (int(notice[1]), notice[2]) if notice else None,
        "governing_law": (
            first(r"arbitration seated in (\w+)", paper)
            if venue
            else next((name for name in LAWS if name in law), "")
        ),
        "currency": currency,
        "instalment": instalment,
        "times": times,
        "percent": int(cap[3]) if cap and cap[3] else 0,
        "liability_cap": amount(cap[2]) if cap and cap[2] else "uncapped",
        "status": "active",
        "amended_by": "",
        "superseded_by": "",
    }


def work_in(paper: str, row: Row) -> None:
    """Change the one thing that the amendment changes."""
    new = first(r'is replaced by "(.+?)"|are replaced by "(.+?)"', paper)
    what = first(r"In clause (\d+\.\d) of the Master Agreement the (words|amount)", paper, 2)
    row["amended_by"] = number_of(paper)
    if what == "words":
        row["notice"] = (int(first(r"\((\d+)\)", new)), first(r"(days|months)", new))
        return
    old = amount(first(r'the amount "[A-Z]{3} (.+?)" is', paper))
    value = amount(new.split()[1])
    row["instalment" if row["instalment"] == old else "liability_cap"] = value


def count(row: Row, today: date, roll: bool, inclusive: bool, yearly: bool) -> None:
    """Work out the term that runs today, the next deadline and the value per year."""
    one = timedelta(days=1 if inclusive else 0)
    row["effective_date"] = row["effective"]
    row["initial_term_months"], row["renewal_months"] = row["initial"], row["renewal"]
    row["notice_period"] = "{} {}".format(*row["notice"]) if row["notice"] else ""
    row["annual_value"] = row["instalment"] * (row["times"] if yearly else 1)
    if row["percent"]:
        row["liability_cap"] = row["annual_value"] * row["percent"] / 100
    row["current_term_end"] = row["next_notice_deadline"] = ""
    if row["status"] == "superseded" or not row["initial"]:
        return
    length = row["initial"]
    while row["renewal"] and months(row["effective"], length) - one < today:
        length += row["renewal"]
    end = months(row["effective"], length) - one
    row["current_term_end"] = end
    if not row["renewal"]:
        row["status"] = "expired" if end < today else "active"
        return
    deadline = before(end, *row["notice"])
    if deadline < today and roll:
        deadline = before(months(row["effective"], length + row["renewal"]) - one, *row["notice"])
    row["next_notice_deadline"] = deadline


def before(end: date, number: int, unit: str) -> date:
    """The deadline for a term that ends then."""
    return end - timedelta(days=number) if unit == "days" else months(end, -number)


def months(start: date, number: int) -> date:
    """The same day so many months on or back, or that month's last."""
    year, month = divmod(start.year * 12 + start.month - 1 + number, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def day(text: str) -> date:
    """A date in any of the papers' styles; with slashes it is American."""
    plain = re.sub(r"^the (\d+)\w\w day of", r"\1", text)
    for style in ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %B %Y", "%B %d, %Y"):
        try:
            return datetime.strptime(plain, style).date()
        except ValueError:
            continue
    raise ValueError(text)


def amount(text: str) -> Decimal:
    """`120,000`, `120,000.00` or `120.000,00`."""
    if re.fullmatch(r"[\d.]+,\d\d", text):
        text = text.replace(".", "").replace(",", ".")
    return Decimal(text.replace(",", ""))


def number_of(paper: str) -> str:
    """Halden's number, from the first page."""
    return first(r"Contract no\. (\S+)", paper)


def first(pattern: str, text: str, group: int = 1) -> str:
    """A group of the first match; of alternatives, the one that matched."""
    found = re.search(pattern, text)
    assert found, pattern
    return str(found[group] or found[found.lastindex or 0])


def write(rows: Iterable[Row]) -> None:
    """The register as CSV."""
    with Path("register/contract-register.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, HEAD, extrasaction="ignore")
        writer.writeheader()
        for row in sorted(rows, key=lambda r: r["contract_no"]):
            writer.writerow(row)
