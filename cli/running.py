"""`offsite run` and `offsite resume`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
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
from .text import tell

if TYPE_CHECKING:
    from ..records.agent_spec import AgentSpec
    from ..records.store import RunStore
    from ..runner.engine import Engine
    from ..sandboxes import Provider
    from ..tasks.model import Task


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.command("run")(run)
    app.command("resume")(resume)


def run(
    tasks: Annotated[
        list[str],
        typer.Argument(help="Suite, suite/family/name with wildcards, or a suite's folder."),
    ],
    agent: Annotated[
        list[str], typer.Option("--agent", "-a", help="Agent; several by commas or again.")
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model", "-m", help="provider:name, for agents that need one; may be given again."
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", help="Setting of the agent, NAME=VALUE (JSON or text)."),
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(help="Seeds, as 0-4 or 0,3,7; default: the suite's.")
    ] = None,
    repeat: Annotated[int, typer.Option(min=1, help="Trials of each instance.")] = 1,
    concurrency: Concurrency = None,
    sandbox: SandboxName = "auto",
    unsafe_local: Unsafe = False,
    wall_minutes: Annotated[
        float | None, typer.Option(min=0.01, help="Time limit instead of the tasks' own.")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Step limit, likewise.")] = None,
    tokens: Annotated[int | None, typer.Option(min=1, help="Token limit, likewise.")] = None,
    cost: Annotated[
        float | None,
        typer.Option(min=0, help="Cost limit in US dollars, likewise; 0: only what costs nothing."),
    ] = None,
    max_attempts: Annotated[
        int, typer.Option(min=1, help="Attempts at a trial that the infrastructure broke.")
    ] = 3,
    colleagues: Annotated[
        str | None,
        typer.Option(
            help="A model, provider:name, that plays the colleagues at the office instead of the "
            "tasks' rules: such trials are not repeatable."
        ),
    ] = None,
    dataset: Annotated[
        Path | None,
        typer.Option(envvar="OFFSITE_HLE", help="Of `hle`: the file with the questions."),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(help="Of `hle`: the model, provider:name, that judges the answers."),
    ] = None,
    suites: Suites = None,
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """Run agents on a suite or on some of its tasks.

    \b
    offsite run starter --agent oracle,careless,no-op
    offsite run 'starter/bookkeeping/*' -a worker -m openai:gpt-5 --seeds 0-4 --repeat 4 -j 8
    offsite run hle -a ask -m openai:gpt-5 --judge openai:o3-mini --dataset hle.parquet

    Ctrl-C finishes the trials under way; a second one ends them. Either way
    `offsite resume last` does what is missing.

    Exit code: 0, or 2 interrupted, 3 infrastructure errors remain, 4 bad input, 5 nothing selected.
    """
    from ..agents.models import check_model
    from ..agents.servers import check_servers
    from ..records.errors import InputError
    from ..records.run import LimitOverrides
    from ..records.store import RunStore
    from ..runner.plan import make_plan
    from ..runner.select import parse_seeds, select_tasks
    from ..sandboxes import provider
    from .exam import exam_plan, is_exam

    limits = LimitOverrides(wall_minutes=wall_minutes, steps=steps, tokens=tokens, cost_usd=cost)
    if is_exam(tasks):
        plan = exam_plan(
            tasks,
            agent,
            model or [],
            option or [],
            dataset=dataset,
            judge=judge,
            foreign={
                "seeds": seeds,
                "sandbox": sandbox != "auto",
                "unsafe-local": unsafe_local,
                "colleagues": colleagues,
                "suites": suites,
            },
            repeats=repeat,
            concurrency=concurrency,
            limits=limits,
            max_attempts=max_attempts,
        )
        asyncio.run(check_servers([*(spec.model for spec in plan.agents), judge]))
        store = RunStore.create(results / plan.id, plan)
        raise typer.Exit(asyncio.run(work(store, provider("none"), json=json)))
    if judge is not None:
        raise InputError("--judge: is of `hle`: a task has its own grader")
    suite, chosen = select_tasks(tasks, tuple(suites or ()))
    specs = agent_specs(agent, model or [], option or [], {task.id: task for task in chosen})
    if any(spec.name == "ask" for spec in specs):
        raise InputError(f"--agent ask: is of `hle`: the tasks of {suite.name} need a desk")
    if colleagues is not None:
        check_model(colleagues)
    asyncio.run(check_servers([*(spec.model for spec in specs), colleagues]))
    place, name = choose_provider(sandbox, chosen, unsafe=unsafe_local)

    async def go() -> Exit:
        images = {image for task in chosen for image in task.spec.environment.images}
        plan = make_plan(
            suite,
            chosen,
            specs,
            seeds=parse_seeds(seeds) if seeds else suite.seeds,
            repeats=repeat,
            sandbox=name,
            concurrency=concurrency or default_concurrency(),
            images={image: await place.prepare(image) for image in sorted(images)},
            unsafe_local=unsafe_local,
            limits=limits,
            max_attempts=max_attempts,
            colleagues=colleagues,
        )
        store = RunStore.create(results / plan.id, plan)
        return await work(store, place, json=json)

    raise typer.Exit(asyncio.run(go()))


def resume(
    run: Annotated[str, typer.Argument(help="Run: `last`, an id or its beginning, or a folder.")],
    concurrency: Concurrency = None,
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """Do what is missing of a run: trials not begun, interrupted, or ended by an error.

    \b
    offsite resume last

    A model's trial goes on at its last step where its desk still lives; else it begins anew.
    Exit codes are those of `offsite run`.
    """
    from ..agents import make_agent
    from ..agents.servers import check_servers
    from ..runner.engine import missing_trials
    from ..runner.session import changed_tasks, tasks_of
    from ..sandboxes import provider
    from .find import find_run

    store = find_run(run, results)
    for trial, cause in store.corrupt():
        tell(f"{cause}; the trial {trial} is done again")
    plan = store.run()
    tasks = tasks_of(plan)
    for spec in plan.agents:
        mine = {trial.task for trial in plan.trials if trial.agent == spec.slug}
        make_agent(spec, {id: task for id, task in tasks.items() if id in mine})
    missing = {trial.agent for trial in missing_trials(store)}
    models = [spec.model for spec in plan.agents if spec.slug in missing]
    asyncio.run(check_servers([*models, *((plan.colleagues, plan.judge) if missing else ())]))
    for task in changed_tasks(plan, tasks):
        tell(f"{task} has changed since the run was made")
    _tell_of_builds()
    place = provider(plan.sandbox, unsafe=plan.unsafe_local)
    raise typer.Exit(asyncio.run(work(store, place, json=json, concurrency=concurrency)))


def agent_specs(
    names: list[str], models: list[str], options: list[str], tasks: dict[str, Any]
) -> list[AgentSpec]:
    """The agents that a user named, each checked: a missing key is told before anything starts."""
    from ..agents import AGENTS, make_agent
    from ..agents.models import doubt_name
    from ..records.agent_spec import AgentSpec
    from ..records.errors import InputError
    from ..runner.select import NothingSelected

    settings = _settings(options)
    specs: list[AgentSpec] = []
    for name in [part.strip() for whole in names for part in whole.split(",") if part.strip()]:
        needs = name in AGENTS and AGENTS[name].needs_model
        for model in models if needs and models else [None]:
            specs.append(AgentSpec(name=name, model=model, options=settings))
    if not specs:
        raise NothingSelected("--agent names no agent")
    for spec in specs:
        make_agent(spec, tasks)
    if models and all(spec.model is None for spec in specs):
        raise InputError(f"--model {models[0]}: none of these agents takes a model")
    for model in dict.fromkeys(models):
        if doubt := doubt_name(model):
            tell(doubt)
    return list({spec.slug: spec for spec in specs}.values())


def choose_provider(name: str, tasks: Sequence[Task], *, unsafe: bool) -> tuple[Provider, str]:
    """The sandbox provider that was asked for; `auto` looks for an engine.

    Raises:
        InputError: there is none of this name, or it does not offer what a task needs.
    """
    from ..records.errors import InputError, nearest
    from ..sandboxes import PROVIDERS, provider

    _tell_of_builds()
    if name == "auto":
        name = _best_sandbox()
    if name not in PROVIDERS:
        raise InputError(f"no sandbox {name!r}{nearest(name, [*PROVIDERS, 'auto'])}")
    _check_offer(name, tasks)
    return provider(name, unsafe=unsafe), name


def _best_sandbox() -> str:
    """`docker` where an engine answers and the user does not leave it out, else `local`."""
    from ..sandboxes import EngineUnavailable
    from ..sandboxes.engine import connect

    if os.environ.get("OFFSITE_NO_DOCKER") == "1":
        tell("OFFSITE_NO_DOCKER is 1; using the local sandbox")
        return "local"
    try:
        connect(timeout=10).close()
    except EngineUnavailable as error:
        tell(f"{error}; using the local sandbox")
        return "local"
    return "docker"


def _check_offer(name: str, tasks: Sequence[Task]) -> None:
    """Refuse before anything is planned what this provider cannot give a task."""
    from ..records.errors import InputError

    networks = {"docker": ("none", "office", "open"), "local": ("none",)}[name]
    for task in tasks:
        wanted = task.spec.environment
        if wanted.network in networks:
            continue
        field, lacks = "network", repr(wanted.network)
        if wanted.services:
            field, lacks = "services", ", ".join(wanted.services)
        raise InputError(f"{task.id}: environment.{field}: the sandbox {name} has no {lacks}")


def _tell_of_builds() -> None:
    """Show on standard error what the building of an image says: it takes a minute."""
    import logging

    teller = logging.StreamHandler()
    teller.setFormatter(logging.Formatter("offsite: %(message)s"))
    images = logging.getLogger("offsite.sandboxes.images")
    images.addHandler(teller)
    images.setLevel(logging.INFO)


async def work(
    store: RunStore, place: Provider, *, json: bool, concurrency: int | None = None
) -> Exit:
    """Work on a run with progress on standard error, and print what came of it."""
    from ..runner.session import open_engine
    from .progress import show_progress
    from .walk import walk

    plan = store.run()
    print(f"run {store.id} in {store.folder} (sandbox {plan.sandbox})", file=sys.stderr)
    by_hand = any(agent.name == "human" for agent in plan.agents)
    try:
        async with open_engine(
            store, concurrency=1 if by_hand else concurrency, place=place
        ) as engine:
            obey_signals(engine)
            beside = asyncio.create_task(walk(engine) if by_hand else show_progress(engine))
            try:
                await engine.work()
            finally:
                beside.cancel()
                (broken,) = await asyncio.gather(beside, return_exceptions=True)
            if by_hand and isinstance(broken, Exception):
                raise broken
    finally:
        await place.aclose()
    summarise(store, json=json)
    return _exit_code(engine, store)


def summarise(store: RunStore, *, json: bool) -> None:
    """Print the table of a run's agents, or the same as JSON."""
    from ..scoring.leaderboard import run_entries
    from .exam import print_exam
    from .text import print_entries, print_json

    entries = run_entries(store)
    if json:
        print_json({"run": store.id, "entries": [e.model_dump(mode="json") for e in entries]})
        return
    if (plan := store.run()).judge is not None:
        print_exam(plan, entries)
        return
    print_entries(
        f"{store.id}  (delegable rate with 95 % interval; time is the agents' own, summed)", entries
    )


