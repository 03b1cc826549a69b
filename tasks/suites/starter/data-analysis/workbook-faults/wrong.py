"""Mistakes that people make when they review a workbook."""

import csv
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from solution import MODEL, approved, solve

CAUGHT_BY = {
    "pastes_values": "mended_as_formulas",
    "only_what_moves_the_result": "faults_mended",
    "trusts_the_handover": "faults_mended",
    "any_logged_override_is_fine": "faults_mended",
    "overwrites_agreed_exceptions": "nothing_else_changed",
    "reports_approved_overrides": "only_faults_reported",
    "effects_one_after_another": "effects",
    "effects_with_wrong_sign": "effects",
    "headline_from_stored_values": "headline_figures",
    "says_only_that_it_is_wrong": "faults_explained",
    "mends_the_original": "collateral",
}


def pastes_values() -> dict[str, Any]:
    """Types the right number into each faulty cell."""
    return solve(paste=True)


def only_what_moves_the_result() -> dict[str, Any]:
    """Drops the fault that does not change the operating result."""
    return solve(keep=lambda fault, move: abs(move) > 0.005)


def trusts_the_handover() -> dict[str, Any]:
    """Does not look at the staff sheet, which the handover calls checked."""
    return solve(keep=lambda fault, move: fault["sheet"] != "Staff")


def any_logged_override_is_fine() -> dict[str, Any]:
    """Takes every entry in Overrides as approved, whatever its status."""
    return solve(any_status=True)


def overwrites_agreed_exceptions() -> dict[str, Any]:
    """Makes all cells of a column alike: contract prices, leavers and overrides are lost."""
    return solve(contracts_too=True)


def reports_approved_overrides() -> dict[str, Any]:
    """Mends rightly, but reports the approved typed numbers as findings too."""
    cells = sorted(approved(load_workbook(MODEL)))
    extra: list[dict[str, Any]] = [
        {"sheet": sheet, "right": {cell: "=formula"}} for sheet, cell in cells
    ]
    return solve(extra=tuple(extra))


def effects_one_after_another() -> dict[str, Any]:
    """Takes each effect on top of the mends before it, not each alone."""
    return solve(cumulative=True)


def effects_with_wrong_sign() -> dict[str, Any]:
    """Gives old minus new."""
    return solve(sign=-1)


def headline_from_stored_values() -> dict[str, Any]:
    """Does not recompute: gives the stored result as that of the mended file."""
    return solve(stored_headline=True)


def says_only_that_it_is_wrong() -> dict[str, Any]:
    """Writes the same words beside every finding."""
    report = solve()
    path = Path("model/findings.csv")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(row | {"fault": "formula is wrong, mended"} for row in rows)
    return report


def mends_the_original() -> dict[str, Any]:
    """Works in the file that was received, and saves the copy too."""
    report = solve()
    solve(target=MODEL)
    return report
