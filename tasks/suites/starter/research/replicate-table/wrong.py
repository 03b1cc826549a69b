"""Mistakes that people make when they replicate this table."""

from __future__ import annotations

from typing import Any

from solution import solve

NEAR = {
    "unweighted": "design_weight",
    "design_weight": "unweighted",
    "not_winsorised": "winsorised_by_area",
    "not_asked_kept": "all_codes_kept",
    "older_kept": "self_employed_kept",
    "self_employed_kept": "older_kept",
}
CAUGHT_BY = {
    "copies_the_print": "table_corrected",
    "leaves_weights_out": "hourly_wage",
    "takes_design_weights": "satisfaction",
    "takes_release_one": "n",
    "takes_99_for_a_value": "satisfaction",
    "does_not_winsorise": "hourly_wage",
    "winsorises_by_area": "hourly_wage",
    "keeps_self_employed": "n",
    "keeps_both_interviews": "n",
    "keeps_earlier_interview": "commute_min",
    "overlooks_the_footnote": "hourly_wage",
    "drops_listwise": "n",
    "calls_it_a_misprint": "finding_mistake",
    "guesses_the_mistake": "finding_mistake",
}


def copies_the_print() -> dict[str, Any]:
    """Hands over the printed table as replicated."""
    return solve(find=False)


def leaves_weights_out() -> dict[str, Any]:
    """Takes plain means."""
    return solve(weight="")


def takes_design_weights() -> dict[str, Any]:
    """Takes the first weight in the file."""
    return solve(weight="w_design")


def takes_release_one() -> dict[str, Any]:
    """Works with release 1 of the file."""
    return solve(data="data/whp_release1.csv")


def takes_99_for_a_value() -> dict[str, Any]:
    """Drops refusals and "don't know", not "not asked"."""
    return solve(codes=(0, 1))


def does_not_winsorise() -> dict[str, Any]:
    """Leaves the outliers in."""
    return solve(winsorise="")


def winsorises_by_area() -> dict[str, Any]:
    """Takes each area's own percentiles."""
    return solve(winsorise="area")


def keeps_self_employed() -> dict[str, Any]:
    """Takes everybody who works."""
    return solve(employees=("1", "2", "3"))


def keeps_both_interviews() -> dict[str, Any]:
    """Does not notice that some respondents stand in the wave twice."""
    return solve(twice="both")


def keeps_earlier_interview() -> dict[str, Any]:
    """Drops the second of two interviews instead of the first."""
    return solve(twice="earlier")


def overlooks_the_footnote() -> dict[str, Any]:
    """Computes hourly wages also from a few hours a week."""
    return solve(short_hours=True)


def drops_listwise() -> dict[str, Any]:
    """Drops respondents with any missing answer from the whole table."""
    return solve(listwise=True)


def calls_it_a_misprint() -> dict[str, Any]:
    """Finds the cell, and does not look for the cause."""
    return solve(blame=lambda right: "misprint")


def guesses_the_mistake() -> dict[str, Any]:
    """Finds what kind of mistake it was, and does not try which one of the kind."""
    return solve(blame=lambda right: NEAR[right])
