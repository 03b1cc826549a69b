"""What is different where a run is an exam: its plan, its questions, and the judge."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..agents.judge import JudgeFailed, ask_judge
from ..records.agent_spec import AgentSpec
from ..records.errors import InputError
from ..records.evidence import Evidence
from ..records.instance import InstanceRecord
from ..records.judgement import Judgement, says_correct
from ..records.run import LimitOverrides, RunRecord, SuiteRef, TaskRef
from ..records.trajectory import TrajectoryWriter
from ..records.trial import TrialPlan
from ..records.verdict import Verdict
from ..scoring.exam import exam_verdict
from ..scoring.grade import GraderBroken
from ..tasks.exam import SUITE, Exam, Question, load_exam
from .opening import Context
from .plan import new_run_id, versions

LIMITS = LimitOverrides(wall_minutes=60, steps=1, tokens=1_000_000, cost_usd=10)
"""Of one question, where the user sets no other: far above what an answer takes."""


def make_exam_plan(
    exam: Exam,
    questions: Sequence[Question],
    agents: Sequence[AgentSpec],
    judge: str,
    *,
    repeats: int,
    concurrency: int,
    limits: LimitOverrides,
    max_attempts: int,
) -> RunRecord:
    """The plan of an exam: every question, put to every agent."""
    trials = [
        TrialPlan(
            id=f"{question.task.replace('/', '.')}.s0.r{repeat}.{agent.slug}",
            task=question.task,
            seed=0,
            repeat=repeat,
            agent=agent.slug,
        )
        for question in questions
        for repeat in range(repeats)
        for agent in agents
    ]
    return RunRecord(
        id=new_run_id(SUITE),
        created=time.time(),
        suite=SuiteRef(
            name=SUITE, version=exam.digest[:12], digest=exam.digest, folder=str(exam.path)
        ),
        whole_suite=len(questions) == len(exam.questions),
        tasks=tuple(_ref(question, limits) for question in questions),
        limits=limits,
        agents=tuple(agents),
        seeds=(0,),
        repeats=repeats,
        sandbox="none",
        judge=judge,
        versions=versions(),
        concurrency=concurrency,
        max_attempts=max_attempts,
        trials=tuple(trials),
    )


def questions_of(run: RunRecord) -> Mapping[str, Question]:
    """The questions of an exam's run, by task, from the file that they were planned from.

    Raises:
        InputError: the file or a question is not there any more, or is another one.
    """
    path = Path(run.suite.folder or "")
    there = {question.task: question for question in load_exam(path).questions}
    for ref in run.tasks:
        if ref.id not in there:
            raise InputError(f"{path}: the run's question {ref.id} is not there any more")
        if there[ref.id].instance().digest != ref.digest:
            raise InputError(f"{path}: {ref.id} is another question than when the run began")
    return there


async def judge_answer(
    model: str, evidence: Evidence, instance: InstanceRecord, trajectory: TrajectoryWriter
) -> tuple[Judgement, ...]:
    """The judgement of an archived answer; none where there is no answer.

    Raises:
        AgentFailed: the judge's provider failed, or refuses the key or the model.
        GraderBroken: the judge said nothing that could be used.
    """
    if evidence.report is None:
        return ()
    try:
        judgement = await ask_judge(
            model,
            question=instance.instruction,
            response=evidence.report.summary,
            answer=str(instance.truth["answer"]),
            trajectory=trajectory,
            usable=lambda reply: says_correct(reply) is not None,
        )
    except JudgeFailed as error:
        raise GraderBroken(str(error)) from error
    return (judgement,)


def grade_answer(
    context: Context,
    plan: TrialPlan,
    judgements: Sequence[Judgement],
    *,
    seconds: float,
    cost_usd: float | None,
) -> Verdict:
    """The verdict by the last judgement.

    Raises:
        GraderBroken: there is an answer, and nobody has judged it.
        StoreError: the evidence or the instance cannot be read.
    """
    ref = context.run.task(plan.task)
    evidence = context.store.evidence(plan.id)
    if evidence.report is not None and not judgements:
        raise GraderBroken(f"{plan.id} has not been judged: offsite regrade RUN --judge MODEL")
    return exam_verdict(
        evidence,
        str(context.store.instance(plan.task, plan.seed).truth["answer"]),
        judgements[-1] if judgements else None,
        in_time=seconds < ref.wall_minutes * 60,
        in_cost=(cost_usd or 0.0) <= ref.cost_usd,
    )


def _ref(question: Question, limits: LimitOverrides) -> TaskRef:
    chosen = {name: value for name, value in limits.model_dump().items() if value is not None}
    return TaskRef(
        id=question.task,
        digest=question.instance().digest,
        title=": ".join(filter(None, (question.category, question.raw_subject))),
        family=question.family,
        soc="",
        human_minutes=0,
        writable=(),
        image="none",
        network="none",
        **{**LIMITS.model_dump(), **chosen},
    )
