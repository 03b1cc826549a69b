"""The handbook as it is, and as the plan wants it."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECTIONS = ("Brand", "Campaigns", "Events", "Web", "Archive")
LOGOS = ("Logo rules", "Logo rules 2025")


@dataclass
class Page:
    """A page; `new` is what it becomes, or where its content goes.

    Attributes:
        fate: `page`, `merged` or `deleted`.
    """

    old: str
    new: str
    parent: str
    about: str
    author: str
    fate: str = "page"
    text: str = ""
    at: str = "2024-03-04 10:00"


@dataclass
class Handbook:
    """All pages of the project Marketing, and those of Sales that link there."""

    rng: random.Random
    pages: list[Page] = field(default_factory=list[Page])

    def __post_init__(self) -> None:
        path = Path(__file__).with_name("pages.toml")
        self.drawn: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        rng = self.rng
        firsts, lasts = (rng.sample(self.drawn[kind], 8) for kind in ("first", "last"))
        names = [f"{one} {other}" for one, other in zip(firsts, lasts, strict=True)]
        roles = ("worker", "lead", "brand", "events", "web", "sales")
        self.staff: dict[str, str] = dict(zip(roles, names, strict=False))
        self.pantone, self.old_pantone = rng.sample(range(2010, 2990), 2)
        self.hall, self.new_hall = (
            f"{n}.{rng.randrange(1, 4)}" for n in rng.sample(range(2, 27), 2)
        )
        self.logo = rng.choice(LOGOS)
        self._draw()
        self._write()

    @property
    def fair(self) -> Page:
        """The page that the interruption is about."""
        return next(one for one in self.pages if "in Milan" in one.about)

    def _draw(self) -> None:
        rng = self.rng
        owners = {"Brand": "brand", "Campaigns": "web", "Events": "events", "Web": "web"}
        by_first: dict[str, Page] = {}
        for one in self.drawn["page"]:
            old = rng.choice(one["old"])
            new = rng.choice(one["new"]) if rng.random() < 0.6 else old
            page = Page(old, new, one["section"], one["about"], owners[one["section"]])
            by_first[one["old"][0]] = page
            self.pages.append(page)
        renamed = [one for one in self.pages if one.new != one.old]
        rng.shuffle(renamed)
        self.linked_from_sales = renamed[:3]
        for one in self.drawn["merge"]:
            into = by_first[one["into"]]
            old = rng.choice(one["old"])
            self.pages.append(Page(old, into.new, "", one["about"], into.author, "merged"))
        blue = f"our blue is Pantone {self.pantone}"
        older = f"our blue is Pantone {self.old_pantone}"
        colours = rng.choice(("Colours", "Colour palette"))
        self.pages.append(Page("Colours", colours, "Brand", blue, "brand"))
        stale = Page("Colours 2019", "Archive - Colours 2019", "Archive", older, "events")
        stale.at = "2025-02-03 10:00"  # somebody corrected a typing mistake
        self.pages.append(stale)
        contacts = by_first["Press desk"].new
        gone = "write to the agency, they forward it"
        self.pages.append(Page("Old contacts", contacts, "", gone, "web", "deleted"))
        about = {
            "Logo rules": "the logo stands on white, with a margin of its own height",
            "Logo rules 2025": "the logo stands on the left, with a margin of half its height",
        }
        for old in LOGOS:
            new = "Logo" if old == self.logo else "Archive - Logo"
            parent = "Brand" if old == self.logo else "Archive"
            page = Page(old, new, parent, about[old], "brand")
            # Whichever holds was changed before the other one.
            page.at = "2025-01-20 09:00" if old == self.logo else "2025-04-14 09:00"
            self.pages.append(page)

    def _write(self) -> None:
        rng, targets = self.rng, list(self.pages)
        for page in self.pages:
            sentences = [f"{page.about[0].upper()}{page.about[1:]}."]
            linked = rng.sample(
                [one for one in targets if one is not page], rng.choice((2, 3, 3, 4))
            )
            for one in linked:
                sentence: str = rng.choice(self.drawn["sentences"]["link"])
                sentences.append(sentence.format(link=self._link(one)))
            sentences += rng.sample(self.drawn["sentences"]["plain"], 2)
            head, rest = sentences[0], sentences[1:]
            rng.shuffle(rest)
            half = len(rest) // 2
            blocks = [f"# {page.old}", head, "## Checklist"]
            blocks += [f"* {one}" for one in rest[:half]]
            blocks += ["## Background", " ".join(rest[half:])]
            if page is self.fair:
                blocks.insert(2, f"We are in hall {self.hall}, near the entrance.")
            page.text = "\n\n".join(blocks) + "\n"
        self._how_to()
        self._owners()

    def _link(self, page: Page) -> str:
        """A link, in one of the ways in which people write it."""
        lot, name = self.rng.random(), page.old
        label = self.rng.choice(self.drawn["sentences"]["label"])
        if lot < 0.25:
            return f"[[{name}|{label}]]"
        if lot < 0.4 and page.fate == "page":
            return f"[[{name}#{self.rng.choice(('Checklist', 'Background'))}|{label}]]"
        if lot < 0.5:
            return f"[[{name[0].lower()}{name[1:].replace(' ', '_')}]]"
        if lot < 0.6:
            return f"[[marketing:{name}|{label}]]"
        return f"[[{name}]]"

    def _how_to(self) -> None:
        example = self.linked_from_sales[0].old
        target = self._link(self.pages[0])
        text = (
            "# How to write here\n\nWrite short pages, one subject each. "
            f"The tone is that of {target}.\n\nA link is the name of the page in brackets, such as "
            f"`[[{example}]]`, or with a text of its own:\n\n```\nFor this see [[{example}|our page on "
            "it]].\n```\n\nSet what is code as code.\n"
        )
        new = self.rng.choice(("Writing pages", "How to write here"))
        self.pages.append(Page("How to write here", new, "Web", "", "web", text=text))

    def _owners(self) -> None:
        rows = {
            "brand": ["Logo rules", "Logo rules 2025", "Colours"],
            "events": [self.fair.old],
            "web": [one.old for one in self.pages if one.parent == "Web"][:2],
        }
        lines = [
            f"| {', '.join(f'[[{one}]]' for one in pages)} | {self.staff[login]} ({login}) |"
            for login, pages in rows.items()
        ]
        text = (
            "# Owners\n\nWho answers for what is said on a page.\n\n| Pages | Owner |\n|---|---|\n"
        )
        self.pages.append(
            Page("Owners", "Owners", "", "", "lead", text=text + "\n".join(lines) + "\n")
        )

    def start_page(self) -> str:
        """The start page with its long list."""
        names = sorted(one.old for one in self.pages if one.old != "Owners")
        listed = "\n".join(f"* [[{name}]]" for name in names)
        intro = (
            "# Marketing handbook\n\nHow we work, page by page. Who answers for what: [[Owners]].\n"
        )
        return f"{intro}\n## Contents\n\n{listed}\n"

    def plan(self) -> str:
        """The rows of the plan, in an order of their own."""
        rows: list[str] = []
        for page in self.pages:
            if page.old in ("Owners", *LOGOS):
                continue
            if page.fate == "merged":
                rows.append(f"| {page.old} | part of {page.new} | |")
            elif page.fate == "deleted":
                rows.append(f"| {page.old} | deleted; links go to {page.new} | |")
            else:
                rows.append(f"| {page.old} | {page.new} | {page.parent} |")
        self.rng.shuffle(rows)
        rows += [f"| {one} | by rule 6 | |" for one in LOGOS]
        return "\n".join(rows)
