"""What lies on the desk: calendar exports, mails, rules, the directory, the itinerary."""

from __future__ import annotations

import random
import tomllib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from docx import Document
from offsite.tasks import docx, pdf, xlsx
from openpyxl import Workbook
from reportlab.pdfgen.canvas import Canvas

from .scene import CHICAGO, DOMAIN, HOUR, LONDON, NEW_YORK, Event, Person, Scene

HERE = Path(__file__).parent
HEADER = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Northgate Labs//Calendar Export 5.2//EN\nMETHOD:PUBLISH"


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def calendar(scene: Scene, person: Person, events: list[Event], exported: datetime) -> str:
    """An iCalendar export as calendar programs write it."""
    out = [HEADER, f"X-WR-CALNAME:{person.name}", f"X-WR-TIMEZONE:{person.zone}"]
    out.append(f"X-WR-CALDESC:Exported {exported:%Y-%m-%d %H:%M} UTC")
    out += [_vtimezone(zone) for zone in sorted({event.zone for event in events})]
    for index, event in enumerate(events):
        uid = random.Random(f"{scene.seed}/{person.name}/{index}").getrandbits(64)
        out.append(_vevent(event, f"{uid:016x}@{DOMAIN}", exported))
        if event.override:
            old, new = event.override
            state = "CONFIRMED" if new else "CANCELLED"
            one = Event(event.title, new or old, event.minutes, event.zone, status=state)
            out.append(_vevent(one, f"{uid:016x}@{DOMAIN}", exported, old))
    return "\r\n".join("\n".join([*out, "END:VCALENDAR", ""]).split("\n"))


def _vtimezone(zone: str) -> str:
    winter = {NEW_YORK: -5, CHICAGO: -6, LONDON: 0}.get(zone, 1)
    american = winter < 0
    low, high = (f"{'-' if h < 0 else '+'}{abs(h):02d}00" for h in (winter, winter + 1))
    template = (HERE / "vtimezone.ics").read_text(encoding="utf-8").strip()
    return template.format(
        zone=zone,
        low=low,
        high=high,
        hour=2 if american else 1 + winter,
        back=2 if american else 2 + winter,
        spring="2SU" if american else "-1SU",
        autumn="11;BYDAY=1SU" if american else "10;BYDAY=-1SU",
    )


def _vevent(event: Event, uid: str, stamp: datetime, replaces: datetime | None = None) -> str:
    end = event.start + timedelta(minutes=event.minutes)
    zone = f";TZID={event.zone}:"
    out = ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}"]
    out += [f"RECURRENCE-ID{zone}{replaces:%Y%m%dT%H%M%S}", "SEQUENCE:1"] if replaces else []
    out += [f"SUMMARY:{event.title}", f"DTSTART{zone}{event.start:%Y%m%dT%H%M%S}"]
    out += [f"DTEND{zone}{end:%Y%m%dT%H%M%S}"]
    out += [f"RRULE:{event.rule}"] if event.rule else []
    out += [f"EXDATE{zone}{moment:%Y%m%dT%H%M%S}" for moment in event.exdates]
    transparency = "TRANSPARENT" if event.free else "OPAQUE"
    return "\n".join([*out, f"STATUS:{event.status}", f"TRANSP:{transparency}", "END:VEVENT"])


