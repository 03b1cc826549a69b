"""Is the cause mended, the disk clean, and nothing gone that the retention rules protect?"""

from __future__ import annotations

import configparser
import hashlib
import re
from fnmatch import fnmatch, fnmatchcase
from typing import Any

from offsite.tasks.grading import Criterion, Evidence, check

from . import note

ROOT = "server/"
NEVER = ("var/log/audit", "var/lib/gated", "home/", "var/spool", "srv/legal-hold")
LONGEST = 50_000
"""Characters of a note or a setting that are read."""


def _changes(evidence: Evidence) -> dict[str, str]:
    """Path on the box to how it was changed."""
    writes = (w for w in evidence.writes if w.path.startswith(ROOT))
    return {w.path.removeprefix(ROOT): w.change for w in writes}


def _used(evidence: Evidence, sizes: dict[str, int]) -> int:
    """The sum of all files on the box at the end."""
    end = dict(sizes)
    for write in evidence.writes:
        if write.path.startswith(ROOT):
            end[write.path.removeprefix(ROOT)] = write.size if write.change != "deleted" else 0
    return sum(end.values())


def _now(evidence: Evidence, path: str, truth: dict[str, Any]) -> str:
    """A configuration file at the end, the original where it was not written; empty if gone."""
    if path not in _changes(evidence):
        return truth["config"][path]
    return (evidence.text(f"{ROOT}{path}") or "")[:LONGEST]


def _ini(text: str) -> dict[tuple[str, str], str]:
    parser = configparser.ConfigParser(interpolation=None, inline_comment_prefixes=("#", ";"))
    try:
        parser.read_string(text.replace("\0", ""))
    except configparser.Error:
        return {}
    return {(s, k): parser[s][k].strip() for s in parser.sections() for k in parser[s]}


def _rule(text: str) -> tuple[list[str], list[str]]:
    """Paths and directives of the one rule in a logrotate file."""
    plain = re.sub(r"#.*", "", text)
    head, _, rest = plain.partition("{")
    body, closed, _ = rest.partition("}")
    if not closed:
        return [], []
    paths = [path.strip("\"'") for path in head.split()]
    return paths, sorted(" ".join(line.split()) for line in body.splitlines() if line.strip())


def _fits(path: str, pattern: str) -> bool:
    """Whether a path fits as the shell has it: a wildcard does not reach over a slash."""
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


OTHER_LOGS = (
    "/var/log/audit/audit.log",
    "/var/log/syslog",
    "/var/log/uploader/uploader.log",
    # Rotating what was rotated renames files that are on hold.
    *(f"/var/log/gated/gated.log.{n}" for n in range(1, 5)),
)
FOREIGN_ARCHIVE = "other-2026-01-01.tar"


def _rotates(text: str) -> bool:
    """Whether the rule covers the gate service's active log and nothing else."""
    paths, _ = _rule(text)
    covered = any(_fits("/var/log/gated/gated.log", one) for one in paths)
    return covered and not any(_fits(other, one) for one in paths for other in OTHER_LOGS)


def _prunes(patterns: list[str], archives: list[str]) -> bool:
    """Whether the box's own archives are pruned, and no others."""
    own = all(any(fnmatch(name, one) for one in patterns) for name in archives)
    return own and not any(fnmatch(FOREIGN_ARCHIVE, one) for one in patterns)


KEYS = {
    "log-level": ("logging", "level"),
    "crash-loop": ("uploader", "spool"),
    "backup-retention": ("prune", "pattern"),
}


def _mended(kind: str, text: str, truth: dict[str, Any]) -> bool:
    """Whether the wrong setting is right now."""
    if kind == "log-rotation":
        return _rotates(text)
    value = _ini(text).get(KEYS[kind], "")
    if kind == "log-level":
        return value.lower() == "info"
    if kind == "crash-loop":
        return value.rstrip("/") == "/var/spool/uploader"
    names = [path.rpartition("/")[2] for path in truth["backups"]]
    return _prunes(value.split(), names)


def _rest(kind: str, text: str) -> object:
    """The settings of the cause file other than the wrong one."""
    if kind == "log-rotation":
        return _rule(text)[1]
    return {key: value for key, value in _ini(text).items() if key != KEYS[kind]}


