"""A coffee roaster's plan for 2025 as a workbook in which eight formulas went wrong."""

from __future__ import annotations

import datetime
import io
import random
import re
import zipfile
from typing import Any

from faker import Faker
from offsite.tasks import World
from offsite.tasks.documents import xlsx
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from . import book, calc
from .book import Sheets

HEADLINE = ("Summary", "B10")
Fault = dict[str, Any]


class Seeder:
    """Puts faults into a sound workbook and remembers what was right."""

    def __init__(self, rng: random.Random, sheets: Sheets, last: int) -> None:
        self.rng, self.sheets, self.last = rng, sheets, last
        self.model = calc.Model(grid(sheets))
        self.faults: list[Fault] = []
        self.used: set[int] = set()

    def value(self, sheet: str, cell: str) -> Any:
        """What the sound workbook shows in a cell."""
        return self.model.value(sheet, *calc.address(cell))

    def line(self, *, month: int | None = None, basis: str = "L", packs: int = 0) -> int:
        """A row of the order book that no fault or override uses yet."""
        rows = [
            r
            for r in range(book.FIRST, self.last + 1)
            if r not in self.used
            and self.sheets["Orders"][f"H{r}"] == basis
            and self.sheets["Orders"][f"G{r}"] >= packs
            and month in (None, self.sheets["Orders"][f"B{r}"].month)
        ]
        row = self.rng.choice(rows)
        self.used.add(row)
        return row

    def seed(
        self,
        name: str,
        sheet: str,
        cells: dict[str, Any],
        what: str,
        tolerated: tuple[str, ...] = (),
    ) -> None:
        """Put wrong contents into cells; `tolerated` are cells that a mend may touch as well."""
        right = {cell: self.sheets[sheet][cell] for cell in cells}
        right |= {cell: self.sheets[sheet][cell] for cell in tolerated}
        self.sheets[sheet].update(cells)
        self.faults.append(
            {"name": name, "sheet": sheet, "cells": list(cells), "right": right, "what": what}
        )

    def overrides(self) -> list[tuple[Any, ...]]:
        """The typed numbers that are approved, put in place, and their log."""
        log: list[tuple[Any, ...]] = []
        reasons = (
            "settlement with the customer",
            "invoice already booked",
            "fixed price by letter",
        )
        for column, reason in zip("KMN", reasons, strict=True):
            row = self.line()
            typed = round(self.value("Orders", f"{column}{row}") * self.rng.uniform(0.75, 0.92), 2)
            self.sheets["Orders"][f"{column}{row}"] = typed
            log.append(("Orders", f"{column}{row}", typed, reason, "approved", "M. Oduya"))
        return log

    def all_faults(self, log: list[tuple[Any, ...]]) -> None:
        """One fault of each kind; the generator says where and in which form."""
        rng, last = self.rng, self.last
        month = rng.randrange(3, 12)
        source, typed = rng.choice((("C", "K"), ("D", "M")))
        wrong_month = book.sumifs(typed, "C", last, f"$A{3 + month}")
        self.seed(
            "wrong_month",
            "Monthly",
            {f"{source}{4 + month}": wrong_month},
            "takes the month before",
        )
        # The typed number lies in the month that is now counted twice: the effects interact.
        row = self.line(month=month - 1, packs=600)
        value = round(self.value("Orders", f"{typed}{row}") * rng.uniform(1.12, 1.3), 2)
        self.seed(
            "typed_number", "Orders", {f"{typed}{row}": value}, "typed number, override declined"
        )
        log.append(("Orders", f"{typed}{row}", value, "estimate of sales", "declined", "M. Oduya"))
        row = self.line(packs=600)
        self.seed("wrong_column", "Orders", {f"I{row}": f"={book.lookup(row, 5)}"}, "2024 price")
        self._unit()
        row = self.line(packs=240)
        self.sheets["Orders"][f"G{row}"] = self.sheets["Assumptions"]["B5"]
        edge = self.sheets["Orders"][f"J{row}"].replace(">=", ">")
        self.seed("threshold", "Orders", {f"J{row}": edge}, "> where >= belongs")
        self._short()
        top = rng.randrange(8, 27)
        slip = {
            f"I{top + i}": self.sheets["Staff"][f"I{top + i}"].replace("$B$12", f"B{12 + i}")
            for i in range(1, 5)
        }
        head = self.sheets["Staff"][f"I{top}"].replace("$B$12", "B12")
        self.seed("slipped_reference", "Staff", slip, "rate without $, filled down", (f"I{top}",))
        self.sheets["Staff"][f"I{top}"] = head
        self._without_effect()

    def _unit(self) -> None:
        row = self.line(packs=480)
        if self.rng.random() < 0.5:
            cells = {f"L{row}": f"=G{row}*{book.lookup(row, 4)}/453.6"}
            self.seed("unit", "Orders", cells, "pounds in place of kilograms")
        else:
            cells = {f"M{row}": f"=ROUND(G{row}*{book.lookup(row, 7)}*Assumptions!$B$4,2)"}
            self.seed("unit", "Orders", cells, "dollars times the rate")

    def _short(self) -> None:
        kind = self.rng.randrange(3)
        if kind == 0:
            column = get_column_letter(self.rng.randrange(3, 14))
            cells = {f"{column}21": f"=SUM({column}5:{column}19)"}
            self.seed("short_sum", "Overheads", cells, "the last account is left out")
        elif kind == 1:
            column = self.rng.choice("EFG")
            cells = {f"{column}17": f"=SUM({column}5:{column}15)"}
            self.seed("short_sum", "Monthly", cells, "December is left out")
        else:
            cells = {"E16": book.sumifs("N", "C", self.last - 9, "$A16")}
            self.seed("short_sum", "Monthly", cells, "the last lines are left out")

    def _without_effect(self) -> None:
        row = self.rng.randrange(15, 20)
        if self.rng.random() < 0.5:
            cells = {f"B{row}": book.sumifs("K", "F", self.last - 60, f"$A{row}")}
            self.seed("no_effect", "Summary", cells, "the last lines are left out")
        else:
            row = self.rng.randrange(6, 16)
            cells = {f"H{row}": f"=C{row}-D{row}-E{row}+F{row}-G{row}"}
            self.seed("no_effect", "Monthly", cells, "staff is added")


