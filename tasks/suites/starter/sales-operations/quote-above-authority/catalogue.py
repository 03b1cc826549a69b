"""The articles and kits that are sold, and three price lists of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from offsite.tasks import xlsx
from openpyxl import Workbook

CENT = Decimal("0.01")
BREAKS = (1, 10, 50, 200)
CURRENCIES = ("GBP", "EUR", "USD")
RATES = {"GBP": Decimal("1"), "EUR": Decimal("1.17"), "USD": Decimal("1.29")}
CONSUMABLES = (
    "Pipette tips", "Filter tips", "PCR plates", "PCR tubes", "Cryo vials", "Centrifuge tubes",
    "Petri dishes", "Cell culture flasks", "Reservoirs", "Sealing film", "Nitrile gloves",
    "Syringe filters", "Serological pipettes", "Deep-well plates", "Sample cups", "Lab wipes",
)  # fmt: skip
EQUIPMENT = (
    "Benchtop centrifuge", "Vortex mixer", "Magnetic stirrer", "Dry bath", "Pipette, 1-channel",
    "Pipette, 8-channel", "Tube rotator", "Orbital shaker", "Mini spin", "Plate sealer",
)  # fmt: skip
VARIANTS = ("10 µl", "20 µl", "200 µl", "1 ml", "2 ml", "5 ml", "15 ml", "50 ml", "S", "M", "L")


@dataclass(frozen=True)
class Product:
    """One line of the price lists; `prices` are the four tiers in GBP of the current list."""

    sku: str
    name: str
    group: str
    pack: str
    prices: list[Decimal]
    replaced_by: str = ""


@dataclass(frozen=True)
class Bundle:
    """A kit: its components with their numbers, and its price in GBP."""

    sku: str
    name: str
    parts: list[tuple[str, int]]
    price: Decimal


def draw_products(rng: random.Random) -> list[Product]:
    out: list[Product] = []
    numbers = rng.sample(range(1000, 9999), 130)
    for group, kinds, low, high in (
        ("Consumables", CONSUMABLES, 900, 9000),
        ("Equipment", EQUIPMENT, 12000, 180000),
    ):
        for kind in kinds:
            for variant in rng.sample(VARIANTS, 5 if group == "Consumables" else 3):
                base = Decimal(rng.randrange(low, high, 5)) / 100
                cuts = (Decimal(1), Decimal("0.95"), Decimal("0.89"), Decimal("0.82"))
                prices = [(base * cut).quantize(CENT, ROUND_HALF_UP) for cut in cuts]
                prefix = "LC" if group == "Consumables" else "EQ"
                pack = rng.choice(("pack of 96", "pack of 100", "box of 500"))
                pack = pack if group == "Consumables" else "each"
                sku = f"{prefix}-{numbers.pop()}"
                out.append(Product(sku, f"{kind} {variant}", group, pack, prices))
    packs = [number for number, p in enumerate(out) if p.group == "Consumables"]
    for old, new in zip(packs[2::16], packs[3::16], strict=False):
        out[old] = replace(out[old], replaced_by=out[new].sku, pack=out[new].pack)
    return out


def draw_bundles(rng: random.Random, products: list[Product]) -> list[Bundle]:
    """Five kits of one device and some packs; no part is discontinued or stands in two kits."""
    devices = rng.sample([p for p in products if p.group == "Equipment"], 5)
    replaced = {p.replaced_by for p in products if p.replaced_by}
    free = [p for p in products if p.group == "Consumables" and not p.replaced_by]
    packs = rng.sample([p for p in free if p.sku not in replaced], 5)
    out: list[Bundle] = []
    for number, (device, pack) in enumerate(zip(devices, packs, strict=True)):
        count = rng.choice((2, 3))
        price = (device.prices[0] + count * pack.prices[0]) * Decimal("0.88")
        parts = [(device.sku, 1), (pack.sku, count)]
        name = f"Starter kit {device.name}"
        out.append(
            Bundle(f"KIT-{210 + 7 * number}", name, parts, price.quantize(CENT, ROUND_HALF_UP))
        )
    return out


Prices = dict[str, dict[str, list[Decimal]]]
"""Currency to article number to the four tiers (one price for a bundle)."""


def price_lists(rng: random.Random, products: list[Product], bundles: list[Bundle]) -> list[Prices]:
    """The expired, the current and the coming list: other prices for every article."""
    out: list[Prices] = []
    for factor in (Decimal("0.94"), Decimal("1"), Decimal("1.04")):
        prices: Prices = {currency: {} for currency in CURRENCIES}
        for sku, tiers in [(p.sku, p.prices) for p in products] + [
            (b.sku, [b.price]) for b in bundles
        ]:
            nudge = factor + (Decimal(rng.randrange(-15, 16)) / 1000 if factor != 1 else 0)
            for currency in CURRENCIES:
                rate = RATES[currency] * nudge
                prices[currency][sku] = [(t * rate).quantize(CENT, ROUND_HALF_UP) for t in tiers]
        out.append(prices)
    return out


def price_book(
    products: list[Product], bundles: list[Bundle], span: tuple[date, date], prices: Prices
) -> bytes:
    book = Workbook()
    cover = book.worksheets[0]
    cover.title = "Cover"
    # Discontinued articles are marked from the July list on.
    marked = span[0].month > 6
    for row in (
        ("Calder & Finch Laboratory Supply", None),
        ("Price list", None),
        ("Valid from", span[0]),
        ("Valid to", span[1]),
        ("Prices", "net of VAT, per sales unit, ex works; one sheet per currency"),
        ("Tiers", "the price column is chosen by the quantity of the line (1+, 10+, 50+, 200+)"),
    ):
        cover.append(row)
    for currency in CURRENCIES:
        sheet = book.create_sheet(currency)
        tiers = [f"{b}+" for b in BREAKS]
        sheet.append(["Article", "Description", "Group", "Unit", *tiers, "Status", "Replaced by"])
        for p in sorted(products, key=lambda p: p.sku):
            gone = bool(p.replaced_by) and marked
            status = "discontinued" if gone else "active"
            values = [float(v) for v in prices[currency][p.sku]]
            sheet.append(
                [p.sku, p.name, p.group, p.pack, *values, status, p.replaced_by if gone else None]
            )
    sheet = book.create_sheet("Bundles")
    sheet.append(["Bundle", "Description", "Component", "Per bundle", *CURRENCIES])
    for b in bundles:
        for number, (sku, count) in enumerate(b.parts):
            values = [float(prices[c][b.sku][0]) for c in CURRENCIES] if number == 0 else []
            sheet.append([b.sku, b.name, sku, count, *values])
    return xlsx(book)
