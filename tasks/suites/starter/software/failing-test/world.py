"""A parcel price library with a year of history and one regression in it."""

from __future__ import annotations

import hashlib
import random
import re
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from faker import Faker
from offsite.tasks import Commit, World, repository

SOURCE = Path(__file__).parent / "repo"
ROOT = "cargoquote"


@dataclass(frozen=True)
class Bug:
    """One regression: where it is, where it shows, and how the ticket tells of it."""

    kind: str
    module: str
    failing: str
    title: str
    story: str


BUGS = (
    Bug(
        "allocate",
        "money",
        "tests.test_invoices.Invoices.test_{id}_credit_note",
        "Credit note does not add up",
        "The lines of a credit note of -{credit} cents over three cost centres sum to something else than the "
        "total; the customer's ledger refuses it. Finance says they have also seen invoices of large customers "
        "that did not get the same cents as last year for the same numbers.",
    ),
    Bug(
        "brackets",
        "tariffs",
        "tests.test_quotes.Quotes.test_{id}_limit_weight",
        "Parcel at the limit is charged too much",
        "A parcel of exactly {limit} kg is charged like a heavier one. The web shop shows the right price because "
        "it has its own table. The depot reports the same for heavy goods that weigh round kilograms.",
    ),
    Bug(
        "schedule",
        "schedule",
        "tests.test_orders.Orders.test_{id}_christmas",
        "Pickup promised for a day on which nobody drives",
        "An order of 24 December after the cut-off was promised for a holiday. Customer care remembers something "
        "similar around other long weekends, and one complaint about an order placed right at the cut-off.",
    ),
    Bug(
        "tracking",
        "tracking",
        "tests.test_reports.Reports.test_{id}_abroad",
        "Wrong latest status for parcels from abroad",
        "A parcel that London had handed over is shown as still in customs in Amsterdam. Lisbon says that scans "
        "they send again, in UTC the second time, turn up twice.",
    ),
    Bug(
        "memo",
        "memo",
        "tests.test_quotes.Quotes.test_{id}_two_services",
        "Express quoted at the economy price",
        "Whoever asks for the economy price first gets the same one for express until the service is restarted. "
        "Partners who use our cache in their own scripts saw results of other calls too, even for calls without "
        "names.",
    ),
)

FEATURES = {
    "money": "money: parse amounts from the bank's files",
    "tariffs": "tariffs: list the steps for the price page",
    "schedule": "schedule: count working days for the monthly report",
    "tracking": "tracking: name the depots a parcel came through",
    "memo": "memo: tell how many results are known",
}

ORDER = [
    ["errors", "units"],
    ["zones"],
    ["money"],
    ["tariffs"],
    ["surcharges"],
    ["config"],
    ["memo"],
    ["quotes"],
    ["schedule"],
    ["orders"],
    ["labels"],
    ["invoices"],
    ["tracking"],
    ["reports"],
    ["addresses", "paging"],
    ["cli"],
]

RELEASES = {2: "0.1.0", 5: "0.2.0", 7: "0.3.0", 9: "0.4.0", 11: "0.5.0", 13: "0.6.0", 15: "0.7.0"}


class Template:
    """The repository's files at any stage of their history."""

    def __init__(self, bug: Bug, values: dict[str, str]) -> None:
        self.bug = bug
        self.values = values

    def text(
        self, path: str, *, feature: bool = True, buggy: bool = True, ticket: bool = True
    ) -> str:
        """A file with or without the late feature, the regression and the ticket's test."""
        file = SOURCE / path
        raw = (file if file.exists() else SOURCE / f"{path}.txt").read_text(encoding="utf-8")

        def fault(match: re.Match[str]) -> str:
            if buggy and match[1] == self.bug.kind:
                return (SOURCE / "bugs" / f"{match[1]}.txt").read_text(encoding="utf-8")
            return match[2]

        def case(match: re.Match[str]) -> str:
            return match[2] if ticket and match[1] == self.bug.kind else ""

        raw = re.sub(r"#<bug (\w+)\n(.*?)#bug>\n", fault, raw, flags=re.DOTALL)
        raw = re.sub(r"#<ticket (\w+)\n(.*?)#ticket>\n", case, raw, flags=re.DOTALL)
        keep = r"\1" if feature else ""
        raw = re.sub(r"#<feature\n(.*?)#feature>\n", keep, raw, flags=re.DOTALL)
        return re.sub(r"@([A-Z_]+)@", lambda m: self.values[m[1]], raw)


