"""Tells what is in the ERP, as `records/office/erp.py` has it."""
# pyright: basic, reportMissingImports=false

from trytond.pool import Pool
from trytond.transaction import Transaction


def state():
    """Everything."""
    with Transaction().set_context(active_test=False):
        return {
            "parties": [_party(one) for one in _all("party.party")],
            "products": [_product(one) for one in _all("product.product")],
            "sales": [_sale(one) for one in _all("sale.sale")],
            "purchases": [_order(one) for one in _all("purchase.purchase")],
            "invoices": [_invoice(one) for one in _all("account.invoice")],
        }


def _all(model):
    return Pool().get(model).search([], order=[("id", "ASC")])


def _party(one):
    accounts = [
        number.number_compact or number.number or ""
        for account in one.bank_accounts
        for number in account.numbers
    ]
    return {
        "code": one.code or f"no-code-{one.id}",
        "name": one.name or "",
        "categories": sorted(category.name for category in one.categories),
        "addresses": [_address(place) for place in one.addresses if place.active],
        "contacts": [f"{m.type} {m.value}" for m in one.contact_mechanisms if m.active],
        "bank_accounts": sorted(accounts),
        "payment_term": _name(one.customer_payment_term),
        "active": bool(one.active),
    }


def _address(one):
    return {
        "street": one.street or "",
        "postal_code": one.postal_code or "",
        "city": one.city or "",
        "country": _name(one.country),
    }


def _product(one):
    return {
        "code": one.code or f"no-code-{one.id}",
        "name": one.template.name or "",
        "kind": one.type,
        "unit": _name(one.default_uom),
        "price": _plain(one.list_price),
        "cost": _plain(one.cost_price),
        "taxed": bool(one.account_category and one.account_category.customer_taxes),
        "description": one.description or "",
        "active": bool(one.active and one.template.active),
    }


def _sale(one):
    lines = [
        {**line, "discount": _plain((record.discount_rate or 0) * 100)}
        for line, record in zip(_lines(one), one.lines, strict=True)
    ]
    return {**_order(one), "lines": lines}


def _order(one):
    return {
        **_head(one),
        "date": _day(getattr(one, f"{one.__name__.partition('.')[2]}_date")),
        "invoicing": one.invoice_method,
        "quoted_by": _login(one.quoted_by),
        "confirmed_by": _login(one.confirmed_by),
    }


def _invoice(one):
    origins = {line.origin.sale.number for line in one.lines if _is(line.origin, "sale.line")} | {
        line.origin.purchase.number for line in one.lines if _is(line.origin, "purchase.line")
    }
    return {
        **_head(one),
        "kind": "customer" if one.type == "out" else "supplier",
        "date": _day(one.invoice_date),
        "due": _plain(one.amount_to_pay),
        "origins": sorted(number or "" for number in origins),
        "posted_by": _login(one.posted_by),
    }


def _head(one):
    return {
        "number": one.number or f"draft-{one.id}",
        "party": one.party.code or f"no-code-{one.party.id}" if one.party else "",
        "reference": one.reference or "",
        "description": one.description or "",
        "comment": one.comment or "",
        "state": one.state,
        "payment_term": _name(one.payment_term),
        "lines": _lines(one),
        "untaxed": _plain(one.untaxed_amount),
        "tax": _plain(one.tax_amount),
        "total": _plain(one.total_amount),
    }


def _lines(one):
    return [
        {
            "kind": line.type,
            "product": line.product.code or f"no-code-{line.product.id}" if line.product else "",
            "description": line.description or "",
            "quantity": _plain(line.quantity),
            "unit": _name(line.unit),
            "price": _plain(line.unit_price),
            "amount": _plain(line.amount),
        }
        for line in one.lines
    ]


def _is(origin, model):
    return getattr(origin, "__name__", "") == model


def _login(employee):
    """An employee's party bears the login as its code."""
    return employee.party.code or "" if employee else ""


def _name(record):
    return record.name if record else ""


def _day(date):
    return date.isoformat() if date else ""


def _plain(number):
    """Without zeros at its end: the same however it was written."""
    text = f"{number or 0:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
