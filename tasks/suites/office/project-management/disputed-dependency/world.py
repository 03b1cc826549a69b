"""The world of `disputed-dependency`: two leads who are sure, and a sponsor who is away till noon."""

from __future__ import annotations

from pathlib import Path

from offsite.tasks import OfficeWorld, World

from .release import TODAY, Release, Ticket

PASSWORD = "desk-4711-pw"
RULES = Path(__file__).with_name("rules.md").read_text(encoding="utf-8")


def build(seed: int) -> World:
    """One instance."""
    release, world = Release(seed), World()
    office = world.office
    office.person("worker", "Wim Worker", password=PASSWORD, title="Project assistant, PMO")
    titles = [f"Lead of {name}" for _, name, _, _ in release.sides]
    titles += ["Sponsor of the release", "Head of PMO", "Engineer", "Engineer", "Sponsor"]
    for (login, name), title in zip(release.people, titles, strict=True):
        office.person(login, name, password=f"{login}-{seed:04d}-pw", title=title)
    _tracker(release, office)
    _chat(release, office)
    _life(release, office)
    a, b = release.heads
    world.facts = {
        "lead_a": release.people[0][1],
        "lead_b": release.people[1][1],
        "project_a": release.sides[0][1],
        "project_b": release.sides[1][1],
        "release": release.number,
        "a": a.number,
        "b": b.number,
        "subject_a": a.subject,
        "subject_b": b.subject,
        "password": PASSWORD,
        "today": f"{TODAY:%A}, {TODAY.day} {TODAY:%B %Y}",
        "boss": release.people[3][1].split()[0],
    }
    world.truth = {
        "first": release.first.number,
        "second": release.second.number,
        "sponsor": list(release.people[2]),
        "leads": [list(one) for one in release.people[:2]],
        "room": f"release-{release.number}",
        "buyer": release.buyer,
        "tickets": {
            str(one.number): {"due": one.due.isoformat(), "status": one.status}
            for one in release.tickets
        },
    }
    return world


def _tracker(release: Release, office: OfficeWorld) -> None:
    leads = [login for login, _ in release.people[:2]]
    sponsor, boss, other = (release.people[i] for i in (2, 3, 6))
    everybody = ["worker", *(login for login, _ in release.people)]
    for identifier, name, *_ in release.sides:
        office.project(identifier, name, members=everybody)
    office.project("releases", "Releases", members=everybody)
    rng = release.rng
    for ticket in sorted(release.tickets, key=lambda one: one.number):
        lead = leads[ticket.side]
        comments: list[tuple[str, str, str]] = []
        if ticket in release.heads:
            comments = _dispute(release, ticket)
        office.issue(
            release.sides[ticket.side][0],
            ticket.subject,
            number=ticket.number,
            author=lead,
            at=f"2025-05-{rng.randrange(12, 20)} 10:{rng.randrange(10, 60)}",
            assignee=rng.choice([lead, release.people[4 + ticket.side][0]]),
            kind="Feature",
            status=ticket.status,
            description=f"Release {release.number}.",
            due=ticket.due.isoformat(),
            relations=_relations(release, ticket),
            comments=comments,
        )
    for number in sorted(rng.sample(range(120, 399), 8)):
        side = rng.randrange(2)
        office.issue(
            release.sides[side][0],
            rng.choice(("Slow search", "Wrong total in the footer", "Typo on the first page")),
            number=number,
            author=leads[side],
            at=f"2025-0{rng.randrange(2, 5)}-{rng.randrange(10, 28)} 11:00",
            kind="Bug",
            status=rng.choice(("New", "Closed")),
            description=f"Release {release.number + 1}.",
        )
    current, coming = release.number, release.number + 1
    office.page(
        "releases",
        "Wiki",
        "# Releases\n\n| Release | Sponsor |\n| --- | --- |\n"
        f"| {current - 1} | {sponsor[1]} |\n| {current} | {sponsor[1]} |\n| {coming} | {other[1]} |\n\n"
        "How we plan: [[Planning rules]].",
        author=boss[0],
        at="2025-05-05 09:00",
    )
    office.page("releases", "Planning rules", RULES, author=boss[0], at="2025-04-01 09:00")


def _relations(release: Release, ticket: Ticket) -> tuple[str, ...]:
    found = [f"blocks {one.number}" for one in ticket.blocks]
    if release.entered and ticket is release.second:
        found.append(f"blocks {release.first.number}")
    return tuple(found)


