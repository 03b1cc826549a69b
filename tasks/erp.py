"""The office's ERP: what a task's `world.py` adds customers, products, sales and invoices with."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ..records.office import Address, Erp, Invoice, Party, Product, Purchase, Sale, TradeLine

Number = int | str | Decimal


class ErpWorld:
    """What is in the ERP. Prices are in euros, without tax; dates are `2025-06-02`."""

    def __init__(self) -> None:
        self.parties: list[Party] = []
        self.products: list[Product] = []
        self.sales: list[Sale] = []
        self.purchases: list[Purchase] = []
        self.invoices: list[Invoice] = []

    def party(
        self,
        code: str,
        name: str,
        *,
        street: str = "",
        postal_code: str = "",
        city: str = "",
        country: str = "",
        email: str = "",
        phone: str = "",
        **more: Any,
    ) -> None:
        """A customer or a supplier; `more` is as in `Party`."""
        where = Address(street=street, postal_code=postal_code, city=city, country=country)
        contacts = [f"email {email}"] * bool(email) + [f"phone {phone}"] * bool(phone)
        one: dict[str, Any] = {"addresses": (where,), "contacts": tuple(contacts), **more}
        self.parties.append(Party(code=code, name=name, **one))

    def product(self, code: str, name: str, *, price: Number, **more: Any) -> None:
        """Something that is sold or bought; `more` is as in `Product`."""
        self.products.append(Product(code=code, name=name, price=Decimal(price), **more))

    def sale(
        self, number: str, party: str, lines: Sequence[TradeLine], *, date: str = "", **more: Any
    ) -> None:
        """A quotation to a customer, or their order; `more` is as in `Sale`: `state` …"""
        self.sales.append(Sale(number=number, party=party, lines=tuple(lines), date=date, **more))

    def purchase(
        self, number: str, party: str, lines: Sequence[TradeLine], *, date: str = "", **more: Any
    ) -> None:
        """An order at a supplier's; `more` is as in `Purchase`."""
        one = Purchase(number=number, party=party, lines=tuple(lines), date=date, **more)
        self.purchases.append(one)

    def invoice(
        self, number: str, party: str, lines: Sequence[TradeLine], *, date: str, **more: Any
    ) -> None:
        """An invoice; `more` is as in `Invoice`: `kind="supplier"`, `state="posted"` …"""
        one = Invoice(number=number, party=party, lines=tuple(lines), date=date, **more)
        self.invoices.append(one)

    def line(
        self,
        product: str = "",
        quantity: Number = 1,
        price: Number | None = None,
        *,
        discount: Number = 0,
        description: str = "",
    ) -> TradeLine:
        """A line: a product's code, or a description; without a price it is the product's."""
        return TradeLine(
            product=product,
            description=description,
            quantity=Decimal(quantity),
            price=None if price is None else Decimal(price),
            discount=Decimal(discount),
        )

    def erp(self) -> Erp:
        """All of it, as the instance keeps it."""
        return Erp(**{name: tuple(value) for name, value in vars(self).items()})
