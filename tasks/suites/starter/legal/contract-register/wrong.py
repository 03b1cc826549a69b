"""Mistakes that people make with this register."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from solution import HEAD, solve

CAUGHT_BY = {
    "registers_the_draft": "contracts",
    "registers_the_amendment": "contracts",
    "overlooks_the_amendment": "amendment",
    "overlooks_the_replacement": "status",
    "leaves_references_blank": "terms",
    "dates_by_signature": "effective_dates",
    "gives_the_missed_deadline": "notice_deadlines",
    "counts_one_day_too_far": "term_ends",
    "takes_the_instalment": "money",
    "takes_the_seat_for_the_law": "governing_law",
    "updates_the_old_list": "contracts",
    "counts_the_files_in_the_note": "note",
    "sends_no_note": "note",
}


def registers_the_draft() -> dict[str, Any]:
    """Does not look at the signatures."""
    return solve(drafts=True)


def registers_the_amendment() -> dict[str, Any]:
    """Gives every paper a row, the amendment too."""
    return solve(amendment_row=True)


def overlooks_the_amendment() -> dict[str, Any]:
    """Leaves the amendment aside: the contract's own text is in the register."""
    return solve(amend=False)


def overlooks_the_replacement() -> dict[str, Any]:
    """Shows the replaced agreement as active, with a deadline."""
    return solve(supersede=False)


def leaves_references_blank() -> dict[str, Any]:
    """Does not look up in the master agreement what the statement of work takes from there."""
    return solve(references=False)


def dates_by_signature() -> dict[str, Any]:
    """Takes the date below the signature for the effective date."""
    return solve(by_signature=True)


def gives_the_missed_deadline() -> dict[str, Any]:
    """Gives the deadline of the running term even where it has passed."""
    return solve(roll=False)


def counts_one_day_too_far() -> dict[str, Any]:
    """Lets a term end on the anniversary, not on the day before."""
    return solve(inclusive=False)


def takes_the_instalment() -> dict[str, Any]:
    """Takes the monthly or quarterly fee for the value of a year."""
    return solve(yearly=False)


def takes_the_seat_for_the_law() -> dict[str, Any]:
    """Writes the seat of arbitration where the governing law belongs."""
    return solve(venue=True)


def updates_the_old_list() -> dict[str, Any]:
    """Hands the old list on under the new name."""
    old = next(Path("register").glob("register-*.csv")).read_text(encoding="utf-8")
    rows = list(csv.DictReader(old.splitlines()))
    with Path("register/contract-register.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, HEAD)
        writer.writeheader()
        writer.writerows(rows)
    return {"status": "done", "confidence": 0.7, "summary": "Register saved.", "questions": []}


def counts_the_files_in_the_note() -> dict[str, Any]:
    """Keeps the register rightly, and writes the note from what the folder looks like."""
    report = solve()
    count = len(list(Path("contracts").glob("*.pdf")))
    first = report["summary"].rpartition("The first")[2]
    return report | {"summary": f"All {count} files are in the register. The first{first}"}


def sends_no_note() -> dict[str, Any]:
    """Saves the register and leaves counsel to read it."""
    return solve() | {"summary": "The register is saved as CSV, all columns after the guide."}
