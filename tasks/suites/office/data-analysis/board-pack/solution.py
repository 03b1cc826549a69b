"""Asks the owners, reminds, asks back, counts the exports, waits, and sends the pack."""

from __future__ import annotations

import base64
import csv
import email
import email.policy
import imaplib
import io
import json
import re
import smtplib
import ssl
import subprocess
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

ME, PASSWORD = "worker", "desk-4711-pw"
DRIVE, CHAT = "https://files.acme.test", "https://chat.acme.test/_matrix/client/v3"
COLUMNS = ("code", "owner", "value", "previous", "change_pct", "target", "status")
EXPORTS = {
    "SUP-TIME": "Support/tickets-2025-05.csv",
    "MKT-LEAD": "Marketing/leads-2025-05.csv",
    "OPS-OTD": "Operations/consignments-2025-05.csv",
}
Row = dict[str, str]


@dataclass(frozen=True)
class Options:
    """What the wrong solvers change."""

    reminds: bool = True
    asks_back: bool = True
    hears_corrections: bool = True
    hears_ceo: bool = True
    waits: str = "15:35"
    carries_forward: bool = False
    april: str = "final"
    kilo: bool = True
    filters: bool = True
    tells: bool = True
    also_to: tuple[str, ...] = ()
    nags: int = 0


@dataclass
class Line:
    """A line of the guide's table."""

    code: str
    unit: str
    owner: str
    better: str


def solve() -> dict[str, Any]:
    """Do the work rightly."""
    return work(Options())


def work(options: Options) -> dict[str, Any]:
    """Collect, calculate, hand in, send."""
    guide = drive("Board/guide.md")
    table = re.findall(
        r"(?m)^\| `([A-Z]{3}-[A-Z]+)` \| .+? \| (\S+) \| `?(\w+)`? \| (\w+) \|", guide
    )
    lines = [Line(c, unit, who if who != "calculated" else "pack", b) for c, unit, who, b in table]
    owners = list(dict.fromkeys(line.owner for line in lines if line.owner != "pack"))
    chats = [one for one in owners if re.search(rf"\| `{one}` \|.*chat only", guide)]
    for owner in owners:
        codes = [line.code for line in lines if line.owner == owner]
        write(
            owner, f"Hello,\n\nwhat are the figures for May of {', '.join(codes)}, please?\n", chats
        )
    wait("11:50")
    silent = [one for one in owners if not answers(one, chats)]
    for owner in silent if options.reminds else []:
        for _ in range(1 + options.nags):
            write(
                owner,
                "Hello,\n\na reminder: I still need your figures for the board pack.\n",
                chats,
            )
    vague = [
        one
        for one in owners
        if (said := answers(one, chats)) and not re.search(r"\([A-Z]{3}-[A-Z]+\)", said[0])
    ]
    for owner in vague if options.asks_back else []:
        write(owner, "Hello,\n\nI need the exact figures, please.\n", chats)
    wait(options.waits)
    said = {one: answers(one, chats) for one in owners}
    if not options.hears_corrections:
        said = {one: texts[: 2 if one in vague else 1] for one, texts in said.items()}
    april = read(drive(f"Board/2025-04/pack-{options.april}.csv"))
    previous = {row["code"]: Decimal(row["value"]) for row in april}
    values = {
        line.code: value
        for line in lines
        if line.owner != "pack"
        and (value := value_of(line, said[line.owner], guide, options)) is not None
    }
    if options.carries_forward or not options.asks_back:
        guessed = vague if not options.asks_back else owners
        values = {
            line.code: values.get(line.code, previous[line.code])
            for line in lines
            if line.code in values or line.owner in guessed
        }
    values |= calculated(values)
    targets = {row["code"]: Decimal(row["target"]) for row in read(drive("Board/targets.csv"))}
    if options.hears_ceo:
        for text in answers("ceo", []):
            for code, target in re.findall(r"\(([A-Z]{3}-[A-Z]+)\) is ([\d.]+) from May", text):
                targets[code] = Decimal(target)
    amber = int(found(r"no more than (\d+) %", guide))
    rows = [row_of(line, values, previous, targets, amber) for line in lines]
    Path("pack").mkdir(exist_ok=True)
    save("pack/pack.csv", [COLUMNS, *rows])
    states = {one: state(one, said[one], vague) for one in owners}
    save("pack/sources.csv", [("owner", "state"), *states.items()])
    missing = [line.code for line in lines if line.code not in values]
    gap = f"Missing, because there was no answer: {', '.join(missing)}.\n" if options.tells else ""
    send(
        ["ceo", *options.also_to],
        "Board pack May",
        f"Hello,\n\nthe pack is attached.\n{gap}",
        True,
    )
    return {"status": "done", "confidence": 0.9, "summary": gap or "sent", "questions": []}


