# The cells of a workbook may hold anything; openpyxl types them loosely.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false
"""The oracle: compare each formula with its neighbours, mend, and recompute with each mend alone."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.formula import Tokenizer
from openpyxl.formula.translate import Translator, TranslatorError
from openpyxl.utils import get_column_letter, range_boundaries

Cells = dict[tuple[str, int, int], Any]
Fault = dict[str, Any]
MODEL = "model/plan-2025.xlsx"
OPERATORS = {"=": "==", "<>": "!=", "^": "**"}


def bounds(ref: str) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a reference."""
    left, top, right, bottom = range_boundaries(ref)
    if left is None or top is None or right is None or bottom is None:
        raise ValueError(f"{ref} is no bounded range")
    return left, top, right, bottom


# --- working out formulas -------------------------------------------------------------------


def flatten(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from flatten(value)
        else:
            yield value


def add(*values: Any) -> float:
    return sum(v for v in flatten(values) if isinstance(v, (int, float)))


def half_up(value: float, digits: int) -> float:
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(f"{value:.15g}").quantize(step, rounding=ROUND_HALF_UP))


def add_where(values: Any, keys: Any, wanted: Any) -> float:
    pairs = zip(flatten(values), flatten(keys), strict=True)
    return sum(v for v, k in pairs if k == wanted and v is not None)


def look_up(wanted: Any, table: list[list[Any]], column: int, near: bool) -> Any:
    if near:
        raise ValueError("only exact lookups are used here")
    return next(row[column - 1] for row in table if row[0] == wanted)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": add,
    "ROUND": half_up,
    "SUMIFS": add_where,
    "VLOOKUP": look_up,
    "MONTH": lambda day: day.month,
    "IF": lambda test, yes, no: yes if test else no,
}
CODE: dict[str, Any] = {}


def compiled(formula: str) -> Any:
    """The formula as a Python expression over `cell(ref)` and `fn[name]`."""
    if formula not in CODE:
        parts: list[str] = []
        for token in Tokenizer(formula).items:
            if token.type == "OPERAND" and token.subtype == "RANGE":
                parts.append(f"cell({token.value!r})")
            elif token.type == "OPERAND" and token.subtype == "LOGICAL":
                parts.append(token.value.title())
            elif token.type == "FUNC" and token.subtype == "OPEN":
                parts.append(f"fn[{token.value[:-1]!r}](")
            else:
                parts.append(OPERATORS.get(str(token.value), str(token.value)))
        CODE[formula] = compile("".join(parts), formula, "eval")
    return CODE[formula]


