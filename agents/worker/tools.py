"""The worker's tools: what the model is told of them, and what each does at the desk."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...records.report import Report, Status
from ...sandboxes import Result
from ..edits import LARGEST, EditFailed, edit_file, write_file
from ..protocol import Desk
from .config import WorkerConfig

BAD_JSON = "invalid_json"
"""The argument under which arguments that are not JSON are kept in the conversation."""

DEEPEST = 50
"""Levels of nesting in arguments; no tool has a use for more than two."""


class Arguments(BaseModel):
    """What a tool is given. The docstring of each kind is what the model is told of the tool."""

    model_config = ConfigDict(extra="forbid")


class Shell(Arguments):
    """Run a command in your shell (bash) and get its output, standard error included. The shell
    stays open: `cd` and variables last. The command gets no standard input and must not wait for
    any. Start what runs for long in the background."""

    command: str = Field(description="The command, or several lines of them.")
    timeout: float | None = Field(
        default=None, gt=0, description="Seconds after which it is ended; left out: a few minutes."
    )


class ReadFile(Arguments):
    """Read a text file, or some lines of it."""

    path: str = Field(min_length=1, description="Absolute, or relative to your home.")
    offset: int = Field(default=1, ge=1, description="First line wanted, counted from 1.")
    limit: int = Field(default=1000, ge=1, description="How many lines at most.")


class EditFile(Arguments):
    """Replace a passage of a file. It must stand there exactly once."""

    path: str = Field(min_length=1, description="Absolute, or relative to your home.")
    old: str = Field(
        description="The passage, exactly as it stands there, with enough around it to be unique."
    )
    new: str = Field(description="What takes its place; may be empty.")


class WriteFile(Arguments):
    """Write a whole text file, new or in place of the old one. Folders are made as needed."""

    path: str = Field(min_length=1, description="Absolute, or relative to your home.")
    content: str = Field(description="All that the file is to hold.")


class HandIn(Arguments):
    """Hand in the work. This ends the assignment: call it once, when nothing is left to do."""

    status: Status = Field(description=str(Report.model_fields["status"].description))
    confidence: float = Field(
        ge=0, le=1, description="Probability that the work will be accepted as it stands."
    )
    summary: str = Field(description="What was done and found, or what stands in the way.")
    questions: list[str] = Field(
        default_factory=list[str], description="What had to be left open, if anything."
    )


@dataclass(frozen=True)
class Answer:
    """What the model is told.

    Attributes:
        report: set where the call handed it in.
        screen: sha256 of a picture in the trial's folder that the model is to see.
    """

    text: str
    report: Report | None = None
    screen: str | None = None


Tools = Mapping[
    str, tuple[type[Arguments], Callable[[Any, str, Desk, WorkerConfig], Awaitable[Answer]]]
]
"""By name, what is to be given to a tool, and what is done with it."""


def tool_schemas(tools: Tools) -> list[dict[str, Any]]:
    """The tools as chat models are given them, in OpenAI's form, which LangChain translates."""
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": " ".join((kind.__doc__ or "").split()),
                "parameters": _plain(kind.model_json_schema()),
            },
        }
        for name, (kind, _) in tools.items()
    ]


async def use(
    tools: Tools,
    name: str,
    arguments: Mapping[str, Any],
    call: str,
    desk: Desk,
    config: WorkerConfig,
) -> Answer:
    """Do one tool call. What is wrong with it is answered so that the model can mend it.

    Raises:
        SandboxError: the sandbox failed.
    """
    began = time.monotonic()
    if name not in tools:
        return _refuse(desk, name, arguments, call, began, _no_such_tool(tools, name))
    kind, do = tools[name]
    if BAD_JSON in arguments:
        return _refuse(desk, name, arguments, call, began, _not_json(arguments[BAD_JSON]))
    try:
        checked = kind.model_validate(arguments)
    except ValidationError as error:
        return _refuse(desk, name, arguments, call, began, _not_fitting(name, error))
    answer = await do(checked, call, desk, config)
    return replace(answer, text=capped(answer.text, config.observation_chars))


def capped(text: str, limit: int) -> str:
    """At most about `limit` characters: the head and the tail, and a line that says so."""
    if len(text) <= limit:
        return text
    half = limit // 2
    left_out = len(text) - 2 * half
    note = f"[… {left_out:,} characters left out here; ask for a part, or filter, to see them …]"
    return f"{text[:half]}\n{note}\n{text[-half:]}"


async def _shell(given: Any, call: str, desk: Desk, config: WorkerConfig) -> Answer:
    timeout = min(given.timeout or config.command_seconds, config.command_seconds_max)
    result = await desk.shell(given.command, timeout=timeout, call=call)
    output = capped(result.text, config.observation_chars - 500)
    newline = "" if not output or output.endswith("\n") else "\n"
    return Answer(f"{output}{newline}{_outcome(result, timeout)}")