def grid(sheets: Sheets) -> calc.Cells:
    """The cells as the calculator wants them."""
    return {
        name: {calc.address(cell): plain(value) for cell, value in held.items()}
        for name, held in sheets.items()
    }


def plain(value: Any) -> Any:
    """A cell's content as a JSON value; dates as serial numbers."""
    if isinstance(value, datetime.datetime):
        return float((value - datetime.datetime(1899, 12, 30)).days)
    return float(value) if isinstance(value, int) else value


def headline(sheets: Sheets, base: calc.Model, changed: tuple[str, ...]) -> float:
    """The operating result of a workbook that differs from `base` only in the cells `changed`.

    An order line depends on no other line: all others are taken over from there (it saves nine
    tenths of the time).
    """
    model = calc.Model(grid(sheets))
    rows = {calc.address(cell)[0] for cell in changed}
    model.known.update(
        {k: v for k, v in base.known.items() if k[0] == "Orders" and k[1] not in rows}
    )
    model.areas.update({k: v for k, v in base.areas.items() if "Products!" in k[1]})
    return shown(model)


def shown(model: calc.Model) -> float:
    """What a workbook shows as its operating result."""
    value = model.value(HEADLINE[0], *calc.address(HEADLINE[1]))
    if not isinstance(value, float):
        raise TypeError(f"the operating result is {value!r}")
    return value


def workbook(sheets: Sheets, model: calc.Model) -> bytes:
    """The `.xlsx` file, with the values that a spreadsheet program would have stored."""
    out = Workbook()
    out.remove(out.worksheets[0])
    bold = Font(bold=True)
    for name, held in sheets.items():
        sheet = out.create_sheet(name)
        for cell, value in held.items():
            sheet[cell] = value
            if isinstance(value, datetime.datetime):
                sheet[cell].number_format = "yyyy-mm-dd"
        sheet["A1"].font = bold
        sheet.column_dimensions["A"].width = 16
        if name == "Orders":
            sheet.freeze_panes = "A6"
    return _with_values(xlsx(out), list(sheets), model)


