"""The native worker: a model at the desk, led by a LangGraph graph."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from ...records.agent_spec import AgentSpec
from ...records.report import Report
from ..errors import AgentSpecError, unknown
from ..models import check_model
from ..protocol import Assignment, Desk
from .config import WorkerConfig


@dataclass
class Worker:
    """A model that works with its tools until it reports; see `graph` for how."""

    model: str
    config: WorkerConfig
    name: str = "worker"

    async def work(self, assignment: Assignment, desk: Desk) -> Report | None:
        """Do the assignment, from the last checkpoint on where it is resumed."""
        from .graph import work

        return await work(self.model, self.config, assignment, desk)


def make_worker(spec: AgentSpec) -> Worker:
    """The worker of this spec.

    Raises:
        AgentSpecError: no such model or option, or the provider's key is missing.
    """
    if spec.model is None:
        raise AgentSpecError("worker needs a model: --model provider:name")
    check_model(spec.model)
    for name in spec.options:
        if name not in WorkerConfig.model_fields:
            raise unknown("option of worker", name, WorkerConfig.model_fields)
    try:
        config = WorkerConfig.model_validate(spec.options)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise AgentSpecError(f"worker: option {field}: {first['msg']}") from error
    return Worker(spec.model, config)
