"""The oracle: follows the runbook in force; the tracker and its wiki through the browser."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ME, PASSWORD = "worker", "desk-4711-pw"
TRACKER, CHAT = "https://tracker.acme.test", "https://chat.acme.test/_matrix/client/v3"
CHROMIUM = "/usr/bin/chromium-headless-shell"
BOX = Path("server")
ETC, LOGS = BOX / "etc/orders-api", BOX / "var/log/orders-api"
NOW = "2025-06-17"


@dataclass(frozen=True)
class Options:
    """What the wrong solvers change."""

    runbook: str = "Incidents"
    room: str = "incidents"
    late: bool = False
    notice: bool = True
    mend: bool = True
    tidy: bool = False
    any_certificate: bool = False
    early_clear: bool = False
    answers_asker: bool = True
    counts_all: bool = False
    report: bool = True
    resolve: bool = True
    tidies_tickets: bool = False
    status: str = "done"


@dataclass(frozen=True)
class Finding:
    """The cause, and what the report says of it."""

    code: str
    file: str
    section: str
    name: str
    old: str
    new: str
    started: str
    failed: int


def solve() -> dict[str, Any]:
    """Do the work rightly."""
    return work(Options())


def work(options: Options) -> dict[str, Any]:
    """From the first notice to the report."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, env={"HOME": "/tmp/browser"}
        )
        page = browser.new_page(ignore_https_errors=True)
        page.set_default_timeout(120_000)  # milliseconds: the machine may be a busy one
        sign_in(page)
        ticket, incident = own_ticket(page)
        text, rows = wiki_page(page, options.runbook)
        severity = find_severity(text, rows)
        chat = Chat()
        if options.late:
            subprocess.run(["office", "wait", "40", "--full"], check=True, capture_output=True)
        if options.notice:
            chat.say(
                options.room,
                f"{incident} {severity} INVESTIGATING: Orders API answers with errors.",
            )
        if options.early_clear:
            chat.say(options.room, f"{incident} RESOLVED")
        wait(10)
        put_off(options, chat)
        found = diagnose(options, rows)
        chat.say(options.room, f"{incident} IDENTIFIED {found.code}")
        if options.mend:
            mend(found, options)
        change = restart(page, chat, incident)
        if not options.early_clear:
            chat.say(options.room, f"{incident} RESOLVED")
        if options.report:
            write_report(page, incident, severity, found, change)
        if options.resolve:
            resolve(page, ticket, f"[[{incident}]]")
        if options.tidies_tickets:
            resolve(page, 419, "Surely done by now.")
        browser.close()
    summary = f"{incident} is over: {found.code}, {found.failed} requests failed; the report is in the wiki."
    return {"status": options.status, "confidence": 0.9, "summary": summary, "questions": []}


def sign_in(page: Page) -> None:
    """Sign in to the tracker."""
    page.goto(f"{TRACKER}/login")
    page.fill("#username", ME)
    page.fill("#password", PASSWORD)
    page.click("input[name=login]")
    page.wait_for_selector("#loggedas")


def own_ticket(page: Page) -> tuple[int, str]:
    """The alarm's ticket, and the incident's number."""
    page.goto(f"{TRACKER}/issues?assigned_to_id=me&set_filter=1")
    link = page.locator("table.issues td.subject a", has_text="INC-").first
    number = re.findall(r"/issues/(\d+)", str(link.get_attribute("href")))[0]
    return int(number), re.findall(r"INC-\d+", link.inner_text())[0]


def wiki_page(page: Page, title: str) -> tuple[str, list[list[str]]]:
    """A page of the wiki: its text, and the rows of its tables."""
    page.goto(f"{TRACKER}/projects/ops/wiki/{title.replace(' ', '_')}")
    rows = page.locator("#content table tr").all()
    cells = [[cell.strip() for cell in row.locator("td").all_inner_texts()] for row in rows]
    return page.inner_text("#content"), [row for row in cells if row]


