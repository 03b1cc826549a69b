"""What lies in the finance folder: both books, the month before, the procedure."""

from __future__ import annotations

import csv
import io
import tomllib
from datetime import date
from pathlib import Path

from docx import Document
from offsite.tasks import docx, xlsx
from openpyxl import Workbook

from .books import DAY, Booking, Books


def dollars(cents: int) -> str:
    """Cents as dollars."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def cash_book(books: Books, opening: int) -> bytes:
    """The cash book as the ledger program exports it."""
    book = Workbook()
    sheet = book.create_sheet("1010 Operating account", 0)
    del book["Sheet"]
    head = ("Entry", "Date", "Type", "Reference", "Slip", "Name", "Contra", "In", "Out", "Balance")
    sheet.append(head)
    balance = opening
    before = books.first - DAY
    sheet.append(["", before, "", "", "", "Balance brought forward", "", None, None, balance / 100])
    for number, entry in enumerate(books.ledger, 1):
        balance += entry.amount
        amounts = [entry.amount / 100, None] if entry.amount > 0 else [None, -entry.amount / 100]
        tail = [entry.name, entry.contra, *amounts, balance / 100]
        sheet.append([number, entry.day, entry.kind, entry.reference, entry.slip, *tail])
    for row in sheet.iter_rows(min_row=2, min_col=8, max_col=10):
        for cell in row:
            cell.number_format = "#,##0.00"
    for column, width in zip("ABCDEFGHIJ", (8, 12, 8, 14, 10, 28, 9, 13, 13, 14), strict=True):
        sheet.column_dimensions[column].width = width
    return xlsx(book)


def statement(bookings: list[Booking], opening: int, before: date) -> str:
    """The bank's file."""
    rows = [["Date", "Description", "Reference", "Amount", "Balance"]]
    rows.append([f"{before}", "BALANCE BROUGHT FORWARD", "", "", dollars(opening)])
    balance = opening
    for one in bookings:
        balance += one.amount
        rows.append([f"{one.day}", one.text, one.reference, dollars(one.amount), dollars(balance)])
    return table(rows)


def table(rows: list[list[str]]) -> str:
    """Rows as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def last_reconciliation(books: Books, opening_bank: int, opening: int) -> bytes:
    """What was open at the end of the month before."""
    book = Workbook()
    sheet = book.create_sheet("Reconciliation", 0)
    del book["Sheet"]
    sheet.append([f"Bank reconciliation 1010 at {books.first - DAY}"])
    sheet.append(["Balance per statement", "", "", "", opening_bank / 100])
    sheet.append(["Item", "Date", "Reference", "Name", "Amount"])
    for entry in sorted(books.open_before, key=lambda one: one.day):
        title = "Deposit in transit" if entry.kind == "DEP" else "Outstanding cheque"
        sheet.append([title, entry.day, entry.reference, entry.name, entry.amount / 100])
    sheet.append(["Balance per cash book", "", "", "", opening / 100])
    for column, width in zip("ABCDE", (24, 12, 12, 28, 14), strict=True):
        sheet.column_dimensions[column].width = width
    return xlsx(book)


def procedure(accounts: dict[str, str]) -> bytes:
    """How it is done here."""
    document = Document()
    document.add_heading("Procedure: bank reconciliation", 0)
    text = Path(__file__).with_name("procedure.toml").read_text(encoding="utf-8")
    for section in tomllib.loads(text)["section"]:
        document.add_heading(section["title"], 1)
        for paragraph in section["text"]:
            document.add_paragraph(paragraph.format_map(accounts))
    return docx(document)