def state(owner: str, said: Sequence[str], vague: Sequence[str]) -> str:
    """By the guide's words."""
    if not said:
        return "missing"
    if owner in vague:
        return "clarified"
    return "corrected" if any("wrong" in text for text in said) else "received"


def value_of(line: Line, said: Sequence[str], guide: str, options: Options) -> Decimal | None:
    """The last figure that was told, or what the export gives."""
    if line.code in EXPORTS:
        if not said:
            return None
        return counted(line.code, read(drive(EXPORTS[line.code])), guide, options.filters)
    told = re.findall(rf"\({line.code}\): (EUR )?([\d,.]*\d)", "\n".join(said))
    if not told:
        return None
    euros, text = told[-1]
    value = Decimal(text.replace(",", ""))
    return rounded(value / 1000, 0) if euros and options.kilo else value


def counted(code: str, rows: list[Row], guide: str, filters: bool) -> Decimal:
    """By the guide's definitions."""
    if code == "SUP-TIME":
        hours = int(found(r"came within (\d+) hours", guide))
        kept = [
            row
            for row in rows
            if not filters
            or (
                row["created_at"].startswith("2025-05")
                and row["category"] != "spam"
                and not row["duplicate_of"]
            )
        ]
        good = [row for row in kept if row["first_answer_at"] and waited(row) <= hours * 60]
        return rounded(Decimal(100 * len(good)) / len(kept), 1)
    if code == "MKT-LEAD":
        score = int(found(r"score of at least (\d+)", guide))
        kept = [row for row in rows if not filters or row["created_on"].startswith("2025-05")]
        people = {row["email"].lower() for row in kept if int(row["score"]) >= score}
        return Decimal(sum(1 for one in people if not one.endswith("@acme.test")))
    orders: defaultdict[str, list[bool]] = defaultdict(list)
    for row in rows:
        if not filters or (row["due_on"].startswith("2025-05") and row["state"] != "cancelled"):
            orders[row["order"]].append(
                bool(row["delivered_on"]) and row["delivered_on"] <= row["due_on"]
            )
    return rounded(Decimal(100 * sum(map(all, orders.values()))) / len(orders), 1)


def waited(row: Row) -> float:
    """Minutes until the first answer."""
    first, created = (datetime.fromisoformat(row[x]) for x in ("first_answer_at", "created_at"))
    return (first - created).total_seconds() / 60


def calculated(values: dict[str, Decimal]) -> dict[str, Decimal]:
    """The last three lines, where their parts are there."""
    parts = {
        "DER-RPH": ("FIN-REV", "PEO-HEAD", 1, 1),
        "DER-CPL": ("MKT-COST", "MKT-LEAD", 1000, 0),
        "DER-RUN": ("FIN-CASH", "FIN-COST", 1, 1),
    }
    return {
        code: rounded(factor * values[above] / values[below], places)
        for code, (above, below, factor, places) in parts.items()
        if above in values and below in values
    }


def row_of(
    line: Line,
    values: dict[str, Decimal],
    previous: dict[str, Decimal],
    targets: dict[str, Decimal],
    amber: int,
) -> list[object]:
    """A line of the pack."""
    before, target = previous[line.code], targets[line.code]
    if line.code not in values:
        return [line.code, line.owner, "", before, "", target, "missing"]
    value = values[line.code]
    short = target - value if line.better == "high" else value - target
    colour = "green" if short <= 0 else "amber" if short <= target * amber / 100 else "red"
    change = rounded((value - before) * 100 / before, 1)
    return [line.code, line.owner, value, before, change, target, colour]


# --- the office ---


