"""What goes on in the office while the worker is there: its time, colleagues who answer, events."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, field_validator, model_validator

from .item import Item
from .tracker import Issue

Way = Literal["mail", "chat", "tracker", "forge"]
"""How somebody is addressed and answers."""

Clock = Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d )?\d\d:\d\d$")]
"""`14:30` on the day on which the office's time begins, or `2025-06-03 14:30`; UTC."""

_DAYS = (0, 1, 2, 3, 4)


class SendMail(Item):
    """Somebody sends a mail; people of the office are named by login, others by address."""

    do: Literal["mail"] = "mail"
    after: int = Field(default=0, ge=0, description="Minutes of office time later.")
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    subject: str
    text: str
    attachments: tuple[tuple[str, bytes], ...] = Field(default=(), description="Name, content.")


class Say(Item):
    """Somebody says something in a room of the chat that they are in (`alice+bob`: their own)."""

    do: Literal["say"] = "say"
    after: int = Field(default=0, ge=0, description="Minutes of office time later.")
    sender: str
    room: str
    text: str


class OpenIssue(Item):
    """Somebody files an issue in the tracker."""

    do: Literal["issue"] = "issue"
    after: int = Field(default=0, ge=0, description="Minutes of office time later.")
    issue: Issue


class ChangeIssue(Item):
    """Somebody comments on an issue of the tracker, or changes it; what is empty stays."""

    do: Literal["change"] = "change"
    after: int = Field(default=0, ge=0, description="Minutes of office time later.")
    author: str
    number: int
    text: str = ""
    status: str = ""
    priority: str = ""
    assignee: str = ""


class PutFile(Item):
    """A file appears on the shared drive, or one is there in a new version."""

    do: Literal["file"] = "file"
    after: int = Field(default=0, ge=0, description="Minutes of office time later.")
    path: str = Field(pattern=r"^[^/]")
    content: bytes


class CommentPull(Item):
    """Somebody comments on a pull request of the forge."""

    do: Literal["pull"] = "pull"
    after: int = Field(default=0, ge=0, description="Minutes of office time later.")
    author: str
    repository: str
    number: int
    text: str


Deed = Annotated[
    SendMail | Say | OpenIssue | ChangeIssue | PutFile | CommentPull, Field(discriminator="do")
]
"""What somebody in the office, or outside it, does."""


class Answer(Item):
    """What a colleague says when asked for something that they know.

    Regular expressions are searched without regard to case in the subject and text of what was
    said to them (what a mail quotes is left out).
    """

    topic: str = Field(min_length=1, description="Its name in the history, for graders.")
    asked: tuple[str, ...] = Field(min_length=1, description="Expressions that all must be found.")
    unless: tuple[str, ...] = Field(default=(), description="Expressions of which none may be.")
    needs: tuple[str, ...] = Field(
        default=(),
        description="Expressions that make it clear enough; what the asker said earlier counts.",
    )
    ask_back: str = Field(default="", description="What they say while it is not clear enough.")
    askers: tuple[str, ...] = Field(
        default=(), description="Logins or addresses of who is told; empty: whoever asks."
    )
    refusal: str = Field(default="", description="What others are told.")
    ways: tuple[Way, ...] = ("mail", "chat", "tracker", "forge")
    after: int | None = Field(
        default=None, ge=0, description="Minutes until they answer; None: as they always take."
    )
    text: str = Field(description="The answer; empty: none, but what follows happens.")
    again: str = Field(default="", description="What they say when asked once more; empty: `text`.")
    then: tuple[Deed, ...] = Field(default=(), description="What happens after the first answer.")

    @field_validator("asked", "unless", "needs")
    @classmethod
    def _expressions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                re.compile(one)
            except re.error as error:
                raise ValueError(f"{one!r} is no regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _ask_back_told(self) -> Self:
        if bool(self.needs) != bool(self.ask_back):
            raise ValueError("needs and ask_back go together")
        return self


class Colleague(Item):
    """Somebody who reads mail and chat and answers there, by rules over what was asked.

    In mail they hear what is sent To them, in a room of two everything, in other rooms and in the
    tracker and forge what names them (login or first name), and comments on their own issues and
    pull requests. All answers that were asked for come together. They volunteer nothing.
    """

    who: str = Field(description="A login, or the mail address of somebody outside.")
    manner: str = Field(
        default="", description="How they are to deal with: for people who read it."
    )
    opens: str = Field(default="09:00", pattern=r"^\d\d:\d\d$")
    closes: str = Field(default="17:30", pattern=r"^\d\d:\d\d$")
    days: tuple[int, ...] = Field(default=_DAYS, description="Working days, Monday is 0.")
    minutes: int = Field(default=10, ge=0, description="Of office time until they answer.")
    greeting: str = Field(default="Hi {first},", description="In mails; {first}: who asked.")
    closing: str = Field(default="", description="In mails; empty: their first name.")
    answers: tuple[Answer, ...] = ()
    unclear: str = Field(
        default="", description="What they say to what they have no answer for; empty: nothing."
    )


class Trigger(Item):
    """When an arrival happens. Exactly one of these; `says` belongs to `mailed` and `said`."""

    at: Clock | None = Field(default=None, description="An office time.")
    read: str | None = Field(default=None, description="A mail (its id) was read by the worker.")
    emptied: int | None = Field(
        default=None,
        ge=1,
        description="So many of the mails that lay in the worker's inbox were moved or deleted.",
    )
    issue: int | None = Field(default=None, description="An issue has the status `status`.")
    status: str = "Closed"
    mailed: str | None = Field(default=None, description="The worker wrote to this login, address.")
    said: str | None = Field(default=None, description="The worker wrote in this room.")
    says: str = Field(default="", description="An expression that must be found in what was said.")
    answered: str | None = Field(
        default=None, description="A colleague answered on a topic: `bea/callback`."
    )
    arrived: str | None = Field(default=None, description="Another arrival, by its name.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        told = (
            *(self.at, self.read, self.emptied, self.issue),
            *(self.mailed, self.said, self.answered, self.arrived),
        )
        if sum(one is not None for one in told) != 1:
            raise ValueError("a trigger names exactly one thing that must happen")
        return self


class Arrival(Item):
    """An event: something arrives, or somebody changes their mind; once."""

    name: str = Field(min_length=1)
    when: Trigger
    deeds: tuple[Deed, ...] = Field(min_length=1)


class Life(Item):
    """Who is at the office besides the worker, and what happens there."""

    start: AwareDatetime = Field(description="The office's time when the worker begins.")
    worker: str = Field(default="worker", description="The worker's login.")
    colleagues: tuple[Colleague, ...] = ()
    arrivals: tuple[Arrival, ...] = ()


HappeningKind = Literal[
    "heard", "answered", "asked back", "refused", "unclear", "ignored", "arrived", "waited"
]


class Happening(Item):
    """One thing that happened in the office, in the order of its time; found, never put in."""

    at: AwareDatetime = Field(description="Office time.")
    kind: HappeningKind
    who: str = Field(default="", description="Whose doing: a colleague; for `heard` who spoke.")
    to: str = Field(default="", description="Who was answered; for `heard` who was addressed.")
    topic: str = Field(default="", description="Of an answer; the name of an arrival.")
    way: str = ""
    text: str = Field(default="", description="What was said.")
