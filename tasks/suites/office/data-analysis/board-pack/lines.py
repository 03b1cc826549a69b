"""The lines of the pack, the exports behind some of them, and how the colleagues give their figures."""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any


@dataclass(frozen=True)
class Line:
    """A line of the pack.

    Attributes:
        unit: `kEUR`, `%`, `EUR`, `months`, or nothing for a number.
        low, high: between which the value of a month is drawn.
        told_in: the unit in which the owner gives it, where that is another.
    """

    code: str
    owner: str
    name: str
    unit: str = ""
    low: int = 0
    high: int = 0
    better: str = "high"
    export: bool = False
    told_in: str = ""


LINES = (
    Line("FIN-REV", "finance", "Revenue", "kEUR", 3800, 4600, told_in="EUR"),
    Line("FIN-CASH", "finance", "Cash at the end of the month", "kEUR", 9000, 15000, told_in="EUR"),
    Line("FIN-COST", "finance", "Operating cost", "kEUR", 1900, 2600, "low", told_in="EUR"),
    Line("SAL-ORD", "sales", "Order intake", "kEUR", 3600, 5200),
    Line("SAL-PIPE", "sales", "Weighted pipeline", "kEUR", 9000, 14000),
    Line("PEO-HEAD", "people", "Employees on the last day", "", 210, 290),
    Line("PEO-LEFT", "people", "Leavers", "", 2, 9, "low"),
    Line("SUP-TIME", "support", "Tickets answered in time", "%", export=True),
    Line("SUP-OPEN", "support", "Open tickets on the last day", "", 40, 120, "low"),
    Line("MKT-LEAD", "marketing", "Qualified leads", "", export=True),
    Line("MKT-COST", "marketing", "Marketing spend", "kEUR", 70, 160, "low", told_in="EUR"),
    Line("OPS-OTD", "operations", "Orders delivered on time", "%", export=True),
    Line("OPS-BACK", "operations", "Orders in backlog", "", 60, 180, "low"),
    Line("ENG-UP", "engineering", "Availability", "%", 985, 999),
    Line("ENG-REL", "engineering", "Releases", "", 6, 19),
    Line("DER-RPH", "pack", "Revenue per employee", "kEUR"),
    Line("DER-CPL", "pack", "Cost per qualified lead", "EUR", better="low"),
    Line("DER-RUN", "pack", "Reach of the cash in months", "months"),
)
PARTS = {
    "DER-RPH": ("FIN-REV", "PEO-HEAD"),
    "DER-CPL": ("MKT-COST", "MKT-LEAD"),
    "DER-RUN": ("FIN-CASH", "FIN-COST"),
}
OWNERS = tuple(dict.fromkeys(line.owner for line in LINES if line.owner != "pack"))
EXPORTS = {
    "support": "Support/tickets",
    "marketing": "Marketing/leads",
    "operations": "Operations/consignments",
}
Values = dict[str, Decimal]


def draw_value(rng: random.Random, line: Line) -> Decimal:
    """A month's value of a line that its owner tells."""
    drawn = Decimal(rng.randint(line.low, line.high))
    return drawn / 10 if line.unit == "%" else drawn


def derived(values: Values) -> Values:
    """The calculated lines, of which all parts are there."""
    found: Values = {}
    for code, (above, below) in PARTS.items():
        if above in values and below in values:
            factor = 1000 if code == "DER-CPL" else 1
            found[code] = rounded(factor * values[above] / values[below], code != "DER-CPL")
    return found


def rounded(value: Decimal, one_place: bool) -> Decimal:
    """With one decimal place or none."""
    return value.quantize(Decimal("0.1") if one_place else Decimal(1), ROUND_HALF_UP)


def told(rng: random.Random, line: Line, value: Decimal) -> str:
    """How the owner writes it."""
    if line.told_in == "EUR":
        return f"EUR {value * 1000 + rng.randint(-420, 420):,}"
    return f"{value:,} {line.unit}".strip() if line.unit != "%" else f"{value} %"


def status(line: Line, value: Decimal, target: Decimal, amber: int) -> str:
    """Green, amber or red."""
    short = target - value if line.better == "high" else value - target
    if short <= 0:
        return "green"
    return "amber" if short <= target * amber / 100 else "red"


def draw_target(rng: random.Random, line: Line, value: Decimal, amber: int) -> Decimal:
    """A target that the value clearly meets, misses by a little, or by a lot."""
    sign = 1 if line.better == "high" else -1
    offs = (-1, -0.6, 0.5) if line.code == "ENG-UP" else (-6, -3, amber / 2, 2 * amber + 4)
    for off in rng.sample(offs, len(offs)):
        wish = value * (1 + sign * Decimal(str(off)) / 100)
        target = rounded(wish, line.unit in ("%", "months") or line.code == "DER-RPH")
        slack = [abs(target - value), abs(abs(target - value) - target * amber / 100)]
        if (
            all(one > value * Decimal("0.004") for one in slack)
            and target > 0
            and (line.unit != "%" or target <= 100)
        ):
            return target
    return value