def write(owner: str, text: str, chats: Sequence[str]) -> None:
    """Ask somebody, where they read it."""
    if owner in chats:
        Chat().say(owner, text)
    else:
        send([owner], "Board pack May", text, False)


def answers(owner: str, chats: Sequence[str]) -> list[str]:
    """What somebody has said today, in its order."""
    if owner in chats:
        return Chat().said(owner)
    with imaplib.IMAP4_SSL("mail.acme.test") as box:
        box.login(ME, PASSWORD)
        box.select("INBOX", readonly=True)
        numbers = box.search(None, f'FROM "{owner}@acme.test"')[1][0].split()
        texts: list[str] = []
        for number in numbers:
            raw = cast("list[tuple[bytes, bytes]]", box.fetch(number, "(BODY.PEEK[])")[1])[0][1]
            message = email.message_from_bytes(raw, policy=email.policy.default)
            if "10 Jun 2025" in str(message["Date"]):
                texts.append(message.get_content())
        return texts


def send(to: Sequence[str], subject: str, text: str, attached: bool) -> None:
    """A mail."""
    message = EmailMessage()
    message["From"], message["Subject"] = f"{ME}@acme.test", subject
    message["To"] = ", ".join(f"{one}@acme.test" for one in to)
    message.set_content(text)
    if attached:
        content = Path("pack/pack.csv").read_bytes()
        message.add_attachment(content, maintype="text", subtype="csv", filename="pack.csv")
    with smtplib.SMTP("mail.acme.test", 587) as server:
        server.starttls(context=ssl.create_default_context())
        server.login(ME, PASSWORD)
        server.send_message(message)


class Chat:
    """The chat, signed in."""

    def __init__(self) -> None:
        user = {"type": "m.id.user", "user": ME}
        signed = {"type": "m.login.password", "identifier": user, "password": PASSWORD}
        self.token = ""
        self.token = self.ask("POST", "/login", signed)["access_token"]

    def ask(self, method: str, path: str, content: Any = None) -> Any:
        """One request."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(CHAT + path, data, headers, method=method)
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def room(self, other: str) -> str:
        """The room of two."""
        direct = self.ask("GET", f"/user/@{ME}:acme.test/account_data/m.direct")
        return urllib.parse.quote(direct[f"@{other}:acme.test"][0])

    def say(self, other: str, text: str) -> None:
        """Say something to somebody."""
        number = subprocess.run(["date", "+%s%N"], capture_output=True, text=True, check=True)
        path = f"/rooms/{self.room(other)}/send/m.room.message/{number.stdout.strip()}"
        self.ask("PUT", path, {"msgtype": "m.text", "body": text})

    def said(self, other: str) -> list[str]:
        """What somebody said today."""
        page = self.ask("GET", f"/rooms/{self.room(other)}/messages?dir=b&limit=50")["chunk"]
        day = datetime.fromisoformat("2025-06-10T00:00:00+00:00").timestamp() * 1000
        mine = [
            one
            for one in page
            if one["type"] == "m.room.message" and one["sender"] == f"@{other}:acme.test"
        ]
        return [one["content"]["body"] for one in mine if one["origin_server_ts"] >= day][::-1]


def drive(path: str, content: bytes | None = None) -> str:
    """A file of the shared drive; with content it is put there."""
    signed = base64.b64encode(f"{ME}:{PASSWORD}".encode()).decode()
    request = urllib.request.Request(
        f"{DRIVE}/{path}", content, {"Authorization": f"Basic {signed}"}
    )
    request.method = "PUT" if content is not None else "GET"
    with urllib.request.urlopen(request) as response:
        return response.read().decode()


def wait(until: str) -> None:
    """Let time pass; only forwards."""
    subprocess.run(["office", "wait", "--full", "--until", until], check=True, capture_output=True)


def read(text: str) -> list[Row]:
    """A CSV."""
    return list(csv.DictReader(io.StringIO(text)))


def save(path: str, rows: Iterable[Iterable[object]]) -> None:
    """A CSV on the desk."""
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def found(pattern: str, text: str) -> str:
    """The first group of the first match."""
    match = re.search(pattern, text)
    assert match, pattern
    return match[1]


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
