"""The papers of the PMO's folder: notes, mails, handbooks."""

from __future__ import annotations

import datetime
import random
import textwrap
from email.message import EmailMessage
from typing import Any

from docx import Document
from offsite.tasks.documents import docx, mbox, pdf
from reportlab.pdfgen.canvas import Canvas

Project = dict[str, Any]
FINISH = (
    "We now expect to finish on {}.",
    "Finish is forecast for {}.",
    "New date for completion: {}.",
)
FILLER = (
    "Interviews with the users are done, the protocol is in the project room.",
    "The test environment was down for two days, no effect on the critical path.",
    "Procurement wants the signed offer by {}.",
    "The works council was informed.",
    "Next workshop with the supplier is on {}.",
    "Training material is in translation.",
)


def sentences(project: Project, rng: random.Random) -> list[str]:
    """What the latest note says, in the words of a project team."""
    note, out = (
        project["note"],
        [rng.choice(FILLER).format(datetime.date(2025, 7, rng.randrange(1, 29)))],
    )
    finish = note.get("forecast_finish")
    if finish is not None or rng.random() < 0.4:
        out.append(rng.choice(FINISH).format(finish or project["forecast_finish"]))
    if "owner" in note:
        if project["handover"]:
            out.append(f"{note['owner']} takes over as owner on {project['handover']}.")
        else:
            out.append(f"Owner: {note['owner']}.")
    elif rng.random() < 0.3:
        out.append(f"Owner: {project['owner']}.")
    if "budget_eur" in note:
        out.append(f"Budget: {note['budget_eur']:,} EUR.")
    elif rng.random() < 0.3:
        out.append(f"Budget: {project['budget_eur']:,} EUR.")
    if "eac_eur" in note:
        kilo = project.get("unit") == "kEUR"
        money = f"{note['eac_eur'] // 1000} kEUR" if kilo else f"{note['eac_eur']:,} EUR"
        out.append(f"EAC: {money}.")
    out.append(f"Colour: {project['rag']}.")
    return out


def notes(projects: list[Project], rng: random.Random) -> dict[str, bytes]:
    """The weeks' files of status notes."""
    weeks: dict[str, list[tuple[Project, datetime.date, list[str]]]] = {
        "W22": [],
        "W24": [],
        "W25": [],
    }
    for project in projects:
        when = project["older_note"] if project["mail"] else project["note_date"]
        own = [] if project["mail"] else sentences(project, rng)
        if project["mail"]:  # an earlier note of the week before, with another finish
            early = project["forecast_finish"] - datetime.timedelta(days=5)
            own = [FINISH[1].format(early), f"Colour: {project['rag']}."]
        weeks[f"W{when.isocalendar().week}"].append((project, when, own))
        if when >= datetime.date(2025, 6, 10) and rng.random() < 0.6:
            before = datetime.date(2025, 5, rng.choice((27, 28, 30)))
            early = project["forecast_finish"] - datetime.timedelta(days=rng.randrange(3, 15))
            weeks["W22"].append((project, before, [FINISH[0].format(early), "Colour: Green."]))
    return {week: _week(week, entries) for week, entries in weeks.items()}


def _week(week: str, entries: list[tuple[Project, datetime.date, list[str]]]) -> bytes:
    document = Document()
    document.add_heading(f"Status notes 2025-{week}", 0)
    document.add_paragraph("As sent in by the project teams, not edited by the PMO.")
    for project, when, lines in sorted(entries, key=lambda e: e[0]["title"]):
        document.add_heading(f"{project['title']} ({project['id']})", 1)
        document.add_paragraph(f"Note of {when}")
        document.add_paragraph(" ".join(lines))
    return docx(document)


def mails(
    projects: list[Project],
    more: list[tuple[datetime.datetime, str, str, str]],
    names: list[str],
    rng: random.Random,
) -> bytes:
    """The mailbox: owners' status mails among others."""
    box = list(more)
    for project in projects:
        if project["mail"]:
            when = datetime.datetime.combine(
                project["note_date"], datetime.time(8, rng.randrange(60))
            )
            text = (
                f"Dear PMO, an update to our note of last week. {' '.join(sentences(project, rng))}"
            )
            box.append((when, project["owner"], f"Status {project['id']}", text))
    topics = (
        (
            "Room for the steering committee",
            "Is the large room free on Monday? We will be fourteen.",
        ),
        ("Template", "Which template do we use for the notes from July on?"),
        ("Vacation", "I am away for the last week of June; my deputy reads my mail."),
        (
            "Access to the tracker",
            "Two new colleagues need access to the tracker, could you ask IT?",
        ),
        ("Lessons learned", "I put the slides of the workshop into the project room."),
    )
    for _ in range(14):
        when = datetime.datetime(
            2025, 6, rng.randrange(2, 20), rng.randrange(8, 18), rng.randrange(60)
        )
        subject, text = rng.choice(topics)
        box.append((when, rng.choice(names), subject, text))
    out: list[EmailMessage] = []
    for i, (when, sender, subject, text) in enumerate(sorted(box)):
        mail = EmailMessage()
        address = sender.lower().replace(" ", ".").replace("'", "")
        mail["From"] = f"{sender} <{address}@ardent-group.example>"
        mail["To"] = "PMO <pmo@ardent-group.example>"
        mail["Date"] = when.replace(tzinfo=datetime.UTC)
        mail["Message-ID"] = f"<{i + 880}@ardent-group.example>"
        mail["Subject"] = subject
        mail.set_content("\n".join(textwrap.wrap(text, 76)) + f"\n\n{sender}\n", cte="8bit")
        out.append(mail)
    return mbox(out)


