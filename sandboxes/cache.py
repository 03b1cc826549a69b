"""Where Offsite keeps what it can make again: build logs, locks, homes of local desks."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder(*parts: str) -> Path:
    """A folder of Offsite's cache, made if need be: `$OFFSITE_CACHE`, else the user's cache."""
    root = os.environ.get("OFFSITE_CACHE")
    base = Path(root) if root else _user_cache() / "offsite"
    folder = base.joinpath(*parts).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _user_cache() -> Path:
    named = os.environ.get("XDG_CACHE_HOME")
    return Path(named) if named else Path.home() / ".cache"
