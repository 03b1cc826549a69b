"""`python3 -m office boot|seed|mark|collect`: JSON on standard input, JSON on standard output.

    boot      ["mail", "calendar"]   start these services and wait until all are ready
    seed      the office             let its people in, and put its things into the services
    mark                             keep the present state as the start, and let life begin
    collect                          the state at the start, the present one, and what colleagues did

What goes wrong is told on standard output, with the last lines of the logs, and ends with 1.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import chat, database, erp, files, forge, groupware, mail, portal, time_server, tracker
from .common import LOGS, RUN, Data, Refused

HERE = Path("/opt/office")
SCAN = "/run/service"
START = Path("/var/lib/office/start.json")
PATIENCE = float(os.environ.get("OFFICE_PATIENCE", "180"))
OWNED = {
    "/run/sogo": "sogo",
    "/run/postgresql": "postgres",
    "/run/warehouse": "warehouse",
    RUN: "root",
    LOGS: "root",
}


@dataclass(frozen=True)
class Part:
    """One service: the processes that it needs, and the module that knows it."""

    processes: tuple[str, ...]
    module: Any


PARTS = {
    "mail": Part(("dovecot", "postfix"), mail),
    "calendar": Part(("postgres", "memcached", "sogo"), groupware),
    "tracker": Part(("redmine",), tracker),
    "chat": Part(("synapse",), chat),
    "files": Part(("files",), files),
    "forge": Part(("forge",), forge),
    "database": Part(("warehouse",), database),
    "erp": Part(("postgres", "erp"), erp),
}


def boot(services: list[str]) -> dict[str, float]:
    """Start what is named, all at once; seconds until each was ready."""
    began = time.monotonic()
    for folder, owner in OWNED.items():
        os.makedirs(folder, exist_ok=True)
        shutil.chown(folder, owner)
    os.chmod(RUN, 0o777)  # sockets of services that are several users; only the office sees it
    _keep("services", services)
    _keep("people", [])
    processes = {"nginx", "time", *(name for one in services for name in PARTS[one].processes)}
    for name in processes:
        shutil.copytree(HERE / "services" / name, f"{SCAN}/{name}", dirs_exist_ok=True)
    os.makedirs(f"{RUN}/sites", exist_ok=True)
    for site in ("portal", *services):
        if (HERE / "sites" / f"{site}.conf").exists():
            shutil.copy(HERE / "sites" / f"{site}.conf", f"{RUN}/sites")
    portal.write(services, [])
    with Path(LOGS, "s6.log").open("ab") as log:
        subprocess.Popen(["s6-svscan", SCAN], stdout=log, stderr=log, start_new_session=True)
    own = {"portal": portal.ready, "time": time_server.ready}
    checks = {**own, **{one: PARTS[one].module.ready for one in services}}
    with ThreadPoolExecutor(len(checks)) as threads:
        waits = {one: threads.submit(_await, check, began) for one, check in checks.items()}
        took = {one: wait.result() for one, wait in waits.items()}
    late = [one for one, seconds in took.items() if seconds is None]
    if late:
        raise Refused(
            f"not ready after {PATIENCE:g} s: {', '.join(late)}\n{_last_lines(processes)}"
        )
    return {one: round(seconds or 0.0, 2) for one, seconds in took.items()}


def seed(office: Data) -> None:
    """Let the people in and put everything where it belongs."""
    services = _kept("services")
    modules = [PARTS[one].module for one in services]
    _keep("people", office["people"])
    _keep("life", office["life"])
    portal.write(services, office["people"], lives=bool(office["life"]))
    _at_once([lambda one=one: one.welcome(office["people"]) for one in modules])
    if groupware in modules:
        # Invitations go out by mail of today: they are put away before the real mails come.
        groupware.seed(office)
        if office["events"]:
            mail.forget()
    _at_once([lambda one=one: one.seed(office) for one in modules if one is not groupware])


def state() -> Data:
    """Everything that is in the office now."""
    found = _at_once([PARTS[one].module.collect for one in _kept("services")])
    return {"people": _kept("people"), **{name: x for part in found for name, x in part.items()}}


def collected() -> Data:
    """The state at the start and the present one, and what colleagues and events did meanwhile."""
    happened = time_server.happened()
    if happened["fault"]:
        raise Refused(f"{happened['fault']}\n{_last_lines({'time'})}")
    end = {**state(), "life": _kept("life"), "happenings": happened["happenings"]}
    return {"start": json.loads(START.read_text("utf-8")), "end": end, "acts": happened["acts"]}


def main() -> None:
    """Do what the one argument says."""
    what = sys.argv[1]
    os.makedirs(LOGS, exist_ok=True)
    with Path(LOGS, "office.log").open("ab") as log:
        os.dup2(log.fileno(), 2)  # the harness reads both as one, and wants JSON
    try:
        if what == "boot":
            print(json.dumps(boot(json.load(sys.stdin))))
        elif what == "seed":
            seed(json.load(sys.stdin))
            print("{}")
        elif what == "mark":
            START.write_text(json.dumps(state()), encoding="utf-8")
            time_server.begin(_kept("life"), _kept("people"), _kept("services"))
            print("{}")
        elif what == "collect":
            print(json.dumps(collected()))
    except Exception as error:  # whatever it was, the harness is told in one place
        print(f"{type(error).__name__}: {error}")
        raise SystemExit(1) from error


def _at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(max(1, len(calls))) as threads:
        return [one.result() for one in [threads.submit(call) for call in calls]]


def _await(ready: Callable[[], bool], began: float) -> float | None:
    while time.monotonic() - began < PATIENCE:
        if ready():
            return time.monotonic() - began
        time.sleep(0.03)
    return None


def _last_lines(processes: set[str]) -> str:
    wanted = {"s6", "office", *processes}
    logs = [path for path in sorted(Path(LOGS).glob("*.log")) if path.stem in wanted]
    tails = [(path, path.read_text("utf-8", "replace").splitlines()[-6:]) for path in logs]
    return "\n".join(f"{path.stem}: {line[:300]}" for path, lines in tails for line in lines)


def _keep(name: str, what: object) -> None:
    Path(RUN, f"{name}.json").write_text(json.dumps(what), encoding="utf-8")


def _kept(name: str) -> Any:
    return json.loads(Path(RUN, f"{name}.json").read_text("utf-8"))


if __name__ == "__main__":
    main()
