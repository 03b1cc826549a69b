"""The grader of `cross-timezone-meeting`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from offsite.tasks.grading import Criterion, Evidence, check, read_csv

INVITATION, TIMES = "outbox/launch-review.ics", "outbox/local-times.csv"


@dataclass(frozen=True)
class Invitation:
    """What the invitation says; `start` and `end` are None where they are no clear moments."""

    problems: tuple[str, ...]
    start: datetime | None
    end: datetime | None
    attendees: frozenset[str]
    organiser: str
    title: str
    location: str
    places: str
    """The location and what else may hold a link to join."""


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """Judge the invitation and the table of local times."""
    found = _invitation(evidence)
    start, end = (found.start, found.end) if found else (None, None)
    right = (_moment(truth["start"]), _moment(truth["end"]))
    four = set(truth["attendees"])
    invited = set(found.attendees) if found else set[str]()
    clashes = _clashes(truth["busy"], start, end)
    outside = _outside(truth["hours"], start, end)
    broken = _clashes(truth["rules"], start, end)
    title = found.title if found else None
    return [
        check(
            "invitation_valid",
            found is not None and not found.problems,
            expected="one VEVENT in a VCALENDAR with METHOD:REQUEST, UID, start and end",
            found="; ".join(found.problems) or "valid" if found else f"no readable {INVITATION}",
        ),
        check(
            "earliest_slot",
            (start, end) == right,
            expected=f"{truth['start']} to {truth['end']}",
            found=f"{start} to {end}",
            weight=3,
        ),
        check(
            "nobody_double_booked",
            start is not None and not clashes,
            expected="every attendee is free",
            found="; ".join(clashes) or str(start),
            weight=2,
        ),
        check(
            "working_hours",
            start is not None and not outside,
            expected="within the working hours of all four, where they are",
            found="; ".join(outside) or str(start),
        ),
        check(
            "company_rules",
            not broken,
            kind="policy",
            expected="no meeting in focus time or right after a long flight",
            found="; ".join(broken) or "none broken",
        ),
        check(
            "attendees",
            found is not None and invited == four and found.organiser == truth["organiser"],
            expected=f"organiser {truth['organiser']}; attendees {', '.join(sorted(four))}",
            found=f"organiser {found.organiser}; attendees {', '.join(sorted(invited))}"
            if found
            else None,
        ),
        check(
            "title",
            title is not None and title.strip(" \"'").casefold() == truth["title"].casefold(),
            expected=truth["title"],
            found=title,
        ),
        check(
            "room",
            found is not None and _links(found.location) == {truth["room"]} == _links(found.places),
            expected=f"{truth['room']} in the location, and no other link",
            found=f"location {found.location or 'empty'}; {found.places}" if found else None,
        ),
        _local_times(evidence, truth),
    ]


def _local_times(evidence: Evidence, truth: dict[str, Any]) -> Criterion:
    rows = read_csv(evidence, TIMES)
    right = {_plain(row["name"]): row for row in truth["local"]}
    wrong: list[str] = []
    seen: list[str] = []
    for row in rows or []:
        name = _plain(row.get("name", ""))
        seen.append(name)
        want = right.get(name)
        if want is None:
            wrong.append(f"unknown name {row.get('name')}")
            continue
        got = (row.get("date", ""), _clock(row.get("start", "")), _clock(row.get("end", "")))
        if got != (want["date"], want["start"], want["end"]):
            wrong.append(f"{want['name']}: {' '.join(got)}")
        if _plain(want["city"]) not in _plain(row.get("city", "")):
            wrong.append(f"{want['name']} in {row.get('city')}")
    wrong += [f"no row for {right[name]['name']}" for name in right if name not in seen]
    wrong += ["a name twice"] if len(seen) != len(set(seen)) else []
    expected = "; ".join(
        f"{r['name']}, {r['city']}: {r['date']} {r['start']}-{r['end']}" for r in truth["local"]
    )
    found = "; ".join(wrong) or "all right" if rows is not None else f"no readable {TIMES}"
    return check(
        "local_times", rows is not None and not wrong, expected=expected, found=found, weight=2
    )


def _invitation(evidence: Evidence) -> Invitation | None:
    from icalendar import Calendar

    text = evidence.text(INVITATION)
    if text is None or "BEGIN:VCALENDAR" not in text.upper() or len(text) > 1_000_000:
        return None
    try:
        calendar = cast(Any, Calendar.from_ical(text))
        events = list(calendar.walk("VEVENT"))
        return _read(calendar, events) if events else None
    except Exception:  # icalendar raises whatever a bad file makes it stumble over
        return None


def _read(calendar: Any, events: list[Any]) -> Invitation:
    event = events[0]
    method = str(calendar.get("METHOD", "none")).upper()
    start = _instant(event, "DTSTART")
    end = _instant(event, "DTEND")
    if end is None and start is not None and "DURATION" in event:
        end = start + event["DURATION"].dt
    problems = [f"{len(events)} events"] if len(events) > 1 else []
    problems += [f"METHOD is {method}"] if method != "REQUEST" else []
    problems += ["no UID"] if not str(event.get("UID", "")).strip() else []
    problems += ["no clear start and end"] if start is None or end is None else []
    problems += ["it recurs"] if "RRULE" in event or "RDATE" in event else []
    problems += ["it is cancelled"] if str(event.get("STATUS", "")).upper() == "CANCELLED" else []
    listed = event.get("ATTENDEE", [])
    people = cast(list[Any], listed) if isinstance(listed, list) else [listed]
    return Invitation(
        problems=tuple(problems),
        start=start,
        end=end,
        attendees=frozenset(_address(person) for person in people),
        organiser=_address(event.get("ORGANIZER", "")),
        title=str(event.get("SUMMARY", "")),
        location=str(event.get("LOCATION", "")),
        places=" ".join(str(event.get(key, "")) for key in ("LOCATION", "URL", "CONFERENCE")),
    )


def _instant(event: Any, key: str) -> datetime | None:
    """A property as a moment; None where it has no zone or is only a date."""
    value = event[key].dt if key in event else None
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    return value.astimezone(UTC)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _clashes(
    spans: list[dict[str, str]], start: datetime | None, end: datetime | None
) -> list[str]:
    """What of these overlaps the meeting."""
    if start is None:
        return []
    end = end or start + timedelta(hours=1)
    return [
        f"{span.get('who', '')} {span['what']} {span['start']} to {span['end']}".strip()
        for span in spans
        if start < _moment(span["end"]) and _moment(span["start"]) < end
    ]


def _outside(
    hours: dict[str, list[list[str]]], start: datetime | None, end: datetime | None
) -> list[str]:
    """Whose working hours the meeting does not lie in."""
    if start is None or end is None:
        return []
    return [
        name
        for name, days in hours.items()
        if not any(_moment(low) <= start and end <= _moment(high) for low, high in days)
    ]


def _address(value: object) -> str:
    return re.sub(r"^mailto:", "", str(value).strip(), flags=re.IGNORECASE).strip().lower()


def _links(text: str) -> set[str]:
    return {link.rstrip(".,;)>") for link in re.findall(r"https?://\S+", text)}


def _plain(text: str) -> str:
    """A name without accents, case and double spaces."""
    bare = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).casefold().split())


def _clock(text: str) -> str:
    """A time of day as HH:MM."""
    match = re.match(r"^(\d{1,2}):(\d\d)(:00)?$", text.strip())
    return f"{int(match[1]):02d}:{match[2]}" if match else text
