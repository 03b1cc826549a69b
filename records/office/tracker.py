"""The tracker with its wiki."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from .item import Item


class Project(Item):
    """A project of the tracker, with a wiki."""

    identifier: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    name: str
    description: str = ""
    members: tuple[str, ...] = Field(default=(), description="Logins.")
    categories: tuple[str, ...] = ()


class Comment(Item):
    """What somebody said of an issue; `changes` tells what they changed with it."""

    author: str
    at: AwareDatetime
    text: str = ""
    changes: tuple[str, ...] = Field(default=(), description="`status: New -> Closed` …")


class Issue(Item):
    """A ticket of the tracker."""

    number: int = Field(ge=1)
    project: str
    subject: str
    description: str = ""
    kind: str = "Task"
    status: str = "New"
    priority: str = "Normal"
    author: str
    assignee: str = ""
    category: str = ""
    parent: int | None = None
    due: str = Field(default="", description="YYYY-MM-DD.")
    done: int = Field(default=0, ge=0, le=100, description="Percent.")
    created: AwareDatetime
    updated: AwareDatetime | None = None
    comments: tuple[Comment, ...] = ()
    relations: tuple[str, ...] = Field(default=(), description="`duplicates 12`, `blocks 3` …")
    attachments: tuple[str, ...] = Field(
        default=(), description="Name and sha256 of each; found, never put in."
    )


class WikiPage(Item):
    """A page of a project's wiki."""

    project: str
    title: str
    text: str
    author: str
    at: AwareDatetime
    parent: str = Field(default="", description="The title of the page that it lies below.")


class WikiRedirect(Item):
    """An old title of a page that still leads to it; found, never put in: renaming leaves it."""

    project: str
    title: str
    to: str


class TimeEntry(Item):
    """Hours that somebody spent."""

    number: int = Field(ge=1)
    project: str
    issue: int | None = None
    person: str
    day: str = Field(description="YYYY-MM-DD.")
    hours: float
    activity: str = "Development"
    comment: str = ""


class Account(Item):
    """Somebody who can sign in to the tracker; found, never put in: `Person` makes them."""

    login: str
    name: str
    address: str
    admin: bool = False
    active: bool = True
