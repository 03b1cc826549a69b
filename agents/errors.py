"""What can be wrong with the choice of an agent."""

from __future__ import annotations

from collections.abc import Iterable

from ..records.errors import InputError, nearest


class AgentSpecError(InputError):
    """The agent, model or option that was asked for cannot be had; the message says what to do."""


class ServerUnreachable(ConnectionError):
    """A model's server accepts no connection; the message names the address and what to do."""


def unknown(kind: str, name: str, known: Iterable[str]) -> AgentSpecError:
    """There is no `kind` of this name; the message gives the nearest names, or else all."""
    return AgentSpecError(f"no {kind} {name!r}{nearest(name, known)}")
