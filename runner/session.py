"""Opening a run for work: its tasks, its provider, its lock, its control socket."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from ..records.errors import InputError
from ..records.run import RunRecord
from ..records.store import RunStore
from ..sandboxes import Provider, SandboxError, provider
from ..tasks.loader import find_suites, load_suite
from ..tasks.model import Task
from .control import serve
from .engine import Engine
from .exam import questions_of
from .instances import Instances
from .leftovers import remove_leftovers
from .opening import Context


@asynccontextmanager
async def open_engine(
    store: RunStore, *, place: Provider, concurrency: int | None = None
) -> AsyncGenerator[Engine, None]:
    """An engine for a run, ready to `work`; everything is given back at the end.

    What dead processes left behind is removed first, but for the desks at which this run's
    interrupted trials can go on.

    Raises:
        RunBusy: another process works on the run.
        EngineUnavailable: the sandbox provider cannot work here.
        InputError: the images, the suite or a task are not those of the run's plan any more.
    """
    run = store.run()
    owner = str(store.folder.resolve())
    with store.lock():
        await _prepare(run, place)
        keep = {path.parent.name for path in store.folder.glob("trials/*/checkpoint.sqlite")}
        await remove_leftovers(place, owner=owner, keep_trials=keep)
        context = open_context(store, place)
        if run.judge is not None:
            context = replace(context, questions=questions_of(run))
        engine = Engine(context, concurrency or run.concurrency)
        try:
            async with serve(engine):
                yield engine
        finally:
            with suppress(SandboxError):  # The next start removes them by their label.
                await remove_leftovers(place, owner=owner)


async def _prepare(run: RunRecord, place: Provider) -> None:
    """Make sure that the images are there, and are those that the run began with."""
    for image, planned in sorted(run.images.items()):
        found = await place.prepare(image)
        if planned and found != planned:
            raise InputError(
                f"image {image}: is {found} by now, and the run began with {planned}; trials on "
                "both cannot be compared: begin a new run"
            )


def open_context(store: RunStore, place: Provider | None = None) -> Context:
    """What all trials of a run share; without a sandbox it serves to grade again.

    Raises:
        InputError: the run's suite or one of its tasks is not there any more.
    """
    run = store.run()
    place = place or provider(run.sandbox, unsafe=run.unsafe_local)
    return Context(store, run, place, tasks_of(run), Instances())


def tasks_of(run: RunRecord) -> Mapping[str, Task]:
    """The tasks of a run, by id, as they are now; none of an exam, whose questions are no tasks.

    Raises:
        InputError: the run's suite or one of its tasks is not there any more.
    """
    if run.judge is not None:
        return {}
    if run.suite.folder is not None:
        folder = Path(run.suite.folder)
        if not folder.is_dir():
            raise InputError(f"{folder}: the run's suite is not there any more")
    else:
        suites = find_suites()
        if run.suite.name not in suites:
            raise InputError(f"the run's suite {run.suite.name} does not ship with this Offsite")
        folder = suites[run.suite.name]
    there = {task.id: task for task in load_suite(folder).tasks}
    missing = [task.id for task in run.tasks if task.id not in there]
    if missing:
        raise InputError(f"{folder}: the run's task {missing[0]} is not there any more")
    return {task.id: there[task.id] for task in run.tasks}


def changed_tasks(run: RunRecord, tasks: Mapping[str, Task]) -> list[str]:
    """Ids of the tasks whose files differ from those that the run was planned with."""
    return [ref.id for ref in run.tasks if ref.id in tasks and tasks[ref.id].digest != ref.digest]