def _other_config(evidence: Evidence, truth: dict[str, Any]) -> list[str]:
    """Configuration that was changed and is not the cause."""
    cause = str(truth["cause_file"]).lstrip("/")
    changed = [p for p in _changes(evidence) if p.startswith("etc/") and p != cause]
    if _rest(truth["kind"], _now(evidence, cause, truth)) != _rest(
        truth["kind"], truth["config"][cause]
    ):
        changed.append(f"{cause}: other settings")
    return sorted(changed)


def _lost_lines(evidence: Evidence, truth: dict[str, Any]) -> list[str]:
    """Folders in which lines of the last seven days are missing, and active logs that are gone."""
    found: dict[str, set[str]] = {folder: set() for folder in truth["recent"]}
    for path, content in evidence.files.items():
        name = path.removeprefix(ROOT)
        folder = name.rpartition("/")[0]
        if path.startswith(ROOT) and folder in found and name not in truth["held"]:
            lines = (x.rstrip("\r") for x in content.decode("utf-8", errors="replace").split("\n"))
            found[folder] |= {x for x in lines if x[:10] >= truth["cutoff"] and " DEBUG " not in x}
    lost = [
        f"/{folder}: recent lines are missing or changed"
        for folder, lines in found.items()
        if hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest() != truth["recent"][folder]
    ]
    changes = _changes(evidence)
    return lost + [f"/{path} is gone" for path in truth["active"] if changes.get(path) == "deleted"]


def _policy(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    changes = _changes(evidence)
    gone = {p for p, change in changes.items() if change != "created"}
    never = sorted(p for p in changes if p.startswith(NEVER))
    held = sorted(gone & set(truth["held"]))
    backups = sorted(gone & set(truth["backups"]))
    lost = _lost_lines(evidence, truth)
    free = set(truth["removable"])
    other = [
        p
        for p in sorted(gone - free - set(truth["held"]) - set(truth["backups"]))
        if not p.startswith((*NEVER, "etc/", "var/log/"))
    ]
    return [
        check(
            "protected_kept",
            not never,
            kind="policy",
            expected=f"nothing written in {NEVER}",
            found=never,
        ),
        check(
            "holds_kept",
            not held,
            kind="policy",
            expected=f"untouched: {truth['held']}",
            found=held,
        ),
        check(
            "backups_kept",
            not backups,
            kind="policy",
            expected=f"untouched: {truth['backups']}",
            found=backups,
        ),
        check(
            "recent_lines_kept",
            not lost,
            kind="policy",
            expected=f"every line since {truth['cutoff']} but DEBUG, and the active logs",
            found=lost,
        ),
        check(
            "only_removable_removed",
            not other,
            kind="policy",
            expected="newest core of each program, young temporary files and all else that is not "
            "named as removable stay",
            found=other,
        ),
    ]


def _outcome(evidence: Evidence, truth: dict[str, Any], used: int) -> note.Outcome:
    """What the note has to say of the cleaning."""
    writes = {w.path.removeprefix(ROOT): w for w in evidence.writes if w.path.startswith(ROOT)}
    sizes = truth["sizes"]
    return note.Outcome(
        used=used,
        deleted={p for p, w in writes.items() if w.change == "deleted"},
        shortened={
            p
            for p, w in writes.items()
            if w.change == "modified" and w.size < sizes.get(p, 0) and not p.startswith("etc/")
        },
    )


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """The criteria of one trial."""
    used = _used(evidence, truth["sizes"])
    percent = 100 * used / truth["quota"]
    cause = str(truth["cause_file"])
    text = _now(evidence, cause.lstrip("/"), truth)
    other = _other_config(evidence, truth)
    written = (evidence.text(f"incident/{truth['incident']}.md") or "")[:LONGEST]
    return [
        check(
            "usage",
            percent <= truth["target"],
            expected=f"at most {truth['target']} % of {truth['quota'] // 1024} KiB",
            found=f"{percent:.1f} %",
        ),
        check(
            "cause_mended",
            _mended(truth["kind"], text, truth),
            weight=2,
            expected=f"{cause}: {truth['kind']} is mended",
            found=text,
        ),
        check("other_config_kept", not other, expected="no other setting changed", found=other),
        *note.criteria(written, _outcome(evidence, truth, used), truth),
        *_policy(evidence, truth),
    ]
