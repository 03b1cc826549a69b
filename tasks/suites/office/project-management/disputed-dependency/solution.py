"""The oracle of `disputed-dependency`: asks the sponsor, and puts the tracker right by REST and Matrix."""

import base64
import json
import re
import subprocess
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

TRACKER, CHAT = "https://tracker.acme.test", "https://chat.acme.test/_matrix/client/v3"
ME, PASSWORD = "worker", "desk-4711-pw"


@dataclass(frozen=True)
class Options:
    """What the wrong solvers change."""

    believes: str = "sponsor"
    names_tickets: bool = True
    works_weekends: bool = False
    works_days_off: bool = False
    follows_the_line: bool = True
    moves_everything: bool = False
    relation: str = "blocks"
    relates: bool = True
    marks_urgent: bool = True
    comments: bool = True
    room: str = ""
    tells_both: bool = True
    forwards: bool = False
    moved_listed: bool = True


def solve() -> dict[str, Any]:
    """Do the work rightly."""
    return work(Options())


def work(options: Options) -> dict[str, Any]:
    """Ask, change, tell and hand in."""
    tracker, chat = Tracker(), Chat()
    release = max(re.findall(r"release-(\d+)", " ".join(chat.rooms())), key=int)
    dispute = " ".join(chat.texts(f"release-{release}"))
    pair = sorted({int(number) for number in re.findall(r"#(\d+)", dispute)})
    row = re.findall(rf"(?m)^\| {release} \| (.+?) \| (\S+) \|", tracker.page("Wiki"))[0]
    sponsor, freeze = tracker.login(row[0]), date.fromisoformat(row[1])
    tickets = {number: tracker.issue(number) for number in pair}
    first, answer = decide(options, tracker, chat, sponsor, pair, release)
    second = next(number for number in pair if number != first)
    if options.relates:
        relate(options, tracker, tickets, first, second)
    calendar = Calendar(options, tracker.page("Days off"))
    moved = reckon(options, tracker, calendar, first, second)
    who = row[0]
    for number in {*pair, *moved}:
        change: dict[str, Any] = {}
        if number in moved:
            change["due_date"] = moved[number].isoformat()
            if options.marks_urgent and moved[number] > freeze:
                change["priority_id"] = tracker.priority("High")
        if options.comments:
            others = " and ".join(f"#{one}" for one in pair if one != number)
            reason = f" ({answer})" if options.forwards else ""
            change["notes"] = f"{who} has decided{reason}: #{first} comes first. See {others}."
        if change:
            tracker.change(number, change)
    leads = [tickets[number]["author"]["name"].split()[0] for number in pair]
    names = " and ".join(leads if options.tells_both else leads[:1])
    told = (
        f"{names}: {who} has decided that #{first} comes first and #{second} waits for it. "
        f"#{second} is due on {moved.get(second, 'the day that stands')} now."
    )
    chat.say(options.room or f"release-{release}", told)
    outcome = {
        "first": first,
        "second": second,
        "decided_by": sponsor,
        "moved": {str(n): d.isoformat() for n, d in moved.items()} if options.moved_listed else {},
    }
    Path("outcome.json").write_text(json.dumps(outcome), encoding="utf-8")
    summary = f"{who} decided: #{first} before #{second}; {len(moved)} due dates moved."
    return {"status": "done", "confidence": 0.9, "summary": summary}


def decide(
    options: Options,
    tracker: "Tracker",
    chat: "Chat",
    sponsor: str,
    pair: list[int],
    release: str,
) -> tuple[int, str]:
    """The ticket that comes first, and what was said."""
    if options.believes == "march":
        old = chat.texts(f"release-{int(release) - 1}")
        goes = re.findall(r": (.+?) goes first", "\n".join(old))[0]
        names = {number: tracker.issue(number)["project"]["name"] for number in pair}
        return next(number for number in pair if names[number] == goes), "As in March."
    asked, tickets = sponsor, " or ".join(f"#{n}" for n in pair)
    if options.believes == "lead":
        asked = tracker.login(tracker.issue(pair[0])["author"]["name"])
    question = (
        f"which has to be finished first, {tickets}?"
        if options.names_tickets
        else ("which of the two disputed tickets comes first?")
    )
    answer = chat.ask(asked, f"Hello, for release {release}: {question}")
    found = re.findall(r"#(\d+) (?:first|has to be finished first)", answer)
    # Whoever did not get an answer takes the one that sounds right.
    return (int(found[0]) if found else pair[0]), answer


def relate(
    options: Options, tracker: "Tracker", tickets: dict[int, Any], first: int, second: int
) -> None:
    """The relation as it was decided; what stands to the contrary goes."""
    for one in tickets[first].get("relations", []):
        if {one["issue_id"], one["issue_to_id"]} == {first, second}:
            tracker.ask("DELETE", f"/relations/{one['id']}.json")
    relation = {"issue_to_id": second, "relation_type": options.relation}
    tracker.ask("POST", f"/issues/{first}/relations.json", {"relation": relation})


