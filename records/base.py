"""What all written-down models share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = 1
"""Version of everything that Offsite writes to disk. A file with a higher one is refused."""


class Record(BaseModel):
    """A model that is written to disk or crosses a process: immutable, unknown fields refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
