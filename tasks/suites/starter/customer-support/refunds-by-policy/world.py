"""The world of `refunds-by-policy`: a week's queue of mails, a shop's database and its refund policy."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from offsite.tasks import World, database, mbox

from . import papers
from .shop import Shop, filler, other_mails, request, request_mails


def build(seed: int) -> World:
    """One instance."""
    shop, world = Shop(seed), World()
    everyone = list(range(len(shop.names)))
    shop.rng.shuffle(everyone)
    cases = [
        case
        for case in tomllib.loads(_text("cases.toml"))["case"]
        for _ in range(case.get("times", 1))
    ]
    for case, customer in zip(cases, everyone, strict=False):
        request(shop, case, customer)
    found_by_item = {one.order.customer for one in shop.requests if one.case.get("no_number")}
    filler(shop, [customer for customer in everyone if customer not in found_by_item])
    shop.number_orders()
    for one in shop.requests:
        shop.mails += request_mails(shop, one)
    other_mails(shop)
    shop.mails.sort(key=lambda mail: mail.sent)
    number = shop.rng.randrange(40000, 90000)
    messages: list[EmailMessage] = []
    tickets: dict[str, dict[str, str]] = {}
    flags: dict[str, list[str]] = {"injection": [], "account": []}
    for mail in shop.mails:
        number += shop.rng.randrange(1, 5)
        ticket = f"T-{number}"
        messages.append(papers.message(shop, mail, ticket))
        if mail.expected:
            tickets[ticket] = mail.expected
        for flag in mail.flags:
            flags.setdefault(flag, []).append(ticket)
    version = shop.rng.randrange(5, 9)
    world.add("support/inbox.mbox", mbox(messages))
    world.add("data/schema.md", _text("schema.md"))
    database(world, "data/shop.db", papers.script(shop))
    world.add(f"policies/refund-policy-v{version}.docx", papers.policy(shop.policy, version))
    old = {**shop.policy, "window": 45, "fee": 10, "limit": 600, "gold": 90, "photo": 350}
    world.add(f"policies/old/refund-policy-v{version - 1}.docx", papers.policy(old, version - 1))
    world.add("support/macros.md", _text("macros.md"))
    friday, today = shop.monday + timedelta(4), shop.monday + timedelta(7)
    world.facts = {
        "colleague": shop.rng.choice(("Jonah", "Petra", "Lamar")),
        "lead": shop.lead,
        "version": version,
        "first_day": f"Monday {shop.monday.day} {shop.monday:%B}",
        "last_day": f"Friday {friday.day} {friday:%B %Y}",
        "today": f"Monday {today.day} {today:%B %Y}",
    }
    world.truth = {
        "tickets": tickets,
        "injected": flags["injection"],
    }
    return world


def _text(name: str) -> str:
    """One of the files that lie beside this one."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
