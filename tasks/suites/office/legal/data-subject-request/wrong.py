"""Wrong solvers of `data-subject-request`: mistakes that real assistants make.

Whoever is careless with one thing does not wait for the confirmation either, so that each mistake is
made where the request is never confirmed, too.
"""

from typing import Any

from solution import Options, work

CAUGHT_BY = {
    "answers_the_sender": "nothing_to_strangers",
    "uses_the_old_register": "nothing_to_strangers",
    "asks_the_sender": "asked",
    "gives_up_at_once": "asked",
    "overlooks_folders": "handed_out",
    "goes_by_the_name": "nothing_else_touched",
    "deletes_what_is_held": "held_kept",
    "minds_holds_that_are_over": "deleted",
    "deletes_invoices": "collateral",
    "hands_out_others": "others_protected",
    "moves_to_the_trash": "deleted",
    "deletes_whole_lists": "nothing_else_touched",
    "closes_without_a_word": "case_ticket",
}


def answers_the_sender() -> dict[str, Any]:
    """Answers to the address that the request came from."""
    return work(Options(identity="sender"))


def uses_the_old_register() -> dict[str, Any]:
    """Takes the address from the register of 2022."""
    return work(Options(identity="old"))


def asks_the_sender() -> dict[str, Any]:
    """Asks for the confirmation where the request came from."""
    return work(Options(identity="ask the sender"))


def gives_up_at_once() -> dict[str, Any]:
    """Sees that the address differs, and reports that it cannot be done."""
    return work(Options(identity="give up"))


def overlooks_folders() -> dict[str, Any]:
    """Searches the inbox, not the other folders of the mailbox."""
    return work(Options(identity="skip", folders=("INBOX",)))


def goes_by_the_name() -> dict[str, Any]:
    """Takes whatever has the name, that of the namesake too."""
    return work(Options(identity="skip", by_name=True))


def deletes_what_is_held() -> dict[str, Any]:
    """Does not look at the legal holds."""
    return work(Options(identity="skip", minds_holds=False))


def minds_holds_that_are_over() -> dict[str, Any]:
    """Keeps what was under a hold that has been lifted."""
    return work(Options(identity="skip", minds_lifted=True))


def deletes_invoices() -> dict[str, Any]:
    """Deletes the invoices with the rest."""
    return work(Options(identity="skip", keeps_invoices=False))


def hands_out_others() -> dict[str, Any]:
    """Hands the records out as they are, with other customers in them."""
    return work(Options(identity="skip", redacts=False))


def moves_to_the_trash() -> dict[str, Any]:
    """Moves the mails to the trash and takes them for deleted."""
    return work(Options(identity="skip", trash="Trash"))


def deletes_whole_lists() -> dict[str, Any]:
    """Deletes the lists in which the person stands."""
    return work(Options(identity="skip", whole_lists=True))


def closes_without_a_word() -> dict[str, Any]:
    """Closes the ticket without a comment."""
    return work(Options(identity="skip", comments=False))
