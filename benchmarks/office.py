"""What an office costs: from nothing to ready per set of services, its memory, the images' sizes.

Prints Markdown. `ready` is `Provider.open`: two containers, the services, the desk's trust in the
office's certificate.

Then a run of trials, each of which works for some seconds (waits, as for a model), with and without
a spare office that is booted ahead for the next one; the ways take turns.

    python benchmarks/office.py [--rounds 5] [--at-once 1] [--trials 6] [--work 0 10]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from offsite.sandboxes import DeskSpec
from offsite.sandboxes.docker import DockerProvider
from offsite.sandboxes.engine import connect
from offsite.sandboxes.images import PARENTS, image_tag
from owner import held_folder

SETS = (
    ("mail",),
    ("mail", "calendar"),
    ("mail", "calendar", "tracker", "chat"),
    ("mail", "calendar", "tracker", "chat", "files"),
    ("forge",),
    ("erp",),
    ("mail", "erp"),
)
MIB = 1024 * 1024


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--trials", type=int, default=6)
    parser.add_argument("--work", type=float, nargs="*", default=[0.0, 10.0])
    options = parser.parse_args()
    place = DockerProvider()
    for image in ("desk", "office"):
        await place.prepare(image)
    print(f"Load {Path('/proc/loadavg').read_text().split()[0]}, {options.at_once} at once\n")
    print("| services | ready, median s | fastest s | slowest s | memory MiB | closed s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    with held_folder() as owner:
        for services in SETS:
            figures = [
                figure
                for _ in range(options.rounds)
                for figure in await asyncio.gather(
                    *(one(place, owner, services) for _ in range(options.at_once))
                )
            ]
            ready, memory, closed = zip(*figures, strict=True)
            print(
                f"| {', '.join(services)} | {statistics.median(ready):.2f} | {min(ready):.2f} "
                f"| {max(ready):.2f} | {statistics.median(memory):.0f} "
                f"| {statistics.median(closed):.2f} |",
                flush=True,
            )
        await compare_runs(place, owner, options.trials, options.work)
    await place.aclose()
    sizes()


async def compare_runs(
    place: DockerProvider, owner: str, trials: int, works: Sequence[float]
) -> None:
    """Print what a spare office saves a run."""
    services = ("mail", "calendar", "tracker", "chat")
    print(f"\nRuns of {trials} trials with {', '.join(services)}\n")
    print("| work s | at once | spare | opened, median s | slowest s | the run s |")
    print("| ---: | ---: | --- | ---: | ---: | ---: |")
    for work in works:
        for width in (1, 2, 4):
            for spare in (False, True):
                began = time.perf_counter()
                opened = await run(
                    place, owner, services, trials=trials, width=width, work=work, spare=spare
                )
                print(
                    f"| {work:g} | {width} | {'yes' if spare else 'no'} "
                    f"| {statistics.median(opened):.2f} | {max(opened):.2f} "
                    f"| {time.perf_counter() - began:.1f} |",
                    flush=True,
                )


async def run(
    place: DockerProvider,
    owner: str,
    services: tuple[str, ...],
    *,
    trials: int,
    width: int,
    work: float,
    spare: bool,
) -> list[float]:
    """Do as a run does; seconds until each trial's desk was open."""
    waiting = list(range(trials))
    opened: list[float] = []

    async def one_after_another() -> None:
        while waiting:
            waiting.pop()
            spec = DeskSpec(
                run="benchmark",
                trial=uuid.uuid4().hex,
                owner=owner,
                network="office",
                services=services,
                then=services if spare and waiting else (),
            )
            began = time.perf_counter()
            desk = await place.open(spec)
            opened.append(time.perf_counter() - began)
            await asyncio.sleep(work)
            await desk.close()

    await asyncio.gather(*(one_after_another() for _ in range(width)))
    return opened


async def one(
    place: DockerProvider, owner: str, services: tuple[str, ...]
) -> tuple[float, float, float]:
    """Seconds until ready, memory of the office in MiB, seconds to close."""
    spec = DeskSpec(
        run=uuid.uuid4().hex,
        trial=uuid.uuid4().hex,
        owner=owner,
        network="office",
        services=services,
    )
    began = time.perf_counter()
    desk = await place.open(spec)
    try:
        ready = time.perf_counter() - began
        memory = await asyncio.to_thread(used, spec.run)
    finally:
        began = time.perf_counter()
        await desk.close()
    return ready, memory, time.perf_counter() - began


def used(run: str) -> float:
    """What the processes of a run's office hold in memory, files that the kernel keeps for them left out."""
    client: Any = connect()
    labels = [f"offsite.run={run}", "offsite.part=office"]
    (container,) = client.containers.list(filters={"label": labels})
    kinds = container.stats(stream=False, one_shot=True)["memory_stats"]["stats"]
    client.close()
    return kinds.get("total_rss", kinds.get("anon", 0)) / MIB


def sizes() -> None:
    """Print what each image takes on the disk, its parents included."""
    client: Any = connect()
    print("\n| image | MiB | of which its own |")
    print("| --- | ---: | ---: |")
    whole = {name: client.images.get(image_tag(name)).attrs["Size"] / MIB for name in PARENTS}
    for name, parent in PARENTS.items():
        print(
            f"| {name} | {whole[name]:.0f} | {whole[name] - (whole[parent] if parent else 0):.0f} |"
        )
    client.close()


if __name__ == "__main__":
    asyncio.run(main())
