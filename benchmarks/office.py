"""What an office costs: from nothing to ready per set of services, its memory, the images' sizes.

Prints Markdown. `ready` is `Provider.open`: two containers, the services, the desk's trust in the
office's certificate.

    python benchmarks/office.py [--rounds 5] [--at-once 1]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
import uuid
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
    await place.aclose()
    sizes()


async def one(
    place: DockerProvider, owner: str, services: tuple[str, ...]
) -> tuple[float, float, float]:
    """Seconds until ready, memory of the office in MiB, seconds to close."""
    spec = DeskSpec(
        run="benchmark", trial=uuid.uuid4().hex, owner=owner, network="office", services=services
    )
    began = time.perf_counter()
    desk = await place.open(spec)
    try:
        ready = time.perf_counter() - began
        memory = await asyncio.to_thread(used, spec.trial)
    finally:
        began = time.perf_counter()
        await desk.close()
    return ready, memory, time.perf_counter() - began


def used(trial: str) -> float:
    """What the office's processes hold in memory, files that the kernel keeps for them left out."""
    client: Any = connect()
    labels = [f"offsite.trial={trial}", "offsite.part=office"]
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
