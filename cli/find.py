"""Finding runs and trials by what a user types."""

from __future__ import annotations

from pathlib import Path

from ..records.errors import InputError, nearest
from ..records.store import RunStore, find_runs

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
    """A trial by `RUN/TRIAL`, by its id (newest run first) or by the path of its folder."""
    path = Path(name).resolve()
    if (path / "run.json").is_file():
        return None
    if path.parent.name == "trials" and (path.parents[1] / "run.json").is_file():
        return RunStore(path.parents[1]), path.name
    head, slash, trial = name.partition("/")
    if slash and "/" not in trial:
        run = find_run(head, results)
        found = _in_run(run, trial)
        if found is None:
            known = [plan.id for plan in run.run().trials]
            raise InputError(f"run {run.id} has no trial {trial!r}{nearest(trial, known[:20])}")
        return found
    for run in find_runs(results):
        found = _in_run(run, name)
        if found:
            return found
    return None


def _in_run(run: RunStore, trial: str) -> tuple[RunStore, str] | None:
    found = (run.folder / "trials" / trial).is_dir() if trial not in ("", ".", "..") else False
    return (run, trial) if found else None
