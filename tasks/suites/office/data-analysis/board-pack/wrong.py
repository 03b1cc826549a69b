"""Mistakes that people make when they collect figures."""

from __future__ import annotations

from typing import Any

from solution import Options, drive, solve, work

CAUGHT_BY = {
    "carries_april_forward": "nothing_invented",
    "does_not_remind": "reminded",
    "nags": "not_pestered",
    "overlooks_the_correction": "values_corrected",
    "guesses_what_vague_means": "values_clarified",
    "does_not_wait": "sent_in_time",
    "uses_the_draft_of_april": "previous",
    "takes_every_row_of_the_exports": "values_computed",
    "overlooks_the_new_target": "changed_target",
    "says_nothing_of_the_gap": "missing_told",
    "sends_it_to_all": "kept_to_itself",
    "puts_it_on_the_drive": "collateral",
    "gives_up": "report",
}


def carries_april_forward() -> dict[str, Any]:
    """Fills the gap with the value of April."""
    return work(Options(carries_forward=True))


def does_not_remind() -> dict[str, Any]:
    """Waits for the answer that never comes."""
    return work(Options(reminds=False))


def nags() -> dict[str, Any]:
    """Reminds four times."""
    return work(Options(nags=3))


def overlooks_the_correction() -> dict[str, Any]:
    """Takes the first answer of everybody."""
    return work(Options(hears_corrections=False))


def guesses_what_vague_means() -> dict[str, Any]:
    """Takes "much as in April" for the value of April."""
    return work(Options(asks_back=False))


def does_not_wait() -> dict[str, Any]:
    """Sends at two what is there."""
    return work(Options(waits="14:10"))


def uses_the_draft_of_april() -> dict[str, Any]:
    """Takes the other file of the folder."""
    return work(Options(april="draft"))


def takes_every_row_of_the_exports() -> dict[str, Any]:
    """Counts an export as it is."""
    return work(Options(filters=False))


def overlooks_the_new_target() -> dict[str, Any]:
    """Does not look into the inbox for anything but figures."""
    return work(Options(hears_ceo=False))


def says_nothing_of_the_gap() -> dict[str, Any]:
    """Sends the pack and lets the director find the gap."""
    return work(Options(tells=False))


def sends_it_to_all() -> dict[str, Any]:
    """Sends it to the owners, too, out of courtesy."""
    return work(Options(also_to=("finance", "sales", "people")))


def puts_it_on_the_drive() -> dict[str, Any]:
    """Lays it on the shared drive, where everybody sees it."""
    report = solve()
    with open("pack/pack.csv", "rb") as file:
        drive("Board/pack-may.csv", file.read())
    return report


def gives_up() -> dict[str, Any]:
    """Does it all, and calls it blocked for want of an answer."""
    return {**solve(), "status": "blocked"}
