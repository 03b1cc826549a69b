"""The world of `handbook-restructure`: a wiki, its plan, its owners, and a head who cuts in."""

from __future__ import annotations

import random
from pathlib import Path

from offsite.records.office import Say
from offsite.tasks import World

from .handbook import LOGOS, SECTIONS, Handbook

PASSWORD = "desk-4711-pw"
TITLES = {
    "worker": "Editor",
    "lead": "Head of marketing",
    "brand": "Brand manager",
    "events": "Events manager",
    "web": "Web manager",
    "sales": "Sales enablement",
}


def build(seed: int) -> World:
    """One instance."""
    rng = random.Random(f"marketing/handbook-restructure:{seed}")
    book, world = Handbook(rng), World()
    for login, name in book.staff.items():
        secret = PASSWORD if login == "worker" else f"{login}-{rng.randrange(10**6)}-pw"
        world.office.person(login, name, password=secret, title=TITLES[login])
    plan = _wiki(world, book)
    _chat(world, book)
    _life(world, book)
    owners = [f"{book.staff[login]} (`{login}`)" for login in ("brand", "events", "web")]
    world.facts = {"password": PASSWORD, "lead": book.staff["lead"], "owners": ", ".join(owners)}
    pages = [vars(page) for page in book.pages]
    world.truth = {
        "pages": [
            {name: page[name] for name in ("old", "new", "parent", "fate", "text")}
            for page in pages
        ],
        "sections": list(SECTIONS),
        "start": book.start_page(),
        "plan": plan,
        "redirects": [[one.old, one.new] for one in book.linked_from_sales],
        "fair": book.fair.new,
        "hall": book.new_hall,
        "pantone": str(book.pantone),
        "old_pantone": str(book.old_pantone),
    }
    return world


def _wiki(world: World, book: Handbook) -> str:
    office = world.office
    members = [login for login in TITLES if login != "sales"]
    office.project("marketing", "Marketing", members=members, description="The handbook")
    office.project("sales", "Sales", members=["worker", "sales", "lead"])
    office.page("marketing", "Wiki", book.start_page(), author="lead", at="2024-01-08 09:00")
    for page in book.pages:
        office.page("marketing", page.old, page.text, author=page.author, at=page.at)
    text = (Path(__file__).parent / "plan.md").read_text(encoding="utf-8")
    plan = text.format(lead=book.staff["lead"], sections=", ".join(SECTIONS), rows=book.plan())
    office.page(
        "marketing", "Plan for the new handbook", plan, author="lead", at="2025-05-28 15:00"
    )
    one, two, three = (page.old for page in book.linked_from_sales)
    start = f"# Sales\n\n* [[Pitch deck]]\n* [[Price letters]]\n\nMarketing says: [[marketing:{one}]].\n"
    pitch = f"# Pitch deck\n\nEvery slide follows [[marketing:{two}|the rules of marketing]].\n"
    letters = f"# Price letters\n\nSee [[marketing:{three}]] before you send any.\n"
    for title, said in (("Wiki", start), ("Pitch deck", pitch), ("Price letters", letters)):
        office.page("sales", title, said, author="sales", at="2024-09-02 09:00")
    return plan


def _chat(world: World, book: Handbook) -> None:
    staff = book.staff
    said = [
        (
            "lead",
            "2025-06-02 08:30",
            "Morning all. The handbook moves today, please do not edit it.",
        ),
        ("events", "2025-06-02 08:34", "Fine with me."),
        ("web", "2025-06-02 08:41", "Good, the old one has had its time."),
    ]
    world.office.room("marketing", ["worker", "lead", "brand", "events", "web"], said)
    first = staff["worker"].split(" ")[0]
    hello = [("lead", "2025-06-02 08:50", f"Good morning {first}, thanks for doing this!")]
    world.office.direct("lead", "worker", hello)


def _life(world: World, book: Handbook) -> None:
    life, staff = world.office.life, book.staff
    other = next(one for one in LOGOS if one != book.logo)
    holds = {
        "Logo rules": "The agency's draft of 2025 was never released.",
        "Logo rules 2025": "It has been in force since January; the older page only stayed for the partners.",
    }
    life.begins("2025-06-02 09:00")
    life.colleague("lead", manner="in calls all day, writes in between", minutes=8)
    life.answer(
        "lead",
        "thanks",
        asked=[rf"\b{book.pantone}\b"],
        text="Great, thank you! That was all, please go on.",
    )
    life.answer(
        "lead",
        "logo",
        asked=["logo"],
        text=f"No idea, that is {staff['brand'].split(' ')[0]}'s: please ask there.",
    )
    life.colleague(
        "brand", manner="friendly, takes a while", minutes=25, unclear="Which page do you mean?"
    )
    life.answer(
        "brand",
        "logo",
        asked=["logo"],
        text=f'"{book.logo}" is the one that holds. {holds[book.logo]} So "{other}" can go into the archive.',
    )
    for login in ("events", "web"):
        life.colleague(
            login, minutes=15, unclear="That is not mine, sorry. Look at the page Owners."
        )
    urgent = (
        f"Sorry to cut in, this first please: the printer of our fair stand rings me within the hour. "
        f"1) We are in hall {book.new_hall} in Milan, the handbook still says {book.hall}: please "
        f"correct it there. 2) Which Pantone number is our blue, by the page that holds? Write it to me here."
    )
    life.arrives("the printer", Say(sender="lead", room="lead+worker", text=urgent), at="09:50")
