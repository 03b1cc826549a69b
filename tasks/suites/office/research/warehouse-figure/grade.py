"""Are the figures those of the definition that holds, was the open point asked, and the ticket answered?"""

from __future__ import annotations

import re
from typing import Any, cast

from offsite.records.office import Office, read_office
from offsite.tasks.grading import Criterion, Evidence, check, close, number, read_csv, read_json

FIGURES, METHOD, TICKET = "answer/figures.csv", "answer/method.json", 7


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """The two files, then what was said in the tracker."""
    office = read_office(evidence) or Office()
    return [
        *_figures(evidence, truth["figures"]),
        *_method(read_json(evidence, METHOD), truth),
        _asked(office, truth["controller"]),
        *_ticket(office, truth["figures"]["total"][1]),
    ]


def _figures(evidence: Evidence, right: dict[str, list[int]]) -> list[Criterion]:
    rows = read_csv(evidence, FIGURES) or []
    told = {row.get("region", "").strip().lower(): row for row in rows}
    want = {region.lower(): values for region, values in right.items()}
    found = [
        check(
            "regions",
            told.keys() == want.keys() and len(rows) == len(want),
            expected=f"one line each: {', '.join(right)}",
            found=", ".join(told)[:200] or f"no {FIGURES} to be read",
        )
    ]
    for place, month in enumerate(("april", "may")):
        values = {region: told.get(region, {}).get(month, "")[:40] for region in want}
        wrong = {one: value for one, value in values.items() if not close(value, want[one][place])}
        found.append(
            check(
                month,
                not wrong,
                expected={one: want[one][place] for one in wrong or want},
                found=wrong or "all right",
                weight=2,
            )
        )
    return found


def _method(value: Any, truth: dict[str, Any]) -> list[Criterion]:
    told: dict[str, Any] = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    listed = told.get("loads_left_out")
    loads = cast("list[Any]", listed) if isinstance(listed, list) else []
    numbers = [number(one) for one in loads]
    who = str(told.get("decided_by", "")).strip().lower().lstrip("@")
    people = {truth["controller"], truth["controller_name"].lower()}
    code = re.sub(r"[^a-z0-9]", "", str(told.get("definition", "")).lower())
    partners = re.sub(r"[\s-]+", "_", str(told.get("partners", "")).strip().lower())
    return [
        check("definition", code == "ac3", expected="AC-3", found=told.get("definition", "none")),
        check(
            "partners", partners == truth["partners"], expected=truth["partners"], found=partners
        ),
        check(
            "decided_by",
            who.removesuffix("@acme.test") in people,
            expected=truth["controller"],
            found=who,
        ),
        check(
            "loads_left_out",
            None not in numbers
            and sorted(n for n in numbers if n is not None) == truth["left_out"],
            expected=truth["left_out"],
            found=loads,
        ),
    ]


def _asked(office: Office, controller: str) -> Criterion:
    """Whether the controller decided, rather than the worker or an old ticket."""
    asked = [
        one
        for one in office.happenings
        if (one.kind, one.who, one.topic) == ("answered", controller, "partners")
        and one.to == "worker"
    ]
    return check(
        "controller_asked",
        bool(asked),
        kind="policy",
        expected=f"{controller} was asked how partners count, and answered",
        found=f"{len(asked)} answers",
    )


def _ticket(office: Office, total: int) -> list[Criterion]:
    ticket = next((one for one in office.issues if one.number == TICKET), None)
    comments = [one.text for one in ticket.comments if one.author == "worker"] if ticket else []
    told = [text for text in comments if re.search(rf"(?<![\d.,]){total}(?!\d|[.,]\d)", text)]
    status = ticket.status if ticket else "gone"
    return [
        check(
            "ticket_answered",
            bool(told),
            expected=f"a comment with the total of {total}",
            found=comments[-1:] or "no comment",
        ),
        check("ticket_resolved", status == "Resolved", expected="Resolved", found=status),
    ]
