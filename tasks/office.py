"""Filling an office: what a task's `world.py` adds mails, appointments, tickets and so on with.

All times are given as text, `2025-06-02 09:30` (UTC), so that a world reads well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from ..records.office import (
    DOMAIN,
    Comment,
    Contact,
    Event,
    Issue,
    Mail,
    Message,
    Office,
    Person,
    Project,
    Room,
    SharedFile,
    TimeEntry,
    WikiPage,
)
from .erp import ErpWorld
from .forge import ForgeWorld
from .life import LifeWorld
from .warehouse import WarehouseWorld


@dataclass
class OfficeWorld:
    """What is in the office when the worker comes; the lists may be added to directly, too.

    A person is named by login; somebody outside by a mail address, `Pat Ode <pat@client.example>`.
    """

    people: list[Person] = field(default_factory=list[Person])
    mails: list[Mail] = field(default_factory=list[Mail])
    events: list[Event] = field(default_factory=list[Event])
    contacts: list[Contact] = field(default_factory=list[Contact])
    projects: list[Project] = field(default_factory=list[Project])
    issues: list[Issue] = field(default_factory=list[Issue])
    wiki: list[WikiPage] = field(default_factory=list[WikiPage])
    hours: list[TimeEntry] = field(default_factory=list[TimeEntry])
    rooms: list[Room] = field(default_factory=list[Room])
    files: list[SharedFile] = field(default_factory=list[SharedFile])
    forge: ForgeWorld = field(default_factory=ForgeWorld)
    database: WarehouseWorld = field(default_factory=WarehouseWorld)
    erp: ErpWorld = field(default_factory=ErpWorld)
    life: LifeWorld = field(default_factory=LifeWorld)

    def person(
        self, login: str, name: str, *, password: str, title: str = "", admin: bool = False
    ) -> Person:
        """Somebody with a sign-in for all services."""
        one = Person(login=login, name=name, password=password, title=title, admin=admin)
        self.people.append(one)
        return one

    def mail(
        self,
        sender: str,
        to: str | Sequence[str],
        subject: str,
        text: str,
        *,
        at: str,
        cc: Sequence[str] = (),
        flags: Sequence[str] = (),
        folder: str = "INBOX",
        mailboxes: Sequence[str] | None = None,
        reply_to: str = "",
        attachments: Sequence[tuple[str, bytes]] = (),
    ) -> str:
        """A mail that was sent, in the mailbox of each recipient who is in the office.

        Args:
            mailboxes: logins in whose mailbox it lies, where that is not all recipients.
            reply_to: the id of the mail that it answers.

        Returns:
            Its id.
        """
        recipients = [to] if isinstance(to, str) else list(to)
        when = moment(at)
        key = "\0".join(
            [sender, *recipients, subject, text, at, *(name for name, _ in attachments)]
        )
        id = f"{hashlib.sha256(key.encode()).hexdigest()[:20]}@{DOMAIN}"
        message = EmailMessage()
        message["From"] = self._address(sender)
        message["To"] = [self._address(one) for one in recipients]
        if cc:
            message["Cc"] = [self._address(one) for one in cc]
        message["Subject"] = subject
        message["Date"] = format_datetime(when)
        message["Message-ID"] = f"<{id}>"
        if reply_to:
            message["In-Reply-To"] = message["References"] = f"<{reply_to}>"
        message.set_content(text)
        for name, content in attachments:
            message.add_attachment(
                content, maintype="application", subtype="octet-stream", filename=name
            )
        if attachments:
            message.set_boundary(f"=={id[:20]}==")  # by itself it would be drawn by lot
        logins = {one.login for one in self.people}
        boxes = mailboxes if mailboxes is not None else [*recipients, *cc]
        for box in boxes:
            if box in logins:
                self.mails.append(
                    Mail(
                        mailbox=box,
                        folder=folder,
                        date=when,
                        flags=tuple(flags),
                        content=message.as_bytes(policy=message.policy.clone(linesep="\r\n")),
                    )
                )
        return id

    def event(
        self,
        owner: str,
        title: str,
        start: str,
        end: str,
        *,
        attendees: Iterable[str] = (),
        place: str = "",
        notes: str = "",
        repeat: dict[str, Any] | None = None,
    ) -> str:
        """An appointment in somebody's calendar; who is invited has it in theirs. Its uid."""
        import icalendar

        uid = hashlib.sha256("\0".join([owner, title, start, end]).encode()).hexdigest()[:24]
        entry: Any = icalendar.Event()
        entry.add("uid", uid)
        entry.add("dtstamp", moment(start))
        entry.add("dtstart", moment(start))
        entry.add("dtend", moment(end))
        entry.add("summary", title)
        if place:
            entry.add("location", place)
        if notes:
            entry.add("description", notes)
        if repeat:
            entry.add("rrule", repeat)
        invited = list(attendees)
        if invited:
            entry.add("organizer", self._calendar_address(owner))
            for one in invited:
                entry.add("attendee", self._calendar_address(one))
        calendar: Any = icalendar.Calendar()
        calendar.add("prodid", "-//Acme//Office//EN")
        calendar.add("version", "2.0")
        calendar.add_component(entry)
        content = calendar.to_ical().decode()
        logins = {one.login for one in self.people}
        self.events += [
            Event(owner=one, uid=uid, content=content) for one in (owner, *invited) if one in logins
        ]
        return uid

    def contact(
        self, owner: str, name: str, address: str, *, phone: str = "", org: str = ""
    ) -> str:
        """An entry in somebody's own address book. Its uid."""
        uid = hashlib.sha256("\0".join([owner, name, address]).encode()).hexdigest()[:24]
        first, _, last = name.rpartition(" ")
        lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{name}", f"N:{last};{first};;;"]
        lines += [f"EMAIL;TYPE=work:{address}"]
        lines += [f"TEL;TYPE=work:{phone}"] if phone else []
        lines += [f"ORG:{org}"] if org else []
        content = "\r\n".join([*lines, "END:VCARD", ""])
        self.contacts.append(Contact(owner=owner, uid=uid, content=content))
        return uid

    def project(
        self,
        identifier: str,
        name: str,
        *,
        members: Sequence[str],
        description: str = "",
        categories: Sequence[str] = (),
    ) -> None:
        """A project of the tracker."""
        self.projects.append(
            Project(
                identifier=identifier,
                name=name,
                description=description,
                members=tuple(members),
                categories=tuple(categories),
            )
        )

    def issue(
        self,
        project: str,
        subject: str,
        *,
        author: str,
        at: str,
        comments: Sequence[tuple[str, str, str]] = (),
        **more: Any,
    ) -> int:
        """A ticket; `comments` are (author, time, text), `more` is as in `Issue`. Its number."""
        number: int = more.pop("number", 0) or 1 + max((i.number for i in self.issues), default=0)
        said = tuple(
            Comment(author=who, at=moment(when), text=text) for who, when, text in comments
        )
        self.issues.append(
            Issue(
                number=number,
                project=project,
                subject=subject,
                author=author,
                created=moment(at),
                comments=said,
                **more,
            )
        )
        return number

    def page(
        self, project: str, title: str, text: str, *, author: str, at: str, parent: str = ""
    ) -> None:
        """A page of a project's wiki, below another one or not; `Wiki` is its first one."""
        self.wiki.append(
            WikiPage(
                project=project,
                title=title,
                text=text,
                author=author,
                at=moment(at),
                parent=parent,
            )
        )

    def room(
        self,
        name: str,
        members: Sequence[str],
        messages: Sequence[tuple[str, str, str]] = (),
        *,
        topic: str = "",
    ) -> None:
        """A room of the chat; `messages` are (sender, time, text)."""
        self._room(name, members, messages, topic=topic, direct=False)

    def direct(self, one: str, other: str, messages: Sequence[tuple[str, str, str]] = ()) -> None:
        """Two people's own room."""
        self._room("+".join(sorted((one, other))), (one, other), messages, topic="", direct=True)

    def file(self, path: str, content: str | bytes, *, at: str | None = None) -> None:
        """A file of the shared drive; text is written as UTF-8."""
        data = content.encode() if isinstance(content, str) else content
        self.files.append(SharedFile(path=path, content=data, at=moment(at) if at else None))

    def office(self) -> Office:
        """All of it, as the instance keeps it."""
        built = {"database", "erp", "forge", "life"}
        listed = {name: tuple(value) for name, value in vars(self).items() if name not in built}
        return Office(
            **listed,
            repositories=self.forge.repositories(),
            tables=tuple(self.database.tables),
            erp=self.erp.erp(),
            life=self.life.life(),
        )

    def _room(
        self,
        name: str,
        members: Sequence[str],
        messages: Sequence[tuple[str, str, str]],
        *,
        topic: str,
        direct: bool,
    ) -> None:
        said = tuple(Message(sender=who, at=moment(at), text=text) for who, at, text in messages)
        self.rooms.append(
            Room(name=name, topic=topic, direct=direct, members=tuple(members), messages=said)
        )

    def _address(self, who: str) -> Address:
        for one in self.people:
            if one.login == who:
                return Address(one.name, addr_spec=one.address)
        name, address = parseaddr(who)
        if "@" not in address:
            raise ValueError(f"{who!r} is neither a person of the office nor a mail address")
        return Address(name, addr_spec=address)

    def _calendar_address(self, who: str) -> Any:
        import icalendar

        address = self._address(who)
        entry = icalendar.vCalAddress(f"mailto:{address.addr_spec}")
        entry.params["cn"] = icalendar.vText(address.display_name)
        return entry


def moment(text: str) -> datetime:
    """`2025-06-02 09:30`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
