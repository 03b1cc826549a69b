"""`index.sqlite`: a cache for listing and summing up a run quickly. It can be deleted at any time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from .base import Record
from .store import Damaged, RunStore, StoreError
from .trial import TrialRecord
from .verdict import Verdict

T = TypeVar("T")

PARTS = ("work_done", "no_collateral", "no_breach", "report_true", "in_time", "in_cost")
"""The parts of a verdict; the column `parts` has a bit for each that holds, the first the lowest."""

_COLUMNS = (
    "trial TEXT PRIMARY KEY, stamp INTEGER, task TEXT, seed INTEGER, repeat INTEGER, agent TEXT, "
    "ending TEXT, error INTEGER, delegable INTEGER, partial REAL, false_done INTEGER, "
    "steps INTEGER, tokens INTEGER, cost_usd REAL, seconds REAL, message TEXT, "
    "instance TEXT, task_digest TEXT, expected TEXT, parts INTEGER, honest_block INTEGER, "
    "confidence REAL, spent_tokens INTEGER, spent_usd REAL, sha256 TEXT"
)
_LAYOUT = 2


class TrialRow(Record):
    """A trial that is over, as a list shows it."""

    trial: str
    task: str
    seed: int
    repeat: int
    agent: str
    ending: str
    error: bool
    delegable: bool
    partial: float
    false_done: bool
    steps: int
    tokens: int
    cost_usd: float | None
    seconds: float
    message: str


def trial_rows(store: RunStore) -> list[TrialRow]:
    """All trials of a run that are over, by id. Reads only what changed since the last call."""

    def rows(index: sqlite3.Connection) -> list[TrialRow]:
        index.row_factory = sqlite3.Row
        found = _select(index, TrialRow.model_fields)
        return [TrialRow.model_validate(dict(row)) for row in found]

    return _read(store, rows)


def read_columns(
    store: RunStore, columns: Iterable[str], take: Callable[[Iterator[tuple[Any, ...]]], T]
) -> T:
    """What `take` makes of these columns of all trials that are over, by id, a tuple each."""
    return _read(store, lambda index: take(_select(index, columns)))


def _read(store: RunStore, read: Callable[[sqlite3.Connection], T]) -> T:
    path = store.folder / "index.sqlite"
    try:
        return _read_at(path, store, read)
    except sqlite3.OperationalError:
        # A full disk, a folder that cannot be written, a lock that is not given back.
        return _read_at(":memory:", store, read)
    except sqlite3.DatabaseError:
        path.unlink()
        return _read_at(path, store, read)


def _read_at(path: Path | str, store: RunStore, read: Callable[[sqlite3.Connection], T]) -> T:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as index:
        _prepare(index)
        _refresh(index, store)
        return read(index)


def _select(index: sqlite3.Connection, columns: Iterable[str]) -> Iterator[Any]:
    return index.execute(f"SELECT {', '.join(columns)} FROM trials ORDER BY trial")


def _prepare(index: sqlite3.Connection) -> None:
    layout = index.execute("PRAGMA user_version").fetchone()[0]
    if layout not in (0, _LAYOUT):
        index.execute("DROP TABLE IF EXISTS trials")
    index.execute(f"CREATE TABLE IF NOT EXISTS trials ({_COLUMNS})")
    index.execute(f"PRAGMA user_version = {_LAYOUT}")


def _refresh(index: sqlite3.Connection, store: RunStore) -> None:
    known = dict(index.execute("SELECT trial, stamp FROM trials").fetchall())
    present = dict(_stamps(store.folder / "trials"))
    changed = [trial for trial, stamp in present.items() if known.get(trial) != stamp]
    gone = [trial for trial in known if trial not in present]
    if not changed and not gone:
        return
    index.execute("BEGIN IMMEDIATE")
    index.executemany("DELETE FROM trials WHERE trial = ?", [(trial,) for trial in gone])
    expected: dict[tuple[str, int], str | None] = {}
    marks = ", ".join("?" * len(_COLUMNS.split(",")))
    for trial in changed:
        try:
            record, sha256 = store.trial_with_digest(trial)
        except Damaged:
            index.execute("DELETE FROM trials WHERE trial = ?", (trial,))
            continue
        key = (record.plan.task, record.plan.seed)
        if key not in expected:
            expected[key] = _expected(store, *key)
        values = _values(record, present[trial], expected[key], sha256)
        index.execute(f"INSERT OR REPLACE INTO trials VALUES ({marks})", values)
    index.execute("COMMIT")


def _stamps(trials: Path) -> Iterator[tuple[str, int]]:
    if not trials.exists():
        return
    with os.scandir(trials) as entries:
        for entry in entries:
            try:
                stat = os.stat(os.path.join(entry.path, "trial.json"))
            except (FileNotFoundError, NotADirectoryError):
                continue
            yield entry.name, stat.st_mtime_ns ^ stat.st_size


def _expected(store: RunStore, task: str, seed: int) -> str | None:
    """The status of a right report on this instance; None where that was not kept."""
    try:
        return store.instance(task, seed).expected
    except StoreError:
        return None


def _values(
    record: TrialRecord, stamp: int, expected: str | None, sha256: str
) -> tuple[object, ...]:
    verdict, spent = record.verdict, record.spent
    return (
        record.plan.id,
        stamp,
        record.plan.task,
        record.plan.seed,
        record.plan.repeat,
        record.plan.agent,
        record.ending.value,
        record.error,
        record.delegable,
        verdict.partial if verdict else 0.0,
        bool(verdict and verdict.false_done),
        record.steps,
        record.usage.input + record.usage.output,
        record.usage.cost_usd,
        record.timing.work,
        record.message,
        record.instance,
        record.task_digest,
        expected,
        _parts(verdict) if verdict else 0,
        bool(verdict and verdict.honest_block),
        record.confidence,
        spent.input + spent.output,
        spent.cost_usd,
        sha256,
    )


def _parts(verdict: Verdict) -> int:
    return sum(bool(getattr(verdict, name)) << bit for bit, name in enumerate(PARTS))
