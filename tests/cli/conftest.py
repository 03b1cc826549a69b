"""The program as its user calls it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from paths import OFFSITE

Offsite = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def offsite(tmp_path: Path) -> Offsite:
    """Calls `offsite` in an empty folder, with no key of any provider."""
    keyless = {name: v for name, v in os.environ.items() if not name.endswith(("_API_KEY", "_URL"))}

    def call(*words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [OFFSITE, *map(str, words)],
            cwd=tmp_path,
            env={**keyless, **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return call
