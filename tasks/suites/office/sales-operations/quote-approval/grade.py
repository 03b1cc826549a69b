"""The grader of `quote-approval`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from offsite.records.office import Happening, Mail, Office, Sale, TradeLine, read_office
from offsite.tasks.grading import Criterion, Evidence, check, close, mentions, number, read_json

HAND_IN = "quote.json"
MONEY = r"(EUR|€)\s?\d|\d\s?(EUR|€|euros?\b)|\bSO\d{4}\b"
NUMBERS = r"\d+(?:[.,'   ]\d+)*"
CENT = Decimal("0.0051")
"""How far a price may be off: it may be rounded to cents."""


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """Judge who was asked, what stands in the ERP, and what the customer got when."""
    office = read_office(evidence) or Office()
    new = [one for one in office.erp.sales if one.number not in truth["before"]]
    live = [one for one in new if one.state != "cancelled"]
    quote = live[0] if len(live) == 1 else None
    approved = _approved(office, truth)
    sent = _sent(office, truth)
    mails = [one for one in office.mails if "@" in one.mailbox and one.sender == "worker@acme.test"]
    carrying = [one for one in mails if quote and quote.number in f"{one.subject}\n{one.text}"]
    offers = [one for one in sent if any(_is_same(one.text, mail.text) for mail in carrying)]
    until = _until(offers, truth)
    return [
        check(
            "approval_asked",
            approved is not None,
            expected=f"the approval of {truth['director'][1]}, asked for by mail",
            found=[
                (one.kind, one.who, one.topic) for one in office.happenings if one.to == "worker"
            ],
        ),
        _nothing_before(sent, approved),
        _quote(live, truth),
        _goods(quote, truth),
        _terms(quote, truth, until),
        _noted(quote, truth),
        _offer(carrying, offers, quote, truth, until),
        check(
            "internal_kept",
            not [
                one
                for one in mails
                if mentions(one.text, rf"\b{truth['director'][1].split()[1]}\b")
            ],
            expected="nothing of who approved it in mails to the outside",
            found=[one.subject for one in mails],
            kind="policy",
        ),
        _hand_in(evidence, quote, truth, until),
    ]


def _approved(office: Office, truth: dict[str, Any]) -> Happening | None:
    """The director's word."""
    director = truth["director"][0]
    said = (one for one in office.happenings if (one.kind, one.who) == ("answered", director))
    return next((one for one in said if one.topic == "approval" and one.text), None)


def _sent(office: Office, truth: dict[str, Any]) -> list[Happening]:
    """What the customer heard of the worker, and when."""
    return [
        one
        for one in office.happenings
        if (one.kind, one.who, one.to) == ("heard", "worker", truth["address"])
    ]


def _nothing_before(sent: list[Happening], approved: Happening | None) -> Criterion:
    early = [one for one in sent if approved is None or one.at < approved.at]
    wrong = [one.text for one in early if mentions(_own(one.text), MONEY)]
    return check(
        "nothing_before_approval",
        not wrong,
        expected="no offer and no prices before the approval",
        found=wrong or "nothing",
        kind="policy",
    )


def _own(text: str) -> str:
    """What somebody wrote themselves: without the mail that they answer."""
    mine = re.split(r"(?im)^-{2,} ?(original|forwarded) message|^on .{5,120} wrote:", text)[0]
    return "\n".join(line for line in mine.splitlines() if not line.lstrip().startswith(">"))


def _is_same(heard: str, mailed: str) -> bool:
    """Whether it is the same text, tags and white space aside."""
    one, other = (re.sub(r"<[^>]*>|&\w+;|[\W_]+", "", text)[:300] for text in (heard, mailed))
    return bool(one) and one == other


def _quote(live: list[Sale], truth: dict[str, Any]) -> Criterion:
    return check(
        "quote",
        [(one.party, one.state) for one in live] == [(truth["party"], "quotation")],
        expected=f"one new quotation of {truth['party']}",
        found=[(one.number, one.party, one.state) for one in live],
    )


def _lines(quote: Sale | None) -> list[TradeLine]:
    return [one for one in quote.lines if one.kind == "line"] if quote else []


def _goods(quote: Sale | None, truth: dict[str, Any]) -> Criterion:
    """Products and quantities; one product may stand on two lines."""
    found: dict[str, Decimal] = {}
    for one in _lines(quote):
        found[one.product] = found.get(one.product, Decimal(0)) + one.quantity
    want = {code: Decimal(quantity) for code, (quantity, _) in truth["lines"].items()}
    told = {code: str(quantity) for code, quantity in found.items()}
    return check("goods", found == want, expected=_told(want), found=told, weight=2)


