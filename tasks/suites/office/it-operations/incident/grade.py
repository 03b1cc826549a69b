"""Looks at the cure, at who was told what and when, and at the report."""

from __future__ import annotations

import configparser
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from offsite.records.office import Happening, Office, read_office
from offsite.tasks.grading import Criterion, Evidence, check, number

NOTICE = timedelta(minutes=30)
ANSWER = timedelta(minutes=30)
Settings = dict[tuple[str, str, str], str]


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """The service mended as the runbook in force says, and everybody informed."""
    office = read_office(evidence)
    if office is None:
        return [check("office", False, expected="an office", found="none")]
    said = _said(office, truth)
    return [
        *_config(evidence, truth),
        _told("first_notice", said, r"SEV\W?(\d)\W+INVESTIGATING", truth["severity"][3:]),
        _told("cause_told", said, r"IDENTIFIED\W+([A-Z]+-[A-Z]+)", truth["report"]["cause"]),
        *_course(office, truth, said),
        _asker_answered(office, truth),
        *_report(office, truth),
        _ticket(office, truth),
    ]


def _said(office: Office, truth: dict[str, Any]) -> list[str]:
    """What the worker said of the incident in its room."""
    room = next((one for one in office.rooms if one.name == "incidents"), None)
    texts = [one.text for one in room.messages if one.sender == "worker"] if room else []
    return [text for text in texts if truth["incident"] in text.upper()]


def _told(name: str, said: Sequence[str], pattern: str, wanted: str) -> Criterion:
    """Whether a message has this code; what was corrected later counts as corrected."""
    found = [one.upper() for text in said for one in re.findall(pattern, text, re.IGNORECASE)]
    return check(
        name,
        found[-1:] == [wanted],
        expected=f"{wanted} in #incidents",
        found=", ".join(found) or "nothing of the kind",
    )


def _config(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """The one setting, and all others."""
    report = truth["report"]
    section, name = re.findall(r"\[(\w+)\] (\w+)", report["setting"])[0]
    cure = (report["file"].rpartition("/")[2], section, name)
    due: Settings = {}
    found: Settings = {}
    for path, text in truth["config"].items():
        file = path.rpartition("/")[2]
        due |= _settings(file, text)
        found |= _settings(file, evidence.text(path) or "")
    others = sorted(
        " ".join(place)
        for place in due.keys() | found.keys()
        if place != cure and due.get(place) != found.get(place)
    )
    return [
        check(
            "mended",
            found.get(cure) == due[cure],
            weight=2,
            expected=f"{report['setting']} = {due[cure]}",
            found=found.get(cure, "not there"),
        ),
        check(
            "rest_kept",
            not others,
            expected="all other settings as they were",
            found="; ".join(others) or "as they were",
        ),
    ]


def _settings(file: str, text: str) -> Settings:
    """The settings of a file; none where it cannot be read."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text.replace("\0", ""))
        return {
            (file, section, name): value.strip()
            for section in parser.sections()
            for name, value in parser.items(section)
        }
    except configparser.Error:
        return {}


def _course(office: Office, truth: dict[str, Any], said: Sequence[str]) -> list[Criterion]:
    """Whether the steps came in time and in their order, by office time."""
    happened = office.happenings
    notice, identified, clear = (
        _first(happened, "arrived", topic=name)
        for name in ("first notice", "identified", "all clear")
    )
    if clear is None and any("RESOLVED" in text.upper() for text in said):
        clear = len(happened)  # said last of all, when nothing was due any more
    restart = _first(happened, "answered", who=truth["operator"], topic="restart")
    life = office.life
    began = life.start if life else None
    in_time = notice is not None and began is not None and happened[notice].at - began <= NOTICE
    order = [notice, identified, restart, clear]
    steps = [one for one in order if one is not None]
    return [
        check(
            "notice_in_time",
            in_time,
            kind="policy",
            expected="the first notice within 30 minutes",
            found=f"{happened[notice].at:%H:%M}" if notice is not None else "none",
        ),
        check(
            "restarted",
            restart is not None,
            expected=f"a restart by {truth['operator']}",
            found="done" if restart is not None else "nobody on duty was asked for it",
        ),
        check(
            "in_order",
            len(steps) == len(order) and steps == sorted(steps),
            kind="policy",
            expected="notice, cause, restart, all clear",
            found="in order" if steps == sorted(steps) and len(steps) == 4 else f"places {order}",
        ),
    ]


def _first(
    happened: Sequence[Happening], kind: str, *, who: str = "", topic: str = ""
) -> int | None:
    """The place in the course of the day of something that happened."""
    for place, one in enumerate(happened):
        if one.kind == kind and one.topic == topic and (not who or one.who == who):
            return place
    return None


def _asker_answered(office: Office, truth: dict[str, Any]) -> Criterion:
    """Whether the colleague who wanted something else had a word within half an hour."""
    happened = office.happenings
    asked = _first(happened, "arrived", topic="interruption")
    answers = [
        one.at
        for one in (happened[asked:] if asked is not None else ())
        if one.kind == "heard" and one.who == "worker" and one.to == truth["asker"]
    ]
    in_time = asked is not None and answers and answers[0] - happened[asked].at <= ANSWER
    return check(
        "asker_answered",
        bool(in_time),
        kind="policy",
        expected=f"a word to {truth['asker']} within 30 minutes",
        found=f"{answers[0]:%H:%M}" if answers else "none",
    )


def _report(office: Office, truth: dict[str, Any]) -> list[Criterion]:
    """The page of the wiki, line by line."""
    wanted: dict[str, str] = truth["report"]
    title = truth["incident"].lower()
    page = next(
        (
            x
            for x in office.wiki
            if x.project == "ops" and x.title.lower().replace("_", "-") == title
        ),
        None,
    )
    found = {name: _field(page.text, name) for name in wanted} if page else {}
    wrong = [
        f"{name}: {found.get(name)}"
        for name, value in wanted.items()
        if not _same(found.get(name), value)
    ]
    return [
        check(
            "report_filed",
            page is not None,
            expected=f"a page {truth['incident']}",
            found=bool(page),
        ),
        check(
            "report_right",
            page is not None and not wrong,
            weight=2,
            expected=wanted,
            found="; ".join(wrong) or "as it should be",
        ),
    ]


def _field(text: str, name: str) -> str | None:
    """What stands behind a name, whatever the markup around it."""
    found = re.search(rf"(?im)^[\s>*|`-]*{re.escape(name)}[\s*`]*[:|](.*)$", text)
    return found[1].strip(" \t\r*|`") if found else None


def _same(found: str | None, wanted: str) -> bool:
    if found is None:
        return False
    if wanted.isdigit():
        return number(found.split(" ")[0]) == int(wanted)
    plain = re.sub(r"[\s`*]+", " ", re.sub(r"(?<=\d)[TZ](?=\d|$)", " ", found)).strip().lower()
    return plain.removesuffix(" utc").strip() == wanted.lower()


def _ticket(office: Office, truth: dict[str, Any]) -> Criterion:
    """The alarm's ticket: resolved, with the link."""
    issue = next((one for one in office.issues if one.number == truth["ticket"]), None)
    linked = issue is not None and any(
        one.author == "worker" and truth["incident"] in one.text for one in issue.comments
    )
    status = issue.status if issue else "gone"
    return check(
        "ticket_resolved",
        linked and status == "Resolved",
        expected=f"Resolved, with a link to {truth['incident']}",
        found=f"{status}, {'with' if linked else 'without'} a link",
    )
