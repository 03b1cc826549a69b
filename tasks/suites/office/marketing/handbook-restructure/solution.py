"""The oracle of `handbook-restructure`: carries the plan out, and looks into the chat in between."""

import csv
import http.cookiejar
import json
import re
import subprocess
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

ME, PASSWORD = "worker", "desk-4711-pw"
TRACKER, CHAT = "https://tracker.acme.test", "https://chat.acme.test/_matrix/client/v3"
PLAN = "Plan for the new handbook"
LOGOS = ("Logo rules", "Logo rules 2025")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"\[\[(?:marketing:)?([^\[\]|#\n]+)(#[^\[\]|\n]*)?(\|[^\[\]\n]*)?\]\]")


@dataclass(frozen=True)
class Options:
    """What the wrong solvers change."""

    links: bool = True
    redirect_all: bool = False
    other_projects: bool = True
    code: bool = True
    labels: bool = True
    guess: str = ""
    chat: bool = True
    chat_late: bool = False
    colours: str = "Colours"
    merged_text: bool = True
    places: bool = True
    headings: bool = True
    start_page: bool = True
    part: int = 100
    listed: bool = True


@dataclass
class Move:
    """What becomes of a page."""

    old: str
    new: str
    parent: str = ""
    fate: str = "page"


@dataclass
class Desk:
    """Tracker, chat, and what is known of the plan."""

    options: Options
    tracker: "Tracker"
    chat: "Chat"
    moves: dict[str, Move] = field(default_factory=dict[str, Move])
    done: set[str] = field(default_factory=set[str])
    answered: bool = False


def solve() -> dict[str, Any]:
    """Do the work rightly."""
    return work(Options())


