"""An incident at Orders API, with two runbooks, an operator to be asked, and somebody who wants something else."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from offsite.records.office import Say
from offsite.tasks import OfficeWorld, World

from .scene import CAUSES, FOLDER, Box

WIKI = Path(__file__).parent / "wiki"
NAMES = [
    "Amira Benz",
    "Boris Celik",
    "Clara Dorn",
    "Davide Erb",
    "Emil Frey",
    "Fatma Gerg",
    "Gesa Holm",
    "Hugo Imhof",
    "Ines Jost",
    "Jonas Klee",
    "Katja Lang",
    "Luca Mohr",
    "Mara Nagel",
    "Nils Oster",
    "Olga Pohl",
    "Paul Quast",
]
FAVOURS = (
    "Hi {first}, got a minute? I need yesterday's orders with a voucher as a list for my meeting at eleven. You could pull "
    "that from the logs, couldn't you?",
    "Morning {first}! Could you set up an account at the tracker for our new intern before ten? Takes you two minutes.",
    "Hello {first}, the export of the price list looks odd, can you have a look at it right now? I am in a call with the "
    "agency.",
)


def build(seed: int) -> World:
    """One cause of four, at a severity that the old runbook gets wrong."""
    rng = random.Random(f"incident:{seed}")
    names = rng.sample(NAMES, 8)
    logins = [name.split()[0].lower() for name in names]
    worker, manager, care = names[0], names[1], logins[2]
    operators, asker = logins[3:5], logins[5]
    on_duty = rng.choice(operators)
    high = rng.random() < 0.5
    limits = rng.randrange(24, 29), rng.randrange(7, 11)
    share = rng.uniform(0.32, 0.45) if high else rng.uniform(0.12, 0.18)
    box = Box(rng, CAUSES[seed % len(CAUSES)], share)
    facts = {
        "worker": worker.split()[0],
        "manager": manager,
        "incident": f"INC-{rng.randrange(3000, 9900)}",
        "ticket": rng.randrange(700, 799),
    }
    world = World(facts=facts)
    box_files(world, box)
    office = world.office
    titles = (
        "",
        "Head of Operations",
        "Customer Care",
        "Operator",
        "Operator",
        "Marketing",
        "Sales",
        "IT",
    )
    office.person("worker", worker, password="desk-4711-pw", title="Operations")
    for login, name, title in list(zip(logins, names, titles, strict=True))[1:]:
        office.person(login, name, password=f"{login}-{rng.randrange(10**6)}", title=title)
    tracker(rng, office, facts, logins, box)
    pages = {"SEV1": limits[0], "SEV2": limits[1], "SIZE": box.size, "HOST": box.hosts[0]}
    pages |= {"TIMEOUT": box.timeout, "OLD_SIZE": box.old_size, "OLD_HOST": box.hosts[2]}
    pages |= {"OLD_TIMEOUT": box.old_timeout, "OLD_OPERATOR": names[6]}
    pages |= {"HOSTS": ", ".join(sorted(box.hosts))}
    wiki(office, {name: str(value) for name, value in pages.items()}, logins[1], on_duty, operators)
    chat(office, logins, asker)
    change = f"CHG-{rng.randrange(10_000, 99_999)}"
    favour = rng.choice(FAVOURS)
    life(office, facts, operators, on_duty, change, care, asker, favour, logins[6])
    world.truth = {
        "incident": facts["incident"],
        "ticket": facts["ticket"],
        "severity": "SEV1" if high else "SEV2",
        "operator": on_duty,
        "asker": asker,
        "config": {f"server/{path}": text for path, text in box.config(mended=True).items()},
        "report": {
            "incident": facts["incident"],
            "severity": "SEV1" if high else "SEV2",
            "cause": box.cause.code,
            "file": f"/{FOLDER}/{box.cause.file}",
            "setting": f"[{box.cause.section}] {box.cause.name}",
            "old value": box.wrong(),
            "new value": box.right(),
            "started": f"{box.started:%Y-%m-%d %H:%M:%S}",
            "failed requests": str(box.failed),
            "change": change,
        },
    }
    at = limits[0] / 100 if high else limits[1] / 100
    if not at < box.severity_share < (0.5 if high else 0.2):
        raise ValueError(f"the share {box.severity_share:.3f} is not what it should be")
    return world


def box_files(world: World, box: Box) -> None:
    """The box's files on the desk."""
    for path, text in {**box.config(), **box.certificates(), **box.logs()}.items():
        world.add(f"server/{path}", text)
    world.add("server/var/log/deploy.log", box.deploys())


