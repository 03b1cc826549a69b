"""What a task's `world.py` builds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..records.instance import File
from ..records.report import Status
from .office import OfficeWorld


@dataclass
class World:
    """The world of one instance: `build(seed)` in a task's `world.py` returns it.

    Attributes:
        files: what lies on the desk, by path relative to its home.
        facts: what `instruction.md` may name as `{{ fact }}`.
        truth: what the grader must know, JSON values only; it never enters the desk.
        setup: shell commands run in the desk's home before the worker comes. What they write
            is part of the start, not of the worker's writes.
        expected: the status of a right report: `done`, or `blocked` where the work cannot be
            done as posed.
        office: what is in the office around the desk, where task.toml names its services.
    """

    files: dict[str, File] = field(default_factory=dict[str, File])
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    truth: dict[str, Any] = field(default_factory=dict[str, Any])
    setup: list[str] = field(default_factory=list[str])
    expected: Status = "done"
    office: OfficeWorld = field(default_factory=OfficeWorld)

    def add(
        self, path: str, content: str | bytes, *, mode: int = 0o644, mtime: int | None = None
    ) -> None:
        """Lay a file on the desk; text is written as UTF-8."""
        if path in self.files:
            raise ValueError(f"{path} is there already")
        data = content.encode() if isinstance(content, str) else content
        self.files[path] = File(data, mode, mtime)
