"""Excel's common functions and operators over plain values; `calc.py` works out cells with them."""

# The table of functions holds plain lambdas over cell values.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterable
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from itertools import chain
from typing import Any, TypeAlias

from openpyxl.utils import datetime as _dates

excel_dates: Any = _dates

Scalar: TypeAlias = float | str | bool | None
Area: TypeAlias = list[list[Scalar]]
Value: TypeAlias = Scalar | Area


class CellError(Exception):
    """An error value such as `#N/A`."""


def single(value: Value) -> Scalar:
    """One value of an area of one cell."""
    if isinstance(value, list):
        if len(value) == 1 and len(value[0]) == 1:
            return value[0][0]
        raise CellError("#VALUE! an area where one value belongs")
    return value


def num(value: Value) -> float:
    """A value as a number, as arithmetic takes it."""
    value = single(value)
    if value is None:
        return 0.0
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            raise CellError("#VALUE!") from None
    return float(value)


def flat(values: Iterable[Value]) -> list[Scalar]:
    """All values of areas and scalars in one list."""
    return list(
        chain.from_iterable(chain.from_iterable(v) if isinstance(v, list) else (v,) for v in values)
    )


def numbers(values: Iterable[Value]) -> list[float]:
    """The numbers among the values, as SUM takes them."""
    return [v for v in flat(values) if isinstance(v, float | int) and not isinstance(v, bool)]


def binary(op: str, left: Value, right: Value) -> Value:
    """An operator over two values, cell by cell where one is an area."""
    if not isinstance(left, list) and not isinstance(right, list):
        return _scalar(op, left, right)
    a = left if isinstance(left, list) else [[left]]
    b = right if isinstance(right, list) else [[right]]
    rows, columns = max(len(a), len(b)), max(len(a[0]), len(b[0]))
    return [
        [
            _scalar(op, a[r % len(a)][c % len(a[0])], b[r % len(b)][c % len(b[0])])
            for c in range(columns)
        ]
        for r in range(rows)
    ]


def _scalar(op: str, left: Scalar, right: Scalar) -> Scalar:
    if op == "&":
        return _text(left) + _text(right)
    if op in ("=", "<>", "<", ">", "<=", ">="):
        return _compare(op, left, right)
    a, b = num(left), num(right)
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "*":
        return a * b
    if op == "/":
        if b == 0:
            raise CellError("#DIV/0!")
        return a / b
    return math.pow(a, b)


def _text(value: Scalar) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, float | int) else value


def _rank(value: Scalar, other: Scalar) -> tuple[int, float | str]:
    if value is None:
        value = "" if isinstance(other, str) else 0.0
    if isinstance(value, bool):
        return 2, float(value)
    return (1, value.lower()) if isinstance(value, str) else (0, float(value))


def _compare(op: str, left: Scalar, right: Scalar) -> bool:
    a: Any = _rank(left, right)
    b: Any = _rank(right, left)
    less = bool(a < b)  # the first part is the kind, so the second parts are of one kind
    same = bool(a == b)
    if op in ("=", "<>"):
        return same == (op == "=")
    if op in ("<", "<="):
        return less or (same and op == "<=")
    return not less and (op == ">=" or not same)


def rounded(value: Value, digits: Value = 0.0, mode: str = ROUND_HALF_UP) -> float:
    """Excel's ROUND and its kin: of the number as it would be shown with 15 digits."""
    shown = Decimal(f"{num(value):.15g}")
    return float(shown.quantize(Decimal(1).scaleb(-int(num(digits))), rounding=mode))


def criterion(wanted: Scalar) -> Callable[[Scalar], bool]:
    """The test that a criterion of SUMIFS and its kin stands for."""
    text = _text(wanted)
    found = re.match(r"<=|>=|<>|=|<|>", text) if isinstance(wanted, str) else None
    op, rest = (found[0], text[found.end() :]) if found else ("=", text)
    try:
        limit: Scalar = float(rest)
    except ValueError:
        limit = rest
    if isinstance(limit, str) and op in ("=", "<>") and re.search(r"[*?]", limit):
        pattern = re.escape(limit).replace(r"\*", ".*").replace(r"\?", ".")
        return lambda v: bool(re.fullmatch(pattern, _text(v), re.IGNORECASE)) == (op == "=")
    kind = str if isinstance(limit, str) else (int, float)
    if op == "<>":
        return lambda v: not (isinstance(v, kind) and _compare("=", v, limit))
    return lambda v: isinstance(v, kind) and not isinstance(v, bool) and _compare(op, v, limit)


