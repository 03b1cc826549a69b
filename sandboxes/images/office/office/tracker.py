"""Tracker and wiki: Redmine, through a plugin of its own that only this socket leads to."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from .common import DOMAIN, RUN, Data, Http, answers

SOCKET = f"{RUN}/redmine.sock"
HOST = f"tracker.{DOMAIN}"
STORE = "/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default"
TABLES = {"comment": "journals", "issue": "issues", "page": "wiki_content_versions"}


def ready() -> bool:
    """Whether the sign-in page comes."""
    return answers(SOCKET, "/login", HOST)


def welcome(people: list[Data]) -> None:
    """Give these people accounts."""
    _ask("POST", "welcome", people)


def seed(office: Data) -> None:
    """Make projects, issues, wiki pages and hours, as their authors and at their times."""
    _ask("POST", "seed", {name: office[name] for name in ("projects", "issues", "wiki", "hours")})


def collect() -> Data:
    """The whole tracker."""
    return json.loads(_ask("GET", "state"))


def mark() -> Data:
    """The numbers of the newest comment, issue and version of a page."""
    return {name: _newest(table) for name, table in TABLES.items()}


def news(since: Data) -> tuple[list[Data], Data]:
    """Issues, comments and edited pages since then, in that order, and the newest numbers."""
    now = mark()
    if now == since:
        return [], now
    found: list[Data] = json.loads(_ask("POST", "news", since))
    return found, now


def act(deed: Data) -> int:
    """File an issue, comment on one or change it, as somebody; its number."""
    return json.loads(_ask("POST", "act", deed))["number"]


def status(number: int) -> str:
    """An issue's status, empty where there is none of this number."""
    rows = _rows(
        "select s.name from issues i join issue_statuses s on s.id = i.status_id where i.id = ?",
        number,
    )
    return rows[0][0] if rows else ""


def _newest(table: str) -> int:
    return _rows(f"select coalesce(max(id), 0) from {table}")[0][0]


def _rows(query: str, *values: object) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(f"file:{STORE}?mode=ro", uri=True, timeout=20)
    with contextlib.closing(database):
        return database.execute(query, values).fetchall()


def _ask(method: str, what: str, body: object = None) -> bytes:
    key = Path("/etc/office/tracker.key").read_text("utf-8").strip()
    headers = {"X-Office-Key": key, "X-Forwarded-Proto": "https"}
    return Http(SOCKET, HOST).ask(method, f"/office/{what}", body, headers)
