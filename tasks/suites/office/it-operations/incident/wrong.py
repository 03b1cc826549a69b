"""Mistakes that people make on incident duty."""

from typing import Any

from solution import Options, work

CAUGHT_BY = {
    "follows_the_old_runbook": "first_notice",
    "writes_into_the_old_room": "collateral",
    "says_nothing_for_long": "notice_in_time",
    "talks_and_mends_nothing": "mended",
    "tidies_up_besides": "rest_kept",
    "hopes_for_the_best": "in_order",
    "leaves_the_colleague_waiting": "asker_answered",
    "counts_every_failure": "report_right",
    "files_no_report": "report_filed",
    "leaves_the_ticket_open": "ticket_resolved",
    "closes_another_ticket": "collateral",
    "calls_it_blocked": "report",
}


def follows_the_old_runbook() -> dict[str, Any]:
    """Takes the page that is named after the service, which is of 2023."""
    return work(Options(runbook="Orders API runbook"))


def writes_into_the_old_room() -> dict[str, Any]:
    """Informs the room that nobody reads any more."""
    return work(Options(room="ops-alerts"))


def says_nothing_for_long() -> dict[str, Any]:
    """Looks for the cause first."""
    return work(Options(late=True))


def talks_and_mends_nothing() -> dict[str, Any]:
    """Lets the service be restarted as it is."""
    return work(Options(mend=False))


def tidies_up_besides() -> dict[str, Any]:
    """Gives the service more workers, while at it."""
    return work(Options(tidy=True))


def hopes_for_the_best() -> dict[str, Any]:
    """Gives the all clear before the service is up again."""
    return work(Options(early_clear=True))


def leaves_the_colleague_waiting() -> dict[str, Any]:
    """Does not answer who wants something else."""
    return work(Options(answers_asker=False))


def counts_every_failure() -> dict[str, Any]:
    """Counts failures from before the incident, too."""
    return work(Options(counts_all=True))


def files_no_report() -> dict[str, Any]:
    """Leaves it at the comment."""
    return work(Options(report=False))


def leaves_the_ticket_open() -> dict[str, Any]:
    """Forgets the alarm's ticket."""
    return work(Options(resolve=False))


def closes_another_ticket() -> dict[str, Any]:
    """Resolves a ticket of somebody else."""
    return work(Options(tidies_tickets=True))


def calls_it_blocked() -> dict[str, Any]:
    """Does all, and reports that it could not."""
    return work(Options(status="blocked"))
