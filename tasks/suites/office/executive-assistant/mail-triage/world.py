"""The world of `mail-triage`: sixty mails, the rules, a diary, and a director who changes her mind."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from offsite.records.office import SendMail
from offsite.tasks import World

from .diary import Slot
from .scene import ROLES, Letter, Scene

PASSWORD = "desk-4711-pw"
RECURS = {"freq": "weekly"}


def build(seed: int) -> World:
    """One instance."""
    rng = random.Random(f"executive-assistant/mail-triage:{seed}")
    scene, world = Scene(rng), World()
    office = world.office
    office.person("worker", scene.names["worker"], password=PASSWORD, title="Assistant")
    for login, title in ROLES.items():
        secret = f"{login}-{rng.randrange(10**6)}-pw"
        office.person(login, scene.names[login], password=secret, title=title)
    mails = {_send(world, letter): letter for letter in scene.letters}
    _diary(world, scene)
    _change(world, scene)
    world.add("triage/rules.md", _rules(scene))
    rows = [f"{name},{_domain(name)}" for name in sorted(scene.clients)]
    world.add("triage/clients.csv", "\n".join(["client,domain", *rows]) + "\n")
    world.facts = {"password": PASSWORD, "director": scene.names["director"]}
    folders = Counter(one.folder for one in scene.letters if one.folder != "INBOX")
    requests = [one for one in scene.letters if one.slot]
    world.truth = {
        "mails": {id: _expected(letter) for id, letter in mails.items()},
        "texts": dict(re.findall(r"(?m)^([A-D]): (.+)$", _rules(scene))),
        "diary": [_entry(one) for one in requests if one.reply == "A"],
        "taken_back": [_entry(one) for one in requests if one.changed],
        "journey": list(_times(scene.diary.journey)),
        "before": sorted(event.uid for event in office.events),
        "counts": dict(folders),
    }
    return world


def _send(world: World, letter: Letter) -> str:
    at = f"{letter.at:%Y-%m-%d %H:%M}"
    return world.office.mail(letter.sender, "worker", letter.subject, letter.text, at=at)


def _diary(world: World, scene: Scene) -> None:
    for one in scene.diary.entries:
        world.office.event("worker", one.title, *_times(one))
    weekly = scene.diary.weekly
    begun = [f"{end - timedelta(weeks=20):%Y-%m-%d %H:%M}" for end in (weekly.start, weekly.end)]
    world.office.event("worker", weekly.title, *begun, repeat=RECURS)


def _change(world: World, scene: Scene) -> None:
    names, journey = scene.names, scene.diary.journey
    third = {
        "limit": f"Invoices and reminders: flag everything over EUR {scene.new_limit} in total.",
        "post": f'Applications for "{scene.posts[0]}" go into a folder of their own, '
        f"`{scene.posts[0].split(' ')[0]}`; all else about them stays.",
    }
    text = _text("change.txt").format(
        care=names["care"],
        quality=names["quality"],
        quality_first=names["quality"].split(" ")[0],
        day=f"{journey.start:%A} {journey.start.day} June",
        city=scene.city,
        third=third[scene.third],
        director=names["director"],
    )
    mail = SendMail(sender="director", to=("worker",), subject="Triage: three changes", text=text)
    life = world.office.life
    life.begins("2025-06-09 09:00")
    life.colleague(
        "director",
        manner="on the train, answers late and briefly",
        minutes=40,
        unclear="I am on the train and cannot look anything up. Please go by the rules.",
    )
    life.arrives("change of rules", mail, emptied=scene.rng.randrange(14, 23))


def _rules(scene: Scene) -> str:
    addresses = {role: f"{role}@acme.test" for role in ROLES}
    names = {f"{role}_name": scene.names[role] for role in ROLES}
    return _text("rules.md").format(
        **{**addresses, **names, "director": scene.names["director"]},
        version=scene.limit // 500 + 1,
        limit=scene.limit,
        press_day=f"{scene.press_day} June",
    )


def _expected(letter: Letter) -> dict[str, Any]:
    key = max(letter.text.splitlines(), key=len)
    plain = {name: getattr(letter, name) for name in ("subject", "folder", "flag", "to", "reply")}
    more = {"key": key, "from": letter.address.lower(), "bait": letter.bait}
    return {**plain, **more, "changed": list(letter.changed)}


def _entry(letter: Letter) -> dict[str, str]:
    assert letter.slot
    name = letter.sender.partition(" <")[0]
    start, end = _times(letter.slot)
    return {"start": start, "end": end, "subject": letter.subject, "name": name}


def _times(slot: Slot) -> tuple[str, str]:
    return f"{slot.start:%Y-%m-%d %H:%M}", f"{slot.end:%Y-%m-%d %H:%M}"


def _domain(firm: str) -> str:
    return re.sub(r"[^a-z]+", "-", firm.lower()) + ".example"


def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
