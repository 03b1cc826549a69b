"""The oracle of `cross-timezone-meeting`: reads every source at the desk and takes the first free slot."""

import csv
import email.policy
import mailbox
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from email.parser import BytesParser
from email.utils import parseaddr
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from docx import Document
from icalendar import Calendar
from openpyxl import load_workbook
from pypdf import PdfReader

HOUR = timedelta(hours=1)
TITLE = "Launch review"
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Options:
    """What the wrong solvers change."""

    usual_offsets: bool = False
    export: str = "fresh"
    overrides: bool = True
    tentative_busy: bool = True
    free_busy: bool = False
    mail: bool = True
    focus: bool = True
    flight: bool = True
    travel: bool = True
    twin: bool = False
    room: str = ""
    winter_invitation: bool = False


@dataclass(frozen=True)
class Person:
    name: str
    city: str
    zone: str
    hours: tuple[str, str]
    email: str
    room: str


def solve() -> dict[str, Any]:
    """Do the work rightly."""
    return work(Options())


def work(options: Options) -> dict[str, Any]:
    """Find the slot and write both files."""
    people = attendees(options)
    monday, away = trip(people)
    start = first_slot(people, monday, away, options)
    if start is None:
        return {"status": "blocked", "confidence": 0.7, "summary": "No common slot in this week."}
    invite(people, start, options)
    local_times(people, start, away if options.travel else None)
    summary = f"{TITLE} is set for {start:%A %Y-%m-%d %H:%M} UTC; invitation and local times are in ~/outbox."
    return {"status": "done", "confidence": 0.9, "summary": summary}


