"""A warehouse with the usual faults, a definition that was renewed, and one point left to a person."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from offsite.tasks import OfficeWorld, World

from .data import COUNTRIES, NAMES, Data, Rules, draw, figures, left_out

PASSWORD = "desk-4711-pw"
ROLES = {
    "controller": ("Controller", "Nora Paula Irene Marta Greta Agnes"),
    "engineer": ("Data engineer", "Dario Emil Jonas Piet Luca Milan"),
    "requester": ("Head of investor relations", "Rosa Carla Vera Lena Ida Sofia"),
    "manager": ("Head of analytics", "Hugo Anton Felix Karl Otto Bruno"),
    "analyst": ("Analyst", "Tilda Yara Zoe Wanda Ursula Xenia"),
}
DECISIONS = {
    "each": "For this quarter every partner account counts like any other customer, where it is.",
    "none": "For this quarter we leave the partner accounts out altogether.",
    "per_partner": "For this quarter a partner counts once, in its own region, however many of its accounts are active.",
}
OLD_VIEW = """
select to_char(u.day, 'YYYY-MM') as month, c.region, count(distinct u.account_id) as active_customers
from product.usage u join crm.accounts a using (account_id)
join reference.countries c on c.country = a.country
where not a.is_internal group by 1, 2
"""


def build(seed: int) -> World:
    """Draw people and data; the truth comes of the rules."""
    rng = random.Random(f"research/warehouse-figure:{seed}")
    lasts = rng.sample(NAMES["last"], len(ROLES))
    names = {
        role: f"{rng.choice(firsts.split())} {last}"
        for (role, (_, firsts)), last in zip(ROLES.items(), lasts, strict=True)
    }
    logins = {role: name.split(" ")[0].lower() for role, name in names.items()}
    data, rules, earlier = draw(rng)

    world = World()
    office = world.office
    office.person("worker", "Wim Worker", password=PASSWORD, title="Analyst")
    for role, login in logins.items():
        own = f"{login}-{rng.randrange(1000, 9999)}-pw"
        office.person(login, names[role], password=own, title=ROLES[role][0])
    _warehouse(office, data, logins)
    _wiki(office, rules, names, logins)
    _tickets(office, data, names, logins, earlier)
    _life(office, names, logins, rules.partners)
    world.facts = {
        **names,
        "requester_first": names["requester"].split(" ")[0],
        "requester_title": ROLES["requester"][0].lower(),
        "password": PASSWORD,
    }
    world.truth = {
        "figures": figures(data, rules),
        "partners": rules.partners,
        "controller": logins["controller"],
        "controller_name": names["controller"],
        "left_out": left_out(data, rules),
    }
    return world


def _warehouse(office: OfficeWorld, data: Data, logins: dict[str, str]) -> None:
    put = office.database.table
    put("reference.countries", {"country": "char(2)", "region": "text"}, list(COUNTRIES.items()),
        key="country")  # fmt: skip
    put(
        "crm.partners",
        {"partner_id": "int", "name": "text", "country": "char(2)"},
        [tuple(row.values()) for row in data.partners],
        key="partner_id",
    )
    put(
        "crm.accounts",
        {"account_id": "int", "name": "text", "country": "char(2)", "contact": "text",
         "created_on": "date", "is_internal": "boolean", "merged_into": "int",
         "partner_id": "int"},
        [tuple(row.values()) for row in data.accounts],
        key="account_id",
        comments={"merged_into": "The account that goes on in its place."},
    )  # fmt: skip
    put(
        "crm.plans",
        {"account_id": "int", "plan": "text", "valid_from": "date", "valid_to": "date"},
        [tuple(row.values()) for row in data.plans],
        comments={"valid_to": "The last day; empty where it still holds."},
    )
    put(
        "product.loads",
        {"load_id": "int", "day": "date", "status": "text", "finished_at": "timestamp",
         "rows_written": "int"},
        [tuple(row.values()) for row in data.loads],
        key="load_id",
    )  # fmt: skip
    put(
        "product.usage",
        {"account_id": "int", "day": "date", "sessions": "int", "load_id": "int"},
        [tuple(row.values()) for row in data.usage],
        comment="Sessions per account and day, as they were loaded.",
        writers=["worker", logins["engineer"]],
    )
    published = [("2025-02", region, 100 + 7 * place, "AC-2", logins["controller"])
                 for place, region in enumerate(("AMER", "APAC", "EMEA"))]  # fmt: skip
    put(
        "reporting.published",
        {"month": "text", "region": "text", "active_customers": "int", "definition": "text",
         "entered_by": "text"},
        published,
        comment="Figures that left the house.",
        writers=["worker", logins["controller"]],
    )  # fmt: skip
    comment = "Active customers by month and region, AC-2."
    office.database.view("reporting.active_customers", OLD_VIEW, comment=comment)


def _wiki(office: OfficeWorld, rules: Rules, names: dict[str, str], logins: dict[str, str]) -> None:
    everybody = ["worker", *logins.values()]
    office.project("analytics", "Analytics", members=everybody)
    office.project("platform", "Data platform", members=everybody, categories=["Load", "Pipeline"])
    facts = {"controller": names["controller"], "sessions": rules.sessions, "days": rules.days}
    start = (
        "# Analytics\n\n- [[Active customers]]\n- [[Metrics handbook]]\n- [[Rules for our data]]\n"
    )
    pages = {
        "Wiki": (start, "manager", "2023-02-01 09:00"),
        "Active customers": (_text("old.md", facts), "analyst", "2023-01-16 10:00"),
        "Metrics handbook": (_text("handbook.md", facts), "controller", "2025-03-03 11:00"),
        "Rules for our data": (_text("rules.md", facts), "engineer", "2025-01-20 15:00"),
    }
    for title, (text, author, at) in pages.items():
        office.page("analytics", title, text, author=logins[author], at=at)


def _text(name: str, facts: dict[str, Any]) -> str:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    for key, value in facts.items():
        text = text.replace(f"{{{{ {key} }}}}", str(value))
    return text


def _tickets(
    office: OfficeWorld,
    data: Data,
    names: dict[str, str],
    logins: dict[str, str],
    earlier: str,
) -> None:
    days = {row["load"]: row["day"] for row in data.loads}
    controller, engineer, requester = (logins[x] for x in ("controller", "engineer", "requester"))
    old: dict[str, Any] = {"status": "Closed", "done": 100}
    load: dict[str, Any] = {"kind": "Bug", "category": "Load"}
    office.issue(
        "analytics", "Active customers in January", author=requester, at="2025-02-04 09:10", **old,
        description="For the annual report: how many active customers were there in January?",
        comments=[
            (logins["analyst"], "2025-02-04 11:00", f"{names['controller']}, what about partners?"),
            (controller, "2025-02-04 13:30", f"{_first_quarter(earlier)} (`{earlier}`)"),
            (logins["analyst"], "2025-02-05 10:20", "Thank you; it is in the report."),
        ],
    )  # fmt: skip
    office.issue(
        "analytics", "Trials that became customers, by month", author=logins["manager"],
        at="2025-05-28 14:00", assignee="worker", description="No hurry, end of June is fine.",
    )  # fmt: skip
    office.issue(
        "platform", f"Load {data.repaired}: columns swapped", author=logins["analyst"],
        at=f"{days[data.repaired]} 11:00", assignee=engineer, **load, **old,
        description="The sessions of this load cannot be right.",
        comments=[(engineer, f"{days[data.repaired]} 16:20", "Put right the same day, in place: the rows of this load are as they should be.")],
    )  # fmt: skip
    office.issue(
        "platform", "Load 1187: day missing", author=engineer, at="2024-09-11 08:30", **load, **old,
        description="The source was down. Loaded again as 1188.",
    )  # fmt: skip
    office.issue(
        "platform", f"Load {data.faulty}: sessions of the load test", author=engineer,
        at="2025-06-03 08:50", assignee=engineer, status="In Progress", priority="High", **load,
        description=f"The robot of the load test ran against the live system on {days[data.faulty]:%-d %B}; "
        "its sessions were written as sessions of customers, up to three for every account. They cannot "
        "be told from real ones. The log of that day is gone, so it will not be loaded again: leave "
        "this load out, the day counts as one without usage.",
    )  # fmt: skip
    office.issue(
        "platform", "Load of 4 June finished an hour late", author=engineer, at="2025-06-05 07:40",
        kind="Bug", category="Load", description="Complete, only late. I am looking for the reason.",
    )  # fmt: skip
    office.issue(
        "analytics", "Active customers in May, by region", author=requester, at="2025-06-06 16:45",
        assignee="worker", priority="High", due="2025-06-09", number=7,
        description="For the talk with investors on Tuesday: how many active customers did we have in "
        "May, by region, and how many in April? By our current definition, please; it will be quoted.",
    )  # fmt: skip
    for subject in ("New field: channel", "Keep logs for 90 days", "Faster merge job"):
        office.issue("platform", subject, author=engineer, at="2025-05-12 10:00", kind="Feature")
    office.issue(
        "analytics", "Active customers in April", author=logins["analyst"], at="2025-05-06 09:00",
        status="Rejected",
        description="Somebody wants it for the newsletter?",
        comments=[(logins["manager"], "2025-05-06 12:00", "Not needed after all.")],
    )  # fmt: skip


def _first_quarter(code: str) -> str:
    return DECISIONS[code].replace("this quarter", "the first quarter")


def _life(
    office: OfficeWorld, names: dict[str, str], logins: dict[str, str], decision: str
) -> None:
    life = office.life
    life.begins("2025-06-09 09:00")
    controller, engineer, requester = (logins[x] for x in ("controller", "engineer", "requester"))
    life.colleague(
        controller, minutes=45, manner="to the point", unclear="What do you need me to decide?"
    )
    life.answer(
        controller,
        "partners",
        asked="partner|resell",
        text=f"{DECISIONS[decision]} That is `{decision}`.",
        again=f"As I said: `{decision}`.",
    )
    life.answer(
        controller,
        "definition",
        asked=r"\bdefinition|AC-?[123]\b",
        text="What holds is in the metrics handbook.",
    )
    life.colleague(engineer, minutes=25, manner="friendly")
    life.answer(
        engineer,
        "loads",
        asked=r"\bloads?\b|faults?|broken|duplicate|twice",
        text="Whatever we know of a load is in our issues, category Load; the rest is in product.loads.",
    )
    life.colleague(requester, minutes=30, manner="in a hurry")
    life.answer(
        requester,
        "partners",
        asked=r"(partner|resell).*\?",
        text=f"I have no idea how they count; {names['controller'].split(' ')[0]} decides that.",
    )
