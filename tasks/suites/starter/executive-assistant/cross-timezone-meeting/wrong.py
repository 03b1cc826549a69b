"""Wrong solvers of `cross-timezone-meeting`: mistakes that real assistants make."""

import csv
import re
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

from solution import Options, attendees, freed, invite, local_times, trip, work

CAUGHT_BY = {
    "usual_time_difference": "nobody_double_booked",
    "old_export": "nobody_double_booked",
    "both_exports": "earliest_slot",
    "ignores_overrides": "nobody_double_booked",
    "tentative_is_free": "nobody_double_booked",
    "free_entries_block": "earliest_slot",
    "does_not_read_mail": "nobody_double_booked",
    "forgets_focus_time": "company_rules",
    "forgets_the_flight": "company_rules",
    "forgets_the_trip": "local_times",
    "wrong_namesake": "attendees",
    "old_room": "room",
    "winter_offset_in_invitation": "earliest_slot",
    "publishes_instead_of_inviting": "invitation_valid",
    "tidies_the_exports": "collateral",
    "takes_the_freed_hour": "earliest_slot",
    "leaves_the_host_out": "attendees",
    "puts_the_link_beside_the_location": "room",
}


def usual_time_difference() -> dict[str, Any]:
    """Takes New York for five hours behind London, as it mostly is."""
    return work(Options(usual_offsets=True))


def old_export() -> dict[str, Any]:
    """Reads the older of two exports of the same calendar."""
    return work(Options(export="stale"))


def both_exports() -> dict[str, Any]:
    """Merges the old export with the new one."""
    return work(Options(export="both"))


def ignores_overrides() -> dict[str, Any]:
    """Expands the recurring events and overlooks moved and cancelled occurrences."""
    return work(Options(overrides=False))


def tentative_is_free() -> dict[str, Any]:
    """Books over a tentative hold."""
    return work(Options(tentative_busy=False))


def free_entries_block() -> dict[str, Any]:
    """Takes an entry that is marked as free for a meeting."""
    return work(Options(free_busy=True))


def does_not_read_mail() -> dict[str, Any]:
    """Trusts the calendars and does not read what people wrote."""
    return work(Options(mail=False))


def forgets_focus_time() -> dict[str, Any]:
    """Books into focus time."""
    return work(Options(focus=False))


def forgets_the_flight() -> dict[str, Any]:
    """Books somebody right after a night flight."""
    return work(Options(flight=False))


def forgets_the_trip() -> dict[str, Any]:
    """Plans the traveller on the clock of their home."""
    return work(Options(travel=False))


def wrong_namesake() -> dict[str, Any]:
    """Invites the colleague with the same first name."""
    return work(Options(twin=True))


def old_room() -> dict[str, Any]:
    """Takes the room's link from an old mail."""
    return work(replace(Options(), room="https://meet.northgate-labs.example/old-product"))


def winter_offset_in_invitation() -> dict[str, Any]:
    """Finds the slot and converts it to UTC with the winter offset of New York."""
    return work(Options(winter_invitation=True))


def _rewritten(pattern: str, new: str) -> dict[str, Any]:
    """Do the work and change the invitation."""
    report = work(Options())
    path = Path("outbox/launch-review.ics")
    path.write_bytes(re.sub(pattern, new, path.read_bytes().decode(), count=1).encode())
    return report


def publishes_instead_of_inviting() -> dict[str, Any]:
    """Exports a plain calendar entry: no request that anybody could accept."""
    return _rewritten("METHOD:REQUEST", "METHOD:PUBLISH")


def leaves_the_host_out() -> dict[str, Any]:
    """Names the host as organiser only, not among those who take part."""
    return _rewritten(r"ATTENDEE[^\r]*\r\n", "")


def puts_the_link_beside_the_location() -> dict[str, Any]:
    """Writes "Video room" as the location and the link into another field."""
    return _rewritten(r"LOCATION:([^\r]*)", r"LOCATION:Video room\r\nURL:\1")


def takes_the_freed_hour() -> dict[str, Any]:
    """Opens no calendar: books the hour that somebody has just given back."""
    people = attendees(Options())
    monday, away = trip(people)
    start = freed(people, monday)[-1][0]
    invite(people, start.astimezone(UTC), Options())
    local_times(people, start, away)
    return {"status": "done", "confidence": 0.8, "summary": f"Booked for {start}, just freed."}


def tidies_the_exports() -> dict[str, Any]:
    """Deletes the export that is out of date, and leaves a list of the rest."""
    report = work(Options())
    doubled = sorted(Path("calendars").glob("* (1).ics"))[0]
    doubled.unlink()
    with Path("calendars/list.csv").open("w", newline="") as file:
        csv.writer(file).writerows([p.name] for p in sorted(Path("calendars").glob("*.ics")))
    return report
