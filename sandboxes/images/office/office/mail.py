"""Mail: Postfix and Dovecot."""

from __future__ import annotations

import base64
import contextlib
import datetime
import email.policy
import imaplib
import os
import re
import smtplib
import ssl
import time
from collections import defaultdict
from collections.abc import Generator
from email.message import EmailMessage
from pathlib import Path

from .common import DOMAIN, Data, Refused, call, greets

PEOPLE = Path("/etc/office/people")
MAILBOXES = Path("/etc/office/mailboxes")
HOMES = Path("/var/vmail")
QUEUE = Path("/var/spool/postfix")
ON_ITS_WAY = ("maildrop", "incoming", "active")
WHEN = re.compile(rb'INTERNALDATE "([^"]+)"')


def ready() -> bool:
    """Whether mail can be sent and read."""
    return greets(143, b"* OK") and greets(25, b"220") and greets(587, b"220")


def welcome(people: list[Data]) -> None:
    """Let these people sign in and receive."""
    lines = [f"{one['login']}@{DOMAIN}:{{PLAIN}}{one['password']}::::::\n" for one in people]
    PEOPLE.write_text("".join(lines), encoding="utf-8")
    addresses = [f"{one['login']}@{DOMAIN} {one['login']}@{DOMAIN}\n" for one in people]
    MAILBOXES.write_text("".join(addresses), encoding="utf-8")
    call("postmap", f"hash:{MAILBOXES}")


def seed(office: Data) -> None:
    """Lay the mails into the mailboxes, with their dates and flags, by IMAP."""
    boxes: defaultdict[str, list[Data]] = defaultdict(list)
    for mail in office["mails"]:
        boxes[mail["mailbox"]].append(mail)
    for mailbox, mails in boxes.items():
        with _session(mailbox) as imap:
            known = {"INBOX"}
            for mail in mails:
                folder = _quoted(mail["folder"])
                if mail["folder"] not in known:
                    imap.create(folder)  # fails where it is there already, which is as well
                    imap.subscribe(folder)
                    known.add(mail["folder"])
                when = datetime.datetime.fromisoformat(mail["date"])
                content = base64.urlsafe_b64decode(mail["content"])
                said = imap.append(folder, f"({' '.join(mail['flags'])})", when, content)  # pyright: ignore[reportArgumentType]
                if said[0] != "OK":
                    raise Refused(f"a mail for {mailbox}/{mail['folder']}: {said}")


def collect() -> Data:
    """Every mail in every mailbox, what is still on its way included."""
    settle()
    mails: list[Data] = []
    for home in sorted(path.name for path in HOMES.iterdir() if path.is_dir()):
        mailbox = home.removesuffix(f"@{DOMAIN}")
        with _session(mailbox) as imap:
            for folder in _folders(imap):
                mails += [{"mailbox": mailbox, **mail} for mail in _mails(imap, folder)]
    return {"mails": mails}


def forget() -> None:
    """Empty all mailboxes, once everything that is on its way has arrived."""
    settle()
    for home in HOMES.iterdir():
        call("doveadm", "expunge", "-u", home.name, "mailbox", "*", "all")


def marks() -> dict[str, int]:
    """Where every mailbox stands: the number that its next mail will have at least."""
    return {home.name: _next_number(home.name) for home in HOMES.iterdir() if home.is_dir()}


def news(marks: dict[str, int], *, but: str) -> list[Data]:
    """Mails that have come since into any mailbox but one person's; read, as their owners do."""
    settle()
    found: list[Data] = []
    for box in sorted(home.name for home in HOMES.iterdir() if home.is_dir()):
        mailbox = box.removesuffix(f"@{DOMAIN}")
        if mailbox == but or not any((HOMES / box / "Maildir/new").iterdir()):
            continue
        with _session(mailbox) as imap:
            imap.select("INBOX")
            _, said = imap.uid("search", "", f"UID {marks.get(box, 1)}:*")
            for uid in (int(number) for number in said[0].split()):
                if uid >= marks.get(box, 1):
                    _, parts = imap.uid("fetch", str(uid), "(BODY.PEEK[])")
                    found.append({"mailbox": mailbox, "content": parts[0][1]})
                    imap.uid("store", str(uid), "+FLAGS", "(\\Seen)")
                    marks[box] = uid + 1
    return found