class Book:
    """Cell contents with their values."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.known: dict[Any, Any] = {}

    def get(self, sheet: str, row: int, column: int) -> Any:
        key = (sheet, row, column)
        if key not in self.known:
            held = self.cells.get(key)
            if isinstance(held, str) and held.startswith("="):
                scope = {"fn": FUNCTIONS, "cell": lambda ref: self.ref(ref, sheet)}
                held = eval(compiled(held), scope)
            self.known[key] = held
        return self.known[key]

    def ref(self, text: str, sheet: str) -> Any:
        place, _, ref = text.rpartition("!")
        sheet = place.strip("'") or sheet
        key = (sheet, ref.replace("$", ""))
        if key not in self.known:
            left, top, right, bottom = bounds(key[1])
            rows = range(top, bottom + 1)
            area = [[self.get(sheet, r, c) for c in range(left, right + 1)] for r in rows]
            self.known[key] = area if ":" in ref else area[0][0]
        return self.known[key]


def contents(workbook: Any) -> Cells:
    return {
        (sheet.title, cell.row, cell.column): cell.value
        for sheet in workbook
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def result_of(cells: Cells) -> float:
    return Book(cells).get("Summary", 10, 2)


# --- finding ----------------------------------------------------------------------------------


def groups(workbook: Any) -> Iterator[tuple[str, list[str]]]:
    """Runs of cells that should hold the same formula, filled down or to the right."""
    orders = workbook["Orders"]
    last = max(r for r in range(6, orders.max_row) if orders.cell(r, 7).value is not None)
    down = [("Orders", c, 6, last) for c in "CFIJKLMN"]
    down += [("Staff", c, 5, 34) for c in "HI"] + [("Overheads", "O", 5, 20)]
    down += [("Monthly", c, 5, 16) for c in "CDEFH"] + [("Summary", c, 15, 19) for c in "BCD"]
    for sheet, column, first, end in down:
        yield sheet, [f"{column}{r}" for r in range(first, end + 1)]
    right = [("Orders", last + 2, 11, 14), ("Overheads", 21, 3, 15), ("Monthly", 17, 3, 8)]
    right += [("Overheads", 9, 3, 14), ("Summary", 20, 2, 4)]
    for sheet, row, first, end in right:
        yield sheet, [f"{get_column_letter(c)}{row}" for c in range(first, end + 1)]


def approved(workbook: Any, any_status: bool = False) -> set[tuple[str, str]]:
    """Cells of the log of overrides that may hold a typed number."""
    rows = workbook["Overrides"].iter_rows(min_row=4, values_only=True)
    return {(r[0], r[1]) for r in rows if r[0] and (any_status or r[4] == "approved")}


def legitimate(workbook: Any, sheet: str, cell: str, allowed: set[tuple[str, str]]) -> bool:
    """Whether Notes or the log of overrides explains why this cell differs from its neighbours."""
    if (sheet, cell) in allowed:
        return True
    row = int(re.sub(r"\D", "", cell))
    page = workbook[sheet]
    if sheet == "Orders" and cell.startswith("I"):
        return page[f"H{row}"].value == "C"
    if sheet == "Staff" and cell.startswith("H"):
        return page[f"G{row}"].value is not None
    return sheet == "Overheads" and cell.startswith("O") and "Insurance" in page[f"B{row}"].value


def find(
    workbook: Any, any_status: bool = False, contracts_too: bool = False
) -> list[tuple[str, str, str]]:
    """Faulty cells with the formula that belongs there."""
    allowed = approved(workbook, any_status)
    found: list[tuple[str, str, str]] = []
    for sheet, cells in groups(workbook):
        home = cells[0]
        shapes: Counter[str] = Counter()
        for cell in cells:
            held = workbook[sheet][cell].value
            if isinstance(held, str):
                shapes[shape(held, cell, home)] += 1
        usual = shapes.most_common(1)[0][0]
        for cell in cells:
            right = Translator(usual, home).translate_formula(cell)
            if workbook[sheet][cell].value == right:
                continue
            if not legitimate(workbook, sheet, cell, allowed) or (
                contracts_too and sheet != "Overheads"
            ):
                found.append((sheet, cell, right))
    return found


def shape(formula: str, cell: str, home: str) -> str:
    """The formula as it would stand in the first cell of its run."""
    try:
        return Translator(formula, cell).translate_formula(home)
    except TranslatorError:  # it refers to rows above the first: surely not the usual one
        return formula


def as_faults(found: list[tuple[str, str, str]]) -> list[Fault]:
    """Cells below one another in a column are one fault."""
    faults: list[Fault] = []
    for sheet, cell, right in found:
        column, row = cell.rstrip("0123456789"), cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if faults and sheet == "Staff":
            before = faults[-1]
            if before["sheet"] == sheet and f"{column}{int(row) - 1}" in before["right"]:
                before["right"][cell] = right
                continue
        faults.append({"sheet": sheet, "right": {cell: right}})
    return faults


# --- delivering -------------------------------------------------------------------------------


def mended(cells: Cells, faults: list[Fault]) -> Cells:
    new = dict(cells)
    for fault in faults:
        for cell, right in fault["right"].items():
            left, top, _, _ = bounds(cell)
            new[fault["sheet"], top, left] = right
    return new


def effects(
    cells: Cells, faults: list[Fault], cumulative: bool = False, sign: int = 1
) -> list[float]:
    """What each mend alone does to the operating result."""
    before = result_of(cells)
    out: list[float] = []
    for i, fault in enumerate(faults):
        base = mended(cells, faults[:i]) if cumulative else cells
        start = result_of(base) if cumulative else before
        out.append(sign * (result_of(mended(base, [fault])) - start))
    return out


def write_findings(faults: list[Fault], moves: list[float]) -> None:
    with open("model/findings.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["sheet", "cells", "fault", "effect_eur"])
        for fault, move in zip(faults, moves, strict=True):
            cells = list(fault["right"])
            where = cells[0] if len(cells) == 1 else f"{cells[0]}:{cells[-1]}"
            right = fault["right"][cells[0]]
            text = f"differs from its neighbours and from Notes; should be {right[1:]}"
            out.writerow([fault["sheet"], where, text, f"{move:.2f}"])


def solve(
    *,
    target: str = "model/plan-2025-mended.xlsx",
    any_status: bool = False,
    contracts_too: bool = False,
    keep: Callable[[Fault, float], bool] = lambda fault, move: True,
    paste: bool = False,
    cumulative: bool = False,
    sign: int = 1,
    stored_headline: bool = False,
    extra: tuple[Fault, ...] = (),
) -> dict[str, Any]:
    """Find, mend, recompute, deliver; the options are for mistakes."""
    workbook: Any = load_workbook(MODEL)
    cells = contents(workbook)
    faults = as_faults(find(workbook, any_status, contracts_too))
    moves = effects(cells, faults, cumulative, sign)
    kept = [(f, m) for f, m in zip(faults, moves, strict=True) if keep(f, m)]
    faults, moves = [f for f, _ in kept], [m for _, m in kept]
    after = mended(cells, faults)
    values = Book(after)
    for fault in faults:
        for cell, right in fault["right"].items():
            left, top, _, _ = bounds(cell)
            number = values.get(fault["sheet"], top, left)
            workbook[fault["sheet"]][cell].value = number if paste else right
    workbook.save(target)
    write_findings([*faults, *extra], [*moves, *(0.0 for _ in extra)])
    before = result_of(cells)
    headline = before if stored_headline else result_of(after)
    with open("model/headline.json", "w", encoding="utf-8") as file:
        json.dump({"as_received": round(before, 2), "mended": round(headline, 2)}, file)
    return {
        "status": "done",
        "confidence": 0.9,
        "summary": f"{len(faults)} faults mended; operating result {before:.2f} -> {headline:.2f} EUR.",
        "questions": [],
    }
