"""Instances, made once for all trials that share them, and kept for the next run."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

from ..records.instance import Instance, pack_instance, unpack_instance
from ..sandboxes.cache import cache_folder
from ..tasks.loader import build_instance
from ..tasks.model import Task
from ..tasks.process import ProcessFailed, ProcessKilled, in_clean_process

KEPT_IN_MEMORY = 8
KEPT_ON_DISK = 500
MAKERS = ("faker", "openpyxl", "python-docx", "reportlab")
"""Libraries whose version an instance's bytes may depend on."""


class WorldBroken(RuntimeError):
    """A task's world could not be made."""


class Instances:
    """Makes instances in a clean process each."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, int], asyncio.Task[Instance]] = OrderedDict()

    async def get(self, task: Task, seed: int) -> Instance:
        """The instance of a task.

        Raises:
            WorldBroken: `world.py` failed or took too long.
            ProcessKilled: a signal ended it, which is no fault of the task.
        """
        key = (task.digest, seed)
        making = self._made.get(key)
        if making is None or (making.done() and (making.cancelled() or making.exception())):
            making = self._made[key] = asyncio.create_task(_kept_or_made(task, seed))
        self._made.move_to_end(key)
        while len(self._made) > KEPT_IN_MEMORY:
            self._made.popitem(last=False)
        try:
            # Shielded: others may wait for the same instance when this trial is cancelled.
            return await asyncio.shield(making)
        except ProcessKilled:
            raise
        except ProcessFailed as error:
            raise WorldBroken(str(error)) from error


async def _kept_or_made(task: Task, seed: int) -> Instance:
    path = cache_folder("instances") / f"{_maker_digest()[:12]}-{task.digest[:24]}-{seed}.zst"
    try:
        return await asyncio.to_thread(lambda: unpack_instance(path.read_bytes()))
    except (OSError, ValueError):
        pass  # Not kept, or damaged: it is made anew.
    instance = await in_clean_process(partial(build_instance, task, seed))
    await asyncio.to_thread(_keep, instance, path)
    return instance


def _keep(instance: Instance, path: Path) -> None:
    """Keep an instance, and let the oldest go. A cache that cannot be written is no failure."""
    try:
        part = path.with_suffix(f".{id(instance):x}")
        part.write_bytes(pack_instance(instance))
        part.replace(path)
        kept = sorted(path.parent.glob("*.zst"), key=lambda p: p.stat().st_mtime)
        for old in kept[:-KEPT_ON_DISK]:
            old.unlink(missing_ok=True)
    except OSError:
        return


@cache
def _maker_digest() -> str:
    """Changes with everything beside the task that an instance depends on."""
    whole = hashlib.sha256(" ".join(version(maker) for maker in MAKERS).encode())
    for source in sorted((Path(__file__).parents[1] / "tasks").glob("*.py")):
        whole.update(source.read_bytes())
    return whole.hexdigest()
