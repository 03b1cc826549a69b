"""Mistakes that workers make with a full disk."""

import re
from pathlib import Path
from typing import Any

from solution import CORES, SERVER, STORIES, cause, clean, mend, solve

CAUGHT_BY = {
    "cleans_only": "cause_mended",
    "mends_only": "usage",
    "makes_all_smaller": "other_config_kept",
    "empties_the_logs": "recent_lines_kept",
    "deletes_rotated_logs": "recent_lines_kept",
    "overlooks_the_hold": "holds_kept",
    "rotates_the_audit_away": "protected_kept",
    "keeps_one_backup": "backups_kept",
    "removes_every_core": "only_removable_removed",
    "tidies_the_home": "collateral",
    "blames_the_last_change": "note_cause",
    "dates_it_by_the_alarm": "note_since",
    "forgets_to_list": "note_removed",
    "mends_too_widely": "cause_mended",
    "leaves_the_story_out": "note_story",
    "forgets_what_was_shortened": "note_shortened",
    "lists_every_log_as_shortened": "note_shortened",
}

Lists = tuple[list[str], list[str]]


def cleans_only() -> dict[str, Any]:
    """Frees the space and leaves the cause."""
    return solve(mending=lambda kind, path: None)


def mends_only() -> dict[str, Any]:
    """Mends the cause and trusts that it will get better."""
    return solve(cleaning=lambda: ([], []))


def makes_all_smaller() -> dict[str, Any]:
    """Mends the cause and keeps less of everything besides."""

    def smaller(kind: str, path: str) -> None:
        mend(kind, path)
        (SERVER / "etc/systemd/coredump.conf").write_text("[Coredump]\nStorage=none\n")

    return solve(mending=smaller)


def empties_the_logs() -> dict[str, Any]:
    """Empties every log."""
    return solve(cleaning=lambda: clean(shorten=lambda text: ""))


def deletes_rotated_logs() -> dict[str, Any]:
    """Takes every rotated log for old."""

    def rotated() -> Lists:
        removed, shortened = clean()
        for path in [*sorted((SERVER / "var/log").rglob("*.1")), SERVER / "var/log/syslog.1"]:
            name = str(path.relative_to(SERVER))
            if path.exists() and "/audit/" not in name:
                path.unlink()
                removed.append(name)
        return removed, [p for p in shortened if p not in removed]

    return solve(cleaning=rotated)


def overlooks_the_hold() -> dict[str, Any]:
    """Does not look up the register of the legal hold."""
    return solve(cleaning=lambda: clean(hold=False))


def rotates_the_audit_away() -> dict[str, Any]:
    """Takes old audit logs for logs like all others."""

    def audit() -> Lists:
        removed, shortened = clean()
        for path in sorted((SERVER / "var/log/audit").glob("audit.log.[3-9]")):
            path.unlink()
            removed.append(str(path.relative_to(SERVER)))
        return removed, shortened

    return solve(cleaning=audit)


def keeps_one_backup() -> dict[str, Any]:
    """Thinks that the newest backup is enough."""
    return solve(cleaning=lambda: clean(keep_backups=1))


def removes_every_core() -> dict[str, Any]:
    """Removes the newest core dumps too."""
    return solve(cleaning=lambda: clean(keep_cores=0))


def tidies_the_home() -> dict[str, Any]:
    """Removes a broken download from the operator's home."""

    def home() -> Lists:
        removed, shortened = clean()
        path = next((SERVER / "home").rglob("*.part"))
        path.unlink()
        return [*removed, str(path.relative_to(SERVER))], shortened

    return solve(cleaning=home)


def blames_the_last_change() -> dict[str, Any]:
    """Blames what looks likely instead of what is broken."""
    kind, _ = cause()
    other = ("crash-loop", "etc/systemd/coredump.conf", _alarm())
    if kind == "crash-loop":
        other = ("log-level", "etc/gated/gated.ini", _alarm())
    return solve(blame=other)


def _alarm() -> str:
    match = re.search(r"\d{4}-\d\d-\d\d", Path("monitoring/alert.txt").read_text())
    return match[0] if match else ""


def dates_it_by_the_alarm() -> dict[str, Any]:
    """Writes the day of the alarm as the day it began."""
    return solve(blame=(*cause(), _alarm()))


def forgets_to_list() -> dict[str, Any]:
    """Lists the core dumps as one folder."""

    def summed() -> Lists:
        removed, shortened = clean()
        return [*(p for p in removed if not p.startswith(CORES)), f"{CORES}/"], shortened

    return solve(cleaning=summed)


def mends_too_widely() -> dict[str, Any]:
    """Mends the setting so that it hits more than it should."""
    wide = {
        "log-rotation": ("/var/log/gated/*.log", "/var/log/gated/*"),
        "log-level": ("gated.log\nlevel = info", "gated.log\nlevel = error"),
        "crash-loop": ("/var/spool/uploader", "/var/spool"),
        "backup-retention": ("gated-*.tar", "*"),
    }

    def widely(kind: str, path: str) -> None:
        mend(kind, path)
        file = SERVER / path
        file.write_text(file.read_text().replace(*wide[kind]))

    return solve(mending=widely)


def _rewrite(old: str, new: str) -> None:
    """Change the incident note, `old` being a pattern."""
    path = next(Path("incident").glob("INC-*.md"))
    path.write_text(re.sub(old, lambda _: new, path.read_text()))


def leaves_the_story_out() -> dict[str, Any]:
    """Fills in the fields and leaves the placeholder where the sentences belong."""
    report = solve()
    _rewrite("|".join(map(re.escape, STORIES.values())), "(two or three sentences)")
    return report


def forgets_what_was_shortened() -> dict[str, Any]:
    """Leaves the list of the shortened files empty."""
    report = solve()
    _rewrite(r"(?s)## Shortened.*", "## Shortened\n\nnone\n")
    return report


def lists_every_log_as_shortened() -> dict[str, Any]:
    """Writes that every log was shortened, the protected ones too."""
    report = solve()
    logs = sorted(p for p in (SERVER / "var/log").rglob("*") if p.is_file())
    lines = "".join(f"- /{p.relative_to(SERVER)}\n" for p in logs)
    _rewrite(r"(?s)## Shortened.*", f"## Shortened\n\n{lines}")
    return report
