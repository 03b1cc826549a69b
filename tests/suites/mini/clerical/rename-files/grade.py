"""Looks at the list."""

from typing import Any

from offsite.tasks.grading import Criterion, Evidence, check


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """All names once, in order."""
    names = (evidence.text("sorted.txt") or "").split()
    return [
        check(
            "names", sorted(names) == truth["names"], expected=len(truth["names"]), found=len(names)
        ),
        check(
            "order", bool(names) and names == sorted(names), expected="ascending", found=names[:3]
        ),
    ]