def has_read(login: str, id: str) -> bool:
    """Whether somebody has read a mail, wherever it lies now."""
    query = ("mailbox", "*", "seen", "header", "message-id", f"<{id}>")
    return bool(call("doveadm", "search", "-u", f"{login}@{DOMAIN}", *query).strip())


def inbox(login: str) -> set[str]:
    """The ids of what a client shows in somebody's inbox."""
    query = ("mailbox", "INBOX", "undeleted")
    told = call("doveadm", "fetch", "-u", f"{login}@{DOMAIN}", "hdr.message-id", *query)
    return {line.partition(":")[2].strip().strip("<>") for line in told.splitlines() if ":" in line}


def send(message: EmailMessage, sender: str, to: list[str], password: str) -> None:
    """Send a mail: who is in the office signs in for it, and keeps a copy; others are outside."""
    content = message.as_bytes(policy=email.policy.SMTP)
    if password:
        trusting = ssl.create_default_context(cafile="/etc/office/ca.crt")
        with smtplib.SMTP(f"mail.{DOMAIN}", 587, timeout=30) as server:
            server.starttls(context=trusting)
            server.login(sender.partition("@")[0], password)
            server.sendmail(sender, to, content)
        with _session(sender.removesuffix(f"@{DOMAIN}")) as imap:
            imap.append("Sent", "(\\Seen)", "", content)
    else:
        call("sendmail", "-i", "-f", sender, "--", *to, stdin=content.decode("utf-8", "replace"))
    settle()


def settle() -> None:
    """Wait until nothing is on its way any more."""
    until = time.monotonic() + 20
    while any(any((QUEUE / name).iterdir()) for name in ON_ITS_WAY) and time.monotonic() < until:
        time.sleep(0.005)


def _next_number(box: str) -> int:
    told = call("doveadm", "mailbox", "status", "-u", box, "uidnext", "INBOX")
    return int(told.rpartition("=")[2])


def _folders(imap: imaplib.IMAP4) -> list[str]:
    _, lines = imap.list()
    found: list[str] = []
    for line in lines:
        if isinstance(line, tuple):  # a name with quotes in it comes as a literal
            found.append(line[1].decode())
        elif line and b"\\Noselect" not in line:
            name = line.decode().split(' "/" ')[-1].split(' "." ')[-1]
            found.append(name.strip('"').replace('\\"', '"').replace("\\\\", "\\"))
    return found


def _mails(imap: imaplib.IMAP4, folder: str) -> list[Data]:
    status, count = imap.select(_quoted(folder), readonly=True)
    if status != "OK" or count == [b"0"]:
        return []
    _, parts = imap.fetch("1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")
    mails: list[Data] = []
    for part in parts:
        if not isinstance(part, tuple):
            continue
        head, content = part
        when = WHEN.search(head)
        told = when.group(1).decode().strip() if when else "1-Jan-1970 00:00:00 +0000"
        date = datetime.datetime.strptime(told, "%d-%b-%Y %H:%M:%S %z")
        flags = sorted(flag.decode() for flag in imaplib.ParseFlags(head))
        mails.append(
            {
                "folder": _readable(folder),
                "date": date.isoformat(),
                "flags": [flag for flag in flags if flag != "\\Recent"],
                "content": base64.urlsafe_b64encode(content).decode(),
            }
        )
    return mails


def _readable(folder: str) -> str:
    """A folder's name out of IMAP's own UTF-7."""
    plain = re.sub(r"&([^-]*)-", lambda m: f"+{m[1].replace(',', '/')}-" if m[1] else "&", folder)
    return plain if plain == folder else plain.encode().decode("utf-7", "replace")


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextlib.contextmanager
def _session(mailbox: str) -> Generator[imaplib.IMAP4_stream]:
    """An IMAP session that is signed in already, as only the office itself can have it."""
    user = mailbox if "@" in mailbox else f"{mailbox}@{DOMAIN}"
    os.environ["IMAP_USER"] = user  # no shell word
    session = imaplib.IMAP4_stream('exec doveadm exec imap -u "$IMAP_USER" 2>/dev/null')
    try:
        yield session
    finally:
        session.logout()
