"""Where the scores come from that a horizon is taken over: a run, or a file in METR's layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from ..records.errors import InputError
from ..records.run import RunRecord
from .horizon import Scores
from .table import Floats, Trials


def trial_scores(run: RunRecord, trials: Trials, score: Floats | None = None) -> Scores:
    """A run's trials, the delegable ones with a score of 1.

    Args:
        score: another one, of each trial.

    Raises:
        InputError: the run is an exam: nobody knows how long its questions take people.
    """
    if run.judge is not None:
        raise InputError(f"run {run.id} is an exam: it has no human minutes, and so no horizon")
    family = {task.id: task.family for task in run.tasks}
    minutes = {task.id: task.human_minutes for task in run.tasks}
    return Scores(
        agent=trials.agent.tolist(),
        family=[family[task] for task in trials.task],
        task=trials.task.tolist(),
        minutes=[minutes[task] for task in trials.task],
        score=trials.delegable.astype(float) if score is None else score,
    )


class _MetrRun(BaseModel):
    """What is needed of a line of METR's runs.jsonl."""

    alias: str
    task_family: str
    task_id: str
    human_minutes: float = Field(gt=0)
    score_binarized: float = Field(ge=0, le=1)
    score_cont: float | None = Field(default=None, ge=0, le=1)


def read_metr_runs(path: Path, *, fractional: bool = False) -> Scores:
    """The trials of a file in the layout of METR's runs.jsonl; weights are computed anew.

    Source: METR/eval-analysis-public, README.md, "Data Format".

    Args:
        fractional: take `score_cont`, where there is one, instead of `score_binarized`.

    Raises:
        InputError: a line is not of this layout.
    """
    runs = list(_metr_lines(path))
    if not runs:
        raise InputError(f"{path}: has no line")
    return Scores(
        agent=[run.alias for run in runs],
        family=[run.task_family for run in runs],
        task=[run.task_id for run in runs],
        minutes=[run.human_minutes for run in runs],
        score=[
            run.score_cont if fractional and run.score_cont is not None else run.score_binarized
            for run in runs
        ],
    )


def joined(tables: Sequence[Scores]) -> Scores:
    """All trials of several tables."""
    columns: dict[str, list[Any]] = {
        name: [value for table in tables for value in getattr(table, name)]
        for name in ("agent", "family", "task", "minutes", "score")
    }
    return Scores(**columns)


def _metr_lines(path: Path) -> Iterator[_MetrRun]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                yield _MetrRun.model_validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(map(str, first["loc"]))
                raise InputError(f"{path}:{number}: {field}: {first['msg']}") from error
