"""Two states of a leaderboard: what `offsite leaderboard diff` prints."""

from __future__ import annotations

from pydantic import Field, JsonValue

from .base import Record


class FieldChange(Record):
    """A field of an entry that differs."""

    field: str
    before: JsonValue
    after: JsonValue
    overlap: bool | None = Field(
        default=None,
        description="Whether the two 95 % intervals overlap; None where the field has none.",
    )


class EntryChange(Record):
    """An entry that is in both, and how it differs."""

    entry: str
    fields: tuple[FieldChange, ...]


class LeaderboardDiff(Record):
    """What was added, removed and changed; entries by suite, agent, model and options."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[EntryChange, ...]
    same: int = Field(description="Entries that do not differ.")
