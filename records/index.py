"""`index.sqlite`: a cache for listing a run quickly. It can be deleted at any time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from .base import Record
from .store import Damaged, RunStore
from .trial import TrialRecord

_COLUMNS = (
    "trial TEXT PRIMARY KEY, stamp INTEGER, task TEXT, seed INTEGER, repeat INTEGER, agent TEXT, "
    "ending TEXT, error INTEGER, delegable INTEGER, partial REAL, false_done INTEGER, "
    "steps INTEGER, tokens INTEGER, cost_usd REAL, seconds REAL, message TEXT"
)
_LAYOUT = 1


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
    path = store.folder / "index.sqlite"
    try:
        return _rows(path, store)
    except sqlite3.OperationalError:
        # A full disk, a folder that cannot be written, a lock that is not given back.
        return _rows(":memory:", store)
    except sqlite3.DatabaseError:
        path.unlink()
        return _rows(path, store)


def _rows(path: Path | str, store: RunStore) -> list[TrialRow]:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as index:
        _prepare(index)
        _refresh(index, store)
        index.row_factory = sqlite3.Row
        rows = index.execute(
            f"SELECT {', '.join(TrialRow.model_fields)} FROM trials ORDER BY trial"
        )
        return [TrialRow.model_validate(dict(row)) for row in rows]


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
    for trial in changed:
        try:
            record = store.trial(trial)
        except Damaged:
            index.execute("DELETE FROM trials WHERE trial = ?", (trial,))
            continue
        if record is not None:
            marks = ", ".join("?" * 16)
            values = _values(record, present[trial])
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


def _values(record: TrialRecord, stamp: int) -> tuple[object, ...]:
    verdict = record.verdict
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
    )
