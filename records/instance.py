"""An instance: a task made concrete by a seed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import zstandard
from pydantic import Field, JsonValue

from .base import SCHEMA_VERSION, Record
from .office import Office
from .report import Status


@dataclass(frozen=True)
class File:
    """A file that an instance lays on the desk.

    `mtime` is in seconds since the epoch; None stands for the instance's common, fixed time.
    """

    content: bytes
    mode: int = 0o644
    mtime: int | None = None


FIXED_MTIME = 1_748_736_000
"""2025-06-01T00:00:00Z: what a file's time is where the instance does not say otherwise."""


@dataclass(frozen=True)
class Instance:
    """One concrete assignment: everything that is laid on the desk, and the truth that is not.

    Attributes:
        task: `family/name`.
        instruction: Markdown, as the worker reads it.
        files: paths relative to the desk's home, with what they hold.
        setup: shell commands run in the desk's home, as the worker's user, before the worker
            comes (for what must be made there: a git repository, a SQLite file).
        truth: what the grader knows; never enters the desk.
        expected: the status that a right report has (`done`, or `blocked` where the work
            cannot be done as posed).
        office: what is put into the office around the desk; None where the task has none.
    """

    task: str
    seed: int
    instruction: str
    files: Mapping[str, File]
    truth: Mapping[str, Any]
    setup: tuple[str, ...] = ()
    expected: Status = "done"
    office: Office | None = None
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", _digest(self))

    @property
    def id(self) -> str:
        """`family/name@seed`."""
        return f"{self.task}@{self.seed}"


def pack_instance(instance: Instance) -> bytes:
    """The whole instance as one compressed JSON object, to be kept and taken out again."""
    files = {
        path: [base64.b64encode(file.content).decode(), file.mode, file.mtime]
        for path, file in instance.files.items()
    }
    plain = {
        "task": instance.task,
        "seed": instance.seed,
        "instruction": instance.instruction,
        "truth": instance.truth,
        "setup": instance.setup,
        "expected": instance.expected,
        "files": files,
        "office": instance.office and instance.office.model_dump(mode="json"),
        "digest": instance.digest,
    }
    return zstandard.ZstdCompressor().compress(json.dumps(plain).encode())


def unpack_instance(packed: bytes) -> Instance:
    """Take out what `pack_instance` kept.

    Raises:
        ValueError: it is damaged: the digest is not that of what it holds.
    """
    try:
        plain: dict[str, Any] = json.loads(zstandard.ZstdDecompressor().decompress(packed))
        digest = plain.pop("digest")
        files = {
            path: File(base64.b64decode(content), mode, mtime)
            for path, (content, mode, mtime) in plain.pop("files").items()
        }
        plain["setup"] = tuple(plain["setup"])
        office = plain.pop("office")
        plain["office"] = office and Office.model_validate_json(json.dumps(office))
        instance = Instance(**plain, files=files)
    except (zstandard.ZstdError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an instance: {error}") from error
    if instance.digest != digest:
        raise ValueError("the instance was changed")
    return instance


class InstanceRecord(Record):
    """What a run keeps of an instance so that it can be graded again without the task's code."""

    schema_version: Literal[1] = SCHEMA_VERSION
    task: str
    seed: int
    instruction: str
    expected: Status
    truth: dict[str, JsonValue]
    files: dict[str, str] = Field(description="Path relative to the desk's home to sha256.")
    digest: str

    @classmethod
    def of(cls, instance: Instance) -> InstanceRecord:
        """The record of an instance."""
        return cls(
            task=instance.task,
            seed=instance.seed,
            instruction=instance.instruction,
            expected=instance.expected,
            truth=dict(instance.truth),
            files={
                path: hashlib.sha256(file.content).hexdigest()
                for path, file in sorted(instance.files.items())
            },
            digest=instance.digest,
        )


def _digest(instance: Instance) -> str:
    """sha256 over everything that makes the instance, in a canonical order."""
    whole = hashlib.sha256()
    head = [
        instance.task,
        instance.seed,
        instance.instruction,
        instance.truth,
        list(instance.setup),
        instance.expected,
    ]
    whole.update(json.dumps(head, sort_keys=True, ensure_ascii=False).encode())
    for path, file in sorted(instance.files.items()):
        line = [path, file.mode, file.mtime, hashlib.sha256(file.content).hexdigest()]
        whole.update(json.dumps(line).encode())
    if instance.office is not None:
        whole.update(instance.office.model_dump_json().encode())
    return whole.hexdigest()
