"""`offsite desk` and `offsite baseline`: doing a task by hand, or by any program."""

from __future__ import annotations

import asyncio
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .exits import Exit
from .options import RESULTS, Json, Results, SandboxName, Suites, Unsafe

if TYPE_CHECKING:
    from ..runner.desks import DeskClient

desks = typer.Typer(
    help="""Do a task by hand, or by any program: the same instruction, clock, evidence and grader.

\b
  offsite desk open starter/bookkeeping/bank-reconciliation --seed 3
  offsite desk exec ID -- ls -l
  offsite desk report ID --status done --confidence 0.9 --summary "reconciled"
""",
    no_args_is_help=True,
    rich_markup_mode=None,
)
baselines = typer.Typer(
    help="""What people needed for a task.

\b
  offsite baseline add last
""",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ADVICE = "open a desk: offsite desk open SUITE/FAMILY/NAME"
Id = Annotated[str, typer.Argument(help="The desk: its id, the id's beginning, or `last`.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.add_typer(desks, name="desk")
    app.add_typer(baselines, name="baseline")


@desks.command("open")
def open_(
    task: Annotated[str, typer.Argument(help="The task, as suite/family/name.")],
    seed: Annotated[int, typer.Option(min=0, help="Which instance.")] = 0,
    sandbox: SandboxName = "auto",
    unsafe_local: Unsafe = False,
    wall_minutes: Annotated[
        float | None, typer.Option(min=0.01, help="Time limit instead of the task's.")
    ] = None,
    suites: Suites = None,
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """Open a desk for one instance of a task and print its id and instruction.

    \b
    offsite desk open starter/bookkeeping/bank-reconciliation --seed 3

    The clock runs from now on. The desk stays open in the background until a report, `desk close`,
    or the time limit.
    """
    from ..records.agent_spec import AgentSpec
    from ..records.errors import InputError
    from ..records.run import LimitOverrides
    from ..records.store import RunStore
    from ..runner.desks import DeskClient, start_host
    from ..runner.plan import make_plan
    from ..runner.select import select_tasks
    from .running import choose_provider
    from .text import print_json
    from .walk import print_assignment

    suite, chosen = select_tasks([task], tuple(suites or ()))
    if len(chosen) != 1:
        raise InputError(f"{task}: a desk is for one task, this names {len(chosen)}")
    place, name = choose_provider(sandbox, chosen, unsafe=unsafe_local)

    async def prepare() -> dict[str, str]:
        try:
            wanted = sorted(chosen[0].spec.environment.images)
            return {image: await place.prepare(image) for image in wanted}
        finally:
            await place.aclose()

    plan = make_plan(
        suite,
        chosen,
        [AgentSpec(name="human")],
        seeds=[seed],
        repeats=1,
        sandbox=name,
        concurrency=1,
        images=asyncio.run(prepare()),
        unsafe_local=unsafe_local,
        limits=LimitOverrides(wall_minutes=wall_minutes),
        max_attempts=1,
    )
    store = RunStore.create(results / plan.id, plan)
    start_host(store)
    status = asyncio.run(DeskClient(store).ask(do="status"))
    if json:
        print_json({"id": store.id, **status})
        return
    print_assignment(status)
    print(f"desk {store.id} in {store.folder.absolute()}. For example:")
    print(f"  offsite desk shell {store.id}")
    print(f'  offsite desk report {store.id} --status done --confidence 0.9 --summary "…"')


@desks.command("exec", context_settings={"ignore_unknown_options": True})
def exec_(
    id: Id,
    command: Annotated[list[str], typer.Argument(help="After --: the command and its words.")],
    timeout: Annotated[float, typer.Option(min=0.1, max=86_400, help="Seconds.")] = 600,
    results: Results = RESULTS,
) -> None:
    """Run a command in the desk's shell; its exit code is this command's (124 after a timeout).

    \b
    offsite desk exec ID -- python3 -c 'print(1)'
    offsite desk exec ID -- 'cd reports && ls'

    One word is given to the shell as it is, several are quoted; `cd` and variables survive.
    """
    from .text import harmless, tell

    line = command[0] if len(command) == 1 else shlex.join(command)
    output, code = asyncio.run(_client(id, results).execute(line, timeout))
    if sys.stdout.isatty():
        print(harmless(output.decode("utf-8", errors="replace")), end="")
    else:
        sys.stdout.buffer.write(output)
    sys.stdout.flush()
    if code is None:
        tell(f"ended after {timeout:g} s (--timeout)")
    raise typer.Exit(124 if code is None else code)


@desks.command("shell")
def shell(id: Id, results: Results = RESULTS) -> None:
    """Work at the desk line by line; Ctrl-D leaves it open.

    \b
    offsite desk shell last
    """
    from .walk import converse

    asyncio.run(converse(_client(id, results)))


@desks.command("browser")
def browser(id: Id, results: Results = RESULTS) -> None:
    """Print the address of a page that shows the desk's browser, for you to use it.

    \b
    offsite desk browser last

    It is on this machine only, for whoever knows the address, and gone when the desk is closed.
    """
    print(asyncio.run(_client(id, results).ask(do="browser"))["address"])


@desks.command("put")
def put(
    id: Id,
    file: Annotated[Path, typer.Argument(help="A file of this machine.")],
    path: Annotated[str | None, typer.Argument(help="Where it goes; default: the home.")] = None,
    results: Results = RESULTS,
) -> None:
    """Lay a file on the desk.

    \b
    offsite desk put ID answer.csv reports/answer.csv
    """
    asyncio.run(_client(id, results).put(path or file.name, file.read_bytes()))


@desks.command("get")
def get(
    id: Id,
    path: Annotated[str, typer.Argument(help="A file of the desk.")],
    file: Annotated[
        Path | None, typer.Argument(help="Where to; default: here, `-`: print.")
    ] = None,
    results: Results = RESULTS,
) -> None:
    """Take a copy of a file from the desk.

    \b
    offsite desk get ID inbox.mbox
    """
    content = asyncio.run(_client(id, results).get(path))
    if file == Path("-"):
        sys.stdout.buffer.write(content)
    else:
        (file or Path(Path(path).name)).write_bytes(content)


@desks.command("report")
def report(
    id: Id,
    status: Annotated[str, typer.Option(help="done, partial, blocked or refused.")],
    confidence: Annotated[
        float, typer.Option(help="Probability that it will be accepted, 0 to 1.")
    ],
    summary: Annotated[str, typer.Option(help="What was done, or what stands in the way.")],
    question: Annotated[
        list[str] | None, typer.Option(help="An open question; again for more.")
    ] = None,
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """Hand in the report: the desk closes and the work is judged.

    \b
    offsite desk report ID --status done --confidence 0.9 --summary "reconciled, two entries"
    """
    from ..records.errors import InputError

    said = {
        "status": status,
        "confidence": confidence,
        "summary": summary,
        "questions": question or [],
    }
    if not summary.strip():
        raise InputError("--summary: is empty; say what was done, or what stands in the way")
    client = _client(id, results)
    asyncio.run(client.ask(do="report", report=said))
    _finish(client, json=json)


@desks.command("close")
def close(id: Id, results: Results = RESULTS, json: Json = False) -> None:
    """Leave without a report: what stands is judged.

    \b
    offsite desk close ID
    """
    client = _client(id, results)
    asyncio.run(client.ask(do="leave"))
    _finish(client, json=json)


@desks.command("ls")
def ls(results: Results = RESULTS, json: Json = False) -> None:
    """List the open desks.

    \b
    offsite desk ls
    """
    from ..records.sockets import socket_path
    from ..records.store import StoreError, find_runs, is_held
    from .find import ANOTHER_FOLDER
    from .text import harmless, print_json, tell

    rows: list[dict[str, object]] = []
    for store in find_runs(results):
        try:
            trials = store.run().trials
        except StoreError as error:
            tell(str(error))
            continue
        for trial in trials[:1] if is_held(store.folder) else ():
            if socket_path(store.folder / "trials" / trial.id).exists():
                rows.append({"id": store.id, "task": trial.task, "seed": trial.seed})
    if json:
        print_json(rows)
        return
    for row in rows:
        print(harmless(f"{row['id']} {row['task']} seed {row['seed']}"))
    if not rows:
        print(harmless(f"no desk is open in {results.absolute()}; {ADVICE}; {ANOTHER_FOLDER}"))


@baselines.command("add")
def add(
    trial: Annotated[
        str, typer.Argument(help="A person's trial: its id, RUN/TRIAL, or a desk's id.")
    ],
    results: Results = RESULTS,
) -> None:
    """Keep a person's minutes and outcome beside the task.

    \b
    offsite baseline add last
    """
    from ..records.errors import InputError
    from ..runner.session import tasks_of
    from ..tasks.baselines import BASELINES, Baseline, add_baseline
    from .find import find_run, find_trial

    found = None if trial == "last" else find_trial(trial, results)
    store, id = found or ((run := find_run(trial, results)), run.run().trials[0].id)
    record = store.trial(id)
    if record is None or record.verdict is None:
        raise InputError(f"{id}: has no verdict yet")
    if store.run().agent(record.plan.agent).name != "human":
        raise InputError(f"{id}: was not done by a person, but by {record.plan.agent}")
    task = tasks_of(store.run())[record.plan.task]
    new = add_baseline(
        task,
        Baseline(
            run=store.id,
            trial=id,
            seed=record.plan.seed,
            instance=record.instance,
            minutes=round(record.timing.work / 60, 2),
            delegable=record.verdict.delegable,
            partial=record.verdict.partial,
            ended=record.ended,
        ),
    )
    print(f"{task.folder / BASELINES}: {'added' if new else 'has it already'}")


def _client(id: str, results: Path) -> DeskClient:
    from ..runner.desks import DeskClient
    from .find import find_run

    return DeskClient(find_run(id, results, ADVICE))


def _finish(client: DeskClient, *, json: bool) -> None:
    from ..runner.desks import wait_until_over
    from .listing import print_record
    from .text import print_json, tell

    wait_until_over(client.store)
    record = client.store.trial(client.store.run().trials[0].id)
    if record is None:
        tell(f"not judged; look at {client.store.folder}")
        raise typer.Exit(Exit.INFRASTRUCTURE)
    if json:
        print_json(record.model_dump(mode="json"))
    else:
        print_record(record)
