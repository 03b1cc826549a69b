"""The office: what an instance puts into it, and what is found in it at the end. One model serves both.

Mails, calendar entries and contacts stand as what they are in the world (RFC 5322, iCalendar,
vCard), with the few fields parsed that every grader asks for.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import AwareDatetime, ConfigDict, Field, ValidationError

from .base import Record
from .evidence import Evidence, EvidenceError, Write

if TYPE_CHECKING:
    from icalendar import Calendar

DOMAIN = "acme.test"
"""The company's domain; an address outside it is somebody else's."""

Service = Literal["mail", "calendar", "tracker", "chat", "files"]
SERVICES: tuple[Service, ...] = get_args(Service)

STATE = "office:state.json"
"""Where the end state lies among the evidence's files; each raw mail lies beside it."""

NOT_A_CHANGE = frozenset({"\\seen", "\\recent", "\\answered", "$forwarded", "$mdnsent"})
"""Flags that follow from reading and answering."""


class _Office(Record):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class Person(_Office):
    """Somebody with one sign-in for all services, and the address `login@acme.test`."""

    login: str = Field(pattern=r"^[a-z][a-z0-9.-]{0,30}$")
    name: str = Field(min_length=1)
    password: str = Field(min_length=8)
    title: str = Field(default="", description="What they do in the company.")
    admin: bool = Field(default=False, description="Whether they administer the tracker.")

    @property
    def address(self) -> str:
        """Their mail address."""
        return f"{self.login}@{DOMAIN}"


class Mail(_Office):
    """A mail in a mailbox. A mailbox is a login, or the whole address of somebody outside."""

    mailbox: str
    folder: str = "INBOX"
    date: AwareDatetime = Field(description="When it came into the folder.")
    flags: tuple[str, ...] = Field(default=(), description="As in IMAP: `\\Seen`, `\\Flagged` …")
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The parsed mail."""
        return email.message_from_bytes(self.content, policy=email.policy.default)

    @property
    def id(self) -> str:
        """Its Message-ID without brackets; a digest where it has none."""
        found = self._head("Message-ID").strip().strip("<>")
        return found or hashlib.sha256(self.content).hexdigest()[:24]

    @property
    def subject(self) -> str:
        """The subject."""
        return self._head("Subject")

    @property
    def sender(self) -> str:
        """The bare address that it says it comes from, in lower case."""
        return next(iter(self._addresses("From")), "")

    @property
    def recipients(self) -> tuple[str, ...]:
        """The bare addresses in To, Cc and Bcc, in lower case."""
        return tuple(one for head in ("To", "Cc", "Bcc") for one in self._addresses(head))

    @property
    def text(self) -> str:
        """The body as plain text (HTML where there is nothing else)."""
        try:
            body = self.message.get_body(("plain", "html"))
            return str(body.get_content()) if body else ""
        except (LookupError, ValueError, AttributeError):  # what a worker sent may be anything
            return self.content.decode("utf-8", "replace")

    def _head(self, name: str) -> str:
        try:
            return str(self.message.get(name, ""))
        except (ValueError, IndexError, AttributeError):
            return ""

    def _addresses(self, name: str) -> list[str]:
        from email.utils import getaddresses

        return [one.lower() for _, one in getaddresses([self._head(name)]) if one]


class Event(_Office):
    """An entry in somebody's calendar."""

    owner: str = Field(description="Whose calendar: a login.")
    uid: str
    content: str = Field(description="iCalendar, the whole VCALENDAR.")

    @property
    def calendar(self) -> Calendar:
        """The parsed entry."""
        from icalendar import Calendar

        return Calendar.from_ical(self.content)


class Contact(_Office):
    """An entry in somebody's own address book."""

    owner: str
    uid: str
    content: str = Field(description="vCard.")


class Project(_Office):
    """A project of the tracker, with a wiki."""

    identifier: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    name: str
    description: str = ""
    members: tuple[str, ...] = Field(default=(), description="Logins.")
    categories: tuple[str, ...] = ()


class Comment(_Office):
    """What somebody said of an issue; `changes` tells what they changed with it."""

    author: str
    at: AwareDatetime
    text: str = ""
    changes: tuple[str, ...] = Field(default=(), description="`status: New -> Closed` …")


class Issue(_Office):
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


class WikiPage(_Office):
    """A page of a project's wiki."""

    project: str
    title: str
    text: str
    author: str
    at: AwareDatetime


class TimeEntry(_Office):
    """Hours that somebody spent."""

    number: int = Field(ge=1)
    project: str
    issue: int | None = None
    person: str
    day: str = Field(description="YYYY-MM-DD.")
    hours: float
    activity: str = "Development"
    comment: str = ""


class Account(_Office):
    """Somebody who can sign in to the tracker; found, never put in: `Person` makes them."""

    login: str
    name: str
    address: str
    admin: bool = False
    active: bool = True


class Message(_Office):
    """A message in a room of the chat."""

    sender: str
    at: AwareDatetime
    text: str
    id: str = Field(default="", description="Given by the server.")


