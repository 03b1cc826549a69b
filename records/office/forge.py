"""The forge: repositories with their commits, pull requests and issues."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from .item import Item


class Commit(Item):
    """A commit: as it is put in, or as it is found in a branch's log."""

    branch: str = Field(
        default="main", description="A new one begins where `main` is then. Found: empty."
    )
    author: str = Field(description="A login, or `Name <address>`; found always the latter.")
    at: AwareDatetime
    message: str
    files: dict[str, bytes | None] = Field(
        default_factory=dict[str, bytes | None],
        description="What it writes, and deletes (None). Found: empty.",
    )
    merges: str = Field(default="", description="A branch that it merges. Found: empty.")
    id: str = Field(default="", description="Found, never put in.")
    parents: tuple[str, ...] = Field(default=(), description="Found, never put in.")


class Branch(Item):
    """A branch; found, never put in: commits make them."""

    name: str
    tip: str = Field(description="The id of its last commit.")
    log: tuple[Commit, ...] = Field(default=(), description="All its commits, newest first.")
    files: dict[str, str] = Field(
        default_factory=dict[str, str], description="Path and sha256 of all that it holds."
    )
    texts: dict[str, str] = Field(
        default_factory=dict[str, str], description="Path and content of what is text and small."
    )


class Remark(Item):
    """What somebody said of a pull request or an issue."""

    author: str
    at: AwareDatetime
    text: str
    place: str = Field(
        default="", description="`path:line` where it was said of a line that is changed."
    )


class Pull(Item):
    """A pull request. It shares its numbers with the repository's issues."""

    number: int = Field(ge=1)
    title: str
    text: str = ""
    author: str
    source: str = Field(description="The branch to be merged; `forks/LOGIN/NAME:BRANCH` of a fork.")
    target: str = "main"
    status: str = Field(default="Open", pattern=r"^(Open|Merged|Closed)$")
    assignee: str = Field(default="", description="Who is to review it.")
    created: AwareDatetime
    comments: tuple[Remark, ...] = ()
    closed_by: str = Field(default="", description="Who merged or closed it.")
    closed: AwareDatetime | None = None


class ForgeIssue(Item):
    """An issue of a repository."""

    number: int = Field(ge=1)
    title: str
    text: str = ""
    author: str
    status: str = Field(default="Open", pattern=r"^(Open|Closed)$")
    assignee: str = ""
    created: AwareDatetime
    comments: tuple[Remark, ...] = ()


class Repository(Item):
    """A repository of the forge. Everybody may read it, ask for changes and comment."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$", description="A fork's is `forks/LOGIN/NAME`."
    )
    description: str = ""
    owner: str
    members: tuple[str, ...] = Field(
        default=(), description="Who may push and merge, besides the owner."
    )
    commits: tuple[Commit, ...] = Field(default=(), description="Put in, in this order.")
    branches: tuple[Branch, ...] = Field(default=(), description="Found, never put in.")
    pulls: tuple[Pull, ...] = ()
    issues: tuple[ForgeIssue, ...] = ()