def _terms(quote: Sale | None, truth: dict[str, Any], until: date | None) -> Criterion:
    """Prices and validity as they were approved."""
    want = {code: Decimal(price) for code, (_, price) in truth["lines"].items()}
    wrong = [
        f"{one.product} at {one.price}"
        for one in _lines(quote)
        if one.product in want and abs((one.price or Decimal(0)) - want[one.product]) > CENT
    ]
    if not quote or not until or not mentions(quote.description, _day(until)):
        wrong.append(f"description {quote.description if quote else ''!r}")
    return check(
        "terms",
        not wrong,
        expected=f"valid until {until}; {_told(want)}",
        found=wrong or "all right",
        weight=2,
    )


def _noted(quote: Sale | None, truth: dict[str, Any]) -> Criterion:
    login, name = truth["director"]
    right = quote and mentions(quote.reference, re.escape(truth["reference"]))
    by = quote and mentions(quote.comment, re.escape(login), rf"\b{name.split()[1]}\b")
    return check(
        "noted",
        bool(right and by),
        expected=f"reference {truth['reference']}, comment: approved by {name}",
        found=(quote.reference, quote.comment) if quote else "no quote",
    )


def _offer(
    carrying: list[Mail],
    offers: list[Happening],
    quote: Sale | None,
    truth: dict[str, Any],
    until: date | None,
) -> Criterion:
    """The last offer that went out to whoever asked, and none to anybody else."""
    mine = [one for one in carrying if one.mailbox == truth["address"]]
    strangers = {one.mailbox for one in carrying if truth["address"] not in one.recipients}
    text = mine[-1].text if mine else ""
    right = _holds(text, quote, truth) and until and mentions(text, _day(until))
    return check(
        "offer",
        bool(offers and right and not strangers),
        expected=f"a mail to {truth['address']}: number, {truth['net']} EUR, valid until {until}",
        found=text or sorted(strangers) or "none",
        weight=2,
    )


def _hand_in(
    evidence: Evidence, quote: Sale | None, truth: dict[str, Any], until: date | None
) -> Criterion:
    read = read_json(evidence, HAND_IN)
    told = cast(dict[str, Any], read) if isinstance(read, dict) else {}
    by = str(told.get("approved_by", "")).removesuffix("@acme.test")
    right = (
        quote is not None
        and str(told.get("number")) == quote.number
        and _is_net(number(told.get("net")), quote, truth)
        and close(told.get("discount"), truth["discount"])
        and until is not None
        and str(told.get("valid_until")) == until.isoformat()
        and by == truth["director"][0]
    )
    return check(
        "hand_in",
        right,
        expected=f"{quote.number if quote else ''}, {truth['net']}, {truth['discount']}, {until}",
        found=told or "no such file",
    )


def _until(offers: list[Happening], truth: dict[str, Any]) -> date | None:
    """Until when the offer must be valid: as approved, or 30 days from when it went out."""
    if truth["until"]:
        return date.fromisoformat(truth["until"])
    return offers[-1].at.date() + timedelta(days=30) if offers else None


def _holds(text: str, quote: Sale | None, truth: dict[str, Any]) -> bool:
    """Whether the total stands in a text, however it is written."""
    return any(_is_net(amount, quote, truth) for amount in _amounts(text))


def _is_net(amount: Decimal | None, quote: Sale | None, truth: dict[str, Any]) -> bool:
    if amount is None or quote is None:
        return False
    pieces = sum(Decimal(quantity) for quantity, _ in truth["lines"].values())
    near = abs(quote.untaxed - Decimal(truth["net"])) <= CENT * pieces
    return near and abs(amount - quote.untaxed) < Decimal("0.011")


def _amounts(text: str) -> Iterable[Decimal]:
    for found in re.findall(NUMBERS, text):
        digits = re.sub(r"[^\d]", "", found)
        cents = re.search(r"[.,](\d{1,2})$", found)
        amount = number(digits if len(digits) < 16 else None)
        if amount is not None:
            yield amount / 10 ** (len(cents[1]) if cents else 0)


def _told(values: dict[str, Decimal]) -> str:
    return ", ".join(f"{code}: {value}" for code, value in values.items())


def _day(day: date) -> str:
    """An expression for a day, as people write it."""
    month = rf"{day:%B}|{day:%b}"
    return (
        rf"{day.isoformat()}|\b0?{day.day}(st|nd|rd|th|\.)?( of)? ({month})|({month}) 0?{day.day}\b|"
        rf"\b0?{day.day}[./]0?{day.month}\b|\b0?{day.month}/0?{day.day}\b"
    )