def chosen(pairs: tuple[Value, ...]) -> list[bool]:
    """Which cells fulfil all pairs of range and criterion."""
    if not pairs or len(pairs) % 2:
        raise CellError("#VALUE!")
    columns: list[list[bool]] = []
    for where, wanted in zip(pairs[::2], pairs[1::2], strict=True):
        test = criterion(single(wanted))
        columns.append([test(v) for v in flat([where])])
    if len({len(column) for column in columns}) != 1:
        raise CellError("#VALUE! ranges of unequal length")
    return [all(row) for row in zip(*columns, strict=True)]


def _picked(values: Value, pairs: tuple[Value, ...]) -> list[float]:
    what, keep = flat([values]), chosen(pairs)
    if len(what) != len(keep):
        raise CellError("#VALUE! ranges of unequal length")
    return numbers([v for v, k in zip(what, keep, strict=True) if k])


def _mean(values: list[float]) -> float:
    if not values:
        raise CellError("#DIV/0!")
    return math.fsum(values) / len(values)


def _find(wanted: Value, values: list[Scalar], how: float) -> int:
    """Position of a value: exact (0), or the last not above (1) or not below (-1) it."""
    target = single(wanted)
    if how == 0:
        test: Callable[[Scalar], bool] = criterion(target)
        for i, v in enumerate(values):
            if v is not None and isinstance(v, str) == isinstance(target, str) and test(v):
                return i
        raise CellError("#N/A")
    best = -1
    for i, v in enumerate(values):
        if v is not None and isinstance(v, str) == isinstance(target, str):
            if not _compare("<=" if how > 0 else ">=", v, target):
                break
            best = i
    if best < 0:
        raise CellError("#N/A")
    return best


def _area(value: Value) -> Area:
    return value if isinstance(value, list) else [[value]]


def _vlookup(wanted: Value, table: Value, column: Value, near: Value = True) -> Scalar:
    rows = _area(table)
    i = _find(wanted, [row[0] for row in rows], 1 if num(near) else 0)
    if num(column) < 1:
        raise CellError("#VALUE!")
    return rows[i][int(num(column)) - 1]


def _hlookup(wanted: Value, table: Value, row: Value, near: Value = True) -> Scalar:
    return _vlookup(wanted, [list(r) for r in zip(*_area(table), strict=True)], row, near)


def _index(table: Value, row: Value, column: Value = None) -> Value:
    area, r, c = _area(table), int(num(row)), int(num(column))
    if len(area) == 1 and column is None:
        r, c = 1, r
    if r < 0 or c < 0:
        raise CellError("#VALUE!")
    if r == 0:
        return [[line[c - 1]] for line in area]
    return area[r - 1][max(c, 1) - 1] if c or len(area[0]) == 1 else [area[r - 1]]


def _xlookup(
    wanted: Value, where: Value, result: Value, missing: Value = None, how: Value = 0.0
) -> Scalar:
    try:
        return flat([result])[_find(wanted, flat([where]), -num(how))]
    except CellError:
        if missing is None:
            raise
        return single(missing)


def _sumproduct(*areas: Value) -> float:
    columns = [flat([area]) for area in areas]
    if len({len(column) for column in columns}) != 1:
        raise CellError("#VALUE!")
    plain = [[v if isinstance(v, float) else 0.0 for v in column] for column in columns]
    return math.fsum(math.prod(row) for row in zip(*plain, strict=True))


def _subtotal(code: Value, *values: Value) -> float:
    names = {1: "AVERAGE", 2: "COUNT", 4: "MAX", 5: "MIN", 9: "SUM"}
    return FUNCTIONS[names[int(num(code)) % 100]](*values)


def _date(value: Value) -> datetime.datetime:
    found = excel_dates.from_excel(num(value))
    if not isinstance(found, datetime.datetime):
        raise CellError("#VALUE!")
    return found


def _if(parts: list[Callable[[], Value]]) -> Value:
    test = single(parts[0]())
    if isinstance(test, str):
        raise CellError("#VALUE!")
    if test:
        return parts[1]()
    return parts[2]() if len(parts) > 2 else False


