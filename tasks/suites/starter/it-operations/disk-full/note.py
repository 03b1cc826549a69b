"""Does the incident note tell what was wrong, since when, and what became of the files?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from offsite.tasks.grading import Criterion, check, close, mentions, number

TOLERANCE_KIB = 30
CLASSES = ("log-rotation", "log-level", "crash-loop", "backup-retention")
NAMES_THE_SETTING = {
    "log-rotation": r"rotat|/var/log/gate",
    "log-level": r"level|debug|gated\.ini",
    "crash-loop": r"spool|uploader\.ini",
    "backup-retention": r"pattern|prun|backup\.ini|\.tgz",
}
KEYS = r"incident|host|cause file|cause class|growing since|usage before|usage after"


@dataclass(frozen=True)
class Outcome:
    """What the cleaning came to: bytes in use, files that are gone, files that are shorter."""

    used: int
    deleted: set[str]
    shortened: set[str]


def criteria(note: str, outcome: Outcome, truth: dict[str, Any]) -> list[Criterion]:
    """The criteria of the note."""
    since = re.search(r"\d{4}-\d\d-\d\d", _value(note, "growing since"))
    header = (_value(note, "incident"), _value(note, "host"))
    story = _story(note)
    return [
        _cause(note, truth),
        check(
            "note_since",
            since is not None and since[0] == truth["since"],
            expected=truth["since"],
            found=_value(note, "growing since"),
        ),
        _usage(note, truth["used"], outcome.used),
        check(
            "note_head",
            truth["incident"].lower() in header[0].lower()
            and truth["host"].lower() in header[1].lower(),
            expected=f"{truth['incident']}, {truth['host']}",
            found=header,
        ),
        check(
            "note_story",
            mentions(story, NAMES_THE_SETTING[truth["kind"]]),
            expected=f"sentences that name the setting in {truth['cause_file']}",
            found=story or "no sentences",
        ),
        _list("removed", note, outcome.deleted, truth["sizes"]),
        _list("shortened", note, outcome.shortened, truth["sizes"]),
    ]


def _cause(note: str, truth: dict[str, Any]) -> Criterion:
    named, kind = _value(note, "cause file"), _value(note, "cause class")
    plain = re.sub(r"[\s_]+", "-", kind.lower())
    return check(
        "note_cause",
        f"/{_box_path(named.split(' ')[0])}" == truth["cause_file"]
        and [one for one in CLASSES if one in plain] == [truth["kind"]],
        expected=f"{truth['cause_file']}, {truth['kind']}",
        found=f"{named}, {kind}" if note else "no note",
    )


def _usage(note: str, used_before: int, used_after: int) -> Criterion:
    told = [_value(note, f"usage {when}(?: KiB)?") for when in ("before", "after")]
    right = [-(-used // 1024) for used in (used_before, used_after)]
    return check(
        "note_usage",
        all(close(_kib(text), kib, TOLERANCE_KIB) for text, kib in zip(told, right, strict=True)),
        expected=f"before {right[0]}, after {right[1]}",
        found=f"before {told[0]}, after {told[1]}",
    )


def _list(title: str, note: str, right: set[str], paths: Iterable[str]) -> Criterion:
    """Whether a list of the note has exactly these paths; nothing to list is no fault."""
    faults = _list_faults(_listed(note, title), right, set(paths))
    return check(
        f"note_{title}",
        bool(note) and not faults,
        expected=f"the {len(right)} files that were {title}, and no other",
        found=faults or (f"{len(right)} files" if note else "no note"),
    )


def _value(text: str, key: str) -> str:
    """What stands behind a key of the note, in whatever dress."""
    dress = r"[ \t*_|`]*"
    match = re.search(
        rf"(?im)^[ \t>*_|#-]*{key}{dress}(?:\([^)\n]*\))?{dress}[:|=]{dress}([^\n]*)", text
    )
    return match[1].strip().strip("`*_| .") if match else ""


def _box_path(text: str) -> str:
    return re.sub(r"^(~|/home/agent)?/?(server/)?/?", "", text.strip("`'\"*_| "))


def _kib(text: str) -> object:
    match = re.search(r"\d{1,3}(?:\s\d{3})+(?!\d)|\d[\d.,]*", text)
    return number(match[0].rstrip(".,")) if match else None


def _section(title: str) -> re.Pattern[str]:
    """A list of the note from its heading, in whatever dress, to the next heading."""
    heading = rf"^[ \t]*(?:#+[ \t*_]*{title}\b[^\n]*|\**{title}:?\**:?[ \t]*)(?:\n|\Z)"
    other = {"removed": "shortened", "shortened": "removed"}[title]
    stop = rf"^[ \t]*#+[ \t]|^[ \t]*\**{other}\b|\Z"
    return re.compile(rf"(?ims){heading}(.*?)(?={stop})")


def _listed(text: str, title: str) -> list[str]:
    """The paths that start a line of a list."""
    match = _section(title).search(text)
    start = r"(?m)^[ \t\-*+•|`\d.)\[\]x]*"
    path = r"((?:~/|/)?(?:home/agent/)?(?:server/)?(?:var|tmp|home|srv|etc)/[^\s`,;)|\"']+)"
    found: list[str] = re.findall(start + path, match[1] if match else "")
    return [_box_path(one).rstrip(".:") for one in found]


def _list_faults(listed: list[str], right: set[str], known: set[str]) -> list[str]:
    """What a list lacks or has too much; a wildcard stands for what it fits."""
    others = known - right
    missing = [f"lacks /{p}" for p in sorted(right) if not any(fnmatch(p, one) for one in listed)]
    wrong = [f"/{p} does not belong there" for p in sorted(others) if p in listed]
    wrong += [
        f"/{one} fits files that do not belong there"
        for one in listed
        if "*" in one and any(fnmatch(p, one) for p in others)
    ]
    return (
        missing
        + wrong
        + [f"/{p} never was there" for p in listed if "*" not in p and p not in known]
    )


def _story(note: str) -> str:
    """The sentences of the note: what is neither heading, nor key, nor in one of the lists."""
    for title in ("removed", "shortened"):
        note = _section(title).sub("", note)
    skip = re.compile(rf"(?i)[ \t]*#|[ \t>*_|-]*(?:{KEYS})\b[^:|=]*[:|=]")
    return "\n".join(line for line in note.splitlines() if line.strip() and not skip.match(line))
