"""The oracle and the wrong solvers of a task, as one script that runs at the desk."""

from __future__ import annotations

import ast
import json

from .errors import TaskError
from .model import Task

REPORT_MARK = "offsite-report:"
"""Starts the line on which a solver's script prints its report as JSON."""

_BOOT = """\
import json, sys, types
def _load(name, source):
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(source, name + ".py", "exec"), module.__dict__)
    return module
_sources = json.loads({sources!r})
_modules = {{name: _load(name, source) for name, source in _sources.items()}}
_report = getattr(_modules[{module!r}], {function!r})()
print({mark!r} + json.dumps(_report))
"""


def solver_script(task: Task, wrong: str | None = None) -> str:
    """A Python program for the desk: the oracle, or the wrong solver of this name.

    `solution.py` defines `solve() -> dict`, `wrong.py` one function per wrong solver; each works
    in the current folder (the desk's home) and returns its report as a dict.
    """
    sources = {"solution": (task.folder / "solution.py").read_text(encoding="utf-8")}
    if wrong is not None:
        sources["wrong"] = (task.folder / "wrong.py").read_text(encoding="utf-8")
    return _BOOT.format(
        sources=json.dumps(sources),
        module="solution" if wrong is None else "wrong",
        function="solve" if wrong is None else wrong,
        mark=REPORT_MARK,
    )


def wrong_solvers(task: Task) -> dict[str, str]:
    """The wrong solvers by name, each with what must catch it.

    That is the name of a criterion, or `collateral` or `report` for those parts of the verdict;
    it stands in `wrong.py` as the literal `CAUGHT_BY`.

    Raises:
        TaskError: there is no such literal, or a function is missing.
    """
    path = task.folder / "wrong.py"
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise TaskError(path, f"line {error.lineno}", f"is not Python: {error.msg}") from error
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CAUGHT_BY":
            try:
                caught_by: dict[str, str] = ast.literal_eval(node.value)
            except ValueError as error:
                raise TaskError(path, "CAUGHT_BY", "must be a literal dict") from error
            missing = sorted(set(caught_by) - functions)
            if missing:
                raise TaskError(path, "CAUGHT_BY", f"names no function: {', '.join(missing)}")
            return caught_by
    raise TaskError(path, "CAUGHT_BY", "is missing: it maps each wrong solver to its criterion")
