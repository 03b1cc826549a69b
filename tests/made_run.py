"""Runs on disk as agents of different skill would leave them, for tests of what is made of runs."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence
from pathlib import Path

from offsite.records import Criterion, Ending, Report, Verdict
from offsite.records.agent_spec import AgentSpec
from offsite.records.run import RunRecord, SuiteRef, TaskRef
from offsite.records.store import RunStore
from offsite.records.trajectory import (
    Ended,
    Message,
    ModelCall,
    Note,
    Observation,
    Opened,
    Reported,
    Start,
    ToolCall,
    TrajectoryWriter,
    Usage,
)
from offsite.records.trial import Attempt, Timing, TrialPlan, TrialRecord
from PIL import Image

FAMILIES = (
    *("bookkeeping", "clerical", "customer-support", "data-analysis", "finance", "legal"),
    *("marketing", "people-operations", "project-management", "research", "sales-operations"),
    "software",
)


def make_run(
    folder: Path,
    skills: Sequence[tuple[AgentSpec, float, float]],
    *,
    families: Sequence[str] = FAMILIES,
    seeds: int = 2,
    repeats: int = 2,
) -> RunStore:
    """A run with three tasks in each family.

    Args:
        skills: each agent, the minutes of the tasks that it does at 50 %, and what a trial costs.
    """
    dice = random.Random(7)
    tasks = [
        _task(f"{family}/{name}", 2 * 960 ** dice.random())
        for family in families
        for name in ("one", "two", "three")
    ]
    plans = [
        TrialPlan(
            id=f"{task.id.replace('/', '.')}.s{seed}.r{repeat}.{spec.slug}",
            task=task.id,
            seed=seed,
            repeat=repeat,
            agent=spec.slug,
        )
        for spec, _, _ in skills
        for task in tasks
        for seed in range(seeds)
        for repeat in range(repeats)
    ]
    run = RunRecord(
        id=folder.name,
        created=0,
        suite=SuiteRef(name="made", version="1", digest="5d3f" * 16),
        whole_suite=True,
        tasks=tuple(tasks),
        agents=tuple(spec for spec, _, _ in skills),
        seeds=tuple(range(seeds)),
        repeats=repeats,
        sandbox="local",
        versions={"offsite": "0.1.0"},
        concurrency=1,
        trials=tuple(plans),
    )
    store = RunStore.create(folder, run)
    for plan in plans:
        _, reach, cost = next(each for each in skills if each[0].slug == plan.agent)
        store.save_trial(_trial(run, plan, reach, cost, dice))
    return store


def _task(id: str, minutes: float) -> TaskRef:
    family = id.partition("/")[0]
    limits = {"wall_minutes": 60, "steps": 90, "tokens": 99, "cost_usd": 1}
    words = {"title": id, "family": family, "soc": "43-3031", "image": "desk", "network": "none"}
    return TaskRef(
        id=id, digest=f"of {id}", human_minutes=round(minutes, 1), writable=(), **words, **limits
    )


def _trial(
    run: RunRecord, plan: TrialPlan, reach: float, cost: float, dice: random.Random
) -> TrialRecord:
    task = run.task(plan.task)
    liking = random.Random(plan.agent + task.family).gauss(0, 0.7)
    chance = 1 / (1 + math.exp(math.log2(task.human_minutes / reach) * 0.7 - liking))
    done = dice.random() < chance
    stated = min(1.0, max(0.0, chance * 0.6 + 0.35 + dice.gauss(0, 0.12)))
    claims = done or dice.random() < 0.4
    usage = Usage(input=9000, output=800, cost_usd=cost * (0.4 + 1.2 * dice.random()))
    verdict = Verdict(
        delegable=done,
        work_done=done,
        no_collateral=True,
        no_breach=True,
        report_true=done or not claims,
        in_time=True,
        in_cost=True,
        partial=1.0 if done else round(dice.random(), 2),
        false_done=claims and not done,
        honest_block=False,
        criteria=(Criterion(name="sum_is_right", passed=done, expected="12", found="13"),),
    )
    return TrialRecord(
        run=run.id,
        plan=plan,
        instance=f"{plan.task}@{plan.seed}",
        ending="reported",
        attempts=(Attempt(number=1, started=0, ended=1, ending="reported", usage=usage),),
        report=Report(status="done" if claims else "partial", confidence=round(stated, 2)),
        verdict=verdict,
        steps=dice.randint(3, 40),
        usage=usage,
        timing=Timing(work=round(30 + 200 * dice.random(), 1)),
        task_digest=task.digest,
        ended=1,
    )


def leave_trajectory(store: RunStore, trial: str, text: str = "") -> str:
    """Write a trajectory with a screenshot for a trial that is over; the screenshot's sha256.

    Args:
        text: put wherever an agent, a tool or a model may write.
    """
    folder = store.folder / "trials" / trial
    writer = TrajectoryWriter(folder / "trajectory.jsonl")
    picture = io.BytesIO()
    Image.new("RGB", (640, 400), "#cfe3f5").save(picture, "JPEG")
    screen = writer.keep_screen(picture.getvalue())
    report = Report(status="done", confidence=0.9, summary=f"It is done. {text}", questions=(text,))
    events = (
        Start(trial=trial, at=1000),
        Opened(at=1001),
        Message(role="user", text="Add up the receipts in ~/receipts.", at=1001),
        ModelCall(model="m", usage=Usage(input=900, output=50, cost_usd=0.002), at=1004),
        Message(role="assistant", text=f"I look first. {text}", reasoning=f"Hm. {text}", at=1004),
        ToolCall(call="1", tool=f"shell{text}", arguments={"command": f"ls -l\n{text}"}, at=1005),
        Observation(call="1", text=f"total 0\n{text}", exit_code=2, seconds=0.1, at=1005),
        ToolCall(call="2", tool="browser", arguments={"do": "open", "url": text}, at=1062),
        Observation(call="2", text=f"a page {text}", screen=screen, seconds=1, at=1064),
        Note(text=f"the context was cut {text}", at=1065),
        Reported(report=report, at=1070),
        Ended(ending=Ending.REPORTED, message=text, at=1071),
    )
    for event in events:
        writer.append(event)
    writer.close()
    return screen
