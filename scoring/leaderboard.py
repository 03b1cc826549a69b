"""From runs to leaderboard entries."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..agents.prices import find_model
from ..records.agent_spec import AgentSpec
from ..records.errors import InputError
from ..records.leaderboard import Entry, FamilyRate, Leaderboard, Rate
from ..records.run import RunRecord
from ..records.store import RunStore
from ..records.trial import TrialRecord
from .statistics import calibration, mean, pass_hat_k, rate

MAX_K = 8
"""pass^k is given for k = 1, 2, 4, 8 as far as the repeats allow."""


def build_leaderboard(stores: Iterable[RunStore]) -> Leaderboard:
    """One entry for every agent of every run; the same runs give the same leaderboard.

    Raises:
        InputError: a run is named twice, or a copy of it beside it.
    """
    entries: list[Entry] = []
    seen: dict[str, Path] = {}
    for store in stores:
        id = store.run().id
        if id in seen:
            raise InputError(f"run {id} is named twice: {seen[id]} and {store.folder}")
        seen[id] = store.folder
        entries += run_entries(store)
    return Leaderboard(entries=tuple(sorted(entries, key=_rank)))


def run_entries(store: RunStore) -> list[Entry]:
    """The entries of one run, one for each of its agents."""
    run = store.run()
    records = list(store.trials())
    digest = run_digest(run, records)
    groups: dict[str, list[TrialRecord]] = defaultdict(list)
    for record in records:
        groups[record.plan.agent].append(record)
    return [_entry(run, agent, groups[agent.slug], digest) for agent in run.agents]


def run_digest(run: RunRecord, records: Sequence[TrialRecord]) -> str:
    """sha256 over the plan and all trial records, in the order of their ids."""
    whole = hashlib.sha256(_canonical(run.model_dump(mode="json")))
    for record in sorted(records, key=lambda r: r.plan.id):
        whole.update(_canonical(record.model_dump(mode="json")))
    return whole.hexdigest()


def _entry(run: RunRecord, agent: AgentSpec, records: Sequence[TrialRecord], digest: str) -> Entry:
    judged = [(r, r.verdict) for r in records if r.verdict is not None]
    tasks = [r.plan.task for r, _ in judged]
    outcomes = [v.delegable for _, v in judged]
    planned = sum(plan.agent == agent.slug for plan in run.trials)
    minutes = {task.id: task.human_minutes for task in run.tasks}
    spent = [r.spent for r in records]
    costs = [usage.cost_usd for usage in spent]
    model = find_model(agent.model) if agent.model else None
    return Entry(
        agent=agent.name,
        model=agent.model,
        options={name: json.dumps(value) for name, value in sorted(agent.options.items())},
        developer=model.developer if model else None,
        country=model.country if model else None,
        released=model.released if model else None,
        suite=run.suite.name,
        suite_version=run.suite.version,
        suite_digest=run.suite.digest,
        whole_suite=run.whole_suite,
        tasks=len(run.tasks),
        graded_with=_graded_with(run, records),
        limits=run.limits,
        seeds=run.seeds,
        repeats=run.repeats,
        planned=planned,
        errors=sum(r.error for r in records),
        missing=planned - len(records),
        delegable=rate(outcomes, tasks) if judged else None,
        pass_hat=_pass_hat(judged_counts(records), run.repeats),
        partial=mean([v.partial for _, v in judged], tasks) if judged else None,
        false_done=rate([v.false_done for _, v in judged], tasks) if judged else None,
        calibration=calibration(
            [(r.report.confidence, v.delegable) for r, v in judged if r.report is not None],
            [r.plan.task for r, _ in judged if r.report is not None],
        ),
        cost_usd=None if None in costs else sum(cost or 0.0 for cost in costs),
        tokens=sum(usage.input + usage.output for usage in spent),
        work_seconds=round(sum(r.timing.work for r in records), 3),
        human_minutes=sum(minutes[r.plan.task] for r in records),
        families=_families(run, records),
        sandbox=run.sandbox,
        images=run.images,
        versions=run.versions,
        runs={run.id: digest},
    )


def _graded_with(run: RunRecord, records: Iterable[TrialRecord]) -> dict[str, tuple[str, ...]]:
    """The digests of the tasks whose verdicts were not given by the grader that was planned."""
    planned = {task.id: task.digest for task in run.tasks}
    found: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if record.verdict is not None:
            found[record.plan.task].add(record.task_digest)
    return {
        task: tuple(sorted(digests))
        for task, digests in sorted(found.items())
        if digests != {planned[task]}
    }


def judged_counts(records: Iterable[TrialRecord]) -> list[tuple[str, int, int]]:
    """For each instance: its task, and how many of its trials with a verdict are delegable, of how many."""
    counts: dict[tuple[str, int], tuple[int, int]] = {}
    for record in records:
        if record.verdict is not None:
            key = (record.plan.task, record.plan.seed)
            good, n = counts.get(key, (0, 0))
            counts[key] = (good + record.verdict.delegable, n + 1)
    return [(task, good, n) for (task, _), (good, n) in counts.items()]


def _pass_hat(counts: Sequence[tuple[str, int, int]], repeats: int) -> dict[str, Rate]:
    found: dict[str, Rate] = {}
    k = 1
    while k <= min(repeats, MAX_K):
        share = pass_hat_k(counts, k)
        if share is not None:
            found[str(k)] = share
        k *= 2
    return found


def _families(run: RunRecord, records: Sequence[TrialRecord]) -> tuple[FamilyRate, ...]:
    family = {task.id: task.family for task in run.tasks}
    groups: dict[str, list[TrialRecord]] = defaultdict(list)
    for record in records:
        if record.verdict is not None:
            groups[family[record.plan.task]].append(record)
    return tuple(
        FamilyRate(
            family=name,
            rate=rate([r.delegable for r in group], [r.plan.task for r in group]),
        )
        for name, group in sorted(groups.items())
    )


def _rank(entry: Entry) -> tuple[str, float, str, str, str]:
    value = entry.delegable.value if entry.delegable else -1.0
    return (entry.suite, -value, entry.agent, entry.model or "", min(entry.runs))


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode()
