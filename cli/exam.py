"""An exam on the command line: what `offsite run hle` asks for, and how its results are shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..records.leaderboard import Entry
    from ..records.run import LimitOverrides, RunRecord

COLUMNS = (
    "agent",
    "answered",
    "accuracy",
    "RMS calibration error",
    "as published",
    "errors",
    "cost",
    "of it judge",
    "time",
)


def is_exam(patterns: Sequence[str]) -> bool:
    """Whether these name questions of the exam instead of tasks."""
    from ..tasks.exam import SUITE

    return any(pattern.strip("/").partition("/")[0] == SUITE for pattern in patterns)


def exam_plan(
    patterns: Sequence[str],
    agents: list[str],
    models: list[str],
    options: list[str],
    *,
    dataset: Path | None,
    judge: str | None,
    foreign: dict[str, Any],
    repeats: int,
    concurrency: int | None,
    limits: LimitOverrides,
    max_attempts: int,
) -> RunRecord:
    """The plan of an exam, all of it checked: a missing key is told before anything starts.

    Args:
        foreign: options of `offsite run` that an exam has no use for, with what was given.

    Raises:
        InputError: something is missing, or does not apply.
    """
    from ..agents.models import check_model, doubt_name
    from ..records.errors import InputError
    from ..runner.exam import make_exam_plan
    from ..tasks.exam import SUITE, load_exam, select_questions
    from .options import default_concurrency
    from .running import agent_specs
    from .text import tell

    for name, given in foreign.items():
        if given:
            raise InputError(f"--{name}: does not apply to {SUITE}: its questions need no desk")
    if not all(pattern.strip("/").partition("/")[0] == SUITE for pattern in patterns):
        raise InputError(f"a run is of one suite, and not all of {', '.join(patterns)} is {SUITE}")
    if dataset is None:
        raise InputError(
            f"{SUITE}: the questions are yours to bring: --dataset FILE (JSONL or Parquet in the "
            "layout of cais/hle), or OFFSITE_HLE"
        )
    if judge is None:
        raise InputError(f"{SUITE}: --judge provider:name: a model must judge the answers")
    exam = load_exam(dataset)
    questions = select_questions(exam, patterns)
    specs = agent_specs(agents, models, options, {})
    for spec in specs:
        if spec.name != "ask":
            raise InputError(f"{SUITE}: --agent {spec.name}: an exam is taken by the agent `ask`")
    check_model(judge)
    if doubt := doubt_name(judge):
        tell(doubt)
    return make_exam_plan(
        exam,
        questions,
        specs,
        judge,
        repeats=repeats,
        concurrency=concurrency or default_concurrency(),
        limits=limits,
        max_attempts=max_attempts,
    )


def print_exam(run: RunRecord, entries: Sequence[Entry]) -> None:
    """Print an exam's table: accuracy and calibration beside what it cost."""
    from .text import counted, duration, harmless, money, print_columns, share

    judges = ", ".join(sorted({judge for entry in entries for judge in entry.judges})) or "nobody"
    print(
        harmless(
            f"{run.id}  {counted(len(run.tasks), 'question')}, judged by {judges} "
            "(accuracy with 95 % interval)\n"
        )
    )
    rows = [
        (
            f"{entry.agent} ({entry.model})",
            f"{entry.delegable.n if entry.delegable else 0}/{entry.planned}",
            share(entry.delegable),
            *_calibration(entry),
            entry.errors,
            money(entry.cost_usd),
            money(entry.judging_usd),
            duration(entry.work_seconds),
        )
        for entry in entries
    ]
    print_columns(COLUMNS, rows, COLUMNS[1:])
    print()


def _calibration(entry: Entry) -> tuple[str, str]:
    """The error over all answers, with their number, and as the exam's published code has it."""
    found = entry.calibration
    if found is None:
        return "–", "–"
    ranked = f"{found.rms_error_ranked:.0%} (n={found.brier.n})"
    return ranked, "–" if found.rms_error_hle is None else f"{found.rms_error_hle:.0%}"
