"""Mails, appointments and contacts: as they are in the world, the few fields parsed that every grader asks for."""

from __future__ import annotations

import email
import email.policy
import hashlib
from email.message import EmailMessage
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, Field

from .item import Item

if TYPE_CHECKING:
    from icalendar import Calendar


class Mail(Item):
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
        """The bare address that it comes from, in lower case.

        What came through the office's mail server bears the address of who signed in to send it
        (Return-Path), whatever it says itself.
        """
        sent = (*self._addresses("Return-Path"), *self._addresses("From"))
        return next(iter(sent), "")

    @property
    def recipients(self) -> tuple[str, ...]:
        """The bare addresses in To, Cc and Bcc, in lower case."""
        return tuple(one for head in ("To", "Cc", "Bcc") for one in self._addresses(head))

    @property
    def text(self) -> str:
        """The body as plain text (HTML where there is nothing else); lines end with `\\n`."""
        try:
            body = self.message.get_body(("plain", "html"))
            return str(body.get_content()).replace("\r\n", "\n") if body else ""
        except Exception:  # what a worker sent may be anything, and the parser stumbles over much
            return self.content.decode("utf-8", "replace")

    def _head(self, name: str) -> str:
        try:
            return str(self.message.get(name, ""))
        except Exception:  # as above
            return ""

    def _addresses(self, name: str) -> list[str]:
        from email.utils import getaddresses

        return [one.lower() for _, one in getaddresses([self._head(name)]) if one]


class Event(Item):
    """An entry in somebody's calendar."""

    owner: str = Field(description="Whose calendar: a login.")
    uid: str
    content: str = Field(description="iCalendar, the whole VCALENDAR.")

    @property
    def calendar(self) -> Calendar:
        """The parsed entry."""
        from icalendar import Calendar

        return Calendar.from_ical(self.content)


class Contact(Item):
    """An entry in somebody's own address book."""

    owner: str
    uid: str
    content: str = Field(description="vCard.")