def _iferror(parts: list[Callable[[], Value]]) -> Value:
    try:
        return parts[0]()
    except CellError:
        return parts[1]()


def _ifs(parts: list[Callable[[], Value]]) -> Value:
    for test, result in zip(parts[::2], parts[1::2], strict=False):
        if single(test()):
            return result()
    raise CellError("#N/A")


def _iserror(parts: list[Callable[[], Value]]) -> Value:
    try:
        parts[0]()
    except CellError:
        return True
    return False


LAZY: dict[str, Callable[[list[Callable[[], Value]]], Value]] = {
    "IF": _if,
    "IFERROR": _iferror,
    "IFNA": _iferror,
    "IFS": _ifs,
    "ISERROR": _iserror,
    "ISNA": _iserror,
    "CHOOSE": lambda parts: parts[int(num(parts[0]()))](),
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": lambda *v: math.fsum(numbers(v)),
    "AVERAGE": lambda *v: _mean(numbers(v)),
    "COUNT": lambda *v: float(len(numbers(v))),
    "COUNTA": lambda *v: float(sum(x is not None for x in flat(v))),
    "MIN": lambda *v: min(numbers(v), default=0.0),
    "MAX": lambda *v: max(numbers(v), default=0.0),
    "PRODUCT": lambda *v: math.prod(numbers(v)),
    "SUMIFS": lambda what, *pairs: math.fsum(_picked(what, pairs)),
    "SUMIF": lambda where, wanted, what=None: math.fsum(
        _picked(where if what is None else what, (where, wanted))
    ),
    "AVERAGEIFS": lambda what, *pairs: _mean(_picked(what, pairs)),
    "COUNTIFS": lambda *pairs: float(sum(chosen(pairs))),
    "COUNTIF": lambda *pairs: float(sum(chosen(pairs))),
    "SUMPRODUCT": _sumproduct,
    "SUBTOTAL": _subtotal,
    "ROUND": rounded,
    "ROUNDUP": lambda v, d=0.0: rounded(v, d, ROUND_UP),
    "ROUNDDOWN": lambda v, d=0.0: rounded(v, d, ROUND_DOWN),
    "TRUNC": lambda v, d=0.0: rounded(v, d, ROUND_DOWN),
    "INT": lambda v: float(math.floor(num(v))),
    "ABS": lambda v: abs(num(v)),
    "MOD": lambda a, b: math.fmod(num(a), num(b)) if num(a) >= 0 else num(a) % num(b),
    "POWER": lambda a, b: math.pow(num(a), num(b)),
    "QUOTIENT": lambda a, b: float(math.trunc(num(a) / num(b))),
    "N": lambda v: 0.0 if isinstance(single(v), str) else num(v),
    "VALUE": num,
    "AND": lambda *v: all(x for x in flat(v) if x is not None),
    "OR": lambda *v: any(x for x in flat(v) if x is not None),
    "NOT": lambda v: not num(v),
    "TRUE": lambda: True,
    "FALSE": lambda: False,
    "ISNUMBER": lambda v: isinstance(single(v), float),
    "ISTEXT": lambda v: isinstance(single(v), str),
    "ISBLANK": lambda v: single(v) is None,
    "EXACT": lambda a, b: _text(single(a)) == _text(single(b)),
    "TRIM": lambda v: " ".join(_text(single(v)).split()),
    "UPPER": lambda v: _text(single(v)).upper(),
    "LEFT": lambda v, n=1.0: _text(single(v))[: int(num(n))],
    "VLOOKUP": _vlookup,
    "HLOOKUP": _hlookup,
    "XLOOKUP": _xlookup,
    "INDEX": _index,
    "MATCH": lambda wanted, where, how=1.0: _find(wanted, flat([where]), num(how)) + 1.0,
    "LOOKUP": lambda wanted, where, result=None: flat([where if result is None else result])[
        _find(wanted, flat([where]), 1)
    ],
    "MONTH": lambda v: float(_date(v).month),
    "YEAR": lambda v: float(_date(v).year),
    "DAY": lambda v: float(_date(v).day),
    "DATE": lambda y, m, d: float(
        excel_dates.to_excel(datetime.datetime(int(num(y)), int(num(m)), int(num(d))))
    ),
}
