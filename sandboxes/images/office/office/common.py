"""What the parts of the office share: their places, and HTTP over their sockets."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

Data = dict[str, Any]
"""An office as JSON has it, or a part of it; `records/office/` tells its fields."""

RUN = "/run/office"
LOGS = "/var/log/office"
DOMAIN = "acme.test"


class Refused(Exception):
    """A service did not do what it was asked."""


class Http(http.client.HTTPConnection):
    """A service behind a unix socket."""

    def __init__(self, path: str, host: str = DOMAIN, timeout: float = 60) -> None:
        super().__init__(host, timeout=timeout)
        self.path = path

    def connect(self) -> None:
        """See `HTTPConnection.connect`."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        good: Sequence[int] = (200, 201, 204, 207),
    ) -> bytes:
        """One request; what is no text or bytes is sent as JSON."""
        sent = dict(headers or {})
        if body is not None and not isinstance(body, bytes | str):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        content = body.encode() if isinstance(body, str) else body
        self.request(method, path, content, sent)  # pyright: ignore[reportArgumentType]
        answer = self.getresponse()
        said = answer.read()
        self.close()  # SOGo ends it without a word, and a new one costs nothing
        if answer.status not in good:
            text = said[:500].decode(errors="replace")
            raise Refused(f"{method} {path}: {answer.status} {text}")
        return said


def answers(path: str, url: str, host: str = DOMAIN) -> bool:
    """Whether the service behind a socket answers with anything but a failure of its own."""
    try:
        connection = Http(path, host, timeout=20)
        connection.request("GET", url)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False


def greets(port: int, greeting: bytes) -> bool:
    """Whether a server on this port says hello."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return connection.recv(64).startswith(greeting)
    except OSError:
        return False


def basic(login: str, password: str) -> dict[str, str]:
    """The header of a sign-in."""
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


def call(*command: str, stdin: str = "") -> str:
    """Run a program of the office and give its output."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{' '.join(command)[:200]}: {done.stderr.strip()[-1000:]}")
    return done.stdout


def sql(database: str, text: str) -> str:
    """Run SQL as the superuser: the rows, unaligned."""
    return call(
        *("psql", "-h", "/run/postgresql", "-U", "postgres", "-d", database),
        *("-qAtX", "-v", "ON_ERROR_STOP=1"),
        stdin=text,
    )


def quoted(text: str) -> str:
    """A literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
