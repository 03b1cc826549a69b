"""A small spreadsheet calculator: what Excel's common functions give, for the world and the grader.

Formulas that this cannot evaluate give an error value like any other; nothing here raises for
what a workbook may hold, apart from CellError, which stands for Excel's `#VALUE!` and its kin.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from openpyxl.utils import column_index_from_string
from openpyxl.utils import datetime as excel_dates

from . import functions as fn
from .functions import Area, CellError, Scalar, Value

Cells: TypeAlias = dict[str, dict[tuple[int, int], Scalar]]
Node: TypeAlias = tuple[Any, ...]

TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"]|"")*")
  | (?P<ref>(?:(?:'(?:[^']|'')+'|[A-Za-z_][\w.]*)!)?
      (?:\$?[A-Za-z]{1,3}\$?\d+(?::\$?[A-Za-z]{1,3}\$?\d+)?|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3})
      (?![\w(]))
  | (?P<num>\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)
  | (?P<call>[A-Za-z_][\w.]*)\(
  | (?P<name>[A-Za-z_][\w.]*)
  | (?P<op><=|>=|<>|[-+*/^&=<>%(),])
    )""",
    re.VERBOSE,
)
BINARY = {"=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4}
BINARY.update({"/": 4, "^": 5})
MAX_AREA = 400_000


def address(text: str) -> tuple[int, int]:
    """Row and column of `A1` or `$A$1`."""
    found = re.fullmatch(r"\$?([A-Za-z]{1,3})\$?(\d+)", text)
    if not found:
        raise CellError("#REF!")
    return int(found[2]), column_index_from_string(found[1])


def cells_of(workbook: Any) -> Cells:
    """What a workbook's cells hold: formulas as text with `=`, dates as serial numbers."""
    cells: Cells = {}
    for sheet in workbook.worksheets:
        cells[sheet.title] = {
            (cell.row, cell.column): plain
            for row in sheet.iter_rows()
            for cell in row
            if (plain := _plain(cell.value)) is not None
        }
    return cells


def _plain(value: Any) -> Scalar:
    if value is None or value == "":
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return float(cast(Any, excel_dates).to_excel(value))
    text = getattr(value, "text", None)  # an array formula
    return str(text if text is not None else value)


class _Parser:
    """Precedence climbing over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at, text = 0, text.strip()
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found or found.lastgroup is None:
                raise CellError(f"#NAME? near {text[at : at + 20]!r}")
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        self.at = 0

    def peek(self) -> str:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        return text if kind == "op" else ""

    def whole(self) -> Node:
        node = self.binary(1)
        if self.at != len(self.tokens):
            raise CellError("#NAME? text after the formula's end")
        return node

    def binary(self, least: int) -> Node:
        left = self.unary()
        while (op := self.peek()) in BINARY and BINARY[op] >= least:
            self.at += 1
            left = ("bin", op, left, self.binary(BINARY[op] + 1))
        return left

    def unary(self) -> Node:
        if (op := self.peek()) in ("-", "+"):
            self.at += 1
            inner = self.unary()
            return ("bin", "-", ("const", 0.0), inner) if op == "-" else inner
        node = self.primary()
        while self.peek() == "%":
            self.at += 1
            node = ("bin", "/", node, ("const", 100.0))
        return node

    def primary(self) -> Node:
        if self.at >= len(self.tokens):
            raise CellError("#NAME? the formula breaks off")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "num":
            return ("const", float(text))
        if kind == "text":
            return ("const", text[1:-1].replace('""', '"'))
        if kind == "ref":
            return ("ref", text)
        if kind == "name":
            upper = text.upper()
            return ("const", upper == "TRUE") if upper in ("TRUE", "FALSE") else ("name", text)
        if kind == "call":
            return ("call", re.sub(r"^(_XLFN\.|_XLWS\.)+", "", text.upper()), self.arguments())
        if text == "(":
            node = self.binary(1)
            self.expect(")")
            return node
        raise CellError(f"#NAME? near {text!r}")

    def arguments(self) -> list[Node]:
        found: list[Node] = []
        if self.peek() == ")":
            self.at += 1
            return found
        while True:
            empty = self.peek() in (",", ")")
            found.append(("const", None) if empty else self.binary(1))
            if self.peek() == ",":
                self.at += 1
                continue
            self.expect(")")
            return found

    def expect(self, text: str) -> None:
        if self.peek() != text:
            raise CellError(f"#NAME? {text} is missing")
        self.at += 1


_parsed: dict[str, Node] = {}


def parse(formula: str) -> Node:
    """The tree of a formula, without its `=`."""
    if formula not in _parsed:
        if len(formula) > 4000:
            raise CellError("#VALUE! the formula is too long")
        _parsed[formula] = _Parser(formula).whole()
    return _parsed[formula]


class Model:
    """Cells with their values, worked out when asked for and remembered."""

    def __init__(self, cells: Cells, names: Mapping[str, str] | None = None) -> None:
        self.cells = cells
        self.sheets = {name.lower(): name for name in cells}
        self.names = {name.lower(): text for name, text in (names or {}).items()}
        self.known: dict[tuple[str, int, int], Scalar | CellError] = {}
        self.areas: dict[tuple[str, str], Area] = {}
        self.size = {
            name: (max((r for r, _ in held), default=1), max((c for _, c in held), default=1))
            for name, held in cells.items()
        }

    def value(self, sheet: str, row: int, column: int) -> Scalar:
        """What a cell shows. Raises CellError where that is an error value."""
        held = self.cells[sheet].get((row, column))
        if not (isinstance(held, str) and held.startswith("=")):
            return held
        key = (sheet, row, column)
        if key not in self.known:
            self.known[key] = CellError("#CIRCULAR!")
            try:
                self.known[key] = self.formula(held, sheet)
            except CellError as error:
                self.known[key] = error
        known = self.known[key]
        if isinstance(known, CellError):
            raise CellError(*known.args)
        return known

    def formula(self, text: str, sheet: str) -> Scalar:
        """What a formula gives in a sheet."""
        try:
            result = fn.single(self.run(parse(text[1:]), sheet))
        except (RecursionError, OverflowError, ArithmeticError, ValueError) as error:
            raise CellError(f"#NUM! {type(error).__name__}") from None
        return 0.0 if result is None else result

    def run(self, node: Node, sheet: str) -> Value:
        kind = node[0]
        if kind == "const":
            return node[1]
        if kind == "ref":
            return self.reference(node[1], sheet)
        if kind == "bin":
            return fn.binary(node[1], self.run(node[2], sheet), self.run(node[3], sheet))
        if kind == "call":
            return self.call(node[1], node[2], sheet)
        target = self.names.get(node[1].lower())
        if target is None:
            raise CellError(f"#NAME? {node[1]}")
        return self.run(parse(target), sheet)

    def reference(self, text: str, sheet: str) -> Value:
        key = (sheet, text)
        if key in self.areas:
            return self.areas[key]
        place, _, ref = text.rpartition("!")
        if place:
            found = self.sheets.get(place.strip("'").replace("''", "'").lower())
            if found is None:
                raise CellError(f"#REF! {place}")
            sheet = found
        first, colon, last = ref.replace("$", "").partition(":")
        if not colon:
            return self.value(sheet, *address(first))
        rows, columns = self.size[sheet]
        if first.isalpha():
            first, last = f"{first}1", f"{last}{rows}"
        (top, left), (bottom, right) = address(first), address(last)
        top, bottom = sorted((top, bottom))
        left, right = sorted((left, right))
        bottom, right = max(top, min(bottom, rows)), max(left, min(right, columns))
        if (bottom - top + 1) * (right - left + 1) > MAX_AREA:
            raise CellError("#REF! too large")
        area = [
            [self.value(sheet, r, c) for c in range(left, right + 1)]
            for r in range(top, bottom + 1)
        ]
        self.areas[key] = area
        return area

    def call(self, name: str, nodes: list[Node], sheet: str) -> Value:
        lazy = fn.LAZY.get(name)
        if lazy is not None:
            return lazy([lambda node=node: self.run(node, sheet) for node in nodes])
        function = fn.FUNCTIONS.get(name)
        if function is None:
            raise CellError(f"#NAME? {name}")
        values = [self.run(node, sheet) for node in nodes]
        try:
            return function(*values)
        except (TypeError, IndexError):
            raise CellError(f"#VALUE! {name}") from None
