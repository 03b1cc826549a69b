"""The run store: where everything of a run lies, written so that no crash can lose what is over."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

from pydantic import ValidationError

from .base import SCHEMA_VERSION, Record
from .errors import InputError, writing
from .evidence import Evidence, load_evidence, save_evidence
from .instance import InstanceRecord
from .run import RunRecord
from .trial import TrialRecord

R = TypeVar("R", bound=Record)
EVIDENCE = "evidence.tar.zst"

REFUSALS = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR)
"""Why no folder can be made at a place."""

LOOK_SECONDS = 0.5
"""Looking whether a run is held takes its lock for a moment: who wants to hold it waits that long."""


class StoreError(InputError):
    """Something in a run folder cannot be used; the message names the file and the cause."""


class Damaged(StoreError):
    """A file that this Offsite should be able to read holds something else: it must be made anew."""


class RunBusy(StoreError):
    """Another process is working on this run."""


class RunStore:
    """One run's folder.

    Layout (`docs/on-disk.md`): `run.json`, `instances/<task>@<seed>.json`, and for each trial
    `trials/<id>/` with `trajectory.jsonl`, `evidence.tar.zst` and, last, `trial.json`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, folder: Path, run: RunRecord) -> RunStore:
        """Make the folder of a new run.

        Raises:
            StoreError: the folder is there already, or cannot be made.
        """
        try:
            (folder / "trials").mkdir(parents=True)
        except FileExistsError as error:
            raise StoreError(f"{folder}: is there already") from error
        except OSError as error:
            if error.errno in REFUSALS:
                raise StoreError(
                    f"{folder}: {error.strerror}; name a folder that can be written: "
                    "--results FOLDER or OFFSITE_RESULTS"
                ) from error
            raise
        store = cls(folder)
        write_atomically(folder / "run.json", run.model_dump_json(indent=1))
        return store

    @property
    def id(self) -> str:
        """The run's id: the name of its folder."""
        return self.folder.name

    def run(self) -> RunRecord:
        """The plan."""
        return read_record(self.folder / "run.json", RunRecord)

    def trial_folder(self, trial: str) -> Path:
        """The folder of a trial, made if need be."""
        folder = self.folder / "trials" / trial
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def trial(self, trial: str) -> TrialRecord | None:
        """The record of a trial that is over, else None.

        Raises:
            Damaged: the file is corrupt.
            StoreError: it cannot be read, or was written by a newer Offsite.
        """
        path = self.folder / "trials" / trial / "trial.json"
        return read_record(path, TrialRecord) if path.exists() else None

    def trial_with_digest(self, trial: str) -> tuple[TrialRecord, str]:
        """The record of a trial that is over, and the sha256 of its file.

        Raises:
            Damaged, StoreError: as `trial`; absent, too.
        """
        # Plain text and no buffer: of 200,000 trials, paths as objects take seconds.
        path = f"{self.folder}/trials/{trial}/trial.json"
        content = _content(path)
        return parse_record(path, content, TrialRecord), hashlib.sha256(content).hexdigest()

    def trials(self) -> Iterator[TrialRecord]:
        """All trials that are over, in the order of their ids; corrupt ones are left out.

        Raises:
            StoreError: one cannot be read, or was written by a newer Offsite. It is no missing one.
        """
        for path in self._trial_files():
            try:
                yield read_record(path, TrialRecord)
            except Damaged:
                continue

    def corrupt(self) -> list[tuple[str, str]]:
        """Trials whose `trial.json` is corrupt: id and cause."""
        found: list[tuple[str, str]] = []
        for path in self._trial_files():
            try:
                read_record(path, TrialRecord)
            except Damaged as error:
                found.append((path.parent.name, str(error)))
        return found

    def save_trial(self, record: TrialRecord) -> None:
        """Write `trial.json`, atomically."""
        path = self.trial_folder(record.plan.id) / "trial.json"
        with writing(path):
            write_atomically(path, record.model_dump_json(indent=1))

    def save_evidence(self, trial: str, evidence: Evidence) -> str:
        """Archive the evidence; its sha256."""
        path = self.trial_folder(trial) / EVIDENCE
        part = path.with_suffix(".part")
        with writing(path):
            digest = save_evidence(evidence, part)
            part.replace(path)
        return digest

    def evidence(self, trial: str) -> Evidence:
        """Read the evidence."""
        return load_evidence(self.folder / "trials" / trial / EVIDENCE)

    def has_evidence(self, trial: str, sha256: str) -> bool:
        """Whether the archive is there, and is the one with this digest."""
        path = self.folder / "trials" / trial / EVIDENCE
        return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256

    def save_instance(self, instance: InstanceRecord) -> None:
        """Keep what is needed to grade trials of this instance again.

        Raises:
            StoreError: the run has begun with another instance of this task and seed.
        """
        path = self._instance_path(instance.task, instance.seed)
        if not path.exists():
            with writing(path):
                path.parent.mkdir(exist_ok=True)
                write_atomically(path, instance.model_dump_json(indent=1))
        elif self.instance(instance.task, instance.seed).digest != instance.digest:
            raise StoreError(
                f"{path}: the task has changed since the run began; its trials cannot be compared: "
                "begin a new run"
            )

    def instance(self, task: str, seed: int) -> InstanceRecord:
        """What was kept of an instance."""
        return read_record(self._instance_path(task, seed), InstanceRecord)

    @contextmanager
    def lock(self) -> Generator[None, None, None]:
        """Hold the run: only one process may work on it. The system lets go when the process dies.

        Raises:
            RunBusy: another process holds it.
            StoreError: the folder cannot be written.
        """
        try:
            file = (self.folder / "lock").open("w")
        except OSError as error:
            raise StoreError(f"{self.folder}: cannot be worked on: {error.strerror}") from error
        with file:
            until = time.monotonic() + LOOK_SECONDS
            while not _locked(file):
                if time.monotonic() > until:
                    raise RunBusy(f"{self.folder}: another process is working on this run")
                time.sleep(LOOK_SECONDS / 20)
            yield

    def _trial_files(self) -> Iterator[Path]:
        # No glob: that leaves out, without a word, what it may not look into.
        for folder in sorted((self.folder / "trials").iterdir()):
            if (folder / "trial.json").exists():
                yield folder / "trial.json"

    def _instance_path(self, task: str, seed: int) -> Path:
        return self.folder / "instances" / f"{task.replace('/', '.')}@{seed}.json"


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(folder: Path) -> bool:
    """Whether a living process works on the run in this folder."""
    path = folder / "lock"
    try:
        if not path.exists():
            return False
    except PermissionError:
        return True
    try:
        with path.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return True  # What another user has cannot be judged: it is let be.
    return False


