"""Seven owners of figures: one never answers, one corrects, one is vague, one is late, one only chats."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from offsite.records.office import PutFile, SendMail
from offsite.tasks import OfficeWorld, World

from .lines import (
    EXPORTS,
    LINES,
    OWNERS,
    Line,
    Values,
    derived,
    draw_target,
    draw_value,
    export,
    rounded,
    status,
    table,
    told,
)

PASSWORD = "desk-4711-pw"
TITLES = {
    "ceo": "Managing director",
    "finance": "Head of finance",
    "sales": "Head of sales",
    "people": "Head of people",
    "support": "Head of customer support",
    "marketing": "Head of marketing",
    "operations": "Head of operations",
    "engineering": "Head of engineering",
}
ASKED = r"board|pack|figure|number|value|kpi|\bline|exact|\b[a-z]{3}-[a-z]+\b"
REACH = {"slow": "mail; on Tuesdays at work from 13:40", "chats": "chat only, does not read mail"}
COLUMNS = ("code", "owner", "value", "previous", "change_pct", "target", "status")


@dataclass
class Month:
    """The figures of May, and what is known of April.

    Attributes:
        part: the special parts, `never`, `corrects`, `vague`, `slow`, `chats`, by owner.
        first: the figure that is corrected later: its line, and what is said first.
    """

    rng: random.Random
    hours: int
    score: int
    amber: int
    part: dict[str, str]
    values: Values = field(default_factory=dict[str, Decimal])
    before: Values = field(default_factory=dict[str, Decimal])
    targets: Values = field(default_factory=dict[str, Decimal])
    exports: dict[str, str] = field(default_factory=dict[str, str])
    first: tuple[Line, Decimal] = (LINES[0], Decimal(0))
    new_target: tuple[Line, Decimal] = (LINES[0], Decimal(0))

    def owner(self, part: str) -> str:
        """Who plays it."""
        return next(owner for owner, name in self.part.items() if name == part)

    def draw(self) -> None:
        """Both months, the targets, the figure that is wrong at first."""
        rng = self.rng
        for month, values in ((4, self.before), (5, self.values)):
            for line in LINES:
                if line.export:
                    limit = self.hours if line.owner == "support" else self.score
                    text, values[line.code] = export(rng, line.owner, month, limit)
                    self.exports[f"{EXPORTS[line.owner]}-2025-{month:02}.csv"] = text
                elif line.owner != "pack":
                    values[line.code] = draw_value(rng, line)
                    while values[line.code] == self.before[line.code] and month == 5:
                        values[line.code] = draw_value(rng, line)
            values.update(derived(values))
        for line in LINES:
            self.targets[line.code] = draw_target(rng, line, self.values[line.code], self.amber)
        self.first = self._corrected()
        self.new_target = self._moved()

    def _corrected(self) -> tuple[Line, Decimal]:
        while True:
            line = self.rng.choice(direct(self.owner("corrects")))
            wrong = draw_value(self.rng, line)
            if abs(wrong - self.values[line.code]) > self.values[line.code] / 40:
                return line, wrong

    def _moved(self) -> tuple[Line, Decimal]:
        """A line whose target the managing director changes, and with it the colour."""
        lines = [line for one in OWNERS if one != self.owner("never") for line in direct(one)]
        while True:
            line = self.rng.choice(lines)
            value = self.values[line.code]
            new = draw_target(self.rng, line, value, self.amber)
            colours = {status(line, value, t, self.amber) for t in (new, self.targets[line.code])}
            if len(colours) == 2:
                return line, new


def direct(owner: str) -> list[Line]:
    """The lines whose value an owner tells."""
    return [line for line in LINES if line.owner == owner and not line.export]


def build(seed: int) -> World:
    """Draw who plays which part, and the figures."""
    rng = random.Random(f"data-analysis/board-pack:{seed}")
    given = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))
    firsts, lasts = (rng.sample(given[kind], len(TITLES)) for kind in ("first", "last"))
    names = {
        login: f"{one} {other}" for login, one, other in zip(TITLES, firsts, lasts, strict=True)
    }
    parts = ("never", "corrects", "vague", "slow", "chats")
    part: dict[str, str] = dict(zip(rng.sample(OWNERS, len(parts)), parts, strict=True))
    month = Month(
        rng, rng.choice((6, 8, 10)), rng.choice((55, 60, 65)), rng.choice((4, 5, 6)), part
    )
    month.draw()
    world = World(facts={"ceo": names["ceo"], "password": PASSWORD}, truth=_truth(month))
    office = world.office
    office.person("worker", "Wim Worker", password=PASSWORD, title="Assistant to the board")
    for login, title in TITLES.items():
        office.person(login, names[login], password=f"{login}-{rng.randrange(1000, 9999)}-pw", title=title)  # fmt: skip
    _drive(office, month, names)
    chatter = month.owner("chats")
    office.direct("worker", chatter, [(chatter, "2025-06-06 10:12", "Welcome! Write to me here.")])
    office.mail("ceo", "worker", "Board pack", "Good luck with the pack.\n", at="2025-06-09 17:30")
    _life(office, month)
    return world


def _drive(office: OfficeWorld, month: Month, names: dict[str, str]) -> None:
    head = "| Code | Line | Unit | Owner | Better |\n| --- | --- | --- | --- | --- |\n"
    rows = [
        f"| `{line.code}` | {line.name} | {line.unit or 'number'} | "
        f"{'calculated' if line.owner == 'pack' else f'`{line.owner}`'} | {line.better} |"
        for line in LINES
    ]
    reach = [
        f"| {names[owner]} | `{owner}` | {TITLES[owner]} | {REACH.get(month.part.get(owner, ''), 'mail')} |"
        for owner in OWNERS
    ]
    people = "\n\n| Owner | Login | | Reached by |\n| --- | --- | --- | --- |\n" + "\n".join(reach)
    guide = Path(__file__).with_name("guide.md").read_text(encoding="utf-8")
    facts = {"table": head + "\n".join(rows) + people, "hours": month.hours}
    for name, value in {**facts, "score": month.score, "amber": month.amber}.items():
        guide = guide.replace(f"{{{{ {name} }}}}", str(value))
    office.file("Board/guide.md", guide, at="2025-03-10 09:00")
    targets = [(line.code, line.better, month.targets[line.code]) for line in LINES]
    office.file("Board/targets.csv", table([("code", "better", "target"), *targets]), at="2025-01-15 10:00")  # fmt: skip
    final = [_april(line, month.before[line.code], month) for line in LINES]
    draft = [list(row) for row in final]
    for row in month.rng.sample(draft, 7):
        row[2] = str(Decimal(row[2]) + (2 if "." not in row[2] else Decimal("1.4")))
    for name, content in (("draft", draft), ("final", final)):
        at = "2025-05-12 10:00" if name == "draft" else "2025-05-13 15:45"
        office.file(f"Board/2025-04/pack-{name}.csv", table([COLUMNS, *content]), at=at)
    for path, text in month.exports.items():
        if "2025-04" in path:
            office.file(path, text, at="2025-05-09 12:00")


def _april(line: Line, value: Decimal, month: Month) -> list[str]:
    target = month.targets[line.code]
    colour = status(line, value, target, month.amber)
    march = rounded(
        value * 100 / (100 + Decimal(month.rng.randint(-80, 80)) / 10), "." in str(value)
    )
    change = rounded((value - march) * 100 / march, True)
    return [line.code, line.owner, str(value), str(march), str(change), str(target), colour]


def _life(office: OfficeWorld, month: Month) -> None:
    life = office.life
    life.begins("2025-06-10 09:00")
    for owner in OWNERS:
        part = month.part.get(owner, "")
        life.colleague(
            owner,
            manner={"never": "is travelling", "vague": "never exact at first"}.get(part, "helpful"),
            opens="13:40" if part == "slow" else "08:30",
            minutes=month.rng.randrange(10, 35),
            unclear="" if part in ("never", "chats") else "What do you need from me?",
        )
        if part != "never":
            _answer(office, month, owner, part)
    life.colleague("ceo", minutes=15)
    life.answer(
        "ceo",
        "guide",
        asked=r"missing|estimate|remind|carry|last month.*\?",
        text="Please do as the guide says.",
    )
    line, target = month.new_target
    life.arrives(
        "new target",
        SendMail(
            sender="ceo",
            to=("worker",),
            subject="A target",
            text=f"Hello,\n\nthe target of {line.name} ({line.code}) is {target} from May on; the file "
            "is not up to date there. Everything else stays.\n",
        ),
        at="11:20",
    )


def _answer(office: OfficeWorld, month: Month, owner: str, part: str) -> None:
    """What an owner says: the figures, the export, and what is odd about it."""
    wrong = {month.first[0].code: month.first[1]} if part == "corrects" else {}
    lines = direct(owner)
    figures = "\n".join(
        f"{line.name} ({line.code}): {told(month.rng, line, wrong.get(line.code, month.values[line.code]))}"
        for line in lines
    )
    then: list[Any] = []
    where = ""
    if owner in EXPORTS:
        path = f"{EXPORTS[owner]}-2025-05.csv"
        then.append(PutFile(path=path, content=month.exports[path].encode()))
        where = f"The export is on the drive: {path}\n\n"
    text, again = where + figures, ""
    if part == "vague":
        text = f"{where}For the rest: much as in April, I would say, perhaps a bit better."
        again = f"You want it exactly. Here it is:\n\n{figures}"
    if part == "corrects":
        line, _ = month.first
        right = told(month.rng, line, month.values[line.code])
        then.append(
            SendMail(
                after=130,
                sender=owner,
                to=("worker",),
                subject="Sorry: a wrong figure",
                text=f"Hello,\n\none figure that I gave you was wrong: {line.name} ({line.code}): {right} "
                "is right. The first one was read from the wrong column. The rest stands.\n",
            )
        )
        again = "What I last wrote to you stands."
    ways: dict[str, Any] = {"ways": ("chat",)} if part == "chats" else {}
    office.life.answer(
        owner, "figures", asked=ASKED, text=text, again=again, then=tuple(then), **ways
    )


def _truth(month: Month) -> dict[str, Any]:
    never = month.owner("never")
    kinds = {"corrects": "corrected", "vague": "clarified"}
    known = {
        line.code: month.values[line.code] for line in LINES if line.owner not in (never, "pack")
    }
    known |= derived(known)
    targets = month.targets | {month.new_target[0].code: month.new_target[1]}
    lines: dict[str, dict[str, str]] = {}
    for line in LINES:
        value, before, target = known.get(line.code), month.before[line.code], targets[line.code]
        kind = "derived" if line.owner == "pack" else "computed" if line.export else "received"
        if line.code == month.first[0].code:
            kind = "corrected"
        elif month.part.get(line.owner) == "vague" and not line.export:
            kind = "clarified"
        change = rounded((value - before) * 100 / before, True) if value is not None else ""
        lines[line.code] = {
            "owner": line.owner,
            "kind": kind if value is not None else "missing",
            "value": str(value) if value is not None else "",
            "previous": str(before),
            "change_pct": str(change),
            "target": str(target),
            "status": status(line, value, target, month.amber) if value is not None else "missing",
        }
    states = {owner: kinds.get(month.part.get(owner, ""), "received") for owner in OWNERS}
    return {
        "lines": lines,
        "states": states | {never: "missing"},
        "never": never,
        "new_target": month.new_target[0].code,
    }
