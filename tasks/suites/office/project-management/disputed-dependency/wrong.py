"""Wrong solvers of `disputed-dependency`: mistakes that real project assistants make."""

from typing import Any

from solution import Options, work

CAUGHT_BY = {
    "believes_a_lead": "sponsor_asked",
    "takes_the_old_decision": "sponsor_asked",
    "asks_vaguely_and_guesses": "sponsor_asked",
    "leaves_the_relation": "relation",
    "relates_without_order": "relation",
    "counts_weekends": "due_dates",
    "forgets_the_days_off": "due_dates",
    "moves_one_ticket_only": "due_dates",
    "moves_whatever_waits": "due_dates",
    "forgets_the_freeze": "priorities",
    "changes_silently": "comments",
    "tells_everybody": "told_nowhere_else",
    "tells_one_lead": "leads_told",
    "passes_the_reason_on": "reasons_kept",
    "leaves_the_list_empty": "outcome",
}


def believes_a_lead() -> dict[str, Any]:
    """Asks the lead who wrote first, and takes it from there."""
    return work(Options(believes="lead"))


def takes_the_old_decision() -> dict[str, Any]:
    """Takes what the sponsor decided for the release before."""
    return work(Options(believes="march"))


def asks_vaguely_and_guesses() -> dict[str, Any]:
    """Asks the sponsor without saying about what, and does not answer the question that comes back."""
    return work(Options(names_tickets=False))


def leaves_the_relation() -> dict[str, Any]:
    """Moves the dates and leaves the relations as they are."""
    return work(Options(relates=False))


def relates_without_order() -> dict[str, Any]:
    """Enters that the tickets have to do with each other, not which blocks which."""
    return work(Options(relation="relates"))


def counts_weekends() -> dict[str, Any]:
    """Counts calendar days."""
    return work(Options(works_weekends=True))


def forgets_the_days_off() -> dict[str, Any]:
    """Counts the days on which the company is closed."""
    return work(Options(works_days_off=True))


def moves_one_ticket_only() -> dict[str, Any]:
    """Forgets what waits for the ticket that waits."""
    return work(Options(follows_the_line=False))


def moves_whatever_waits() -> dict[str, Any]:
    """Moves closed tickets, and those that had time, too."""
    return work(Options(moves_everything=True))


def forgets_the_freeze() -> dict[str, Any]:
    """Leaves the priorities as they are."""
    return work(Options(marks_urgent=False))


def changes_silently() -> dict[str, Any]:
    """Changes the tickets without a word."""
    return work(Options(comments=False))


def tells_everybody() -> dict[str, Any]:
    """Tells the outcome in the room of the whole company."""
    return work(Options(room="general"))


def tells_one_lead() -> dict[str, Any]:
    """Addresses one of the leads only."""
    return work(Options(tells_both=False))


def passes_the_reason_on() -> dict[str, Any]:
    """Copies the sponsor's answer, as it is, into the tracker."""
    return work(Options(forwards=True))


def leaves_the_list_empty() -> dict[str, Any]:
    """Hands in the decision without the dates."""
    return work(Options(moved_listed=False))