def obey_signals(engine: Engine) -> None:
    """The first Ctrl-C drains, the second stops; SIGTERM stops."""

    def interrupted() -> None:
        if engine.mode in ("running", "paused"):
            engine.drain()
            number = len(engine.status()["live"])
            trials = "1 trial" if number == 1 else f"{number} trials"
            print(
                f"\noffsite: finishing {trials} under way; Ctrl-C again ends them", file=sys.stderr
            )
        else:
            engine.stop()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, interrupted)
    loop.add_signal_handler(signal.SIGTERM, engine.stop)


def _exit_code(engine: Engine, store: RunStore) -> Exit:
    from .progress import finished_line

    if engine.failure:
        tell(f"{engine.failure}; mend it, then: offsite resume {store.id}")
        return Exit.INFRASTRUCTURE
    if engine.status()["over"] < len(store.run().trials):
        tell(f"interrupted; to go on: offsite resume {store.id}")
        return Exit.INTERRUPTED
    # The whole run's: an error that was there before, and is not done again, still is one.
    errors = [record for record in store.trials() if record.error]
    lines_printed = not sys.stderr.isatty()
    told = {record.plan.id for record in engine.finished if lines_printed}
    for record in errors:
        if record.plan.id not in told:
            tell(finished_line(record))
    faults = [record.fault for record in errors]
    if faults and all(fault == "user" for fault in faults):
        return Exit.BAD_INPUT
    return Exit.INFRASTRUCTURE if faults else Exit.PASSED


def _settings(options: list[str]) -> dict[str, Any]:
    import json

    from ..records.errors import InputError

    found: dict[str, Any] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not equals or not name:
            raise InputError(f"--option {option}: is not NAME=VALUE")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found
