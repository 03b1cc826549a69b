"""The engine: works through the trials of a run that are missing, several at a time."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

from ..records.endings import CONSEQUENCES, Ending
from ..records.store import RunStore
from ..records.trial import TrialPlan, TrialRecord
from .opening import Context, Live
from .trial import run_trial

Mode = Literal["running", "paused", "draining", "stopping"]


@dataclass
class Engine:
    """Runs the missing trials of a run. Knows nothing of screens: it is asked for its `status`.

    Attributes:
        concurrency: trials at a time; may be changed while it works.
        mode: `draining` finishes the trials under way and starts none, `stopping` ends them too.
        finished: records of the trials that this engine brought to their end.
        failure: why it stopped by itself (a full disk), if it did.
    """

    context: Context
    concurrency: int
    mode: Mode = "running"
    finished: list[TrialRecord] = field(default_factory=list[TrialRecord])
    failure: str = ""

    def __post_init__(self) -> None:
        self._waiting = deque(missing_trials(self.context.store))
        self._planned = len(self.context.run.trials)
        self._before = self._planned - len(self._waiting)
        self._live: dict[str, Live] = {}
        self._working: dict[asyncio.Task[TrialRecord], Live] = {}
        self._changed = asyncio.Event()
        self._began = time.time()

    async def work(self) -> None:
        """Work until nothing is missing, or until told to stop."""
        try:
            while self._going_on():
                self._start_some()
                await self._something_happens()
                self._take_finished()
        finally:
            await self._end_all()

    def status(self) -> dict[str, Any]:
        """The run as it stands, as JSON: counts, and the trials under way."""
        return {
            "run": self.context.run.id,
            "mode": self.mode,
            "concurrency": self.concurrency,
            "planned": self._planned,
            "over": self._before + len(self.finished),
            "finished": len(self.finished),
            "delegable": sum(record.delegable for record in self.finished),
            "errors": sum(record.error for record in self.finished),
            "waiting": len(self._waiting),
            "cost_usd": sum(record.usage.cost_usd or 0.0 for record in self.finished),
            "seconds": time.time() - self._began,
            "live": [_describe(live) for live in self._working.values()],
        }

    def pause(self) -> None:
        """Start no further trial until `resume`."""
        self._switch("paused", only_from=("running",))

    def resume(self) -> None:
        """Go on after `pause`."""
        self._switch("running", only_from=("paused",))

    def drain(self) -> None:
        """Finish the trials under way, start none."""
        self._switch("draining", only_from=("running", "paused"))

    def stop(self) -> None:
        """End the trials under way; they stay unfinished and can be resumed."""
        self.mode = "stopping"
        for task in self._working:
            task.cancel()
        self._changed.set()

    def set_concurrency(self, number: int) -> None:
        """Change how many trials run at a time; those under way are finished."""
        self.concurrency = max(1, number)
        self._changed.set()

    def cancel(self, trial: str) -> bool:
        """End one trial under way, or take it off the list; it can be resumed. Whether it was there."""
        for task, live in self._working.items():
            if live.plan.id == trial:
                live.cancelled = True
                task.cancel()
                return True
        kept = deque(plan for plan in self._waiting if plan.id != trial)
        found = len(kept) != len(self._waiting)
        self._waiting = kept
        self._changed.set()
        return found

    def _switch(self, mode: Mode, *, only_from: tuple[Mode, ...]) -> None:
        if self.mode in only_from:
            self.mode = mode
        self._changed.set()

    def _going_on(self) -> bool:
        if self._working:
            return True
        return bool(self._waiting) and self.mode in ("running", "paused")

    def _start_some(self) -> None:
        while self.mode == "running" and self._waiting and len(self._working) < self.concurrency:
            plan = self._waiting.popleft()
            live = Live(plan)
            self._working[asyncio.create_task(run_trial(live, self.context))] = live
        # What is got ready for the next one costs those under way, unless a core has nothing to do.
        ahead = self._waiting if self.concurrency <= (os.cpu_count() or 1) else ()
        for live in self._working.values():
            live.next = next(iter(ahead), None)

    async def _something_happens(self) -> None:
        self._changed.clear()
        changed = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait([changed, *self._working], return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()

    def _take_finished(self) -> None:
        for task in [task for task in self._working if task.done()]:
            del self._working[task]
            if task.cancelled():
                continue
            error = task.exception()
            if error is None:
                self.finished.append(task.result())
            else:
                # Only that results cannot be written is raised: all is ended, nothing is lost.
                self.failure = self.failure or f"results cannot be written any more: {error}"
                self.stop()

    async def _end_all(self) -> None:
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        self._take_finished()


def missing_trials(store: RunStore) -> list[TrialPlan]:
    """The trials of the plan that are not over, and those whose error may be mended by now.

    Where only the grader was broken the work is done: `regrade` judges it.
    """
    over = {
        record.plan.id
        for record in store.trials()
        if CONSEQUENCES[record.ending].graded or record.ending is Ending.GRADER_BROKEN
    }
    return [plan for plan in store.run().trials if plan.id not in over]


def _describe(live: Live) -> dict[str, Any]:
    desk = live.desk
    return {
        "trial": live.plan.id,
        "phase": live.phase,
        "attempt": live.attempt,
        "seconds": time.time() - live.since,
        "steps": desk.steps if desk else 0,
        "tokens": desk.usage.input + desk.usage.output if desk else 0,
        "cost_usd": desk.usage.cost_usd if desk else 0.0,
    }
