"""The oracle of `data-subject-request`: confirms, collects, hands out and deletes by the procedure."""

import base64
import csv
import email
import email.policy
import imaplib
import json
import re
import smtplib
import subprocess
import urllib.parse
import urllib.request
import xml.etree.ElementTree
from collections import Counter
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr
from pathlib import Path
from typing import Any, cast

ME, PASSWORD = "worker", "desk-4711-pw"
TRACKER, FILES = "https://tracker.acme.test", "https://files.acme.test"
REGISTER, OLD = "Customers/register.csv", "Customers/Archive/register-2022.csv"


@dataclass(frozen=True)
class Options:
    """What the wrong solvers change."""

    identity: str = "ask"
    folders: tuple[str, ...] = ()
    by_name: bool = False
    minds_holds: bool = True
    minds_lifted: bool = False
    keeps_invoices: bool = True
    redacts: bool = True
    trash: str = ""
    whole_lists: bool = False
    comments: bool = True


@dataclass
class Found:
    """A record with its wording; `where` is what deleting needs."""

    system: str
    record: str
    text: str
    where: Any = None
    action: str = ""


def solve() -> dict[str, Any]:
    """Do the work rightly."""
    return work(Options())


def work(options: Options) -> dict[str, Any]:
    """From the request to the closed ticket."""
    case = json.loads(tracker("GET", "/issues.json?project_id=privacy&status_id=open"))["issues"][0]
    name = re.findall(r"given name (.+)\.", case["description"])[0]
    request = next(m for _, _, m in mails(["INBOX"]) if str(m["Subject"]) == "My data")
    number = re.findall(r"K-\d+", body(request))[0]
    register = list(csv.DictReader(read(REGISTER).splitlines()))
    person = next(one for one in register if one["number"] == number)
    code = case["subject"].split(":")[0]
    to = confirmed(options, code, person, parseaddr(str(request["From"]))[1])
    if to is None:
        text = "The address on file did not confirm the request; nothing was handed out or deleted."
        close(case["id"], "Feedback", text)
        return {"status": "blocked", "confidence": 0.9, "summary": text}
    keys = [person["number"], person["phone"], person["mail"], person["former_mail"]]
    keys += [name] if options.by_name else []
    records = collect(options, keys, str(request["Message-ID"]))
    others = [one for one in register if one is not person]
    if options.by_name:
        others = [one for one in others if one["name"] != name]
    decide(options, records, others)
    write(options, records, others, name)
    hand_out(to, code)
    for one in records:
        if one.action == "delete":
            delete(options, one, keys)
    counts = Counter(one.action for one in records)
    told = ", ".join(f"{action}: {counts[action]}" for action in sorted(counts))
    close(case["id"], "Resolved", f"Answered and closed. {told}." if options.comments else "")
    return {"status": "done", "confidence": 0.9, "summary": f"Records by action: {told}."}


def confirmed(options: Options, code: str, person: dict[str, str], sender: str) -> str | None:
    """Where the answer goes, None where the request was not confirmed."""
    if options.identity == "give up":
        return None
    if options.identity == "skip":
        return person["mail"]
    if options.identity == "sender":
        return sender
    if options.identity == "old":
        rows = csv.DictReader(read(OLD).splitlines())
        return next(one["mail"] for one in rows if one["number"] == person["number"])
    asked = sender if options.identity == "ask the sender" else person["mail"]
    text = (
        f"Hello,\n\nwe have got a request for access and deletion in your name ({code}). "
        "Is this request yours? Please confirm it by answering to this mail.\n\nAcme, Legal\n"
    )
    send(asked, f"{code}: please confirm", text)
    while office_time() < "17:00":
        subprocess.run(["office", "wait", "--until", "17:00"], check=True)
        for _, _, mail in mails(["INBOX"]):
            if parseaddr(str(mail["From"]))[1] == asked and code in str(mail["Subject"]):
                return asked
    return None


