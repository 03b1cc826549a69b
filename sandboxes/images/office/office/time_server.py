"""The office's time, over HTTP: the desk may ask for it and wait, the harness does the rest.

    GET  /time         the time, and how it passes
    POST /wait         {"minutes": 30} or {"until": "14:00"}, and {"full": true}
    POST /begin        the office's life begins; by `mark`
    POST /tick         a tool was called
    GET  /happened     what has happened, and what it changed
    POST /play         from now on a model plays the colleagues:
    GET  /asked        what it is asked next (waits for a while)
    POST /say          what it says

nginx leads the desk to the first two alone (`sites/portal.conf`).
"""

from __future__ import annotations

import contextlib
import json
import os
import socketserver
import threading
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, cast

from .clock import LONGEST_WAIT
from .common import RUN, Data, Http, answers
from .life import OfficeLife
from .play import Stage

SOCKET = f"{RUN}/time.sock"
NO_LIFE = "this office has no time of its own: nothing happens in it, do not wait"


def ready() -> bool:
    """Whether it can be asked."""
    return answers(SOCKET, "/ready")


def begin(life: Data | None, people: list[Data], services: list[str]) -> None:
    """From now on what is said is heard. Without a life nothing happens."""
    if life is not None:
        given = {"life": life, "people": people, "services": services}
        Http(SOCKET).ask("POST", "/begin", given)


def happened() -> Data:
    """All that has happened, what it changed, and what went wrong."""
    return json.loads(Http(SOCKET).ask("GET", "/happened"))


class _Time:
    """The one office's life: it has none before `begin`, and goes no further after a fault."""

    def __init__(self) -> None:
        self.life: OfficeLife | None = None
        self.fault = ""
        self.lock = threading.Lock()
        self.stage = Stage()

    def answer(self, asked: str, given: Data) -> Data:
        """Do what is asked.

        Raises:
            ValueError: it cannot be done.
        """
        if asked == "POST /play" and self.life is not None:
            self.life.stage = self.stage
            return {}
        if asked == "POST /begin":
            self.life = OfficeLife(given["life"], given["people"], given["services"])
            return {}
        if asked == "GET /happened":
            if self.life and not self.fault:
                self.life.hear()
            acts = self.life.hands.acts if self.life else []
            happenings = self.life.happenings if self.life else []
            return {"happenings": happenings, "acts": acts, "fault": self.fault}
        if self.life is None:
            raise ValueError(NO_LIFE)
        arrived: list[str] = []
        if asked == "POST /tick":
            self.life.tick()
        elif asked == "POST /wait":
            minutes, until = _minutes(given), given.get("until")
            arrived = self.life.wait(minutes, until, full=bool(given.get("full")))
        return {"time": f"{self.life.clock.now:%Y-%m-%d %H:%M}", "arrived": arrived}


_TIME = _Time()


def _say(given: Data) -> Data:
    _TIME.stage.say(given)
    return {}


UNLOCKED: dict[str, Callable[[Data], Data]] = {
    "GET /ready": lambda _: {},
    "GET /asked": lambda _: {"question": _TIME.stage.asked()},
    "POST /say": _say,
}
"""What is answered while time passes."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """See the module."""
        self._do({})

    def do_POST(self) -> None:
        """See the module."""
        length = int(self.headers.get("Content-Length") or 0)
        try:
            given = json.loads(self.rfile.read(length) or b"{}")
        except ValueError as error:
            self._answer(400, {"error": str(error)})
            return
        self._do(cast(Data, given) if isinstance(given, dict) else {})

    def _do(self, given: Data) -> None:
        status, told, asked = 200, Data(), f"{self.command} {self.path}"
        try:
            if asked in UNLOCKED:
                told = UNLOCKED[asked](given)
            else:
                with _TIME.lock:
                    told = _TIME.answer(asked, given)
        except ValueError as error:
            status, told = 400, {"error": str(error)}
        except Exception as error:  # the trial cannot go on as it should: `collect` tells
            traceback.print_exc()
            _TIME.fault = _TIME.fault or f"{type(error).__name__}: {error}"
            status, told = 500, {"error": "the office's time stands still"}
        with contextlib.suppress(ConnectionError):  # whoever asked may have gone
            self._answer(status, told)

    def _answer(self, status: int, content: Data) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""

    def address_string(self) -> str:
        """A socket has none."""
        return "-"


def _minutes(given: Data) -> int | None:
    minutes, until = given.get("minutes"), given.get("until")
    if (minutes is None) == (until is None) or not isinstance(until, str | None):
        raise ValueError('say how long: {"minutes": 30} or {"until": "14:00"}')
    if minutes is not None and (not isinstance(minutes, int) or not 1 <= minutes <= LONGEST_WAIT):
        raise ValueError(f"minutes must be a whole number from 1 to {LONGEST_WAIT}")
    return minutes


def main() -> None:
    """Serve for as long as the office stands."""
    Path(SOCKET).unlink(missing_ok=True)
    with socketserver.ThreadingUnixStreamServer(SOCKET, _Handler) as server:
        os.chmod(SOCKET, 0o666)  # nginx is another user
        server.serve_forever()


if __name__ == "__main__":
    main()
