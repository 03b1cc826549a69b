"""`offsite regrade` and `offsite audit`."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .exits import Exit
from .options import (
    RESULTS,
    Concurrency,
    Json,
    Results,
    SandboxName,
    Suites,
    Unsafe,
    default_concurrency,
)

if TYPE_CHECKING:
    from ..runner.audit import Audit, TaskAudit
    from ..runner.regrade import Regraded


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.command("regrade")(regrade)
    app.command("audit")(audit)


def regrade(
    run: Annotated[str, typer.Argument(help="Run: `last`, an id or its beginning, or a folder.")],
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit code 1 where a verdict would change."),
    ] = False,
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """Grade the archived evidence of a run again: no sandbox, no agent.

    \b
    offsite regrade last
    offsite regrade results/20250601-120000-starter-1a2b --check

    Exit code 1: with --check a verdict differs; in any case where evidence was damaged.
    """
    from ..runner.regrade import regrade as regrade_trials
    from ..runner.session import changed_tasks, open_context
    from .find import find_run
    from .text import counted, harmless, print_json, tell

    store = find_run(run, results)
    context = open_context(store)
    for task in changed_tasks(context.run, context.tasks):
        tell(f"{task} has changed since the run was made")

    async def go() -> list[Regraded]:
        return [again async for again in regrade_trials(context, write=not check)]

    with nullcontext() if check else store.lock():
        found = asyncio.run(go())
    counts = {
        name: sum(r.outcome == name for r in found) for name in sorted({r.outcome for r in found})
    }
    if json:
        print_json({"run": store.id, "counts": counts, "trials": [_told(r) for r in found]})
    else:
        for again in found:
            if again.outcome in ("changed", "damaged", "grader broken"):
                print(harmless(f"{again.trial}: {again.outcome} {_difference(again)}"))
        told = ", ".join(f"{n} {name}" for name, n in counts.items())
        print(f"{counted(len(found), 'trial')}: {told}")
    broken = counts.get("damaged", 0) + counts.get("grader broken", 0)
    differs = check and counts.get("changed", 0)
    raise typer.Exit(Exit.GATE_FAILED if broken or differs else Exit.PASSED)


def audit(
    tasks: Annotated[list[str], typer.Argument(help="Suite or suite/family/name with wildcards.")],
    seeds: Annotated[str, typer.Option(help="Seeds, as 0-4 or 0,3,7.")] = "0-4",
    concurrency: Concurrency = None,
    sandbox: SandboxName = "auto",
    unsafe_local: Unsafe = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the trials where all is well, too.")
    ] = False,
    suites: Suites = None,
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """Prove tasks: the oracle is delegable; no-op, replay and every wrong solver are not.

    \b
    offsite audit starter --seeds 0-4
    offsite audit starter/bookkeeping/bank-reconciliation

    Each wrong solver must be caught by the criterion that its author named. Digests must not
    depend on the machine, and grading twice must give the same. Exit code 1 where one of this fails.
    """
    from ..runner.audit import Audit
    from ..runner.select import parse_seeds, select_tasks
    from .running import choose_provider

    suite, chosen = select_tasks(tasks, tuple(suites or ()))
    place, name = choose_provider(sandbox, chosen, unsafe=unsafe_local)
    folder = results / "audits" / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{suite.name}"

    async def go() -> list[TaskAudit]:
        working = asyncio.current_task()
        if working is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
        try:
            images = {image for task in chosen for image in task.spec.environment.images}
            work = Audit(
                suite,
                chosen,
                parse_seeds(seeds),
                place,
                name,
                {image: await place.prepare(image) for image in sorted(images)},
                concurrency or default_concurrency(),
                folder,
                unsafe_local,
            )
            showing = asyncio.create_task(_show(work))
            try:
                return await work.work()
            finally:
                showing.cancel()
                await asyncio.gather(showing, return_exceptions=True)
        finally:
            await place.aclose()

    try:
        found = asyncio.run(go())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    _print_audit(found, json=json)
    passed = all(task.passed for task in found)
    if passed and not keep:
        shutil.rmtree(folder)
    else:
        sys.stdout.flush()  # Where both go into one file, this line is to be the last.
        print(f"the trials are in {folder}", file=sys.stderr)
    raise typer.Exit(Exit.PASSED if passed else Exit.GATE_FAILED)


async def _show(work: Audit) -> None:
    """The audit's progress on standard error: a line every few seconds."""
    while True:
        await asyncio.sleep(5)
        if work.engine is not None:
            status = work.engine.status()
            phase = work.engine.context.store.id
            print(f"{phase}: {status['over']}/{status['planned']} trials", file=sys.stderr)


def _print_audit(found: list[TaskAudit], *, json: bool) -> None:
    from .text import add_row, harmless, out, print_json, table

    if json:
        print_json([_audited(task) for task in found])
        return
    numbers = ("seeds", "oracle", "no-op", "replay", "wrong caught", "false passes", "false fails")
    made = table("audit", ("task", *numbers, "verdict"), right=numbers)
    for task in found:
        add_row(
            made,
            task.task,
            task.seeds,
            f"{task.oracle}/{task.seeds}",
            task.no_op,
            task.replay,
            f"{task.wrong_caught}/{task.wrong}",
            len(task.false_passes),
            len(task.false_fails),
            "passed" if task.passed else "FAILED",
        )
    out().print(made)
    for task in found:
        for kind in ("false_passes", "false_fails", "problems"):
            for line in getattr(task, kind):
                print(harmless(f"{task.task}: {kind.replace('_', ' ')}: {line}"))


def _audited(task: TaskAudit) -> dict[str, Any]:
    counted = {name: value for name, value in vars(task).items() if name != "found"}
    return {**counted, "problems": task.problems, "passed": task.passed}


def _told(again: Regraded) -> dict[str, Any]:
    return {
        "trial": again.trial,
        "outcome": again.outcome,
        "message": again.message,
        "difference": _difference(again),
    }


def _difference(again: Regraded) -> str:
    """What differs between the verdicts, in a few words; empty where nothing does."""
    if again.outcome == "same":
        return ""
    if again.before is None or again.after is None:
        return again.message
    before, after = again.before.model_dump(), again.after.model_dump()
    parts = [
        f"{name} {before[name]} → {after[name]}"
        for name in before
        if name != "criteria" and before[name] != after[name]
    ]
    old = {c.name: c.passed for c in again.before.criteria}
    new = {c.name: c.passed for c in again.after.criteria}
    parts += [
        f"{n} {old.get(n)} → {new.get(n)}" for n in {**old, **new} if old.get(n) != new.get(n)
    ]
    return "; ".join(parts) or "messages only"
