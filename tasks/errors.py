"""What can be wrong with a task or suite."""

from __future__ import annotations

from pathlib import Path

from ..records.errors import InputError


class TaskError(InputError):
    """A task or suite cannot be used: which file, which field, and why."""

    def __init__(self, path: Path | str, field: str, cause: str) -> None:
        super().__init__(f"{path}: {field}: {cause}")
        self.path = path
        self.field = field
        self.cause = cause
