"""Leaderboards that are written already: joined, and compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, cast

from ..records.errors import InputError
from ..records.leaderboard import Entry, Leaderboard
from ..records.leaderboard_diff import EntryChange, FieldChange, LeaderboardDiff
from .leaderboard import rank


def merge_leaderboards(boards: Iterable[Leaderboard]) -> Leaderboard:
    """One leaderboard of all entries, whatever their order; an entry that is in several is kept once.

    Raises:
        InputError: two entries of one agent in one run differ.
    """
    entries: dict[tuple[str, ...], Entry] = {}
    for entry in (entry for board in boards for entry in board.entries):
        key = (name_of(entry), *sorted(entry.runs))
        before = entries.setdefault(key, entry)
        if before != entry:
            field = _changes(before, entry)[0].field
            raise InputError(
                f"{key[0]}, run {', '.join(key[1:])}: the files differ in {field}; build one anew"
            )
    return Leaderboard(entries=tuple(sorted(entries.values(), key=rank)))


def diff_leaderboards(before: Leaderboard, after: Leaderboard) -> LeaderboardDiff:
    """What the second one has more, less and otherwise than the first one.

    An entry is known by suite, agent, model and options; by its runs, too, where a file has
    several such entries.
    """
    names = [Counter(map(name_of, board.entries)) for board in (before, after)]
    several = {name for counts in names for name, n in counts.items() if n > 1}
    old, new = ({_key(e, several): e for e in board.entries} for board in (before, after))
    changed = [
        EntryChange(entry=key, fields=tuple(fields))
        for key in sorted(old.keys() & new.keys())
        if (fields := _changes(old[key], new[key]))
    ]
    return LeaderboardDiff(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(changed),
        same=len(old.keys() & new.keys()) - len(changed),
    )


def name_of(entry: Entry) -> str:
    """Suite, agent, model and options in one line."""
    options = (f"{name}={value}" for name, value in sorted(entry.options.items()))
    return " ".join(filter(None, (entry.suite, entry.agent, entry.model, *options)))


def _key(entry: Entry, several: set[str]) -> str:
    name = name_of(entry)
    return f"{name} ({', '.join(sorted(entry.runs))})" if name in several else name


def _changes(before: Entry, after: Entry) -> list[FieldChange]:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [
        FieldChange(
            field=name, before=old[name], after=new[name], overlap=_overlap(old[name], new[name])
        )
        for name in old
        if old[name] != new[name]
    ]


def _overlap(before: object, after: object) -> bool | None:
    if not all(
        isinstance(value, dict) and {"low", "high"} <= value.keys() for value in (before, after)
    ):
        return None
    one, other = cast(dict[str, Any], before), cast(dict[str, Any], after)
    return one["low"] <= other["high"] and other["low"] <= one["high"]
