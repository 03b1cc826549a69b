"""A portfolio whose tracker and status notes disagree, and a handbook that says which one wins."""

from __future__ import annotations

import csv
import datetime
import io
import random
from typing import Any

from faker import Faker
from offsite.tasks import World

from . import papers

TODAY = datetime.date(2025, 6, 20)
FIELDS = ("owner", "forecast_finish", "budget_eur", "eac_eur")
SECTION = {"owner": "4.1", "forecast_finish": "4.2", "budget_eur": "4.3", "eac_eur": "4.4"}
WORK = (
    "Warehouse", "Customer portal", "Invoice archive", "Fleet", "Payroll", "Data platform",
    "Branch network", "Price engine", "Service desk", "Recycling line",
)  # fmt: skip
KIND = ("move", "renewal", "migration", "pilot", "roll-out", "consolidation")
Project = dict[str, Any]


def june(number: int) -> datetime.date:
    """A day of the month of the report."""
    return datetime.date(2025, 6, number)


class Portfolio:
    """The projects with what the tracker and the latest note say."""

    def __init__(self, rng: random.Random, fake: Faker) -> None:
        self.rng = rng
        self.rules = {
            "slip_amber": rng.choice((4, 5, 6)),
            "slip_red": rng.choice((18, 20, 21)),
            "cost_amber": rng.choice((3, 4)),
            "cost_red": rng.choice((8, 10)),
        }
        names: list[str] = []
        while len(names) < 24:
            name = f"{fake.first_name()} {fake.last_name()}"
            if name not in names:
                names.append(name)
        self.names = names
        self.projects: list[Project] = []
        self.risks: list[list[Any]] = []
        self.mails: list[tuple[datetime.datetime, str, str, str]] = []
        count = rng.randrange(32, 38)
        titles = rng.sample([f"{w} {k}" for w in WORK for k in KIND], count)
        for number, title in zip(rng.sample(range(101, 299), count), titles, strict=True):
            self.projects.append(self._project(f"P-{number}", title))
        self.free = list(self.projects)

    def _project(self, number: str, title: str) -> Project:
        """A project whose two sources agree."""
        rng = self.rng
        baseline = datetime.date(2025, 7, 14) + datetime.timedelta(days=rng.randrange(0, 200))
        budget = rng.randrange(90, 980) * 1000
        return {
            "id": number,
            "title": title,
            "owner": rng.choice(self.names[:12]),
            "owner_updated": datetime.date(2025, rng.randrange(1, 5), rng.randrange(1, 28)),
            "status": "Active",
            "baseline": baseline,
            "forecast_finish": baseline
            + datetime.timedelta(days=rng.choice((0, 0, 1, 2, 3, 9, 12, 27))),
            "forecast_updated": june(rng.randrange(2, 10)),
            "budget_eur": budget,
            "eac_eur": budget * rng.choice((97, 99, 100, 101, 102, 106)) // 100,
            "eac_updated": june(rng.randrange(2, 10)),
            "rag": rng.choice(("Green", "Green", "Amber")),
            "note_date": rng.choice((june(11), june(12), june(17), june(18))),
            "note": {},
            "handover": None,
            "mail": False,
        }

    def take(self) -> Project:
        """A project that no trap uses yet."""
        return self.free.pop(self.rng.randrange(len(self.free)))

    def later(self, project: Project, least: int = 8) -> None:
        """Let the note give another finish."""
        days = self.rng.randrange(least, 45)
        project["note"]["forecast_finish"] = project["forecast_finish"] + datetime.timedelta(
            days=days
        )

    def other_owner(self, project: Project) -> None:
        """Let the note name another owner."""
        project["note"]["owner"] = self.rng.choice(self.names[12:])


