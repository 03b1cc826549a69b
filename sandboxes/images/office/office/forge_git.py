"""What lies in the forge's repositories: put in by `git fast-import`, read with pygit2."""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import base64
import datetime
import hashlib
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pygit2

from .common import Data, Refused

MAIN = "main"
SMALL = 64 * 1024
"""Bytes of a file up to which its text is told."""


def commit(folder: str, commits: list[Data], names: dict[str, str]) -> None:
    """Put in commits, in this order; `names` are people's names and addresses by login."""
    if not commits:
        return
    marks: dict[str, int] = {}
    changed: defaultdict[str, dict[str, bytes | None]] = defaultdict(dict)
    stream: list[bytes] = []
    for number, one in enumerate(commits, 1):
        branch, merged = one["branch"], one["merges"]
        files = {
            path: None if content is None else base64.urlsafe_b64decode(content)
            for path, content in one["files"].items()
        }
        files = {**(changed[merged] if merged else {}), **files}
        changed[branch] |= files
        seconds = int(datetime.datetime.fromisoformat(one["at"]).timestamp())
        signed = f"{names.get(one['author'], one['author'])} {seconds} +0000"
        stream.append(f"commit refs/heads/{branch}\nmark :{number}\n".encode())
        stream.append(f"author {signed}\ncommitter {signed}\n".encode())
        stream.append(_data(one["message"].rstrip("\n").encode() + b"\n"))
        begin = marks.get(branch, marks.get(MAIN))
        if begin:
            stream.append(f"from :{begin}\n".encode())
        if merged:
            stream.append(f"merge :{marks[merged]}\n".encode())
        for path, content in files.items():
            stream.append(f"D {path}\n".encode() if content is None else _file(path, content))
        marks[branch] = number
    _git(folder, "fast-import", "--quiet", stdin=b"".join(stream))


def range_of(folder: str, pull: Data) -> tuple[str | None, str | None]:
    """The first and the last commit of a pull request, whose reference is set as pagure does.

    What is merged already counts from where the merge forked.
    """
    source, target = f"refs/heads/{pull['source']}", f"refs/heads/{pull['target']}"
    tip = _git(folder, "rev-parse", "--verify", "--quiet", source)
    since = target
    for line in _git(folder, "rev-list", "--merges", "--parents", target).splitlines():
        _, into, merged = line.split()[:3]
        if merged == tip:
            since = into
    listed = _git(folder, "rev-list", f"{since}..{tip}").splitlines() or [tip]
    _git(folder, "update-ref", f"refs/pull/{pull['number']}/head", tip)
    return listed[-1], listed[0]


def branches(folder: str) -> list[Data]:
    """Every branch with its log and files."""
    repository: Any = pygit2.Repository(folder)
    return [_branch(repository, name) for name in sorted(repository.listall_branches())]


def _branch(repository: Any, name: str) -> Data:
    tip = repository.lookup_reference(f"refs/heads/{name}").peel(pygit2.Commit)
    files: dict[str, str] = {}
    texts: dict[str, str] = {}
    for path, blob in _blobs(tip.tree):
        files[path] = hashlib.sha256(blob.data).hexdigest()
        if blob.size <= SMALL and not blob.is_binary:
            texts[path] = blob.data.decode("utf-8", "replace")
    return {
        "name": name,
        "tip": str(tip.id),
        "log": [_commit(one) for one in repository.walk(tip.id, pygit2.enums.SortMode.TOPOLOGICAL)],
        "files": files,
        "texts": texts,
    }


def _commit(one: Any) -> Data:
    return {
        "branch": "",
        "author": f"{one.author.name} <{one.author.email}>",
        "at": datetime.datetime.fromtimestamp(one.author.time, datetime.UTC).isoformat(),
        "message": one.message,
        "id": str(one.id),
        "parents": [str(parent) for parent in one.parent_ids],
    }


def _blobs(tree: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for entry in tree:
        path = above + entry.name
        if isinstance(entry, pygit2.Tree):
            yield from _blobs(entry, f"{path}/")
        elif isinstance(entry, pygit2.Blob):
            yield path, entry


def _file(path: str, content: bytes) -> bytes:
    return f"M 100644 inline {path}\n".encode() + _data(content)


def _data(content: bytes) -> bytes:
    return f"data {len(content)}\n".encode() + content + b"\n"


def _git(folder: str, *words: str, stdin: bytes = b"") -> str:
    done = subprocess.run(
        ["git", "-C", folder, *words], input=stdin, capture_output=True, check=False
    )
    if done.returncode:
        raise Refused(f"git {words[0]}: {done.stderr.decode(errors='replace')[-1000:]}")
    return done.stdout.decode().strip()
