"""The forge: pagure, through a door of its own (`forge_door.py`) that only this socket leads to."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

from .common import DOMAIN, RUN, Data, Http, answers

SOCKET = f"{RUN}/forge.sock"
HOST = f"forge.{DOMAIN}"
STORE = "/var/lib/pagure/pagure.sqlite"
BUSY = Path(RUN, "forge.busy")
"""There while the site has something left to do."""
PATIENCE = 30.0
TABLES = {"comment": "pull_request_comments", "pull": "pull_requests"}
SAID = """
select said.{key}, author.user, project.is_fork, owner.user, project.name, pull.id, pull.title,
    said.{text}, opener.user, coalesce(assignee.user, ''), {own}
from {table} said
join users author on author.id = said.user_id
join pull_requests pull on pull.uid = said.{pull}
join users opener on opener.id = pull.user_id
left join users assignee on assignee.id = pull.assignee_id
join projects project on project.id = pull.project_id
join users owner on owner.id = project.user_id
where said.{key} > ? order by said.{key}
"""
QUERIES = {
    "pull": SAID.format(
        table=TABLES["pull"], key="rowid", text="initial_comment", pull="uid", own="0"
    ),
    "comment": SAID.format(
        table=TABLES["comment"],
        key="id",
        text="comment",
        pull="pull_request_uid",
        own="said.notification",
    ),
}


def ready() -> bool:
    """Whether the site answers."""
    return answers(SOCKET, "/api/0/version", HOST)


def welcome(people: list[Data]) -> None:
    """Give these people accounts."""
    ask("POST", "welcome", people)


def seed(office: Data) -> None:
    """Make repositories with their commits, pull requests and issues."""
    ask("POST", "seed", office["repositories"])


def collect() -> Data:
    """Every repository."""
    return {"repositories": json.loads(ask("GET", "state"))}


def mark() -> Data:
    """The numbers of the newest comment and pull request, once nothing is left to do."""
    until = time.monotonic() + PATIENCE
    while BUSY.exists() and time.monotonic() < until:
        time.sleep(0.01)
    return {
        name: _rows(f"select coalesce(max(rowid), 0) from {table}")[0][0]
        for name, table in TABLES.items()
    }


def news(since: Data) -> tuple[list[Data], Data]:
    """What was done with pull requests since then, in its order, and the newest numbers.

    What the forge itself writes in somebody's name (that they pushed, that they merged) has no
    text.
    """
    now = mark()
    if now == since:
        return [], now
    said = [
        {
            "id": f"{kind}{id}",
            "who": who,
            "repository": f"forks/{owner}/{name}" if fork else name,
            "number": number,
            "title": title,
            "text": "" if own else text or "",
            "author": opener,
            "assignee": assignee,
            "opened": kind == "pull",
        }
        for kind, query in QUERIES.items()
        for id, who, fork, owner, name, number, title, text, opener, assignee, own in _rows(
            query, since[kind]
        )
    ]
    return said, now


def comment(who: str, repository: str, number: int, text: str) -> None:
    """Let somebody say something of a pull request."""
    ask("POST", "comment", {"who": who, "repository": repository, "number": number, "text": text})


def ask(method: str, what: str, body: object = None) -> bytes:
    """Knock at the door."""
    key = Path("/etc/office/forge.key").read_text("utf-8").strip()
    # Its forms would take JSON for themselves.
    kind = {"Content-Type": "application/octet-stream"} if body is not None else {}
    headers = {"X-Office-Key": key, "X-Forwarded-Proto": "https", **kind}
    return Http(SOCKET, HOST).ask(method, f"/office/{what}", body, headers)


def _rows(query: str, *values: object) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(f"file:{STORE}?mode=ro", uri=True, timeout=20)
    with contextlib.closing(database):
        return database.execute(query, values).fetchall()
