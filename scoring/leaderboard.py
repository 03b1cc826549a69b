"""From runs to leaderboard entries."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from ..agents.prices import find_model
from ..records.agent_spec import AgentSpec
from ..records.errors import InputError
from ..records.leaderboard import Calibration, Entry, FamilyRate, GraderError, Leaderboard, Rate
from ..records.run import RunRecord
from ..records.store import Damaged, RunStore
from .calibration import calibration
from .exam import Judging, judging_of
from .grader_error import corrected_rate
from .horizon import horizons
from .rates import mean, rate
from .repeats import Counts, pass_at_k, pass_hat_k
from .scores import trial_scores
from .sensitivity import sensitivity
from .table import Trials, read_trials

MAX_K = 8
"""pass@k and pass^k are given for k = 1, 2, 4, 8 as far as the repeats allow."""


def build_leaderboard(stores: Iterable[RunStore], grader: GraderError | None = None) -> Leaderboard:
    """One entry for every agent of every run; the same runs give the same leaderboard.

    Args:
        grader: what an audit found of the suite's graders, to correct the rates by.

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
        entries += run_entries(store, grader)
    return Leaderboard(entries=tuple(sorted(entries, key=rank)))


def run_entries(store: RunStore, grader: GraderError | None = None) -> list[Entry]:
    """The entries of one run, one for each of its agents."""
    run, trials = store.run(), read_trials(store)
    digest, planned = run_digest(store, trials), Counter(plan.agent for plan in run.trials)
    return [
        _entry(
            run,
            agent,
            trials.where(trials.agent == agent.slug),
            planned=planned[agent.slug],
            digest=digest,
            grader=grader,
            judging=judging_of(store, agent.slug) if run.judge is not None else None,
        )
        for agent in run.agents
    ]


def run_digest(store: RunStore, trials: Trials) -> str:
    """sha256 over run.json and the sha256 of all trials' files, in the order of the trials' ids."""
    return digest_over(store, zip(trials.trial, trials.sha256, strict=True))


def digest_over(store: RunStore, trials: Iterable[tuple[str, str]]) -> str:
    """The same, of each trial's id and the sha256 of its file."""
    whole = hashlib.sha256((store.folder / "run.json").read_bytes())
    for id, sha256 in trials:
        whole.update(f"\n{id} {sha256}".encode())
    return whole.hexdigest()


def file_digests(store: RunStore) -> Iterator[tuple[str, str]]:
    """Each trial's id and the sha256 of its file as it lies there, past the index."""
    for name in sorted(path.name for path in (store.folder / "trials").glob("*")):
        if (store.folder / "trials" / name / "trial.json").is_file():
            try:
                yield name, store.trial_with_digest(name)[1]
            except Damaged:
                continue


def _entry(
    run: RunRecord,
    agent: AgentSpec,
    trials: Trials,
    *,
    planned: int,
    digest: str,
    grader: GraderError | None,
    judging: Judging | None,
) -> Entry:
    judged = trials.judged()
    minutes = {task.id: task.human_minutes for task in run.tasks}
    model = find_model(agent.model) if agent.model else None
    delegable = _over(judged, rate, lambda t: t.delegable)
    # An exam has no human minutes, and so no horizon.
    scores = trial_scores(run, judged) if len(judged) and run.judge is None else None
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
        graded_with=_graded_with(run, judged),
        limits=run.limits,
        seeds=run.seeds,
        repeats=run.repeats,
        planned=planned,
        errors=int(trials.error.sum()),
        missing=planned - len(trials),
        delegable=delegable,
        pass_hat=_for_each_k(pass_hat_k, judged, run.repeats),
        pass_at=_for_each_k(pass_at_k, judged, run.repeats),
        partial=_over(judged, mean, lambda t: t.partial),
        false_done=_over(judged, rate, lambda t: t.false_done),
        honest_block=_over(
            judged.where(judged.expected == "blocked"), rate, lambda t: t.honest_block
        ),
        exam=judging is not None,
        judges=judging.judges if judging else (),
        judging_usd=judging.cost_usd if judging else None,
        calibration=_calibration(judged),
        horizon=None if scores is None else horizons(scores).agents[agent.slug],
        sensitivity=sensitivity(trials),
        corrected=corrected_rate(delegable, grader) if delegable and grader else None,
        cost_usd=None if np.isnan(trials.spent_usd).any() else math.fsum(trials.spent_usd),
        tokens=int(trials.spent_tokens.sum()),
        work_seconds=round(math.fsum(trials.seconds), 3),
        human_minutes=math.fsum(minutes[task] for task in trials.task),
        families=_families(run, judged),
        sandbox=run.sandbox,
        images=run.images,
        versions=run.versions,
        runs={run.id: digest},
    )


def _over(
    trials: Trials, statistic: Callable[..., Rate], column: Callable[[Trials], object]
) -> Rate | None:
    """A rate or mean of a column, clustered by task; None without trials."""
    return statistic(column(trials), trials.task.tolist()) if len(trials) else None


def _calibration(judged: Trials) -> Calibration | None:
    reported = judged.where(~np.isnan(judged.confidence))
    return calibration(reported.confidence, reported.delegable, reported.task.tolist())


def _graded_with(run: RunRecord, judged: Trials) -> dict[str, tuple[str, ...]]:
    """The digests of the tasks whose verdicts were not given by the grader that was planned."""
    planned = {task.id: task.digest for task in run.tasks}
    found: dict[str, set[str]] = {}
    for task, digest in set(zip(judged.task, judged.task_digest, strict=True)):
        found.setdefault(task, set()).add(digest)
    return {
        task: tuple(sorted(digests))
        for task, digests in sorted(found.items())
        if digests != {planned[task]}
    }


def counts(judged: Trials) -> Counts:
    """For each instance: its task, and how many of its trials are delegable, of how many."""
    found: dict[tuple[str, int], tuple[int, int]] = {}
    rows = zip(judged.task, judged.seed.tolist(), judged.delegable.tolist(), strict=True)
    for task, seed, delegable in rows:
        good, n = found.get((task, seed), (0, 0))
        found[task, seed] = (good + delegable, n + 1)
    return [(task, good, n) for (task, _), (good, n) in found.items()]


def _for_each_k(
    statistic: Callable[[Counts, int], Rate | None], judged: Trials, repeats: int
) -> dict[str, Rate]:
    each, found = counts(judged), dict[str, Rate]()
    k = 1
    while k <= min(repeats, MAX_K):
        share = statistic(each, k)
        if share is not None:
            found[str(k)] = share
        k *= 2
    return found


def _families(run: RunRecord, judged: Trials) -> tuple[FamilyRate, ...]:
    family = {task.id: task.family for task in run.tasks}
    of = np.array([family[task] for task in judged.task], dtype=object)
    return tuple(
        FamilyRate(family=name, rate=rate(group.delegable, group.task.tolist()))
        for name in sorted(set(of.tolist()))
        if len(group := judged.where(of == name))
    )


def rank(entry: Entry) -> tuple[str, float, str, str, str]:
    """Where an entry stands: by suite, then the highest rate first."""
    value = entry.delegable.value if entry.delegable else -1.0
    return (entry.suite, -value, entry.agent, entry.model or "", min(entry.runs))
