"""Wrong solvers of `cross-timezone-meeting`: mistakes that real assistants make."""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

from solution import Options, work

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


def publishes_instead_of_inviting() -> dict[str, Any]:
    """Exports a plain calendar entry: no request that anybody could accept."""
    report = work(Options())
    path = Path("outbox/launch-review.ics")
    text = path.read_bytes().decode().replace("METHOD:REQUEST", "METHOD:PUBLISH")
    path.write_bytes(text.encode())
    return report


def tidies_the_exports() -> dict[str, Any]:
    """Deletes the export that is out of date, and leaves a list of the rest."""
    report = work(Options())
    doubled = sorted(Path("calendars").glob("* (1).ics"))[0]
    doubled.unlink()
    with Path("calendars/list.csv").open("w", newline="") as file:
        csv.writer(file).writerows([p.name] for p in sorted(Path("calendars").glob("*.ics")))
    return report
