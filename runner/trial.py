"""One trial: from its plan to its record, over as many attempts as it takes."""

from __future__ import annotations

import asyncio
import hashlib
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..records.endings import CONSEQUENCES, Ending
from ..records.errors import ResultsUnwritable, is_disk_refusing
from ..records.trajectory import TrajectoryError
from ..records.trial import Attempt, Timing, TrialRecord
from .attempt import Outcome, attempt
from .history import TRAJECTORY, past_attempts
from .opening import Context, Live

RETRY_SECONDS = 1.0
"""Wait before the second attempt; doubled before each further one."""


async def run_trial(live: Live, context: Context) -> TrialRecord:
    """Do a trial, again where the infrastructure failed, and write its record last.

    Raises:
        asyncio.CancelledError: the run is being stopped; the trial stays unfinished.
        ResultsUnwritable: the results cannot be written (a full disk, say).
    """
    try:
        return await _run_trial(live, context)
    except Exception as error:
        if isinstance(error, ResultsUnwritable) or is_disk_refusing(error):
            raise
        # A fault of Offsite's own costs this trial, never the run.
        outcome = Outcome(Ending.HARNESS_FAILED, "".join(traceback.format_exception(error)).strip())
        attempts = _attempts_so_far(context.store.trial_folder(live.plan.id))
        return _over(live, context, outcome, attempts)


async def _run_trial(live: Live, context: Context) -> TrialRecord:
    plan, run = live.plan, context.run
    folder = context.store.trial_folder(plan.id)
    attempts = _attempts_so_far(folder)
    tries = 0
    while True:
        tries += 1
        live.attempt = len(attempts) + 1
        resumable = tries == 1 and bool(attempts) and attempts[-1].ending is Ending.INTERRUPTED
        outcome = await attempt(live, context, folder, resumable=resumable)
        attempts = past_attempts(folder)
        if not CONSEQUENCES[outcome.ending].retried or tries >= run.max_attempts:
            break
        live.phase = "retrying"
        await asyncio.sleep(RETRY_SECONDS * 2 ** (tries - 1))
    return _over(live, context, outcome, attempts)


def _over(
    live: Live, context: Context, outcome: Outcome, attempts: Sequence[Attempt]
) -> TrialRecord:
    """Write the trial's record."""
    plan = live.plan
    folder = context.store.trial_folder(plan.id)
    record = TrialRecord(
        run=context.run.id,
        plan=plan,
        instance=outcome.instance,
        ending=outcome.ending,
        message=outcome.message,
        work_ending=outcome.work_ending,
        work_message=outcome.work_message,
        attempts=tuple(attempts),
        report=outcome.report,
        verdict=outcome.verdict,
        steps=outcome.steps,
        usage=outcome.usage,
        judgements=outcome.judgements,
        timing=Timing(
            open=round(outcome.open, 4),
            work=round(outcome.work, 4),
            collect=round(outcome.collect, 4),
            grade=round(outcome.grade, 4),
        ),
        task_digest=context.task_digest(plan.task),
        evidence_sha256=outcome.evidence_sha256,
        trajectory_sha256=_sha256(folder / TRAJECTORY),
        ended=time.time(),
    )
    context.store.save_trial(record)
    with suppress(OSError):
        for checkpoint in folder.glob("checkpoint.sqlite*"):
            checkpoint.unlink()
    live.phase = "over"
    return record


def _attempts_so_far(folder: Path) -> list[Attempt]:
    """The attempts of earlier processes. A damaged trajectory is set aside, and all begins anew."""
    try:
        return past_attempts(folder)
    except TrajectoryError:
        (folder / TRAJECTORY).replace(folder / "trajectory.damaged.jsonl")
        return []


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
