"""The world of `cross-timezone-meeting`: a week in which New York is four hours from London, not five.

The only windows in which all four people are at work are cut into one-hour slots. Each slot before
the right one is taken in a way that one particular mistake does not see; the right one looks taken
in several ways that do not count.
"""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from offsite.tasks import World, mbox

from . import papers
from .scene import HOUR, LONDON, Event, Scene, fill, iso, place, set_traps


def truth(scene: Scene) -> dict[str, Any]:
    """The right slot, and all that a wrong one may break."""
    start = scene.slots["right"]
    rested = scene.landing + scene.buffer * HOUR
    rules = [{"what": "after the flight", "start": iso(scene.landing), "end": iso(rested)}]
    hours: dict[str, list[list[str]]] = {}
    local: list[dict[str, str]] = []
    for who in scene.people:
        eleven = scene.at(scene.focus_day, 11) - scene.offsets[who.zone] * HOUR
        what = f"focus time of {who.name}"
        rules.append({"what": what, "start": iso(eleven - 11 * HOUR), "end": iso(eleven)})
        hours[who.name] = []
        for day in range(5):
            ends = [time.fromisoformat(end) for end in who.hours[day == 4].split("-")]
            noon = scene.at(day, 12)
            shift = scene.wall(noon, who) - noon
            hours[who.name].append([iso(scene.at(day, t.hour, t.minute) - shift) for t in ends])
        wall = scene.wall(start, who)
        city = "London" if scene.away(who, start) else who.city
        row = {"name": who.name, "city": city, "date": f"{wall:%Y-%m-%d}"}
        local.append({**row, "start": f"{wall:%H:%M}", "end": f"{wall + HOUR:%H:%M}"})
    return {
        "start": iso(start),
        "end": iso(start + HOUR),
        "busy": scene.busy,
        "rules": rules,
        "hours": hours,
        "attendees": [p.email for p in scene.people],
        "organiser": scene.host.email,
        "room": scene.host.room,
        "title": "Launch review",
        "local": local,
    }


def build(seed: int) -> World:
    """One instance."""
    scene, world = Scene(seed), World()
    place(scene)
    fill(scene)
    set_traps(scene)
    world.add("mail/inbox.mbox", mbox(papers.mails(scene)))
    fresh, old = scene.at(-4, 15, 20), scene.at(-25, 9, 5)
    exports = [f"{scene.exporter.name}.ics", f"{scene.exporter.name} (1).ics"]
    scene.rng.shuffle(exports)
    for who in scene.people:
        path = exports[0] if who is scene.exporter else f"{who.name}.ics"
        text = papers.calendar(scene, who, scene.calendars[who.name], fresh)
        world.add(f"calendars/{path}", text)
    text = papers.calendar(scene, scene.exporter, scene.stale, old)
    world.add(f"calendars/{exports[1]}", text)
    audit = Event("Audit fieldwork", scene.at(0, 9), 480, LONDON, rule="FREQ=DAILY;COUNT=5")
    twin = scene.others[0]
    world.add(f"calendars/{twin.name}.ics", papers.calendar(scene, twin, [audit], fresh))
    world.add("people/directory.xlsx", papers.directory(scene))
    world.add("policies/meeting-guidelines.docx", papers.guidelines(scene))
    world.add("policies/expenses.md", "# Expenses\n\nReceipts within 30 days, to Finance.\n")
    world.add(
        f"travel/itinerary-{scene.traveller.name.split()[-1].lower()}.pdf", papers.itinerary(scene)
    )
    today, friday = scene.monday - timedelta(3), scene.monday + timedelta(4)
    world.facts = {
        "assistant": scene.assistant,
        "host": scene.host.name,
        "title": "Launch review",
        "today": f"{today:%A} {today.day} {today:%B %Y}",
        "monday": f"Monday {scene.monday.day} {scene.monday:%B}",
        "friday": f"Friday {friday.day} {friday:%B %Y}",
        "second": f"{scene.briton.name} (Marketing)",
        "third": f"{scene.local.name} (Engineering)",
        "fourth": f"{scene.traveller.name} (Sales)",
    }
    world.truth = truth(scene)
    return world
