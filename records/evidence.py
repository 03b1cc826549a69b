"""Evidence: the archived end state of a trial, all that a grader ever sees."""

from __future__ import annotations

import codecs
import hashlib
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import zstandard
from pydantic import Field, JsonValue, ValidationError

from .base import SCHEMA_VERSION, Record
from .errors import InputError
from .plain import Json
from .report import Report

Change = Literal["created", "modified", "deleted"]


class Write(Record):
    """One path that differs from the start of the trial.

    Paths in the desk's home are relative to it; all others are absolute (scratch such as /tmp).
    """

    path: str
    change: Change
    size: int = Field(default=0, description="Bytes at the end; 0 where deleted.")
    sha256: str | None = Field(default=None, description="None for what is no regular file.")


class Manifest(Record):
    """`manifest.json`, the first member of the archive."""

    schema_version: Literal[1] = SCHEMA_VERSION
    instance: str = Field(description="Digest of the instance that the evidence belongs to.")
    report: Report | None = Field(description="None where the agent left without one.")
    writes: tuple[Write, ...]
    files: dict[str, str] = Field(
        description="Path to sha256; the content is the member `files/<sha256>`."
    )
    left_out: dict[str, str] = Field(
        default_factory=dict, description="Path that was not archived, and why."
    )
    examination: Json = Field(
        default=None, description="What the task's examine.py printed at the desk, if it has one."
    )


class EvidenceError(InputError):
    """The archive cannot be read, or its contents are not what its manifest says."""


@dataclass(frozen=True)
class Evidence:
    """The end state of a trial.

    Attributes:
        files: every file that the task declares as output and every file written by the worker,
            as it stood at the end; paths as in `Write`.
        writes: all that differs from the start.
        examination: what the task's `examine.py` found at the desk after the worker had left.
    """

    instance: str
    report: Report | None
    writes: tuple[Write, ...]
    files: Mapping[str, bytes]
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])
    examination: JsonValue = None

    def read(self, path: str) -> bytes | None:
        """The content of a file, None where it is not there."""
        return self.files.get(path)

    def text(self, path: str) -> str | None:
        """The content of a file as UTF-8, a BOM dropped; None if absent.

        What is no UTF-8 is read as Windows' cp1252, in which Excel saves a CSV; bytes that are
        neither are replaced.
        """
        content = self.files.get(path)
        if content is None:
            return None
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "cp1252"
            return content.decode(encoding, errors="replace")

    def written(self, path: str) -> bool:
        """Whether the file was created or changed by the worker."""
        return any(write.path == path and write.change != "deleted" for write in self.writes)


def save_evidence(evidence: Evidence, path: Path) -> str:
    """Write the archive (tar, zstd) and return its sha256. The same evidence gives the same bytes."""
    manifest = Manifest(
        instance=evidence.instance,
        report=evidence.report,
        writes=evidence.writes,
        files={p: hashlib.sha256(evidence.files[p]).hexdigest() for p in sorted(evidence.files)},
        left_out=dict(evidence.left_out),
        examination=evidence.examination,
    )
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, "manifest.json", manifest.model_dump_json(indent=1).encode())
        # By digest, not by path: what an agent named a file is never a path here.
        contents = {manifest.files[path]: content for path, content in evidence.files.items()}
        for digest in sorted(contents):
            _add(tar, f"files/{digest}", contents[digest])
    packed = zstandard.ZstdCompressor(level=3).compress(plain.getvalue())
    path.write_bytes(packed)
    return hashlib.sha256(packed).hexdigest()


def load_evidence(path: Path) -> Evidence:
    """Read an archive and check every file against the manifest.

    Raises:
        EvidenceError: the archive is damaged or was changed.
    """
    try:
        with path.open("rb") as packed:
            plain = zstandard.ZstdDecompressor().stream_reader(packed).read()
        with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
            contents = {
                member.name: stream.read()
                for member in tar
                if (stream := tar.extractfile(member)) is not None
            }
        manifest = Manifest.model_validate_json(contents["manifest.json"])
        files = {path: contents[f"files/{digest}"] for path, digest in manifest.files.items()}
    except (OSError, zstandard.ZstdError, tarfile.TarError, KeyError, ValidationError) as error:
        cause = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise EvidenceError(f"{path}: the evidence cannot be read: {cause}") from error
    for name, digest in manifest.files.items():
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise EvidenceError(f"{path}: {name} is not what the manifest says")
    return Evidence(
        instance=manifest.instance,
        report=manifest.report,
        writes=manifest.writes,
        files=files,
        left_out=manifest.left_out,
        examination=manifest.examination,
    )


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))