def _outcome(result: Result, timeout: float) -> str:
    lines = [
        f"[ended after {timeout:g} s, the time limit]"
        if result.timed_out
        else f"[exit code {result.exit_code}]"
    ]
    if result.restarted:
        lines.append("[the shell was restarted: you are back in your home, variables are gone]")
    return "\n".join(lines)


async def _read(given: Any, call: str, desk: Desk, config: WorkerConfig) -> Answer:
    asked = {"path": given.path, "offset": given.offset, "limit": given.limit}
    desk.acts("read_file", asked, call)
    began = time.monotonic()
    failed = True
    try:
        content = await desk.sandbox.read(given.path, limit=LARGEST + 1)
        text, failed = _lines(content, given, config), False
    except FileNotFoundError:
        text = f"Error: there is no {given.path}"
    except IsADirectoryError:
        text = f"Error: {given.path} is a folder; list it with the shell"
    except OSError as error:
        text = f"Error: {given.path}: {error.strerror or error}"
    desk.observe(call, text, began, error=failed)
    return Answer(text)


def _lines(content: bytes, given: Any, config: WorkerConfig) -> str:
    if b"\0" in content[:8192]:
        return f"[{given.path} is no text file; look at it with the shell]"
    text = content[:LARGEST].decode("utf-8", errors="replace")
    lines = text.splitlines(keepends=True)
    wanted = lines[given.offset - 1 : given.offset - 1 + given.limit]
    if not wanted:
        return f"[{given.path} has {len(lines)} lines; nothing from line {given.offset} on]"
    shown = capped("".join(wanted), config.observation_chars - 500)
    last = given.offset - 1 + len(wanted)
    if len(wanted) == len(lines) and len(content) <= LARGEST:
        return shown
    more = " or more" if len(content) > LARGEST else ""
    newline = "" if shown.endswith("\n") else "\n"
    return f"{shown}{newline}[lines {given.offset} to {last} of {len(lines)}{more}]"


async def _edit(given: Any, call: str, desk: Desk, config: WorkerConfig) -> Answer:
    try:
        return Answer(await edit_file(desk, given.path, given.old, given.new, call=call))
    except EditFailed as error:
        return Answer(f"Error: {error}")


async def _write(given: Any, call: str, desk: Desk, config: WorkerConfig) -> Answer:
    try:
        return Answer(await write_file(desk, given.path, given.content.encode(), call=call))
    except EditFailed as error:
        return Answer(f"Error: {error}")


async def _report(given: Any, call: str, desk: Desk, config: WorkerConfig) -> Answer:
    report = Report.model_validate(given.model_dump())
    began = time.monotonic()
    desk.acts("report", given.model_dump(), call)
    desk.observe(call, "handed in", began)
    return Answer("handed in", report)


TOOLS: Tools = {
    "shell": (Shell, _shell),
    "read_file": (ReadFile, _read),
    "edit_file": (EditFile, _edit),
    "write_file": (WriteFile, _write),
    "report": (HandIn, _report),
}
"""The one table of tools; `browser` has those that come where the desk has a browser."""


def _refuse(
    desk: Desk, name: str, arguments: Mapping[str, Any], call: str, began: float, why: str
) -> Answer:
    desk.acts(name, arguments, call)
    desk.observe(call, why, began, error=True)
    return Answer(why)


def _no_such_tool(tools: Tools, name: str) -> str:
    return f"Error: there is no tool {name!r}; nothing was done. There are: {', '.join(tools)}."


def is_too_deep(value: object, levels: int = DEEPEST) -> bool:
    """Whether a JSON value is nested more deeply than that."""
    if not isinstance(value, dict | list):
        return False
    plain = cast("dict[object, object] | list[object]", value)
    inner = plain.values() if isinstance(plain, dict) else plain
    return levels == 0 or any(is_too_deep(item, levels - 1) for item in inner)


def _not_json(text: object) -> str:
    try:
        deep = is_too_deep(json.loads(str(text), strict=False))
        cause = "they are nested too deeply" if deep else "they are no object"
    except RecursionError:
        cause = "they are nested too deeply"
    except json.JSONDecodeError as error:
        cause = f"{error.msg}, at character {error.pos} of {len(str(text))}"
    return (
        f"Error: the arguments of this call were not valid JSON ({cause}); nothing was done. Call "
        "the tool again with one complete JSON object; if they were cut off, write less at a time."
    )


def _not_fitting(name: str, error: ValidationError) -> str:
    faults = "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'arguments'}: {fault['msg']}"
        for fault in error.errors(include_url=False)[:5]
    )
    return f"Error: these arguments do not fit {name}; nothing was done. {faults}."


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Without the titles and the docstring that pydantic adds: they say nothing new."""
    properties = {
        name: {key: value for key, value in field.items() if key != "title"}
        for name, field in schema["properties"].items()
    }
    return {
        "type": "object",
        "properties": properties,
        "required": schema.get("required", []),
    }
