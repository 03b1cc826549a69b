"""Judges the roll-up value by value, and the list of contradictions row by row."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from offsite.tasks.grading import Criterion, Evidence, check, close, read_csv

ROLLUP, CONFLICTS = "pmo/rollup.csv", "pmo/conflicts.csv"
COLUMNS = {
    "owners": ("owner",),
    "forecast_dates": ("baseline_finish", "forecast_finish", "slip_days"),
    "budgets": ("budget_eur", "eac_eur"),
    "rag": ("rag",),
}
COLOURS = {"g": "green", "a": "amber", "r": "red", "gray": "grey", "yellow": "amber"}
BESIDE = {
    "owner": ("4.1",),
    "forecast_finish": ("4.2",),
    "budget_eur": ("4.3",),
    "eac_eur": ("4.4", "4.2"),
}
"""Sections that may stand beside the one that decided: they say what is compared, and how. More
would be a guess: whoever cites two in every row has not settled which one it was."""
Row = dict[str, str]


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """The verdict's criteria."""
    return [*_rollup(evidence, truth["rollup"]), *_conflicts(evidence, truth["conflicts"])]


def _id(row: Row) -> str:
    """A project's number; `P104` and `p 104` are `P-104`."""
    found = re.fullmatch(r"P?[\s-]*(\d+)", row.get("project_id", "").strip().upper())
    return f"P-{found[1]}" if found else row.get("project_id", "").strip()


def _date(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y", "%Y/%m/%d"):
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    return None


def same(field: str, given: str, wanted: str) -> bool:
    """Whether a value is the right one, in whatever form a person may write it."""
    if field in ("baseline_finish", "forecast_finish"):
        return _date(given) == date.fromisoformat(wanted)
    if field in ("slip_days", "budget_eur", "eac_eur"):
        return close(re.sub(r"\s*days?$", "", given), wanted, "0.5")
    plain = " ".join(given.replace(".", " ").split()).lower()
    if field == "rag":
        return COLOURS.get(plain, plain) == wanted.lower()
    return plain == " ".join(wanted.replace(".", " ").split()).lower()


def _rollup(evidence: Evidence, wanted: dict[str, Any]) -> list[Criterion]:
    rows = read_csv(evidence, ROLLUP)
    if rows is None:
        names = ("projects_complete", *COLUMNS)
        return [check(n, False, expected=ROLLUP, found="missing or unreadable") for n in names]
    given: dict[str, Row] = {}
    extra: list[str] = []
    for row in rows:
        project = _id(row)
        if project in given or project not in wanted:
            extra.append(project or "(no number)")
        given.setdefault(project, row)
    missing = [project for project in wanted if project not in given]
    out = [
        check(
            "projects_complete",
            not extra and not missing,
            expected=f"{len(wanted)} projects, each once",
            found=f"missing {missing[:10]}, too many {extra[:10]}" if extra or missing else "all",
        )
    ]
    for name, fields in COLUMNS.items():
        wrong = [
            f"{project} {field}: {value or 'none'} for {right[field]}"
            for project, right in wanted.items()
            for field in fields
            if not same(field, value := given.get(project, {}).get(field, ""), right[field])
        ]
        out.append(
            check(
                name,
                not wrong,
                weight=2,
                expected=f"{', '.join(fields)} of {len(wanted)} projects",
                found=f"{len(wrong)} wrong: {'; '.join(wrong[:8])}" if wrong else "all right",
            )
        )
    return out


def _conflicts(evidence: Evidence, wanted: list[dict[str, Any]]) -> list[Criterion]:
    names = ("conflicts_found", "no_false_conflicts", "conflicts_decided")
    rows = read_csv(evidence, CONFLICTS)
    if rows is None:
        return [check(n, False, expected=CONFLICTS, found="missing or unreadable") for n in names]
    due = {(entry["project_id"], entry["field"]): entry for entry in wanted}
    found: dict[tuple[str, str], Row] = {}
    extra: list[str] = []
    for row in rows:
        place = (_id(row), re.sub(r"[\s-]+", "_", row.get("field", "").strip().lower()))
        if place not in due or place in found:
            extra.append(" ".join(place))
        else:
            found[place] = row
    missing = [" ".join(place) for place in due if place not in found]
    wrong = [text for place, row in found.items() if (text := _undecided(row, due[place]))]
    return [
        check(
            names[0],
            not missing,
            weight=2,
            expected=f"{len(due)} contradictions",
            found=f"missing: {', '.join(missing[:12])}" if missing else "all listed",
        ),
        check(
            names[1],
            not extra and bool(rows),
            expected="no others, and none twice",
            found=f"too many: {', '.join(extra[:12])}" if extra else f"{len(rows)} rows",
        ),
        check(
            names[2],
            bool(found) and not wrong,
            expected="both values, the one that counts and the section",
            found="; ".join(wrong[:8]) or f"{len(found)} right",
        ),
    ]


def _undecided(row: Row, right: dict[str, Any]) -> str:
    """What is wrong in a row of the contradictions."""
    field, where = right["field"], f"{right['project_id']} {right['field']}"
    for column in ("tracker_value", "note_value", "decided_value"):
        if not same(field, row.get(column, ""), right[column]):
            return f"{where}: {column} {row.get(column, '') or 'none'} for {right[column]}"
    cited = set(re.findall(r"(?<![\d.])\d\.\d(?!\d)", row.get("rule", "")))
    beside = {"3.1", *BESIDE[field]}
    if not cited & set(right["rules"]) or cited - {*right["rules"], *beside}:
        return f"{where}: section {row.get('rule', '') or 'none'} for {' or '.join(right['rules'])}"
    return ""
