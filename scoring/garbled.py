"""Malformed evidence: no grader may raise on it, and none may pass what is garbage altogether."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from ..records.evidence import Evidence, load_evidence
from ..tasks.process import in_clean_process, told
from .grade import Case, verdict_of

OFFICE = "office:"
"""Begins the paths of what the office told of itself, among an evidence's files."""

_NOISE = random.Random(0).randbytes(512)
_NUMBER = rb"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])"

GARBAGE: dict[str, bytes | None] = {
    "no files": None,
    "empty files": b"",
    "binary files": b"\0" + _NOISE,
    "a zip's head": b"PK\x03\x04" + _NOISE,
    "a PDF's head": b"%PDF-1.4\n" + _NOISE,
    "JSON null": b"null",
    "a JSON list": b'[NaN, 1e400, "\\ud800", [], {}, null]',
    "a JSON object": b'{"": {"a": []}}',
    "deep JSON": b"[" * 50_000,
    "a header alone": b"a,b,c\n",
}
"""What all files are replaced by."""


def _text(content: bytes, pattern: bytes, new: bytes) -> bytes:
    """The content with matches replaced, where it is text."""
    return content if b"\0" in content else re.sub(pattern, new, content)


def _dates(content: bytes, year: bytes, month: bytes, day: bytes) -> bytes:
    content = _text(content, rb"\d{4}-\d\d-\d\d", b"-".join((year, month, day)))
    return _text(content, rb"(?<!\d)\d{8}(?!\d)", year + month + day)


def _other_kinds(content: bytes) -> bytes:
    """A workbook with texts for numbers and numbers for texts."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content))
    except Exception:  # it is no workbook
        return content
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None and type(cell).__name__ == "Cell":
                    cell.value = 7 if isinstance(cell.value, str) else "n/a"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _no_cells(content: bytes) -> bytes:
    from openpyxl import Workbook

    if not content.startswith(b"PK"):
        return content
    stream = io.BytesIO()
    Workbook().save(stream)
    return stream.getvalue()


_Change = Callable[[bytes], bytes]

DAMAGE: dict[str, _Change] = {
    "half of each file": lambda content: content[: len(content) // 2],
    "first lines alone": lambda content: content.split(b"\n", 1)[0] + b"\n",
    "NaN for numbers": lambda content: _text(content, _NUMBER, b"NaN"),
    "huge numbers": lambda content: _text(content, _NUMBER, b"1e9999999"),
    "null for JSON texts": lambda content: _text(content, rb'(:\s*)"[^"\n]*"', rb"\1null"),
    "lists for JSON texts": lambda content: _text(content, rb'(:\s*)"[^"\n]*"', rb"\1[1, {}]"),
    "texts for JSON numbers": lambda content: _text(content, rb"(:\s*)-?[\d.]+", rb'\1"n/a"'),
    "texts for JSON lists": lambda content: _text(content, rb"(:\s*)\[[^\[\]]*\]", rb'\1"n/a"'),
    "objects for JSON objects": lambda content: _text(content, rb"\{[^{}]*\}", b"{}"),
    "numbers for JSON objects": lambda content: _text(content, rb"\{[^{}]*\}", b"7"),
    "first columns lost": lambda content: _text(content, rb"(?m)^[^,;\t\n]*[,;\t]", b""),
    "last columns lost": lambda content: _text(content, rb"(?m)[,;\t][^,;\t\n]*$", b""),
    "rows cut short": lambda content: _text(content, rb"(?m)(?<=\n)([^,;\t\n]*)[,;\t].*$", rb"\1"),
    "dates that are none": lambda content: _dates(content, b"9999", b"99", b"99"),
    "dates at the end of time": lambda content: _dates(content, b"9999", b"12", b"31"),
    "dates at the beginning": lambda content: _dates(content, b"0001", b"01", b"01"),
    "other kinds in cells": _other_kinds,
    "a sheet without cells": _no_cells,
}
"""What is done to all files; what a grader makes of it is its own affair, as long as it answers."""

_EXAMINATIONS: list[JsonValue] = [None, {}, [], "x", 7, {"failed": ""}, [None], {"": None}]
_LEAVES: list[JsonValue] = [None, 7, "x", [], {}, [[1], {"a": None}]]


@dataclass(frozen=True)
class Garbled:
    """What a grader made of one malformed variant.

    Attributes:
        garbage: nothing of the worker's files was left: a delegable verdict is wrong.
        error: what the grader raised; empty where it answered.
    """

    name: str
    garbage: bool
    delegable: bool
    error: str


async def grade_garbled(evidence: Path, case: Case) -> list[Garbled]:
    """Grade malformed variants of an archive, all in one clean process.

    Raises:
        ProcessFailed: the grader took too long or was killed.
    """
    return await in_clean_process(partial(_grade_all, evidence, case))


def _grade_all(path: Path, case: Case) -> list[Garbled]:
    evidence = load_evidence(path)
    whole = {name: (True, one) for name, one in _garbage(evidence).items()}
    whole |= {name: (False, one) for name, one in _damaged(evidence).items()}
    found: list[Garbled] = []
    for name, (garbage, variant) in whole.items():
        delegable, error = False, ""
        try:
            delegable = verdict_of(variant, case).delegable
        except Exception as raised:  # whatever a grader stumbles over is what is looked for
            error = told(raised)
        found.append(Garbled(name, garbage, delegable, error))
    return found


def _garbage(evidence: Evidence) -> dict[str, Evidence]:
    """Variants with nothing of use; none where the worker had nothing to write."""
    if not _left(evidence) and evidence.examination is None:
        return {}
    found: dict[str, Evidence] = {}
    for at, (name, content) in enumerate(GARBAGE.items()):
        left = {} if content is None else dict.fromkeys(_left(evidence), content)
        files = {**_of_office(evidence), **left}
        examination = _EXAMINATIONS[at % len(_EXAMINATIONS)]
        if evidence.examination is None:
            examination = None
        found[name] = replace(evidence, files=files, examination=examination)
    return found


def _damaged(evidence: Evidence) -> dict[str, Evidence]:
    office, left = _of_office(evidence), _left(evidence)
    found = {
        name: replace(evidence, files={**office, **{p: change(c) for p, c in left.items()}})
        for name, change in DAMAGE.items()
    }
    if evidence.examination is not None:
        for leaf in _LEAVES:
            examination = _with_leaves(evidence.examination, leaf)
            found[f"{leaf!r} in the examination"] = replace(evidence, examination=examination)
            for key in _keys(evidence.examination):
                inner = cast("dict[str, JsonValue]", evidence.examination)
                name = f"{leaf!r} as {key} of the examination"
                found[name] = replace(evidence, examination={**inner, key: leaf})
    found["no report"] = replace(evidence, report=None)
    return found


def _left(evidence: Evidence) -> dict[str, bytes]:
    """The files at the desk: only these may be anything."""
    return {p: c for p, c in evidence.files.items() if not p.startswith(OFFICE)}


def _of_office(evidence: Evidence) -> dict[str, bytes]:
    """The office's state, which the office tells itself."""
    return {p: c for p, c in evidence.files.items() if p.startswith(OFFICE)}


def _keys(value: JsonValue) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _with_leaves(value: JsonValue, leaf: JsonValue) -> JsonValue:
    """The same lists and objects with other leaves."""
    if isinstance(value, dict):
        return {key: _with_leaves(inner, leaf) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_leaves(inner, leaf) for inner in value]
    return leaf