class Room(_Office):
    """A room of the chat; a direct one is two people's own."""

    name: str = Field(description="Its alias, `#name:acme.test`; for a direct one `alice+bob`.")
    topic: str = ""
    direct: bool = False
    members: tuple[str, ...]
    messages: tuple[Message, ...] = ()


class SharedFile(_Office):
    """A file of the shared drive."""

    path: str = Field(pattern=r"^[^/]")
    content: bytes
    at: AwareDatetime | None = None


class Office(_Office):
    """Everything in the office."""

    people: tuple[Person, ...] = ()
    mails: tuple[Mail, ...] = ()
    events: tuple[Event, ...] = ()
    contacts: tuple[Contact, ...] = ()
    projects: tuple[Project, ...] = ()
    issues: tuple[Issue, ...] = ()
    wiki: tuple[WikiPage, ...] = ()
    hours: tuple[TimeEntry, ...] = ()
    accounts: tuple[Account, ...] = ()
    rooms: tuple[Room, ...] = ()
    files: tuple[SharedFile, ...] = ()

    def items(self) -> Iterator[tuple[str, _Office]]:
        """Every single thing with its path, `office:mail/<login>/<folder>/<message-id>` and so on.

        Two things of one path are told apart by `~2`, `~3` … at its end.
        """
        met: Counter[str] = Counter()
        for path, item in self._paths():
            met[path] += 1
            yield (path if met[path] == 1 else f"{path}~{met[path]}"), item

    def _paths(self) -> Iterator[tuple[str, _Office]]:
        for mail in self.mails:
            yield f"office:mail/{mail.mailbox}/{mail.folder}/{mail.id}", mail
        for event in self.events:
            yield f"office:calendar/{event.owner}/{event.uid}", event
        for contact in self.contacts:
            yield f"office:contacts/{contact.owner}/{contact.uid}", contact
        for project in self.projects:
            yield f"office:tracker/projects/{project.identifier}", project
        for issue in self.issues:
            yield f"office:tracker/issues/{issue.number}", issue
        for page in self.wiki:
            yield f"office:tracker/wiki/{page.project}/{page.title}", page
        for entry in self.hours:
            yield f"office:tracker/hours/{entry.number}", entry
        for account in self.accounts:
            yield f"office:tracker/accounts/{account.login}", account
        for room in self.rooms:
            yield f"office:chat/{room.name}", room.model_copy(update={"messages": ()})
            for message in room.messages:
                yield f"office:chat/{room.name}/{message.sender}/{message.id}", message
        for file in self.files:
            yield f"office:files/{file.path}", file


def office_writes(start: Office, end: Office) -> list[Write]:
    """What differs between two states, as writes; that a mail was read or answered does not."""
    before, after = dict(start.items()), dict(end.items())
    writes: list[Write] = []
    for path in sorted(before.keys() | after.keys()):
        old, new = (_essence(one.get(path)) for one in (before, after))
        if old == new:
            continue
        if new is None:
            writes.append(Write(path=path, change="deleted"))
            continue
        change = "created" if old is None else "modified"
        writes.append(
            Write(path=path, change=change, size=len(new), sha256=hashlib.sha256(new).hexdigest())
        )
    return writes


def pack_office(office: Office) -> dict[str, bytes]:
    """The state as files of the evidence: one JSON object, and every mail as it is."""
    plain: dict[str, Any] = office.model_dump(mode="json")
    files: dict[str, bytes] = {}
    mails = [(path, item) for path, item in office.items() if isinstance(item, Mail)]
    for (path, mail), entry in zip(mails, plain["mails"], strict=True):
        entry["content"] = path
        files[path] = mail.content
    return {STATE: json.dumps(plain, indent=1, ensure_ascii=False).encode(), **files}


def read_office(evidence: Evidence) -> Office | None:
    """The office as the trial left it, None where the task has none.

    Raises:
        EvidenceError: what was archived is not an office.
    """
    return unpack_office(evidence.files)


def unpack_office(files: Mapping[str, bytes]) -> Office | None:
    """The reverse of `pack_office`, None where there is none."""
    if STATE not in files:
        return None
    try:
        plain: dict[str, Any] = json.loads(files[STATE])
        mails = plain.pop("mails")
        whole = tuple(
            Mail(
                **{name: value for name, value in mail.items() if name != "content"},
                content=files[mail["content"]],
            )
            for mail in mails
        )
        rest = Office.model_validate_json(json.dumps(plain))
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise EvidenceError(f"the office's state cannot be read: {error}") from error
    return rest.model_copy(update={"mails": whole})


def _essence(item: _Office | None) -> bytes | None:
    """What makes it the same thing before and after."""
    if isinstance(item, Mail):
        flags = sorted(flag for flag in item.flags if flag.lower() not in NOT_A_CHANGE)
        return item.content + b"\n" + json.dumps(flags).encode()
    if isinstance(item, SharedFile):
        return item.content
    return None if item is None else item.model_dump_json().encode()
