"""A person at an open desk, in the terminal."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..records.errors import InputError
from .text import harmless

if TYPE_CHECKING:
    from ..runner.desks import DeskClient
    from ..runner.engine import Engine

COMMAND_SECONDS = 3600
HELP = """Lines go to the desk's shell. Lines that begin with a colon are for Offsite:
  :instruction   read the assignment again, and the time that is left
  :put FILE [PATH], :get PATH [FILE]   copy files from and to this machine
  :report        hand in the report; :leave   leave without one
  Ctrl-D         go away (a desk of `offsite desk open` stays open)"""


async def walk(engine: Engine) -> None:
    """Go with a person through the trials of a run, as each desk opens."""
    from ..records.sockets import socket_path
    from ..runner.desks import DeskClient

    met: set[str] = set()
    store = engine.context.store
    while True:
        await asyncio.sleep(0.1)
        for live in engine.status()["live"]:
            socket = socket_path(store.folder / "trials" / live["trial"])
            if live["trial"] not in met and socket.exists():
                met.add(live["trial"])
                left = await converse(DeskClient(store, live["trial"]), stays=False)
                if not left:
                    engine.stop()
                    return


async def converse(client: DeskClient, *, stays: bool = True) -> bool:
    """Read lines and send them to the desk; whether the worker has left it for good.

    Args:
        stays: the desk is held by another process, so that one can go away and come back.
    """
    status = await client.ask(do="status")
    print(harmless(status["instruction"]))
    print(f"── {status['seconds_left'] / 60:.0f} minutes are left. {HELP}")
    while True:
        try:
            folder = (await client.execute('printf %s "${PWD/#$HOME/\\~}"', 10))[0]
            line = await asyncio.to_thread(input, f"{harmless(folder.decode())}$ ")
        except (EOFError, KeyboardInterrupt):
            print("\nthe desk stays open" if stays else "\nthis trial is left unfinished")
            return False
        except InputError as error:
            print(f"offsite: {error}", file=sys.stderr)
            return True
        with suppress(InputError):
            if await _obey(client, line.strip()):
                return True


async def _obey(client: DeskClient, line: str) -> bool:
    """Do one line; whether it was the last."""
    try:
        match line.split():
            case []:
                pass
            case [":report"]:
                await client.ask(do="report", report=await asyncio.to_thread(_ask_report))
                return True
            case [":leave"]:
                await client.ask(do="leave")
                return True
            case [":instruction"]:
                status = await client.ask(do="status")
                print(harmless(status["instruction"]))
                print(f"── {status['seconds_left'] / 60:.0f} minutes are left")
            case [":put", file, *path]:
                await client.put(path[0] if path else Path(file).name, Path(file).read_bytes())
            case [":get", path, *file]:
                target = Path(file[0]) if file else Path(Path(path).name)
                target.write_bytes(await client.get(path))
            case [word, *_] if word.startswith(":"):
                print(HELP)
            case _:
                await _execute(client, line)
    except (InputError, OSError) as error:
        print(f"offsite: {error}", file=sys.stderr)
    return False


async def _execute(client: DeskClient, line: str) -> None:
    running = asyncio.ensure_future(client.execute(line, COMMAND_SECONDS))
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, running.cancel)
    try:
        output, code = await running
    except asyncio.CancelledError:
        print("^C", file=sys.stderr)  # Going away ended the command; the desk stays.
        return
    finally:
        loop.remove_signal_handler(signal.SIGINT)
    text = output.decode("utf-8", errors="replace")
    print(harmless(text), end="" if text.endswith("\n") or not text else "\n")
    if code:
        print(f"[exit code {code}]", file=sys.stderr)
    elif code is None:
        print(f"[ended after {COMMAND_SECONDS} s]", file=sys.stderr)


def _ask_report() -> dict[str, object]:
    status = input("status (done, partial, blocked, refused): ").strip()
    confidence = input("probability that it will be accepted (0 to 1): ").strip()
    summary = input("summary: ").strip()
    return {"status": status, "confidence": confidence, "summary": summary}
