"""An entry's page, and those of its trials."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from ...records.index import PARTS
from ...records.leaderboard import Entry
from ..plots import PLOTS, NothingToPlot
from ..plots.entries import colour, dollars, full_name, span
from .names import entry_page, trial_page
from .pages import render
from .runs import OneTrial, Runs, entry_trials
from .suites import Suite
from .transcript import screen, transcript
from .views import COLUMNS, Cell, doubts, numbers, rows, share

PART_NAMES = {
    "work_done": "work done",
    "no_collateral": "nothing else broken",
    "no_breach": "no policy broken",
    "report_true": "report true",
    "in_time": "in time",
    "in_cost": "within the cost limit",
}

FAILED = {
    "work_done": "work not done",
    "no_collateral": "something else broken",
    "no_breach": "a policy broken",
    "report_true": "report not true",
    "in_time": "late",
    "in_cost": "too costly",
}

KINDS = (
    ("message", "messages"),
    ("reasoning", "reasoning"),
    ("call", "tool calls"),
    ("answer", "answers"),
    ("model", "model calls"),
    ("report", "report"),
    ("harness", "harness"),
)
"""Classes of events, and what their check box says."""


@dataclass(frozen=True)
class TrialRow:
    """A trial as the entry's table and its own page have it; `page` is "" where it has none."""

    page: str
    task: str
    seed: int
    repeat: int
    outcome: str
    cause: str
    words: str
    partial: float | str
    partial_text: str
    reported: str
    steps: int | str
    seconds: float | str
    time: str
    cost: float | str
    cost_text: str


def write_entry(
    entry: Entry, suite: Suite, made: Path, runs: Runs, common: dict[str, str]
) -> tuple[int, int]:
    """Write the entry's page and its trials'; how many trials and new screens there are."""
    trials, missing = entry_trials(entry, runs)
    table = [(each, _trial_row(each)) for each in trials]
    page = render(
        "entry.html",
        root="../",
        suite=suite,
        entry=entry,
        name=full_name(entry),
        notes=doubts(entry),
        cards=_cards(entry),
        families=[
            (each.family, share(each.rate, colour(entry)), each.rate) for each in entry.families
        ],
        calibration=_calibration(entry),
        numbers=numbers(entry),
        trials=[row for _, row in table],
        missing=missing,
        facts=_facts(entry),
        **common,
    )
    (made / "entries" / entry_page(entry)).write_text(page, encoding="utf-8")
    shown = [(each, row) for each, row in table if row.page]
    screens = 0
    for at, (each, row) in enumerate(shown):
        before = shown[at - 1][1].page if at else ""
        after = shown[at + 1][1].page if at + 1 < len(shown) else ""
        near = {"before": before, "after": after}
        screens += _write_trial(each, row, entry, suite, made, near | common)
    return len(shown), screens


def _write_trial(
    trial: OneTrial, row: TrialRow, entry: Entry, suite: Suite, made: Path, common: dict[str, str]
) -> int:
    found = transcript(trial.folder, trial.record.trajectory_sha256 if trial.record else None)
    screens: set[str] = set()
    new = 0
    for digest in {event.screen for event in found.events if event.screen}:
        picture = screen(trial.folder, digest)
        if picture is not None:
            screens.add(digest)
            path = made / "screens" / f"{digest}.jpg"
            new += not path.exists()
            path.write_bytes(picture)
    verdict = trial.record.verdict if trial.record else None
    page = render(
        "trial.html",
        root="../",
        suite=suite,
        entry_page=entry_page(entry),
        name=full_name(entry),
        t=row,
        record=trial.record,
        human=span(trial.known.run.task(trial.plan.task).human_minutes),
        parts=[(PART_NAMES[part], getattr(verdict, part)) for part in PARTS] if verdict else [],
        transcript=found,
        there={event.kind.split()[0] for event in found.events},
        kinds=KINDS,
        screens=screens,
        clock=_clock,
        **common,
    )
    (made / "trials" / row.page).write_text(page, encoding="utf-8")
    return new


def _trial_row(trial: OneTrial) -> TrialRow:
    plan, record = trial.plan, trial.record
    outcome, cause = _outcome(trial)
    cost = record.spent.cost_usd if record else None
    verdict, report = (record.verdict, record.report) if record else (None, None)
    return TrialRow(
        page=trial_page(trial.known.run.id, plan.id) if record else "",
        task=plan.task,
        seed=plan.seed,
        repeat=plan.repeat,
        outcome=outcome,
        cause=cause,
        words=f"{plan.task} {outcome} {cause}".lower(),
        partial=verdict.partial if verdict else "",
        partial_text=f"{verdict.partial * 100:.0f} %" if verdict else "–",
        reported=f"{report.status}, {report.confidence * 100:.0f} %" if report else "–",
        steps=record.steps if record else "",
        seconds=record.timing.work if record else "",
        time=span(record.timing.work / 60) if record else "–",
        cost="" if cost is None else cost,
        cost_text="–" if record is None else "?" if cost is None else dollars(cost),
    )


def _outcome(trial: OneTrial) -> tuple[str, str]:
    """One word, and what failed."""
    record = trial.record
    if record is None:
        return "missing", ""
    if record.verdict is None:
        return "error", str(record.ending).replace("_", " ")
    if record.verdict.delegable:
        return "delegable", ""
    failed = [FAILED[part] for part in PARTS if not getattr(record.verdict, part)]
    criteria = [c.name for c in record.verdict.criteria if c.required and not c.passed]
    return "failed", ", ".join(failed) + (f" ({', '.join(criteria)})" if criteria else "")


def _cards(entry: Entry) -> list[tuple[str, Cell]]:
    cells = rows([entry])[0].cells
    return [(head, cells[name]) for name, head in COLUMNS.items() if cells[name].text != "–"]


def _calibration(entry: Entry) -> dict[str, object] | None:
    try:
        drawn = PLOTS["calibration"]([entry], width=300)
    except NothingToPlot:
        return None
    return {"wide": Markup(drawn.inline()), "note": drawn.note}


def _facts(entry: Entry) -> list[tuple[str, str]]:
    ready = entry.readiness
    reached = ((1, ready.reached), (4, ready.reached4)) if ready else ()
    return [
        ("suite digest", entry.suite_digest),
        *((f"remotable work that RWR^{k} reaches", f"{share * 100:.0f} %") for k, share in reached),
        *((f"run {id}, sha256", digest) for id, digest in sorted(entry.runs.items())),
        ("sandbox", entry.sandbox),
        *((f"image {name}", digest) for name, digest in sorted(entry.images.items())),
        *((f"version of {name}", number) for name, number in sorted(entry.versions.items())),
        *((f"task {task} graded with", ", ".join(by)) for task, by in sorted(entry.graded_with.items())),
    ]  # fmt: skip


def _clock(seconds: float) -> str:
    """Minutes and seconds since the trial's beginning."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"
