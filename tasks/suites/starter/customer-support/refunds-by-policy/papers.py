"""What lies on the desk: the database, the mails with their attachments, the policy."""

from __future__ import annotations

import random
import struct
import tomllib
import zlib
from datetime import UTC, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from docx import Document
from offsite.tasks import docx, pdf
from reportlab.pdfgen.canvas import Canvas

from .shop import TEXTS, Mail, Shop

SCHEMA = """\
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, tier TEXT, tier_since TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, ordered_on TEXT, shipping_cents INTEGER, payment_ref TEXT);
CREATE TABLE order_lines (order_id INTEGER, line INTEGER, item TEXT, goods TEXT, quantity INTEGER, unit_cents INTEGER, discount_percent INTEGER);
CREATE TABLE shipments (order_id INTEGER, dispatched_on TEXT, delivered_on TEXT);
CREATE TABLE refunds (order_id INTEGER, line INTEGER, amount_cents INTEGER, paid_on TEXT);
"""


def script(shop: Shop) -> str:
    """The database as SQL."""
    rng, out = shop.rng, [SCHEMA, "BEGIN;"]  # one transaction: hundreds of them are slow
    long_ago = shop.monday - timedelta(400)
    for customer in range(len(shop.names)):
        tier, since = shop.tiers.get(customer, (rng.choice(("none", "silver", "gold")), long_ago))
        row = (customer + 1, shop.name(customer), shop.address(customer), tier, f"{since}")
        out.append(f"INSERT INTO customers VALUES {row};")
    for order in sorted(shop.orders, key=lambda one: one.id):
        row = (order.id, order.customer + 1, f"{order.ordered}", order.shipping, order.payment)
        out.append(f"INSERT INTO orders VALUES {row};")
        for number, one in enumerate(order.lines, 1):
            row = (order.id, number, one.item, one.goods, one.quantity, one.unit, one.discount)
            out.append(f"INSERT INTO order_lines VALUES {row};")
        delivered = f"'{order.delivered}'" if order.delivered else "NULL"
        out.append(f"INSERT INTO shipments VALUES ({order.id}, '{order.dispatched}', {delivered});")
    for order, line, amount, day in sorted(shop.refunds, key=lambda one: one[0].id):
        out.append(f"INSERT INTO refunds VALUES ({order.id}, {line}, {amount}, '{day}');")
    return "\n".join([*out, "COMMIT;"])


def picture(rng: random.Random, width: int = 96, height: int = 64) -> bytes:
    """A small photo, as PNG: something brown with a dark crack across it."""
    crack, pixels = height // 2, bytearray()
    for y in range(height):
        pixels.append(0)
        for x in range(width):
            shade = 10 if abs(y - crack - (x * 7 % 5) - x // 6) < 2 else 150 + rng.randrange(20)
            pixels += bytes((shade, shade * 3 // 4, shade // 2))
    # Stored, not compressed: compressed bytes differ between versions of zlib.
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0),
        b"IDAT": zlib.compress(bytes(pixels), 0),
        b"IEND": b"",
    }
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts.items()
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def receipt(mail: Mail) -> bytes:
    """What some customers attach instead of a photo."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 780, "Hearth & Harbour: receipt")
        canvas.drawString(60, 760, f"Customer: {mail.name}")
        canvas.drawString(60, 740, "Thank you for your order.")

    return pdf(draw)


def message(shop: Shop, mail: Mail, ticket: str) -> EmailMessage:
    """A mail as the helpdesk stored it."""
    out = EmailMessage()
    out["From"] = f"{mail.name} <{mail.address}>"
    out["To"] = "Customer Care <care@hearth-harbour.example>"
    out["Date"] = format_datetime(mail.sent.replace(tzinfo=UTC))
    out["Subject"] = f"[{ticket}] {mail.subject}"
    out["Message-ID"] = f"<{shop.rng.getrandbits(64):016x}@{mail.address.split('@')[1].lower()}>"
    greeting, closing = shop.rng.choice(TEXTS["greetings"]), shop.rng.choice(TEXTS["closings"])
    out.set_content(f"{greeting}\n\n{mail.text}\n\n{closing}\n{mail.name}\n", cte="8bit")
    if mail.photo == "photo":
        out.add_attachment(picture(shop.rng), "image", "png", filename="IMG_2041.png")
    elif mail.photo == "receipt":
        out.add_attachment(receipt(mail), "application", "pdf", filename="receipt.pdf")
    if out.is_multipart():
        out.set_boundary(f"part-{shop.rng.getrandbits(64):016x}")
    return out


def policy(facts: dict[str, Any], version: int) -> bytes:
    """The policy as a Word document."""
    document = Document()
    document.add_heading(f"Refund policy, version {version}", 0)
    text = Path(__file__).with_name("policy.toml").read_text(encoding="utf-8")
    for section in tomllib.loads(text)["section"]:
        document.add_heading(section["title"], 1)
        for clause in section["text"]:
            document.add_paragraph(clause.format_map(facts))
    return docx(document)
