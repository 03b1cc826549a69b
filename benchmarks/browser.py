"""What the desk's browser costs: start, each action, memory, and the size of its image.

Every action goes the whole way, from the harness through the channel to the browser, and has its
picture taken, as the worker's tools do. Prints Markdown.

    python benchmarks/browser.py [--calls 20]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
import uuid
from typing import Any

import docker
from offsite.records.instance import File
from offsite.sandboxes import DeskSpec, Sandbox, provider
from owner import held_folder

SITE = """\
import http.server
rows = "".join(f"<tr><td>Order {n}<td><a href=/>open</a>" for n in range(60))
page = f"<title>Orders</title><h1>Orders</h1><button>Press</button><table>{rows}</table>".encode()
class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page)
http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Site).serve_forever()
"""
URL = "http://localhost:8000/"
IMAGES = ("desk", "desk-browser")


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20, help="actions of each kind")
    options = parser.parse_args()
    place = provider("docker")
    sizes = {image: image_size(await place.prepare(image)) for image in IMAGES}
    with held_folder() as owner:
        trial = f"benchmark-{uuid.uuid4().hex[:8]}"
        desk = await place.open(
            DeskSpec(run="benchmark", trial=trial, owner=owner, image="desk-browser", cpus=2)
        )
        try:
            await measure(desk, options.calls)
        finally:
            await desk.close()
            await place.aclose()
    print("\n| image | MB |\n| --- | ---: |")
    for image, size in sizes.items():
        print(f"| {image} | {size / 1e6:.0f} |")


async def measure(desk: Sandbox, calls: int) -> None:
    """Two tables: times, and memory."""
    await desk.write({"/tmp/site.py": File(SITE.encode())})
    await desk.shell("python3 /tmp/site.py >/dev/null 2>&1 &")
    await desk.run("until curl -fs localhost:8000 >/dev/null; do sleep 0.1; done")
    empty = await memory(desk)
    print("| what | times | median ms | 90 % ms |\n| --- | ---: | ---: | ---: |")
    print_row("first action: driver, Chromium and a page", [await act(desk, "open", url=URL)])
    again: list[float] = []
    for _ in range(3):
        await desk.run("pkill -9 -f '[d]river.py'; pkill -9 -f '[c]hromium'")
        again.append(await act(desk, "open", url=URL))
    print_row("the same after a kill", again)
    kinds: dict[str, tuple[str, dict[str, Any], bool]] = {
        "open, with its picture": ("open", {"url": URL}, True),
        "snapshot (200 lines), with its picture": ("snapshot", {}, True),
        "snapshot": ("snapshot", {}, False),
        "click, with its picture": ("click", {}, True),
        "the way there and back alone": ("tabs", {}, False),
    }
    for title, (action, arguments, picture) in kinds.items():
        taken: list[float] = []
        for _ in range(calls):
            given = {"ref": await button(desk)} if action == "click" else arguments
            taken.append(await act(desk, action, picture=picture, **given))
        print_row(title, taken)
    taken = [await seconds(desk.run(["true"])) for _ in range(calls)]
    print_row("`run` of `true`, to compare", taken)
    print(
        f"\nMemory of the desk: {empty:.0f} MB without the browser, {await memory(desk):.0f} with it."
    )


async def act(desk: Sandbox, action: str, *, picture: bool = True, **arguments: Any) -> float:
    """Seconds of one action."""
    began = time.perf_counter()
    await ask(desk, action, arguments, picture=picture)
    return time.perf_counter() - began


async def ask(desk: Sandbox, action: str, arguments: dict[str, Any], *, picture: bool) -> str:
    """What the driver answers."""
    request = json.dumps({"action": action, "arguments": arguments, "picture": picture})
    result = await desk.run(["browse", "-"], stdin=request.encode(), timeout=150, cap=2**24)
    head = json.loads(result.output.partition(b"\n")[0])
    assert not head["error"], head["text"]
    return head["text"]


async def button(desk: Sandbox) -> str:
    """The reference of the button."""
    text = await ask(desk, "snapshot", {"find": "Press"}, picture=False)
    return text.split("[ref=")[-1].split("]")[0]


async def seconds(doing: Any) -> float:
    """How long it takes."""
    began = time.perf_counter()
    await doing
    return time.perf_counter() - began


async def memory(desk: Sandbox) -> float:
    """MB of the worker's processes, shared pages counted by their share."""
    sums = await desk.run(
        "cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^Pss:/ {s += $2} END {print s}'"
    )
    return float(sums.text) / 1000


def image_size(image: str) -> int:
    """Bytes of an image with all layers below it."""
    engine: Any = docker.from_env()
    return engine.images.get(image).attrs["Size"]


def print_row(title: str, taken: list[float]) -> None:
    """One row."""
    high = sorted(taken)[int(len(taken) * 0.9)]
    print(f"| {title} | {len(taken)} | {statistics.median(taken) * 1000:.1f} | {high * 1000:.1f} |")


if __name__ == "__main__":
    asyncio.run(main())