def dates(p: Portfolio) -> None:
    """Contradictions about the finish."""
    rng = p.rng
    for _ in range(3):  # the note is newer
        project = p.take()
        p.later(project)
    for _ in range(2):  # the tracker is newer
        project = p.take()
        project["note_date"], project["forecast_updated"] = june(12), june(rng.randrange(13, 20))
        p.later(project)
    project = p.take()  # of the same day
    project["note_date"] = project["forecast_updated"] = june(17)
    p.later(project)
    for _ in range(2):  # newer than the tracker, but too old to count
        project = p.take()
        project["note_date"] = datetime.date(2025, 5, rng.choice((28, 30)))
        project["forecast_updated"] = datetime.date(2025, 5, rng.randrange(12, 22))
        p.later(project)
    for _ in range(2):  # the owner's mail is the latest note
        project = p.take()
        project["older_note"] = june(12)
        project["note_date"], project["mail"] = june(19), True
        p.later(project)
    project = p.take()  # somebody else's mail is no note
    when = project["forecast_finish"] + datetime.timedelta(days=30)
    text = f"Hello PMO, from what I hear {project['id']} will finish on {when}. Please put that into the report."
    p.mails.append(
        (datetime.datetime(2025, 6, 19, 15, 20), p.names[20], f"Status {project['id']}", text)
    )


def people_and_money(p: Portfolio) -> None:
    """Contradictions about owner, budget and cost."""
    rng = p.rng
    project = p.take()  # another name, no handover
    p.other_owner(project)
    for day in (16, 30):  # one that took place, one to come
        project = p.take()
        project["note_date"], project["handover"] = june(rng.choice((17, 18))), june(day)
        p.other_owner(project)
    for _ in range(2):  # the budget is the tracker's; in one note the finish differs too
        project = p.take()
        project["note"]["budget_eur"] = project["budget_eur"] + rng.randrange(12, 60) * 1000
    p.later(project)
    for unit in ("kEUR", "EUR"):  # newer in the note
        project = p.take()
        project["eac_updated"] = june(rng.randrange(2, 10))
        project["note"]["eac_eur"] = (
            project["budget_eur"] * rng.randrange(112, 130) // 100_000 * 1000
        )
        project["unit"] = unit
    project = p.take()  # newer in the tracker
    project["note_date"], project["eac_updated"] = june(11), june(rng.randrange(13, 20))
    project["note"]["eac_eur"] = project["eac_eur"] + rng.randrange(20, 70) * 1000


def colours(p: Portfolio) -> None:
    """Projects whose colour is not what a careless reader takes."""
    rules = p.rules
    for slip, cost in (
        (rules["slip_red"], 100),
        (rules["slip_amber"], 100),
        (0, 100 + rules["cost_red"]),
        (rules["slip_amber"] + 2, 100),
    ):
        project = p.take()
        project["forecast_finish"] = project["baseline"] + datetime.timedelta(days=slip)
        project["eac_eur"] = project["budget_eur"] * cost // 100
        project["rag"] = "Green"
    for severity, state in (("critical", "open"), ("critical", "closed"), ("major", "open")):
        project = p.take()
        project["forecast_finish"], project["eac_eur"] = project["baseline"], project["budget_eur"]
        project["rag"] = "Green" if state == "open" else "Red"
        p.risks.append([project["id"], severity, state, "Key supplier may not deliver"])


def out_of_the_roll_up(p: Portfolio) -> None:
    """Projects on hold, closed and cancelled."""
    for status in ("On hold", "Closed", "Cancelled"):
        project = p.take()
        project["status"] = status
        if status != "On hold":
            p.later(project)
            project["note_date"] = june(12)


def decide(project: Project, field: str) -> tuple[Any, list[str]]:
    """The value that counts, and the sections that may be given as the reason."""
    tracker, note = project[field], project["note"].get(field)
    if note is None or note == tracker:
        return tracker, []
    section = SECTION[field]
    when = project["note_date"]
    if field == "owner":
        handover = project["handover"]
        wins = handover is not None and project["owner_updated"] < handover <= TODAY
    elif field == "budget_eur":
        wins = False
    else:
        changed = project["forecast_updated" if field == "forecast_finish" else "eac_updated"]
        wins = when > changed
    if (TODAY - when).days > 14:
        return tracker, ["4.5"] if wins else ["4.5", section]
    return (note if wins else tracker), [section, "4.6"] if project["mail"] else [section]


def colour(p: Portfolio, project: Project, values: dict[str, Any]) -> str:
    """The colour by the handbook."""
    if project["status"] == "On hold":
        return "Grey"
    rules = p.rules
    slip = (values["forecast_finish"] - project["baseline"]).days
    over = (values["eac_eur"] - values["budget_eur"]) * 100
    if slip > rules["slip_red"] or over > rules["cost_red"] * values["budget_eur"]:
        return "Red"
    critical = any(r[0] == project["id"] and r[1:3] == ["critical", "open"] for r in p.risks)
    late = slip > rules["slip_amber"] or over > rules["cost_amber"] * values["budget_eur"]
    return "Amber" if late or critical else "Green"


