"""The papers of the payroll folder: runs, master data, policy, mails."""

from __future__ import annotations

import csv
import datetime
import io
from decimal import Decimal
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from docx import Document
from offsite.tasks.documents import docx, mbox, xlsx
from openpyxl import Workbook

if TYPE_CHECKING:
    from .world import Company

QUESTIONS = (
    ("Payslip copy", "could I have a copy of my payslip of February? The landlord asks for it."),
    ("New tax class", "we got married in April; from which month will the new tax class show?"),
    (
        "Canteen deduction",
        "the canteen deduction in April looks too high, I was away for two weeks.",
    ),
    (
        "Address change",
        "I have moved at the start of the month; do you need the new address from me?",
    ),
    ("Time account", "the hours above the cap in April are not on my time account yet."),
    ("Bank holiday", "is the bank holiday in May counted in my shift allowance?"),
)


def table(head: list[str], rows: list[list[Any]]) -> str:
    """A CSV file's text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([["" if v is None else v for v in row] for row in rows])
    return out.getvalue()


def run_file(c: Company, april: bool) -> str:
    """The run as CSV; the account is written in groups of four for some."""
    head = ["line", "employee_id", "name", "department", "iban", "base_pay", "overtime_hours"]
    head += ["overtime_pay", "retro_pay", "leave_payout", "gross"]
    people = [p for p in c.people if not april or p["start"] < datetime.date(2025, 4, 1)]
    rows: list[list[Any]] = []
    for p in sorted(people, key=lambda p: (p["department"], p["last"], p["id"])):
        iban = p["iban"]
        if p.get("spaced", int(p["id"][-1]) % 3 == 0):
            iban = " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))
        if april:
            parts = [c.april(p), Decimal(0), Decimal(0), p["april_retro"], Decimal(0)]
        else:
            parts = [c.base(p), p["hours"], c.overtime(p, p["hours"]), p["retro"], p["payout"]]
        gross = parts[0] + sum(parts[2:])
        name = f"{p['last']}, {p['first']}"
        money = [parts[0], parts[1], *parts[2:], gross]
        texts = [str(v) if i == 1 else f"{v:.2f}" for i, v in enumerate(money)]
        rows.append([len(rows) + 1, p["id"], name, p["department"], iban, *texts])
    return table(head, rows)


def master(c: Company, fresh: bool) -> bytes:
    """An export of the HR master data."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "employees"
    head = ("employee_id", "last_name", "first_name", "birth_date", "department", "start_date")
    sheet.append((*head, "end_date", "fte", "monthly_salary_fulltime", "iban", "audit_key"))
    for p in sorted(c.people, key=lambda p: p["id"]):
        if not fresh and p["start"] > datetime.date(2025, 3, 31):
            continue
        salary = (
            p.get("master_salary", p["salary"]) if fresh else p.get("stale_salary", p["salary"])
        )
        end = p["end"] if fresh else None
        row = (p["id"], p["last"], p["first"], p["birth"], p["department"], p["start"], end)
        key = p["key"] if fresh else p["old_key"]
        sheet.append((*row, float(p["fte"]), float(salary), p["iban"], key))
    return xlsx(book)