def work(options: Options) -> dict[str, Any]:
    """Ask, move page after page, and hand in the list."""
    desk = Desk(options, Tracker(), Chat())
    holds = logo_that_holds(desk)
    plan = desk.tracker.text(PLAN)
    desk.moves = {key(move.old): move for move in moves_of(plan, holds)}
    sections = re.findall(r"five new pages: (.+?)\.", plan)[0].split(", ")
    for section in sections:
        names = sorted(m.new for m in desk.moves.values() if m.parent == section)
        text = f"# {section}\n\n" + "\n".join(f"* [[{name}]]" for name in names) + "\n"
        desk.tracker.write(section, text, "Wiki" if options.places else "")
    other = re.findall(r"\[\[marketing:([^\]|]+)", " ".join(desk.tracker.all_of("sales")))
    others = {key(name) for name in other} if options.other_projects else set[str]()
    kept = [move for move in desk.moves.values() if move.fate == "page"]
    for number, move in enumerate(kept[: options.part]):
        if number % 5 == 0 and options.chat and not options.chat_late:
            look_into_chat(desk)
        relocate(desk, move, others)
    for move in desk.moves.values():
        if move.fate != "page":
            desk.tracker.delete(move.old)
    start_page(desk, sections)
    write_owners(desk)
    if options.chat:
        wait(180 if options.chat_late else 60, "--full")
        look_into_chat(desk)
    if options.listed:
        rows = [(m.old, "" if m.fate == "deleted" else m.new) for m in desk.moves.values()]
        Path("handbook").mkdir(exist_ok=True)
        with Path("handbook/map.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("old", "new"), *(r for r in sorted(rows) if r[0] != r[1])])
    summary = f"{len(kept)} pages are where the plan wants them; no link is dead."
    return {"status": "done", "confidence": 0.9, "summary": summary}


def logo_that_holds(desk: Desk) -> str:
    """Which of the two pages holds: the owner knows."""
    if desk.options.guess == "name":
        return max(LOGOS)
    if desk.options.guess == "date":
        dated = {
            page["title"].replace("_", " "): page["updated_on"] for page in desk.tracker.index()
        }
        return max(LOGOS, key=lambda title: dated[title])
    room = desk.chat.room_with("brand")
    desk.chat.say(room, f"Hi, which of the pages {LOGOS[0]} and {LOGOS[1]} on the logo holds?")
    while True:
        wait(60)
        for text in desk.chat.said(room, "brand"):
            found = re.findall(r'"(.+?)" is the one that holds', text)
            if found:
                return found[0]


def moves_of(plan: str, holds: str) -> list[Move]:
    """The rows of the plan's table."""
    found: list[Move] = []
    for line in plan.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if not line.startswith("|") or cells[0] in ("Page", "---"):
            continue
        old, becomes = cells[0], cells[1]
        if old in LOGOS:
            right = old == holds
            found.append(
                Move(old, "Logo", "Brand") if right else Move(old, "Archive - Logo", "Archive")
            )
        elif becomes.startswith("part of "):
            found.append(Move(old, becomes.removeprefix("part of "), fate="merged"))
        elif becomes.startswith("deleted"):
            found.append(Move(old, becomes.partition("links go to ")[2], fate="deleted"))
        else:
            found.append(Move(old, becomes, cells[2]))
    return found


def relocate(desk: Desk, move: Move, others: set[str]) -> None:
    """A page gets its text, its place and its name."""
    options, tracker = desk.options, desk.tracker
    text = with_links(desk, tracker.text(move.old))
    if options.headings:
        text = text.replace(f"# {move.old}\n", f"# {move.new}\n", 1)
    for other in desk.moves.values():
        if other.fate == "merged" and other.new == move.new and options.merged_text:
            rest = with_links(desk, tracker.text(other.old)).partition("\n")[2]
            text = f"{text.rstrip()}\n\n## {other.old}\n{rest}"
    tracker.write(move.old, text, move.parent if options.places else "")
    if move.new != move.old:
        tracker.rename(move.old, move.new, options.redirect_all or key(move.old) in others)
    desk.done.add(key(move.old))


def with_links(desk: Desk, text: str) -> str:
    """The text with every link under its new name; what is code stays."""

    def new(match: re.Match[str]) -> str:
        move = desk.moves.get(key(match[1]))
        if move is None or not desk.options.links:
            return match[0]
        rest = (match[2] or "") + (match[3] or "") if desk.options.labels else ""
        return f"[[{move.new}{rest}]]"

    def outside(part: str) -> str:
        return LINK.sub(new, part)

    return outside_code(text, outside) if desk.options.code else outside(text)


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with its parts that are no code changed."""
    parts: list[str] = []
    end = 0
    for match in CODE.finditer(text):
        parts += [change(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, change(text[end:])])


def start_page(desk: Desk, sections: list[str]) -> None:
    """The list of contents becomes a list of the sections."""
    if desk.options.start_page:
        above = desk.tracker.text("Wiki").partition("## Contents")[0]
        listed = "\n".join(f"* [[{one}]]" for one in sections)
        desk.tracker.write("Wiki", f"{above}## Contents\n\n{listed}\n")


def write_owners(desk: Desk) -> None:
    """The page Owners keeps its name, its links do not."""
    desk.tracker.write("Owners", with_links(desk, desk.tracker.text("Owners")))


def look_into_chat(desk: Desk) -> None:
    """Do at once what the head of marketing asks for."""
    wait(1)
    room = desk.chat.room_with("lead")
    for text in desk.chat.said(room, "lead"):
        halls = re.findall(r"in hall ([\d.]+) in Milan, the handbook still says ([\d.]+):", text)
        if halls and not desk.answered:
            new, old = halls[0]
            fair = next(move for move in desk.moves.values() if "Milan" in move.old)
            title = name_now(desk, fair)
            said = desk.tracker.text(title)
            desk.tracker.write(title, said.replace(f"hall {old},", f"hall {new},"))
            colours = desk.tracker.text(name_now(desk, desk.moves[key(desk.options.colours)]))
            number = re.findall(r"Pantone (\d+)", colours)[0]
            desk.chat.say(room, f"The hall is corrected. Our blue is Pantone {number}.")
            desk.answered = True
            wait(1)


def name_now(desk: Desk, move: Move) -> str:
    """The name that a page has at this moment."""
    return move.new if key(move.old) in desk.done else move.old


def wait(minutes: int, *more: str) -> None:
    """Let time pass at the office."""
    subprocess.run(["office", "wait", str(minutes), *more], check=True, stdout=subprocess.DEVNULL)


def key(title: str) -> str:
    """A title as the tracker compares it."""
    return title.strip().replace("_", " ").lower()


class Tracker:
    """The wiki by REST; a page is renamed on its form."""

    def __init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)
        self.form("/login", "/login", username=ME, password=PASSWORD)

    def index(self) -> list[dict[str, Any]]:
        """All pages of the handbook, without their texts."""
        return self.rest("GET", "/projects/marketing/wiki/index.json")["wiki_pages"]

    def all_of(self, project: str) -> list[str]:
        """The texts of all pages of a project."""
        pages = self.rest("GET", f"/projects/{project}/wiki/index.json")["wiki_pages"]
        return [self.text(page["title"], project) for page in pages]

    def text(self, title: str, project: str = "marketing") -> str:
        """What a page says."""
        told = self.rest("GET", f"{address(title, project)}.json")
        return told["wiki_page"]["text"].replace("\r\n", "\n")

    def write(self, title: str, text: str, parent: str = "", project: str = "marketing") -> None:
        """Write a page, and lay it below another one."""
        page = {"text": text, **({"parent_title": parent} if parent else {})}
        self.rest("PUT", f"{address(title, project)}.json", {"wiki_page": page})

    def delete(self, title: str) -> None:
        """Delete a page."""
        self.rest("DELETE", f"{address(title)}.json")

    def rename(self, old: str, new: str, redirect: bool) -> None:
        """Give a page another name."""
        form = f"{address(old)}/rename"
        fields = {"wiki_page[title]": new, "wiki_page[redirect_existing_links]": str(int(redirect))}
        self.form(form, form, **fields)

    def form(self, page: str, action: str, **fields: str) -> None:
        """Fill a form of the tracker's pages in, and send it."""
        shown = self.opener.open(TRACKER + page).read().decode()
        mark = re.findall(r'name="authenticity_token" value="([^"]+)"', shown)[0]
        selected = re.findall(r'<option selected="selected" value="(\d+)"', shown)
        if selected and page.endswith("/rename"):
            fields["wiki_page[parent_id]"] = selected[-1]
        data = urllib.parse.urlencode({**fields, "authenticity_token": mark}).encode()
        self.opener.open(TRACKER + action, data).read()

    def rest(self, method: str, path: str, body: Any = None) -> Any:
        """A request to the interface for programs."""
        signed = b64encode(f"{ME}:{PASSWORD}".encode()).decode()
        head = {"Authorization": f"Basic {signed}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(TRACKER + path, data, head, method=method)
        with urllib.request.urlopen(request) as answer:
            said = answer.read()
        return json.loads(said) if said.strip() else None


def address(title: str, project: str = "marketing") -> str:
    """Where a page of the wiki is."""
    return f"/projects/{project}/wiki/{urllib.parse.quote(title.replace(' ', '_'))}"


class Chat:
    """The chat, as its clients speak to it."""

    def __init__(self) -> None:
        self.token = ""
        user = {"type": "m.id.user", "user": ME}
        signed = {"type": "m.login.password", "identifier": user, "password": PASSWORD}
        self.token = self.ask("POST", "/login", signed)["access_token"]
        self.number = count(1)
        self.rooms: dict[str, str] = {}

    def room_with(self, login: str) -> str:
        """Our own room with somebody; a new one where there is none."""
        listed = f"/user/@{ME}:acme.test/account_data/m.direct"
        if login not in self.rooms:
            try:
                self.rooms[login] = self.ask("GET", listed)[f"@{login}:acme.test"][0]
            except (KeyError, OSError):
                wanted = {
                    "preset": "trusted_private_chat",
                    "is_direct": True,
                    "invite": [f"@{login}:acme.test"],
                }
                self.rooms[login] = self.ask("POST", "/createRoom", wanted)["room_id"]
        return self.rooms[login]

    def said(self, room: str, who: str) -> list[str]:
        """What somebody said in a room, the first thing first."""
        page = self.ask("GET", f"/rooms/{room}/messages?dir=b&limit=100")["chunk"]
        mine = [one for one in page if one["type"] == "m.room.message"]
        return [one["content"]["body"] for one in mine if one["sender"] == f"@{who}:acme.test"][
            ::-1
        ]

    def say(self, room: str, text: str) -> None:
        """Say something."""
        message = {"msgtype": "m.text", "body": text}
        self.ask("PUT", f"/rooms/{room}/send/m.room.message/{next(self.number)}", message)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A request to the server."""
        head = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = None if body is None else json.dumps(body).encode()
        quoted = urllib.parse.quote(path, safe="/?=&@:!.")
        request = urllib.request.Request(CHAT + quoted, data, head, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
