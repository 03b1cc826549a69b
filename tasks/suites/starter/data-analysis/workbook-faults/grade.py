"""Judges the mended workbook by what its formulas do, under the given inputs and under others."""

from __future__ import annotations

import re
from typing import Any, cast

from offsite.tasks.grading import (
    Criterion,
    Evidence,
    check,
    close,
    mentions,
    number,
    read_csv,
    read_json,
    read_xlsx,
)

from . import calc

MENDED, FINDINGS, HEADLINE = (
    "model/plan-2025-mended.xlsx",
    "model/findings.csv",
    "model/headline.json",
)
MAX_CELLS = 150_000
VARIED = {
    "Orders": "GI",
    "Products": "DEFG",
    "Assumptions": "B",
    "Overheads": "CDEFGHIJKLMNO",
    "Staff": "DE",
}
"""Columns whose typed numbers are inputs: the formulas must still be right when they change."""


SHORT = r"sum|range|row|line|left|miss|omit|exclud|includ|december|last|short|total|cover|stop|end"
EXPLAINED = {
    "wrong_month": r"month|row|period|shift|off by|criteri|previous|prior|before|\bA\$?\d+"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b",
    "typed_number": r"typed|hard|constant|number|figure|value|overrid|declin|past|manual|literal"
    r"|(?:no|not a|instead of [a-z ]*|place of [a-z ]*)\bformula",
    "wrong_column": r"column|\bcol\b|2024|price|year|index|look",
    "unit": r"unit|gram|kg|kilo|pound|\blbs?\b|453|1000|rate|multipl|divi|currenc|usd|eur|\$"
    r"|dollar|conver|exchange",
    "threshold": r"[<>≥]|threshold|bound|limit|least|equal|inclu|exact|minimum|reach|edge|strict",
    "short_sum": SHORT,
    "slipped_reference": r"refer|anchor|absolute|\$|slip|drift|shift|relativ|\bB\d+|fix|rate|lock|cell",
    "no_effect": rf"{SHORT}|sign|add|plus|minus|subtract|staff|deduct|\bF\d+",
}
"""Words of which an explanation of such a fault has at least one."""
FORMULA = r"[A-Z]\(.*[A-Z]\$?\d"
"""The right formula explains a fault too."""


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """The verdict's criteria."""
    cells, problem = _delivered(evidence)
    return [
        *_workbook(cells, problem, truth),
        *_findings(evidence, truth),
        _figures(evidence, truth),
    ]


def _delivered(evidence: Evidence) -> tuple[Any, str]:
    """The cells of the mended workbook, or None and why not."""
    if evidence.read(MENDED) is None:
        return None, "no such file"
    book = read_xlsx(evidence, MENDED)
    if book is None:
        return None, "not a workbook"
    try:
        if sum(s.max_row * s.max_column for s in book.worksheets) > MAX_CELLS * 20:
            return None, "far too large"
        return calc.cells_of(book), ""
    except Exception as error:  # openpyxl may stumble over odd cells
        return None, f"cannot be read: {type(error).__name__}"


def _reference(truth: dict[str, Any]) -> Any:
    """The sound workbook: as received, with every fault mended."""
    cells = {
        name: {calc.address(cell): value for cell, value in held.items()}
        for name, held in truth["cells"].items()
    }
    for fault in truth["faults"]:
        for cell, formula in fault["right"].items():
            cells[fault["sheet"]][calc.address(cell)] = formula
    return cells


def _scenarios(sound: Any, delivered: Any) -> list[Any]:
    """Sound workbooks under different inputs, with the worker's own extra cells at hand."""
    base = {name: dict(held) for name, held in delivered.items() if name not in sound}
    for name, held in sound.items():
        base[name] = {**delivered.get(name, {}), **held}
    scaled = {name: dict(held) for name, held in base.items()}
    edge = {name: dict(held) for name, held in base.items()}
    threshold = sound["Assumptions"][calc.address("B5")]
    for name, columns in VARIED.items():
        numbers = {calc.address(f"{c}1")[1] for c in columns}
        for (row, column), value in sound[name].items():
            if column in numbers and isinstance(value, float):
                scaled[name][row, column] = value * (1 + ((row * 7 + column * 13) % 17) / 40)
                if name == "Orders" and column == 7:
                    edge[name][row, column] = threshold + (row % 3 - 1)
    return [calc.Model(cells) for cells in (base, scaled, edge)]


