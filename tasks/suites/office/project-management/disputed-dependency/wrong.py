"""Wrong solvers of `disputed-dependency`: mistakes that real project assistants make."""

from typing import Any

from solution import Options, work

CAUGHT_BY = {
    "believes_a_lead": "sponsor_asked",
    "takes_the_old_decision": "sponsor_asked",
    "asks_vaguely_and_guesses": "sponsor_asked",
    "asks_the_next_sponsor": "sponsor_asked",
    "leaves_the_relation": "relation",
    "relates_without_order": "relation",
    "relates_backwards": "relation",
    "moves_the_date": "nothing_else_changed",
    "tells_everybody": "told_nowhere_else",
    "tells_one_lead": "leads_told",
    "tells_without_numbers": "leads_told",
    "tells_the_reverse": "leads_told",
    "asks_the_room_and_never_tells": "leads_told",
    "passes_the_reason_on": "reasons_kept",
    "swaps_the_outcome": "outcome",
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


def asks_the_next_sponsor() -> dict[str, Any]:
    """Reads the wrong line of the list of sponsors."""
    return work(Options(release=1))


def leaves_the_relation() -> dict[str, Any]:
    """Tells the outcome and leaves the tracker as it is."""
    return work(Options(relation=""))


def relates_without_order() -> dict[str, Any]:
    """Enters that the tickets have to do with each other, not which blocks which."""
    return work(Options(relation="relates"))


def relates_backwards() -> dict[str, Any]:
    """Enters that the one that comes first waits for the other."""
    return work(Options(relation="blocked"))


def moves_the_date() -> dict[str, Any]:
    """Moves the due date of the one that waits, too."""
    return work(Options(moves_the_date=True))


def tells_everybody() -> dict[str, Any]:
    """Tells the outcome in the room of the whole company."""
    return work(Options(room="general"))


def tells_one_lead() -> dict[str, Any]:
    """Addresses one of the leads only."""
    return work(Options(tells_both=False))


def tells_without_numbers() -> dict[str, Any]:
    """Names the tickets by their titles."""
    return work(Options(tells_numbers=False))


def tells_the_reverse() -> dict[str, Any]:
    """Gets the tracker right, and tells the leads the other way round."""
    return work(Options(tells="the reverse"))


def asks_the_room_and_never_tells() -> dict[str, Any]:
    """Asks in the release's room, and tells nobody there what was decided."""
    return work(Options(tells="nothing"))


def passes_the_reason_on() -> dict[str, Any]:
    """Copies the sponsor's answer, as it is, to everybody."""
    return work(Options(forwards=True))


def swaps_the_outcome() -> dict[str, Any]:
    """Hands in the two in the wrong order."""
    return work(Options(swaps=True))
