"""What goes on in an office: what a task's `world.py` adds colleagues and events with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ..records.office import Answer, Arrival, Colleague, Deed, Life, Trigger


class LifeWorld:
    """The office's time, who answers there, and what arrives while the worker is at work.

    A person is named by login; somebody outside by a mail address alone. Texts are given without
    indentation and in the manner of who says them.
    """

    def __init__(self) -> None:
        self._start: datetime | None = None
        self._worker = "worker"
        self._colleagues: dict[str, Colleague] = {}
        self._arrivals: list[Arrival] = []

    def begins(self, at: str, *, worker: str = "worker") -> None:
        """The office's time when the worker comes (`2025-06-02 09:00`, UTC), and who that is."""
        self._start = datetime.fromisoformat(at).replace(tzinfo=UTC)
        self._worker = worker

    def colleague(self, who: str, **more: Any) -> None:
        """Somebody who reads and answers; `more` is as in `Colleague`."""
        if who in self._colleagues:
            raise ValueError(f"{who} is there already")
        self._colleagues[who] = Colleague(who=who, **more)

    def answer(
        self, who: str, topic: str, *, asked: str | Sequence[str], text: str, **more: Any
    ) -> None:
        """What a colleague says when asked; `asked` are expressions, `more` is as in `Answer`."""
        if who not in self._colleagues:
            raise ValueError(f"no colleague {who}: call colleague() first")
        expressions = (asked,) if isinstance(asked, str) else tuple(asked)
        one = self._colleagues[who]
        answer = Answer(topic=topic, asked=expressions, text=text, **more)
        self._colleagues[who] = one.model_copy(update={"answers": (*one.answers, answer)})

    def arrives(self, name: str, *deeds: Deed, **when: Any) -> None:
        """Something happens, once; `when` is as in `Trigger`: `at="10:30"`, `read=mail` …"""
        self._arrivals.append(Arrival(name=name, when=Trigger(**when), deeds=deeds))

    def life(self) -> Life | None:
        """All of it, as the instance keeps it; None where nothing goes on."""
        if self._start is None:
            if self._colleagues or self._arrivals:
                raise ValueError("life has no beginning: call begins()")
            return None
        return Life(
            start=self._start,
            worker=self._worker,
            colleagues=tuple(self._colleagues.values()),
            arrivals=tuple(self._arrivals),
        )
