"""What a task's `grade.py` stands on: criteria, and readers that answer None for a bad file.

A worker may leave any bytes behind. A reader here never raises on them: it gives None, and the
criterion says that the file is missing or cannot be read.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ..records.evidence import Evidence
from ..records.verdict import Criterion, Kind

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = [
    "Criterion",
    "Evidence",
    "check",
    "close",
    "mentions",
    "number",
    "read_csv",
    "read_docx",
    "read_json",
    "read_pdf",
    "read_xlsx",
]

GREATEST = Decimal(10) ** 18
"""What is not below it is no number that a person meant."""


def check(
    name: str,
    passed: bool,
    *,
    expected: object = "",
    found: object = "",
    kind: Kind = "work",
    weight: float = 1.0,
    required: bool = True,
) -> Criterion:
    """A criterion with what was expected and what was found, shortened for people."""
    return Criterion(
        name=name,
        passed=bool(passed),
        kind=kind,
        weight=weight,
        required=required,
        expected=_short(expected),
        found=_short(found),
    )


def read_csv(evidence: Evidence, path: str) -> list[dict[str, str]] | None:
    """The rows of a CSV file with a header line.

    Column names are stripped, lower-cased and have spaces turned to `_`; values are stripped.
    The delimiter may be a comma, semicolon or tab.
    """
    text = evidence.text(path)
    if text is None or "\0" in text or not text.strip():
        return None
    head = text.lstrip().splitlines()[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=delimiter))
    except csv.Error:
        return None
    names = [re.sub(r"\s+", "_", name.strip().lower()) for name in rows[0]]
    return [
        {name: value.strip() for name, value in zip(names, row, strict=False)}
        for row in rows[1:]
        if any(value.strip() for value in row)
    ]


def read_json(evidence: Evidence, path: str) -> Any | None:
    """A JSON file's value. Numbers that are not finite, or of hundreds of digits, become None."""
    try:
        return json.loads(
            evidence.text(path) or "",
            parse_constant=lambda _: None,
            parse_float=_float,
            parse_int=lambda digits: int(digits) if len(digits) <= 300 else None,
        )
    except (ValueError, RecursionError):
        return None


def read_xlsx(evidence: Evidence, path: str, *, values: bool = False) -> Workbook | None:
    """A workbook: formulas, or with `values` the results that the last program stored."""
    from openpyxl import load_workbook

    content = evidence.read(path)
    if content is None:
        return None
    try:
        return load_workbook(io.BytesIO(content), data_only=values)
    except Exception:  # openpyxl raises whatever a bad file makes it stumble over
        return None


def read_docx(evidence: Evidence, path: str) -> str | None:
    """The text of a Word document, paragraphs and table cells, a line each."""
    from docx import Document

    content = evidence.read(path)
    if content is None:
        return None
    try:
        document = Document(io.BytesIO(content))
        lines = [paragraph.text for paragraph in document.paragraphs]
        for table in document.tables:
            lines += [cell.text for row in table.rows for cell in row.cells]
    except Exception:  # python-docx raises whatever a bad file makes it stumble over
        return None
    return "\n".join(lines)


def read_pdf(evidence: Evidence, path: str) -> str | None:
    """The text of a PDF, page after page."""
    from pypdf import PdfReader

    content = evidence.read(path)
    if content is None:
        return None
    try:
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    except Exception:  # pypdf raises whatever a bad file makes it stumble over
        return None


def number(value: object) -> Decimal | None:
    """A number as a person would write it (`1,234.50`, `€ 1234.5`, `(12.00)`, `-3 %`), else None.

    Always finite and below `GREATEST`, so that arithmetic with it does not raise: NaN, infinity and
    `1e9999999` are None.
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        amount = Decimal(value) if isinstance(value, int | Decimal) else _written(str(value))
    except (InvalidOperation, ValueError, RecursionError):
        return None
    if not amount.is_finite():
        return None
    if not amount or amount.adjusted() < -300:
        return Decimal(0)
    return amount if amount.copy_abs() < GREATEST else None


def _written(text: str) -> Decimal:
    text = re.sub(r"[\s$€£%]|USD|EUR|GBP", "", text)
    negative = text.startswith("(") and text.endswith(")")
    text = text.strip("()").replace("−", "-")
    amount = Decimal(re.sub(r",(?=\d{3}(\D|$))", "", text))
    return amount.copy_negate() if negative else amount


def close(value: object, expected: object, tolerance: float | str = "0.005") -> bool:
    """Whether two numbers are equal within a tolerance (absolute)."""
    left, right = number(value), number(expected)
    if left is None or right is None:
        return False
    return abs(left - right) <= Decimal(str(tolerance))


def mentions(text: object, *alternatives: str) -> bool:
    """Whether any of the regular expressions is found in the text, in whatever case.

    What is no text mentions nothing: a worker's JSON may hold anything where a text belongs.
    """
    return isinstance(text, str) and any(
        re.search(one, text, re.IGNORECASE) for one in alternatives
    )


def _float(digits: str) -> float | None:
    value = float(digits)
    return value if math.isfinite(value) else None


def _short(value: object, limit: int = 400) -> str:
    try:
        text = value if isinstance(value, str) else str(value)
    except (ValueError, RecursionError):
        text = f"a {type(value).__name__} that cannot be shown"
    # JSON may hold halves of surrogate pairs, which no record can.
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= limit else text[: limit - 1] + "…"
