"""Colleagues who are played by a model: what they hear goes out of the office, and is awaited.

The office has no way to a model. The harness asks for what was heard, and brings what is said to it.
"""

from __future__ import annotations

import itertools
import queue
from collections.abc import Sequence

from .colleagues import Heard, Memory, Reply
from .common import Data, Refused

PATIENCE = 300.0
"""Seconds until a question to the model is given up."""

LOOK = 20.0
"""Seconds after which who waits for a question is sent away, to ask again."""


class Stage:
    """Where questions wait for the harness, and what was said for the office."""

    def __init__(self) -> None:
        self._asked: queue.Queue[Data] = queue.Queue()
        self._said: queue.Queue[Data] = queue.Queue()
        self._numbers = itertools.count(1)

    def asked(self) -> Data | None:
        """The next question, for the harness."""
        try:
            return self._asked.get(timeout=LOOK)
        except queue.Empty:
            return None

    def say(self, answer: Data) -> None:
        """What the model said: `number`, `topics` and `text`, or `error`."""
        self._said.put(answer)

    def replies(
        self, colleague: Data, heard: Heard, memory: Memory, spoken: Sequence[str]
    ) -> list[Reply]:
        """What the model lets a colleague say. What follows from a topic follows as ever.

        Raises:
            Refused: no model answers.
        """
        number = next(self._numbers)
        about = {"way": heard.way, "asker": heard.who, "subject": heard.subject, "text": heard.text}
        self._asked.put(
            {"number": number, "colleague": colleague, "earlier": list(spoken), **about}
        )
        said = self._next(number)
        topics = {one["topic"]: one for one in colleague["answers"]}
        told = [topics[name] for name in said["topics"] if name in topics]
        minutes = max([one["after"] or 0 for one in told] + [colleague["minutes"]])
        if not told:
            kind = "unclear" if said["text"] else "ignored"
            return [Reply(kind, "", said["text"], minutes)]
        found: list[Reply] = []
        for number, one in enumerate(told):
            first = (colleague["who"], one["topic"]) not in memory.told
            memory.told.add((colleague["who"], one["topic"]))
            text = "" if number else said["text"]  # it is said once
            then = tuple(one["then"]) if first else ()
            found.append(Reply("answered", one["topic"], text, minutes, then))
        return found

    def _next(self, number: int) -> Data:
        while True:
            try:
                said = self._said.get(timeout=PATIENCE)
            except queue.Empty:
                raise Refused("the model that plays the colleagues does not answer") from None
            if said["number"] == number:
                if said.get("error"):
                    raise Refused(f"the model that plays the colleagues: {said['error']}")
                return said
