"""`offsite compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .options import RESULTS, Json, Results

if TYPE_CHECKING:
    from ..records.comparison import Comparison

SHOWN = 10
"""Tasks and trials that are printed; `--json` has all."""


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("compare")(compare)


def compare(
    before: Annotated[str, typer.Argument(help="Run, or RUN:AGENT where it has several agents.")],
    after: Annotated[str, typer.Argument(help="What is compared with it, likewise.")],
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """Compare two agents on the instances that both did: what AFTER does better than BEFORE.

    \b
    offsite compare 20250601-120000-starter-1a2b last
    offsite compare last:careless last:oracle --json

    The interval is clustered by task; instances of different digests are not compared.
    """
    from ..scoring.comparison import compare as compare_samples
    from .find import find_sample
    from .text import print_json

    found = compare_samples(find_sample(before, results), find_sample(after, results))
    if json:
        print_json(found.model_dump(mode="json"))
    else:
        _print_comparison(found)


def _print_comparison(found: Comparison) -> None:
    from .text import counted, harmless, print_columns, share

    d = found.difference
    for name, side in (("before", found.before), ("after", found.after)):
        print(harmless(f"{name:7}{share(side.delegable)}  {side.agent}  {side.run}"))
    print(
        f"{'change':7}{100 * d.value:+.1f} points [{100 * d.low:+.1f}, {100 * d.high:+.1f}], "
        f"p = {d.p:.2g}, {counted(d.n, 'instance')} of {counted(d.clusters, 'task')}: "
        f"{found.won} won, {found.lost} lost"
    )
    if d.detectable is not None:
        print(
            f"{'':7}smallest difference to be found (80 % power): {100 * d.detectable:.1f} points"
        )
    for cause, number in found.left_out.items():
        print(f"{'':7}left out: {counted(number, 'instance')} {cause}")
    if found.before.suite_digest != found.after.suite_digest:
        print(f"{'':7}the suites differ; only equal instances are compared")
    if found.changed:
        print()
        rows = [
            (c.task, c.instances, f"{c.before:.0%}", f"{c.after:.0%}", f"{c.after - c.before:+.0%}")
            for c in found.changed[:SHOWN]
        ]
        columns = ("task", "instances", "before", "after", "change")
        print_columns(columns, rows, columns[1:])
    if found.look_at:
        print("\nlook at (offsite show RUN/TRIAL --transcript):")
    for pair in found.look_at[:SHOWN]:
        parts = ", ".join(part.replace("_", " ") for part in pair.failed)
        there = pair.after if pair.kind == "lost" else pair.before
        print(harmless(f"  {pair.kind:4}  {there}  (does not hold: {parts})"))
    more = max(len(found.changed), len(found.look_at)) - SHOWN
    if more > 0:
        print(f"… {more} more: --json")