def _with_values(content: bytes, names: list[str], model: calc.Model) -> bytes:
    """Store each formula's value beside it: openpyxl writes none."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            found = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", member.filename)
            if found:
                data = _sheet_with_values(data.decode(), names[int(found[1]) - 1], model).encode()
            new.writestr(zipfile.ZipInfo(member.filename, member.date_time), data)
    return out.getvalue()


def _sheet_with_values(text: str, sheet: str, model: calc.Model) -> str:
    def fill(found: re.Match[str]) -> str:
        value = model.value(sheet, *calc.address(found[1]))
        kind = ' t="str"' if isinstance(value, str) else ""
        return f'<c r="{found[1]}"{found[2]}{kind}>{found[3]}<v>{value}</v></c>'

    pattern = r'<c r="([A-Z]+\d+)"((?: s="\d+")?)>(<f>[^<]*</f>)<v\s*/?>(?:</v>)?</c>'
    return re.sub(pattern, fill, text)


def build(seed: int) -> World:
    """The workbook, its clutter and what is wrong in it."""
    rng = random.Random(f"data-analysis/workbook-faults:{seed}")
    fake = Faker("en_GB")
    fake.seed_instance(rng.randrange(10**9))
    sheets, last = book.sound(rng, [fake.company() for _ in range(28)])
    seeder = Seeder(rng, sheets, last)
    log = seeder.overrides()
    seeder.all_faults(log)
    rng.shuffle(log)
    sheets["Overrides"] = {"A1": "Overrides: typed numbers in formula cells"}
    for r, entry in enumerate(
        [("Sheet", "Cell", "Typed value", "Reason", "Status", "Decided by"), *log], 3
    ):
        for column, value in zip("ABCDEF", entry, strict=True):
            sheets["Overrides"][f"{column}{r}"] = value
    model = calc.Model(grid(sheets))
    received = shown(model)
    for fault in seeder.faults:
        effect = headline(_mended(sheets, [fault]), model, tuple(fault["right"])) - received
        fault["effect"] = f"{effect:.2f}"
    cells = tuple(cell for fault in seeder.faults for cell in fault["right"])
    mended = headline(_mended(sheets, seeder.faults), model, cells)
    boss, analyst = fake.first_name(), fake.first_name()
    world = World()
    world.add("model/plan-2025.xlsx", workbook(sheets, model))
    world.add("model/handover.txt", _handover(analyst, boss))
    world.add("model/archive/summary-2024.csv", _archive(rng))
    world.add("model/minutes-2025-01-27.txt", _minutes(boss, analyst))
    world.facts = {"boss": boss, "analyst": analyst, "shown": f"{received:,.0f}"}
    world.truth = {
        "cells": {
            name: {cell: plain(value) for cell, value in held.items()}
            for name, held in sheets.items()
        },
        "faults": seeder.faults,
        "headline": list(HEADLINE),
        "received": f"{received:.2f}",
        "mended": f"{mended:.2f}",
    }
    return world


def _mended(sheets: Sheets, faults: list[Fault]) -> Sheets:
    copy = {name: dict(held) for name, held in sheets.items()}
    for fault in faults:
        copy[fault["sheet"]].update(fault["right"])
    return copy


def _handover(analyst: str, boss: str) -> str:
    return f"""Handover, plan 2025

{boss}, the model is in plan-2025.xlsx. Sheet Notes says what each column is meant to do.

- Staff: I went through every line of it in December with payroll. No need to look there again.
- Orders: sales changed lines until last week, I did not look at all of them again.
- Overrides is kept by Finance (M. Oduya), she decides on each request.
- Products has the prices of both years because sales wanted to compare.

{analyst}
"""


def _minutes(boss: str, analyst: str) -> str:
    return f"""Plan meeting, 27 January 2025 (present: {boss}, {analyst}, M. Oduya)

1. Haulier: the road rate in Assumptions stands; rail is dropped for this year.
2. The auditor wants the year-end provision in December, not spread.
3. Three staff leave during the year; they are in the staff plan with their last month.
4. Next meeting in three weeks.
"""


def _archive(rng: random.Random) -> str:
    rows = ["item;EUR"]
    for name in ("Revenue", "Cost of goods", "Freight", "Staff", "Overheads"):
        rows.append(f"{name};{rng.randrange(90_000, 2_400_000)}")
    return "\n".join(rows) + "\n"
