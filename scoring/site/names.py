"""What pages are called: names of files that no agent, model or task can choose."""

from __future__ import annotations

import hashlib
import re

from ...records.leaderboard import Entry
from ..plots.entries import full_name

LONGEST = 60


def entry_page(entry: Entry) -> str:
    """The file of an entry, below `entries/`: a readable part, and what makes it the only one."""
    whole = repr((full_name(entry), entry.suite_digest, sorted(entry.runs.items())))
    return f"{_readable(full_name(entry))}-{_digest(whole)}.html"


def trial_page(run: str, trial: str) -> str:
    """The file of a trial, below `trials/`."""
    return f"{_readable(trial)}-{_digest(repr((run, trial)))}.html"


def _readable(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name)[:LONGEST].strip("-").lower() or "x"


def _digest(of: str) -> str:
    return hashlib.sha256(of.encode("utf-8", "backslashreplace")).hexdigest()[:10]
