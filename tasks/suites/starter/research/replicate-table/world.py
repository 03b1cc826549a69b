"""A working paper whose Table 2 has one cell that was computed in another way than described."""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from docx import Document
from faker import Faker
from offsite.tasks.documents import docx, xlsx
from offsite.tasks.world import World
from openpyxl import Workbook

COLUMNS = ("hourly_wage", "remote_pct", "commute_min", "satisfaction")
HEADS = ("Area", "N", "Hourly wage", "Remote (%)", "Commute (min)", "Satisfaction")
PLACES = {"hourly_wage": 2, "remote_pct": 1, "commute_min": 1, "satisfaction": 2}
AREAS = ("Coast", "Midlands", "Metropolitan", "Highlands")
FIELDS: tuple[str, ...] = (
    "resp_id", "wave", "int_date", "int_status", "sex", "age", "region", "educ", "emp_status",
    "hours_week", "pay_month", "remote_days", "commute", "jobsat", "w_design", "w_final",
)  # fmt: skip
Row = dict[str, Any]
Table = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Rules:
    """The paper's methods, as far as they change with the seed; then the ways to break them."""

    wave: int
    low: int
    high: int
    factor: str
    percent: int
    hours: int
    areas: dict[int, str]
    employees: tuple[int, ...] = (1, 2)
    twice: str = "later"
    weight: str = "w_final"
    winsorise: str = "all"
    missing: tuple[int, ...] = (0, 1, 2)


MISTAKES: dict[str, dict[str, Any]] = {
    "self_employed_kept": {"employees": (1, 2, 3)},
    "older_kept": {"high": 200},
    "unweighted": {"weight": ""},
    "design_weight": {"weight": "w_design"},
    "not_winsorised": {"winsorise": ""},
    "not_asked_kept": {"missing": (0, 1)},
    "younger_kept": {"low": 0},
    "both_interviews": {"twice": "both"},
    "earlier_interview": {"twice": "earlier"},
    "refusals_kept": {"missing": (2,)},
    "all_codes_kept": {"missing": ()},
    "winsorised_by_area": {"winsorise": "area"},
    "short_hours_kept": {"hours": 0},
}
"""By the codes of README.md: those that can be told from the figure that comes of them."""
MADE = tuple(MISTAKES)[:6]
"""What may have gone wrong in the paper; the others must only be told from it."""


