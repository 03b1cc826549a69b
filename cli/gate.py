"""`offsite gate`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .exits import Exit
from .options import RESULTS, Json, Results

if TYPE_CHECKING:
    from ..records.gate import Gate, GateReport, Outcomes


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("gate")(gate)


def gate(
    run: Annotated[str, typer.Argument(help="Run, or RUN:AGENT where it has several agents.")],
    min_rate: Annotated[
        float | None, typer.Option(min=0, max=1, help="The least delegable rate that passes.")
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(help="Run (or RUN:AGENT) or file of --save, to compare with."),
    ] = None,
    max_drop: Annotated[
        float, typer.Option(min=0, max=1, help="How far the rate may be below the baseline's.")
    ] = 0.03,
    alpha: Annotated[
        float, typer.Option(min=1e-6, max=0.5, help="Of the one-sided intervals.")
    ] = 0.05,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Pass only where the whole interval is within the limit."),
    ] = False,
    save: Annotated[
        Path | None, typer.Option(help="Write the run's outcomes to this file, to compare with.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write a JUnit report to this file.")] = None,
    junit_mode: Annotated[
        Literal["gates", "trials"], typer.Option(help="What its test cases are.")
    ] = "gates",
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """Pass or fail a run: by a least rate, by how far it may fall below a baseline, or both.

    \b
    offsite gate last --min-rate 0.6
    offsite gate last --baseline baseline.json --max-drop 0.03 --junit gate.xml

    Fails only where the one-sided interval excludes what is allowed. Exit code 0 passed, 1 failed,
    3 trials without a verdict remain, 5 no trial has one, 6 inconclusive: below what is allowed,
    but within the interval.
    """
    from ..records.errors import InputError
    from ..records.gate import GateReport
    from ..records.store import write_atomically
    from ..runner.select import NothingSelected
    from ..scoring import gate as gates
    from .find import find_sample
    from .text import print_json

    if min_rate is None and baseline is None and save is None:
        raise InputError("name a gate: --min-rate RATE or --baseline RUN")
    sample = find_sample(run, results)
    now = gates.outcomes(sample)
    if not now.instances:
        raise NothingSelected(f"run {now.run}: no trial of {now.agent} has a verdict")
    made: list[Gate] = []
    if min_rate is not None:
        made.append(gates.min_rate(now, min_rate, alpha, strict=strict))
    if baseline is not None:
        before = _read_baseline(baseline, results)
        made.append(gates.max_drop(now, before, max_drop, alpha, strict=strict))
    planned = sum(plan.agent == sample.agent for plan in sample.run.trials)
    report = GateReport(
        run=now.run,
        agent=now.agent,
        suite=now.suite,
        suite_digest=now.suite_digest,
        gates=tuple(made),
        errors=int(sample.trials.error.sum()),
        missing=planned - len(sample.trials),
    )
    if save:
        write_atomically(save, now.model_dump_json(indent=1))
    if junit:
        from .junit import junit_report

        trials = sample.trials if junit_mode == "trials" else None
        write_atomically(junit, junit_report(report, trials))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(_markdown(report))
    if json:
        print_json(report.model_dump(mode="json"))
    else:
        _print(report)
    raise typer.Exit(_exit(report))


def _read_baseline(name: str, results: Path) -> Outcomes:
    from ..records.gate import Outcomes
    from ..records.store import read_record
    from ..scoring.gate import outcomes
    from .find import find_sample

    if Path(name).is_file():
        return read_record(Path(name), Outcomes)
    return outcomes(find_sample(name, results))


def _exit(report: GateReport) -> Exit:
    outcomes = {gate.outcome for gate in report.gates}
    if "failed" in outcomes:
        return Exit.GATE_FAILED
    if report.errors or report.missing:
        return Exit.INFRASTRUCTURE
    return Exit.INCONCLUSIVE if "inconclusive" in outcomes else Exit.PASSED


def _print(report: GateReport) -> None:
    from .text import harmless, tell

    print(harmless(f"{report.run}  {report.agent}"))
    for each in report.gates:
        print(harmless(f"{each.outcome:12}  {told(each)}"))
    if report.errors or report.missing:
        tell(
            f"{report.errors} errors and {report.missing} missing trials are not in these numbers; "
            f"to go on: offsite resume {report.run}"
        )


def told(gate: Gate) -> str:
    """A gate in one line: what was measured, what is allowed, how sure, and what could be found."""
    sign = "+" if gate.name == "max-drop" else ""
    what = "rate" if gate.name == "min-rate" else f"change from {gate.baseline}"
    found = (
        f"{100 * gate.value:{sign}.1f} [{100 * gate.low:{sign}.1f}, {100 * gate.high:{sign}.1f}]"
    )
    power = (
        "no task differs from the others"
        if gate.detectable is None
        else f"smallest detectable shortfall {100 * gate.detectable:.1f} points"
    )
    left = "".join(f"; {n} instances {cause}" for cause, n in gate.left_out.items())
    return (
        f"{gate.name}: {what} {found} points, at least {100 * gate.limit:{sign}.1f} is allowed; "
        f"{gate.n} instances of {gate.tasks} tasks, one-sided {1 - gate.alpha:.0%} bounds, "
        f"{power}{left}"
    )


def _markdown(report: GateReport) -> str:
    """A table for the summary of a step in GitHub's workflows."""
    rows = [
        "| gate | outcome | measured | bounds | allowed from | instances | tasks | detectable |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {g.name} | {g.outcome} | {100 * g.value:.1f} | {100 * g.low:.1f} to "
            f"{100 * g.high:.1f} | {100 * g.limit:.1f} | {g.n} | {g.tasks} | "
            + ("– |" if g.detectable is None else f"{100 * g.detectable:.1f} |")
            for g in report.gates
        ),
    ]
    title = f"### {report.suite}: {report.agent}".replace("|", "\\|").replace("\n", " ")
    end = f"\nRun {report.run}: {report.errors} errors, {report.missing} trials missing.\n"
    return "\n".join([title, "", *rows, end])
