"""The forge: pagure, through a door of its own (`forge_door.py`) that only this socket leads to."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from .common import DOMAIN, RUN, Data, Http, answers

SOCKET = f"{RUN}/forge.sock"
HOST = f"forge.{DOMAIN}"
DATABASE = "/var/lib/pagure/pagure.sqlite"
HEARD = """
select comment.id, author.user, project.is_fork, owner.user, project.name,
    pull.id, comment.comment, opener.user
from pull_request_comments comment
join users author on author.id = comment.user_id
join pull_requests pull on pull.uid = comment.pull_request_uid
join users opener on opener.id = pull.user_id
join projects project on project.id = pull.project_id
join users owner on owner.id = project.user_id
where comment.id > ? and not comment.notification order by comment.id
"""


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


def heard(since: int | None) -> tuple[list[Data], int]:
    """What was said of pull requests after a cursor, and the new cursor; None: from now on."""
    with sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True) as database:
        (last,) = database.execute("select max(id) from pull_request_comments").fetchone()
        if since is None or (last or 0) <= since:
            return [], last or 0
        rows = database.execute(HEARD, (since,)).fetchall()
    database.close()
    said = [
        {
            "id": id,
            "who": who,
            "repository": f"forks/{owner}/{name}" if fork else name,
            "number": number,
            "text": text,
            "author_of_pull": opener,
        }
        for id, who, fork, owner, name, number, text, opener in rows
    ]
    return said, last


def comment(who: str, repository: str, number: int, text: str) -> int:
    """Let somebody say something of a pull request: the comment's id, as in `heard`."""
    told = {"who": who, "repository": repository, "number": number, "text": text}
    return json.loads(ask("POST", "comment", told))["id"]


def ask(method: str, what: str, body: object = None) -> bytes:
    """Knock at the door."""
    key = Path("/etc/office/forge.key").read_text("utf-8").strip()
    # Its forms would take JSON for themselves.
    kind = {"Content-Type": "application/octet-stream"} if body is not None else {}
    headers = {"X-Office-Key": key, "X-Forwarded-Proto": "https", **kind}
    return Http(SOCKET, HOST).ask(method, f"/office/{what}", body, headers)
