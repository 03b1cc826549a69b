"""A leaderboard by suite: numbers of different suites cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass

from ...records.leaderboard import Entry, Leaderboard


@dataclass(frozen=True)
class Suite:
    """The entries of one suite, and the page of the site that shows them."""

    name: str
    version: str
    digest: str
    page: str
    entries: list[Entry]


def suites_of(board: Leaderboard) -> list[Suite]:
    """The suites by digest, the one with the most entries first: it is the site's first page."""
    by_digest: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in board.entries:
        key = (entry.suite, entry.suite_version, entry.suite_digest)
        by_digest.setdefault(key, []).append(entry)
    ordered = sorted(by_digest.items(), key=lambda each: (-len(each[1]), each[0]))
    return [
        Suite(name, number, digest, "index.html" if not i else f"suite-{i + 1}.html", entries)
        for i, ((name, number, digest), entries) in enumerate(ordered)
    ]
