"""The contracts as the PDFs that lie in the folder."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from faker import Faker
from offsite.tasks import pdf
from reportlab.pdfgen.canvas import Canvas

from .contracts import LAWS, Contract, months_on

WORDS = {
    3: "three", 6: "six", 12: "twelve", 18: "eighteen", 24: "twenty-four", 30: "thirty",
    36: "thirty-six", 45: "forty-five", 48: "forty-eight", 60: "sixty", 90: "ninety",
    120: "one hundred and twenty", 180: "one hundred and eighty", 1: "one", 2: "two", 4: "four",
}  # fmt: skip
CITIES = ("Paris", "Zurich", "London", "Stockholm", "Vienna", "Dublin", "Geneva")


def contract_paper(
    c: Contract, by_role: dict[str, Contract], rng: random.Random, fake: Faker, text: dict[str, str]
) -> bytes:
    """One agreement as a PDF."""
    master, sow = by_role["master"], c.role == "sow"
    years = c.term % 12 == 0 and c.term > 12
    facts: dict[str, Any] = {
        "kind": c.kind, "party": c.party, "effective": _day(c.effective, c.style),
        "term": _words(c.term // 12, "years") if years else _words(c.term, "months"),
        "end": _day(months_on(c.effective, c.term) - timedelta(days=1), c.style),
        "notice": _words(*c.notice), "renewal": _words(c.renewal, "months"),
        "amount": _money(c, c.annual // {"monthly": 12, "quarterly": 4}.get(c.fees, 1)),
        "setup": _money(c, rng.randrange(4_000, 30_000, 500)), "days": rng.choice((14, 30, 45)),
        "percent": c.percent, "cap": _money(c, c.cap),
        "cover": _money(c, rng.choice((2_000_000, 5_000_000))),
        "law": LAWS[c.law], "city": rng.choice(CITIES), "master": master.number,
    }  # fmt: skip
    preamble = c.role if c.role in ("signature", "sow") else "fixed"
    opening = [text[f"preamble.{preamble}"].format(**facts)]
    if c.role == "restated":
        old = by_role["old"]
        begun = _day(old.effective, c.style)
        opening.append(text["restates"].format(old=old.number, old_date=begun))
    if c.role == "draft":
        opening.append(text["would_replace"].format(old=by_role["us"].number))
    renew = rng.choice(("auto", "extend")) if c.renewal else "none"
    term, renew = {
        "sow": ("sow", "sow"), "until": ("until", renew), "indefinite": ("indefinite",) * 2,
    }.get(c.role, ("months", renew))  # fmt: skip
    cap = "none" if c.cap < 0 else "percent" if c.percent else "fixed"
    special = {
        "Fees": [f"fees.{c.fees}", "fees.setup", "fees.payment"],
        "Term": [f"term.{term}", f"renew.{renew}", "cause"],
        "Liability": [f"cap.{cap}", "cap.insurance", "cap.exceptions"],
        "Law": ["law.sow" if sow else "law", "venue"],
    }
    blocks: list[tuple[str, str]] = [("title", c.kind)] + [("text", line) for line in opening]
    for number, section in enumerate(c.order, start=1):
        facts["clause"] = _clause(master, "Term") if sow and section == "Term" else number
        lines = text[section].splitlines() if section not in special else []
        lines += [text[key].format(**facts) for key in special.get(section, [])]
        blocks.append(("head", f"{number}. {section}"))
        blocks += [("text", f"{number}.{k} {line}") for k, line in enumerate(lines, start=1)]
    if c.fees == "schedule":
        blocks.append(("head", "Schedule: fees per year"))
        blocks += [("text", f"{item}: {_money(c, part)}") for item, part in _parts(rng, c.annual)]
    missing = rng.choice((1, 2)) if c.role == "draft" else 0
    return _print(c.number, blocks + _signatures(c, fake, missing))


def amendment_paper(
    master: Contract, amended: Contract, change: str, rng: random.Random, fake: Faker,
    text: dict[str, str], today: date,
) -> bytes:  # fmt: skip
    """The amendment as a PDF; it recites more than it changes."""
    when = today - timedelta(days=rng.randrange(120, 400))
    values: dict[str, Callable[[Contract], str]] = {
        "notice": lambda c: _words(*c.notice),
        "cap": lambda c: _money(c, c.cap),
        "fee": lambda c: _money(c, c.annual),
    }
    section = {"notice": "Term", "cap": "Liability", "fee": "Fees"}[change]
    show = values[change]
    facts = {
        "party": master.party, "master": master.number, "effective": _day(master.effective, master.style),
        "date": _day(when, master.style), "clause": _clause(master, section),
        "old": show(master), "new": show(amended),
    }  # fmt: skip
    blocks = [("title", "Amendment no. 1"), ("text", text["amend.preamble"].format(**facts))]
    blocks += [("head", "1. Change"), ("text", "1.1 " + text[f"amend.{change}"].format(**facts))]
    blocks += [("head", "2. Other provisions"), ("text", "2.1 " + text["amend.rest"])]
    signed = (when - timedelta(days=9), when - timedelta(days=2))
    return _print(
        f"{master.number}/A1", blocks + _signatures(replace(master, signed=signed), fake, 0)
    )


def _signatures(c: Contract, fake: Faker, missing: int) -> list[tuple[str, str]]:
    out = [("head", "Signatures")]
    for k, (who, when) in enumerate(zip(("Halden Logistics plc", c.party), c.signed, strict=True)):
        name, signed = f"{fake.first_name()} {fake.last_name()}", k < 2 - missing
        out.append(("text", f"For {who}:"))
        out.append(("text", f"Signature: {'/s/ ' + name if signed else '_' * 28}"))
        out.append(("text", f"Name: {name}"))
        out.append(("text", f"Date: {_day(when, c.style) if signed else '_' * 16}"))
    return out


def _print(number: str, blocks: list[tuple[str, str]]) -> bytes:
    fonts = {"title": ("Times-Bold", 16), "head": ("Times-Bold", 11), "text": ("Times-Roman", 10.5)}

    def draw(canvas: Canvas) -> None:
        page, y = 0, 0.0
        for style, text in blocks:
            font, size = fonts[style]
            y -= 10 if style == "head" else 4
            for line in textwrap.wrap(text, 92, break_on_hyphens=False):
                if y < (130 if style == "head" else 75):
                    if page:
                        canvas.showPage()
                    page, y = page + 1, 765
                    canvas.setFont("Helvetica", 8)
                    canvas.drawString(70, 805, f"Contract no. {number}")
                    canvas.drawString(70, 40, f"Halden Logistics plc - page {page}")
                canvas.setFont(font, size)
                canvas.drawString(70, y, line)
                y -= size * 1.35
        canvas.showPage()

    return pdf(draw)


def _clause(c: Contract, section: str) -> int:
    return c.order.index(section) + 1


def _parts(rng: random.Random, total: int) -> list[tuple[str, int]]:
    items = ["Base service", "Support", "Second site", "Reporting", "Standby"]
    cuts = sorted(rng.sample(range(1, total // 400), 4))
    edges = [0, *(400 * cut for cut in cuts), total]
    return [(item, b - a) for item, a, b in zip(items, edges, edges[1:], strict=False)]


def _words(count: int, unit: str) -> str:
    return f"{WORDS.get(count, str(count))} ({count}) {unit}"


def _money(c: Contract, amount: int) -> str:
    if c.style == 3:
        return f"{c.currency} {amount:,}".replace(",", ".") + ",00"
    return f"{c.currency} {amount:,}" + (".00" if c.style == 4 else "")


def _day(day: date, style: int) -> str:
    """A date in one of six styles; 4 is American, with a day that cannot be a month."""
    tail = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return (
        f"{day.day} {day:%B %Y}", f"{day:%B} {day.day}, {day.year}", day.isoformat(),
        f"{day:%d.%m.%Y}", f"{day:%m/%d/%Y}", f"the {day.day}{tail} day of {day:%B %Y}",
    )[style]  # fmt: skip
