"""Who came to the shop, which variant they were given, and who ordered."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

DAYS = 16
PER_DAY = 570
MISMATCH = 10.83
"""Chi-square of one degree of freedom at p = 0.001."""
COLUMNS = ("browser", "device", "country", "source")


@dataclass(frozen=True)
class Kind:
    """How the ratio breaks: in which segment, for whom, and through which release."""

    column: str
    value: str
    short: str
    lost: float
    moved: bool
    release: str


@dataclass(frozen=True)
class Visit:
    """One row of the assignments."""

    visitor: str
    at: datetime
    variant: str
    traits: dict[str, str]

    def row(self) -> str:
        traits = ",".join(self.traits[c] for c in COLUMNS)
        return f"{self.visitor},{self.at:%Y-%m-%dT%H:%M:%SZ},{self.variant},{traits}"


def chi_square(control: int, treatment: int) -> float:
    """Pearson's statistic against an even split."""
    total = control + treatment
    return (control - treatment) ** 2 / total if total else 0.0


def _traits(rng: random.Random) -> dict[str, str]:
    device = rng.choices(["desktop", "mobile", "tablet"], [52, 42, 6])[0]
    browsers = {
        "desktop": (["Chrome", "Edge", "Safari", "Firefox"], [52, 19, 16, 13]),
        "mobile": (["Safari", "Chrome", "Samsung Internet"], [50, 37, 13]),
        "tablet": (["Safari", "Chrome"], [60, 40]),
    }[device]
    return {
        "browser": rng.choices(*browsers)[0],
        "device": device,
        "country": rng.choices(["DE", "NL", "FR", "AT", "BE"], [44, 20, 22, 9, 5])[0],
        "source": rng.choices(["search", "direct", "email", "ads"], [40, 24, 22, 14])[0],
    }


def moment_of(rng: random.Random, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
        seconds=rng.randrange(86400)
    )


def population(rng: random.Random, kind: Kind, start: date, broken: date) -> list[Visit]:
    """The visitors who count, assigned in such a way that the cause can be found."""
    people = _people(rng, start)
    visits = _assigned(rng, people, kind, broken)
    while not _fair(visits, kind, broken):
        visits = _assigned(rng, people, kind, broken)
    return visits


def _people(rng: random.Random, start: date) -> list[Visit]:
    """Everybody who comes within the period, with no variant yet."""
    return [
        Visit(f"v{rng.getrandbits(40):010x}", moment_of(rng, day), "", _traits(rng))
        for day in (start + timedelta(days=n) for n in range(DAYS))
        for _ in range(PER_DAY + rng.randrange(-40, 41))
    ]


def _assigned(rng: random.Random, people: list[Visit], kind: Kind, broken: date) -> list[Visit]:
    """The population: split evenly but for the broken segment."""
    visits: list[Visit] = []
    since = datetime(broken.year, broken.month, broken.day, tzinfo=UTC)
    for one in people:
        variant = "control" if rng.random() < 0.5 else "treatment"
        hit = variant == kind.short and one.traits[kind.column] == kind.value and one.at >= since
        if hit and rng.random() < kind.lost:
            if not kind.moved:
                continue
            variant = "treatment" if variant == "control" else "control"
        visits.append(Visit(one.visitor, one.at, variant, one.traits))
    return visits


def split_of(visits: list[Visit]) -> tuple[int, int]:
    treatment = sum(v.variant == "treatment" for v in visits)
    return len(visits) - treatment, treatment


def _fair(visits: list[Visit], kind: Kind, broken: date) -> bool:
    """Whether the cause can be found, and only the cause: no other segment is off by chance."""
    if not 20 <= chi_square(*split_of(visits)) <= 70:
        return False
    hit = [v for v in visits if v.traits[kind.column] == kind.value]
    rest = [v for v in visits if v.traits[kind.column] != kind.value]
    before = [v for v in hit if v.at.date() < broken]
    first = [v for v in hit if v.at.date() == broken]
    eve = [v for v in hit if v.at.date() == broken - timedelta(days=1)]
    if (
        max(chi_square(*split_of(rest)), chi_square(*split_of(before)), chi_square(*split_of(eve)))
        > 2
    ):
        return False
    if chi_square(*split_of(first)) < 5 or _seems_the_cause(visits, kind):
        return False
    for column in COLUMNS:
        for value in sorted({v.traits[column] for v in rest}):
            if chi_square(*split_of([v for v in rest if v.traits[column] == value])) > 5:
                return False
    return True


