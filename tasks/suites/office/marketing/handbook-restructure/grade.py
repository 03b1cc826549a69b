"""The grader of `handbook-restructure`: pages, places, links and texts, and the call in between."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from offsite.records.office import Office, WikiPage, read_office
from offsite.tasks.grading import Criterion, Evidence, check, mentions, read_csv

MAP = "handbook/map.csv"
START, PLAN = "wiki", "plan for the new handbook"
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"!?\[\[([^\[\]|\n]*)(?:\|([^\[\]\n]*))?\]\]")
HALL = re.compile(r"(?i)\bhall \d+(\.\d+)?")
AN_HOUR = timedelta(minutes=90)
"""Until the urgent answer: the hour that was asked for, and some grace."""
Facts = dict[str, Any]


@dataclass(frozen=True)
class Link:
    """A link: the page in small letters, the place on it, its own text."""

    page: str
    place: str
    label: str


def grade(evidence: Evidence, truth: Facts) -> list[Criterion]:
    """Judge the wiki, the chat, the list."""
    office = read_office(evidence) or Office()
    pages = {_key(one.title): one for one in office.wiki if one.project == "marketing"}
    return [
        *_places(pages, truth),
        *_texts(pages, truth),
        *_links(pages, truth),
        *_redirects(office, pages, truth),
        *_chat(office, pages, truth),
        _map(evidence, truth),
    ]


def _places(pages: dict[str, WikiPage], truth: Facts) -> list[Criterion]:
    """Which pages there are, and where they lie."""
    kept = [one for one in truth["pages"] if one["fate"] == "page"]
    places = {_key(one["new"]): _key(one["parent"]) for one in kept}
    sections = {_key(one): START for one in truth["sections"]}
    wanted = {*places, *sections, START, PLAN}
    wrong = [f"{name} is missing" for name in sorted(wanted - pages.keys())]
    wrong += [f"{name} is there still" for name in sorted(pages.keys() - wanted)]
    parents = [
        f"{name}: below {_key(pages[name].parent) or 'nothing'} for {parent or 'nothing'}"
        for name, parent in {**places, **sections}.items()
        if name in pages and _key(pages[name].parent) != parent
    ]
    lists = [
        f"{section} does not list {name}"
        for section in sections
        for name, parent in places.items()
        if parent == section and name not in _pages_linked(pages.get(section))
    ]
    start = pages.get(START)
    contents = _pages_linked(start)
    if contents != {*sections, "owners"} or (start and "# Marketing handbook" not in start.text):
        lists.append(f"the start page links to {', '.join(sorted(contents))}")
    if not (plan := pages.get(PLAN)) or _plain(plan.text) != _plain(truth["plan"]):
        wrong.append("the plan is changed")
    return [
        check("pages", not wrong, expected="the pages of the plan", found=_some(wrong), weight=2),
        check("places", not parents, expected="below their sections", found=_some(parents)),
        check("lists", not lists, expected="every page is listed", found=_some(lists)),
    ]


def _pages_linked(page: WikiPage | None) -> set[str]:
    return {link.page for link in _found_links(page.text)} if page else set()


def _texts(pages: dict[str, WikiPage], truth: Facts) -> list[Criterion]:
    """What is said stays, and the heading is the name."""
    changed: list[str] = []
    headings: list[str] = []
    lost: list[str] = []
    for one in truth["pages"]:
        page = pages.get(_key(one["new"]))
        if page is None or one["fate"] == "deleted":
            continue
        found, own = _said(page.text), _said(one["text"])
        if one["fate"] == "merged":
            heading = rf"(?m)^##\s+{re.escape(one['old'])}\s*$"
            if not _follow(own, found) or not re.search(heading, page.text):
                lost.append(f"{one['old']} in {one['new']}")
            continue
        taken = [o for o in truth["pages"] if o["fate"] == "merged" and o["new"] == one["new"]]
        whole = [*own, *(line for other in taken for line in _said(other["text"]))]
        if not _follow(own, found):
            changed.append(f"{one['new']}: lines are lost")
        elif extra := _beyond(found, [*whole, *(other["old"] for other in taken)]):
            changed.append(f"{one['new']}: {extra[0][:60]}")
        first = page.text.strip().splitlines()[:1]
        if [_key(line.strip("# ")) for line in first] != [_key(one["new"])]:
            headings.append(f"{one['new']}: {''.join(first)[:60]}")
    return [
        check("texts", not changed, expected="word for word", found=_some(changed), weight=2),
        check("headings", not headings, expected="the new name", found=_some(headings)),
        check("merged", not lost, expected="below a heading each", found=_some(lost), weight=2),
    ]


def _said(text: str) -> list[str]:
    """The lines of a page without its heading, its links, the hall and the levels of headings."""
    lines = text.strip().splitlines()[1:]
    whole = HALL.sub("hall", _outside_code("\n".join(lines), _without_links))
    said = [_plain(line.lstrip("#")) for line in whole.splitlines()]
    return [line for line in said if line]


def _without_links(part: str) -> str:
    return LINK.sub("(link)", part)


def _follow(wanted: list[str], found: list[str]) -> bool:
    """Whether all lines are there, in their order."""
    left = iter(found)
    return all(line in left for line in wanted)


def _beyond(found: list[str], known: Iterable[str]) -> list[str]:
    left = list(known)
    extra: list[str] = []
    for line in found:
        if line in left:
            left.remove(line)
        else:
            extra.append(line)
    return extra


def _links(pages: dict[str, WikiPage], truth: Facts) -> list[Criterion]:
    """Every link leads to the new name, with its own text and place."""
    leads = {_key(one["old"]): _key(one["new"]) for one in truth["pages"]}
    dead = [
        f"{name}: {link.page}"
        for name, page in pages.items()
        if name != PLAN
        for link in _found_links(page.text)
        if link.page not in pages
    ]
    astray: list[str] = []
    bare: list[str] = []
    for one in truth["pages"]:
        page = pages.get(_key(one["new"]))
        if page is None or one["fate"] == "deleted":
            continue
        found = _found_links(page.text)
        for link in _found_links(one["text"]):
            there = [other for other in found if other.page == leads.get(link.page, link.page)]
            if not there:
                astray.append(f"{one['old']}: {link.page}")
            elif not any(_same(link, other) for other in there):
                bare.append(f"{one['old']}: {link.page}, {link.place}, {link.label}")
    return [
        check("no_dead_links", not dead, expected="none", found=_some(dead), weight=3),
        check("links", not astray, expected="to the new place", found=_some(astray), weight=2),
        check("link_texts", not bare, expected="texts and places stay", found=_some(bare)),
    ]


def _same(old: Link, new: Link) -> bool:
    """A link without a text may get one: its old name, say, so that the sentence stays."""
    return old.place == new.place and (not old.label or old.label == new.label)


def _found_links(text: str) -> list[Link]:
    """The links of a page; what is set as code is none."""
    found: list[Link] = []

    def take(part: str) -> str:
        for match in LINK.finditer(part):
            whole, label = match[1], (match[2] or "").strip()
            name, _, place = whole.partition("#")
            name = re.sub(r"(?i)^\s*marketing:", "", name)
            found.append(Link(_key(name), place.strip().lower(), label))
        return part

    _outside_code(text, take)
    return found


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with its parts that are no code changed."""
    parts: list[str] = []
    end = 0
    for match in CODE.finditer(text):
        parts += [change(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, change(text[end:])])


