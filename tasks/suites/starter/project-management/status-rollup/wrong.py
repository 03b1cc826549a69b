"""Mistakes that people make when they roll up the status of projects."""

from typing import Any

from solution import solve

CAUGHT_BY = {
    "tracker_only": "forecast_dates",
    "notes_always_win": "budgets",
    "old_export": "forecast_dates",
    "old_thresholds": "rag",
    "copies_the_stated_colour": "rag",
    "ignores_the_risk_log": "rag",
    "does_not_read_the_mail": "forecast_dates",
    "believes_every_mail": "forecast_dates",
    "forgets_the_age_of_notes": "forecast_dates",
    "thousands_as_euros": "budgets",
    "handover_before_its_day": "owners",
    "includes_closed_projects": "projects_complete",
    "lists_only_what_changed": "conflicts_found",
    "adds_up_all_notes": "no_false_conflicts",
    "cites_two_sections_everywhere": "conflicts_decided",
}


def tracker_only() -> dict[str, Any]:
    """Takes the tracker as it is."""
    return solve(use_notes=False)


def notes_always_win() -> dict[str, Any]:
    """Lets the latest note count for all fields, as the old handbook said."""
    return solve(newest=False)


def old_export() -> dict[str, Any]:
    """Uses the export of two weeks ago."""
    return solve(export="2025-06-06")


def old_thresholds() -> dict[str, Any]:
    """Works the colours out by the handbook of 2023."""
    return solve(edition="2023")


def copies_the_stated_colour() -> dict[str, Any]:
    """Takes the colour from the tracker."""
    return solve(stated_colour=True)


def ignores_the_risk_log() -> dict[str, Any]:
    """Does not look for open critical risks."""
    return solve(risks=False)


def does_not_read_the_mail() -> dict[str, Any]:
    """Overlooks that owners' mails are notes too."""
    return solve(use_mail=False)


def believes_every_mail() -> dict[str, Any]:
    """Takes a mail of somebody who is not the owner as a note."""
    return solve(any_sender=True)


def forgets_the_age_of_notes() -> dict[str, Any]:
    """Lets notes count that are older than 14 days."""
    return solve(ages=False)


def thousands_as_euros() -> dict[str, Any]:
    """Reads kEUR as EUR."""
    return solve(kilo=False)


def handover_before_its_day() -> dict[str, Any]:
    """Names the new owner although the handover is still to come."""
    return solve(announced=True)


def includes_closed_projects() -> dict[str, Any]:
    """Rolls up everything that is in the tracker."""
    return solve(all_states=True)


def lists_only_what_changed() -> dict[str, Any]:
    """Leaves out the contradictions that the tracker won."""
    return solve(list_lost=False)


def cites_two_sections_everywhere() -> dict[str, Any]:
    """Cites the section on the age of notes in each row, beside the field's own."""
    return solve(cite=lambda rule: f"4.5 / {rule}")


def adds_up_all_notes() -> dict[str, Any]:
    """Fills in from earlier notes what the latest does not mention."""
    return solve(all_notes=True)