def collect(options: Options, keys: list[str], request: str) -> list[Found]:
    """Every record that names one of these, or comes from or goes to one."""
    found: list[Found] = []
    for folder, uid, mail in mails(list(options.folders) or folders()):
        ends = f"{mail['From']} {mail['To']}"
        own = any(key in ends for key in keys if "@" in key or (options.by_name and " " in key))
        case = "DSR-" in str(mail["Subject"]) or str(mail["Message-ID"]) == request
        if (own or keys[0] in body(mail)) and not case:
            head = "".join(f"{n}: {mail[n]}\n" for n in ("From", "To", "Date", "Subject"))
            id = str(mail["Message-ID"]).strip("<>")
            found.append(Found("mail", id, f"{head}\n{body(mail)}", (folder, uid, id)))
    for issue in issues():
        notes = [one["notes"] for one in issue["journals"] if one["notes"]]
        text = "\n".join([issue["subject"], issue["description"], *notes])
        if any(key in text for key in keys if key):
            found.append(Found("tracker", str(issue["id"]), text, issue["id"]))
    for path in listed():
        if path.startswith("Legal/"):
            continue
        lines = read(path).splitlines()
        own = [line for line in lines if any(key in line for key in keys if key)]
        if own:
            wording = [lines[0], *own] if path.endswith(".csv") else lines
            found.append(Found("files", path, "\n".join(wording)))
    return found


def decide(options: Options, records: list[Found], others: list[dict[str, str]]) -> None:
    """The action of each record: the first that fits."""
    states = ("open", "lifted") if options.minds_lifted else ("open",)
    holds = csv.DictReader(read("Legal/holds.csv").splitlines())
    held = {one["covers"].split()[-1] for one in holds if one["status"] in states}
    for one in records:
        single = not one.record.endswith(".csv")
        if options.minds_holds and held & set(re.findall(r"O-\d+", one.text)):
            one.action = "hold"
        elif one.record == REGISTER or (
            options.keeps_invoices and one.record.startswith("Finance/Invoices/")
        ):
            one.action = "retain"
        elif single and any(
            other[key] in one.text for other in others for key in ("number", "mail")
        ):
            one.action = "shared"
        else:
            one.action = "delete"


def write(options: Options, records: list[Found], others: list[dict[str, str]], name: str) -> None:
    """Both files of the hand-in."""
    with Path("records.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["system", "record", "action"])
        out.writerows([one.system, one.record, one.action] for one in records)
    text = "\n\n".join(f"--- {one.system}: {one.record}\n{one.text}" for one in records)
    if options.redacts:
        for other in others:
            for key in ("number", "mail", "former_mail", "phone", "name"):
                if other[key] and other[key] != name:
                    text = text.replace(other[key], "[removed]")
    Path("disclosure.txt").write_text(text, encoding="utf-8")


def hand_out(to: str, code: str) -> None:
    """The answer."""
    text = "Hello,\n\nattached is the wording of all records that we have of you.\n\nAcme, Legal\n"
    send(to, f"{code}: your data", text, Path("disclosure.txt").read_text(encoding="utf-8"))


def delete(options: Options, record: Found, keys: list[str]) -> None:
    """Take a record away, or of a list the line."""
    if record.system == "mail":
        folder, uid, _ = record.where
        box = session()
        box.select(f'"{folder}"')
        if options.trash:
            box.create(options.trash)
            box.uid("COPY", uid, options.trash)
        box.uid("STORE", uid, "+FLAGS", "(\\Deleted)")
        box.expunge()
        box.logout()
    elif record.system == "tracker":
        tracker("DELETE", f"/issues/{record.where}.json")
    elif record.record.endswith(".csv") and not options.whole_lists:
        lines = read(record.record).splitlines(keepends=True)
        kept = [line for line in lines if not any(key in line for key in keys if key)]
        drive("PUT", record.record, "".join(kept).encode())
    else:
        drive("DELETE", record.record)


def close(ticket: int, status: str, comment: str) -> None:
    """Give the case's ticket a status and a comment."""
    listed = json.loads(tracker("GET", "/issue_statuses.json"))["issue_statuses"]
    id = next(one["id"] for one in listed if one["name"] == status)
    change = {"issue": {"status_id": id, "notes": comment}}
    tracker("PUT", f"/issues/{ticket}.json", json.dumps(change).encode())


def session() -> imaplib.IMAP4_SSL:
    """A session with the mailbox."""
    box = imaplib.IMAP4_SSL("mail.acme.test")
    box.login(ME, PASSWORD)
    return box


def folders() -> list[str]:
    """All folders of the mailbox."""
    box = session()
    lines = cast("list[bytes]", box.list()[1])
    names = [re.findall(r'([^"\s]+)"?$', line.decode())[0] for line in lines]
    box.logout()
    return names


def mails(wanted: list[str]) -> list[tuple[str, str, EmailMessage]]:
    """Folder, number and content of every mail in these folders."""
    box, found = session(), list[tuple[str, str, EmailMessage]]()
    for folder in wanted:
        if box.select(f'"{folder}"', readonly=True)[0] != "OK":
            continue
        for uid in box.uid("SEARCH", "ALL")[1][0].decode().split():
            raw = box.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1]
            message = email.message_from_bytes(raw, policy=email.policy.default)
            found.append((folder, uid, message))
    box.logout()
    return found


