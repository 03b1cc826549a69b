"""Checking a published leaderboard: the files behind it, its verdicts, its numbers.

Nothing that a bundle brings along is believed or run: graders and worlds are those of the suites
at hand, truth is made anew from task and seed, the index is made anew from the trials' files.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ..records.endings import Ending
from ..records.leaderboard import Entry, Leaderboard
from ..records.run import RunRecord
from ..records.store import RunStore, StoreError
from ..records.trajectory import Archived, Ended, read_trajectory
from ..records.trial import TrialRecord
from ..sandboxes import provider
from ..scoring.leaderboard import digest_over, file_digests, run_entries
from ..tasks.loader import find_suites, load_suite
from ..tasks.model import Task
from ..tasks.process import ProcessKilled
from .history import TRAJECTORY
from .instances import Instances, WorldBroken
from .opening import Context
from .plan import task_ref
from .regrade import Regraded, regrade

ROUNDED = 0.001
"""Seconds by which a record's time may differ from the trajectory's: it is rounded."""


@dataclass(frozen=True)
class Fault:
    """What is not as it must be: the file or field, what was expected, and what was found."""

    what: str
    expected: object
    found: object


@dataclass(frozen=True)
class Checked:
    """A run, an instance, a trial or an entry that was checked, and what is wrong with it."""

    name: str
    faults: tuple[Fault, ...] = field(default=())


async def verify(
    board: Leaderboard,
    find: Callable[[str], RunStore | None],
    suites: tuple[Path, ...] = (),
) -> AsyncIterator[Checked]:
    """Check all of a leaderboard: digests, instances, verdicts by grading again, and totals.

    Args:
        find: the folder of a run, by its id.
        suites: further folders with suites, for runs of suites that do not ship with Offsite.
    """
    for id in sorted({run for entry in board.entries for run in entry.runs}):
        entries = [entry for entry in board.entries if id in entry.runs]
        store = find(id)
        if store is None:
            yield Checked(f"run {id}", (Fault("folder", "at hand", "not found"),))
            continue
        with _without_index(store) as clean:
            async for checked in _run(clean, entries, suites):
                yield checked


async def _run(
    store: RunStore, entries: list[Entry], suites: tuple[Path, ...]
) -> AsyncIterator[Checked]:
    try:
        run = store.run()
        digest = digest_over(store, file_digests(store))
    except StoreError as error:
        yield Checked(f"run {store.id}", (Fault("run.json", "a run", str(error)),))
        return
    told = {entry.runs[run.id] for entry in entries if run.id in entry.runs}
    faults = [Fault("digest over its files", one, digest) for one in sorted(told - {digest})]
    tasks, missing = _tasks(run, suites)
    yield Checked(f"run {run.id}", (*faults, *missing))
    for checked in _names(store):
        yield checked
    if not missing:
        place = provider(run.sandbox, unsafe=run.unsafe_local)
        context = Context(store, run, place, tasks, Instances())
        async for checked in _verdicts(context):
            yield checked
    for entry in entries:
        yield _entry(store, entry)


def _names(store: RunStore) -> Iterator[Checked]:
    """Trials that cannot be read, and those that lie under another's name."""
    for trial, cause in store.corrupt():
        yield Checked(f"trial {trial}", (Fault("trial.json", "a trial", cause),))
    for name, _ in file_digests(store):
        record = store.trial(name)
        if record and record.plan.id != name:
            yield Checked(f"trial {name}", (Fault("plan.id", name, record.plan.id),))


def _tasks(run: RunRecord, roots: tuple[Path, ...]) -> tuple[Mapping[str, Task], tuple[Fault, ...]]:
    """The run's tasks from the suites at hand: never from a folder that the run names.

    An exam's questions are no tasks, and its file is not published.
    """
    suites = find_suites(roots)
    folder = suites.get(run.suite.name)
    if run.judge is not None:
        faults = (
            (Fault("suite", "an exam", f"{run.suite.name}, which has tasks"),) if folder else ()
        )
        return {}, faults
    if folder is None:
        return {}, (Fault("suite", f"{run.suite.name}, by --suites FOLDER", "not at hand"),)
    suite = load_suite(folder)
    there = {task.id: task for task in suite.tasks}
    want = {"version": suite.version, "digest": suite.digest}
    got = {"version": run.suite.version, "digest": run.suite.digest}
    faults = list(_differences("suite", want, got))
    faults += _differences(
        "whole_suite", {ref.id for ref in run.tasks} == set(there), run.whole_suite
    )
    for ref in run.tasks:
        planned = task_ref(there[ref.id], run.limits).model_dump() if ref.id in there else None
        faults += _differences(f"task {ref.id}", planned, ref.model_dump())
    return there, tuple(faults)


async def _verdicts(context: Context) -> AsyncIterator[Checked]:
    """Each instance and each trial of a run."""
    records = {record.plan.id: record for record in context.store.trials()}
    used = sorted({(r.plan.task, r.plan.seed) for r in records.values() if r.verdict})
    for task, seed in used:
        yield await _instance(context, task, seed)
    # Graded on the truth that was kept: it is the right one, or there is a fault already.
    async for again in regrade(context, write=False):
        record = records[again.trial]
        yield Checked(f"trial {again.trial}", tuple(_trial(context, record, again)))


