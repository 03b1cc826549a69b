"""What one tool call costs: `docker exec`, the SDK's `exec_run`, and Offsite's two ways.

All in one run and in one container, so that the figures can be compared. Prints Markdown.

    python benchmarks/tool_calls.py [--calls 100] [--floods 5]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import time
import uuid
from collections.abc import Awaitable, Callable

import docker
from offsite.sandboxes import DeskSpec, provider
from owner import held_folder

Call = Callable[[str], Awaitable[object]]

TRIVIAL = "true"
FORK = "/bin/true"
FLOOD = "head -c 100000000 /dev/zero"


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100, help="trivial calls of each kind")
    parser.add_argument("--floods", type=int, default=5, help="100 MB calls of each kind")
    options = parser.parse_args()
    with held_folder() as owner:
        await compare(owner, options.calls, options.floods)


async def compare(owner: str, calls: int, floods: int) -> None:
    """Open one desk, and print a table for each kind of command."""
    trial = f"benchmark-{uuid.uuid4().hex[:8]}"
    place = provider("docker")
    desk = await place.open(DeskSpec(run="benchmark", trial=trial, owner=owner, cpus=2))
    try:
        engine = docker.from_env()
        (container,) = engine.containers.list(filters={"label": f"offsite.trial={trial}"})

        async def by_cli(command: str) -> None:
            line = ["docker", "exec", "-u", "agent", container.id, "bash", "-c", command]
            process = await asyncio.create_subprocess_exec(*line, stdout=subprocess.DEVNULL)
            await process.wait()

        async def by_sdk(command: str) -> None:
            line = ["bash", "-c", command]
            await asyncio.to_thread(container.exec_run, line, user="agent")

        ways: dict[str, Call] = {
            "`docker exec` (CLI)": by_cli,
            "SDK `exec_run`": by_sdk,
            "Offsite `run`": desk.run,
            "Offsite `shell`": desk.shell,
        }
        kinds = [
            ("a builtin: `true`", TRIVIAL, calls),
            ("a program: `/bin/true`", FORK, calls),
            ("100 MB of output", FLOOD, floods),
        ]
        for title, command, count in kinds:
            print(f"\n{title}, {count} calls each, interleaved\n")
            print("| way | median ms | 90 % ms | docker exec = 1 |\n| --- | ---: | ---: | ---: |")
            print_rows(await measure(ways, command, count))
    finally:
        await desk.close()
        await place.aclose()


async def measure(ways: dict[str, Call], command: str, count: int) -> dict[str, list[float]]:
    """Seconds of every call; the ways take turns, so that all meet the same load."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for call in ways.values():
        await call(command)
    for _ in range(count):
        for name, call in ways.items():
            began = time.perf_counter()
            await call(command)
            taken[name].append(time.perf_counter() - began)
    return taken


def print_rows(taken: dict[str, list[float]]) -> None:
    """One row for each way, with its ratio to the first."""
    medians = {name: statistics.median(times) for name, times in taken.items()}
    first = next(iter(medians.values()))
    for name, times in taken.items():
        high = sorted(times)[int(len(times) * 0.9)]
        ratio = medians[name] / first
        shown = f"1/{1 / ratio:.0f}" if ratio < 0.5 else f"{ratio:.2f}"
        print(f"| {name} | {medians[name] * 1000:.2f} | {high * 1000:.2f} | {shown} |")


if __name__ == "__main__":
    asyncio.run(main())