def _values(rng: random.Random, fake: Faker, ticket: str, people: list[str]) -> dict[str, str]:
    """What the seed decides in the files."""
    limits = [
        *sorted(rng.sample([1000, 2000, 3000, 4000], 2)),
        rng.choice([5000, 6000, 7000]),
        10000,
    ]
    start = rng.randrange(395, 520, 5)
    prices = [start + sum(rng.randrange(90, 210, 5) for _ in range(n)) for n in range(4)]
    prices.sort()
    prices = [price + 15 * n for n, price in enumerate(prices)]
    express = [price + rng.randrange(200, 400, 5) for price in prices]
    express.sort()
    fuel = rng.choice(["6.5", "7", "7.5", "8.25", "9"])
    xmas_closed = rng.choice([[29], [29, 30], [29, 30, 31]])
    monday = datetime(2025, 7, 7, tzinfo=UTC) + timedelta(weeks=rng.randrange(8))
    days = ["2025-04-21", "2025-05-01", "2025-06-09", monday.date().isoformat()]
    days += ["2025-12-25", "2025-12-26", *(f"2025-12-{d}" for d in xmas_closed), "2026-01-01"]
    after = {1: 30, 2: 31, 3: 32}[len(xmas_closed)]
    if after == 32:  # 31 December is the last day that a constant of the test can name.
        days.remove("2025-12-31")
        after = 31
    prefix = rng.sample(range(10, 99), 5)
    at = rng.randrange(3)
    zones = {str(prefix[0]): "A", str(prefix[1]): "A", str(prefix[2]): "B", str(prefix[3]): "C"}
    zones[f"{prefix[0]}9"] = "B"
    light = prices[0]
    fuel_cents = (light * int(float(fuel) * 100) + 5000) // 10000

    def tariff(column: list[int]) -> str:
        rows = [f"{limit} = {price}" for limit, price in zip(limits, column, strict=True)]
        return "\n".join([*rows, f"extra_kg = {rng.randrange(55, 120, 5)}"])

    return {
        "CUTOFF": rng.choice(["14:30", "15:00", "16:00", "16:30", "17:00"]),
        "HOLIDAYS": "\n    ".join(days),
        "DIVISOR": rng.choice(["5000", "6000"]),
        "FUEL": fuel,
        "ECONOMY": tariff(prices),
        "EXPRESS": tariff(express),
        "ZONES": "\n".join(f"{key} = {zone}" for key, zone in zones.items()),
        "POSTCODE": f"{prefix[0]}1{rng.randrange(10)}",
        "LIGHT_TOTAL": str(light + fuel_cents),
        "LIGHT_ECONOMY": str(light),
        "LIGHT_EXPRESS": str(express[0]),
        "LIMIT_KG": str(limits[at] // 1000),
        "LIMIT_PRICE": str(prices[at]),
        "CREDIT": str(rng.choice([n for n in range(1000, 9000) if n % 7 in (1, 2, 3)])),
        "AFTER_XMAS": str(after),
        "DAY": str(rng.randrange(1, 8)),
        "MINUTE": f"{rng.randrange(2, 15):02d}",
        "EARLIER": f"{rng.randrange(31, 59)}",
        "ID": ticket.lower().replace("-", "_"),
        "COMPANY": f"{fake.last_name()} Logistics",
        "LEAD": people[0],
        "QA": people[1],
    }


def _changelog(done: list[tuple[str, list[str]]], pending: list[str]) -> str:
    """Released versions, newest first, below what waits for a release."""
    lines = ["# Changelog", "", "## Unreleased", ""]
    if pending:
        lines += ["### Added", "", *(f"- {entry}" for entry in pending), ""]
    for version, entries in reversed(done):
        lines += [f"## {version}", "", "### Added", "", *(f"- {entry}" for entry in entries), ""]
    return "\n".join(lines)


def _history(
    template: Template, rng: random.Random, people: list[tuple[str, str]], ticket: str
) -> tuple[list[Commit], str]:
    """The commits, and CHANGELOG.md at their end."""
    commits: list[Commit] = []
    when = datetime(2024, 9, 2, 8, 12, tzinfo=UTC)
    done: list[tuple[str, list[str]]] = []
    pending: list[str] = []

    def commit(message: str, files: dict[str, str], author: tuple[str, str] | None = None) -> None:
        nonlocal when
        name, mail = author or people[rng.choice([0, 0, 2, 2, 3])]
        commits.append(Commit(message, name, mail, when, files))
        when += timedelta(
            days=rng.randrange(2, 9), hours=rng.randrange(7), minutes=rng.randrange(60)
        )

    def early(path: str) -> str:
        return template.text(path, feature=False, buggy=False, ticket=False)

    def release(version: str) -> None:
        done.append((version, list(pending)))
        pending.clear()
        init = template.text("cargoquote/__init__.py").replace("0.9.0", version)
        files = {"cargoquote/__init__.py": init, "CHANGELOG.md": _changelog(done, pending)}
        commit(f"Release {version}\n", files, people[0])

    start = {"README.md": "# cargoquote\n", ".gitignore": template.text("gitignore")}
    commit("Begin\n", start, people[0])
    start = {
        "cargoquote/__init__.py": template.text("cargoquote/__init__.py"),
        "tests/__init__.py": "",
    }
    commit("Package and test folder\n", start, people[0])
    for at, names in enumerate(ORDER):
        files: dict[str, str] = {}
        for name in names:
            files[f"cargoquote/{name}.py"] = early(f"cargoquote/{name}.py")
            for path in (f"tests/test_{name}.py", f"docs/{name}.md"):
                if (SOURCE / path).exists() or (SOURCE / f"{path}.txt").exists():
                    files[path] = early(path)
        if "config" in names:
            files["cargoquote/defaults.ini"] = template.text("cargoquote/defaults.ini")
        pending.append(f"`{names[-1]}`: first version")
        commit(f"{names[-1]}: first version\n", files)
        if at == 4:
            text = early("CONTRIBUTING.md")
            commit("Write down how we work\n", {"CONTRIBUTING.md": text}, people[0])
        if at == 10:
            commit("README: how to run it\n", {"README.md": early("README.md")}, people[0])
        if at in RELEASES:
            release(RELEASES[at])
    modules = list(FEATURES)
    rng.shuffle(modules)
    for number, name in enumerate(modules):
        # The regression came in with the module's feature, which others rely on by now.
        files = {
            f"cargoquote/{name}.py": template.text(f"cargoquote/{name}.py"),
            f"tests/test_{name}.py": template.text(f"tests/test_{name}.py", ticket=False),
        }
        pending.append(FEATURES[name].replace(f"{name}:", f"`{name}`:"))
        files["CHANGELOG.md"] = _changelog(done, pending)
        commit(
            f"{FEATURES[name]}\n\nTidied up a little on the way.\n", files, people[2 + number % 2]
        )
        if number in (1, 3):
            release(f"0.{8 + number // 2}.0")
    path = template.bug.failing.split(".")[1]
    case = {f"tests/{path}.py": template.text(f"tests/{path}.py")}
    commit(f"tests: case from support\n\nTicket: {ticket}\n", case, people[1])
    return commits, _changelog(done, pending)


def build(seed: int) -> World:
    """The library with one of five regressions, its tickets and some notes."""
    rng = random.Random(f"software/failing-test:{seed}")
    fake = Faker("nl_NL")
    fake.seed_instance(rng.randrange(2**32))
    bug = BUGS[seed % len(BUGS)]
    names = [f"{fake.unique.first_name()} {fake.unique.last_name()}" for _ in range(5)]
    firsts = [name.split()[0] for name in names]
    people = [(name, f"{name.split()[0].lower()}@cargoquote.example") for name in names]
    number = rng.randrange(210, 890)
    ticket = f"CQ-{number}"
    values = _values(rng, fake, ticket, [names[0], firsts[1]])
    template = Template(bug, values)
    commits, changelog = _history(template, rng, people, ticket)

    world = World()
    repository(world, ROOT, commits)
    world.setup.append(
        f"git -C {ROOT} config user.name {shlex.quote(names[4])} && "
        f"git -C {ROOT} config user.email {people[4][1]}"
    )
    story = bug.story.format(credit=values["CREDIT"], limit=values["LIMIT_KG"])
    world.add(f"tickets/{ticket}.md", _ticket(ticket, bug.title, "open", story, firsts[1]))
    for other, at in zip([b for b in BUGS if b is not bug][:3], (17, 41, 96), strict=True):
        old = f"CQ-{number - at}"
        text = f"Checked against `docs/{other.module}.md`: works as promised. Closed."
        world.add(
            f"tickets/{old}.md",
            _ticket(old, f"Question on {other.module}", "closed", text, firsts[3]),
        )
    world.add("notes/handover.txt", _handover(firsts))

    final: dict[str, str | None] = {}
    for commit in commits:
        final.update(commit.files)
    tests = {p: t for p, t in final.items() if p.startswith("tests/") and t is not None}
    world.facts = {
        "worker": firsts[4],
        "qa": firsts[1],
        "lead": firsts[0],
        "ticket": ticket,
        "failing": "FAIL: " + bug.failing.format(id=values["ID"]),
    }
    world.truth = {
        "kind": bug.kind,
        "module": bug.module,
        "ticket": ticket,
        "failing": bug.failing.format(id=values["ID"]),
        "tests": {p: hashlib.sha256(t.encode()).hexdigest() for p, t in sorted(tests.items())},
        "n_tests": sum(len(re.findall(r"(?m)^    def test_", t)) for t in tests.values()),
        "main_files": {p: _blob(t) for p, t in sorted(final.items()) if t is not None},
        "main_commits": len(commits),
        "main_subject": commits[-1].message.splitlines()[0],
        "released": changelog[changelog.index("\n## 0.") :].strip(),
        "added": [
            line for line in changelog.split("\n## 0.")[0].splitlines() if line.startswith("- ")
        ],
    }
    return world


def _blob(text: str) -> str:
    """The hash by which git knows a file's content."""
    data = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _ticket(number: str, title: str, state: str, text: str, reporter: str) -> str:
    return f"# {number} {title}\n\nState: {state}\nReported by: {reporter}\n\n{text}\n"


def _handover(firsts: list[str]) -> str:
    return (
        f"- {firsts[0]}: merges, releases on Thursdays\n- {firsts[1]}: tests, contact of the web shop\n"
        f"- {firsts[2]} and {firsts[3]}: library\n- nightly deploy takes main as it is at 02:00\n"
    )
