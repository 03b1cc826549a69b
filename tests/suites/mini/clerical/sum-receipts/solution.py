"""Adds up what was paid."""

import csv
import pathlib


def solve(*, states=("paid",), path="total.txt", extra=0, status="done"):
    """Write the total."""
    with open("receipts.csv", newline="") as file:
        total = sum(int(r["cents"]) for r in csv.DictReader(file) if r["state"] in states)
    if path:
        pathlib.Path(path).write_text(f"{total + extra}\n")
    return {"status": status, "confidence": 0.9, "summary": f"{total}"}
