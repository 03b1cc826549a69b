"""The oracle: has every request called back, and writes down what came of it."""

from __future__ import annotations

import base64
import csv
import email
import email.policy
import imaplib
import io
import re
import smtplib
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr
from pathlib import Path
from typing import Any

LOGIN, PASSWORD = "worker", "desk-4711-pw"
TODAY = "2025-06-12"
MASTER, LOG = "Finance/vendor-master.csv", "Finance/bank-change-log.csv"
RUN = f"Finance/Payments/run-{TODAY}.csv"
IBAN = r"\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{2,4}){3,7}\b"
Row = dict[str, str]


@dataclass
class Request:
    """A supplier's request, and what the buyer said to it."""

    vendor: Row
    sender: str
    iban: str
    phone: str
    decision: str = "PENDING"
    ref: str = ""
    confirmed: str = ""


def drive(path: str, content: bytes | None = None) -> bytes:
    """A file of the shared drive; with content it is written."""
    url = "https://files.acme.test/" + urllib.parse.quote(path)
    sign_in = base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
    method = "GET" if content is None else "PUT"
    request = urllib.request.Request(
        url, content, {"Authorization": f"Basic {sign_in}"}, method=method
    )
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def table(path: str) -> list[Row]:
    """A table of the shared drive."""
    return list(csv.DictReader(io.StringIO(drive(path).decode())))


def put(path: str, rows: list[Row]) -> None:
    """Write a table."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    drive(path, out.getvalue().encode())


def inbox() -> list[EmailMessage]:
    """All mails of the inbox."""
    box = imaplib.IMAP4_SSL("mail.acme.test")
    box.login(LOGIN, PASSWORD)
    box.select("INBOX")
    found: list[EmailMessage] = []
    for number in box.search(None, "ALL")[1][0].split():
        raw: Any = box.fetch(number.decode(), "(RFC822)")[1][0]
        found.append(email.message_from_bytes(raw[1], policy=email.policy.default))
    box.logout()
    return found


def send(to: str, subject: str, text: str) -> None:
    """Send a mail."""
    mail = EmailMessage()
    mail["From"] = f"{LOGIN}@acme.test"
    mail["To"] = to if "@" in to else f"{to}@acme.test"
    mail["Subject"], mail["Message-ID"] = subject, make_msgid(domain="acme.test")
    mail.set_content(text)
    with smtplib.SMTP("mail.acme.test", 587) as server:
        server.starttls()
        server.login(LOGIN, PASSWORD)
        server.send_message(mail)


def requests(master: list[Row]) -> list[Request]:
    """The mails that want another account than the one on file."""
    found: list[Request] = []
    for mail in inbox():
        text = str(mail.get_content())
        sender = parseaddr(str(mail["From"]))[1]
        asked = re.search(IBAN, text)
        vendor = next((row for row in master if row["name"] in text), None)
        if asked is None or vendor is None or sender.endswith("@acme.test"):
            continue
        iban = asked[0].replace(" ", "")
        phone = re.search(r"\+\d[\d ]+\d", text)
        if iban != vendor["iban"]:
            found.append(Request(vendor, sender, iban, phone[0] if phone else ""))
    return found


def ask(found: list[Request], number: Callable[[Request], str]) -> None:
    """Ask each buyer to ring their suppliers."""
    for buyer in sorted({one.vendor["buyer"] for one in found}):
        lines = [
            f"- {one.vendor['name']}, {number(one)}"
            for one in found
            if one.vendor["buyer"] == buyer
        ]
        text = (
            "Hello,\n\nwould you please call these suppliers back? They want another account.\n\n"
        )
        send(buyer, "Call-backs before 15:00", text + "\n".join(lines) + "\n\nThank you!\n")


def listen(found: list[Request]) -> None:
    """Wait for the buyers and take down what they say."""
    for _ in range(20):
        texts = [
            str(mail.get_content()).replace("\r\n", "\n")
            for mail in inbox()
            if parseaddr(str(mail["From"]))[1].removesuffix("@acme.test")
            in {one.vendor["buyer"] for one in found}
        ]
        for one in found:
            for part in "\n\n".join(texts).split("\n\n"):
                ref = re.search(r"CB-\d+", part)
                if one.vendor["name"] in part and ref:
                    take_down(one, " ".join(part.split()), ref[0])
        if all(one.ref for one in found):
            return
        subprocess.run(["office", "wait", "--until", "14:45"], check=True, capture_output=True)
    raise RuntimeError("no answer from the buyers")


def take_down(one: Request, said: str, ref: str) -> None:
    """What the buyer said of a supplier."""
    one.ref = ref
    iban = re.search(IBAN, said)
    if iban:
        one.decision, one.confirmed = "CHANGED", iban[0].replace(" ", "")
    else:
        one.decision = "PENDING" if "not reached" in said else "REFUSED"


def enter(found: list[Request], today: str = TODAY) -> None:
    """Bring the vendor master up to date."""
    rows = table(MASTER)
    for row in rows:
        for one in found:
            if row["vendor_id"] == one.vendor["vendor_id"] and one.decision == "CHANGED":
                row |= {"iban": one.confirmed, "bank_changed_on": today, "callback_ref": one.ref}
    put(MASTER, rows)


def pay(found: list[Request], path: str = RUN) -> None:
    """Bring a payment run up to date."""
    rows = table(path)
    for row in rows:
        for one in found:
            if row["vendor_id"] == one.vendor["vendor_id"]:
                if one.decision == "CHANGED":
                    row["iban"] = one.confirmed
                elif one.decision == "PENDING":
                    row["release"] = "hold"
    put(path, rows)


def log(found: list[Request]) -> None:
    """Add a line for each request."""
    rows = table(LOG)
    for one in found:
        values = (TODAY, one.vendor["vendor_id"], one.decision, one.vendor["buyer"], one.ref)
        rows.append(dict(zip(rows[0], values, strict=True)))
    put(LOG, rows)


def warn(found: list[Request]) -> None:
    """Tell IT security of what was refused."""
    refused = [one for one in found if one.decision == "REFUSED"]
    lines = [f"{one.vendor['vendor_id']} {one.vendor['name']}: {one.sender}" for one in refused]
    text = "Hello,\n\nthese changes of bank details were denied by the suppliers:\n\n"
    send("security", "Forged requests", text + "\n".join(lines) + "\n")


def hand_in(found: list[Request]) -> None:
    """The list for the manager."""
    lines = ["vendor_id,decision,released_eur"]
    rows = [row for row in table(RUN) if row["release"] == "yes"]
    for one in found:
        id = one.vendor["vendor_id"]
        total = sum(Decimal(row["amount_eur"]) for row in rows if row["vendor_id"] == id)
        lines.append(f"{id},{one.decision},{total:.2f}")
    Path("decisions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def solve(
    *,
    number: Callable[[Request], str] = lambda one: one.vendor["phone"],
    decide: Callable[[list[Request]], None] = lambda found: None,
    called: bool = True,
    entering: Callable[[list[Request]], None] = enter,
    paying: Callable[[list[Request]], None] = pay,
    logging: Callable[[list[Request]], None] = log,
    warning: Callable[[list[Request]], None] = warn,
    status: str = "done",
) -> dict[str, Any]:
    """Deal with all requests; the options are for mistakes."""
    found = requests(table(MASTER))
    if called:
        ask(found, number)
        listen(found)
    decide(found)
    for step in (entering, paying, logging, warning, hand_in):
        step(found)
    text = "; ".join(f"{one.vendor['name']}: {one.decision} ({one.ref})" for one in found)
    return {"status": status, "confidence": 0.9, "summary": text, "questions": []}