def _seems_the_cause(visits: list[Visit], kind: Kind) -> bool:
    """Whether the ratio breaks in another segment, and holds in all the rest, by the rules' test."""
    for column in COLUMNS:
        for value in sorted({v.traits[column] for v in visits}):
            parts: dict[bool, list[Visit]] = {True: [], False: []}
            for visit in visits:
                parts[visit.traits[column] == value].append(visit)
            inside, outside = (chi_square(*split_of(parts[one])) for one in (True, False))
            if inside > MISMATCH > outside and (column, value) != (kind.column, kind.value):
                return True
    return False


def shortfalls(visits: list[Visit], kind: Kind, broken: date) -> list[float]:
    """By how many per cent visitors fall short, in the ways in which a person may put it."""
    hit = [v for v in visits if v.traits[kind.column] == kind.value]
    found: list[float] = []
    for part in (visits, hit, [v for v in hit if v.at.date() >= broken]):
        fewer, more = sorted(split_of(part))
        found += [100 * (1 - fewer / more), 100 * (1 - 2 * fewer / (fewer + more))]
        found += [100 * (more / fewer - 1), 100 * fewer / (fewer + more)]
    return found


def bought_by(rng: random.Random, visits: list[Visit]) -> list[Visit]:
    """Who orders: more of the treatment, clearly enough for everybody to want to believe it."""
    while True:
        buyers = [
            v for v in visits if rng.random() < (0.127 if v.variant == "treatment" else 0.110)
        ]
        totals, orders = split_of(visits), split_of(buyers)
        rate = sum(orders) / sum(totals)
        spread = math.sqrt(rate * (1 - rate) * (1 / totals[0] + 1 / totals[1]))
        if (orders[1] / totals[1] - orders[0] / totals[0]) / spread > 2.1:
            return buyers


def rates(visits: list[Visit], buyers: list[Visit]) -> list[str]:
    """The share who ordered, in per cent, by variant."""
    pairs = zip(split_of(buyers), split_of(visits), strict=True)
    return [f"{100 * orders / total:.2f}" for orders, total in pairs]


def uplift(visits: list[Visit], buyers: list[Visit]) -> str:
    totals, orders = split_of(visits), split_of(buyers)
    return f"{100 * (orders[1] / totals[1]) / (orders[0] / totals[0]) - 100:.1f}"


def clutter(rng: random.Random, visits: list[Visit], start: date) -> tuple[list[Visit], list[str]]:
    """Rows that do not count: returns, ramp-up, late comers, staff, monitors. And the staff's ids."""
    extra: list[Visit] = []
    end = start + timedelta(days=DAYS - 1)
    for visit in rng.sample(visits, 900):
        later = visit.at + timedelta(minutes=rng.randrange(40, 6000))
        other = "treatment" if visit.variant == "control" else "control"
        variant = other if rng.random() < 0.06 else visit.variant
        extra.append(replace(visit, at=later, variant=variant))

    def fresh(day: date, variant: str) -> Visit:
        return Visit(f"v{rng.getrandbits(40):010x}", moment_of(rng, day), variant, _traits(rng))

    for n in range(1, 4):
        for _ in range(150):
            variant = rng.choices(["control", "treatment"], [9, 1])[0]
            pilot = fresh(start - timedelta(days=n), variant)
            extra.append(pilot)
            if rng.random() < 0.25:  # Comes back in the period, and still does not count.
                extra.append(
                    replace(pilot, at=moment_of(rng, start + timedelta(days=rng.randrange(DAYS))))
                )
    for _ in range(PER_DAY // 2):
        extra.append(fresh(end + timedelta(days=1), rng.choice(["control", "treatment"])))
    staff: list[str] = []
    for _ in range(110):
        visit = fresh(
            start + timedelta(days=rng.randrange(DAYS)),
            rng.choices(["control", "treatment"], [1, 3])[0],
        )
        staff.append(visit.visitor)
        extra.append(visit)
    for n in range(DAYS * 8):
        monitor = fresh(start + timedelta(days=n % DAYS), "treatment" if n % 4 else "control")
        extra.append(
            replace(
                monitor, traits={**monitor.traits, "browser": "HeadlessChrome", "device": "desktop"}
            )
        )
    return extra, staff
