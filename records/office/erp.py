"""What the ERP keeps: parties, products, sales, purchases, invoices. Prices are in euros."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from pydantic import Field

from .item import Item

Day = str
"""YYYY-MM-DD, or empty."""

OrderState = Literal["draft", "quotation", "confirmed", "processing", "done", "cancelled"]
InvoiceState = Literal["draft", "validated", "posted", "paid", "cancelled"]


class Address(Item):
    """Where a party is."""

    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = Field(default="", description="Its name.")


class Party(Item):
    """A customer, a supplier; found are Acme itself and its people too, with their login as code."""

    code: str = Field(min_length=1)
    name: str
    categories: tuple[str, ...] = Field(default=(), description="`Customer`, `Supplier` …")
    addresses: tuple[Address, ...] = ()
    contacts: tuple[str, ...] = Field(
        default=(), description="`email pat@client.example`, `phone +1 555 0100` …"
    )
    bank_accounts: tuple[str, ...] = Field(default=(), description="Their numbers, IBAN or other.")
    payment_term: str = Field(default="", description="`30 days`, `14 days`, `On receipt`.")
    active: bool = True

    def reached_by(self, kind: str) -> list[str]:
        """Their contacts of a kind: `email`, `phone` …"""
        return [one.partition(" ")[2] for one in self.contacts if one.startswith(f"{kind} ")]


class Product(Item):
    """What is sold or bought."""

    code: str = Field(min_length=1)
    name: str
    kind: Literal["goods", "service", "assets"] = "goods"
    unit: str = Field(default="Unit", description="As in Tryton: `Unit`, `Hour`, `Kilogram` …")
    price: Decimal = Field(description="The list price of one, without tax.")
    cost: Decimal = Decimal(0)
    taxed: bool = Field(default=True, description="Whether it bears VAT (20%).")
    description: str = ""
    active: bool = True


class TradeLine(Item):
    """A line of a sale, a purchase or an invoice."""

    kind: Literal["line", "comment", "title", "subtotal"] = "line"
    product: str = Field(default="", description="Its code; empty: only the description.")
    description: str = ""
    quantity: Decimal = Decimal(1)
    unit: str = Field(default="", description="Found, never put in.")
    price: Decimal | None = Field(
        default=None, description="Of one; None: the product's less the discount."
    )
    discount: Decimal = Field(
        default=Decimal(0),
        description="Per cent off the list price; found in sales, where it was entered.",
    )
    amount: Decimal = Field(default=Decimal(0), description="Found, never put in.")


class Trade(Item):
    """What a sale, a purchase and an invoice have in common."""

    number: str = Field(min_length=1, description="`draft-ID` where it has none yet.")
    party: str = Field(description="A party's code.")
    date: Day = ""
    reference: str = Field(default="", description="The other side's.")
    description: str = ""
    comment: str = ""
    payment_term: str = ""
    lines: tuple[TradeLine, ...] = ()
    untaxed: Decimal = Field(default=Decimal(0), description="The sum; found, never put in.")
    tax: Decimal = Field(default=Decimal(0), description="Found, never put in.")
    total: Decimal = Field(default=Decimal(0), description="Found, never put in.")


class Order(Trade):
    """A sale or a purchase. Once confirmed it is `processing`, with an invoice in draft, or `done`."""

    state: OrderState = "draft"
    invoicing: Literal["order", "manual", "shipment"] = Field(
        default="order", description="Whether confirming it makes an invoice."
    )
    quoted_by: str = Field(default="", description="A login.")
    confirmed_by: str = Field(default="", description="A login.")


class Sale(Order):
    """A quotation to a customer, or their order."""


class Purchase(Order):
    """An order at a supplier's, or our request for a quotation."""


class Invoice(Trade):
    """An invoice to a customer or of a supplier."""

    kind: Literal["customer", "supplier"] = "customer"
    state: InvoiceState = "draft"
    due: Decimal = Field(default=Decimal(0), description="What is unpaid; found, never put in.")
    origins: tuple[str, ...] = Field(
        default=(), description="Numbers of the sales or purchases it comes from; found."
    )
    posted_by: str = Field(default="", description="A login; found, never put in.")


class Erp(Item):
    """All that is in the ERP."""

    parties: tuple[Party, ...] = ()
    products: tuple[Product, ...] = ()
    sales: tuple[Sale, ...] = ()
    purchases: tuple[Purchase, ...] = ()
    invoices: tuple[Invoice, ...] = ()

    def paths(self) -> Iterator[tuple[str, Item]]:
        """Every single thing with its path, `office:erp/sales/SO1001` and so on."""
        for party in self.parties:
            yield f"office:erp/parties/{party.code}", party
        for product in self.products:
            yield f"office:erp/products/{product.code}", product
        for folder in ("sales", "purchases", "invoices"):
            trades: tuple[Trade, ...] = getattr(self, folder)
            for trade in trades:
                yield f"office:erp/{folder}/{trade.number}", trade
