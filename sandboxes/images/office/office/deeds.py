"""What people in the office and outside it do, each through the service it is done with."""

from __future__ import annotations

import base64
import datetime
import hashlib
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from . import chat, files, forge, mail, tracker
from .common import DOMAIN, Data


class Hands:
    """Does deeds. Each leaves an act: what it changed, so that it is not taken for the worker's."""

    def __init__(self, people: list[Data], worker: str) -> None:
        self.people: Mapping[str, Data] = {one["login"]: one for one in people}
        self.worker = worker
        self.acts: list[Data] = []

    def do(self, deed: Data, now: datetime.datetime) -> str:
        """Do it; what the worker sees of it, in a few words, or nothing."""
        kinds = {
            "mail": self._mail,
            "say": self._say,
            "issue": self._issue,
            "change": self._change,
            "file": self._file,
            "pull": self._pull,
        }
        return kinds[deed["do"]](deed, now)

    def name(self, who: str) -> str:
        """How somebody is called."""
        return self.people[who]["name"] if who in self.people else who

    def _mail(self, deed: Data, now: datetime.datetime) -> str:
        to, cc = deed["to"], deed["cc"]
        key = "\0".join([deed["sender"], *to, *cc, deed["subject"], deed["text"], now.isoformat()])
        id = f"{hashlib.sha256(key.encode()).hexdigest()[:20]}@{DOMAIN}"
        message = EmailMessage()
        message["From"] = self._address(deed["sender"])
        message["To"] = [self._address(one) for one in to]
        if cc:
            message["Cc"] = [self._address(one) for one in cc]
        message["Subject"] = deed["subject"]
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{id}>"
        if deed.get("references"):
            message["In-Reply-To"] = deed["references"].split()[-1]
            message["References"] = deed["references"]
        message.set_content(deed["text"])
        for name, content in deed["attachments"]:
            message.add_attachment(
                base64.urlsafe_b64decode(content),
                maintype="application",
                subtype="octet-stream",
                filename=name,
            )
        if deed["attachments"]:
            message.set_boundary(f"=={id[:20]}==")  # by itself it would be drawn by lot
        password = self.people.get(deed["sender"], {}).get("password", "")
        addresses = [self._address(one).addr_spec for one in (*to, *cc)]
        mail.send(message, self._address(deed["sender"]).addr_spec, addresses, password)
        self.acts.append({"do": "mail", "id": id, "boxes": [*to, *cc]})
        seen = self.worker in (*to, *cc)
        return f"mail from {self.name(deed['sender'])}: {deed['subject']}" if seen else ""

    def _say(self, deed: Data, now: datetime.datetime) -> str:
        said = chat.say(deed["room"], deed["sender"], deed["text"], now)
        self.acts.append({"do": "say", "id": said["id"]})
        where = "in chat" if said["direct"] else f"in the room {said['room']}"
        seen = self.worker in said["members"]
        return f"message from {self.name(deed['sender'])} {where}" if seen else ""

    def _issue(self, deed: Data, now: datetime.datetime) -> str:
        number = tracker.act(deed)
        self.acts.append({"do": "issue", "number": number})
        issue = deed["issue"]
        return f"issue #{number} from {self.name(issue['author'])}: {issue['subject']}"

    def _change(self, deed: Data, now: datetime.datetime) -> str:
        tracker.act(deed)
        kept = ("number", "author", "text", "status", "priority", "assignee")
        self.acts.append({"do": "change", **{name: deed[name] for name in kept}})
        return f"issue #{deed['number']}: {self.name(deed['author'])} wrote or changed something"

    def _file(self, deed: Data, now: datetime.datetime) -> str:
        files.put(deed["path"], deed["content"], now)
        self.acts.append({"do": "file", "path": deed["path"], "content": deed["content"]})
        return ""

    def _pull(self, deed: Data, now: datetime.datetime) -> str:
        kept = {name: deed[name] for name in ("author", "repository", "number", "text")}
        forge.comment(deed["author"], deed["repository"], deed["number"], deed["text"])
        self.acts.append({"do": "pull", **kept})
        where = f"pull request #{deed['number']} of {deed['repository']}"
        return f"{where}: {self.name(deed['author'])} wrote"

    def _address(self, who: str) -> Address:
        if who in self.people:
            return Address(self.people[who]["name"], addr_spec=f"{who}@{DOMAIN}")
        return Address(addr_spec=who)


def first_name(name: str) -> str:
    """How somebody is addressed; the part before the @ of who is known by address alone."""
    return (
        name.split("@", maxsplit=1)[0]
        .split(" ", maxsplit=1)[0]
        .split(".", maxsplit=1)[0]
        .capitalize()
    )
