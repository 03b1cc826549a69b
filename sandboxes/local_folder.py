"""The folder of a local desk, and the label by which it is found when its harness is dead."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .cache import cache_folder
from .protocol import DeskSpec


@dataclass(frozen=True)
class Folder:
    """`desks/<name>/` in the cache. Its label `desks/<name>.json` is there before and after it."""

    path: Path

    @staticmethod
    def make(spec: DeskSpec, owner: int | None) -> Folder:
        """A new folder with an empty home, which belongs to this user id if one is given."""
        folder = Folder(cache_folder("desks") / secrets.token_hex(6))
        told = {"run": spec.run, "trial": spec.trial, "owner": spec.owner}
        part = folder.path.with_suffix(".part")
        part.write_text(json.dumps(told), encoding="utf-8")
        part.replace(folder._label)
        folder.path.mkdir(mode=0o700)
        folder.home.mkdir(mode=0o700)
        if owner is not None:
            os.chown(folder.home, owner, owner)
        return folder

    @property
    def home(self) -> Path:
        """What the desk has as its home."""
        return self.path / "home"

    @property
    def complaints(self) -> Path:
        """What the daemon wrote on standard error."""
        return self.path / "complaints"

    def label(self) -> tuple[str, str, str]:
        """Run, trial and folder of the run; empty where a crash cut the label."""
        told: dict[str, object] = {}
        with contextlib.suppress(OSError, ValueError):
            told = json.loads(self._label.read_bytes())
        return str(told.get("run", "")), str(told.get("trial", "")), str(told.get("owner", ""))

    def remove(self) -> None:
        """Remove it, label last; what cannot be removed keeps its label, and is found again."""
        for _ in range(50):
            _remove(self.path)
            if not os.path.lexists(self.path):
                self._label.unlink(missing_ok=True)
                return
            time.sleep(0.02)  # a dying process may have written once more

    @property
    def _label(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")


def all_folders() -> Iterator[Folder]:
    """The folders of all local desks of this user, living and dead."""
    for label in cache_folder("desks").glob("*.json"):
        yield Folder(label.with_suffix(""))


def _remove(top: Path) -> None:
    """Remove a tree of any depth, also where the worker locked folders.

    The system's own programs do it: `shutil` calls itself at every level, and gives up at some.
    """
    for command in (["rm", "-rf"], ["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
        subprocess.run([*command, "--", str(top)], capture_output=True, check=False)
        if not os.path.lexists(top):
            return
