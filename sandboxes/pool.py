"""A spare office: booted before it is wanted, taken by one trial and closed with it.

At most one waits at a time, of the kind that the next trial of the run needs, so that a run holds
one office more than it has trials under way. Nothing is ever put back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .channel import ChannelSandbox
from .protocol import SandboxError


@dataclass(frozen=True)
class OfficePlan:
    """What an office is made of; equal plans make offices of which one is as good as the other."""

    container: Mapping[str, Any]
    services: tuple[str, ...]


@dataclass(frozen=True)
class OpenOffice:
    """An office whose container runs; its services are all ready when `booting` is done."""

    sandbox: ChannelSandbox
    container: str
    booting: asyncio.Future[Any]

    async def close(self) -> None:
        """Remove it, ready or not."""
        self.booting.cancel()
        await self.sandbox.close()


@dataclass(frozen=True)
class _Spare:
    plan: OfficePlan
    opened: asyncio.Future[OpenOffice]


class Pool:
    """Gives out offices, and keeps one ready."""

    def __init__(self, open: Callable[[OfficePlan], Awaitable[OpenOffice]]) -> None:
        self._open = open
        self._spare: _Spare | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def take(self, plan: OfficePlan) -> OpenOffice:
        """An office that is the caller's alone: the spare one, or else a new one."""
        spare = self._spare
        if spare is None or spare.plan != plan:
            return await self._open(plan)
        self._spare = None
        try:
            office = await asyncio.shield(spare.opened)
            await office.sandbox.channel.call("hello", {})
            if office.booting.done():
                office.booting.result()
        except SandboxError:
            self._discard(spare)
            return await self._open(plan)
        except BaseException:
            self._discard(spare)
            raise
        return office

    def expect(self, plan: OfficePlan | None) -> None:
        """Let an office like this be the spare one, or none; returns at once."""
        spare = self._spare
        if spare is not None and spare.plan != plan:
            self._spare = None
            self._discard(spare)
        if plan is not None and self._spare is None:
            self._spare = _Spare(plan, asyncio.ensure_future(self._open(plan)))

    async def close(self, container: str | None = None) -> None:
        """Close the spare office, where it is this container or none is named; wait for its end."""
        spare = self._spare
        if spare and container in (None, await _container(spare)) and self._spare is spare:
            self.expect(None)
        if self._closing:
            await asyncio.wait(self._closing)

    def _discard(self, spare: _Spare) -> None:
        task = asyncio.ensure_future(_close(spare))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _container(spare: _Spare) -> str:
    try:
        return (await asyncio.shield(spare.opened)).container
    except SandboxError:
        return ""


async def _close(spare: _Spare) -> None:
    """What the engine refuses to remove, the next start finds by its label."""
    with contextlib.suppress(SandboxError):
        await (await spare.opened).close()
