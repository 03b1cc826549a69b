"""Tracker and wiki: Redmine, through a plugin of its own that only this socket leads to."""

from __future__ import annotations

import json
from pathlib import Path

from .common import DOMAIN, RUN, Data, Http, answers

SOCKET = f"{RUN}/redmine.sock"
HOST = f"tracker.{DOMAIN}"


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


def _ask(method: str, what: str, body: object = None) -> bytes:
    key = Path("/etc/office/tracker.key").read_text("utf-8").strip()
    headers = {"X-Office-Key": key, "X-Forwarded-Proto": "https"}
    return Http(SOCKET, HOST).ask(method, f"/office/{what}", body, headers)
