"""A run's folder for as long as a benchmark lasts: other runs leave its desks alone."""

from __future__ import annotations

import contextlib
import fcntl
import tempfile
from collections.abc import Generator
from pathlib import Path


@contextlib.contextmanager
def held_folder() -> Generator[str]:
    """The folder, its lock held as a run holds it."""
    with (
        tempfile.TemporaryDirectory(prefix="offsite-benchmark-") as folder,
        Path(folder, "lock").open("w") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
