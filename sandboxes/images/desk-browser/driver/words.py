"""Text of pages, made fit to be shown: without control sequences, and no longer than wanted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

LINE = 1000
"""Characters of one line of a snapshot that are shown."""

EMPTY = re.compile(r" *- (alert|log|status)( \[ref=\w+\])?")


def plain(text: str) -> str:
    """With control and direction characters made visible: what a page says is no command."""
    return "".join(
        char if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf") else _shown(char)
        for char in text
    )


def _shown(char: str) -> str:
    if char in "\t\u200d\u200c\ufeff\u200b\u00ad":  # harmless, and common in real pages
        return " " if char == "\t" else ""
    return f"\\u{ord(char):04x}"


def short(text: str, limit: int = 200) -> str:
    """On one line, at most so long."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[:limit] + "…"


def telling(lines: Sequence[str]) -> list[str]:
    """The lines of a snapshot without places for announcements in which nothing stands."""
    return [line for line in lines if not EMPTY.fullmatch(line)]


def page_part(lines: Sequence[str], start: int, budget: int) -> str:
    """The lines of a snapshot from `start` (counted from 1) that fit, and what was cut."""
    shown: list[str] = []
    for line in lines[start - 1 :]:
        budget -= min(len(line), LINE) + 1
        if budget < 0 and shown:
            break
        shown.append(_cut(line))
    end = start - 1 + len(shown)
    if len(shown) < len(lines):
        more = f"; the next ones: start={end + 1}" if end < len(lines) else ""
        shown.append(
            f"[cut: lines {start} to {end} of {len(lines)} are shown{more}; or give `find`, or the "
            "`ref` of a part]"
        )
    return "\n".join(shown)


def found(lines: Sequence[str], wanted: str, budget: int) -> str:
    """The lines that hold the text, each below the elements that it lies in."""
    keep: set[int] = set()
    hits = 0
    for place, line in enumerate(lines):
        if wanted.casefold() in line.casefold():
            hits += 1
            keep |= {place, *_above(lines, place)}
    if not hits:
        return f"[no line of the snapshot's {len(lines)} has {wanted!r}]"
    picked = [lines[place] for place in sorted(keep)]
    return f"[{hits} lines of {len(lines)} have {wanted!r}]\n{page_part(picked, 1, budget)}"


def _above(lines: Sequence[str], place: int) -> list[int]:
    above: list[int] = []
    indent = _indent(lines[place])
    for earlier in range(place - 1, -1, -1):
        if indent and _indent(lines[earlier]) < indent:
            above.append(earlier)
            indent = _indent(lines[earlier])
    return above


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _cut(line: str) -> str:
    return line if len(line) <= LINE else f"{line[:LINE]}… [{len(line) - LINE} characters more]"
