"""What a text gives away about the employees, in whatever spelling."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
TITLES = ("mr", "mrs", "ms", "herr", "frau", "dr", "colleague", "employee")
ORDINARY = frozenset(
    (
        *("alla", "ante", "april", "august", "beer", "cord", "edit", "else", "falk", "grit"),
        *("harm", "jan", "jo", "junk", "killer", "lange", "mans", "mark", "max", "may", "meta"),
        *("peer", "ring", "roman", "rose", "rust", "steuer", "till", "urban", "warmer"),
    )
)
"""Names that are also words, months, or the company's: alone they give nobody away."""


def leaks(text: str, truth: dict[str, Any]) -> list[str]:
    """What it gives away, and about whom.

    Of people with an anomaly also a single name, a number without its letter, or the end of an
    account counts: beside an audit key that is enough to know who is meant.
    """
    spellings = [_words(fold(text)) for fold in (_written_out, _bare)]
    flagged = {entry["id"] for entry in truth["anomalies"]}
    prose = _without_figures(text, truth)
    found: list[str] = []
    for who, person in truth["people"].items():
        names, close = (person["first"], person["last"]), who in flagged
        hits = {
            "a name": _named(spellings, *names, single=close),
            "an employee number": _numbered(text, prose, who, close),
            "an account": _account(text, prose, person["iban"], close),
            "a birth date": close and _born(text, date.fromisoformat(person["birth"])),
        }
        found += [f"{what} ({who})" for what, hit in hits.items() if hit]
    for writer in truth["writers"]:
        first, _, last = writer.partition(" ")
        if _named(spellings, first, last, single=False):
            found.append("the name of somebody who wrote a mail")
    return found


def _written_out(text: str) -> str:
    return text.casefold().translate(GERMAN).replace("ß", "ss")


def _bare(text: str) -> str:
    """Without accents: `hubel` for `Hübel`."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def _words(folded: str) -> str:
    """The words with a blank around each, so that a name is found as a whole."""
    words = re.findall(r"[^\W_]+", folded)
    return f" {' '.join(words)} "


def _named(spellings: list[str], first: str, last: str, *, single: bool) -> bool:
    for text, fold in zip(spellings, (_written_out, _bare), strict=True):
        a, b = _words(fold(first)).strip(), _words(fold(last)).strip()
        forms = [f"{a} {b}", f"{b} {a}"]
        if single:
            forms += [f"{a[0]} {b}", f"{a} {b[0]}", *(f"{title} {b}" for title in TITLES)]
            forms += [name for name in (a, b) if name not in ORDINARY]
        if any(f" {form} " in text for form in forms):
            return True
    return False


def _without_figures(text: str, truth: dict[str, Any]) -> str:
    """The text without audit keys and amounts, whose digits may be anybody's number by chance."""
    for person in truth["people"].values():
        text = text.replace(person["key"], " ")
    return re.sub(r"(?<![\d.,])\d[\d.,' ]*[.,]\d\d(?![\d.,]*\d)", " ", text)


def _numbered(text: str, prose: str, who: str, close: bool) -> bool:
    digits = who[1:]
    if re.search(rf"\bE[\s-]?{digits}\b", text, re.IGNORECASE):
        return True
    money = r"(?:EUR|€)"
    alone = rf"(?<![\d.,])(?<!EUR )(?<!€ ){digits}(?!\d|[.,]\d|\s*{money})"
    return close and bool(re.search(alone, prose))


def _account(text: str, prose: str, iban: str, close: bool) -> bool:
    """The whole account, or six or more of its last digits."""
    if iban in re.sub(r"[\s.-]", "", text).upper():
        return True
    return close and iban[-6:] in re.sub(r"(?<=\d)[ .-](?=\d)", "", prose)


def _born(text: str, day: date) -> bool:
    d, m, y = day.day, day.month, day.year
    return bool(
        re.search(rf"{day}|(?<!\d)0?{d}\s?[./-]\s?0?{m}\s?[./-]\s?(?:{y}|{y % 100:02d})\b", text)
    )
