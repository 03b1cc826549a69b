"""Summing up 200,000 trials, in time and memory; and the horizons of a table of METR's size."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from offsite.records import Criterion, Ending, Report, Verdict
from offsite.records.agent_spec import AgentSpec
from offsite.records.run import RunRecord, SuiteRef, TaskRef
from offsite.records.trial import Attempt, TrialPlan, TrialRecord
from offsite.scoring.horizon import Scores, horizons

TASKS, SEEDS, REPEATS = 100, 10, 10

CHILD = """
import json, resource, sys, time
from pathlib import Path
from offsite.records.store import RunStore
from offsite.scoring.leaderboard import run_entries
from offsite.scoring.table import read_trials
store = RunStore(Path(sys.argv[1]))
began, cpu = time.perf_counter(), time.process_time()
read_trials(store)
read, read_cpu = time.perf_counter() - began, time.process_time() - cpu
began, cpu = time.perf_counter(), time.process_time()
entries = run_entries(store)
whole, whole_cpu = time.perf_counter() - began, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"read": [read, read_cpu], "whole": [whole, whole_cpu], "peak": peak}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=20, help="10,000 trials each")
    parser.add_argument("--folder", type=Path, help="where the run is made, and removed again")
    given = parser.parse_args()
    print_horizons()
    place = Path(tempfile.mkdtemp(dir=given.folder))
    try:
        number = make_run(place / "run", given.agents)
        print(f"{number} trials of {given.agents} agents on {TASKS} tasks\n")
        print("| reading | table s | of CPU | table and entries s | of CPU | peak MiB |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for what in ("all files", "the index"):
            done = subprocess.run(
                [sys.executable, "-c", CHILD, place / "run"],
                capture_output=True,
                text=True,
                check=True,
            )
            found = json.loads(done.stdout)
            print(
                f"| {what} | {found['read'][0]:.1f} | {found['read'][1]:.1f} "
                f"| {found['whole'][0]:.1f} | {found['whole'][1]:.1f} | {found['peak']:.0f} |",
                flush=True,
            )
    finally:
        shutil.rmtree(place)


def print_horizons() -> None:
    """1,000 bootstraps of 20 agents on 228 tasks of 60 families, five trials each."""
    rng = np.random.default_rng(1)
    minutes = 2 ** rng.uniform(-5, 11, 228)
    rows = [(a, t) for a in range(20) for t in range(228) for _ in range(5)]
    length = np.array([minutes[t] for _, t in rows])
    chance = 1 / (1 + (length / [2.0 ** (a / 2) for a, _ in rows]) ** 0.87)
    for name, score in (
        ("binary", (rng.random(len(rows)) < chance).astype(float)),
        ("fractional", chance * rng.random(len(rows))),
    ):
        table = Scores(
            agent=[f"a{a}" for a, _ in rows],
            family=[f"f{t % 60}" for _, t in rows],
            task=[f"t{t}" for _, t in rows],
            minutes=length,
            score=score,
        )
        began, cpu = time.perf_counter(), time.process_time()
        horizons(table)
        took, took_cpu = time.perf_counter() - began, time.process_time() - cpu
        print(f"horizons of {len(rows)} {name} trials: {took:.1f} s, {took_cpu:.1f} of CPU")
    print()


def make_run(folder: Path, agents: int) -> int:
    """A run whose trials have all been judged; how many they are."""
    rng = random.Random(1)
    tasks = [
        TaskRef(
            id=f"f{i % 12}/t{i}",
            digest="d",
            title="t",
            family=f"f{i % 12}",
            soc="43-3031",
            human_minutes=2 ** rng.uniform(1, 10),
            writable=(),
            image="desk",
            network="none",
            wall_minutes=60,
            steps=9,
            tokens=99,
            cost_usd=1,
        )
        for i in range(TASKS)
    ]
    specs = [AgentSpec(name=f"agent{i:02}") for i in range(agents)]
    plans = [
        TrialPlan(
            id=f"{task.id.replace('/', '.')}.s{seed}.r{repeat}.{spec.slug}",
            task=task.id,
            seed=seed,
            repeat=repeat,
            agent=spec.slug,
        )
        for task in tasks
        for seed in range(SEEDS)
        for repeat in range(REPEATS)
        for spec in specs
    ]
    run = RunRecord(
        id="run",
        created=0,
        suite=SuiteRef(name="s", version="1", digest="d"),
        whole_suite=True,
        tasks=tuple(tasks),
        agents=tuple(specs),
        seeds=tuple(range(SEEDS)),
        repeats=REPEATS,
        sandbox="local",
        versions={},
        concurrency=1,
        trials=tuple(plans),
    )
    (folder / "trials").mkdir(parents=True)
    (folder / "run.json").write_text(run.model_dump_json())
    for plan in plans:
        place = folder / "trials" / plan.id
        place.mkdir()
        (place / "trial.json").write_text(_record(plan, rng).model_dump_json(indent=1))
    return len(plans)


def _record(plan: TrialPlan, rng: random.Random) -> TrialRecord:
    good = rng.random() < (1 + int(plan.agent[-2:])) / 30
    verdict = Verdict(
        delegable=good,
        work_done=good,
        no_collateral=True,
        no_breach=True,
        report_true=good,
        in_time=True,
        in_cost=True,
        partial=1 if good else 0.5,
        false_done=not good,
        honest_block=False,
        criteria=tuple(
            Criterion(name=f"c{i}", passed=good, expected="what is right", found="what is there")
            for i in range(6)
        ),
    )
    now = time.time()
    return TrialRecord(
        run="run",
        plan=plan,
        instance=f"{plan.task}@{plan.seed}",
        ending=Ending.REPORTED,
        attempts=(Attempt(number=1, started=now, ended=now, ending=Ending.REPORTED),),
        report=Report(status="done", confidence=rng.random(), summary="What was done."),
        verdict=verdict,
        task_digest="d",
        evidence_sha256="0" * 64,
        trajectory_sha256="0" * 64,
        ended=now,
    )


if __name__ == "__main__":
    main()