def tracker(
    rng: random.Random, office: OfficeWorld, facts: Mapping[str, Any], logins: list[str], box: Box
) -> None:
    """The alarm's ticket, and others'."""
    members = ["worker", *logins[1:]]
    office.project("ops", "Operations", members=members)
    texts = (
        "Disk of the gateway replaced",
        "Renew the wildcard certificate",
        "Old alarms to be tuned",
    )
    for n, text in enumerate(texts):
        office.issue(
            "ops",
            text,
            number=412 + 7 * n,
            author=rng.choice(logins[1:5]),
            at=f"2025-06-{3 + n:02d} 09:00",
            assignee=logins[3 + n % 2],
            status=("Closed", "New", "In Progress")[n],
        )
    office.issue(
        "ops",
        f"{facts['incident']}: Orders API answers with errors",
        number=int(facts["ticket"]),
        author=logins[1],
        at="2025-06-17 09:30",
        assignee="worker",
        kind="Bug",
        priority="Urgent",
        description=f"Alarm of 2025-06-17 09:30:00 UTC: too many responses with status 5xx ({facts['incident']}).",
    )


def wiki(
    office: OfficeWorld,
    values: dict[str, str],
    author: str,
    on_duty: str,
    operators: list[str],
) -> None:
    """The wiki: the runbook in force, and the one before it."""
    pages = {
        "Wiki": ("start.md", "2025-05-26 10:00"),
        "Incidents": ("incidents.md", "2025-05-26 09:00"),
        "Orders API runbook": ("old.md", "2023-11-14 15:00"),
        "Orders API": ("orders.md", "2025-05-26 09:30"),
        "Changes": ("changes.md", "2025-03-03 11:00"),
    }
    for title, (file, at) in pages.items():
        text = (WIKI / file).read_text(encoding="utf-8")
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        office.page("ops", title, text, author=author, at=at)
    other = next(one for one in operators if one != on_duty)
    names = {one.login: one.name for one in office.people}
    rows = [
        f"| {monday} to {sunday} | {names[who]} |"
        for monday, sunday, who in (
            ("2025-06-02", "2025-06-08", on_duty),
            ("2025-06-09", "2025-06-15", other),
            ("2025-06-16", "2025-06-22", on_duty),
            ("2025-06-23", "2025-06-29", other),
        )
    ]
    text = "\n".join(["# On call", "", "| week | operator on duty |", "| --- | --- |", *rows, ""])
    office.page("ops", "On call", text, author=author, at="2025-06-02 08:00")


def chat(office: OfficeWorld, logins: list[str], asker: str) -> None:
    """The rooms, the one of the old runbook among them."""
    members = ["worker", *logins[1:]]
    office.room(
        "incidents",
        members,
        [(logins[2], "2025-06-17 09:32", "The shops are calling. Is anybody on it?")],
        topic="Running incidents, all services",
    )
    office.room(
        "ops-alerts",
        members,
        [(logins[1], "2024-02-05 10:00", "INC-2214 RESOLVED")],
        topic="Orders API",
    )
    office.room(
        "general",
        members,
        [(logins[7], "2025-06-17 08:10", "Cake in the kitchen.")],
        topic="All of us",
    )
    office.direct(asker, "worker", [(asker, "2025-06-12 14:00", "Thanks again!")])


def life(
    office: OfficeWorld,
    facts: Mapping[str, Any],
    operators: list[str],
    on_duty: str,
    change: str,
    care: str,
    asker: str,
    favour: str,
    former: str,
) -> None:
    """Who answers, and what happens on each of the worker's messages."""
    live, incident = office.life, facts["incident"]
    live.begins("2025-06-17 09:35")
    names = {one.login: one.name for one in office.people}
    duty = names[on_duty]
    for one in operators:
        live.colleague(one, opens="06:00", closes="22:00", minutes=8, unclear="What do you need?")
        if one == on_duty:
            live.answer(
                one,
                "restart",
                asked=[r"re-?start|boot|bounce", r"orders|INC"],
                needs=[incident],
                ask_back="For which incident? I need its number for the list of changes.",
                text=f"Orders API is restarted, {change}. I have watched it for five minutes: no more errors.",
                again=f"It is restarted already, {change}. All is calm.",
                after=18,
                ways=("chat",),
            )
        else:
            live.answer(
                one,
                "not on duty",
                asked=r"re-?start|boot|bounce",
                text=f"I am not on duty this week, {duty} is.",
            )
    live.colleague(former, minutes=15, unclear="I am with Sales now, please ask Operations.")
    live.colleague(asker, minutes=3)
    live.answer(asker, "all right", asked=".", text="All right, thanks for telling me.")
    first = facts["worker"]
    live.arrives(
        "first notice",
        Say(sender=care, room="incidents", text="Thank you, we tell the shops.", after=2),
        said="incidents",
        says=rf"{incident}\W+SEV\s?\d\W+INVESTIGATING",
    )
    room = f"{asker}+worker"
    live.arrives(
        "interruption",
        Say(sender=asker, room=room, text=favour.format(first=first)),
        arrived="first notice",
    )
    live.arrives(
        "identified",
        Say(sender=care, room="incidents", text="Good to know.", after=1),
        said="incidents",
        says=rf"{incident}\W+IDENTIFIED",
    )
    live.arrives(
        "all clear",
        Say(sender=care, room="incidents", text="Great, we tell the shops.", after=2),
        said="incidents",
        says=rf"{incident}\W+RESOLVED",
    )
