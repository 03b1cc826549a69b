"""What works on this machine, what does not, and the command that mends it."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .cache import cache_folder
from .engine import connect, engine_address, engine_version
from .images import image_facts
from .local import jail_problem
from .protocol import EngineUnavailable

FREE_GB = 5
"""Room for the images and the evidence of a few hundred trials."""

DESK_PROGRAMS = {
    "git": "git",
    "jq": "jq",
    "pdftotext": "poppler-utils",
    "rg": "ripgrep",
    "sqlite3": "sqlite3",
    "unzip": "unzip",
    "zip": "zip",
}
"""Programs that a worker expects of a desk, and their Debian packages."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        detail: what was found, or what is wrong.
        mend: the command that mends it; empty where nothing is wrong.
        needed: nothing runs without it; what is not needed opens one more way.
    """

    name: str
    ok: bool
    detail: str
    mend: str = ""
    needed: bool = False


def check_machine(results: Path, keys: Mapping[str, str]) -> Iterator[Check]:
    """Look at everything that a run needs, one check after the other.

    Args:
        results: the folder of the runs.
        keys: for each model provider the variable that holds its key. Keys are never shown.
    """
    yield _python()
    yield _git()
    yield Check("sqlite", True, sqlite3.sqlite_version)
    yield _disk("disk for results", results)
    yield _disk("disk for the cache", cache_folder())
    engine, image, jail = _engine(), _image(), _jail()
    if engine.ok or jail.ok:
        ways = [name for name, check in (("docker", engine), ("local", jail)) if check.ok]
        yield Check("sandbox", True, " and ".join(ways), needed=True)
    else:
        yield Check("sandbox", False, "neither docker nor local works", engine.mend, needed=True)
    yield engine
    if engine.ok:
        yield image
    yield jail
    yield _programs()
    for provider, variable in keys.items():
        yield _key(provider, variable)


def _python() -> Check:
    # An older one could not have read this line.
    return Check("python", True, f"{platform.python_version()} at {sys.executable}", needed=True)


def _git() -> Check:
    if shutil.which("git"):
        return Check("git", True, "found", needed=True)
    return Check("git", False, "not installed", "sudo apt-get install git", needed=True)


def _disk(name: str, folder: Path) -> Check:
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free / 1e9
    found = f"{free:.0f} GB free in {there}"
    if not os.access(there, os.W_OK):
        return Check(name, False, f"{there} cannot be written", f"ls -ld {there}", needed=True)
    if free >= FREE_GB:
        return Check(name, True, found, needed=True)
    return Check(name, False, f"{found}, {FREE_GB} GB are wanted", "offsite clean", needed=True)


def _engine() -> Check:
    try:
        with contextlib.closing(connect(timeout=10)) as client:
            return Check("docker engine", True, f"{engine_version(client)} at {engine_address()}")
    except EngineUnavailable as error:
        return _failed("docker engine", error)


def _image() -> Check:
    try:
        facts = image_facts("desk")
    except EngineUnavailable as error:
        return _failed("docker image desk", error)
    if facts is None:
        command = f"{sys.executable} -m offsite.sandboxes.images desk"
        return Check("docker image desk", False, "not built yet; the first run builds it", command)
    return Check("docker image desk", True, f"{facts.tag}, {facts.id[7:19]}, {facts.debian}")


def _jail() -> Check:
    problem = jail_problem()
    if problem is None:
        return Check("local jail", True, "bubblewrap made one")
    return _failed("local jail", problem)


def _programs() -> Check:
    missing = {name: package for name, package in DESK_PROGRAMS.items() if not shutil.which(name)}
    if not missing:
        return Check("local programs", True, "all that a desk has")
    command = f"sudo apt-get install {' '.join(sorted(missing.values()))}"
    return Check("local programs", False, f"missing: {', '.join(missing)}", command)


def _key(provider: str, variable: str) -> Check:
    if os.environ.get(variable):
        return Check(f"key for {provider}", True, f"{variable} is set")
    return Check(f"key for {provider}", False, f"{variable} is not set", f"export {variable}=…")


def _failed(name: str, error: object) -> Check:
    """A problem's line ends with `; to …: COMMAND`, by the rule for `EngineUnavailable`."""
    detail, _, advice = str(error).rpartition("; ")
    return Check(name, False, detail or advice, advice.rpartition(": ")[2])
