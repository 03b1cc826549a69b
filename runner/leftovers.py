"""Removing what dead processes left behind."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ..records.store import is_held
from ..sandboxes import Leftover, Provider


async def remove_leftovers(
    provider: Provider, *, keep_trials: Collection[str] = (), owner: str | None = None
) -> list[Leftover]:
    """Remove what belongs to a run that no living process holds; returns what was removed.

    Args:
        keep_trials: trials of the run `owner` whose sandboxes are still wanted.
        owner: folder of the run that the caller holds itself.
    """
    removed: list[Leftover] = []
    for leftover in await provider.leftovers():
        ours = owner is not None and leftover.owner == owner
        if ours and leftover.trial in keep_trials:
            continue
        if not ours and is_held(Path(leftover.owner)):
            continue
        await provider.remove(leftover)
        removed.append(leftover)
    return removed
