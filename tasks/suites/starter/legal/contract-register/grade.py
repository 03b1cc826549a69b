"""Is every contract in the register, and every column right?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from offsite.tasks.grading import Criterion, Evidence, check, close, mentions, read_csv, read_xlsx

CSV, XLSX = "register/contract-register.csv", "register/contract-register.xlsx"
LAWS = {
    "England and Wales": r"\bengland|\benglish",
    "Germany": r"german",
    "Ireland": r"\bireland|\birish|\beire\b",
    "Netherlands": r"netherlands|dutch|holland",
    "France": r"france|french",
    "New York": r"new york|\bNY\b",
}
UNSIGNED = (
    r"\bdraft|unsigned|counter-?sign|execut",
    r"\b(?:not|never|no|without|missing|lacks?|lacking|blank|only|one|n't)\b.{0,60}\bsign",
    r"\bsign\w*\b.{0,60}\b(?:missing|blank|empty|lacking|absent|one|only)\b",
)
"""Why the draft is not in the register."""
EMPTY = re.compile(
    r"(n\s*/?\s*a|none|null|nil|no|-+|–|—|0+(\.0+)?|not applicable|indefinite)?", re.I
)
Row = dict[str, Any]
Same = Callable[[Any, Any], bool]


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """One criterion per group of columns, over all contracts."""
    rows = _rows(evidence)
    by_no = {_key(row.get("contract_no")): row for row in rows}
    right: dict[str, Row] = {row["contract_no"]: row for row in truth["rows"]}
    master = truth["master"]
    amended = {
        number: {key: right[number][key] for key in ("amended_by", truth["changed"])}
        if number == master
        else {"amended_by": right[number]["amended_by"]}
        for number in right
    }
    return [
        _contracts(rows, by_no, right),
        _columns("counterparties", by_no, right, ["counterparty"]),
        _columns("effective_dates", by_no, right, ["effective_date"]),
        _columns("terms", by_no, right, ["initial_term_months", "renewal_months", "notice_period"]),
        _columns("term_ends", by_no, right, ["current_term_end"]),
        _columns("notice_deadlines", by_no, right, ["next_notice_deadline"], weight=2.0),
        _columns("governing_law", by_no, right, ["governing_law"]),
        _columns("money", by_no, right, ["currency", "annual_value", "liability_cap"]),
        _columns("status", by_no, right, ["status", "superseded_by"]),
        _columns("amendment", by_no, amended, ["amended_by", truth["changed"]]),
        _note(evidence, truth),
    ]


def _note(evidence: Evidence, truth: dict[str, Any]) -> Criterion:
    """Whether the report tells how many contracts there are, what was left out, what comes first."""
    text = evidence.report.summary[:20_000] if evidence.report else ""
    first = date.fromisoformat(truth["first_deadline"])
    wanted = {
        f"{len(truth['rows'])} contracts": mentions(_without_dates(text), *_count(truth["rows"])),
        f"{truth['draft']} is not signed": mentions(text, re.escape(truth["draft"]), *UNSIGNED),
        f"first deadline {first}": mentions(text, *_forms(first)),
    }
    lacking = [what for what, told in wanted.items() if not told]
    return check(
        "note",
        not lacking,
        expected=", ".join(wanted),
        found=f"the report does not say: {', '.join(lacking)}" if lacking else "all told",
    )


def _count(rows: list[Row]) -> tuple[str, ...]:
    words = {9: "nine", 10: "ten", 11: "eleven"}
    return rf"(?<![\w-]){len(rows)}(?![\w-])", rf"\b{words.get(len(rows), 'rows')}\b"


def _without_dates(text: str) -> str:
    """The text without days of a month, which are no counts."""
    months = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
    return re.sub(
        rf"\d+[-./]\d+[-./]\d+|\b\d+(?:st|nd|rd|th)? (?:of )?{months}|{months} \d+", " ", text
    )


def _forms(day: date) -> tuple[str, ...]:
    """A day as people write it."""
    number, month = rf"0?{day.day}(?:st|nd|rd|th)?", rf"{day:%b}[a-z]*\.?"
    return (
        day.isoformat(),
        rf"\b{number} (?:of )?{month}",
        rf"\b{month} {number}\b",
        rf"\b0?{day.day}[./]0?{day.month}[./]{day.year}",
        rf"\b0?{day.month}/0?{day.day}/{day.year}",
    )


def _contracts(rows: list[Row], by_no: dict[str, Row], right: dict[str, Row]) -> Criterion:
    lacking, too_many = sorted(set(right) - set(by_no)), sorted(set(by_no) - set(right))
    return check(
        "contracts",
        not lacking and not too_many and len(rows) == len(right),
        expected=f"one row each: {', '.join(sorted(right))}",
        found=f"{len(rows)} rows; lacking {lacking}; too many {too_many}"
        if rows
        else "no register that can be read",
    )


def _columns(
    name: str, by_no: dict[str, Row], right: dict[str, Row], columns: list[str], weight: float = 1.0
) -> Criterion:
    """These columns of every contract; a contract without a row is wrong in all of them."""
    wrong: list[str] = []
    wanted: list[str] = []
    for number, row in right.items():
        told = by_no.get(number)
        for column in columns:
            if column not in row:
                continue
            value = told.get(column) if told is not None else "(no row)"
            if told is None or not SAME[column](value, row[column]):
                wrong.append(f"{number} {column}: {str(value)[:60]!r}")
                wanted.append(f"{number} {column}: {row[column] or 'empty'}")
    return check(
        name,
        not wrong,
        weight=weight,
        expected="; ".join(wanted) or f"{', '.join(columns)} right in {len(right)} rows",
        found="; ".join(wrong) or "all right",
    )


def _rows(evidence: Evidence) -> list[Row]:
    """The register, from whichever of the two files is there and has rows."""
    rows: list[Row] = [dict(row) for row in read_csv(evidence, CSV) or []]
    return rows or _sheet(evidence)


def _sheet(evidence: Evidence) -> list[Row]:
    """The rows below the header of the first sheet that has one."""
    book = read_xlsx(evidence, XLSX, values=True)
    for sheet in book.worksheets if book else []:
        names: list[str] = []
        rows: list[Row] = []
        for number, cells in enumerate(sheet.iter_rows(max_col=60, values_only=True)):
            if number > 2000:
                break
            heads = [re.sub(r"\s+", "_", str(cell or "").strip().lower()) for cell in cells]
            if not names:
                names = heads if "contract_no" in heads else []
            elif any(heads):
                rows.append(dict(zip(names, cells, strict=False)))
        if rows:
            return rows
    return []


def _key(value: object) -> str:
    return re.sub(r"\s+", "", str(value or "")).upper()


def _empty(value: object) -> bool:
    return value is None or EMPTY.fullmatch(str(value).strip()) is not None


def _same_day(value: Any, right: Any) -> bool:
    if right is None:
        return _empty(value)
    if isinstance(value, datetime):
        return value.date().isoformat() == right
    if isinstance(value, date):
        return value.isoformat() == right
    text = str(value or "").strip()
    if re.fullmatch(r"\d{4}-\d\d-\d\d([T ]00:00(:00)?.*)?", text):
        return text[:10] == right
    for style in ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%d.%m.%Y", "%Y/%m/%d"):
        try:
            return datetime.strptime(text, style).date().isoformat() == right
        except ValueError:
            continue
    return False


def _same_number(value: Any, right: Any) -> bool:
    if right is None:
        return _empty(value)
    text = (
        re.sub(r"\s*months?$", "", value[:40].strip(), flags=re.I)
        if isinstance(value, str)
        else value
    )
    return close(text, right, "0.5")


def _same_notice(value: Any, right: Any) -> bool:
    if right is None:
        return _empty(value)
    found = re.findall(r"(\d+)\)?\s*(?:calendar\s*)?(day|month)s?", str(value)[:200], re.I)
    return [f"{int(n[:6])} {unit.lower()}s" for n, unit in found] == [right]


def _same_law(value: Any, right: Any) -> bool:
    text = str(value or "")[:300]
    return [name for name, pattern in LAWS.items() if re.search(pattern, text, re.I)] == [right]


def _same_cap(value: Any, right: Any) -> bool:
    if right == "uncapped":
        return bool(
            re.fullmatch(r"un(capped|limited)|no (cap|limit)|none", str(value).strip(), re.I)
        )
    return close(_short(value), right, "0.5")


def _same_text(value: Any, right: Any) -> bool:
    return _empty(value) if right is None else _key(value) == _key(right)


def _same_amendment(value: Any, right: Any) -> bool:
    """The amendment's number, whole or as people shorten it: `A1`, `Amendment no. 1`."""
    if right is None:
        return _empty(value)
    contract, _, count = right.rpartition("/A")
    text = _key(value)[:200]
    return right in text or set(re.findall(r"\d+", text.replace(contract, ""))) == {count}


def _same_party(value: Any, right: Any) -> bool:
    words = [re.sub(r"\W+", "", str(text or "").lower())[:200] for text in (value, right)]
    return words[0] == words[1] or words[0] == re.sub(r"(ltd|gmbh|bv|inc|sas)$", "", words[1])


def _short(value: Any) -> Any:
    return value[:40] if isinstance(value, str) else value


SAME: dict[str, Same] = {
    "counterparty": _same_party,
    "effective_date": _same_day,
    "initial_term_months": _same_number,
    "renewal_months": _same_number,
    "notice_period": _same_notice,
    "current_term_end": _same_day,
    "next_notice_deadline": _same_day,
    "governing_law": _same_law,
    "currency": _same_text,
    "annual_value": _same_number,
    "liability_cap": _same_cap,
    "status": _same_text,
    "amended_by": _same_amendment,
    "superseded_by": _same_text,
}
