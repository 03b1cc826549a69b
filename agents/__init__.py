"""Who does it: the agent protocol and the one table of agents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..records.agent_spec import AgentSpec
from ..tasks.model import Task
from .errors import AgentSpecError, unknown
from .protocol import Agent


@dataclass(frozen=True)
class AgentEntry:
    """An agent as it stands in the table.

    Attributes:
        about: one line for people.
        needs_model: whether a model must be named with it.
        make: makes it; whatever is heavy is imported when it first works.
    """

    about: str
    needs_model: bool
    make: Callable[[AgentSpec, Mapping[str, Task]], Agent]


def make_agent(spec: AgentSpec, tasks: Mapping[str, Task]) -> Agent:
    """The agent of this spec. It keeps nothing between trials: one may do many at once.

    Args:
        tasks: by id, those that it may be given; only agents that belong to a task look there.

    Raises:
        AgentSpecError: no such agent, model, provider or option, or the key is missing.
    """
    if spec.name not in AGENTS:
        raise unknown("agent", spec.name, AGENTS)
    entry = AGENTS[spec.name]
    if entry.needs_model and spec.model is None:
        raise AgentSpecError(f"{spec.name} needs a model: --model provider:name")
    if not entry.needs_model and spec.model is not None:
        raise AgentSpecError(f"{spec.name} takes no model, and {spec.model} was given")
    return entry.make(spec, tasks)


def _reference(spec: AgentSpec, tasks: Mapping[str, Task]) -> Agent:
    from .reference import make_reference

    return make_reference(spec, tasks)


def _human(spec: AgentSpec, tasks: Mapping[str, Task]) -> Agent:
    from .human import Human

    for option in spec.options:
        raise AgentSpecError(f"human: takes no options, and {option} was given")
    return Human()


def _worker(spec: AgentSpec, tasks: Mapping[str, Task]) -> Agent:
    from .worker import make_worker

    return make_worker(spec)


AGENTS: dict[str, AgentEntry] = {
    "oracle": AgentEntry("does the task as its author would", False, _reference),
    "no-op": AgentEntry("does nothing and reports done", False, _reference),
    "careless": AgentEntry("makes one of the task's known mistakes", False, _reference),
    "replay": AgentEntry("repeats what another trial did", False, _reference),
    "human": AgentEntry("a person, or any program, through `offsite desk`", False, _human),
    "worker": AgentEntry("a model at the desk, with Offsite's own tools", True, _worker),
}
"""The one table of agents."""

REFERENCE = ("oracle", "no-op", "careless", "replay")
"""Those that prove tasks, by what the tasks' authors wrote: no ranking is theirs to win."""

__all__ = ["AGENTS", "REFERENCE", "Agent", "AgentEntry", "AgentSpecError", "make_agent"]