def attendees(options: Options) -> list[Person]:
    """The four people, the organiser first, from the directory and the calendars' names.

    The instruction names them; the script finds them as those whose calendars were sent, without
    the one colleague whose calendar lies there too and who is in Finance.
    """
    book = load_workbook("people/directory.xlsx", read_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    sent = {re.sub(r"( \(1\))?\.ics$", "", path.name) for path in Path("calendars").glob("*.ics")}
    everyone: dict[str, tuple[str, Person]] = {}
    for row in rows[1:]:
        name, team, city, zone, week, friday, mail, room = (str(cell) for cell in row)
        everyone[name] = (team, Person(name, city, zone, (week, friday), mail, room))
    order = ("Product", "Marketing", "Engineering", "Sales")
    four = [person for team, person in everyone.values() if person.name in sent and team in order]
    four.sort(key=lambda person: order.index(everyone[person.name][0]))
    if options.twin:
        twin = next(p for team, p in everyone.values() if team == "Finance")
        four[1] = replace(four[1], email=twin.email)
    return four


def trip(people: list[Person]) -> tuple[date, tuple[str, datetime]]:
    """The Monday of the week, and who is away from when: from the itinerary."""
    text = "\n".join(
        page.extract_text() for p in Path("travel").glob("*.pdf") for page in PdfReader(p).pages
    )
    name = re.findall(r"Traveller: (.+)", text)[0].strip()
    landing = re.findall(r"Arrival (\S+ \S+) London", text)[0]
    moment = datetime.fromisoformat(landing).replace(tzinfo=ZoneInfo("Europe/London"))
    return moment.date() - timedelta(moment.weekday()), (name, moment)


def first_slot(
    people: list[Person], monday: date, away: tuple[str, datetime], options: Options
) -> datetime | None:
    """The first hour, on the full or half hour, that every rule and every calendar allows."""
    policy = "\n".join(p.text for p in Document("policies/meeting-guidelines.docx").paragraphs)
    focus = re.findall(r"(\w+) mornings are focus time: until (\d\d:\d\d)", policy)[0]
    buffer = int(re.findall(r"during the (\d+) hours after", policy)[0])
    blocked = [span for person in people for span in busy(person, monday, options)]
    if options.mail:
        blocked += asked(people, monday)
    if options.flight:
        blocked.append((away[1], away[1] + buffer * HOUR))
    begin = datetime.combine(monday, time(), UTC)
    for index in range(5 * 48):
        start = begin + index * HOUR / 2
        if any(low < start + HOUR and start < high for low, high in blocked):
            continue
        if all(_fits(p, start, away, focus if options.focus else None, options) for p in people):
            return start
    return None


def _fits(
    person: Person,
    start: datetime,
    away: tuple[str, datetime],
    focus: tuple[str, str] | None,
    options: Options,
) -> bool:
    wall = start.astimezone(_clock(_zone(person, start, away, options.travel), options))
    if focus and f"{wall:%A}" == focus[0] and f"{wall:%H:%M}" < focus[1]:
        return False
    low, _, high = person.hours[wall.weekday() == 4].partition("-")
    return (
        low <= f"{wall:%H:%M}"
        and f"{wall + HOUR:%H:%M}" <= high
        and wall.date() == (wall + HOUR).date()
    )


def _zone(person: Person, moment: datetime, away: tuple[str, datetime], travel: bool) -> str:
    gone = travel and person.name == away[0] and moment.date() >= away[1].date()
    return "Europe/London" if gone else person.zone


def _clock(zone: str, options: Options) -> tzinfo:
    """The clock of a zone; the usual winter offset for America where that is the mistake."""
    usual = {"America/New_York": -5, "America/Chicago": -6}
    if options.usual_offsets and zone in usual:
        return timezone(usual[zone] * HOUR)
    return ZoneInfo(zone)


def busy(person: Person, monday: date, options: Options) -> Iterator[Span]:
    """The busy times of a person in the week."""
    files = [
        p.read_text(encoding="utf-8") for p in sorted(Path("calendars").glob(f"{person.name}*.ics"))
    ]
    files.sort(key=lambda text: re.findall(r"X-WR-CALDESC:Exported ([\d :-]+)", text)[0])
    chosen = {"fresh": files[-1:], "stale": files[:1], "both": files}[options.export]
    for text in chosen:
        events = list(cast(Any, Calendar.from_ical(text)).walk("VEVENT"))
        replaced = {
            (str(e["UID"]), e["RECURRENCE-ID"].dt.replace(tzinfo=None))
            for e in events
            if "RECURRENCE-ID" in e
        }
        for event in events:
            if "RECURRENCE-ID" in event and not options.overrides:
                continue
            yield from _occurrences(event, monday, replaced, options)


def _occurrences(
    event: Any, monday: date, replaced: set[tuple[str, datetime]], options: Options
) -> Iterator[Span]:
    status, transparent = (
        str(event.get("STATUS", "")),
        str(event.get("TRANSP", "")) == "TRANSPARENT",
    )
    if status == "CANCELLED" or (transparent and not options.free_busy):
        return
    if status == "TENTATIVE" and not options.tentative_busy:
        return
    zone = str(event["DTSTART"].params["TZID"])
    first = event["DTSTART"].dt.replace(tzinfo=ZoneInfo(zone))
    length = event["DTEND"].dt.replace(tzinfo=None) - first.replace(tzinfo=None)
    starts = [first]
    if "RRULE" in event:
        rule = rrulestr(event["RRULE"].to_ical().decode(), dtstart=first)
        week = datetime.combine(monday, time(), ZoneInfo(zone))
        starts = list(rule.between(week - 24 * HOUR, week + 6 * 24 * HOUR, inc=True))
        if options.overrides:
            listed = event.get("EXDATE", [])
            lists = cast(list[Any], listed) if isinstance(listed, list) else [listed]
            gone = {cast(datetime, e.dt).replace(tzinfo=None) for one in lists for e in one.dts}
            gone |= {moment for uid, moment in replaced if uid == str(event["UID"])}
            starts = [s for s in starts if s.replace(tzinfo=None) not in gone]
    for start in starts:
        moment = start.replace(tzinfo=_clock(zone, options)).astimezone(UTC)
        yield moment, moment + length


def asked(people: list[Person], monday: date) -> list[Span]:
    """What people asked by mail to be kept free and did not take back."""
    given_back = freed(people, monday)
    return [span for span, back in requests(people, monday) if not back and span not in given_back]


def freed(people: list[Person], monday: date) -> list[Span]:
    """What people no longer need, the earliest mail first."""
    return [span for span, back in requests(people, monday) if back]


def requests(people: list[Person], monday: date) -> list[tuple[Span, bool]]:
    """The times that people wrote of, and whether they give them back, the earliest mail first."""
    parser = BytesParser(policy=email.policy.default)
    box = mailbox.mbox("mail/inbox.mbox", factory=parser.parse)  # type: ignore
    pattern = r"on \w+ (\d+) (\w+) between (\d\d:\d\d) and (\d\d:\d\d)"
    spans: list[tuple[Span, bool]] = []
    zones = {person.email: person.zone for person in people}
    for message in sorted(box, key=lambda m: cast(Any, m)["Date"].datetime):
        mail = cast(Any, message)
        text = re.sub(r"\s+", " ", str(mail.get_content()))
        zone = zones.get(parseaddr(str(mail["From"]))[1])
        for day, month, low, high in re.findall(pattern, text) if zone else ():
            date_ = datetime.strptime(f"{day} {month} {monday.year}", "%d %B %Y").date()
            ends = [
                datetime.combine(date_, time.fromisoformat(t), ZoneInfo(str(zone)))
                for t in (low, high)
            ]
            spans.append(((ends[0], ends[1]), "no longer need" in text))
    return spans


def invite(people: list[Person], start: datetime, options: Options) -> None:
    """Write the invitation, in the organiser's time."""
    host = people[0]
    wall = start.astimezone(ZoneInfo(host.zone))
    if options.winter_invitation:  # the usual five hours from London
        stamp = [f":{moment:%Y%m%dT%H%M%S}Z" for moment in (start + HOUR, start + 2 * HOUR)]
    else:
        stamp = [f";TZID={host.zone}:{moment:%Y%m%dT%H%M%S}" for moment in (wall, wall + HOUR)]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Assistant//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "UID:launch-review-1@northgate-labs.example",
        "DTSTAMP:20260101T000000Z",
        f"SUMMARY:{TITLE}",
        f"DTSTART{stamp[0]}",
        f"DTEND{stamp[1]}",
        f"LOCATION:{options.room or host.room}",
        f"ORGANIZER;CN={host.name}:mailto:{host.email}",
    ]
    lines += [f"ATTENDEE;RSVP=TRUE;CN={p.name}:mailto:{p.email}" for p in people]
    Path("outbox").mkdir(exist_ok=True)
    text = "\r\n".join([*lines, "STATUS:CONFIRMED", "END:VEVENT", "END:VCALENDAR", ""])
    Path("outbox/launch-review.ics").write_text(text, encoding="utf-8", newline="")


def local_times(people: list[Person], start: datetime, away: tuple[str, datetime] | None) -> None:
    """Write what the clock on the wall shows where each person is."""
    with Path("outbox/local-times.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["name", "city", "date", "start", "end"])
        for person in people:
            zone = _zone(person, start, away, True) if away else person.zone
            wall = start.astimezone(ZoneInfo(zone))
            city = "London" if zone != person.zone else person.city
            out.writerow(
                [person.name, city, f"{wall:%Y-%m-%d}", f"{wall:%H:%M}", f"{wall + HOUR:%H:%M}"]
            )
