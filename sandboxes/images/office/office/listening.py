"""What was said in the office since it was last listened to, by whoever is no colleague."""

from __future__ import annotations

import email
import email.policy
import hashlib
import html
import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

from . import chat, forge, mail, tracker
from .colleagues import Heard, names
from .common import DOMAIN, Data


class Ears:
    """Listens to the services that are there. What colleagues themselves say is not heard."""

    def __init__(self, life: Data, people: Sequence[Data], services: Sequence[str]) -> None:
        self.worker: str = life["worker"]
        self.colleagues: list[Data] = life["colleagues"]
        self.known = {one["who"] for one in self.colleagues}
        self.people = {one["login"]: one["name"] for one in people}
        self.services = services
        self.mails: set[str] = set()
        self.marks: dict[str, Any] = {}
        if "mail" in services:
            self.marks["mail"] = mail.marks()
        if "chat" in services:
            self.marks["chat"] = chat.mark()
        if "tracker" in services:
            self.marks["tracker"] = tracker.mark()
        if "forge" in services:
            self.marks["forge"] = forge.mark()

    def news(self) -> list[Heard]:
        """All that was said since the last call, service by service and in its order."""
        found: list[Heard] = []
        if "mail" in self.services:
            found += self._mails()
        if "chat" in self.services:
            found += self._messages()
        if "tracker" in self.services:
            found += self._comments()
        if "forge" in self.services:
            found += self._remarks()
        return [one for one in found if one.who not in self.known]

    def _mails(self) -> list[Heard]:
        mails: dict[str, tuple[EmailMessage, list[str]]] = {}
        for one in mail.news(self.marks["mail"], but=self.worker):
            message = email.message_from_bytes(one["content"], policy=email.policy.default)
            id = _head(message, "Message-ID").strip().strip("<>")
            id = id or hashlib.sha256(one["content"]).hexdigest()
            if id not in self.mails:
                mails.setdefault(id, (message, []))[1].append(one["mailbox"])
        self.mails |= mails.keys()
        return [heard_mail(id, message, boxes) for id, (message, boxes) in mails.items()]

    def _messages(self) -> list[Heard]:
        said, self.marks["chat"] = chat.news(self.marks["chat"], sorted(self.known))
        found: list[Heard] = []
        for one in said:
            to = [who for who in one["members"] if who != one["who"]]
            if not one["direct"]:
                to = [who for who in to if self._is_named(who, one["text"])]
            where = {"room": one["room"], "room_id": one["room_id"]}
            found.append(Heard("chat", one["id"], one["who"], tuple(to), one["text"], "", where))
        return found

    def _comments(self) -> list[Heard]:
        said, self.marks["tracker"] = tracker.news(self.marks["tracker"])
        found: list[Heard] = []
        for one in said:
            if "page" in one:
                found.append(Heard("tracker", f"page{one['id']}", one["who"], (), ""))
                continue
            concerned = {one["author"], one["assignee"]} - {one["who"], ""}
            text = f"{one['subject']}\n{one['text']}" if one["opened"] else one["text"]
            concerned |= {who for who in self.people if self._is_named(who, text)}
            kind = "issue" if one["opened"] else "comment"
            where = {"number": one["number"]}
            to = tuple(sorted(concerned)) if one["text"] else ()
            found.append(Heard("tracker", f"{kind}{one['id']}", one["who"], to, text, "", where))
        return found

    def _remarks(self) -> list[Heard]:
        said, self.marks["forge"] = forge.news(self.marks["forge"])
        found: list[Heard] = []
        for one in said:
            concerned = {one["author"], one["assignee"]} - {one["who"], ""}
            text = f"{one['title']}\n{one['text']}" if one["opened"] else one["text"]
            concerned |= {who for who in self.people if self._is_named(who, text)}
            to = tuple(sorted(concerned)) if one["text"] else ()
            where = {"repository": one["repository"], "number": one["number"]}
            found.append(Heard("forge", one["id"], one["who"], to, text, "", where))
        return found

    def _is_named(self, who: str, text: str) -> bool:
        return names({"who": who}, self.people.get(who, ""), text)


def heard_mail(id: str, message: EmailMessage, boxes: Sequence[str]) -> Heard:
    copied = {_mailbox(address) for address in _addresses(message, "Cc")}
    to = tuple(box for box in boxes if box not in copied)
    # Who signed in to send it, whatever it says itself; seeded mails tell no more than that.
    sent = (*_addresses(message, "Return-Path"), *_addresses(message, "From"))
    who = next(iter(sent), "")
    where: Data = {
        "id": id,
        "references": f"{_head(message, 'References')} <{id}>".strip(),
        "subject": _head(message, "Subject"),
        "recipients": sorted({*boxes, *map(_mailbox, _addresses(message, "To")), *copied}),
    }
    return Heard("mail", id, _mailbox(who), to, _unicode(_text(message)), where["subject"], where)


def _mailbox(address: str) -> str:
    return address.removesuffix(f"@{DOMAIN}")


def _addresses(message: EmailMessage, head: str) -> list[str]:
    told = getaddresses([_head(message, head)])
    return [address.lower() for _, address in told if address]


def _head(message: EmailMessage, name: str) -> str:
    """A header's lines; nothing where they are none: a worker may send anything."""
    try:
        return _unicode(", ".join(str(value) for value in message.get_all(name, [])))
    except Exception:  # the parser stumbles over much
        return ""


def _unicode(text: str) -> str:
    """The text without half characters, which no JSON may hold."""
    return text.encode("utf-8", "replace").decode()


def _text(message: EmailMessage) -> str:
    try:
        body = message.get_body(("plain", "html"))
        text = str(body.get_content()) if body else ""
    except Exception:  # as above
        return str(message.get_payload())
    if body is not None and body.get_content_subtype() == "html":
        text = html.unescape(
            re.sub(r"<[^>]+>", " ", re.sub(r"(?i)<(br|/p|/div)[^>]*>", "\n", text))
        )
    return text
