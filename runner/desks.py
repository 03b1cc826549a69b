"""Desks that are open to people and programs: each a run of one trial, in a process of its own."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..agents.human import LONGEST_LINE
from ..records.errors import InputError
from ..records.sockets import socket_path
from ..records.store import RunStore, is_held

OPENING_SECONDS = 120
ENDING_SECONDS = 20
HOST_LOG = "desk.log"


@dataclass(frozen=True)
class DeskClient:
    """The way to an open desk.

    Attributes:
        trial: which trial of the run; by default its first, as for a desk that is a run of its own.
    """

    store: RunStore
    trial: str | None = None

    async def ask(self, **request: Any) -> dict[str, Any]:
        """Send one request (see `agents/human.py`) and wait for its answer.

        Raises:
            InputError: the desk is not open, or it refused the request.
        """
        trial = self.trial or self.store.run().trials[0].id
        path = socket_path(self.store.folder / "trials" / trial)
        try:
            reader, writer = await asyncio.open_unix_connection(path, limit=LONGEST_LINE)
        except OSError as error:
            raise InputError(f"desk {self.store.id} is not open") from error
        try:
            writer.write(json.dumps(request).encode() + b"\n")
            await writer.drain()
            line = await reader.readline()
        finally:
            writer.close()
        if not line:
            raise InputError(f"desk {self.store.id} was closed meanwhile")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise InputError(answer["error"])
        return answer

    async def execute(self, command: str, timeout: float) -> tuple[bytes, int | None]:
        """Run a command in the desk's shell: its output and exit code (None after a timeout)."""
        answer = await self.ask(do="exec", command=command, timeout=timeout)
        return base64.b64decode(answer["output"]), answer["exit_code"]

    async def put(self, path: str, content: bytes) -> None:
        """Lay a file on the desk."""
        await self.ask(do="put", path=path, content=base64.b64encode(content).decode())

    async def get(self, path: str) -> bytes:
        """Take a copy of a file from the desk."""
        answer = await self.ask(do="get", path=path)
        return base64.b64decode(answer["content"])


def start_host(store: RunStore) -> None:
    """Start the process that holds the desk open, independent of this one, and wait for the desk.

    Raises:
        InputError: the desk did not open; the message says why, as far as that is known.
    """
    log = store.folder / HOST_LOG
    with log.open("ab") as output:
        host = subprocess.Popen(
            [sys.executable, "-m", "offsite.runner.desks", str(store.folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    socket = socket_path(store.folder / "trials" / store.run().trials[0].id)
    until = time.monotonic() + OPENING_SECONDS
    try:
        while not socket.exists():
            if host.poll() is not None or time.monotonic() > until:
                raise InputError(f"the desk did not open: {_last_words(store)} ({log})")
            time.sleep(0.05)
    except BaseException:
        _end(host)  # Nobody would know of the desk that it holds.
        raise


def _end(host: subprocess.Popen[bytes]) -> None:
    """End the host: it closes its desk, or is killed where it does not."""
    host.terminate()
    try:
        host.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        host.kill()
        host.wait()


def _last_words(store: RunStore) -> str:
    """Why the host ended: what the trial's record says, or else what it printed."""
    record = store.trial(store.run().trials[0].id)
    log = (store.folder / HOST_LOG).read_text(encoding="utf-8", errors="replace")
    said = record.message if record is not None else log
    return " ".join(said.strip().splitlines()[-1:]) or "no reason given"


def wait_until_over(store: RunStore, seconds: float = 300) -> None:
    """Wait until the desk's process has collected, graded and written everything."""
    until = time.monotonic() + seconds
    while is_held(store.folder) and time.monotonic() < until:
        time.sleep(0.05)


async def _host(folder: Path) -> None:
    from ..sandboxes import provider
    from .session import open_engine

    store = RunStore(folder)
    run = store.run()
    place = provider(run.sandbox, unsafe=run.unsafe_local)
    try:
        async with open_engine(store, place=place) as engine:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, engine.stop)
            await engine.work()
    finally:
        await place.aclose()


if __name__ == "__main__":
    asyncio.run(_host(Path(sys.argv[1])))
