"""ERP: Tryton, through a module of its own (`erp/`) that only this socket leads to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .common import DOMAIN, RUN, Data, Http, answers

SOCKET = f"{RUN}/erp.sock"
HOST = f"erp.{DOMAIN}"


def ready() -> bool:
    """Whether it has loaded its modules and answers."""
    return answers(SOCKET, "/acme/", HOST)


def welcome(people: list[Data]) -> None:
    """Give these people accounts."""
    _ask("welcome", people)


def seed(office: Data) -> None:
    """Put in parties, products, sales, purchases and invoices."""
    _ask("seed", office["erp"])


def collect() -> Data:
    """All of it."""
    return {"erp": _ask("state")}


def _ask(what: str, given: object = None) -> Any:
    key = Path("/etc/office/erp.key").read_text("utf-8").strip()
    headers = {"X-Office-Key": key}
    said = Http(SOCKET, HOST, timeout=250).ask("POST", f"/acme/office/{what}", given, headers)
    return json.loads(said)
