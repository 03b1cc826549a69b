"""A bundle: a folder with `leaderboard.json` and, in `results/`, the runs that it was made from."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from .errors import InputError
from .store import RunStore

KEPT_BACK = ("index.sqlite*", "lock", "checkpoint.sqlite*", "*.part")
"""What is of use to whoever goes on with a run, and to nobody who checks it."""


def copy_runs(stores: Sequence[RunStore], folder: Path) -> None:
    """Copy the runs' files into the bundle's folder of runs, each under its id.

    Raises:
        InputError: there is a run of this id already; then nothing is copied.
    """
    places = {folder / store.run().id: store for store in stores}
    for to in places:
        if to.exists():
            raise InputError(f"{to}: is there already; name a new folder for the bundle")
    for to, store in places.items():
        shutil.copytree(store.folder, to, ignore=shutil.ignore_patterns(*KEPT_BACK))


def find_run_in(folders: Sequence[Path], id: str) -> RunStore | None:
    """The run of this id in the first folder that has it."""
    if not is_folder_name(id):
        return None
    for folder in folders:
        if (folder / id / "run.json").is_file():
            return RunStore(folder / id)
    return None


def is_folder_name(id: str) -> bool:
    """An id is text from a file: it may name a folder, never a way to one elsewhere."""
    return id not in ("", ".", "..") and not any(char in id for char in "/\\\0")
