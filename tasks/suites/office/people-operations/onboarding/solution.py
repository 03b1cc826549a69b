"""The oracle of `onboarding`: the tracker through the desk's browser, all else from the command line."""

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
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr
from pathlib import Path
from typing import Any, cast

ME, PASSWORD = "worker", "desk-4711-pw"
TRACKER, FILES = "https://tracker.acme.test", "https://files.acme.test"
CHAT = "https://chat.acme.test/_matrix/client/v3"
CALENDAR = "https://calendar.acme.test/SOGo/dav/worker/Calendar/personal"


@dataclass(frozen=True)
class Options:
    """What the wrong solvers change; they do without the browser."""

    browser: bool = False
    checklist: str = "checklist-2025-05.md"
    hour: str = "ask"
    buddy: str = "latest"
    keeps_briefing: bool = True
    grants_wishes: bool = False
    role: str = ""
    rooms_too: tuple[str, ...] = ()
    invites: bool = True
    relates: bool = True
    calendar_days: bool = False
    welcome_to: str = "private"
    tells_manager: bool = True


@dataclass
class Plan:
    """All that has to be entered."""

    hire: dict[str, str]
    ticket: int
    begins: datetime
    buddy: str
    model: str
    rights: list[tuple[str, str]]
    checklist: str

    @property
    def name(self) -> str:
        """Of the new colleague."""
        return self.hire["name"]


def solve() -> dict[str, Any]:
    """Do the work rightly."""
    return work(Options(browser=True))


def work(options: Options) -> dict[str, Any]:
    """Read, ask, and enter everything."""
    plan = settle(options)
    people = directory()
    for title, *row in table(plan.checklist, "appointment"):
        enter(options, plan, title, row, people)
    numbers = file_tickets(options, plan)
    chat = Chat()
    rooms = ["general", "newcomers", f"team-{plan.hire['team']}"]
    if "announcements" in plan.checklist:
        rooms = ["general", "announcements"]
    for room in [*(rooms if options.invites else []), *options.rooms_too]:
        chat.invite(room, plan.hire["login"])
    put_files(plan)
    write_mails(options, plan)
    summary = {"begins": f"{plan.begins:%Y-%m-%d %H:%M}", "buddy": plan.buddy, "tickets": numbers}
    Path("onboarding.json").write_text(json.dumps(summary), encoding="utf-8")
    return {"status": "done", "confidence": 0.9, "summary": f"{plan.name} can begin."}


def settle(options: Options) -> Plan:
    """What counts, from the checklist, the list, the policy, the manager's mails and the answer."""
    query = f"/issues.json?project_id=people&assigned_to_id=me&subject={urllib.parse.quote('~Onboarding')}"
    issue = json.loads(tracker("GET", query))["issues"][0]
    name = issue["subject"].partition(": ")[2]
    hires = csv.DictReader(read("People/New hires/2025.csv").splitlines())
    hire = next(one for one in hires if one["name"] == name)
    checklist = read(f"People/Onboarding/{options.checklist}")
    wishes = manager_mails(hire["manager"], name)
    latest = "\n".join(wishes)
    buddies = re.findall(r"(?:buddy is|should like) ([A-Z]\w+ [A-Z]\w+)", latest)
    buddy = login(buddies[0 if options.buddy == "old" else -1])
    buddy = hire["buddy"] if options.buddy == "list" else buddy
    hour = table(checklist, "appointment")[0][2]
    if options.hour == "ask":
        head = login(re.findall(r"head of People Operations \((.+?)\)", checklist)[0])
        hour = ask_hour(head, name)
    elif options.hour == "manager":
        hour = re.findall(r"begin at (\d\d:\d\d)", latest)[0]
    role = hire["role"]
    rights = [(system, right) for one, system, right in policy() if one == role]
    if options.role:
        other = next(one for one, _, _ in policy() if one != role)
        rights = [(system, right) for one, system, right in policy() if one == other]
    if options.grants_wishes:
        rights += [("tracker", "administrator"), ("drive", "People/Salaries read")]
    return Plan(
        hire=hire,
        ticket=issue["id"],
        begins=datetime.fromisoformat(f"{hire['first_day']} {hour}"),
        buddy=buddy,
        model=re.findall(r"needs an? ([A-Z]\w+ \d+)", latest)[0],
        rights=rights,
        checklist=checklist,
    )


