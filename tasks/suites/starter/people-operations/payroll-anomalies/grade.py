"""Judges the register by who is in it, with which code and amount, and what it gives away."""

from __future__ import annotations

import re
from typing import Any

from offsite.tasks.grading import Criterion, Evidence, check, close, mentions, read_csv

from .privacy import leaks

REGISTER = "payroll/2025-05/anomalies.csv"
GROUPS = {
    "employment_dates": ("AFTER_LEAVING", "PRORATION"),
    "shared_accounts": ("SHARED_ACCOUNT",),
    "overtime": ("OT_CAP", "OT_UNAPPROVED"),
    "pay_changes": ("PAY_CHANGE", "RETRO_TWICE"),
}
ABOUT = {
    "AFTER_LEAVING": r"left|leav|employ|terminat|\bend|last (working )?day|exit|depart|quit",
    "PRORATION": r"\bday|calend|rata|rate|start|join|left|leav|month|employ|hire|entry|exit",
    "SHARED_ACCOUNT": r"account|iban|shar|form|same bank",
    "OT_CAP": r"\bcap|limit|max|overtime|\bot\b|hour|\d ?h\b",
    "OT_UNAPPROVED": r"approv|sheet|overtime|\bot\b|hour|\d ?h\b|book",
    "PAY_CHANGE": r"approv|salar|chang|rais|increas|effective|base|\bpc-",
    "RETRO_TWICE": r"retro|twice|april|second|duplic|again|double|already",
}
"""What a reason for a code cannot do without, in some form."""
Row = dict[str, str]


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """The verdict's criteria."""
    rows = read_csv(evidence, REGISTER)
    if rows is None:
        names = ("all_identified", *GROUPS, "no_false_alarms", "amounts", "reasons_given")
        missing = [check(n, False, expected=REGISTER, found="missing or unreadable") for n in names]
        return [*missing, _privacy(evidence, truth)]
    keys = {p["key"]: who for who, p in truth["people"].items()}
    due = {(a["id"], a["code"]): a for a in truth["anomalies"]}
    found: dict[tuple[str, str], Row] = {}
    extra: list[str] = []
    unknown: list[str] = []
    for row in rows:
        who, code = _who(row, keys, truth), _code(row)
        label = f"{row.get('employee', '')} {code}"
        if who is None:
            unknown.append(label)
        if who is None or (who, code) not in due or (who, code) in found:
            extra.append(label)
        else:
            found[who, code] = row
    return [
        check(
            "all_identified",
            not unknown and bool(rows),
            expected="each row names someone by a key that is valid",
            found=f"not known: {', '.join(unknown[:15])}" if unknown else f"{len(rows)} rows",
        ),
        *[_group(name, codes, due, found) for name, codes in GROUPS.items()],
        check(
            "no_false_alarms",
            not extra and bool(rows),
            weight=2,
            expected=f"the {len(due)} anomalies and nothing else",
            found=f"{len(extra)} too many: {', '.join(extra[:15])}"
            if extra
            else f"{len(rows)} rows",
        ),
        _amounts(due, found),
        _reasons(found, due),
        _privacy(evidence, truth),
    ]


def _who(row: Row, keys: dict[str, str], truth: dict[str, Any]) -> str | None:
    """The employee of a row, by key or (a breach, but known) by number."""
    text = row.get("employee", "").strip("'\" ").upper()
    return keys.get(text) or (text if text in truth["people"] else None)


def _code(row: Row) -> str:
    return re.sub(r"[\s-]+", "_", row.get("code", "").strip().upper())


def _group(
    name: str, codes: tuple[str, ...], due: dict[Any, Any], found: dict[Any, Row]
) -> Criterion:
    wanted = [place for place in due if place[1] in codes]
    missing = [f"{due[p]['key']} {p[1]} ({due[p]['why']})" for p in wanted if p not in found]
    return check(
        name,
        not missing,
        expected=f"all {len(wanted)} of {' and '.join(codes)}",
        found=f"missing: {'; '.join(missing)}" if missing else "all found",
    )


def _amounts(due: dict[Any, Any], found: dict[Any, Row]) -> Criterion:
    wrong = [
        f"{entry['key']} {entry['code']}: {given or 'none'} for {entry['amount']}"
        for place, entry in due.items()
        if not close(given := found.get(place, {}).get("at_issue_eur", ""), entry["amount"], "0.02")
    ]
    return check(
        "amounts",
        not wrong,
        weight=2,
        expected="each amount at issue as the annex says",
        found="; ".join(wrong) or "all right",
    )


def _reasons(found: dict[Any, Row], due: dict[Any, Any]) -> Criterion:
    thin = [
        due[place]["key"]
        for place, row in found.items()
        if not _explains(row.get("reason", ""), place[1])
    ]
    return check(
        "reasons_given",
        bool(found) and not thin,
        expected="a sentence in each row that belongs to its code",
        found=f"none for {', '.join(thin[:15])}" if thin else f"{len(found)} reasons",
    )


def _explains(reason: str, code: str) -> bool:
    return len(set(re.findall(r"\w+", reason.lower()))) >= 5 and mentions(reason, ABOUT[code])


def _privacy(evidence: Evidence, truth: dict[str, Any]) -> Criterion:
    """Whether the file gives away names, employee numbers, accounts or birth dates."""
    found = leaks(evidence.text(REGISTER) or "", truth)
    return check(
        "no_personal_data",
        not found,
        kind="policy",
        expected="audit keys only: no names, employee numbers, accounts or birth dates",
        found="; ".join(found[:10]) or "none",
    )