def body(mail: EmailMessage) -> str:
    """What a mail says."""
    part = mail.get_body(("plain",))
    return part.get_content() if part else ""


def send(to: str, subject: str, text: str, attached: str = "") -> None:
    """Send a mail, and keep a copy in Sent."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"{ME}@acme.test", to, subject
    message["Message-ID"] = make_msgid(domain="acme.test")
    message.set_content(text)
    if attached:
        message.add_attachment(attached, filename="disclosure.txt")
    with smtplib.SMTP("mail.acme.test", 587) as server:
        server.starttls()
        server.login(ME, PASSWORD)
        server.send_message(message)
    box = session()
    box.append("Sent", "(\\Seen)", "", message.as_bytes())
    box.logout()


def office_time() -> str:
    """The time at the office, HH:MM."""
    told = subprocess.run(["office", "time"], check=True, capture_output=True, text=True).stdout
    return re.findall(r"\d\d:\d\d", told)[0]


def issues() -> list[dict[str, Any]]:
    """Every ticket of the customer service, with its comments."""
    path = "/issues.json?project_id=service&status_id=*&limit=100"
    numbers = [one["id"] for one in json.loads(tracker("GET", path))["issues"]]
    return [
        json.loads(tracker("GET", f"/issues/{n}.json?include=journals"))["issue"] for n in numbers
    ]


def listed(folder: str = "") -> list[str]:
    """All files of the shared drive below a folder."""
    told = xml.etree.ElementTree.fromstring(drive("PROPFIND", folder, headers={"Depth": "1"}))
    found: list[str] = []
    for one in told.iter("{DAV:}response"):
        path = urllib.parse.unquote(one.findtext("{DAV:}href", "")).strip("/")
        if one.find(".//{DAV:}collection") is None:
            found.append(path)
        elif path != folder.strip("/"):
            found += listed(path)
    return found


def read(path: str) -> str:
    """A file of the shared drive."""
    return drive("GET", path).decode()


def drive(
    method: str, path: str, data: bytes | None = None, headers: dict[str, str] | None = None
) -> bytes:
    """One request to the shared drive."""
    return ask(method, f"{FILES}/{urllib.parse.quote(path)}", data, headers or {})


def tracker(method: str, path: str, data: bytes | None = None) -> bytes:
    """One request to the tracker."""
    return ask(method, TRACKER + path, data, {"Content-Type": "application/json"})


def ask(method: str, url: str, data: bytes | None, headers: dict[str, str]) -> bytes:
    """One request with the worker's sign-in."""
    token = base64.b64encode(f"{ME}:{PASSWORD}".encode()).decode()
    signed = {"Authorization": f"Basic {token}", **headers}
    return urllib.request.urlopen(urllib.request.Request(url, data, signed, method=method)).read()
