"""Chat: Synapse, spoken to as an application service, which may act as anybody and date messages."""

from __future__ import annotations

import contextlib
import datetime
import json
import sqlite3
import time
import urllib.parse
from pathlib import Path
from typing import Any

from .common import DOMAIN, RUN, Data, Http, Refused, answers

SOCKET = f"{RUN}/synapse.sock"
CLIENT = "/_matrix/client/v3"
ADMIN = "/_synapse/admin"
STORE = "/var/lib/synapse/homeserver.db"


def ready() -> bool:
    """Whether the server answers."""
    return answers(SOCKET, "/_matrix/client/versions", f"chat.{DOMAIN}")


def settle_in() -> None:
    """When the image is built: the account that the office itself speaks through."""
    account = {"type": "m.login.application_service", "username": "office", "inhibit_login": True}
    _Server().ask("POST", f"{CLIENT}/register", account, who="")


def welcome(people: list[Data]) -> None:
    """Give these people accounts."""
    server = _Server()
    for one in people:
        account = {
            "password": one["password"],
            "displayname": one["name"],
            "admin": False,
            "logout_devices": False,
        }
        server.ask("PUT", f"{ADMIN}/v2/users/{_user(one['login'])}", account)


def seed(office: Data) -> None:
    """Make the rooms and say everything that was said in them."""
    server = _Server()
    direct: dict[str, dict[str, list[str]]] = {}
    for room in office["rooms"]:
        made = _make(server, room)
        if room["direct"]:
            for one in room["members"]:
                for other in room["members"]:
                    if one != other:
                        direct.setdefault(one, {}).setdefault(_user(other), []).append(made)
        for number, message in enumerate(room["messages"]):
            when = datetime.datetime.fromisoformat(message["at"])
            server.ask(
                "PUT",
                f"{CLIENT}/rooms/{made}/send/m.room.message/office{number}",
                {"msgtype": "m.text", "body": message["text"]},
                who=message["sender"],
                ts=str(int(when.timestamp() * 1000)),
            )
    for one, rooms in direct.items():
        server.ask("PUT", f"{CLIENT}/user/{_user(one)}/account_data/m.direct", rooms, who=one)


def collect() -> Data:
    """All rooms with all that was said."""
    server = _Server()
    listed = server.ask("GET", f"{ADMIN}/v1/rooms", limit="10000")["rooms"]
    return {"rooms": sorted((_room(server, one) for one in listed), key=lambda room: room["name"])}


def mark() -> int:
    """The number of the newest event."""
    with _database() as database:
        return database.execute("select coalesce(max(stream_ordering), 0) from events").fetchone()[
            0
        ]


def news(since: int, colleagues: list[str]) -> tuple[list[Data], int]:
    """What was said since, and the number of the newest event; who is invited comes in first."""
    with _database() as database:
        invited = database.execute(
            "select room_id, user_id from local_current_membership where membership = 'invite'"
        ).fetchall()
        rows = database.execute(
            "select e.stream_ordering, e.event_id, e.room_id, e.sender, j.json from events e "
            "join event_json j using (event_id) "
            "where e.stream_ordering > ? and e.type = 'm.room.message' order by 1",
            (since,),
        ).fetchall()
    server = _Server()
    for room, user in invited:
        if _login(user) in colleagues:
            server.ask("POST", f"{CLIENT}/join/{room}", {}, who=_login(user))
    found: list[Data] = []
    for number, id, room, sender, event in rows:
        where = _described(server, room)
        text = json.loads(event)["content"].get("body", "")
        about = {
            "id": id,
            "who": _login(sender),
            "text": str(text),
            "room": where["name"],
            "room_id": room,
        }
        found.append(about | {"members": where["members"], "direct": where["direct"]})
        for one in set(where["members"]) & set(colleagues) - {_login(sender)}:
            server.ask("POST", f"{CLIENT}/rooms/{room}/receipt/m.read/{id}", {}, who=one)
        since = number
    return found, since