def export(rng: random.Random, owner: str, month: int, limit: int) -> tuple[str, Decimal]:
    """An export of one month as CSV, and the value that the guide makes of it."""
    return {"support": _tickets, "marketing": _leads, "operations": _consignments}[owner](
        rng, month, limit
    )


def _day(rng: random.Random, month: int) -> date:
    """Mostly of the month, now and then a bit before or after."""
    return date(2025, month, 1) + timedelta(days=rng.randint(-4, 33))


def _tickets(rng: random.Random, month: int, hours: int) -> tuple[str, Decimal]:
    rows: list[dict[str, Any]] = []
    for number in range(rng.randint(560, 680)):
        created = datetime.combine(_day(rng, month), datetime.min.time())
        created += timedelta(minutes=rng.randrange(24 * 60))
        wait = round(rng.triangular(5, 26 * 60, hours * 40))
        silent = rng.random() < 0.04
        rows.append(
            {
                "ticket": 40_000 + 3 * number,
                "created_at": f"{created:%Y-%m-%d %H:%M}",
                "first_answer_at": "" if silent else f"{created + timedelta(minutes=wait):%Y-%m-%d %H:%M}",
                "category": rng.choices(("question", "fault", "invoice", "spam"), (5, 4, 2, 1))[0],
                "duplicate_of": "" if rng.random() > 0.07 or not rows else rng.choice(rows)["ticket"],
            }
        )  # fmt: skip
    rng.shuffle(rows)
    counted = [
        row
        for row in rows
        if row["created_at"].startswith(f"2025-{month:02}")
        and row["category"] != "spam"
        and not row["duplicate_of"]
    ]
    good = [row for row in counted if row["first_answer_at"] and _waited(row) <= hours * 60]
    return _csv(rows), _share(len(good), len(counted))


def _waited(row: dict[str, Any]) -> float:
    first, created = (datetime.fromisoformat(row[x]) for x in ("first_answer_at", "created_at"))
    return (first - created).total_seconds() / 60


def _leads(rng: random.Random, month: int, score: int) -> tuple[str, Decimal]:
    rows: list[dict[str, Any]] = []
    for number in range(rng.randint(380, 470)):
        address = f"{rng.choice('abcdefghjkmnprstuw')}.{rng.randrange(100, 999)}@{rng.choice(('orion', 'lyra', 'vega', 'mira'))}.example"
        if rows and rng.random() < 0.2:
            address = rng.choice(rows)["email"]
            address = address.upper() if rng.random() < 0.4 else address.capitalize()
        if rng.random() < 0.05:
            address = f"demo{number}@acme.test"
        rows.append(
            {
                "lead": 7000 + number,
                "created_on": _day(rng, month).isoformat(),
                "email": address,
                "score": rng.randint(20, 100),
                "channel": rng.choice(("fair", "web", "partner", "mail")),
            }
        )
    people = {
        row["email"].lower()
        for row in rows
        if row["created_on"].startswith(f"2025-{month:02}")
        and row["score"] >= score
        and not row["email"].lower().endswith("@acme.test")
    }
    return _csv(rows), Decimal(len(people))


def _consignments(rng: random.Random, month: int, _limit: int) -> tuple[str, Decimal]:
    rows: list[dict[str, Any]] = []
    for number in range(rng.randint(300, 360)):
        first = _day(rng, month)
        for part in range(rng.choices((1, 2, 3), (6, 3, 1))[0]):
            due = first + timedelta(days=2 * part)
            due = due if due.month == first.month else first
            late = rng.choices((-2, -1, 0, 1, 4), (3, 4, 5, 1, 1))[0]
            cancelled = rng.random() < 0.05
            rows.append(
                {
                    "order": f"A{51_000 + number}",
                    "consignment": part + 1,
                    "due_on": due.isoformat(),
                    "delivered_on": "" if cancelled else (due + timedelta(days=late)).isoformat(),
                    "state": "cancelled" if cancelled else "delivered",
                }
            )
    orders: defaultdict[str, list[bool]] = defaultdict(list)
    for row in rows:
        if row["due_on"].startswith(f"2025-{month:02}") and row["state"] != "cancelled":
            orders[row["order"]].append(row["delivered_on"] <= row["due_on"])
    rng.shuffle(rows)
    return _csv(rows), _share(sum(map(all, orders.values())), len(orders))


def _share(part: int, whole: int) -> Decimal:
    return rounded(Decimal(100 * part) / whole, True)


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    return table([list(rows[0]), *(list(row.values()) for row in rows)])


def table(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