def requests() -> list[tuple[str, int]]:
    """Time and status of each request."""
    lines = (LOGS / "access.log").read_text().splitlines()
    return [(line[:19], int(line.split()[3])) for line in lines]


def find_severity(text: str, rows: Sequence[Sequence[str]]) -> str:
    """By the share of failures before the alarm."""
    if "last hour" in text:
        since = f"{NOW}T08:30"
        limits = [(number, name) for name, number in re.findall(r"(SEV\d) from (\d+) %", text)]
    else:
        since = f"{NOW}T09:15"
        limits = [(re.findall(r"\d+", row[0])[0], row[1]) for row in rows if "%" in row[0]]
    late = [status for at, status in requests() if at >= since]
    share = 100 * sum(status >= 500 for status in late) / len(late)
    return next((name for limit, name in limits if share >= int(limit)), "SEV3")


def diagnose(options: Options, rows: Sequence[Sequence[str]]) -> Finding:
    """The cause, by the runbook's table."""
    errors = (LOGS / "error.log").read_text().splitlines()
    for row in rows:
        lines = [line for line in errors if len(row) == 5 and row[1].strip("`") in line]
        if not lines:
            continue
        section, name = re.findall(r"\[(\w+)\] (\w+)", row[3])[0]
        started = lines[0][:19]
        failed = sum(
            status >= 500 and (at >= started or options.counts_all) for at, status in requests()
        )
        new = row[4] if "cert" not in row[4] else certificate(any_one=options.any_certificate)
        old = value_of(ETC / row[2], section, name)
        return Finding(row[0], row[2], section, name, old, new, started, failed)
    raise RuntimeError("the runbook does not know the cause")