def say(room: str, sender: str, text: str, at: datetime.datetime) -> Data:
    """Say something in a room (its name or id), as somebody and at that time.

    The message's id, and the room's name, members and whether it is two people's own.
    """
    server = _Server()
    where = room if room.startswith("!") else _found(server, room)
    path = f"{CLIENT}/rooms/{where}/send/m.room.message/life{time.monotonic_ns()}"
    message = {"msgtype": "m.text", "body": text}
    stamp = str(int(at.timestamp() * 1000))
    id = server.ask("PUT", path, message, who=sender, ts=stamp)["event_id"]
    about = _described(server, where)
    return {
        "id": id.lstrip("$"),
        "room": about["name"],
        "direct": about["direct"],
        "members": about["members"],
    }


def _found(server: _Server, room: str) -> str:
    for listed in server.ask("GET", f"{ADMIN}/v1/rooms", limit="10000")["rooms"]:
        if _described(server, listed["room_id"])["name"] == room:
            return listed["room_id"]
    if "+" not in room:
        raise Refused(f"there is no room {room}")
    return _make(server, {"name": room, "members": room.split("+"), "direct": True, "topic": ""})


def _database() -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(f"file:{STORE}?mode=ro", uri=True, timeout=20))


def _make(server: _Server, room: Data) -> str:
    first, *others = room["members"]
    wanted: dict[str, Any] = {
        "preset": "trusted_private_chat" if room["direct"] else "private_chat",
        "is_direct": room["direct"],
        "invite": [_user(one) for one in others],
    }
    if not room["direct"]:
        wanted |= {"room_alias_name": room["name"], "name": room["name"]}
    if room["topic"]:
        wanted["topic"] = room["topic"]
    made: str = server.ask("POST", f"{CLIENT}/createRoom", wanted, who=first)["room_id"]
    for one in others:
        server.ask("POST", f"{CLIENT}/join/{made}", {}, who=one)
    return made


def _room(server: _Server, listed: Data) -> Data:
    id = listed["room_id"]
    return {**_described(server, id), "messages": _messages(server, id)}


def _described(server: _Server, id: str) -> Data:
    """A room without what was said in it."""
    states = server.ask("GET", f"{ADMIN}/v1/rooms/{id}/state")["state"]
    kinds = {one["type"]: one["content"] for one in states}
    people = {
        _login(one["state_key"]): one["content"].get("membership")
        for one in states
        if one["type"] == "m.room.member"
    }
    alias = kinds.get("m.room.canonical_alias", {}).get("alias")
    titled = kinds.get("m.room.name", {}).get("name")
    name = alias.removeprefix("#").partition(":")[0] if alias else titled
    return {
        "name": name or "+".join(sorted(people)),
        "topic": kinds.get("m.room.topic", {}).get("topic", ""),
        "direct": not name,
        "members": sorted(one for one, how in people.items() if how == "join"),
        "invited": sorted(one for one, how in people.items() if how == "invite"),
    }


def _messages(server: _Server, room: str) -> list[Data]:
    found: list[Data] = []
    start = ""
    while True:
        more = {"from": start} if start else {}
        page = server.ask("GET", f"{ADMIN}/v1/rooms/{room}/messages", dir="b", limit="1000", **more)
        for event in page["chunk"]:
            if event["type"] == "m.room.message" and "body" in event["content"]:
                at = datetime.datetime.fromtimestamp(event["origin_server_ts"] / 1000, datetime.UTC)
                found.append(
                    {
                        "sender": _login(event["sender"]),
                        "at": at.isoformat(),
                        "text": str(event["content"]["body"]),
                        "id": event["event_id"].lstrip("$"),
                    }
                )
        start = page.get("end", "")
        if not start or not page["chunk"]:
            return found[::-1]


class _Server:
    def __init__(self) -> None:
        self.connection = Http(SOCKET, f"chat.{DOMAIN}")
        token = Path("/etc/office/chat.token").read_text("utf-8").strip()
        # Synapse wants to know where a request comes from, which a socket cannot tell.
        self.headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": "127.0.0.1"}

    def ask(
        self, method: str, path: str, body: object = None, *, who: str = "office", **query: str
    ) -> Data:
        """One request in somebody's name."""
        if who:
            query["user_id"] = _user(who)
        told = urllib.parse.urlencode(query)
        quoted = urllib.parse.quote(path)
        return json.loads(self.connection.ask(method, f"{quoted}?{told}", body, self.headers))


def _user(login: str) -> str:
    return f"@{login}:{DOMAIN}"


def _login(user: str) -> str:
    return user.removeprefix("@").partition(":")[0]
