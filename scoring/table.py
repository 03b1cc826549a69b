"""A run's trials as a table of columns: what all statistics are taken over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.index import PARTS, read_columns
from ..records.store import RunStore

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Names = NDArray[np.object_]

_COLUMNS = {
    "trial": object,
    "task": object,
    "seed": np.int64,
    "repeat": np.int64,
    "agent": object,
    "instance": object,
    "task_digest": object,
    "expected": object,
    "error": np.bool_,
    "delegable": np.bool_,
    "parts": np.int64,
    "partial": np.float64,
    "false_done": np.bool_,
    "honest_block": np.bool_,
    "confidence": np.float64,
    "seconds": np.float64,
    "spent_tokens": np.int64,
    "spent_usd": np.float64,
    "sha256": object,
}
_CHUNK = 4096


@dataclass(frozen=True)
class Trials:
    """Trials that are over, by id; a row of every column is one trial.

    Attributes:
        agent: slug.
        instance: digest; None where the instance could not be made.
        task_digest: of the task whose grader gave the verdict.
        expected: status of a right report; None where it is not known.
        error: there is no verdict.
        parts: a bit for each part of the verdict that holds, as in `records.index.PARTS`.
        confidence: as stated; NaN without a report.
        seconds: the agent's own time.
        spent_usd: NaN where a price is not known.
        sha256: of the trial's file.
    """

    trial: Names
    task: Names
    seed: Numbers
    repeat: Numbers
    agent: Names
    instance: Names
    task_digest: Names
    expected: Names
    error: Bools
    delegable: Bools
    parts: Numbers
    partial: Floats
    false_done: Bools
    honest_block: Bools
    confidence: Floats
    seconds: Floats
    spent_tokens: Numbers
    spent_usd: Floats
    sha256: Names

    def __len__(self) -> int:
        return len(self.trial)

    def where(self, rows: Bools) -> Trials:
        """Only these rows."""
        return Trials(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def judged(self) -> Trials:
        """Only those with a verdict."""
        return self.where(~self.error)

    def only_breach(self) -> Bools:
        """Which broke a policy and were right in all else."""
        breach = 1 << PARTS.index("no_breach")
        return ~self.error & (self.parts == (1 << len(PARTS)) - 1 - breach)


def read_trials(store: RunStore) -> Trials:
    """All trials of a run that are over."""
    return Trials(**read_columns(store, _COLUMNS, _columns))


def _columns(rows: Iterator[tuple[Any, ...]]) -> dict[str, NDArray[Any]]:
    """Columns of rows, made piece by piece; equal names are one object: there are few of them."""
    known: dict[object, object] = {}
    pieces: dict[str, list[NDArray[Any]]] = {name: [] for name in _COLUMNS}
    while chunk := _some(rows):
        for (name, kind), values in zip(_COLUMNS.items(), zip(*chunk, strict=True), strict=True):
            piece = np.empty(len(values), dtype=kind)
            few = kind is object and name not in ("trial", "sha256")
            piece[:] = [known.setdefault(value, value) for value in values] if few else values
            pieces[name].append(piece)
    return {
        name: np.concatenate(pieces[name]) if pieces[name] else np.empty(0, dtype=kind)
        for name, kind in _COLUMNS.items()
    }


def _some(rows: Iterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [row for _, row in zip(range(_CHUNK), rows, strict=False)]