async def _instance(context: Context, task: str, seed: int) -> Checked:
    name = f"instance {task}@{seed}"
    try:
        kept = context.store.instance(task, seed)
        if context.run.judge is not None:
            planned = context.run.task(task).digest
            faults = () if kept.digest == planned else (Fault("digest", planned, kept.digest),)
            return Checked(name, faults)
        made = await context.instances.get(context.tasks[task], seed)
    except (StoreError, WorldBroken, ProcessKilled) as error:
        return Checked(name, (Fault("file", "an instance", str(error)),))
    pairs = {
        "digest": (made.digest, kept.digest),
        "truth": (dict(made.truth), dict(kept.truth)),
        "expected": (made.expected, kept.expected),
    }
    faults = [Fault(what, want, got) for what, (want, got) in pairs.items() if want != got]
    return Checked(name, tuple(faults))


def _trial(context: Context, record: TrialRecord, again: Regraded) -> Iterator[Fault]:
    planned = {plan.id: plan for plan in context.run.trials}
    folder = context.store.folder / "trials" / record.plan.id
    if record.run != context.run.id:
        yield Fault("run", context.run.id, record.run)
    if planned.get(record.plan.id) != record.plan:
        yield Fault("plan", planned.get(record.plan.id), record.plan)
    yield from _trajectory(folder, record)
    match again.outcome:
        case "changed":
            before = again.before.model_dump() if again.before else None
            after = again.after.model_dump() if again.after else None
            yield from _differences("verdict", after, before)
        case "damaged":
            yield Fault("evidence.tar.zst", record.evidence_sha256, again.message)
        case "grader broken":
            yield Fault("verdict", "a grader that works", again.message)
        case "same":
            pass
        case "not graded":
            if again.before is not None:
                yield Fault("verdict", "none: the work was not to be graded", "a verdict")


def _trajectory(folder: Path, record: TrialRecord) -> Iterator[Fault]:
    """Its digest, and that the record says of the work what the trajectory says of it."""
    found = _sha256(folder / TRAJECTORY)
    if found != record.trajectory_sha256:
        yield Fault(TRAJECTORY, record.trajectory_sha256, found)
        return
    archived = ended = None
    for event in read_trajectory(folder / TRAJECTORY):
        archived = event if isinstance(event, Archived) else archived
        ended = event if isinstance(event, Ended) else ended
    if ended is not None and ended.ending is not Ending.GRADER_BROKEN:
        yield from _differences("ending", ended.ending.value, record.ending.value)
    if archived is None:
        if record.verdict is not None:
            yield Fault("verdict", "none: no work was archived", "a verdict")
        return
    told: dict[str, Any] = archived.model_dump(
        include={"seconds", "usage", "evidence_sha256", "ending"}
    )
    kept: dict[str, Any] = {
        "seconds": record.timing.work,
        "usage": record.usage.model_dump(),
        "evidence_sha256": record.evidence_sha256,
        "ending": record.work_ending,
    }
    if abs(archived.seconds - record.timing.work) < ROUNDED:
        told["seconds"] = kept["seconds"]
    yield from _differences("", told, kept)


def _entry(store: RunStore, entry: Entry) -> Checked:
    """The entry's numbers, taken from the trials anew."""
    name = f"entry {entry.agent} {entry.model or ''}".strip() + f" on {entry.suite}"
    grader = entry.corrected.grader if entry.corrected else None
    key = (entry.agent, entry.model, entry.options)
    made = [e for e in run_entries(store, grader) if (e.agent, e.model, e.options) == key]
    if not made:
        return Checked(name, (Fault("agent", "in the run's plan", "not there"),))
    want, got = made[0].model_dump(mode="json"), entry.model_dump(mode="json")
    want["runs"] = got["runs"]  # Told with the run.
    return Checked(name, tuple(_differences("", want, got)))


def _differences(where: str, expected: Any, found: Any) -> Iterator[Fault]:
    """The fields in which two JSON values differ, each by its path."""
    if isinstance(expected, dict) and isinstance(found, dict):
        left, right = cast("dict[str, Any]", expected), cast("dict[str, Any]", found)
        for key in [*left, *(k for k in right if k not in left)]:
            path = f"{where}.{key}" if where else key
            yield from _differences(path, left.get(key), right.get(key))
    elif isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        first, second = cast("list[Any]", expected), cast("list[Any]", found)
        if len(first) != len(second):
            yield Fault(f"{where}, its number", len(first), len(second))
        for number, pair in enumerate(zip(first, second, strict=False)):
            yield from _differences(f"{where}[{number}]", *pair)
    elif expected != found:
        yield Fault(where, cast("object", expected), cast("object", found))


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return error.strerror or str(error)


@contextmanager
def _without_index(store: RunStore) -> Generator[RunStore]:
    """The run's own files in a folder without its index, which is a cache that anybody can write."""
    with tempfile.TemporaryDirectory(prefix="offsite-verify-") as made:
        folder = Path(made) / store.folder.name
        folder.mkdir()
        for name in ("run.json", "trials", "instances"):
            if (store.folder / name).exists():
                (folder / name).symlink_to((store.folder / name).resolve())
        yield RunStore(folder)
