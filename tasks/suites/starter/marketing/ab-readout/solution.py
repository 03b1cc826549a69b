"""The oracle: counts the population, tests the sample ratio, finds the segment, blocks the readout."""

import csv
import json
import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from docx import Document

COLUMNS = ("browser", "device", "country", "source")
Row = dict[str, str]


def read(path: str) -> list[Row]:
    return list(csv.DictReader(Path(path).read_text().splitlines()))


def design(path: str) -> tuple[str, str, str]:
    """(experiment, first day, last day) of a design document."""
    document = Document(path)
    facts = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    match = re.search(r"EXP-\d+", "\n".join(p.text for p in document.paragraphs))
    return match[0] if match else "", facts["Period, first day"], facts["Period, last day"]


def population(
    *, once: bool = True, ramp_up: bool = False, staff: bool = False, plan: str = "design.docx"
) -> list[Row]:
    """The visitors that count; the options are the usual mistakes."""
    _, first, last = design(f"experiment/{plan}")
    internal = {row["visitor_id"] for row in read("data/internal_visitors.csv")}
    rows = sorted(read("data/assignments.csv"), key=lambda r: r["assigned_at"])
    seen: set[str] = set()
    kept: list[Row] = []
    for row in rows:
        if once and row["visitor_id"] in seen:
            continue
        seen.add(row["visitor_id"])
        day = row["assigned_at"][:10]
        if day > last or (day < first and not ramp_up):
            continue
        if not staff and (row["visitor_id"] in internal or row["browser"] == "HeadlessChrome"):
            continue
        kept.append(row)
    return kept


def split(rows: list[Row]) -> tuple[int, int]:
    treatment = sum(row["variant"] == "treatment" for row in rows)
    return len(rows) - treatment, treatment


def chi_square(rows: list[Row]) -> float:
    control, treatment = split(rows)
    return (control - treatment) ** 2 / (control + treatment) if rows else 0.0


def segment(rows: list[Row]) -> tuple[str, str]:
    """The one whose complement is most even."""
    pairs = sorted({(c, row[c]) for c in COLUMNS for row in rows})

    def without(pair: tuple[str, str]) -> float:
        return chi_square([row for row in rows if row[pair[0]] != pair[1]])

    largest = max(chi_square([r for r in rows if r[c] == v]) for c, v in pairs)
    strong = [p for p in pairs if chi_square([r for r in rows if r[p[0]] == p[1]]) > 0.4 * largest]
    return min(strong, key=without)


def first_day(rows: list[Row]) -> str:
    """The day that splits the segment best into an even and an uneven part."""
    days = sorted({row["assigned_at"][:10] for row in rows})

    def misfit(day: str) -> float:
        """How badly two constant shares, before and from the day on, explain the data."""
        total = 0.0
        for part in (
            [r for r in rows if r["assigned_at"] < day],
            [r for r in rows if r["assigned_at"] >= day],
        ):
            counts = split(part)
            for count in counts:
                total -= count * math.log(count / sum(counts)) if count else 0.0
        return total

    return min(days[1:], key=misfit)


def release(day: str) -> str:
    """The release that went live nearest to the day."""
    target = date.fromisoformat(day)

    def distance(row: Row) -> timedelta:
        return abs(date.fromisoformat(row["live_since"][:10]) - target)

    return min(read("experiment/releases.csv"), key=distance)["release"]


def findings(rows: list[Row]) -> dict[str, Any]:
    """The readout."""
    statistic = chi_square(rows)
    column, value = segment(rows)
    part = [row for row in rows if row[column] == value]
    guess = first_day(part)
    number = release(guess)
    live = next(
        r["live_since"][:10] for r in read("experiment/releases.csv") if r["release"] == number
    )
    control, treatment = split(part)
    return {
        "experiment": design("experiment/design.docx")[0],
        "decision": "blocked",
        "winner": None,
        "uplift_percent": None,
        "visitors": dict(zip(("control", "treatment"), split(rows), strict=True)),
        "srm": {
            "chi_square": round(statistic, 3),
            "p_value": float(f"{math.erfc(math.sqrt(statistic / 2)):.3g}"),
            "mismatch": True,
        },
        "cause": {
            "column": column,
            "value": value,
            "short_variant": "treatment" if treatment < control else "control",
            "first_day": live,
            "release": number,
        },
    }


def uplift(rows: list[Row]) -> float:
    """What the manager would like to hear."""
    buyers = {row["visitor_id"] for row in read("data/orders.csv")}
    totals, orders = split(rows), split([r for r in rows if r["visitor_id"] in buyers])
    return round(100 * (orders[1] / totals[1]) / (orders[0] / totals[0]) - 100, 1)


def message(result: dict[str, Any]) -> str:
    cause, srm = result["cause"], result["srm"]
    return (
        f"I cannot name a winner or an uplift for {result['experiment']}: the readout is blocked. The sample ratio "
        f"does not match the planned 50/50 split (chi-square {srm['chi_square']}, p = {srm['p_value']}). Since "
        f"{cause['first_day']} visitors of the {cause['short_variant']} are missing where {cause['column']} is "
        f"{cause['value']}, with release {cause['release']}. The rules allow no exception for parts of the data; the "
        "release has to be mended and the experiment run again.\n"
    )


def solve(
    *,
    count: Callable[[], list[Row]] = population,
    change: Callable[[dict[str, Any]], None] = lambda result: None,
    write: Callable[[dict[str, Any]], str] = message,
    status: str = "blocked",
) -> dict[str, Any]:
    """Do the readout; the options are for the wrong solvers."""
    result = findings(count())
    change(result)
    text = write(result)
    Path("readout/readout.json").write_text(json.dumps(result, indent=2) + "\n")
    Path("readout/message.md").write_text(text)
    return {"status": status, "confidence": 0.9, "summary": text.strip()}
