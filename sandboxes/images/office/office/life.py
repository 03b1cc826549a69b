"""What goes on in the office: time passes, colleagues hear and answer, events arrive.

Nothing happens by itself: it is looked after when a tool was called or somebody waits. So the same
deeds of a worker in the same order have the same answers at the same office times.
"""

from __future__ import annotations

import datetime
import heapq
import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any

from . import mail, tracker
from .clock import ACTS, CALL, LONGEST_WAIT, MINUTE, OfficeClock, after_working
from .colleagues import Heard, Memory, Reply, replies
from .common import Data
from .deeds import Hands, first_name
from .listening import Ears
from .play import Stage


class OfficeLife:
    """The life of one office from its `mark` on."""

    def __init__(self, life: Data, people: Sequence[Data], services: Sequence[str]) -> None:
        self.worker: str = life["worker"]
        self.colleagues: list[Data] = life["colleagues"]
        self.waiting: list[Data] = list(life["arrivals"])
        self.clock = OfficeClock(datetime.datetime.fromisoformat(life["start"]))
        self.ears = Ears(life, people, services)
        self.hands = Hands(list(people), self.worker)
        self.memory = Memory()
        self.stage: Stage | None = None  # where a model plays the colleagues
        self.happenings: list[Data] = []
        self.untold: list[str] = []
        self.inbox = mail.inbox(self.worker) if "mail" in services else set[str]()
        self._due: list[tuple[datetime.datetime, int, Callable[[], str]]] = []
        self._order = itertools.count()
        self._heard: list[Heard] = []
        self._answered: set[str] = set()
        self._arrived: set[str] = set()
        for arrival in [one for one in self.waiting if one["when"]["at"]]:
            self._start(arrival, self.clock.moment(arrival["when"]["at"]))

    def hear(self) -> None:
        """Hear what was said since; whoever answers does so later, if time passes."""
        for heard in self.ears.news():
            if heard.who == self.worker:
                self.clock.pass_minutes(ACTS[heard.way])
            self._heard.append(heard)
            for colleague in self.colleagues:
                if colleague["who"] in heard.to:
                    self._hear(colleague, heard)

    def tick(self) -> None:
        """A tool was called: hear what was done by it, let its time pass, do what is due."""
        self.hear()
        self.clock.pass_minutes(CALL)
        self.untold += self._catch_up()

    def wait(self, minutes: int | None, until: str | None, *, full: bool) -> list[str]:
        """Let time pass until something arrives for the worker, or for the full time.

        What arrived since it was last told ends the waiting at once.

        Raises:
            ValueError: that is no time, or too long.
        """
        end = self.clock.next(until) if until else self.clock.now + (minutes or 0) * MINUTE
        if not self.clock.now <= end <= self.clock.now + LONGEST_WAIT * MINUTE:
            raise ValueError(f"wait up to {LONGEST_WAIT} minutes, not into the past")
        began = self.clock.now
        self.hear()
        seen, self.untold = self.untold + self._catch_up(), []
        while (full or not seen) and self.clock.now < end:
            self.clock.now = min(end, max(self.clock.now, self._due[0][0])) if self._due else end
            seen += self._catch_up()
        waited = round((self.clock.now - began) / MINUTE)
        self._happened("waited", self.worker, text=f"{waited} minutes")
        return seen

    def _hear(self, colleague: Data, heard: Heard) -> None:
        who = colleague["who"]
        self._happened("heard", heard.who, to=who, way=heard.way, text=heard.text[:2000])
        said = self._replies(colleague, heard)
        minutes = max(reply.minutes for reply in said)
        hours = (colleague["opens"], colleague["closes"], colleague["days"])
        due = after_working(self.clock.now, minutes, *hours)
        self._plan(due, lambda: self._answer(colleague, heard, said))

    def _replies(self, colleague: Data, heard: Heard) -> list[Reply]:
        if self.stage is None:
            return replies(colleague, heard, self.memory)
        pair = {colleague["who"], heard.who}
        earlier = [
            f"{one['who']}: {one['text']}"
            for one in self.happenings
            if one.get("text") and {one["who"], one.get("to")} == pair
        ]
        return self.stage.replies(colleague, heard, self.memory, earlier[:-1])

    def _answer(self, colleague: Data, heard: Heard, said: Sequence[Reply]) -> str:
        who, seen = colleague["who"], ""
        text = "\n\n".join(reply.text for reply in said if reply.text)
        if text:
            seen = self.hands.do(self._spoken(colleague, heard, text), self.clock.now)
        for reply in said:
            about = {"to": heard.who, "topic": reply.topic, "way": heard.way, "text": reply.text}
            self._happened(reply.kind, who, **about)
            if reply.kind == "answered":
                self._answered.add(f"{who}/{reply.topic}")
            for deed in reply.then:
                self._plan_deed(deed, self.clock.now)
        return seen

    def _spoken(self, colleague: Data, heard: Heard, text: str) -> Data:
        who, where = colleague["who"], heard.where
        text = text.replace("{first}", first_name(self.hands.name(heard.who)))
        if heard.way == "chat":
            return {"do": "say", "sender": who, "room": where["room_id"], "text": text}
        if heard.way == "tracker":
            empty = {"status": "", "priority": "", "assignee": ""}
            return {"do": "change", "author": who, "number": where["number"], "text": text, **empty}
        if heard.way == "forge":
            return {"do": "pull", "author": who, "text": text, **where}
        greeting = colleague["greeting"].replace("{first}", first_name(self.hands.name(heard.who)))
        closing = colleague["closing"] or self.hands.name(who).split(" ")[0]
        subject = re.sub(r"^(re:\s*)+", "", where["subject"], flags=re.I)
        return {
            "do": "mail",
            "sender": who,
            "to": [heard.who],
            "cc": [],
            "subject": f"Re: {subject}",
            "text": "\n\n".join(part for part in (greeting, text, closing) if part) + "\n",
            "attachments": [],
            "references": where["references"],
        }

    def _catch_up(self) -> list[str]:
        """Do what is due, and what follows from it; what the worker sees of it."""
        seen: list[str] = []
        while True:
            for arrival in [one for one in self.waiting if self._has_happened(one["when"])]:
                self._start(arrival, self.clock.now)
            if not self._due or self._due[0][0] > self.clock.now:
                return seen
            _, _, do = heapq.heappop(self._due)
            told = do()
            seen += [told] if told else []

    def _start(self, arrival: Data, at: datetime.datetime) -> None:
        self.waiting.remove(arrival)

        def arrive() -> str:
            self._happened("arrived", topic=arrival["name"])
            self._arrived.add(arrival["name"])
            for deed in arrival["deeds"]:
                self._plan_deed(deed, self.clock.now)
            return ""

        self._plan(at, arrive)

    def _plan_deed(self, deed: Data, since: datetime.datetime) -> None:
        self._plan(since + deed["after"] * MINUTE, lambda: self.hands.do(deed, self.clock.now))

    def _plan(self, at: datetime.datetime, do: Callable[[], str]) -> None:
        heapq.heappush(self._due, (at, next(self._order), do))

    def _has_happened(self, when: Data) -> bool:
        if when["read"]:
            return mail.has_read(self.worker, when["read"])
        if when["emptied"]:
            return len(self.inbox - mail.inbox(self.worker)) >= when["emptied"]
        if when["issue"]:
            return tracker.status(when["issue"]).lower() == when["status"].lower()
        if when["answered"]:
            return when["answered"] in self._answered
        if when["arrived"]:
            return when["arrived"] in self._arrived
        return any(_is_meant(when, one) for one in self._heard if one.who == self.worker)

    def _happened(self, kind: str, who: str = "", **more: Any) -> None:
        self.happenings.append({"at": self.clock.now.isoformat(), "kind": kind, "who": who, **more})


def _is_meant(when: Data, heard: Heard) -> bool:
    if when["mailed"]:
        meant = heard.way == "mail" and when["mailed"] in heard.where["recipients"]
    else:
        meant = heard.way == "chat" and heard.where["room"] == when["said"]
    return meant and re.search(when["says"], f"{heard.subject}\n{heard.text}", re.I) is not None