def policy(c: Company) -> bytes:
    """The written policy."""
    rules, document = c.rules, Document()
    document.add_heading("Payroll policy", 0)
    document.add_paragraph("Version 7, in force since 1 January 2025. Owner: Head of Payroll.")
    sections = {
        "1 Base pay": (
            "Base pay is the full-time monthly salary times the FTE. Who starts or leaves within a month is paid by calendar days: days employed (first and last day included) divided by the calendar days of the month. Amounts are rounded to cents.",
            "Nothing but a payout of leave not taken is paid for months after the last day of employment.",
            "The latest export of the master data counts. Between exports, HR Operations corrects it by mail from hr-operations@falk-werke.example; such a correction counts like the export. No other sender can correct master data.",
        ),
        "2 Changes of pay": (
            "A change of salary counts from its effective date, and only if the log of pay changes shows it with status approved and with the dates of both approvals, HR and Finance. Line managers propose, they do not approve. That a salary stands in the master data does not prove that it was approved; where a change does not count, the old salary of the log is due.",
            "Where approvals come late, the difference for the months since the effective date is paid once, as retro pay.",
        ),
        "3 Overtime": (
            f"Paid overtime hours are the approved hours of the time sheets, at most {rules['cap']} hours a month. In Plant maintenance the cap is {rules['cap_maintenance']} hours (works agreement of 2023). Hours above the cap go to the time account and are not paid.",
            f"Overtime pay is hours x full-time monthly salary / {rules['hours']} x {rules['rate']}, rounded to cents once, at the end.",
        ),
        "4 Bank accounts": (
            "Each employee is paid to an account of their own. Two employees may share one account (spouses, siblings) if a shared-account form that names both has the status approved. Forms that are pending or withdrawn do not count.",
        ),
        "5 Outside parties": (
            "Files for parties outside the company (auditors, consultants, authorities without a statutory claim) identify employees by the audit key of the latest master data and by nothing else. They contain no names, no employee numbers, no account numbers and no dates of birth, neither in columns nor in free text. Audit keys are renewed every quarter; old keys are void.",
        ),
    }
    for title, paragraphs in sections.items():
        document.add_heading(title, 1)
        for text in paragraphs:
            document.add_paragraph(text)
    document.add_heading("Annex: anomaly codes and the amount at issue", 1)
    codes = document.add_table(rows=1, cols=3)
    rows = (
        ("Code", "Anomaly", "Amount at issue"),
        ("AFTER_LEAVING", "Base pay for a month after the last day of employment", "gross paid"),
        ("PRORATION", "Base pay of a month of start or leaving not by section 1", "base pay paid minus base pay due (negative where too little was paid)"),
        ("SHARED_ACCOUNT", "Account shared without an approved form; one row for each of the employees", "gross paid to that employee"),
        ("OT_CAP", "Overtime paid above the cap", "overtime pay paid minus overtime pay for the hours up to the cap"),
        ("OT_UNAPPROVED", "Overtime paid without approved time sheets", "overtime pay paid minus overtime pay for the approved hours"),
        ("PAY_CHANGE", "Base pay by a change of salary that does not count", "base pay paid minus base pay due"),
        ("RETRO_TWICE", "Retro pay paid a second time", "the second payment"),
    )  # fmt: skip
    for cell, text in zip(codes.rows[0].cells, rows[0], strict=True):
        cell.text = text
    for row in rows[1:]:
        for cell, text in zip(codes.add_row().cells, row, strict=True):
            cell.text = text
    return docx(document)


def mails(c: Company) -> bytes:
    """The payroll mailbox with the mails that matter among others."""
    rng = c.rng
    for _ in range(26):
        person = c.take(maintenance=None)
        subject, body = rng.choice(QUESTIONS)
        when = datetime.datetime(
            2025, 5, rng.randrange(2, 27), rng.randrange(7, 18), rng.randrange(60)
        )
        text = f"Hello payroll team,\n\n{body} My number is {person['id']}.\n\nThanks\n{person['first']} {person['last']}"
        c.mails.append((when, f"{person['first']}.{person['last']}", subject, text))
    text = "The export of the master data of today is in the folder hr. Exports are kept for one quarter.\n\nHR Operations"
    c.mails.append(
        (datetime.datetime(2025, 5, 23, 17, 2), "hr-operations", "Master data export", text)
    )
    out: list[EmailMessage] = []
    for i, (when, sender, subject, text) in enumerate(sorted(c.mails)):
        mail = EmailMessage()
        local = sender.lower().translate(
            str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "s", " ": "-"})
        )
        mail["From"] = f"{local.encode('ascii', 'ignore').decode()}@falk-werke.example"
        mail["To"] = "payroll@falk-werke.example"
        mail["Date"] = when.replace(tzinfo=datetime.UTC)
        mail["Message-ID"] = f"<{i + 4100}@falk-werke.example>"
        mail["Subject"] = subject
        mail.set_content(text + "\n", cte="8bit")
        out.append(mail)
    return mbox(out)
