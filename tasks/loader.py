"""Finding suites and tasks in their folders, and making instances of them."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
import tomllib
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import jinja2
from pydantic import Field, ValidationError, field_validator

from ..records.base import Record
from ..records.instance import File, Instance
from ..records.office import Office
from ..records.office.erp import Erp
from .baselines import BASELINES
from .errors import TaskError
from .model import FILES, Suite, Task, TaskSpec
from .world import World

BUILTIN = Path(__file__).parent / "suites"
"""The folder of the suites that Offsite ships."""


T = TypeVar("T", bound=Record)


class SuiteSpec(Record):
    """`suite.toml`. The tasks are the folders beside it, `family/name`."""

    version: str
    description: str
    seeds: tuple[int, ...] = Field(min_length=1, description="What `run` uses by default.")

    @field_validator("seeds")
    @classmethod
    def _each_once(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(seeds)) < len(seeds):
            raise ValueError("a seed stands there twice")
        return seeds


def find_suites(extra: tuple[Path, ...] = ()) -> dict[str, Path]:
    """Name and folder of every suite that Offsite ships, that lies in one of `extra`, or is one.

    Raises:
        TaskError: one of `extra` holds no suite, or two suites have one name.
    """
    found: dict[str, Path] = {}
    for root in (BUILTIN, *extra):
        for folder in _suites_of(root):
            name = folder.name
            if name in found:
                raise TaskError(
                    folder / "suite.toml", "suite", f"{name} is there already: {found[name]}"
                )
            found[name] = folder
    return found


def _suites_of(root: Path) -> list[Path]:
    if not root.is_dir():
        raise TaskError(root, "--suites", "is not a folder")
    if (root / "suite.toml").is_file():
        return [root.resolve()]
    for folder in sorted(path.parents[2] for path in root.glob("*/*/*/task.toml")):
        if not (folder / "suite.toml").is_file():
            raise TaskError(folder / "suite.toml", "file", "is missing")
    found = sorted(marker.parent for marker in root.glob("*/suite.toml"))
    if not found:
        raise TaskError(root, "--suites", "neither this folder nor one in it has a suite.toml")
    return found


@cache
def load_suite(folder: Path) -> Suite:
    """Read a suite with all its tasks.

    Raises:
        TaskError: names the file, the field and the cause.
    """
    spec = _read_toml(folder / "suite.toml", SuiteSpec)
    tasks = tuple(load_task(path) for path in _task_folders(folder))
    if not tasks:
        raise TaskError(folder, "tasks", "there is no family/name/task.toml in this suite")
    names: dict[str, Path] = {}
    for task in tasks:
        if task.name in names:
            raise TaskError(
                task.folder, "name", f"{task.name} is there already: {names[task.name]}"
            )
        names[task.name] = task.folder
    whole = [folder.name, spec.version, list(spec.seeds), [[t.id, t.digest] for t in tasks]]
    return Suite(
        name=folder.name,
        version=spec.version,
        description=spec.description,
        seeds=spec.seeds,
        tasks=tasks,
        digest=hashlib.sha256(json.dumps(whole).encode()).hexdigest(),
    )


def _task_folders(suite: Path) -> list[Path]:
    """The folders that are meant as tasks: those that hold any of a task's files."""
    return sorted({path.parent for name in FILES for path in suite.glob(f"*/*/{name}")})


@cache
def load_task(folder: Path) -> Task:
    """Read one task folder, `<suite>/<family>/<name>`.

    Raises:
        TaskError: names the file, the field and the cause.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise TaskError(folder / name, "file", "is missing")
    spec = _read_toml(folder / "task.toml", TaskSpec)
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.name != BASELINES:
            whole.update(f"{path.relative_to(folder)}\0".encode())
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return Task(
        suite=folder.parent.parent.name,
        family=folder.parent.name,
        name=folder.name,
        folder=folder,
        spec=spec,
        digest=whole.hexdigest(),
    )


_PARTS = {
    "mail": ("mails",),
    "calendar": ("events", "contacts"),
    "tracker": ("projects", "issues", "wiki"),
    "chat": ("rooms",),
    "files": ("files",),
    "forge": ("repositories",),
    "database": ("tables",),
    "erp": ("erp",),
}
"""What of an office's contents each service keeps."""


def build_instance(task: Task, seed: int) -> Instance:
    """Make a task concrete.

    Raises:
        TaskError: `world.py` failed, or the instruction names a fact that it does not give.
    """
    path = task.folder / "world.py"
    build: Callable[[int], World] = _function(path, "build")
    try:
        world = build(seed)
    except Exception as error:
        raise TaskError(path, f"build({seed})", f"{type(error).__name__}: {error}") from error
    for name, file in world.files.items():
        if not isinstance(file, File):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TaskError(path, f"files[{name!r}]", "is no File; use world.add(path, content)")
    services = task.spec.environment.services
    office = _office(path, world, services)
    if not world.files and not services:
        raise TaskError(path, f"build({seed})", "lays no file on the desk")
    return Instance(
        task=task.id,
        seed=seed,
        instruction=_instruction(task, world),
        files=dict(world.files),
        truth=json.loads(json.dumps(world.truth)),
        setup=tuple(world.setup),
        expected=world.expected,
        office=office if services else None,
    )


def _office(path: Path, world: World, services: Collection[str]) -> Office:
    try:
        office = world.office.office()
    except ValueError as error:
        raise TaskError(path, "office", str(error)) from error
    for service, parts in _PARTS.items():
        there = service in services or (service == "mail" and "calendar" in services)
        filled = [part for part in parts if getattr(office, part) not in ((), Erp())]
        if filled and not there:
            why = f"holds {', '.join(filled)}, but services in task.toml does not name {service!r}"
            raise TaskError(path, "office", why)
    logins = {person.login for person in office.people}
    for colleague in office.life.colleagues if office.life else ():
        if "@" not in colleague.who and colleague.who not in logins:
            why = f"colleague {colleague.who!r} is no person of the office: call person() first"
            raise TaskError(path, "office", why)
    return office


def grader(task: Task) -> Callable[..., Any]:
    """The `grade(evidence, truth) -> list[Criterion]` of a task."""
    return _function(task.folder / "grade.py", "grade")


def _instruction(task: Task, world: World) -> str:
    path = task.folder / "instruction.md"
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=True
    )
    try:
        return environment.from_string(path.read_text(encoding="utf-8")).render(world.facts)
    except jinja2.TemplateError as error:
        raise TaskError(path, "template", str(error)) from error


def _function(path: Path, name: str) -> Callable[..., Any]:
    function = getattr(_module(path), name, None)
    if function is None:
        raise TaskError(path, name, "is not defined")
    return function


def _module(path: Path) -> ModuleType:
    """The module in a task's file, imported afresh; it may import others beside it, relatively."""
    package = f"offsite_task_{hashlib.sha256(str(path.parent).encode()).hexdigest()[:12]}"
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        del sys.modules[name]
    folder = ModuleType(package)
    folder.__path__ = [str(path.parent)]
    sys.modules[package] = folder
    importlib.invalidate_caches()
    # A task's folder may be read-only, and a file may change within the second that a cache knows.
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return importlib.import_module(f"{package}.{path.stem}")
    except Exception as error:
        raise TaskError(path, "import", f"{type(error).__name__}: {error}") from error
    finally:
        sys.dont_write_bytecode = written


def _read_toml(path: Path, model: type[T]) -> T:
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TaskError(path, "file", str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise TaskError(path, ".".join(map(str, first["loc"])), first["msg"]) from error
