"""An entry's trials, from the folders of its runs where these are at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...records.bundle import is_folder_name
from ...records.leaderboard import Entry
from ...records.run import RunRecord
from ...records.store import Damaged, RunStore, StoreError
from ...records.trial import TrialPlan, TrialRecord
from ..leaderboard import digest_over, file_digests
from ..plots.entries import spec


@dataclass(frozen=True)
class KnownRun:
    """A run whose files are those that the leaderboard was made from."""

    store: RunStore
    run: RunRecord


@dataclass(frozen=True)
class OneTrial:
    """A trial of an entry; `record` is None where it is not over, or its file is damaged."""

    known: KnownRun
    plan: TrialPlan
    record: TrialRecord | None

    @property
    def folder(self) -> Path:
        """Where its trajectory and screens are."""
        return self.known.store.folder / "trials" / self.plan.id


class Runs:
    """The runs of a leaderboard, each looked for once."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._found: dict[tuple[str, str], KnownRun | str] = {}

    def find(self, id: str, digest: str) -> KnownRun | str:
        """The run with this digest over its files; or why there is none, in a sentence."""
        if (id, digest) not in self._found:
            self._found[id, digest] = self._look(id, digest)
        return self._found[id, digest]

    def problems(self) -> list[str]:
        """What was not found, in the order in which it was looked for."""
        return [found for found in self._found.values() if isinstance(found, str)]

    def _look(self, id: str, digest: str) -> KnownRun | str:
        changed = False
        for folder in self._folders:
            if not is_folder_name(id) or not (folder / id / "run.json").is_file():
                continue
            store = RunStore(folder / id)
            try:
                if digest_over(store, file_digests(store)) == digest:
                    return KnownRun(store, store.run())
            except StoreError:
                pass
            changed = True
        if changed:
            return f"run {id}: its files are not those that the leaderboard was made from"
        return f"run {id}: its files were not at hand"


def entry_trials(entry: Entry, runs: Runs) -> tuple[list[OneTrial], list[str]]:
    """The entry's trials in the order of the plan, and the sentences about runs that are missing."""
    trials: list[OneTrial] = []
    missing: list[str] = []
    for id, digest in sorted(entry.runs.items()):
        known = runs.find(id, digest)
        if isinstance(known, str):
            missing.append(known)
        else:
            trials += _trials(entry, known)
    return trials, missing


def _trials(entry: Entry, known: KnownRun) -> Iterator[OneTrial]:
    slug = spec(entry).slug
    for plan in known.run.trials:
        if plan.agent == slug and is_folder_name(plan.id):
            try:
                record = known.store.trial(plan.id)
            except Damaged:
                record = None
            yield OneTrial(known, plan, record)
