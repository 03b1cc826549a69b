"""Chat: Synapse, spoken to as an application service, which may act as anybody and date messages."""

from __future__ import annotations

import datetime
import json
import urllib.parse
from pathlib import Path
from typing import Any

from .common import DOMAIN, RUN, Data, Http, answers

SOCKET = f"{RUN}/synapse.sock"
CLIENT = "/_matrix/client/v3"
ADMIN = "/_synapse/admin"


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
    states = server.ask("GET", f"{ADMIN}/v1/rooms/{id}/state")["state"]
    kinds = {one["type"]: one["content"] for one in states}
    people = {
        _login(one["state_key"]): one["content"].get("membership")
        for one in states
        if one["type"] == "m.room.member"
    }
    alias = kinds.get("m.room.canonical_alias", {}).get("alias")
    name = alias.removeprefix("#").partition(":")[0] if alias else listed["name"]
    return {
        "name": name or "+".join(sorted(people)),
        "topic": kinds.get("m.room.topic", {}).get("topic", ""),
        "direct": not name,
        "members": sorted(one for one, how in people.items() if how == "join"),
        "invited": sorted(one for one, how in people.items() if how == "invite"),
        "messages": _messages(server, id),
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