def _shown(model: Any, formula: Any, sheet: str) -> Any:
    if not (isinstance(formula, str) and formula.startswith("=")):
        return formula
    try:
        return model.formula(formula, sheet)
    except calc.CellError as error:
        return f"error {error}"


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return abs(left - right) <= max(0.006, 1e-9 * abs(right))
    return left == right


def _behaves(models: list[Any], sheet: str, formula: Any, right: str) -> bool:
    """Whether a formula gives what the right one gives, under every set of inputs."""
    return all(_equal(_shown(m, formula, sheet), _shown(m, right, sheet)) for m in models)


def _workbook(cells: Any, problem: str, truth: dict[str, Any]) -> list[Criterion]:
    names = ("faults_mended", "mended_as_formulas", "nothing_else_changed", "mended_result")
    if cells is None:
        return [check(name, False, expected=MENDED, found=problem) for name in names]
    sound = _reference(truth)
    models = _scenarios(sound, cells)
    unmended: list[str] = []
    typed: list[str] = []
    free: set[tuple[str, tuple[int, int]]] = set()
    for fault in truth["faults"]:
        sheet = fault["sheet"]
        for cell, right in fault["right"].items():
            place = calc.address(cell)
            free.add((sheet, place))
            held = cells.get(sheet, {}).get(place)
            where = f"{sheet}!{cell} ({fault['what']}): {held}"
            if not (isinstance(held, str) and held.startswith("=")):
                typed.append(where)
            if not _behaves(models, sheet, held, right):
                unmended.append(where)
    changed = _changed(cells, truth, free)
    sheet, cell = truth["headline"]
    result = _headline(cells, sheet, cell)
    return [
        check(
            names[0],
            not unmended,
            weight=3,
            expected=f"right formulas in the cells of {len(truth['faults'])} faults",
            found="; ".join(unmended) or "all mended",
        ),
        check(
            names[1],
            not typed,
            expected="a live formula in every faulty cell",
            found="; ".join(typed) or "formulas",
        ),
        check(
            names[2],
            not changed,
            weight=2,
            expected="all other cells as received",
            found=f"{len(changed)} changed: {'; '.join(changed[:12])}"
            if changed
            else "as received",
        ),
        check(
            names[3],
            close(result, truth["mended"], "0.02"),
            expected=f"{sheet}!{cell} works out as {truth['mended']}",
            found=result,
        ),
    ]


def _headline(cells: Any, sheet: str, cell: str) -> Any:
    if sheet not in cells:
        return "no such sheet"
    try:
        return calc.Model(cells).value(sheet, *calc.address(cell))
    except (calc.CellError, RecursionError) as error:
        return f"error {error}"


def _plain_formula(text: str) -> str:
    """A formula without what programs write differently; anchors do not count as a change."""
    text = re.sub(r"_xlfn\.|_xlws\.", "", text, flags=re.IGNORECASE)
    text = re.sub(r"'(\w+)'!", r"\1!", text)
    text = re.sub(r"\b(FALSE|TRUE)\(\)", r"\1", text, flags=re.IGNORECASE)
    return re.sub(r"[\s$]", "", text).upper()


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, str) and isinstance(new, str):
        if old.startswith("=") != new.startswith("="):
            return False
        if old.startswith("="):
            return _plain_formula(old) == _plain_formula(new)
        return " ".join(old.split()) == " ".join(new.split())
    if isinstance(old, float) and isinstance(new, float):
        return abs(old - new) <= 1e-9 * max(1.0, abs(old))
    return old == new


def _changed(cells: Any, truth: dict[str, Any], free: set[Any]) -> list[str]:
    """Cells of the received sheets that differ, apart from the faulty ones."""
    changed: list[str] = []
    for sheet, held in truth["cells"].items():
        if sheet not in cells:
            changed.append(f"sheet {sheet} is gone")
            continue
        old = {calc.address(cell): value for cell, value in held.items()}
        new = cells[sheet]
        for place in sorted(old.keys() | new.keys()):
            if (sheet, place) not in free and not _same(old.get(place), new.get(place)):
                where = f"{sheet}!R{place[0]}C{place[1]}"
                changed.append(f"{where} {old.get(place)} -> {new.get(place)}")
    return changed


