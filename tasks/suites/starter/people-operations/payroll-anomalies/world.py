"""A payroll run with seeded anomalies and as many lines that only look like some."""

from __future__ import annotations

import datetime
import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from faker import Faker
from offsite.tasks import World

from . import papers

CENT = Decimal("0.01")
DEPARTMENTS = ("Production", "Plant maintenance", "Logistics", "Sales", "Quality", "Finance", "IT")
Person = dict[str, Any]


def cents(value: Decimal) -> Decimal:
    """Rounded to cents, half up."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def day(month: int, number: int) -> datetime.date:
    """A day of 2025."""
    return datetime.date(2025, month, number)


class Company:
    """The people, what they are due in May and what the run pays them."""

    def __init__(self, rng: random.Random, fake: Faker) -> None:
        self.rng, self.fake = rng, fake
        self.rules: dict[str, Any] = {
            "cap": rng.choice((26, 28, 30, 32)),
            "cap_maintenance": rng.choice((40, 44, 46)),
            "hours": rng.choice((172, 173, 174)),
            "rate": rng.choice((Decimal("1.25"), Decimal("1.3"), Decimal("1.4"))),
        }
        self.people: list[Person] = []
        self.free: list[Person] = []
        self.changes: list[dict[str, Any]] = []
        self.forms: list[dict[str, Any]] = []
        self.sheets: list[tuple[str, datetime.date, str, str]] = []
        self.anomalies: list[dict[str, str]] = []
        self.mails: list[tuple[datetime.datetime, str, str, str]] = []
        self.writers: list[str] = []

    def writer(self) -> str:
        """The name of somebody who writes a mail and is not in the run."""
        self.writers.append(f"{self.fake.first_name()} {self.fake.last_name()}")
        return self.writers[-1]

    def hire(self, count: int) -> None:
        """People whose pay is in order."""
        rng, fake = self.rng, self.fake
        numbers = rng.sample(range(10_000, 99_999), count)
        keys = rng.sample(range(100_000, 999_999), 2 * count)
        for i, number in enumerate(numbers):
            salary = Decimal(rng.randrange(2600, 6800, 10))
            self.people.append(
                {
                    "id": f"E{number}",
                    "first": fake.first_name(),
                    "last": fake.last_name(),
                    "birth": datetime.date(
                        rng.randrange(1961, 2006), rng.randrange(1, 13), rng.randrange(1, 29)
                    ),
                    "department": rng.choice(DEPARTMENTS),
                    "start": datetime.date(rng.randrange(2004, 2025), rng.randrange(1, 13), 1),
                    "end": None,
                    "fte": rng.choice(
                        (Decimal(1), Decimal(1), Decimal(1), Decimal("0.8"), Decimal("0.5"))
                    ),
                    "salary": salary,
                    "paid_salary": salary,
                    "days": 31,
                    "hours": Decimal(0),
                    "retro": Decimal(0),
                    "payout": Decimal(0),
                    "april_retro": Decimal(0),
                    "iban": f"DE{rng.randrange(10, 99)}{rng.randrange(10**17, 10**18)}",
                    "key": f"K{keys[i]}",
                    "old_key": f"K{keys[count + i]}",
                }
            )
        self.free = list(self.people)
        rng.shuffle(self.free)

    def take(self, maintenance: bool | None = False) -> Person:
        """Someone whom nothing befell yet; not from plant maintenance unless asked for."""
        for i, person in enumerate(self.free):
            if maintenance is None or (person["department"] == "Plant maintenance") == maintenance:
                return self.free.pop(i)
        raise ValueError("nobody is left")

    def flag(self, person: Person, code: str, amount: Decimal, why: str) -> None:
        """Note a true anomaly."""
        self.anomalies.append(
            {
                "key": person["key"],
                "id": person["id"],
                "code": code,
                "amount": str(cents(amount)),
                "why": why,
            }
        )

    def base(
        self, person: Person, salary: Decimal | None = None, days: int | None = None
    ) -> Decimal:
        """Base pay for May."""
        full = (person["paid_salary"] if salary is None else salary) * person["fte"]
        return cents(full * (person["days"] if days is None else days) / 31)

    def april(self, person: Person) -> Decimal:
        """Base pay for April."""
        end = person["end"]
        days = end.day if end and end < day(5, 1) else 30
        return cents(person.get("april_salary", person["salary"]) * person["fte"] * days / 30)

    def overtime(self, person: Person, hours: Decimal) -> Decimal:
        """Overtime pay."""
        return cents(hours * person["salary"] / self.rules["hours"] * self.rules["rate"])

    def gross(self, person: Person) -> Decimal:
        """What the run pays in all."""
        extra = person["retro"] + person["payout"] + self.overtime(person, person["hours"])
        return self.base(person) + extra

    def book(self, person: Person, approved: Decimal, refused: Decimal = Decimal(0)) -> None:
        """Write time sheets that add up to these hours."""
        days = self.rng.sample(range(2, 28), 26)
        for total, status in ((approved, "approved"), (refused, "not approved")):
            left = total
            while left > 0:
                part = min(left, Decimal(self.rng.choice(("2", "2.5", "3", "4"))))
                self.sheets.append((person["id"], day(5, days.pop()), str(part), status))
                left -= part

    def change(self, person: Person, new: Decimal, start: datetime.date, **more: Any) -> None:
        """A line in the log of pay changes."""
        entry = {
            "employee_id": person["id"], "old_salary": person["salary"], "new_salary": new,
            "effective_from": start, "status": "approved",
            "hr_approval": start - datetime.timedelta(days=self.rng.randrange(9, 26)),
            "finance_approval": start - datetime.timedelta(days=self.rng.randrange(2, 8)),
        }  # fmt: skip
        self.changes.append(entry | more)

    def raised(self, person: Person) -> Decimal:
        """A salary after a raise."""
        return (person["salary"] * Decimal(self.rng.randrange(104, 112)) / 1000).quantize(
            Decimal(1)
        ) * 10


def employment(c: Company) -> None:
    """Leavers and starters: anomalies and look-alikes."""
    rng = c.rng
    for i in range(rng.randrange(1, 3)):
        person = c.take()
        person["end"] = day(4, rng.choice((15, 30)))
        if i == 0:
            text = (
                f"Hi all, {person['id']} in my team stays until 2025-05-31, the paperwork will follow. "
                f"Please pay May in full.\n\n{c.writer()}, team lead {person['department']}"
            )
            c.mails.append(
                (datetime.datetime(2025, 5, 20, 11, 5), "team-lead", "Stays longer", text)
            )
        c.flag(person, "AFTER_LEAVING", c.gross(person), "left in April, full May pay")
    for _ in range(2):  # only the leave that was not taken is paid out
        person = c.take()
        person["end"], person["days"] = day(4, 30), 0
        person["payout"] = Decimal(rng.randrange(30_000, 140_000)) / 100
    corrected = c.take()
    last = rng.randrange(9, 24)
    corrected["end"], corrected["days"] = day(4, 30), last
    text = (
        f"Correction to master data: {corrected['id']}, last day of employment is 2025-05-{last:02d}, "
        "not 2025-04-30. The termination agreement was amended; the master will show it in the June export."
    )
    c.mails.append(
        (datetime.datetime(2025, 5, 26, 9, 12), "hr-operations", "Master data correction", text)
    )
    for _ in range(3):
        person = c.take()
        person["start"] = day(5, rng.randrange(5, 26))
        person["days"] = 32 - person["start"].day
    for _ in range(2):
        person = c.take()
        person["end"] = day(5, rng.randrange(6, 28))
        person["days"] = person["end"].day
    for days in (31, None):
        person = c.take()
        person["start"] = day(5, rng.randrange(8, 24))
        due = 32 - person["start"].day
        person["days"] = days or due - rng.randrange(3, 6)
        c.flag(person, "PRORATION", c.base(person) - c.base(person, days=due), f"{due} days due")


def accounts(c: Company) -> None:
    """Two employees, one account: with and without a form."""
    cases: list[tuple[str | None, str]] = [
        ("approved", ""),
        ("approved", ""),
        ("pending", "x"),
        (None, "x"),
    ]
    if c.rng.random() < 0.5:
        cases.append(("withdrawn", "x"))
    for status, bad in cases:
        one, two = c.take(), c.take()
        two["iban"] = one["iban"]
        one["spaced"], two["spaced"] = True, False
        if status == "approved" and c.rng.random() < 0.7:
            two["last"] = one["last"]
        if status:
            c.forms.append({"first": one["id"], "second": two["id"], "status": status})
        for person in (one, two):
            if bad:
                c.flag(person, "SHARED_ACCOUNT", c.gross(person), f"form: {status}")
    for _ in range(4):  # forms of people who have their own accounts by now
        c.forms.append({"first": c.take()["id"], "second": c.take()["id"], "status": "approved"})


def overtime(c: Company) -> None:
    """Hours over the cap, hours without approval, and hours that are in order."""
    rng, cap = c.rng, c.rules["cap"]
    for _ in range(2):
        person = c.take()
        hours = Decimal(cap + rng.randrange(3, 9))
        person["hours"] = hours
        c.book(person, hours)
        c.flag(
            person,
            "OT_CAP",
            c.overtime(person, hours) - c.overtime(person, Decimal(cap)),
            f"{hours} h",
        )
    for _ in range(3):
        person = c.take(maintenance=True)
        person["hours"] = Decimal(rng.randrange(cap + 2, c.rules["cap_maintenance"] + 1))
        c.book(person, person["hours"])
    for _ in range(2):  # more was worked than may be paid, and only the cap was paid
        person = c.take()
        person["hours"] = Decimal(cap)
        c.book(person, Decimal(cap + rng.randrange(2, 6)))
    for _ in range(2):
        person = c.take()
        good, refused = Decimal(rng.randrange(4, 12)), Decimal(rng.randrange(3, 9))
        person["hours"] = good + refused
        c.book(person, good, refused)
        too_much = c.overtime(person, person["hours"]) - c.overtime(person, good)
        c.flag(person, "OT_UNAPPROVED", too_much, f"{good} h approved")
    for i in range(70):
        person = c.take(maintenance=None)
        person["hours"] = Decimal(rng.randrange(2, 40)) / 2
        c.book(person, person["hours"], Decimal(2) if i < 9 else Decimal(0))


def raises(c: Company) -> None:
    """Pay changes, approved and not, and retro pay, due and paid twice."""
    rng = c.rng
    cases: list[dict[str, Any]] = [
        {"status": "submitted", "hr_approval": None, "finance_approval": None},
        {"finance_approval": None},
        {"effective_from": day(6, 1)},
    ]
    for i, case in enumerate(cases):
        person = c.take()
        new = c.raised(person)
        c.change(person, new, day(5, 1), **case)
        person["paid_salary"] = new
        person["master_salary"] = new if i < 2 else person["salary"]
        c.flag(person, "PAY_CHANGE", c.base(person) - c.base(person, person["salary"]), str(case))
        if i == 0:
            head = rng.choice(("Head of Sales", "Head of Production"))
            text = (
                f"Hi, {person['first']} {person['last']} ({person['id']}) gets {new} EUR from May, I approve "
                f"it herewith. HR has the form, it is only a formality.\n\n{c.writer()}, {head}"
            )
            c.mails.append(
                (datetime.datetime(2025, 5, 13, 16, 40), "sales-lead", "Raise from May", text)
            )
    for _ in range(4):  # approved in time
        person = c.take()
        new = c.raised(person)
        c.change(person, new, day(5, 1))
        person["stale_salary"] = person["april_salary"] = person["salary"]
        person["salary"] = person["paid_salary"] = new
    for i in range(6):  # approved late: retro pay, in April or in May, twice for the last
        person = c.take()
        new = c.raised(person)
        months = rng.randrange(2, 4) if i >= 3 else rng.randrange(1, 4)
        # Paid in April, it covers the months before April; paid in May, those before May.
        first = (4 if i >= 3 else 5) - months
        late = day(4, 22) if i < 3 else day(3, 27)
        c.change(person, new, day(first, 1), hr_approval=late, finance_approval=late)
        amount = cents((new - person["salary"]) * person["fte"] * months)
        person["stale_salary"] = person["salary"]
        person["april_salary"] = person["salary"] if i < 3 else new
        person["salary"] = person["paid_salary"] = new
        if i < 3:
            person["retro"] = amount
        else:
            person["april_retro"] = amount
        if i == 5:
            person["retro"] = amount
            c.flag(person, "RETRO_TWICE", amount, "same retro pay in April")
    for _ in range(40):  # the spring round: the export of March has the old salaries
        person = c.take(maintenance=None)
        new = c.raised(person)
        c.change(person, new, day(4, 1))
        person["stale_salary"] = person["salary"]
        person["salary"] = person["paid_salary"] = new


def build(seed: int) -> World:
    """The payroll folder and what is wrong in the run."""
    rng = random.Random(f"people-operations/payroll-anomalies:{seed}")
    fake = Faker("de_DE")
    fake.seed_instance(rng.randrange(10**9))
    c = Company(rng, fake)
    c.hire(rng.randrange(290, 330))
    employment(c)
    accounts(c)
    overtime(c)
    raises(c)
    box = papers.mails(c)
    rng.shuffle(c.changes)
    rng.shuffle(c.forms)
    c.sheets.sort()
    world = World()
    world.add("payroll/2025-05/run.csv", papers.run_file(c, april=False))
    world.add("payroll/2025-04/run.csv", papers.run_file(c, april=True))
    head = ["employee_id", "date", "hours", "status"]
    world.add("payroll/2025-05/timesheets.csv", papers.table(head, [list(row) for row in c.sheets]))
    world.add("payroll/hr/employees_2025-03-31.xlsx", papers.master(c, fresh=False))
    world.add("payroll/hr/employees_2025-05-23.xlsx", papers.master(c, fresh=True))
    head = ["change_id", *c.changes[0]]
    changes = [[f"PC-{i:04d}", *entry.values()] for i, entry in enumerate(c.changes, 311)]
    world.add("payroll/hr/pay-changes.csv", papers.table(head, changes))
    forms = [[f"SF-{i}", *f.values()] for i, f in enumerate(c.forms, 57)]
    head = ["form", "employee_id_1", "employee_id_2", "status"]
    world.add("payroll/hr/shared-account-forms.csv", papers.table(head, forms))
    world.add("payroll/policy/payroll-policy.docx", papers.policy(c))
    world.add("payroll/mail/payroll.mbox", box)
    world.facts = {"lines": len(c.people), "manager": f"{fake.first_name()} {fake.last_name()}"}
    world.truth = {
        "anomalies": c.anomalies,
        "writers": [*c.writers, world.facts["manager"]],
        "people": {
            p["id"]: {
                "key": p["key"],
                "first": p["first"],
                "last": p["last"],
                "birth": str(p["birth"]),
                "iban": p["iban"],
            }
            for p in c.people
        },
    }
    return world