def _pdf(title: str, parts: list[tuple[str, str]]) -> bytes:
    """Numbered sections on as many pages as they need."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(60, 780, title)
        y = 750.0
        for head, text in parts:
            lines = textwrap.wrap(f"{head}  {text}" if text else head, 88)
            if y - 14 * len(lines) < 60:
                canvas.showPage()
                y = 780.0
            canvas.setFont("Helvetica" if text else "Helvetica-Bold", 10.5 if text else 12)
            for line in lines:
                canvas.drawString(60, y, line)
                y -= 14
            y -= 8
        canvas.showPage()

    return pdf(draw)


def handbook(rules: dict[str, int]) -> bytes:
    """The handbook in force."""
    r = rules
    parts = [
        ("1 Purpose", ""),
        ("1.1", "In force since 1 January 2025. It replaces the edition of 2023."),
        ("2 The roll-up", ""),
        ("2.1", "The roll-up shows all projects of the latest tracker export that are active or on hold. Closed and cancelled projects are neither in the roll-up nor in the list of contradictions."),
        ("2.2", "The baseline finish is always the tracker's. Slip is the forecast finish that counts minus the baseline finish, in calendar days."),
        ("3 Contradictions", ""),
        ("3.1", "The latest export of the tracker is compared with the latest status note of each project; earlier notes and exports are not looked at any more. A contradiction is a field (owner, forecast finish, budget, EAC) for which the latest note gives another value than the tracker; somebody who is announced as owner for a certain day, past or to come, is another value too. It is listed whichever source wins, also where the note does not count because of its age."),
        ("3.2", "A field that the latest note does not mention is no contradiction. Colours are not compared."),
        ("4 Which source counts", ""),
        ("4.1", "Owner: the tracker. Only if the note says that somebody takes over as owner on a certain day, this day is not after the reporting date, and the tracker's owner was last updated before this day, the note counts."),
        ("4.2", "Forecast finish: the source of the later date counts, which is the date of the note or the day on which the tracker's forecast was last updated. If both are of the same day, the tracker counts."),
        ("4.3", "Budget: always the tracker, which has it from Finance. Notes tend to include change requests that are not yet approved."),
        ("4.4", "EAC (estimate at completion): as for the forecast finish, by the day on which the tracker's EAC was last updated."),
        ("4.5", "A note that is more than 14 days older than the reporting date counts for nothing: the tracker counts for all fields."),
        ("4.6", "A mail to the PMO mailbox about the status of a project is a status note, of the day on which it was sent, if its sender is the owner of the project in the tracker. Mails of others are not status notes."),
        ("5 Colours", ""),
        ("5.1", f"Red: slip of more than {r['slip_red']} days, or EAC more than {r['cost_red']} % above budget."),
        ("5.2", f"Amber, if not red: slip of more than {r['slip_amber']} days, or EAC more than {r['cost_amber']} % above budget, or a risk of severity critical that is open in the risk log."),
        ("5.3", "Green: all others. Grey: projects on hold, whatever their figures."),
        ("5.4", "Colours are always worked out from the values that count. What the tracker or a note gives as colour is the view of the team and is not taken over."),
    ]  # fmt: skip
    return _pdf("PMO handbook 2025", parts)


def old_handbook() -> bytes:
    """The edition that was replaced."""
    parts = [
        ("1 Purpose", ""),
        ("1.1", "In force since 1 March 2023."),
        ("4 Which source counts", ""),
        (
            "4.1",
            "The status note counts for all fields; the tracker fills in what the note does not say.",
        ),
        ("5 Colours", ""),
        ("5.1", "Red: slip of more than 30 days, or EAC more than 15 % above budget."),
        ("5.2", "Amber, if not red: slip of more than 10 days, or EAC more than 5 % above budget."),
        ("5.3", "Green: all others."),
    ]
    return _pdf("PMO handbook 2023", parts)
