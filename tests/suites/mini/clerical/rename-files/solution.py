"""Sorts."""

import pathlib


def solve(*, unique=True, reverse=False, drop=0, path="sorted.txt", source="names.txt"):
    """Write the sorted list."""
    names = pathlib.Path(source).read_text().split()
    names = sorted(set(names) if unique else names, reverse=reverse)
    pathlib.Path(path).write_text("\n".join(names[drop:]) + "\n")
    return {"status": "done", "confidence": 0.8, "summary": "sorted"}
