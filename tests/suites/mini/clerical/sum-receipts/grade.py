"""Looks at the total."""

from typing import Any

from offsite.tasks.grading import Criterion, Evidence, check, close


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """The total must be right."""
    text = evidence.text("total.txt")
    return [
        check("file_there", text is not None, expected="total.txt", found=sorted(evidence.files)),
        check("total", close(text, truth["total"]), expected=truth["total"], found=text),
    ]
