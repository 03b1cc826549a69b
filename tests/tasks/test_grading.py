"""Readers for graders: lenient on form, and never an exception on anything left behind."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offsite.records import Evidence
from offsite.tasks.grading import (
    check,
    close,
    mentions,
    number,
    read_csv,
    read_docx,
    read_json,
    read_pdf,
    read_xlsx,
)


def _evidence(content: bytes) -> Evidence:
    return Evidence("d", None, (), {"f": content})


@settings(deadline=None)
@given(st.binary(max_size=400))
@pytest.mark.parametrize("read", [read_csv, read_docx, read_json, read_pdf, read_xlsx])
def test_garbage_never_raises(read, content):
    read(_evidence(content), "f")
    read(_evidence(b"PK\x03\x04" + content), "f")
    read(_evidence(b"%PDF-1.4\n" + content), "f")
    assert read(_evidence(content), "absent") is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_a_csv_in_whatever_form(delimiter, bom):
    text = (
        delimiter.join(["Invoice No", " Amount "]) + "\r\n" + delimiter.join(["A1 ", "5"]) + "\n\n"
    )
    rows = read_csv(_evidence(bom + text.encode()), "f")
    assert rows == [{"invoice_no": "A1", "amount": "5"}]


def test_a_csv_that_excel_saved_on_windows():
    rows = read_csv(_evidence("Name;Amount\r\nZoë Müller;5 €\r\n".encode("cp1252")), "f")
    assert rows == [{"name": "Zoë Müller", "amount": "5 €"}]


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9
    )
)
def test_numbers_as_people_write_them(value):
    assert number(f"{value:,.2f}") == value
    assert number(f"$ {value}") == value
    assert close(f"{abs(value):,.2f} EUR", abs(value))
    if value < 0:
        assert number(f"({-value:,.2f})") == value


@given(st.text(max_size=30))
def test_a_number_is_finite_or_none(text):
    found = number(text)
    assert found is None or (isinstance(found, Decimal) and found.is_finite())


def test_what_is_no_number():
    assert [number(v) for v in ("", "n/a", "1,2,3", "12a", None, True, "NaN", "inf")] == [None] * 8


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
BEYOND = [
    "1e9999999",
    "-1e9999999",
    "1e99999999999999999999",
    "9" * 5000,
    10**5000,
    1e308,
    float("nan"),
    float("inf"),
    Decimal("sNaN"),
    Decimal("1e999999"),
]


@pytest.mark.parametrize("value", BEYOND, ids=lambda value: type(value).__name__)
def test_what_is_beyond_all_measure_is_no_number(value):
    assert number(value) is None
    assert not close(value, 5)
    assert not close(5, value)


@pytest.mark.parametrize("value", ["1e-9999999", "0e9999999", "-0", 0.0, 5e-324])
def test_what_is_next_to_nothing_is_nothing(value):
    assert close(value, 0)
    assert number(value) == 0


@settings(deadline=None)
@given(JSON, JSON)
def test_any_value_can_be_compared_and_shown(left, right):
    close(left, right)
    mentions(left, "a")
    assert check("c", passed=False, expected=left, found=right).model_dump_json()
    found = number(left)
    assert found is None or (found * 2 - 1).quantize(Decimal("0.01")).is_finite()


def test_values_that_cannot_be_shown_are_named():
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    assert number(nested) is None
    assert "cannot be shown" in check("c", passed=False, found=nested).found
    assert check("c", passed=False, found="\ud800").model_dump_json()


def test_json_holds_finite_numbers_only():
    text = b'{"a": NaN, "b": -Infinity, "c": 1e400, "d": %s, "e": 1.5}' % (b"9" * 4000)
    found = read_json(_evidence(text), "f")
    assert found == {"a": None, "b": None, "c": None, "d": None, "e": 1.5}
    assert read_json(_evidence(b"[" * 100_000), "f") is None