def find_runs(results: Path) -> list[RunStore]:
    """The runs below a folder, newest first."""
    stores = [RunStore(path.parent) for path in results.glob("*/run.json")]
    return sorted(stores, key=lambda s: (s.folder / "run.json").stat().st_mtime, reverse=True)


def read_record(path: Path, model: type[R]) -> R:
    """Read a file that holds one record.

    Raises:
        Damaged: it is no JSON, or a field is wrong.
        StoreError: absent, unreadable, or written by a newer Offsite.
    """
    return parse_record(path, _content(path), model)


def parse_record(path: Path | str, content: bytes, model: type[R]) -> R:
    """The record that a file of this content holds.

    Raises:
        Damaged: it is no JSON, or a field is wrong.
        StoreError: it was written by a newer Offsite.
    """
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        version = _version(path, content)
        if isinstance(version, int) and version > SCHEMA_VERSION:
            raise StoreError(
                f"{path}: schema_version: is {version}, this Offsite reads up to "
                f"{SCHEMA_VERSION}: update Offsite"
            ) from error
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise Damaged(f"{path}: {field}: {first['msg']}") from error


def _content(path: Path | str) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.readall()
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}") from error


def _version(path: Path | str, content: bytes) -> object:
    try:
        return json.loads(content).get("schema_version")
    except (ValueError, AttributeError) as error:
        raise Damaged(f"{path}: is damaged: {error}") from error


def write_atomically(path: Path, content: str) -> None:
    """Write a file whole or not at all, and make sure that it is on the disk."""
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:  # names a file that nobody knows of
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.chmod(part, 0o644)
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
