"""Finding runs and trials by what a user types."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..records.errors import InputError, nearest
from ..records.store import RunStore, find_runs

if TYPE_CHECKING:
    from ..scoring.comparison import Sample

SHOWN = 3
"""Names of trials that a message gives."""

ANOTHER_FOLDER = "or name another folder: --results FOLDER"


def find_run(
    name: str, results: Path, advice: str = "make one: offsite run starter --agent oracle"
) -> RunStore:
    """A run by `last`, its id, the beginning of its id, or the path of its folder.

    Args:
        advice: what to do where there is no run at all.

    Raises:
        InputError: there is none, or several.
    """
    if (Path(name) / "run.json").is_file():
        return RunStore(Path(name).resolve())
    runs = find_runs(results)
    place = results.absolute()
    if not runs:
        missing = "there is no run" if name == "last" else f"no run {name!r}"
        raise InputError(f"{missing} in {place}; {advice}; {ANOTHER_FOLDER}")
    if name == "last":
        return runs[0]
    exact = [run for run in runs if run.id == name]
    found = exact or [run for run in runs if run.id.startswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"run {name!r} may be {', '.join(sorted(run.id for run in found))}")
    known = [run.id for run in runs]
    raise InputError(f"no run {name!r} in {place}{nearest(name, [*known, 'last'])}")


def find_trial(name: str, results: Path) -> tuple[RunStore, str] | None:
    """A trial by `RUN/TRIAL`, by its id (newest run first) or by the path of its folder.

    Of an id a beginning is enough that only one trial of the run has.

    Raises:
        InputError: the run has no such trial, or several.
    """
    path = Path(name).resolve()
    if (path / "run.json").is_file():
        return None
    if path.parent.name == "trials" and (path.parents[1] / "run.json").is_file():
        return RunStore(path.parents[1]), path.name
    head, slash, trial = name.partition("/")
    if slash and "/" not in trial:
        run = find_run(head, results)
        known = [plan.id for plan in run.run().trials]
        found = _in_run(run, trial, known)
        if found is None:
            raise InputError(f"run {run.id} has no trial {trial!r}{_near(run, trial, known)}")
        return found
    runs = find_runs(results)
    if any(run.id.startswith(name) for run in runs):
        return None
    begun = [(run, [path.name for path in (run.folder / "trials").glob("*")]) for run in runs]
    for run, known in begun:
        if name in known:
            return run, name
    return next((found for one in begun if (found := _in_run(one[0], name, one[1]))), None)


def find_sample(name: str, results: Path) -> Sample:
    """One agent's trials by `RUN`, where it has one agent, or `RUN:AGENT`.

    Raises:
        InputError: there is no such run, or not one such agent in it.
    """
    from ..scoring.comparison import Sample
    from ..scoring.table import read_trials

    # A model's name has a colon as well; a run's id has none.
    run_name, _, wanted = (name, "", "") if Path(name).exists() else name.partition(":")
    store = find_run(run_name, results)
    run = store.run()
    agents = [a for a in run.agents if not wanted or wanted in (a.slug, a.name, a.label, a.model)]
    slugs = [agent.slug for agent in run.agents]
    if not agents:
        raise InputError(f"run {run.id} has no agent {wanted!r}{nearest(wanted, slugs)}")
    if len(agents) > 1:
        raise InputError(f"run {run.id} has {', '.join(slugs)}: name one, as {run.id}:{slugs[0]}")
    trials = read_trials(store)
    return Sample(run, agents[0].slug, trials.where(trials.agent == agents[0].slug))


def _in_run(run: RunStore, name: str, known: Sequence[str]) -> tuple[RunStore, str] | None:
    """The run's trial of this id, or the only one whose id begins so."""
    found = [name] if name in known else [id for id in known if name and id.startswith(name)]
    if len(found) > 1:
        raise InputError(f"trial {name!r} of run {run.id} may be {_some(run, found)}")
    return (run, found[0]) if found else None


def _near(run: RunStore, name: str, known: Sequence[str]) -> str:
    """The end of a message about an unknown trial: those that are named most alike."""
    near = difflib.get_close_matches(name, known, n=len(known), cutoff=0)
    return f"; near are {_some(run, near)}"


def _some(run: RunStore, ids: Sequence[str]) -> str:
    more = len(ids) - SHOWN
    rest = f" … {more} more: offsite show {run.id}" if more > 0 else ""
    return f"{', '.join(ids[:SHOWN])}{rest}"
