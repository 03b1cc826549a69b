"""From what a user names to tasks, agents and seeds."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from pathlib import Path

from ..records.errors import InputError, nearest
from ..tasks.loader import find_suites, load_suite
from ..tasks.model import Suite, Task

MOST_SEEDS = 100_000
"""In one range; more than that is a slip of the hand."""


class NothingSelected(InputError):
    """What was asked for is well formed, and names no task or no agent."""


def select_tasks(patterns: Sequence[str], roots: tuple[Path, ...] = ()) -> tuple[Suite, list[Task]]:
    """The tasks that the patterns name, all of one suite, in the suite's order.

    A pattern is `suite`, `suite/family/name` with shell wildcards, `family/name`, or the path of a
    suite's folder.

    Raises:
        InputError: an unknown suite or task (with the nearest names), or tasks of several suites.
    """
    suites = find_suites(roots)
    chosen: dict[Path, list[Task]] = {}
    for pattern in patterns:
        suite, tasks = _match(pattern, suites)
        chosen.setdefault(suite, []).extend(tasks)
    if len(chosen) != 1:
        names = ", ".join(folder.name for folder in chosen)
        raise InputError(f"a run is of one suite; these are of {len(chosen)}: {names}")
    ((folder, tasks),) = chosen.items()
    suite = load_suite(folder)
    wanted = {task.id for task in tasks}
    return suite, [task for task in suite.tasks if task.id in wanted]


def parse_seeds(text: str) -> tuple[int, ...]:
    """Seeds from `0-4`, `7`, or `0-2,9`.

    Raises:
        InputError: it is none of these.
    """
    seeds: list[int] = []
    for part in text.split(","):
        span = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", part)
        if span is None:
            raise InputError(f"--seeds {text}: {part!r} is neither a number nor a range like 0-4")
        first, last = int(span[1]), int(span[2] or span[1])
        if last < first:
            raise InputError(f"--seeds {text}: {part!r} runs backwards")
        if last - first >= MOST_SEEDS:
            raise InputError(f"--seeds {text}: {part!r} are more than {MOST_SEEDS:,} seeds")
        seeds += range(first, last + 1)
    return tuple(dict.fromkeys(seeds))


def _match(pattern: str, suites: dict[str, Path]) -> tuple[Path, list[Task]]:
    path = Path(pattern)
    if (path / "suite.toml").is_file():
        folder = path.resolve()
        return folder, list(load_suite(folder).tasks)
    if pattern.startswith(("/", "./", "../")):
        raise InputError(f"{pattern} {'has no suite.toml' if path.exists() else 'is not there'}")
    head, _, rest = pattern.strip("/").partition("/")
    if head in suites:
        folder = suites[head]
        tasks = load_suite(folder).tasks
        found = [t for t in tasks if not rest or fnmatch.fnmatch(t.id, _whole(rest))]
        return folder, _some(found, pattern, [f"{head}/{t.id}" for t in tasks])
    for folder in suites.values():
        found = [t for t in load_suite(folder).tasks if fnmatch.fnmatch(t.id, pattern)]
        if found:
            return folder, found
    if path.is_dir():
        raise InputError(f"{pattern} has no suite.toml")
    known = [*suites, *(f"{n}/{t.id}" for n, f in suites.items() for t in load_suite(f).tasks)]
    raise InputError(f"no suite or task {pattern!r}{nearest(pattern, known)}")


def _whole(rest: str) -> str:
    return rest if "/" in rest else f"{rest}/*"


def _some(found: list[Task], pattern: str, known: list[str]) -> list[Task]:
    if not found and any(c in pattern for c in "*?["):
        raise NothingSelected(f"no task matches {pattern!r}")
    if not found:
        raise InputError(f"no task {pattern!r}{nearest(pattern, known)}")
    return found
