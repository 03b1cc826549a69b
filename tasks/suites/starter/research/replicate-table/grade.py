"""Is the table replicated, and the wrong figure found with its cause?"""

from __future__ import annotations

import re
from typing import Any, cast

from offsite.tasks.grading import Criterion, Evidence, check, close, read_csv, read_json

TABLE, FINDING = "replication/table2.csv", "replication/finding.json"
TOLERANCE = {
    "n": "0.0001",
    "hourly_wage": "0.0101",
    "remote_pct": "0.101",
    "commute_min": "0.101",
    "satisfaction": "0.0101",
}
Row = dict[str, str]


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """The table by columns, then the finding."""
    rows = read_csv(evidence, TABLE) or []
    right: dict[str, dict[str, str]] = {_key(area): row for area, row in truth["table"].items()}
    by_area = {_key(row.get("area")): row for row in rows}
    finding = truth["finding"]
    told = by_area.get(_key(finding["area"]), {}).get(finding["column"], "")
    return [
        check(
            "areas",
            set(by_area) == set(right) and len(rows) == len(right),
            expected=f"one line each: {', '.join(truth['table'])}",
            found=", ".join(row.get("area", "?")[:30] for row in rows) or f"no {TABLE} to be read",
        ),
        *(_column(name, by_area, right) for name in TOLERANCE),
        check(
            "table_corrected",
            close(told[:40], finding["correct"], TOLERANCE[finding["column"]]),
            expected=f"{finding['area']}, {finding['column']}: {finding['correct']}",
            found=told or "nothing",
        ),
        *_finding(read_json(evidence, FINDING), finding),
    ]


def _column(name: str, by_area: dict[str, Row], right: dict[str, dict[str, str]]) -> Criterion:
    told = {area: by_area.get(area, {}).get(name, "")[:40] for area in right}
    wrong = {a: v for a, v in told.items() if not close(v, right[a][name], TOLERANCE[name])}
    return check(
        name,
        not wrong,
        expected={area: right[area][name] for area in wrong or right},
        found=wrong or "all right",
    )


def _finding(value: Any, right: dict[str, Any]) -> list[Criterion]:
    told: dict[str, Any] = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    column, mistake = str(told.get("column", "")), _key(told.get("mistake"))
    tolerance = TOLERANCE[right["column"]]
    explanation = str(told.get("explanation", ""))[:4000]
    figures = {name: _short(told.get(name)) for name in ("printed", "correct")}
    return [
        check(
            "finding_cell",
            (_key(told.get("area")), _key(column)) == (_key(right["area"]), _key(right["column"])),
            expected=f"{right['area']}, {right['column']}",
            found=f"{str(told.get('area'))[:60]}, {column[:60]}" if told else f"no {FINDING}",
        ),
        check(
            "finding_figures",
            close(figures["printed"], right["printed"], "0.0001")
            and close(figures["correct"], right["correct"], tolerance),
            expected=f"printed {right['printed']}, correct {right['correct']}",
            found=figures,
        ),
        check(
            "finding_mistake",
            mistake == right["mistake"] and len(set(re.findall(r"\w{2,}", explanation))) >= 5,
            expected=f"{right['mistake']}, explained in a sentence",
            found=f"{mistake[:40] or 'none'}: {explanation[:150]}",
        ),
    ]


def _key(value: object) -> str:
    return re.sub(r"[\s-]+", "_", str(value or "").strip().lower())


def _short(value: Any) -> Any:
    return value[:40] if isinstance(value, str) else value