def certificate(*, any_one: bool) -> str:
    """The certificate in force."""
    with (ETC / "certs/index.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    if any_one:
        return max(
            (row for row in rows if row["valid_from"] <= NOW), key=lambda row: row["valid_from"]
        )["file"]
    return next(
        row["file"]
        for row in rows
        if row["state"] == "issued" and row["valid_from"] <= NOW <= row["valid_until"]
    )


def value_of(path: Path, section: str, name: str) -> str:
    """A setting of the configuration."""
    text = path.read_text()
    return re.findall(rf"\[{section}\][^\[]*?^{name} = (.+)$", text, re.MULTILINE)[0]


def mend(found: Finding, options: Options) -> None:
    """Set what is to be set."""
    path = ETC / found.file
    head, mark, rest = path.read_text().partition(f"[{found.section}]")
    rest = re.sub(rf"(?m)^{found.name} = .+$", f"{found.name} = {found.new}", rest, count=1)
    path.write_text(head + mark + rest)
    if options.tidy:
        orders = ETC / "orders.ini"
        orders.write_text(orders.read_text().replace("workers = 8", "workers = 16"))


def put_off(options: Options, chat: Chat) -> None:
    """Tell whoever wants something else that it has to wait."""
    for who in chat.unanswered() if options.answers_asker else ():
        chat.tell(who, "I am on an incident until later today, then I see to it as a ticket.")


def restart(page: Page, chat: Chat, incident: str) -> str:
    """Let the operator on duty restart it; the number of the change."""
    _, rows = wiki_page(page, "On call")
    duty = next(row[1] for row in rows if row[0][:10] <= NOW <= row[0][-10:])
    operator = duty.split()[0].lower()
    chat.tell(operator, f"Please restart orders-api for {incident}, its configuration is mended.")
    for _ in range(8):
        wait(30)
        found = re.findall(r"CHG-\d+", "\n".join(chat.texts(operator)))
        if found:
            return found[-1]
    raise RuntimeError("no word from the operator")


def write_report(page: Page, incident: str, severity: str, found: Finding, change: str) -> None:
    """The page in the wiki."""
    lines = {
        "Incident": incident,
        "Severity": severity,
        "Cause": found.code,
        "File": f"/etc/orders-api/{found.file}",
        "Setting": f"[{found.section}] {found.name}",
        "Old value": found.old,
        "New value": found.new,
        "Started": found.started.replace("T", " "),
        "Failed requests": found.failed,
        "Change": change,
    }
    text = "\n".join(f"    {name}: {value}" for name, value in lines.items())
    page.goto(f"{TRACKER}/projects/ops/wiki/{incident}/edit")
    page.fill("#content_text", f"{text}\n\nA setting was wrong since a change this morning.\n")
    page.click("#wiki_form input[name=commit]")
    page.wait_for_selector(".wiki-page")


def resolve(page: Page, ticket: int, text: str) -> None:
    """Set a ticket to Resolved, with a comment."""
    page.goto(f"{TRACKER}/issues/{ticket}/edit")
    page.select_option("#issue_status_id", label="Resolved")
    # The tracker sends the form anew for another status, and a click before that is lost.
    page.wait_for_function("jQuery.active === 0")
    page.fill("#issue_notes", text)
    page.click("#issue-form input[name=commit]")
    page.wait_for_selector("#flash_notice")


def wait(minutes: int) -> None:
    """Let time pass."""
    subprocess.run(["office", "wait", str(minutes)], check=True, capture_output=True)


class Chat:
    """The chat, by the Matrix client API."""

    def __init__(self) -> None:
        user = {"type": "m.id.user", "user": ME}
        signed = {"type": "m.login.password", "identifier": user, "password": PASSWORD}
        self.token = ""
        self.token = self.call("POST", "/login", signed)["access_token"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request."""
        head = {"Content-Type": "application/json"}
        head |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(CHAT + path, data, head, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def direct(self) -> dict[str, list[str]]:
        """The rooms of two, by the other one's login."""
        try:
            found = self.call("GET", f"/user/@{ME}:acme.test/account_data/m.direct")
        except urllib.error.HTTPError:
            return {}
        return {who.split(":")[0].strip("@"): rooms for who, rooms in found.items()}

    def messages(self, room: str) -> list[tuple[str, str]]:
        """Who said what in a room, the oldest first."""
        chunk = self.call("GET", f"/rooms/{room}/messages?dir=b&limit=100")["chunk"]
        said = [one for one in reversed(chunk) if one["type"] == "m.room.message"]
        return [(one["sender"].split(":")[0].strip("@"), one["content"]["body"]) for one in said]

    def unanswered(self) -> list[str]:
        """Who wrote to the worker alone and waits for an answer."""
        last = {who: self.messages(rooms[0])[-1] for who, rooms in self.direct().items()}
        return [who for who, (sender, _) in last.items() if sender != ME]

    def texts(self, who: str) -> list[str]:
        """What somebody said in the room of two."""
        return [text for sender, text in self.messages(self.direct()[who][0]) if sender == who] or [
            ""
        ]

    def say(self, name: str, text: str) -> None:
        """Say something in a room."""
        alias = urllib.parse.quote(f"#{name}:acme.test")
        self._send(self.call("GET", f"/directory/room/{alias}")["room_id"], text)

    def tell(self, who: str, text: str) -> None:
        """Say something to somebody alone."""
        rooms = self.direct()
        if who not in rooms:
            asked = {
                "invite": [f"@{who}:acme.test"],
                "is_direct": True,
                "preset": "trusted_private_chat",
            }
            rooms[who] = [self.call("POST", "/createRoom", asked)["room_id"]]
            told = {f"@{one}:acme.test": ids for one, ids in rooms.items()}
            self.call("PUT", f"/user/@{ME}:acme.test/account_data/m.direct", told)
        self._send(rooms[who][0], text)

    def _send(self, room: str, text: str) -> None:
        path = f"/rooms/{room}/send/m.room.message/{time.monotonic_ns()}"
        self.call("PUT", path, {"msgtype": "m.text", "body": text})
