"""Filling the forge: what a task's `world.py` adds repositories and pull requests with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..records.office import Commit, ForgeIssue, Pull, Remark, Repository

Change = Mapping[str, str | bytes | None]
"""Path and content of what a commit writes; None deletes."""


class ForgeWorld:
    """The repositories of the forge.

    Times are given as text, `2025-06-02 09:30` (UTC). Whatever is said of a repository is added to
    it in the order of the calls; pull requests and issues share their numbers.
    """

    def __init__(self) -> None:
        self._repositories: dict[str, Repository] = {}

    def repository(
        self, name: str, *, owner: str, members: Sequence[str] = (), description: str = ""
    ) -> None:
        """An empty repository; owner and members may push and merge."""
        if name in self._repositories:
            raise ValueError(f"there is a repository {name} already")
        self._repositories[name] = Repository(
            name=name, description=description, owner=owner, members=tuple(members)
        )

    def commit(
        self,
        repository: str,
        message: str,
        files: Change,
        *,
        author: str,
        at: str,
        branch: str = "main",
        merges: str = "",
    ) -> None:
        """A commit; the first one of a branch begins where `main` is then."""
        written = {
            path: content.encode() if isinstance(content, str) else content
            for path, content in files.items()
        }
        one = Commit(
            branch=branch,
            author=author,
            at=_moment(at),
            message=message,
            files=written,
            merges=merges,
        )
        self._add(repository, "commits", one)

    def pull(
        self,
        repository: str,
        title: str,
        *,
        author: str,
        source: str,
        at: str,
        comments: Sequence[tuple[str, str, str]] = (),
        closed: str = "",
        **more: Any,
    ) -> int:
        """A pull request; `comments` are (author, time, text), `more` is as in `Pull`. Its number."""
        number = self._next(repository)
        one = Pull(
            number=number,
            title=title,
            author=author,
            source=source,
            created=_moment(at),
            comments=_remarks(comments),
            closed=_moment(closed) if closed else None,
            **more,
        )
        self._add(repository, "pulls", one)
        return number

    def issue(
        self,
        repository: str,
        title: str,
        *,
        author: str,
        at: str,
        comments: Sequence[tuple[str, str, str]] = (),
        **more: Any,
    ) -> int:
        """An issue; `comments` are (author, time, text), `more` is as in `ForgeIssue`. Its number."""
        number = self._next(repository)
        one = ForgeIssue(
            number=number,
            title=title,
            author=author,
            created=_moment(at),
            comments=_remarks(comments),
            **more,
        )
        self._add(repository, "issues", one)
        return number

    def repositories(self) -> tuple[Repository, ...]:
        """All of them, as the instance keeps them."""
        return tuple(self._repositories.values())

    def _next(self, repository: str) -> int:
        one = self._repositories[repository]
        return 1 + len(one.pulls) + len(one.issues)

    def _add(self, repository: str, kind: str, what: Commit | Pull | ForgeIssue) -> None:
        if repository not in self._repositories:
            raise ValueError(f"no repository {repository}: call repository() first")
        one = self._repositories[repository]
        self._repositories[repository] = one.model_copy(update={kind: (*getattr(one, kind), what)})


def _remarks(said: Sequence[tuple[str, str, str]]) -> tuple[Remark, ...]:
    return tuple(Remark(author=who, at=_moment(at), text=text) for who, at, text in said)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
