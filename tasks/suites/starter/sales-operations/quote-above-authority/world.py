"""A request for a quote whose wished discount is above what the seller may grant."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from docx import Document
from faker import Faker
from offsite.tasks import World, docx

from .catalogue import (
    BREAKS,
    CENT,
    Bundle,
    Product,
    draw_bundles,
    draw_products,
    price_book,
    price_lists,
)

ME: str = "Inside sales representative"
ROLES: tuple[str, ...] = (ME, "Regional sales manager", "Sales director", "Managing director")
KINDS = (
    ("Ltd", "United Kingdom", "GBP"),
    ("B.V.", "Netherlands", "EUR"),
    ("Inc.", "Canada", "USD"),
)


def build(seed: int) -> World:
    """Lay the inbox, price lists, policies and CRM export on the desk."""
    rng = random.Random(f"sales-operations/quote-above-authority:{seed}")
    fake = Faker("en_GB")
    fake.seed_instance(rng.randrange(2**32))
    monday = date(2025, 7, 7) + timedelta(weeks=rng.randrange(11))
    today = monday + timedelta(days=rng.randrange(5))
    products = draw_products(rng)
    bundles = draw_bundles(rng, products)
    lists = price_lists(rng, products, bundles)
    currency = rng.choice(("EUR", "USD"))
    people = {role: _person(fake) for role in ROLES[1:]}
    people["rep"], people["contact"] = _person(fake), _person(fake)
    people["manager"] = fake.unique.first_name()
    limits, wish, approver = _authority(rng)
    quote = f"Q-2025-{rng.randrange(1200, 8900)}"
    customers, mine = _customers(rng, fake, currency)
    lines = _request(rng, products, bundles)

    world = World()
    spans = [(date(2025, 1, 1), date(2025, 6, 30)), (date(2025, 7, 1), date(2025, 9, 30))]
    spans.append((date(2025, 10, 1), date(2025, 12, 31)))
    for number, (span, values) in enumerate(zip(spans, lists, strict=True), start=1):
        book = price_book(products, bundles, span, values)
        world.add(f"pricing/price-list_2025-{number}.xlsx", book)
    world.add("pricing/shipping-zones.csv", "zone,flat_rate_gbp\nUK,12.00\nEU,31.00\nUS,54.00\n")
    world.add("policies/discount-policy.docx", _policy(limits, people, "4.1", date(2025, 3, 1)))
    older = {r: {g: v + 2 for g, v in row.items()} for r, row in limits.items()}
    old_policy = _policy(older, people, "3.0", date(2023, 2, 1))
    world.add("policies/archive/discount-policy-v3.docx", old_policy)
    world.add("policies/travel-expenses.txt", "Book through the portal. Rail before air.\n")
    world.add("crm/customers.csv", customers)
    world.add("crm/import-format.md", _text("import-format.md"))
    names = {p.sku: p.name for p in products}
    story = people | mine | {"wish": str(wish), "quote": quote}
    story["items"] = "\n".join(f"  {n:>4} x {sku:<8} {names[sku]}" for sku, n in lines)
    _mails(world, rng, fake, story, today)

    expected = _expected_lines(
        lines, products, bundles[0], prices=lists[1][currency], mine=limits[ME]
    )
    approved = [
        _net(x["quantity"], x["unit_price"], wish if x["discountable"] else Decimal(0))
        for x in expected
    ]
    world.facts = {
        "today": f"{today:%A}, {today.day} {today:%B %Y}",
        "contact": people["contact"],
        "customer": mine["name"],
        "rep": people["rep"],
        "manager": people["manager"],
        "quote": quote,
    }
    world.truth = {
        "quote": quote,
        "customer_id": mine["customer_id"],
        "currency": currency,
        "lines": expected,
        "wish": str(wish),
        "highest_own_limit": str(max(limits[ME].values())),
        "approver": _address(people[approver]),
        "approver_role": approver,
        "total_quoted": str(sum(Decimal(x["line_total"]) for x in expected)),
        "total_if_approved": str(sum(approved)),
    }
    return world


def _authority(rng: random.Random) -> tuple[dict[str, dict[str, int]], Decimal, str]:
    """Limits per role and group, the wish, and who must approve (the devices decide, not the packs)."""
    wish = rng.choice((13, 14, 15, 16))
    mine = {"Consumables": rng.choice((6, 7, 8)), "Equipment": rng.choice((3, 4, 5))}
    if rng.random() < 0.5:
        regional = {"Consumables": wish + rng.choice((0, 1, 2)), "Equipment": wish - 4}
        director = {"Consumables": wish + 8, "Equipment": wish + rng.choice((0, 2))}
        approver: str = ROLES[2]
    else:
        regional = {"Consumables": wish - rng.choice((1, 2)), "Equipment": wish - 5}
        director = {"Consumables": wish + 4, "Equipment": wish - rng.choice((1, 2))}
        approver = ROLES[3]
    top = {"Consumables": 35, "Equipment": 30}
    limits: dict[str, dict[str, int]] = dict(
        zip(ROLES, (mine, regional, director, top), strict=True)
    )
    return limits, Decimal(wish), approver


def _request(
    rng: random.Random, products: list[Product], bundles: list[Bundle]
) -> list[tuple[str, int]]:
    """What the customer asks for: article and number, in their own order."""
    bundle = bundles[0]
    parts = {sku for b in bundles for sku, _ in b.parts}
    replaced = {p.replaced_by for p in products if p.replaced_by}
    free = [p for p in products if p.sku not in parts | replaced and not p.replaced_by]
    packs = rng.sample([p for p in free if p.group == "Consumables"], 3)
    device = rng.choice([p for p in free if p.group == "Equipment"])
    old = rng.choice([p for p in products if p.replaced_by])
    kits = rng.randrange(2, 6)
    lines = [
        (packs[0].sku, 50),  # exactly on a break
        (packs[1].sku, rng.randrange(36, 49)),  # just below one
        (packs[2].sku, rng.randrange(205, 400, 5)),
        (device.sku, rng.randrange(1, 4)),
        (old.sku, rng.randrange(12, 40)),
        (bundle.parts[0][0], kits),
        # A remainder that does not fill another kit.
        (bundle.parts[1][0], kits * bundle.parts[1][1] + 1),
    ]
    rng.shuffle(lines)
    return lines


def _expected_lines(
    lines: list[tuple[str, int]],
    products: list[Product],
    bundle: Bundle,
    *,
    prices: dict[str, list[Decimal]],
    mine: dict[str, int],
) -> list[dict[str, Any]]:
    by_sku = {p.sku: p for p in products}
    wanted = dict(lines)
    kits = min(wanted[sku] // count for sku, count in bundle.parts)
    for sku, count in bundle.parts:
        wanted[sku] -= kits * count
    out = [_line(bundle.sku, kits, prices[bundle.sku][0], 0, bundle=True)]
    for asked, quantity in wanted.items():
        if quantity:
            sku = by_sku[asked].replaced_by or asked
            tier = sum(quantity >= b for b in BREAKS) - 1
            replaces = asked if sku != asked else ""
            limit = mine[by_sku[sku].group]
            out.append(_line(sku, quantity, prices[sku][tier], limit, replaces=replaces))
    return out


def _line(
    sku: str, quantity: int, price: Decimal, limit: int, *, bundle: bool = False, replaces: str = ""
) -> dict[str, Any]:
    return {
        "sku": sku,
        "quantity": quantity,
        "unit_price": str(price),
        "discount_pct": str(limit),
        "line_total": str(_net(quantity, str(price), Decimal(limit))),
        "discountable": not bundle,
        "replaces": replaces,
    }


def _net(quantity: int, price: str, percent: Decimal) -> Decimal:
    return (quantity * Decimal(price) * (100 - percent) / 100).quantize(CENT, ROUND_HALF_UP)


def _policy(
    limits: dict[str, dict[str, int]], people: dict[str, str], version: str, since: date
) -> bytes:
    doc = Document()
    doc.add_heading("Discount and quoting policy", 0)
    doc.add_paragraph(
        f"Version {version}, in force since {since.day} {since:%B %Y}. Owner: Sales Operations."
    )
    for line in _text("policy.txt").splitlines():
        if line.startswith("# "):
            doc.add_heading(line[2:], 1)
        else:
            doc.add_paragraph(line)
        if line.startswith("Discount is given in per cent"):
            table = doc.add_table(rows=1, cols=4)
            head = ("Role", "Holder", "Consumables", "Equipment")
            for cell, text in zip(table.rows[0].cells, head, strict=True):
                cell.text = text
            for role, row in limits.items():
                holder = people.get(role)
                who = f"{holder} <{_address(holder)}>" if holder else "all of the inside sales desk"
                values = (role, who, f"{row['Consumables']} %", f"{row['Equipment']} %")
                for cell, text in zip(table.add_row().cells, values, strict=True):
                    cell.text = text
    return docx(doc)


def _customers(rng: random.Random, fake: Faker, currency: str) -> tuple[str, dict[str, str]]:
    """The CRM export; the customer has a sister company whose account is in pounds."""
    rows: list[dict[str, str]] = []
    stem = fake.unique.last_name()
    local = ("GmbH", "Germany") if currency == "EUR" else ("Inc.", "United States")
    names = [(f"{stem} Diagnostics {local[0]}", local[1], currency)]
    names.append((f"{stem} Diagnostics Ltd", "United Kingdom", "GBP"))
    for _ in range(58):
        kind = rng.choice(KINDS)
        field = rng.choice(("Labs", "Biotech", "Pharma", "Analytics", "Research"))
        names.append((f"{fake.unique.last_name()} {field} {kind[0]}", kind[1], kind[2]))
    ids = rng.sample(range(20000, 69999), len(names))
    for number, (name, country, money) in zip(ids, names, strict=True):
        row = {"customer_id": f"C{number}", "name": name, "country": country, "currency": money}
        rows.append(row | {"payment_terms": rng.choice(("30 days", "14 days", "60 days"))})
    mine = rows[0]
    rows.sort(key=lambda row: row["customer_id"])
    text = "\n".join([",".join(mine), *(",".join(row.values()) for row in rows)])
    return text + "\n", mine


def _mails(
    world: World, rng: random.Random, fake: Faker, story: dict[str, str], today: date
) -> None:
    domain = f"{_local(story['name'].split()[0])}-diagnostics.example"
    buyer = f"{story['contact']} <{_local(story['contact'])}@{domain}>"
    rep = f"{story['rep']} <{_address(story['rep'])}>"
    desk = f"Inside Sales <insidesales@{CF}>"
    story["rep_first"] = story["rep"].split()[0]
    story["boss"] = story["Regional sales manager"].split()[0]
    start = datetime(today.year, today.month, today.day, 8, 5, tzinfo=UTC)
    other = f"{_person(fake)} <{fake.unique.user_name()}@{fake.unique.domain_word()}.example>"
    mails = [
        (144, rep, "Trade fair: booth plan", "The booth plan is on the intranet.\n"),
        (72, other, "Delivery note missing", "Could you send the last delivery note again?\n"),
        (24, f"Facilities <facilities@{CF}>", "Canteen", "The canteen is closed on Friday.\n"),
        (16, buyer, "Request for quotation", _text("request.txt").format_map(story)),
        (0, rep, f"{story['name']} / {story['quote']}", _text("note.txt").format_map(story)),
    ]
    for number, (hours, sender, subject, body) in enumerate(mails, start=rng.randrange(100, 900)):
        when = start - timedelta(hours=hours)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, desk, subject
        mail["Date"] = format_datetime(when)
        mail["Message-ID"] = f"<{number}.{when:%Y%m%d%H}@mail.calderfinch.example>"
        mail.set_content(body)
        world.add(f"inbox/{number:04d}.eml", mail.as_bytes())


def _person(fake: Faker) -> str:
    return f"{fake.unique.first_name()} {fake.unique.last_name()}"


def _local(name: str) -> str:
    return name.lower().replace(" ", ".").replace("'", "")


CF = "calderfinch.example"


def _address(name: str) -> str:
    return f"{_local(name)}@{CF}"


def _text(name: str) -> str:
    """One of the long texts that lie beside this file."""
    return (Path(__file__).parent / "texts" / name).read_text(encoding="utf-8")
