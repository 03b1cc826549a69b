"""Replicate the table, then find the mistake that gives the printed figure."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from docx import Document
from openpyxl import load_workbook

COLUMNS = ("hourly_wage", "remote_pct", "commute_min", "satisfaction")
PLACES = {"n": 0, "hourly_wage": 2, "remote_pct": 1, "commute_min": 1, "satisfaction": 2}
SOURCES = ("hours_week", "pay_month", "remote_days", "commute", "jobsat")
MISTAKES: dict[str, dict[str, Any]] = {
    "unweighted": {"weight": ""},
    "design_weight": {"weight": "w_design"},
    "not_winsorised": {"winsorise": ""},
    "winsorised_by_area": {"winsorise": "area"},
    "self_employed_kept": {"employees": ("1", "2", "3")},
    "older_kept": {"oldest": 999},
    "younger_kept": {"youngest": 0},
    "both_interviews": {"twice": "both"},
    "earlier_interview": {"twice": "earlier"},
    "not_asked_kept": {"codes": (0, 1)},
    "refusals_kept": {"codes": (2,)},
    "all_codes_kept": {"codes": ()},
    "short_hours_kept": {"short_hours": True},
}
"""The mistakes of README.md that can be tried out."""
Table = dict[str, dict[str, str]]


def solve(
    *, blame: Callable[[str], str] = lambda right: right, find: bool = True, **options: Any
) -> dict[str, Any]:
    """Do the job; the options go to `replicate` and are the ways to get it wrong."""
    table = replicate(**options)
    printed = read_table()
    cells = [(a, c) for a in table for c in COLUMNS if printed[a][c] != table[a][c]]
    write(table if find else printed)
    area, column = cells[0]
    tried = (
        name
        for name, how in MISTAKES.items()
        if replicate(**how)[area][column] == printed[area][column]
    )
    mistake = next(tried, "misprint")
    why = f"the printed figure comes out with '{mistake}', which the methods do not allow"
    finding = {
        "area": area,
        "column": column,
        "printed": float(printed[area][column]),
        "correct": float(table[area][column]),
        "mistake": blame(mistake),
        "explanation": f"In {area}, {column}: {why}.",
    }
    if find:
        text = json.dumps(finding, indent=1)
        Path("replication/finding.json").write_text(text, encoding="utf-8")
    return {
        "status": "done",
        "confidence": 0.9,
        "summary": f"{area}, {column}: {finding['printed']} should be {finding['correct']}; {why}.",
        "questions": [],
    }


def replicate(
    *,
    data: str = "data/whp_release2.csv",
    weight: str = "w_final",
    winsorise: str = "all",
    employees: tuple[str, ...] = ("1", "2"),
    youngest: int | None = None,
    oldest: int | None = None,
    codes: tuple[int, ...] = (0, 1, 2),
    twice: str = "later",
    short_hours: bool = False,
    listwise: bool = False,
) -> Table:
    """Table 2 by the methods of the paper."""
    rules = read_methods()
    missing, areas = read_codebook(codes)
    rows = list(csv.DictReader(Path(data).read_text(encoding="utf-8").splitlines()))
    rows = [r for r in rows if r["wave"] == rules["wave"] and r["int_status"] == "1"]
    rows.sort(key=lambda r: r["int_date"], reverse=twice == "earlier")
    if twice != "both":
        rows = list({r["resp_id"]: r for r in rows}.values())
    low = int(rules["low"]) if youngest is None else youngest
    high = int(rules["high"]) if oldest is None else oldest
    rows = [r for r in rows if low <= int(r["age"]) <= high and r["emp_status"] in employees]
    if listwise:
        rows = [r for r in rows if not any(r[name] in missing[name] for name in SOURCES)]
    values = [variables(r, rules, missing, short_hours) for r in rows]
    places = [areas[r["region"]] for r in rows]
    names = [*dict.fromkeys(areas.values()), "Total"]
    if winsorise:
        for name in ["Total"] if winsorise == "all" else names[:-1]:
            clip([v for v, p in zip(values, places, strict=True) if name in (p, "Total")], rules)
    table: Table = {}
    for name in names:
        inside = [n for n, place in enumerate(places) if name in (place, "Total")]
        table[name] = {"n": str(len(inside))}
        for column in COLUMNS:
            pairs = [
                (values[n][column], float(rows[n][weight]) if weight else 1.0)
                for n in inside
                if values[n][column] is not None
            ]
            mean = math.fsum((v or 0.0) * w for v, w in pairs) / math.fsum(w for _, w in pairs)
            table[name][column] = rounded(mean, PLACES[column])
    return table


def variables(
    row: dict[str, str], rules: dict[str, str], missing: dict[str, set[str]], short_hours: bool
) -> dict[str, float | None]:
    """The four variables of a respondent, None where missing."""

    def value(name: str) -> float | None:
        return None if row[name] in missing[name] else float(row[name])

    hours, pay, remote = value("hours_week"), value("pay_month"), value("remote_days")
    wage = None
    if hours and pay is not None and (short_hours or hours >= float(rules["hours"])):
        wage = pay / (hours * float(rules["factor"]))
    return {
        "hourly_wage": wage,
        "remote_pct": None if remote is None else 100.0 * (remote >= 1),
        "commute_min": value("commute"),
        "satisfaction": value("jobsat"),
    }


def clip(values: list[dict[str, float | None]], rules: dict[str, str]) -> None:
    """Winsorise the wages of these respondents at their percentiles."""
    ordered = sorted(w for v in values if (w := v["hourly_wage"]) is not None)
    low, high = (quantile(ordered, int(rules[name])) for name in ("p_low", "p_high"))
    for v in values:
        if v["hourly_wage"] is not None:
            v["hourly_wage"] = min(max(v["hourly_wage"], low), high)


def quantile(ordered: list[float], percent: int) -> float:
    """Linear interpolation between order statistics (type 7)."""
    place = (len(ordered) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def rounded(value: float, places: int) -> str:
    """Half up, as in print."""
    return str(Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def read_methods() -> dict[str, str]:
    """The figures that the methods name."""
    text = "\n".join(p.text for p in Document("paper/working-paper.docx").paragraphs)
    found: dict[str, str] = {}
    for pattern in (
        r"all results are for wave (?P<wave>\d)",
        r"aged (?P<low>\d+) to (?P<high>\d+)",
        r"divided by (?P<factor>[\d.]+) times",
        r"at the (?P<p_low>\d+)\w\w and (?P<p_high>\d+)th percentile",
        r"fewer than (?P<hours>\d+) hours",
    ):
        match = re.search(pattern, text)
        assert match, pattern
        found |= match.groupdict()
    return found


def read_codebook(codes: tuple[int, ...]) -> tuple[dict[str, set[str]], dict[str, str]]:
    """Codes for missing answers by variable (those at these places of each), and areas by region."""
    book = load_workbook("data/codebook.xlsx")
    missing: dict[str, set[str]] = {}
    for name, _, text in book["Variables"].iter_rows(min_row=2, values_only=True):
        found = re.findall(r"(\d+) (?:refused|don't know|not asked)", str(text))
        missing[str(name)] = {code for place, code in enumerate(found) if place in codes}
    regions = book["Regions"].iter_rows(min_row=2, values_only=True)
    areas = {str(region): str(area) for region, area in regions}
    order = list(read_table())
    return missing, dict(sorted(areas.items(), key=lambda item: order.index(item[1])))


def read_table() -> Table:
    """Table 2 as printed."""
    rows = [[c.text for c in r.cells] for r in Document("paper/working-paper.docx").tables[1].rows]
    return {row[0]: dict(zip(("n", *COLUMNS), row[1:], strict=True)) for row in rows[1:]}


def write(table: Table) -> None:
    """The replicated table as CSV."""
    with Path("replication/table2.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["area", "n", *COLUMNS])
        for area, cells in table.items():
            writer.writerow([area, *cells.values()])
