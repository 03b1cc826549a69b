"""The oracle of `disputed-dependency`: asks the sponsor, and puts the relation right, by REST and Matrix."""

import base64
import json
import re
import subprocess
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRACKER, CHAT = "https://tracker.acme.test", "https://chat.acme.test/_matrix/client/v3"
ME, PASSWORD = "worker", "desk-4711-pw"


@dataclass(frozen=True)
class Options:
    """What the wrong solvers change."""

    believes: str = "sponsor"
    release: int = 0
    names_tickets: bool = True
    relation: str = "blocks"
    moves_the_date: bool = False
    room: str = ""
    tells_both: bool = True
    tells_numbers: bool = True
    tells: str = "the outcome"
    forwards: bool = False
    swaps: bool = False


def solve() -> dict[str, Any]:
    """Do the work rightly."""
    return work(Options())


def work(options: Options) -> dict[str, Any]:
    """Ask, change, tell and hand in."""
    tracker, chat = Tracker(), Chat()
    release = max(int(one) for one in re.findall(r"release-(\d+)", " ".join(chat.rooms())))
    dispute = " ".join(chat.texts(f"release-{release}"))
    pair = sorted({int(number) for number in re.findall(r"#(\d+)", dispute)})
    row = release + options.release
    who = re.findall(rf"(?m)^\| {row} \| (.+?) \|", tracker.page("Wiki"))[0]
    sponsor = tracker.login(who)
    tickets = {number: tracker.issue(number) for number in pair}
    first, answer = decide(options, tracker, chat, sponsor, pair, release)
    second = next(number for number in pair if number != first)
    relate(options, tracker, tickets, first, second)
    if options.moves_the_date:
        tracker.ask("PUT", f"/issues/{second}.json", {"issue": {"due_date": "2025-07-04"}})
    leads = [tickets[number]["author"]["name"].split()[0] for number in pair]
    names = " and ".join(leads if options.tells_both else leads[:1])
    one, other = (f"#{first}", f"#{second}")
    if not options.tells_numbers:
        one, other = (tickets[number]["subject"] for number in (first, second))
    reason = f" ({answer})" if options.forwards else ""
    if options.tells == "the reverse":
        one, other = other, one
    told = f"{names}: {who} has decided that {one} comes first and {other} waits for it{reason}."
    if options.tells == "nothing":
        told = f"{names}: which of the two has to be finished first, {one} or {other}?"
    chat.say(options.room or f"release-{release}", told)
    outcome = {"first": first, "second": second, "decided_by": sponsor}
    if options.swaps:
        outcome |= {"first": second, "second": first}
    Path("outcome.json").write_text(json.dumps(outcome), encoding="utf-8")
    summary = f"{who} decided: #{first} before #{second}."
    return {"status": "done", "confidence": 0.9, "summary": summary}


def decide(
    options: Options,
    tracker: "Tracker",
    chat: "Chat",
    sponsor: str,
    pair: list[int],
    release: int,
) -> tuple[int, str]:
    """The ticket that comes first, and what was said."""
    if options.believes == "march":
        old = chat.texts(f"release-{release - 1}")
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
    if not options.relation:
        return
    for one in tickets[first].get("relations", []):
        if {one["issue_id"], one["issue_to_id"]} == {first, second}:
            tracker.ask("DELETE", f"/relations/{one['id']}.json")
    relation = {"issue_to_id": second, "relation_type": options.relation}
    tracker.ask("POST", f"/issues/{first}/relations.json", {"relation": relation})


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
        return self.ask("GET", f"/issues/{number}.json?include=relations")["issue"]

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