def manager_mails(manager: str, name: str) -> list[str]:
    """What the hiring manager wrote about this person, the oldest first."""
    mails = [
        mail for mail in inbox() if manager in str(mail["From"]) and name in str(mail["Subject"])
    ]
    return [body(mail) for mail in sorted(mails, key=lambda mail: mail["Date"].datetime)]


def ask_hour(head: str, name: str) -> str:
    """Ask the head of People Operations by mail, and wait for the answer."""
    text = f"Hello,\n\nat what time does the first day of {name} begin? The manager wishes 08:00.\n\nWim\n"
    send(f"{head}@acme.test", f"First day of {name}: hour", text)
    for _ in range(8):
        subprocess.run(["office", "wait", "60"], check=True)
        answers = [m for m in inbox() if parseaddr(str(m["From"]))[1] == f"{head}@acme.test"]
        told = [m for m in answers if str(m["Subject"]).startswith("Re:")]
        if told:
            return re.findall(r"\d\d:\d\d", body(told[-1]))[0]
    raise RuntimeError("no answer")


def enter(options: Options, plan: Plan, title: str, row: list[str], people: dict[str, str]) -> None:
    """One appointment of the checklist, by CalDAV."""
    when, start, minutes, who, place = row
    first = plan.begins.date()
    day = {"first day": first, "second day": first + timedelta(1)}.get(
        when, first + timedelta(4 - first.weekday())
    )
    if title == "Welcome":
        start = f"{plan.begins:%H:%M}"
    if title == "Safety briefing" and not options.keeps_briefing:
        day += timedelta(7)
    begins = datetime.fromisoformat(f"{day} {start}")
    ends = begins + timedelta(minutes=int(minutes))
    with_ = [plan.hire["login"]]
    if "hiring manager" in who:
        with_.append(plan.hire["manager"])
    if "buddy" in who:
        with_.append(plan.buddy)
    if "head of People" in who:
        with_.append(next(one for one, role in people.items() if role.startswith("Head of People")))
    with_ += [login(name) for name in re.findall(r"\((.+?)\)", who)]
    uid = f"{title.split(maxsplit=1)[0].lower()}-{plan.hire['login']}-{first}"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Acme//Onboarding//EN", "BEGIN:VEVENT"]
    lines += [f"UID:{uid}", "DTSTAMP:20250605T090000Z", f"SUMMARY:{title}: {plan.name}"]
    lines += [
        f"DTSTART:{begins:%Y%m%dT%H%M%SZ}",
        f"DTEND:{ends:%Y%m%dT%H%M%SZ}",
        f"LOCATION:{place}",
    ]
    lines += ["ORGANIZER:mailto:worker@acme.test"]
    lines += [f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{one}@acme.test" for one in with_]
    content = "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()
    ask("PUT", f"{CALENDAR}/{uid}.ics", content, {"Content-Type": "text/calendar; charset=utf-8"})


def file_tickets(options: Options, plan: Plan) -> dict[str, int]:
    """The checklist's tickets; then the onboarding ticket is put to work."""
    if options.browser:
        browse("open", f"{TRACKER}/login")
        fill({"Login": ME, "Password": PASSWORD}, {}, "Login")
        arrived(r"/(my/page)?")
    texts = {
        "laptop": f"Model: {plan.model}",
        "accounts": "\n".join(f"{system}: {right}" for system, right in plan.rights),
        "papers": "Contract and payroll papers.",
    }
    numbers: dict[str, int] = {}
    for title, project, who, due, _ in table(plan.checklist, "ticket"):
        what = title.split(maxsplit=1)[0].lower()
        days = int((re.findall(r"\d+", due) or ["0"])[0])
        fields = {
            "Subject *": title.replace("*full name*", plan.name),
            "Description": texts[what],
            "Due date": str(before(plan.begins.date(), days, calendar=options.calendar_days)),
        }
        if what == "papers":
            fields["Parent task"] = str(plan.ticket)
        if options.browser:
            browse("open", f"{TRACKER}/projects/{project.lower()}/issues/new")
            fill(fields, {"Assignee": who}, "Create")
            numbers[what] = int(arrived(r"/issues/(\d+)")[0])
        else:
            numbers[what] = create(project.lower(), who, fields)
        if what != "papers" and options.relates:
            relation = {"relation": {"issue_to_id": plan.ticket, "relation_type": "relates"}}
            tracker("POST", f"/issues/{numbers[what]}/relations.json", relation)
    statuses = json.loads(tracker("GET", "/issue_statuses.json"))["issue_statuses"]
    change: dict[str, Any] = {
        "notes": "All is prepared: appointments, tickets, rooms, files, welcome."
    }
    change["status_id"] = next(one["id"] for one in statuses if one["name"] == "In Progress")
    tracker("PUT", f"/issues/{plan.ticket}.json", {"issue": change})
    return numbers


def create(project: str, who: str, fields: dict[str, str]) -> int:
    """File a ticket by REST, with the fields of the form."""
    names = {"Subject *": "subject", "Due date": "due_date", "Parent task": "parent_issue_id"}
    issue: dict[str, Any] = {names.get(name, name.lower()): one for name, one in fields.items()}
    members = json.loads(tracker("GET", f"/projects/{project}/memberships.json"))["memberships"]
    issue["assigned_to_id"] = next(m["user"]["id"] for m in members if m["user"]["name"] == who)
    answer = tracker("POST", "/issues.json", {"issue": {"project_id": project, **issue}})
    return int(json.loads(answer)["issue"]["id"])


def before(day: date, days: int, *, calendar: bool) -> date:
    """So many working days before a day."""
    while days:
        day -= timedelta(days=1)
        days -= calendar or day.weekday() < 5
    return day


def put_files(plan: Plan) -> None:
    """The two files of the new colleague's folder."""
    folder = f"People/Staff/{plan.hire['login']}"
    drive("MKCOL", folder)
    rows = "".join(f"{system},{right}\n" for system, right in plan.rights)
    drive("PUT", f"{folder}/access.csv", f"system,right\n{rows}".encode())
    record = {name: plan.hire[name] for name in ("name", "login", "role", "team", "manager")}
    record |= {
        "buddy": plan.buddy,
        "begins": f"{plan.begins:%Y-%m-%d %H:%M}",
        "equipment": plan.model,
    }
    rows = "".join(f"{name},{value}\n" for name, value in record.items())
    drive("PUT", f"{folder}/record.csv", f"field,value\n{rows}".encode())


def write_mails(options: Options, plan: Plan) -> None:
    """Welcome the new colleague, and tell the manager what was not done."""
    place = re.findall(r"reception \((.+?)\)", plan.checklist)
    text = (
        f"Dear {plan.name.split()[0]},\n\nyour first day is {plan.begins:%A, %d %B %Y}. Please be at the "
        f"reception ({', '.join(place)}) at {plan.begins:%H:%M}. Your buddy is {full(plan.buddy)}. "
        "Please bring your passport or identity card.\n\nWe look forward to it!\nWim Worker\n"
    )
    address = plan.hire["private_mail"]
    if options.welcome_to == "work":
        address = f"{plan.hire['login']}@acme.test"
    send(address, "Welcome to Acme", text)
    if options.tells_manager:
        told = (
            "Hello,\n\ntwo of your wishes I could not follow: the safety briefing stays on the first day "
            "(safety rules), and there is no administrator's right and no access to People/Salaries "
            f"(access policy). The first day begins at {plan.begins:%H:%M}.\n\nWim\n"
        )
        send(f"{plan.hire['manager']}@acme.test", f"First day of {plan.name}", told)


def table(text: str, first: str) -> list[list[str]]:
    """The rows of the Markdown table whose first column is called so."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows: list[list[str]] = []
    for line in lines[start + 2 :]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != lines[start].count("|") - 1 or cells[0] in ("ticket", "appointment"):
            break
        rows.append(cells)
    return rows


def policy() -> list[tuple[str, str, str]]:
    """Role, system and right of the access policy."""
    rows = table(read("People/Policies/access-policy.md"), "role")
    return [(role, system, right) for role, system, right in rows]


def directory() -> dict[str, str]:
    """Login and role of everybody, by the portal."""
    page = urllib.request.urlopen("https://portal.acme.test/").read().decode()
    return {one: role for role, one in re.findall(r"<td>([^<]*)<td>([a-z.]+)@acme", page)}


def login(name: str) -> str:
    """A person's login."""
    page = urllib.request.urlopen("https://portal.acme.test/").read().decode()
    return re.findall(rf"<td>{name}<td>[^<]*<td>([^@]+)@", page)[0]


def full(login: str) -> str:
    """A person's name."""
    page = urllib.request.urlopen("https://portal.acme.test/").read().decode()
    return re.findall(rf"<td>([^<]*)<td>[^<]*<td>{login}@", page)[0]


def browse(*words: str) -> str:
    """One action of the desk's browser, tried again where the office is slow, and its answer."""
    told = ""
    for _ in range(5):
        done = subprocess.run(["browse", *words], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout
        told = done.stdout + done.stderr
    raise RuntimeError(f"browse {' '.join(words)}: {told}")


def fill(fields: dict[str, str], choices: dict[str, str], button: str) -> None:
    """Fill a form, and press its button: once, however slow the page is that comes then."""
    for kind, action, wanted in (("textbox", "type", fields), ("combobox", "select", choices)):
        refs = elements(kind) if wanted else {}
        for name, value in wanted.items():
            browse(action, refs[name], value)
    pressed = ["browse", "click", elements("button")[button]]
    subprocess.run(pressed, capture_output=True, check=False)


def elements(kind: str) -> dict[str, str]:
    """The elements of a kind that the page shows, by name, with their references."""
    shown = browse("snapshot", "--find", kind)
    return dict(re.findall(rf'- {kind} "([^"]+)".*?\[ref=(\w+)\]', shown))


def arrived(address: str) -> list[str]:
    """What the page's address says, once it is such an address."""
    for _ in range(40):
        shown = browse("wait", "--seconds", "0.5")
        if found := re.findall(rf"(?m)^page: .* \| {TRACKER}{address}$", shown):
            return found
    raise RuntimeError(f"no page {address} came")


class Chat:
    """The chat, by the Matrix client API."""

    def __init__(self) -> None:
        user = {"type": "m.id.user", "user": ME}
        signed = {"type": "m.login.password", "identifier": user, "password": PASSWORD}
        data = json.dumps(signed).encode()
        answer = urllib.request.urlopen(urllib.request.Request(f"{CHAT}/login", data)).read()
        self.token = json.loads(answer)["access_token"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(CHAT + path, data, headers, method=method)
        return json.loads(urllib.request.urlopen(request).read())

    def invite(self, room: str, who: str) -> None:
        """Ask somebody into a room."""
        alias = urllib.parse.quote(f"#{room}:acme.test")
        id = self.call("GET", f"/directory/room/{alias}")["room_id"]
        self.call("POST", f"/rooms/{id}/invite", {"user_id": f"@{who}:acme.test"})


def inbox() -> list[EmailMessage]:
    """Every mail in the inbox."""
    box, found = imaplib.IMAP4_SSL("mail.acme.test"), list[EmailMessage]()
    box.login(ME, PASSWORD)
    box.select("INBOX", readonly=True)
    for number in cast("list[bytes]", box.search(None, "ALL")[1])[0].decode().split():
        raw = cast("list[tuple[bytes, bytes]]", box.fetch(number, "(BODY.PEEK[])")[1])[0][1]
        found.append(email.message_from_bytes(raw, policy=email.policy.default))
    box.logout()
    return found


def body(mail: EmailMessage) -> str:
    """What a mail says, without what it quotes."""
    part = mail.get_body(("plain",))
    text = str(part.get_content()) if part else ""
    return "\n".join(line for line in text.splitlines() if not line.startswith(">"))


def send(to: str, subject: str, text: str) -> None:
    """Send a mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"{ME}@acme.test", to, subject
    message["Message-ID"] = make_msgid(domain="acme.test")
    message.set_content(text)
    with smtplib.SMTP("mail.acme.test", 587) as server:
        server.starttls()
        server.login(ME, PASSWORD)
        server.send_message(message)


def read(path: str) -> str:
    """A file of the shared drive."""
    return drive("GET", path).decode()


def drive(method: str, path: str, data: bytes | None = None) -> bytes:
    """One request to the shared drive."""
    return ask(method, f"{FILES}/{urllib.parse.quote(path)}", data, {})


def tracker(method: str, path: str, body: Any = None) -> bytes:
    """One request to the tracker's REST interface."""
    data = None if body is None else json.dumps(body).encode()
    return ask(method, TRACKER + path, data, {"Content-Type": "application/json"})


def ask(method: str, url: str, data: bytes | None, headers: dict[str, str]) -> bytes:
    """One request with the worker's sign-in."""
    token = base64.b64encode(f"{ME}:{PASSWORD}".encode()).decode()
    signed = {"Authorization": f"Basic {token}", **headers}
    return urllib.request.urlopen(urllib.request.Request(url, data, signed, method=method)).read()
