"""The oracle: reads tracker, notes, mails and handbook, and settles each contradiction."""

from __future__ import annotations

import csv
import mailbox
import re
from collections.abc import Callable
from datetime import date
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

from docx import Document
from pypdf import PdfReader

TODAY = date(2025, 6, 20)
DAY = r"\d{4}-\d\d-\d\d"
FIELDS = {"owner": "4.1", "forecast_finish": "4.2", "budget_eur": "4.3", "eac_eur": "4.4"}
Note = dict[str, Any]


def rows(path: str) -> list[dict[str, str]]:
    with open(f"pmo/tracker/{path}", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def thresholds(edition: str = "2025") -> dict[str, int]:
    """The limits of the colours."""
    pages = PdfReader(f"pmo/handbook/pmo-handbook-{edition}.pdf").pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    found = re.findall(r"slip of more than (\d+) days, or EAC more than (\d+) % above", text)
    (slip_red, cost_red), (slip_amber, cost_amber) = found
    return {
        "slip_red": int(slip_red),
        "cost_red": int(cost_red),
        "slip_amber": int(slip_amber),
        "cost_amber": int(cost_amber),
    }


def said(text: str, kilo: bool = True) -> Note:
    """What a note says about the fields."""
    note: Note = {}
    finish = re.search(
        rf"(?:expect to finish on|Finish is forecast for|date for completion:|will finish on) ({DAY})",
        text,
    )
    if finish:
        note["forecast_finish"] = finish[1]
    takes = re.search(rf"([^.]+?) takes over as owner on ({DAY})", text)
    owner = re.search(r"Owner: ([^.]+)\.", text)
    if takes:
        note["owner"], note["handover"] = takes[1].strip(), takes[2]
    elif owner:
        note["owner"] = owner[1]
    for field, name in (("budget_eur", "Budget"), ("eac_eur", "EAC")):
        money = re.search(rf"{name}: ([\d,]+) (k?)EUR", text)
        if money:
            factor = 1000 if money[2] and kilo else 1
            note[field] = str(int(money[1].replace(",", "")) * factor)
    colour = re.search(r"Colour: (\w+)", text)
    note["rag"] = colour[1] if colour else ""
    return note


def word_notes(kilo: bool) -> list[tuple[str, str, Note]]:
    """Project, date and content of each note in the Word files."""
    found: list[tuple[str, str, Note]] = []
    for week in ("W22", "W24", "W25"):
        project = when = ""
        for paragraph in Document(f"pmo/notes/status-notes-2025-{week}.docx").paragraphs:
            head = re.search(r"\((P-\d+)\)$", paragraph.text)
            day = re.fullmatch(rf"Note of ({DAY})", paragraph.text)
            if head:
                project, when = head[1], ""
            elif day:
                when = day[1]
            elif project and when:
                found.append((project, when, said(paragraph.text, kilo)))
    return found


def mail_notes(owners: dict[str, str], any_sender: bool, kilo: bool) -> list[tuple[str, str, Note]]:
    """Status mails of the projects' owners."""
    found: list[tuple[str, str, Note]] = []
    for mail in mailbox.mbox("pmo/mail/status.mbox"):
        subject = re.search(r"Status (P-\d+)", str(mail["Subject"]))
        if subject and (any_sender or parseaddr(str(mail["From"]))[0] == owners.get(subject[1])):
            payload: Any = mail.get_payload(decode=True)
            when = parsedate_to_datetime(str(mail["Date"])).date().isoformat()
            found.append((subject[1], when, said(" ".join(payload.decode().split()), kilo)))
    return found


def decide(
    row: dict[str, str],
    field: str,
    when: str,
    note: Note,
    *,
    ages: bool,
    announced: bool,
    newest: bool,
) -> tuple[str, str]:
    """The value that counts and the section that says so."""
    if ages and (TODAY - date.fromisoformat(when)).days > 14:
        return row[field], "4.5"
    if field == "owner":
        day = note.get("handover", "9999")
        wins = row["owner_updated"] < day and (day <= str(TODAY) or (announced and day < "9999"))
    elif field == "budget_eur":
        wins = not newest
    else:
        changed = row["forecast_updated" if field == "forecast_finish" else "eac_updated"]
        wins = when > changed
    return (note[field] if wins or not newest else row[field]), FIELDS[field]


def colour(row: dict[str, Any], limits: dict[str, int], critical: set[str]) -> str:
    if row["status"] == "On hold":
        return "Grey"
    budget, eac = int(row["budget_eur"]), int(row["eac_eur"])
    over = (eac - budget) * 100
    if row["slip_days"] > limits["slip_red"] or over > limits["cost_red"] * budget:
        return "Red"
    late = row["slip_days"] > limits["slip_amber"] or over > limits["cost_amber"] * budget
    return "Amber" if late or row["project_id"] in critical else "Green"


def solve(
    *,
    export: str = "2025-06-20",
    edition: str = "2025",
    use_notes: bool = True,
    use_mail: bool = True,
    any_sender: bool = False,
    kilo: bool = True,
    ages: bool = True,
    announced: bool = False,
    newest: bool = True,
    all_states: bool = False,
    stated_colour: bool = False,
    risks: bool = True,
    list_lost: bool = True,
    all_notes: bool = False,
    cite: Callable[[str], str] = lambda rule: rule,
) -> dict[str, Any]:
    """Write the roll-up and the contradictions; the options are for mistakes."""
    table = rows(f"export-{export}.csv")
    limits = thresholds(edition)
    owners = {row["project_id"]: row["owner"] for row in table}
    notes = word_notes(kilo) + (mail_notes(owners, any_sender, kilo) if use_mail else [])
    latest: dict[str, tuple[str, Note]] = {}
    for project, when, note in sorted(notes, key=lambda entry: entry[1]):
        before = latest[project][1] if all_notes and project in latest else {}
        latest[project] = (when, {**before, **note})
    critical = {
        row["project_id"]
        for row in rows("risk-log.csv")
        if risks and (row["severity"], row["state"]) == ("critical", "open")
    }
    rollup: list[dict[str, Any]] = []
    conflicts: list[list[str]] = []
    for row in table:
        if row["status"] in ("Closed", "Cancelled") and not all_states:
            continue
        out: dict[str, Any] = dict(row)
        when, note = latest.get(row["project_id"], ("", {}))
        for field in FIELDS:
            if use_notes and note.get(field, row[field]) != row[field]:
                value, rule = decide(
                    row, field, when, note, ages=ages, announced=announced, newest=newest
                )
                out[field] = value
                if list_lost or value != row[field]:
                    entry = [row["project_id"], field, row[field], note[field], value, cite(rule)]
                    conflicts.append(entry)
        finish = date.fromisoformat(out["forecast_finish"])
        out["slip_days"] = (finish - date.fromisoformat(row["baseline_finish"])).days
        out["rag"] = row["rag"] if stated_colour else colour(out, limits, critical)
        rollup.append(out)
    write(rollup, conflicts)
    text = f"{len(rollup)} projects, {len(conflicts)} contradictions settled by the handbook."
    return {"status": "done", "confidence": 0.9, "summary": text, "questions": []}


def write(rollup: list[dict[str, Any]], conflicts: list[list[str]]) -> None:
    head = ["project_id", "owner", "rag", "baseline_finish", "forecast_finish", "slip_days"]
    head += ["budget_eur", "eac_eur"]
    with open("pmo/rollup.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerows([head, *[[row[name] for name in head] for row in rollup]])
    names = ["project_id", "field", "tracker_value", "note_value", "decided_value", "rule"]
    with open("pmo/conflicts.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([names, *conflicts])
