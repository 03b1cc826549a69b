"""What a trial costs beside its agent: opening a desk, ten commands or none, closing it.

Beside Offsite stand the bare engine doing the same: `docker run --rm IMAGE true`, and one
`docker run -i --rm IMAGE bash` that is given ten commands through its pipe, each awaited. Prints
Markdown. CPU seconds are those of the harness: for the bare engine, of its `docker` processes.

    python benchmarks/trials.py [--trials 40] [--concurrency 1 4 8]
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import subprocess
import time
import uuid
from collections.abc import Awaitable, Callable

from offsite.sandboxes import DeskSpec, Provider, provider
from owner import held_folder

COMMANDS = [f"cd /tmp && echo {n} > file{n} && cat file{n}" for n in range(10)]
MARK = "@@over@@"

Trial = Callable[[], Awaitable[None]]


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 4, 8])
    options = parser.parse_args()
    with held_folder() as owner:
        await compare(owner, options.trials, options.concurrency)


async def compare(owner: str, trials: int, widths: list[int]) -> None:
    """Print the table."""
    place = provider("docker")
    image = await place.prepare("desk")
    kinds: dict[str, dict[str, Trial]] = {
        "no-op": {
            "`docker run --rm`": lambda: bare(image),
            "`docker run --rm --network none`": lambda: bare(image, "--network", "none"),
            "Offsite": lambda: offsite(place, owner, 0),
        },
        "ten commands": {
            "`docker run -i`, one pipe": lambda: piped(image),
            "`docker run -i --network none`": lambda: piped(image, "--network", "none"),
            "Offsite": lambda: offsite(place, owner, 10),
        },
    }
    print("| trial | at once | way | median s | trials/s | CPU s of the harness | bare = 1 |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")
    for kind, ways in kinds.items():
        for width in widths:
            for way, figures in (await measure(ways, trials, width)).items():
                took, rate, cpu, ratio = figures
                row = f"| {kind} | {width} | {way} | {took:.3f} | {rate:.2f} | {cpu:.3f} |"
                print(f"{row} {ratio:.2f} |", flush=True)
    await place.aclose()


async def measure(
    ways: dict[str, Trial], count: int, width: int
) -> dict[str, tuple[float, float, float, float]]:
    """Median seconds of a trial, trials a second, CPU seconds a trial, ratio to the first way.

    The ways take turns, `width` trials at once each time, so that all meet the same load.
    """
    taken: dict[str, list[float]] = {way: [] for way in ways}
    wall = dict.fromkeys(ways, 0.0)
    cpu = dict.fromkeys(ways, 0.0)

    async def timed(way: str) -> None:
        began = time.perf_counter()
        await ways[way]()
        taken[way].append(time.perf_counter() - began)

    for trial in ways.values():
        await trial()
    for _ in range(-(-count // width)):
        for way in ways:
            used, began = cpu_seconds(), time.perf_counter()
            await asyncio.gather(*(timed(way) for _ in range(width)))
            wall[way] += time.perf_counter() - began
            cpu[way] += cpu_seconds() - used
    medians = {way: statistics.median(times) for way, times in taken.items()}
    first = next(iter(medians.values()))
    return {
        way: (
            medians[way],
            len(times) / wall[way],
            cpu[way] / len(times),
            medians[way] / first,
        )
        for way, times in taken.items()
    }


def cpu_seconds() -> float:
    """CPU seconds of this process and of those that it has awaited."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


async def bare(image: str, *more: str) -> None:
    """The engine's own way to do nothing."""
    command = ["docker", "run", "--rm", *more, image, "true"]
    process = await asyncio.create_subprocess_exec(*command)
    if await process.wait():
        raise SystemExit("docker run failed")


async def piped(image: str, *more: str) -> None:
    """The engine's own way to do ten commands with one pipe."""
    process = await asyncio.create_subprocess_exec(
        *("docker", "run", "-i", "--rm", *more, image, "bash"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for command in COMMANDS:
        process.stdin.write(f"{command}; echo {MARK}\n".encode())
        await process.stdout.readuntil(f"{MARK}\n".encode())
    process.stdin.close()
    if await process.wait():
        raise SystemExit("docker run failed")


async def offsite(place: Provider, owner: str, commands: int) -> None:
    """A desk, some commands, no desk."""
    spec = DeskSpec(run="benchmark", trial=uuid.uuid4().hex, owner=owner)
    desk = await place.open(spec)
    try:
        for command in COMMANDS[:commands]:
            result = await desk.shell(command)
            if result.exit_code:
                raise SystemExit(f"the command failed: {result.text}")
    finally:
        await desk.close()


if __name__ == "__main__":
    asyncio.run(main())