def mails(scene: Scene) -> list[EmailMessage]:
    """The shared inbox: what people wrote about their week, among all the rest."""
    rng, slots, right = scene.rng, scene.slots, scene.slots["right"]
    texts = _toml("mails.toml")
    blocked, keeper = rng.sample(scene.europeans, 2)
    scene.takes(blocked, slots["mail"], 60, "asked by mail to be kept free")
    # Both are taken back: one overlaps the right slot, the other lies where somebody is busy.
    kept, minutes = scene.near_right()
    lifted = slots[rng.choice(("shift", "moved", "tentative", "stale"))]
    wednesday = scene.at(2, 0)
    facts = {
        "assistant": scene.assistant,
        "mail_span": _span(scene, slots["mail"], blocked),
        "kept_span": _span(scene, kept, keeper, minutes),
        "lifted_span": _span(scene, lifted, blocked),
        "past_span": _span(scene, right - timedelta(weeks=2), scene.briton),
        "arrival": f"Wednesday {wednesday.day} {wednesday:%B}",
    }
    senders = {"blocked": blocked, "keeper": keeper, "exporter": scene.exporter}
    senders |= {"traveller": scene.traveller, "host": scene.host, "briton": scene.briton}
    all_of_them = [
        (mail["hours"], senders[mail["sender"]], mail["subject"], mail["text"].format_map(facts))
        for mail in texts["mail"]
    ]
    for subject in texts["noise"]["subjects"]:
        sender = rng.choice([*scene.people, *scene.others])
        all_of_them.append(
            (rng.randrange(5, 400), sender, subject, rng.choice(texts["noise"]["texts"]))
        )
    out: list[EmailMessage] = []
    for hours, sender, subject, text in sorted(all_of_them, key=lambda mail: -mail[0]):
        sent = scene.at(-3, 12, rng.randrange(50)) - hours * HOUR
        message = EmailMessage()
        message["From"] = f"{sender.name} <{sender.email}>"
        message["To"] = f"assistants@{DOMAIN}"
        message["Date"] = format_datetime(sent.replace(tzinfo=UTC))
        message["Subject"] = subject
        message["Message-ID"] = f"<{rng.getrandbits(64):016x}@{DOMAIN}>"
        message.set_content(f"{text}\n\n{sender.name.split()[0]}\n", cte="8bit")
        out.append(message)
    return out


def _span(scene: Scene, moment: datetime, who: Person, minutes: int = 60) -> str:
    start = scene.wall(moment, who)
    end = start + timedelta(minutes=minutes)
    day = f"on {start:%A} {start.day} {start:%B}"
    return f"{day} between {start:%H:%M} and {end:%H:%M} {who.city} time"


def guidelines(scene: Scene) -> bytes:
    """The company's meeting rules."""
    document = Document()
    document.add_heading("Meeting guidelines", 0)
    day = ("Monday", "Tuesday")[scene.focus_day]
    for rule in _toml("guidelines.toml")["rule"]:
        document.add_heading(rule["title"], 1)
        document.add_paragraph(rule["text"].format(day=day, buffer=scene.buffer))
    return docx(document)


def directory(scene: Scene) -> bytes:
    """Who sits where."""
    book = Workbook()
    sheet = book.create_sheet("Directory", 0)
    del book["Sheet"]
    columns = ("Name", "Team", "City", "Time zone", "Mon-Thu", "Fri", "E-mail", "Video room")
    sheet.append(columns)
    people = [*scene.people, *scene.others]
    scene.rng.shuffle(people)
    for p in people:
        sheet.append([p.name, p.team, p.city, p.zone, *p.hours, p.email, p.room])
    for column in "ABCDEFGH":
        sheet.column_dimensions[column].width = 24
    return xlsx(book)


def itinerary(scene: Scene) -> bytes:
    """The flights of the traveller, in local times as airlines print them."""
    leave = scene.landing - timedelta(hours=7, minutes=45) - 5 * HOUR
    back = scene.at(5, 11, 20)
    lines = (
        *("Itinerary", f"Traveller: {scene.traveller.name}", "All times are local.", ""),
        f"Outbound  NG 214  Chicago O'Hare - London Heathrow  Departure {leave:%Y-%m-%d %H:%M}",
        f"Arrival {scene.landing:%Y-%m-%d %H:%M} London",
        f"Return  NG 215  London Heathrow - Chicago O'Hare  Departure {back:%Y-%m-%d %H:%M}",
        f"Arrival {back:%Y-%m-%d} 14:05 Chicago",
    )

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        for index, line in enumerate(lines):
            canvas.drawString(60, 780 - 20 * index, line)

    return pdf(draw)