def reckon(
    options: Options, tracker: "Tracker", calendar: "Calendar", first: int, second: int
) -> dict[int, date]:
    """The due dates that change."""
    moved: dict[int, date] = {}
    line = [(due(tracker.issue(first)), second)]
    while line:
        before, number = line.pop()
        issue = tracker.issue(number)
        effort = int(re.findall(r"Effort: (\d+)", issue["description"])[0])
        new = calendar.later(before, effort)
        open_ = issue["status"]["name"] not in ("Closed", "Rejected")
        if not options.moves_everything and (new <= due(issue) or not open_):
            continue
        moved[number] = new
        for one in issue.get("relations", []):
            follows = one["relation_type"] == "blocks" and one["issue_id"] == number
            if follows and one["issue_to_id"] != first and options.follows_the_line:
                line.append((new, one["issue_to_id"]))
    return moved


def due(issue: dict[str, Any]) -> date:
    """When a ticket is due."""
    return date.fromisoformat(issue["due_date"])


class Calendar:
    """Working days."""

    def __init__(self, options: Options, page: str) -> None:
        days = [] if options.works_days_off else re.findall(r"\d{4}-\d\d-\d\d", page)
        self.off = {date.fromisoformat(day) for day in days}
        self.week = 7 if options.works_weekends else 5

    def later(self, start: date, days: int) -> date:
        """So many working days after a day."""
        while days:
            start += timedelta(days=1)
            days -= start.weekday() < self.week and start not in self.off
        return start


class Tracker:
    """The tracker's REST interface."""

    def __init__(self) -> None:
        token = base64.b64encode(f"{ME}:{PASSWORD}".encode()).decode()
        self.headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request."""
        return request(method, TRACKER + path, body, self.headers)

    def page(self, title: str) -> str:
        """A page of the wiki of Releases."""
        name = title.replace(" ", "_")
        return self.ask("GET", f"/projects/releases/wiki/{name}.json")["wiki_page"]["text"]

    def issue(self, number: int) -> dict[str, Any]:
        """A ticket."""
        return self.ask("GET", f"/issues/{number}.json?include=relations,journals")["issue"]

    def change(self, number: int, change: dict[str, Any]) -> None:
        """Change a ticket."""
        self.ask("PUT", f"/issues/{number}.json", {"issue": change})

    def priority(self, name: str) -> int:
        """The id of a priority."""
        listed = self.ask("GET", "/enumerations/issue_priorities.json")["issue_priorities"]
        return next(one["id"] for one in listed if one["name"] == name)

    def login(self, name: str) -> str:
        """Somebody's login, by the portal's list of people."""
        page = urllib.request.urlopen("https://portal.acme.test/").read().decode()
        texts = [text.strip() for text in re.split(r"<[^>]+>", page) if text.strip()]
        return texts[texts.index(name) + 2].partition("@")[0]


class Chat:
    """The chat, by the Matrix client API."""

    def __init__(self) -> None:
        user = {"type": "m.id.user", "user": ME}
        signed = {"type": "m.login.password", "identifier": user, "password": PASSWORD}
        token = request("POST", f"{CHAT}/login", signed, {})["access_token"]
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.sent = 0

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request."""
        return request(method, CHAT + path, body, self.headers)

    def rooms(self) -> list[str]:
        """The aliases of the rooms that the worker is in."""
        found: list[str] = []
        for id in self.call("GET", "/joined_rooms")["joined_rooms"]:
            states = self.call("GET", f"/rooms/{id}/state")
            found += [one["content"].get("alias", "") for one in states if "alias" in one["type"]]
        return found

    def room(self, name: str) -> str:
        """The id of a room, or of the room of two with somebody."""
        if "+" in name:
            other = f"@{name.replace(ME, '').strip('+')}:acme.test"
            return self.call("GET", f"/user/@{ME}:acme.test/account_data/m.direct")[other][0]
        alias = urllib.parse.quote(f"#{name}:acme.test")
        return self.call("GET", f"/directory/room/{alias}")["room_id"]

    def messages(self, room: str) -> list[tuple[str, str]]:
        """Who said what in a room, the oldest first."""
        page = self.call("GET", f"/rooms/{self.room(room)}/messages?dir=b&limit=100")["chunk"]
        said = [one for one in page if one["type"] == "m.room.message"]
        return [(one["sender"], one["content"]["body"]) for one in reversed(said)]

    def texts(self, room: str) -> list[str]:
        """What was said in a room."""
        return [text for _, text in self.messages(room)]

    def say(self, room: str, text: str) -> None:
        """Say something."""
        self.sent += 1
        body = {"msgtype": "m.text", "body": text}
        self.call("PUT", f"/rooms/{self.room(room)}/send/m.room.message/s{self.sent}", body)

    def ask(self, who: str, text: str) -> str:
        """Ask somebody in the room of two, and wait for the answer until the evening."""
        room = "+".join(sorted((ME, who)))
        before = len(self.messages(room))
        self.say(room, text)
        while len(self.messages(room)) < before + 2 and office_time() < "17:30":
            subprocess.run(["office", "wait", "60"], check=True)
        return "\n".join(self.texts(room)[before + 1 :])


def office_time() -> str:
    """The time at the office, HH:MM."""
    told = subprocess.run(["office", "time"], check=True, capture_output=True, text=True).stdout
    return re.findall(r"\d\d:\d\d", told)[0]


def request(method: str, url: str, body: Any, headers: dict[str, str]) -> Any:
    """One request with JSON, and its answer."""
    data = None if body is None else json.dumps(body).encode()
    answer = urllib.request.urlopen(
        urllib.request.Request(url, data, headers, method=method)
    ).read()
    return json.loads(answer) if answer.strip() else None