def _redirects(office: Office, pages: dict[str, WikiPage], truth: Facts) -> list[Criterion]:
    """Old names that other projects use go on leading, and no others."""
    found = {
        _key(one.title): _key(one.to) for one in office.redirects if one.project == "marketing"
    }
    due = {_key(old): _key(new) for old, new in truth["redirects"]}
    lost = [old for old, new in due.items() if found.get(old) != new and old not in pages]
    more = sorted(found.keys() - due.keys())
    return [
        check("other_projects_links", not lost, expected="old names lead", found=_some(lost)),
        check("no_more_redirects", not more, expected="no others", found=_some(more)),
    ]


def _chat(office: Office, pages: dict[str, WikiPage], truth: Facts) -> list[Criterion]:
    """The owner was asked, and the call in between was answered in time."""
    asked = [
        one
        for one in office.happenings
        if (one.kind, one.who, one.topic) == ("answered", "brand", "logo")
    ]
    came = [o.at for o in office.happenings if (o.kind, o.topic) == ("arrived", "the printer")]
    told = [o for o in office.happenings if o.kind == "heard" and o.to == "lead"]
    answers = [one for one in told if _has(one.text, truth["pantone"])]
    false = [
        one.text
        for one in told
        if _has(one.text, truth["old_pantone"])
        and not (_has(one.text, truth["pantone"]) and mentions(one.text, "2019|old|archive|not"))
    ]
    late = not came or not answers or answers[0].at > came[0] + AN_HOUR
    right = [one.text for one in answers if one.text not in false]
    page = pages.get(_key(truth["fair"]))
    hall = page is not None and re.search(
        rf"(?i)\bhall {re.escape(truth['hall'])}(?!\d)", page.text
    )
    return [
        check(
            "owner_asked", bool(asked), expected="the brand manager on the logo", found=len(asked)
        ),
        check(
            "urgent_in_time",
            not late,
            expected="an answer within the hour",
            found=answers[0].at if answers else "none",
        ),
        check("urgent_number", bool(right), expected=truth["pantone"], found=false or "none"),
        check(
            "urgent_hall", bool(hall), expected=truth["hall"], found="another" if page else "none"
        ),
    ]


def _has(text: str, number: str) -> bool:
    return re.search(rf"(?<!\d){number}(?!\d)", text) is not None


def _map(evidence: Evidence, truth: Facts) -> Criterion:
    rows = read_csv(evidence, MAP)
    want = {
        _key(one["old"]): "" if one["fate"] == "deleted" else _key(one["new"])
        for one in truth["pages"]
        if _key(one["old"]) != _key(one["new"])
    }
    found = {_key(row.get("old", "")): _key(row.get("new", "")) for row in rows or []}
    wrong = sorted(old for old in want.keys() | found.keys() if want.get(old) != found.get(old))
    return check(
        "map", rows is not None and not wrong, expected=f"{len(want)} rows", found=_some(wrong)
    )


def _key(title: str) -> str:
    """A title as the tracker compares it."""
    return " ".join(title.replace("_", " ").split()).lower()


def _plain(text: str) -> str:
    return " ".join(text.split())


def _some(found: list[str]) -> str:
    return f"{len(found)}: {'; '.join(found[:6])}" if found else "all right"