def truth(p: Portfolio) -> dict[str, Any]:
    """The roll-up and the contradictions as they should be."""
    rollup: dict[str, Any] = {}
    conflicts: list[dict[str, Any]] = []
    for project in p.projects:
        if project["status"] in ("Closed", "Cancelled"):
            continue
        values: dict[str, Any] = {}
        for field in FIELDS:
            values[field], sections = decide(project, field)
            if sections:
                conflicts.append(
                    {
                        "project_id": project["id"],
                        "field": field,
                        "tracker_value": str(project[field]),
                        "note_value": str(project["note"][field]),
                        "decided_value": str(values[field]),
                        "rules": sections,
                    }
                )
        rollup[project["id"]] = {
            "owner": values["owner"],
            "rag": colour(p, project, values),
            "baseline_finish": str(project["baseline"]),
            "forecast_finish": str(values["forecast_finish"]),
            "slip_days": str((values["forecast_finish"] - project["baseline"]).days),
            "budget_eur": str(values["budget_eur"]),
            "eac_eur": str(values["eac_eur"]),
        }
    return {"rollup": rollup, "conflicts": conflicts}


def table(head: list[str], rows: list[list[Any]]) -> str:
    """A CSV file's text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([head, *rows])
    return out.getvalue()


def tracker(p: Portfolio, *, old: bool = False) -> str:
    """The tracker's export; the old one has the plans of two weeks ago."""
    head = ["project_id", "project", "owner", "owner_updated", "status", "baseline_finish"]
    head += ["forecast_finish", "forecast_updated", "budget_eur", "eac_eur", "eac_updated", "rag"]
    rows: list[list[Any]] = []
    for i, x in enumerate(p.projects):
        back = datetime.timedelta(days=11 if old and i % 3 == 0 else 0)
        updated = [x["forecast_updated"], x["eac_updated"]]
        if old:
            updated = [min(day, june(5)) for day in updated]
        row = [x["id"], x["title"], x["owner"], x["owner_updated"], x["status"], x["baseline"]]
        row += [x["forecast_finish"] - back, updated[0], x["budget_eur"]]
        rows.append(
            [*row, x["eac_eur"] - (7000 if old and i % 4 == 1 else 0), updated[1], x["rag"]]
        )
    return table(head, sorted(rows))


def build(seed: int) -> World:
    """The PMO's folder."""
    rng = random.Random(f"project-management/status-rollup:{seed}")
    fake = Faker("en_GB")
    fake.seed_instance(rng.randrange(10**9))
    p = Portfolio(rng, fake)
    dates(p)
    people_and_money(p)
    colours(p)
    out_of_the_roll_up(p)
    for project in rng.sample(p.projects, 7):
        severity = rng.choice(("minor", "major"))
        p.risks.append([project["id"], severity, rng.choice(("open", "closed")), "Staff shortage"])
    rng.shuffle(p.risks)
    world = World()
    world.add("pmo/tracker/export-2025-06-20.csv", tracker(p))
    world.add("pmo/tracker/export-2025-06-06.csv", tracker(p, old=True))
    risks = [[f"R-{i}", *risk] for i, risk in enumerate(p.risks, 31)]
    head = ["risk", "project_id", "severity", "state", "text"]
    world.add("pmo/tracker/risk-log.csv", table(head, risks))
    for week, content in papers.notes(p.projects, rng).items():
        world.add(f"pmo/notes/status-notes-2025-{week}.docx", content)
    world.add("pmo/mail/status.mbox", papers.mails(p.projects, p.mails, p.names, rng))
    world.add("pmo/handbook/pmo-handbook-2025.pdf", papers.handbook(p.rules))
    world.add("pmo/handbook/pmo-handbook-2023.pdf", papers.old_handbook())
    world.facts = {"manager": fake.first_name(), "chair": f"{fake.first_name()} {fake.last_name()}"}
    world.truth = truth(p)
    return world
