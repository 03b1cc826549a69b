"""`offsite ls` and `offsite show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import RESULTS, Json, Results, Suites

if TYPE_CHECKING:
    from ..records.index import TrialRow
    from ..records.store import RunStore
    from ..records.trajectory import Event
    from ..records.trial import TrialRecord


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.command("ls")(ls)
    app.command("show")(show)


def ls(
    what: Annotated[str, typer.Argument(help="tasks, suites, agents or runs.")],
    suites: Suites = None,
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """List what there is.

    \b
    offsite ls tasks
    offsite ls runs --json
    """
    from ..records.errors import InputError, nearest

    kinds = {
        "tasks": lambda: _tasks(tuple(suites or ())),
        "suites": lambda: _suites(tuple(suites or ())),
        "agents": _agents,
        "runs": lambda: _runs(results),
    }
    if what not in kinds:
        raise InputError(f"cannot list {what!r}{nearest(what, kinds)}")
    _print(what, kinds[what](), json=json)


def show(
    what: Annotated[
        str, typer.Argument(help="Run (`last`, id, folder) or trial (id, RUN/TRIAL, folder).")
    ],
    transcript: Annotated[
        bool, typer.Option("--transcript", "-t", help="Print the trial's trajectory as well.")
    ] = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="Of a run, only the trials that are not delegable.")
    ] = False,
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """Show a run with its trials, or a trial with its verdict.

    \b
    offsite show last
    offsite show last/bookkeeping.bank-reconciliation.s0.r0.careless --transcript
    """
    from ..records.errors import InputError
    from .find import find_run, find_trial

    found = None if what == "last" else find_trial(what, results)
    if found is not None:
        _show_trial(*found, transcript=transcript, json=json)
        return
    store = find_run(what, results)
    if transcript:
        raise InputError(f"--transcript is of a trial: offsite show {store.id}/TRIAL --transcript")
    _show_run(store, failed=failed, json=json)


def _tasks(roots: tuple[Path, ...]) -> list[dict[str, object]]:
    from ..tasks.loader import find_suites, load_suite

    return [
        {
            "task": f"{name}/{task.id}",
            "minutes": task.spec.human.minutes,
            "image": task.spec.environment.image,
            "title": task.spec.title,
        }
        for name, folder in find_suites(roots).items()
        for task in load_suite(folder).tasks
    ]


def _suites(roots: tuple[Path, ...]) -> list[dict[str, object]]:
    from ..tasks.loader import find_suites, load_suite

    rows: list[dict[str, object]] = []
    for name, folder in find_suites(roots).items():
        suite = load_suite(folder)
        rows.append(
            {
                "suite": name,
                "version": suite.version,
                "tasks": len(suite.tasks),
                "families": len({task.family for task in suite.tasks}),
                "minutes": sum(task.spec.human.minutes for task in suite.tasks),
                "seeds": ",".join(map(str, suite.seeds)),
                "digest": suite.digest[:12],
                "description": suite.description,
            }
        )
    return rows


def _agents() -> list[dict[str, object]]:
    from ..agents import AGENTS

    return [
        {"agent": name, "needs a model": "yes" if entry.needs_model else "no", "about": entry.about}
        for name, entry in AGENTS.items()
    ]


def _runs(results: Path) -> list[dict[str, object]]:
    from ..records.index import trial_rows
    from ..records.store import StoreError, find_runs, is_held
    from .text import tell

    rows: list[dict[str, object]] = []
    for store in find_runs(results):
        try:
            run, trials = store.run(), trial_rows(store)
        except StoreError as error:
            tell(str(error))
            continue
        live = is_held(store.folder)
        over = len(trials)
        state = "live" if live else "complete" if over == len(run.trials) else "unfinished"
        rows.append(
            {
                "run": run.id,
                "state": state,
                "suite": run.suite.name,
                "agents": ", ".join(agent.label for agent in run.agents),
                "done": over,
                "planned": len(run.trials),
                "delegable": sum(trial.delegable for trial in trials),
                "errors": sum(trial.error for trial in trials),
            }
        )
    return rows


def _print(title: str, rows: list[dict[str, object]], *, json: bool) -> None:
    from .text import print_columns, print_json

    if json:
        print_json(rows)
        return
    if not rows:
        print(f"no {title}")
        return
    numbers = [name for name, value in rows[0].items() if isinstance(value, int | float)]
    cells = [[f"{v:g}" if isinstance(v, float) else v for v in row.values()] for row in rows]
    print_columns(list(rows[0]), cells, numbers)


def _show_run(store: RunStore, *, failed: bool, json: bool) -> None:
    from ..records.index import trial_rows
    from .running import summarise
    from .text import counted, harmless, print_columns, print_json, tell

    run, rows = store.run(), trial_rows(store)
    missing = len(run.trials) - len(rows)
    for trial, cause in store.corrupt() if missing else []:
        tell(f"{cause}; `offsite resume {run.id}` does {trial} again")
    if failed:
        rows = [row for row in rows if not row.delegable]
    if json:
        print_json(
            {
                "run": run.model_dump(mode="json"),
                "trials": [row.model_dump(mode="json") for row in rows],
            }
        )
        return
    numbers = ("partial", "steps", "tokens", "cost", "time")
    print(harmless(f"{run.id}  {store.folder} (sandbox {run.sandbox})\n"))
    print_columns(
        ("trial", "outcome", *numbers),
        [_trial_cells(row, exam=run.judge is not None) for row in rows],
        numbers,
    )
    print()
    if missing:
        total = counted(len(run.trials), "trial")
        verb = "is" if missing == 1 else "are"
        print(harmless(f"{missing} of {total} {verb} not over; offsite resume {run.id}"))
    summarise(store, json=False)


def _trial_cells(row: TrialRow, *, exam: bool) -> tuple[object, ...]:
    from .text import duration, money, one_line

    outcome = "delegable" if row.delegable else "false done" if row.false_done else "not delegable"
    if exam:
        outcome = "right" if row.delegable else "wrong" if row.false_done else "no answer"
    if row.error:
        outcome = f"error: {row.ending} {one_line(row.message, 60)}"
    cost, time = money(row.cost_usd), duration(row.seconds)
    return row.trial, outcome, f"{row.partial:.0%}", row.steps, row.tokens, cost, time


def _show_trial(store: RunStore, trial: str, *, transcript: bool, json: bool) -> None:
    from ..records.errors import InputError
    from .text import print_json

    record = store.trial(trial)
    path = store.folder / "trials" / trial / "trajectory.jsonl"
    if json:
        print_json(
            {
                "trial": record.model_dump(mode="json") if record else None,
                "trajectory": [event.model_dump(mode="json") for event in _events(path)]
                if transcript
                else None,
            }
        )
        return
    if record is None and not path.exists():
        raise InputError(f"{store.folder}: the trial {trial} has not begun")
    if transcript:
        for event in _events(path):
            _print_event(event)
    if record is None:
        print(f"{trial}: not over; offsite resume {store.id}")
    else:
        print_record(record)


def _events(path: Path) -> list[Event]:
    from ..records.trajectory import read_trajectory

    return list(read_trajectory(path)) if path.exists() else []


def _print_event(event: Event) -> None:
    from .text import harmless

    head = event.type.replace("_", " ")
    match event.type:
        case "message":
            head, body = event.role, event.text
        case "tool_call":
            body = f"{event.tool} {event.arguments}"
        case "observation":
            code = "" if event.exit_code is None else f" exit {event.exit_code}"
            head, body = f"observation{code} ({event.seconds:.2f} s)", event.text
        case "model_call":
            used = event.usage
            body = f"{event.model}: {used.input} in ({used.cached} cached), {used.output} out"
        case "note":
            body = event.text
        case "report":
            body = event.report.model_dump_json()
        case "ended":
            body = f"{event.ending.value} {event.message}"
        case "start":
            body = f"attempt {event.attempt}"
        case "opened":
            body = "the desk of the attempt before" if event.resumed else "a fresh desk"
        case "archived":
            body = f"the work ended: {event.ending.value} {event.message}"
    print(f"── {harmless(head)}")
    print(harmless(body.rstrip()))


def print_record(record: TrialRecord) -> None:
    """Print how a trial ended and its verdict, criterion by criterion."""
    from ..records.endings import CONSEQUENCES
    from .text import add_row, counted, duration, harmless, money, one_line, out, table

    verdict = record.verdict
    headline = "error" if verdict is None else "delegable" if verdict.delegable else "not delegable"
    print(harmless(f"{record.plan.id}: {headline}"))
    print(f"ended: {CONSEQUENCES[record.ending].meaning}; fault: {record.fault}")
    print(
        f"worked {duration(record.timing.work)}, {counted(record.steps, 'step')}, "
        f"{record.usage.input + record.usage.output} tokens, {money(record.usage.cost_usd)}"
    )
    if record.message:
        print(harmless(record.message))
    for attempt in record.attempts if len(record.attempts) > 1 else ():
        print(f"attempt {attempt.number}: {attempt.ending.value} {one_line(attempt.message)}")
    if record.report is not None:
        said = record.report
        print(f"report: {said.status}, confidence {said.confidence:g}: {harmless(said.summary)}")
    for judgement in record.judgements:
        said = "correct" if judgement.correct else "not correct"
        print(
            f"judged by {harmless(judgement.model)}: {said}, confidence {judgement.confidence:g}, "
            f"{money(judgement.usage.cost_usd)}"
        )
    if verdict is None:
        return
    made = table("", ("part", "holds", "expected", "found"))
    for name in ("work_done", "no_collateral", "no_breach", "report_true", "in_time", "in_cost"):
        held = bool(getattr(verdict, name))
        found = ", ".join(verdict.collateral) if name == "no_collateral" else ""
        add_row(made, name.replace("_", " "), "yes" if held else "NO", "", one_line(found, 300))
    for c in verdict.criteria:
        kind = f"{c.kind}: {c.name}" + ("" if c.required else " (not required)")
        add_row(
            made,
            kind,
            "yes" if c.passed else "NO",
            one_line(c.expected, 300),
            one_line(c.found, 300),
        )
    out().print(made)
