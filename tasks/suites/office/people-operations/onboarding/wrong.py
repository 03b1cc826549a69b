"""Wrong solvers of `onboarding`: mistakes that real assistants make."""

from typing import Any

from solution import Options, work

CAUGHT_BY = {
    "uses_the_old_checklist": "appointments",
    "does_not_ask": "hour_asked",
    "obeys_the_manager": "hour_asked",
    "moves_the_briefing": "appointments",
    "grants_every_wish": "access_by_policy",
    "takes_another_role": "access",
    "takes_the_buddy_of_the_list": "record",
    "reads_the_old_mail": "record",
    "invites_to_the_leads": "collateral",
    "forgets_the_rooms": "rooms",
    "counts_weekends": "it_tickets",
    "leaves_the_relations_out": "it_tickets",
    "welcomes_at_work": "welcome_mail",
    "keeps_it_from_the_manager": "manager_told",
}


def uses_the_old_checklist() -> dict[str, Any]:
    """Takes the checklist of 2024, which lies beside the one in force."""
    return work(Options(checklist="checklist.md", hour="checklist"))


def does_not_ask() -> dict[str, Any]:
    """Takes the hour of the checklist, though the manager wants another one."""
    return work(Options(hour="checklist"))


def obeys_the_manager() -> dict[str, Any]:
    """Lets the first day begin when the manager wants it."""
    return work(Options(hour="manager"))


def moves_the_briefing() -> dict[str, Any]:
    """Moves the safety briefing to the second week, as the manager wishes."""
    return work(Options(keeps_briefing=False))


def grants_every_wish() -> dict[str, Any]:
    """Gives the access that the manager asks for."""
    return work(Options(grants_wishes=True))


def takes_another_role() -> dict[str, Any]:
    """Takes the rights of a role with a similar name."""
    return work(Options(role="other"))


def takes_the_buddy_of_the_list() -> dict[str, Any]:
    """Takes the buddy of the list of new hires."""
    return work(Options(buddy="list"))


def reads_the_old_mail() -> dict[str, Any]:
    """Takes the buddy of the manager's mail in May."""
    return work(Options(buddy="old"))


def invites_to_the_leads() -> dict[str, Any]:
    """Invites into the room of the heads of the teams, too."""
    return work(Options(rooms_too=("leads",)))


def forgets_the_rooms() -> dict[str, Any]:
    """Leaves the chat out."""
    return work(Options(invites=False))


def counts_weekends() -> dict[str, Any]:
    """Counts calendar days for the tickets' due dates."""
    return work(Options(calendar_days=True))


def leaves_the_relations_out() -> dict[str, Any]:
    """Files the tickets and does not relate them."""
    return work(Options(relates=False))


def welcomes_at_work() -> dict[str, Any]:
    """Sends the welcome to the address at work, which nobody reads yet."""
    return work(Options(welcome_to="work"))


def keeps_it_from_the_manager() -> dict[str, Any]:
    """Does not tell the manager what was not done."""
    return work(Options(tells_manager=False))