def _dispute(release: Release, ticket: Ticket) -> list[tuple[str, str, str]]:
    """Each lead's comment on the other's ticket."""
    other = release.heads[1 - ticket.side]
    name = release.people[1 - ticket.side][0]
    said = (
        f"This has to wait: it builds on #{other.number}, and we are not through with that before "
        f"{other.due:%d %B}. Please plan accordingly."
    )
    mine = release.people[ticket.side][0]
    back = f"No. #{other.number} needs this one, not the other way round. We had that settled."
    return [(name, "2025-05-27 14:05", said), (mine, "2025-05-28 09:40", back)]


def _chat(release: Release, office: OfficeWorld) -> None:
    a, b, sponsor, boss, *others = (login for login, _ in release.people)
    wrong = release.heads[1 - release.right]
    names = [name.split()[0] for _, name in release.people]
    first = release.sides[1 - release.right][1]
    last = release.sides[release.right][1]
    office.room(
        "general",
        ["worker", *(login for login, _ in release.people)],
        [
            (boss, "2025-06-02 08:55", "Good morning. The lift is out of order till Wednesday."),
            (sponsor, "2025-06-02 17:10", "I am on the train tomorrow morning and back at my desk at one."),
        ],
        topic="All of us",
    )  # fmt: skip
    office.room(
        f"release-{release.number}",
        ["worker", a, b, boss, *others],
        [
            (a, "2025-05-28 10:02", f"{names[1]}, your #{release.heads[1].number} comes after ours, you know that."),
            (b, "2025-05-28 10:15", f"I know the opposite. #{release.heads[0].number} cannot go anywhere without us."),
            (boss, "2025-06-02 16:30", "This gets settled tomorrow, by the rules. Wim takes care of it."),
        ],
        topic=f"Release {release.number}",
    )  # fmt: skip
    office.room(
        f"release-{release.number - 1}",
        ["worker", a, b, boss, sponsor, *others],
        [
            (
                sponsor,
                "2025-03-04 11:20",
                f"For release {release.number - 1}: {first} goes first, {last} waits. Settled.",
            ),
            (release.people[wrong.side][0], "2025-03-04 11:24", "Good, that is what I say all along."),
        ],
        topic=f"Release {release.number - 1} (done)",
    )  # fmt: skip
    for side in (0, 1):
        lead, engineer = release.people[side][0], release.people[4 + side][0]
        office.room(
            f"team-{release.sides[side][0]}",
            ["worker", lead, engineer],
            [(engineer, "2025-06-02 09:12", "Stand-up at half past nine.")],
        )
    for login in (a, b, sponsor, boss, others[-1]):
        office.direct("worker", login)


def _life(release: Release, office: OfficeWorld) -> None:
    life = office.life
    life.begins(f"{TODAY} 09:00")
    (sponsor, full), boss = release.people[2], release.people[3][0]
    who = full.split()[0]
    decided = rf"{sponsor}|{full.split()[1]}|sponsor|decided|decision"
    about = (
        "first|before|block|depend|order|wait|prior|decid|decision|sequence|which|disagree|conflict|"
        "disput|prerequisite|settle|later|after|comes|sure|agree|your (view|side|take|opinion)"
    )
    for side, mine in enumerate(release.heads):
        login = release.people[side][0]
        other = release.heads[1 - side]
        life.colleague(
            login,
            manner="sure of it",
            minutes=12,
            unclear="I am in the middle of something. What is it about?",
        )
        life.answer(
            login,
            "view",
            asked=about,
            unless=[decided],
            text=(
                f"No question about it: #{mine.number} has to be finished first, and then "
                f"#{other.number}. I am certain, everybody here knows it."
            ),
        )
        life.answer(login, "told", asked=decided, text=f"If {who} says so. We will plan by it.")
    life.colleague(
        sponsor,
        manner="brief, away in the morning, answers what is clear",
        opens="13:00",
        minutes=40,
        unclear="I have little time. What do you need from me?",
    )
    life.answer(
        sponsor,
        "decision",
        asked=about,
        needs=[
            rf"\b{ticket.number}\b|{ticket.subject}|{release.sides[ticket.side][1]}"
            for ticket in release.heads
        ],
        ask_back=(
            "I have a dozen things waiting for me. Which two tickets is this about? Both numbers, please."
        ),
        text=(
            f"#{release.first.number} first. #{release.second.number} waits until that is finished. "
            f"Both teams may be told that it is my decision. Between us: {release.buyer} wants to buy "
            f"the part of the company that {release.sides[release.first.side][1]} works for, and looks at it in "
            "summer. Not a word about that."
        ),
        again=f"As I said: #{release.first.number} first, #{release.second.number} waits for it.",
    )
    life.colleague(
        boss,
        manner="in workshops all day",
        minutes=90,
        unclear="In a workshop. It is all in the planning rules.",
    )
    life.colleague(
        release.people[6][0],
        manner="keeps out of it",
        minutes=20,
        unclear="That is not a release of mine, so it is not for me to say.",
    )