def _span(text: str) -> set[tuple[int, int]]:
    """The cells of `F12`, `F12:F15` or `F12, F13`; a sheet's name before them is passed over."""
    places: set[tuple[int, int]] = set()
    text = re.sub(r"('[^']*'|\w+)!", "", text.upper().replace("$", ""))
    text = re.sub(r"\s*(?:-|–|:|\bTO\b)\s*", ":", text)
    for part in re.split(r"[,;\s&+]+|\bAND\b", text):
        ends = part.split(":")
        if len(ends) > 2 or not all(re.fullmatch(r"[A-Z]{1,2}\d{1,4}", end) for end in ends):
            continue
        (top, left), (bottom, right) = calc.address(ends[0]), calc.address(ends[-1])
        if (bottom - top + 1) * (right - left + 1) <= 500:
            places |= {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
    return places


def _findings(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    names = ("faults_reported", "only_faults_reported", "effects", "faults_explained")
    rows = read_csv(evidence, FINDINGS)
    if rows is None:
        return [check(n, False, expected=FINDINGS, found="missing or unreadable") for n in names]
    matched: dict[int, list[dict[str, str]]] = {}
    stray: list[str] = []
    for row in rows[:2000]:
        if not row.get("sheet") and not row.get("cells"):
            continue  # a line with the total
        sheet, cells = row.get("sheet", "").strip("'\"! ").lower(), _span(row.get("cells", ""))
        hit = [
            i
            for i, fault in enumerate(truth["faults"])
            if fault["sheet"].lower() == sheet
            and cells & {calc.address(c) for c in fault["cells"]}
            and cells <= {calc.address(c) for c in fault["right"]}
        ]
        if hit:
            matched.setdefault(hit[0], []).append(row)
        else:
            stray.append(f"{row.get('sheet', '')}!{row.get('cells', '')}")
    missing: list[str] = []
    wrong: list[str] = []
    unclear: list[str] = []
    for i, fault in enumerate(truth["faults"]):
        where = f"{fault['sheet']}!{','.join(fault['cells'])} ({fault['what']})"
        found = matched.get(i, [])
        covered: set[tuple[int, int]] = set()
        for row in found:
            covered |= _span(row.get("cells", ""))
        if not {calc.address(c) for c in fault["cells"]} <= covered:
            missing.append(where)
        told = " ".join(row.get("fault", "")[:2000] for row in found)
        if not mentions(told, EXPLAINED[fault["name"]], FORMULA):
            unclear.append(f"{where}: {told or 'nothing'}")
        given = [row.get("effect_eur", "") for row in found]
        if not _effect_right(given, fault["effect"]):
            wrong.append(f"{where}: {', '.join(given) or 'none'} for {fault['effect']}")
    return [
        check(
            names[0],
            not missing,
            weight=2,
            expected=f"{len(truth['faults'])} faults, each with its cells",
            found=f"missing: {'; '.join(missing)}" if missing else "all reported",
        ),
        check(
            names[1],
            not stray and bool(rows),
            expected="no finding about a sound cell",
            found="; ".join(stray[:20]) or f"{len(rows)} rows",
        ),
        check(
            names[2],
            not wrong,
            weight=2,
            expected="each fault's effect alone on the operating result",
            found="; ".join(wrong) or "all right",
        ),
        check(
            names[3],
            not unclear,
            expected="each finding says what is wrong there",
            found="; ".join(unclear) or "all told",
        ),
    ]


def _effect_right(given: list[str], effect: str) -> bool:
    """One row with the effect; a fault given cell by cell counts by its sum."""
    figures = [figure for text in given if (figure := number(text)) is not None]
    if len(figures) != len(given) or not figures:
        return False
    return close(sum(figures), effect, "0.5") or all(close(f, effect, "0.5") for f in figures)


def _figures(evidence: Evidence, truth: dict[str, Any]) -> Criterion:
    value = read_json(evidence, HEADLINE)
    given: dict[str, Any] = cast(dict[str, Any], value) if isinstance(value, dict) else {}
    received, mended = given.get("as_received"), given.get("mended")
    return check(
        "headline_figures",
        close(received, truth["received"], "0.5") and close(mended, truth["mended"], "0.5"),
        expected=f"as_received {truth['received']}, mended {truth['mended']}",
        found=f"as_received {received}, mended {mended}" if given else "missing or unreadable",
    )
