"""The agent's own time: what a provider's failures cost is not its fault."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass


@dataclass
class Clock:
    """Stops while a model's provider is waited for, and is charged with what the reply took.

    Whether a silent provider thinks or is dead is known only at the end: so the deadline does not
    fall in the wait, but right after it.

    Attributes:
        deadline: the time limit that the runner holds the agent to, if any.
        free: seconds so far that were not the agent's.
    """

    deadline: asyncio.Timeout | None = None
    free: float = 0.0
    _stopped: float | None = None
    _due: float | None = None

    def stop(self) -> None:
        """Stop it, until `start`."""
        self._stopped = time.monotonic()
        if self.deadline is not None and not self.deadline.expired():
            self._due = self.deadline.when()
            self.deadline.reschedule(None)

    def start(self, *, charge: float) -> None:
        """Go on; `charge` is how many seconds of the wait were the agent's own."""
        if self._stopped is None:
            return
        free = max(0.0, time.monotonic() - self._stopped - charge)
        self.free += free
        if self.deadline is not None and self._due is not None:
            self.deadline.reschedule(self._due + free)
        self._stopped = self._due = None
