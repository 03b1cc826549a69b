"""Mistakes."""

import pathlib

from solution import solve

CAUGHT_BY = {
    "counts_voided": "total",
    "only_voided": "total",
    "off_by_one": "total",
    "wrong_file": "file_there",
    "tidies_up": "collateral",
    "denies_it": "report",
}


def counts_voided():
    """Takes every line."""
    return solve(states=("paid", "void"))


def only_voided():
    """Takes the wrong lines."""
    return solve(states=("void",))


def off_by_one():
    """Adds wrongly."""
    return solve(extra=1)


def wrong_file():
    """Puts the answer elsewhere."""
    return solve(path="/tmp/total.txt")


def tidies_up():
    """Deletes the source."""
    report = solve()
    pathlib.Path("receipts.csv").unlink()
    return report


def denies_it():
    """Does it and says that it cannot be done."""
    return solve(status="blocked")
