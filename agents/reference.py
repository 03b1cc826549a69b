"""Agents without a model, that the others and the graders are measured against."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError

from ..records.agent_spec import AgentSpec
from ..records.base import Record
from ..records.endings import Ending
from ..records.evidence import Evidence, EvidenceError, load_evidence
from ..records.report import Report, Status
from ..records.trajectory import (
    Event,
    ModelCall,
    Observation,
    Opened,
    ToolCall,
    TrajectoryError,
    read_trajectory,
)
from ..tasks.model import Task
from ..tasks.solvers import REPORT_MARK, solver_script, wrong_solvers
from .edits import EditFailed, edit_file, write_file
from .errors import AgentSpecError, unknown
from .protocol import Agent, AgentFailed, Assignment, Desk


class _CarelessOptions(Record):
    wrong: str | None = Field(default=None, description="This wrong solver, instead of the seed's.")


class _ReplayOptions(Record):
    trial: Path = Field(description="The folder of the trial that is done again.")


class _NoOpOptions(Record):
    status: Status = Field(default="done", description="What it reports.")


class _NoOptions(Record):
    pass


def make_reference(spec: AgentSpec, tasks: Mapping[str, Task]) -> Agent:
    """`oracle`, `no-op`, `careless` or `replay`.

    Raises:
        AgentSpecError: an option is wrong.
    """
    kinds: dict[str, type[Record]] = {
        "careless": _CarelessOptions,
        "no-op": _NoOpOptions,
        "replay": _ReplayOptions,
    }
    try:
        options = kinds.get(spec.name, _NoOptions).model_validate(spec.options)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise AgentSpecError(f"{spec.name}: option {field}: {first['msg']}") from error
    if isinstance(options, _CarelessOptions):
        for task in tasks.values() if options.wrong else ():
            _wrong_solver(task, options.wrong, seed=0)
        return Careless(tasks, options.wrong)
    if isinstance(options, _ReplayOptions):
        if not (options.trial / "trajectory.jsonl").is_file():
            raise AgentSpecError(f"replay: option trial: {options.trial} is no trial's folder")
        _recorded(options.trial)
        return Replay(options.trial)
    if isinstance(options, _NoOpOptions):
        return NoOp(options.status)
    return Oracle(tasks)


@dataclass
class Oracle:
    """Does the task with its author's solution, from what lies on the desk."""

    tasks: Mapping[str, Task]
    name: str = "oracle"

    async def work(self, assignment: Assignment, desk: Desk) -> Report:
        """Run `solution.py` at the desk."""
        script = solver_script(self.tasks[assignment.task])
        return await _solve(script, self.name, assignment, desk)


@dataclass
class Careless:
    """Makes a mistake that real workers make: one of the task's wrong solvers.

    `wrong` names it; without it the seed chooses, so that a suite meets many.
    """

    tasks: Mapping[str, Task]
    wrong: str | None = None
    name: str = "careless"

    async def work(self, assignment: Assignment, desk: Desk) -> Report:
        """Run a function of `wrong.py` at the desk."""
        task = self.tasks[assignment.task]
        wrong = _wrong_solver(task, self.wrong, assignment.seed)
        return await _solve(solver_script(task, wrong), wrong, assignment, desk)


def _wrong_solver(task: Task, wanted: str | None, seed: int) -> str:
    names = sorted(wrong_solvers(task))
    if wanted is not None and wanted not in names:
        raise unknown(f"wrong solver of {task.id}", wanted, names)
    return wanted or names[seed % len(names)]


@dataclass
class NoOp:
    """Does nothing, and says that it is done: what a grader must never let pass."""

    status: Status = "done"
    name: str = "no-op"

    async def work(self, assignment: Assignment, desk: Desk) -> Report:
        """Hand in the report at once."""
        desk.step()
        return Report(status=self.status, confidence=0.5, summary="Nothing was done.")


@dataclass
class Replay:
    """Does again what was done in another trial: its commands and edits, then its report.

    Of a trial that was done by one script (oracle, careless) the archived result is laid on the
    desk instead. On the same instance this gives the same end; on another one it must not pass.
    """

    trial: Path
    name: str = "replay"

    async def work(self, assignment: Assignment, desk: Desk) -> Report | None:
        """Go through the recorded actions in order."""
        events, evidence = _recorded(self.trial)
        with_model = any(isinstance(event, ModelCall) for event in events)
        refused = {e.call for e in events if isinstance(e, Observation) and e.error}
        for event in events:
            if isinstance(event, ModelCall) or (isinstance(event, ToolCall) and not with_model):
                desk.step()
            if isinstance(event, ToolCall) and event.call not in refused:
                await _again(event, evidence, desk)
        return evidence.report


def _recorded(trial: Path) -> tuple[Sequence[Event], Evidence]:
    try:
        events = list(read_trajectory(trial / "trajectory.jsonl"))
        return _at_last_desk(events), load_evidence(trial / "evidence.tar.zst")
    except (OSError, EvidenceError, TrajectoryError) as error:
        raise AgentSpecError(f"replay: {trial} cannot be replayed: {error}") from error


def _at_last_desk(events: Sequence[Event]) -> Sequence[Event]:
    """What was done since the last fresh desk: earlier attempts left nothing on it."""
    fresh = [n for n, event in enumerate(events) if isinstance(event, Opened) and not event.resumed]
    return events[fresh[-1] :] if fresh else events


async def _again(action: ToolCall, evidence: Evidence, desk: Desk) -> None:
    given = {name: str(value) for name, value in action.arguments.items()}
    try:
        match action.tool:
            case "shell":
                await desk.shell(given["command"], timeout=float(given.get("timeout", 120)))
            case "write_file":
                await write_file(desk, given["path"], given["content"].encode())
            case "edit_file":
                await edit_file(desk, given["path"], given["old"], given["new"])
            case "script":
                await _put_back(evidence, desk)
            case _:
                pass  # Reading changes nothing.
    except (EditFailed, OSError, KeyError, ValueError):
        pass  # It fails here as it may have failed there; the observation says so.


async def _put_back(evidence: Evidence, desk: Desk) -> None:
    """Lay what a script left on the desk, without the script."""
    for write in evidence.writes:
        content = evidence.files.get(write.path)
        if write.change == "deleted":
            quoted = "'" + write.path.replace("'", "'\\''") + "'"
            await desk.shell(f"rm -rf -- {quoted}")
        elif content is not None:
            await write_file(desk, write.path, content)
        elif write.sha256 is not None:
            desk.note(f"replay: {write.path} was not archived and is missing here")


async def _solve(script: str, name: str, assignment: Assignment, desk: Desk) -> Report:
    """Run a solver and read the report that it prints.

    Raises:
        AgentFailed: the script failed or printed no report.
    """
    desk.step()
    # The trial's deadline ends it; a limit of its own must not come first.
    timeout = assignment.limits.wall_seconds + 60
    result = await desk.script(script, tool=name, timeout=timeout)
    if result.exit_code != 0:
        how = "ran out of time" if result.timed_out else f"exited with {result.exit_code}"
        raise AgentFailed(Ending.AGENT_CRASHED, f"{name} {how}:\n{result.text[-2000:]}")
    lines = [line for line in result.text.splitlines() if line.startswith(REPORT_MARK)]
    if not lines:
        raise AgentFailed(Ending.AGENT_CRASHED, f"{name} printed no report:\n{result.text[-2000:]}")
    try:
        return Report.model_validate(json.loads(lines[-1].removeprefix(REPORT_MARK)))
    except ValueError as error:
        raise AgentFailed(Ending.AGENT_CRASHED, f"{name}: not a report: {error}") from error
