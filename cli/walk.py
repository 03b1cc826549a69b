"""A person at an open desk, in the terminal."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..records.errors import InputError
from .text import harmless, tell

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
    """Go with a person through the trials of a run, as each desk opens.

    Whatever ends this ends the run's work too: nobody else would go on with it.
    """
    try:
        await _walk(engine)
    finally:
        engine.stop()


async def _walk(engine: Engine) -> None:
    from ..records.sockets import socket_path
    from ..runner.desks import DeskClient

    met: set[tuple[str, int]] = set()
    store = engine.context.store
    while True:
        await asyncio.sleep(0.1)
        for live in engine.status()["live"]:
            socket = socket_path(store.folder / "trials" / live["trial"])
            attempt = (live["trial"], live["attempt"])
            if attempt not in met and socket.exists():
                met.add(attempt)
                try:
                    if not await converse(DeskClient(store, live["trial"]), engine):
                        return
                except InputError as error:  # its time was up before the person came to it
                    tell(str(error))


def print_assignment(status: dict[str, Any]) -> None:
    """What a desk says of its assignment, for a person: instruction, rules, what is left."""
    print(f"{harmless(status['instruction'])}\n")
    print(harmless(status["rules"]))
    print(f"── {status['seconds_left'] / 60:.0f} minutes are left")


async def converse(client: DeskClient, engine: Engine | None = None) -> bool:
    """Read lines and send them to the desk; whether the worker has left it for good.

    Args:
        engine: works on the desk's trial in this process; without it another process holds the
            desk, and one can go away and come back.
    """
    print_assignment(await client.ask(do="status"))
    print(HELP)
    gone = "\nthe desk stays open" if engine is None else "\nthis trial is left unfinished"
    while True:
        try:
            folder = (await client.ask(do="where"))["folder"]
            line = await _ask(f"{harmless(folder)}$ ")
        except EOFError:
            print(gone)
            return False
        except asyncio.CancelledError:  # Ctrl-C at the prompt; of a run, that it is over
            print(gone if engine is None else "")
            raise
        except InputError as error:
            tell(str(error))
            return True
        with suppress(InputError):
            if await _obey(client, line.strip(), engine):
                return True


async def _obey(client: DeskClient, line: str, engine: Engine | None) -> bool:
    """Do one line; whether it was the last."""
    try:
        match line.split():
            case []:
                pass
            case [":report"]:
                await client.ask(do="report", report=await _ask_report())
                return True
            case [":leave"]:
                await client.ask(do="leave")
                return True
            case [":instruction"]:
                print_assignment(await client.ask(do="status"))
            case [":put", file, *path]:
                await client.put(path[0] if path else Path(file).name, Path(file).read_bytes())
            case [":get", path, *file]:
                target = Path(file[0]) if file else Path(Path(path).name)
                target.write_bytes(await client.get(path))
            case [word, *_] if word.startswith(":"):
                print(HELP)
            case _:
                await _execute(client, line, engine)
    except EOFError:
        print("\nnothing was handed in")
    except (InputError, OSError) as error:
        tell(str(error))
    return False


async def _execute(client: DeskClient, line: str, engine: Engine | None) -> None:
    running = asyncio.ensure_future(client.execute(line, COMMAND_SECONDS))
    try:
        with _ctrl_c_ends(running, engine):
            await asyncio.wait({running})
    finally:
        running.cancel()
    if running.cancelled():
        print("^C", file=sys.stderr)  # Going away ended the command; the desk stays.
        return
    output, code = running.result()
    text = output.decode("utf-8", errors="replace")
    print(harmless(text), end="" if text.endswith("\n") or not text else "\n")
    if code:
        print(f"[exit code {code}]", file=sys.stderr)
    elif code is None:
        print(f"[ended after {COMMAND_SECONDS} s]", file=sys.stderr)


@contextmanager
def _ctrl_c_ends(
    running: asyncio.Future[tuple[bytes, int | None]], engine: Engine | None
) -> Generator[None]:
    """Ctrl-C ends this meanwhile, and afterwards does again what it did before."""
    from .running import obey_signals

    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, running.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        if engine is None:
            signal.signal(signal.SIGINT, before)
        else:
            obey_signals(engine)  # What the loop had handled is forgotten by it.


async def _ask_report() -> dict[str, object]:
    status = await _ask("status (done, partial, blocked, refused): ")
    confidence = await _ask("probability that it will be accepted (0 to 1): ")
    return {"status": status, "confidence": confidence, "summary": await _ask("summary: ")}


async def _ask(prompt: str) -> str:
    """The next line of standard input.

    Read by a thread that nobody waits for at the end: with `input` in a pool's thread the program
    would stay until somebody presses Enter.

    Raises:
        EOFError: there is none.
    """
    print(prompt, end="", flush=True)
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bytes] = loop.create_future()

    def take(line: bytes) -> None:
        if not answer.done():
            answer.set_result(line)

    def read() -> None:
        line = _read_line()
        with suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(take, line)

    threading.Thread(target=read, daemon=True).start()
    line = await answer
    if not line:
        raise EOFError
    return line.decode("utf-8", errors="replace").strip()


def _read_line() -> bytes:
    """Byte by byte, so that nothing of what follows is taken away from whoever reads next."""
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(sys.stdin.fileno(), 1)):
        line += byte
    return line