def build(seed: int) -> World:
    """Draw the survey, compute the table, print it with one cell broken."""
    rng = random.Random(f"research/replicate-table:{seed}")
    fake = Faker("en_GB")
    fake.seed_instance(rng.randrange(2**32))
    regions = list(range(1, 9))
    rng.shuffle(regions)
    rules = Rules(
        wave=rng.choice((2, 3)), low=rng.choice((18, 20, 25)), high=rng.choice((59, 62, 64)),
        factor=rng.choice(("4.33", "4.35", "4.345")), percent=rng.choice((1, 2, 5)),
        hours=rng.choice((6, 8, 10)), areas={r: AREAS[n // 2] for n, r in enumerate(regions)},
    )  # fmt: skip
    while True:
        rows = _survey(rng, rules)
        right = _table(rows, rules)
        tables = {name: _table(rows, replace(rules, **how)) for name, how in MISTAKES.items()}
        broken = _break(rng, right, tables) if _every_rule_shows(right, tables) else None
        if broken:
            break
    mistake, area, column, printed = broken

    shown = {name: {c: _round(v, c) for c, v in cells.items()} for name, cells in right.items()}
    world = World()
    in_print = {name: dict(cells) for name, cells in shown.items()}
    in_print[area][column] = printed
    world.add("paper/working-paper.docx", _paper(rules, rows, in_print, fake))
    world.add("paper/slides-outline.txt", "1 motivation\n2 data\n3 Table 2\n4 outlook\n")
    world.add("data/codebook.xlsx", _codebook(rules))
    world.add("data/whp_release2.csv", _csv(rows))
    world.add("data/whp_release1.csv", _csv(_first_release(rng, rows)))
    world.add("data/LICENCE.txt", "Public use file. No attempt at re-identification.\n")
    world.add("replication/README.md", _text("README.md"))
    world.facts = {
        "reader": f"{fake.first_name()} {fake.last_name()}",
        "author": f"{fake.first_name()} {fake.last_name()}",
        "lead": fake.first_name(),
    }
    world.truth = {
        "table": shown,
        "finding": {
            "area": area,
            "column": column,
            "printed": printed,
            "correct": shown[area][column],
            "mistake": mistake,
        },
    }
    return world


def _survey(rng: random.Random, rules: Rules) -> list[Row]:
    """Some 2,400 interviews of three waves; only sums and triangular draws, the same everywhere."""
    rows: list[Row] = []
    ids = rng.sample(range(100_000, 999_999), 1250)
    effect = {area: rng.uniform(-1, 1) for area in AREAS}
    for resp in ids:
        person = _person(rng, resp)
        for wave in (1, 2, 3):
            if rng.random() < (0.94 if wave == rules.wave else 0.45):
                first = date(2019 + 2 * wave, 3, 1) + timedelta(days=rng.randrange(90))
                rows.append(
                    _interview(rng, person, wave, first, effect[rules.areas[person["region"]]])
                )
                if rng.random() < 0.07:
                    later = first + timedelta(days=rng.randint(10, 60))
                    rows.append(
                        _interview(rng, person, wave, later, effect[rules.areas[person["region"]]])
                    )
    rng.shuffle(rows)
    return rows


def _person(rng: random.Random, resp: int) -> Row:
    return {
        "resp_id": resp,
        "sex": rng.choice((1, 2)),
        "age": rng.randint(17, 74),
        "region": rng.randint(1, 8),
        "educ": rng.choices((1, 2, 3), (25, 45, 30))[0],
        "emp_status": rng.choices((1, 2, 3, 4, 5, 6), (50, 22, 13, 5, 6, 4))[0],
    }


def _interview(rng: random.Random, person: Row, wave: int, day: date, effect: float) -> Row:
    educ, status = person["educ"], person["emp_status"]
    hours = round(rng.triangular(34, 46, 40) if status in (1, 3) else rng.triangular(2, 33, 12))
    wage = rng.triangular(9, 24, 14) + 5 * educ + effect + (9 if status == 3 else 0)
    # Small jobs pay less, so that the rule on few hours shows.
    wage += 0.12 * (person["age"] - 40) - (5 if hours < 10 else 0)
    if rng.random() < 0.03:
        wage = wage * rng.uniform(3, 6) if rng.random() < 0.7 else wage / 5
    remote = max(0, min(5, round(rng.triangular(-3, 5, educ - 1.5))))
    if status == 3:
        remote = rng.randint(1, 5)
    commute = max(0, round(rng.triangular(0, 75, 14) + 6 * effect + 7 * educ - 4 * remote))
    sat = max(0, min(10, round(rng.triangular(3, 10.4, 7) + 0.5 * educ - (status == 1) * 0.6)))
    sat = min(10, sat + (status == 3) + (person["age"] > 64))
    final: float = rng.triangular(0.5, 1.3, 0.8) * {1: 2.2, 2: 1.2, 3: 0.6}[int(educ)]
    working = status in (1, 2, 3)
    row = person | {
        "wave": wave,
        "int_date": day.isoformat(),
        "int_status": rng.choices((1, 2, 3), (93, 5, 2))[0],
        "hours_week": _or_code(rng, hours, (97, 98)) if working else 99,
        "pay_month": _or_code(rng, round(wage * hours * 4.33 / 5) * 5, (99997, 99998))
        if working
        else 99999,
        "remote_days": _or_code(rng, remote, (7, 8, 9)) if working else 9,
        "commute": _or_code(rng, commute, (997, 998, 999)) if working else 999,
        "jobsat": _or_code(rng, sat, (97, 98, 99)) if working else 99,
        "w_design": f"{rng.triangular(0.6, 1.6, 0.9):.4f}",
        "w_final": f"{final:.4f}",
    }
    return {name: row[name] for name in FIELDS}


def _or_code(rng: random.Random, value: int, codes: tuple[int, ...]) -> int:
    return rng.choice(codes) if rng.random() < 0.045 else value


def _sample(rows: list[Row], rules: Rules) -> list[Row]:
    """Completed interviews of the wave, the later of two, of employees of the age."""
    done = [row for row in rows if row["wave"] == rules.wave and row["int_status"] == 1]
    done.sort(key=lambda row: str(row["int_date"]), reverse=rules.twice == "earlier")
    if rules.twice != "both":
        done = list({row["resp_id"]: row for row in done}.values())
    return [
        row
        for row in done
        if rules.low <= row["age"] <= rules.high and row["emp_status"] in rules.employees
    ]


def _table(rows: list[Row], rules: Rules) -> Table:
    sample = _sample(rows, rules)
    values = [_values(row, rules) for row in sample]
    places = [rules.areas[row["region"]] for row in sample]
    for area in {"": (), "all": ("Total",), "area": AREAS}[rules.winsorise]:
        _clip([v for v, p in zip(values, places, strict=True) if area in (p, "Total")], rules)
    out: Table = {}
    for area in (*AREAS, "Total"):
        inside = [n for n, place in enumerate(places) if area in (place, "Total")]
        out[area] = {"n": float(len(inside))}
        for column in COLUMNS:
            pairs: list[tuple[float, float]] = []
            for n in inside:
                value = values[n][column]
                if value is not None:
                    pairs.append((value, float(sample[n][rules.weight]) if rules.weight else 1.0))
            total = math.fsum(w for _, w in pairs)
            out[area][column] = math.fsum(v * w for v, w in pairs) / total
    return out


def _clip(values: list[dict[str, float | None]], rules: Rules) -> None:
    """Winsorise the wages of these respondents at their percentiles."""
    wages = sorted(wage for v in values if (wage := v["hourly_wage"]) is not None)
    low, high = _quantile(wages, rules.percent), _quantile(wages, 100 - rules.percent)
    for v in values:
        if (wage := v["hourly_wage"]) is not None:
            v["hourly_wage"] = min(max(wage, low), high)


def _values(row: Row, rules: Rules) -> dict[str, float | None]:
    """The four variables of a respondent, None where missing."""

    def is_missing(value: int, *codes: int) -> bool:
        return value in [codes[place] for place in rules.missing]

    hours, pay = row["hours_week"], row["pay_month"]
    wage = None
    if hours < 97 and pay < 99997 and hours >= rules.hours:
        wage = pay / (hours * float(rules.factor))
    days, minutes, points = row["remote_days"], row["commute"], row["jobsat"]
    remote = None if is_missing(days, 7, 8, 9) else 100.0 * (days > 0)
    commute = None if is_missing(minutes, 997, 998, 999) else float(minutes)
    sat = None if is_missing(points, 97, 98, 99) else float(points)
    values = (wage, remote, commute, sat)
    return dict(zip(COLUMNS, values, strict=True))


def _quantile(ordered: list[float], percent: int) -> float:
    place = (len(ordered) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _round(value: float, column: str) -> str:
    places = PLACES.get(column, 0)
    return str(Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def _break(
    rng: random.Random, right: Table, tables: dict[str, Table]
) -> tuple[str, str, str, str] | None:
    """A mistake, and a cell where it shows and no other mistake can be taken for it."""
    for mistake in rng.sample(MADE, len(MADE)):
        cells = [(area, column) for area in AREAS for column in COLUMNS]
        rng.shuffle(cells)
        for area, column in cells:
            step = 10.0 ** -PLACES[column]
            value = tables[mistake][area][column]
            others = [right] + [table for name, table in tables.items() if name != mistake]
            if all(abs(value - table[area][column]) > 6 * step for table in others):
                return mistake, area, column, _round(value, column)
    return None


def _every_rule_shows(right: Table, tables: dict[str, Table]) -> bool:
    """Whether leaving out any one rule moves some figure by clearly more than rounding."""

    def moved(mistake: str, column: str) -> bool:
        other = tables[mistake]
        return max(abs(other[area][column] - right[area][column]) for area in right) > 0.04

    wages = {*MADE, "short_hours_kept"} - {"not_asked_kept"}
    points = {*MADE} - {"not_winsorised"}
    return all(moved(name, "hourly_wage") for name in wages) and all(
        moved(name, "satisfaction") for name in points
    )


def _first_release(rng: random.Random, rows: list[Row]) -> list[Row]:
    """The file before its weights were corrected, with some interviews still to come."""
    kept = [row for row in rows if rng.random() < 0.97]
    return [row | {"w_final": f"{float(row['w_final']) ** 2 + 0.2:.4f}"} for row in kept]


# --- the files ---


def _csv(rows: Iterable[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _text(name: str) -> str:
    return (Path(__file__).parent / "texts" / name).read_text(encoding="utf-8")


def _codebook(rules: Rules) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Variables"
    for line in _text("codebook.txt").splitlines():
        sheet.append(line.split(" | "))
    sheet = book.create_sheet("Regions")
    sheet.append(["region", "area"])
    for region in sorted(rules.areas):
        sheet.append([region, rules.areas[region]])
    return xlsx(book)


def _paper(rules: Rules, rows: list[Row], table: dict[str, dict[str, str]], fake: Faker) -> bytes:
    low = {1: "1st", 2: "2nd", 5: "5th"}[rules.percent]
    facts = asdict(rules) | {"p_low": low, "p_high": f"{100 - rules.percent}th"}
    doc = Document()
    doc.add_heading("Four areas, one labour market? Pay, commuting and remote work", 0)
    doc.add_paragraph(f"Working paper {fake.random_int(11, 99)}")
    for line in _text("paper.txt").splitlines():
        if line.startswith("# "):
            doc.add_heading(line[2:], 1)
        elif line == "TABLE1":
            doc.add_paragraph("Table 1: Sample")
            _grid(doc, [("Step", "Interviews"), *_steps(rows, rules)])
        elif line == "TABLE2":
            doc.add_paragraph("Table 2: Employees by area (means and shares weighted)")
            body = [(area, *cells.values()) for area, cells in table.items()]
            _grid(doc, [HEADS, *body])
            doc.add_paragraph("Source: Work and Home Panel, release 2; own calculations.")
        else:
            doc.add_paragraph(line.format(**facts))
    return docx(doc)


def _steps(rows: list[Row], rules: Rules) -> list[tuple[str, str]]:
    wave = [row for row in rows if row["wave"] == rules.wave]
    done = [row for row in wave if row["int_status"] == 1]
    counts = {
        "Interviews in the file": len(rows),
        f"of these wave {rules.wave}": len(wave),
        "of these completed": len(done),
        "after dropping the earlier of two interviews": len({row["resp_id"] for row in done}),
        "of these in the sample": len(_sample(rows, rules)),
    }
    return [(name, str(count)) for name, count in counts.items()]


def _grid(doc: Any, rows: list[tuple[str, ...]]) -> None:
    table = doc.add_table(rows=0, cols=len(rows[0]))
    table.style = "Table Grid"
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
