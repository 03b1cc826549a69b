"""Mistakes."""

import pathlib

from solution import solve

CAUGHT_BY = {
    "keeps_doubles": "names",
    "backwards": "order",
    "loses_one": "names",
    "elsewhere": "names",
    "in_place": "collateral",
    "loses_archive": "collateral",
}


def keeps_doubles():
    """Does not look for doubles."""
    return solve(unique=False)


def backwards():
    """Sorts the wrong way round."""
    return solve(reverse=True)


def loses_one():
    """Forgets the first."""
    return solve(drop=1)


def elsewhere():
    """Writes into scratch."""
    return solve(path="/tmp/sorted.txt")


def in_place():
    """Overwrites the source."""
    solve()
    return solve(path="names.txt")


def loses_archive():
    """Removes what it takes for an old copy."""
    pathlib.Path("archive/names.txt").unlink()
    return solve()
