"""Puts an office's people, parties, products, sales, purchases and invoices into the ERP.

Everything goes through Tryton's own models and their buttons, so that what is posted is booked.
"""
# pyright: basic, reportMissingImports=false

import datetime
import re
from decimal import Decimal

from stdnum import iban
from trytond.modules.product import round_price
from trytond.pool import Pool
from trytond.transaction import Transaction

GROUPS = (
    "Account",
    "Account Product Administration",
    "Accounting Party",
    "Bank Administration",
    "Party Administration",
    "Product Administration",
    "Purchase",
    "Sales",
    "Stock",
)
"""What everybody may do; who administers may do everything."""

STEPS = {
    "draft": (),
    "quotation": ("quote",),
    "processing": ("quote", "confirm"),
    "done": ("quote", "confirm"),
    "cancelled": ("cancel",),
    "validated": ("validate_invoice",),
    "posted": ("post",),
    "paid": ("post",),
}
"""The buttons that lead to a state."""


def welcome(people):
    """An employee and a user for each."""
    pool = Pool()
    User, Group = pool.get("res.user"), pool.get("res.group")
    company = _company()
    everything = Group.search([])
    employees = pool.get("company.employee")
    parties = _saved("party.party", [_person(one) for one in people])
    hired = [employees(party=party, company=company) for party in parties]
    employees.save(hired)
    users = []
    for one, employee in zip(people, hired, strict=True):
        groups = [g for g in everything if one["admin"] or g.name in GROUPS]
        user = User(name=one["name"], login=one["login"], password=one["password"], groups=groups)
        user.companies, user.company = [company], company
        user.employees, user.employee = [employee], employee
        users.append(user)
    User.save(users)


def seed(erp):
    """All of it, and numbers go on after those that were given."""
    if erp["invoices"]:
        Transaction().lock_table("account_journal_period")  # posting needs it: told now, not late
    _saved("party.party", [_party(one) for one in erp["parties"]])
    for one in erp["parties"]:
        _bank_accounts(one)
    _saved("product.template", [_product(one) for one in erp["products"]])
    for model, name in (("sale.sale", "sales"), ("purchase.purchase", "purchases")):
        _orders(model, erp[name])
    _invoices(erp["invoices"])
    _go_on(erp)
    Transaction().tasks.clear()  # what confirming left to do is done


def _company():
    return Pool().get("company.company")(Transaction().context["company"])


def _saved(model, records):
    Pool().get(model).save(records)
    return records


def _person(one):
    pool = Pool()
    mail = pool.get("party.contact_mechanism")(type="email", value=f"{one['login']}@acme.test")
    return pool.get("party.party")(
        code=one["login"],
        name=one["name"],
        addresses=[pool.get("party.address")()],
        contact_mechanisms=[mail],
    )


def _party(one):
    pool = Pool()
    Address, Mechanism = pool.get("party.address"), pool.get("party.contact_mechanism")
    addresses = [
        Address(
            street=place["street"],
            postal_code=place["postal_code"],
            city=place["city"],
            country=_named("country.country", place["country"]),
        )
        for place in one["addresses"]
    ]
    contacts = [contact.partition(" ")[::2] for contact in one["contacts"]]
    term = _named("account.invoice.payment_term", one["payment_term"], make=False)
    return pool.get("party.party")(
        code=one["code"],
        name=one["name"],
        addresses=addresses or [Address()],
        contact_mechanisms=[Mechanism(type=kind, value=value) for kind, value in contacts],
        categories=[_named("party.category", name) for name in one["categories"]],
        customer_payment_term=term,
        supplier_payment_term=term,
        active=one["active"],
    )


def _bank_accounts(one):
    Account = Pool().get("bank.account")
    Number = Pool().get("bank.account.number")
    for number in one["bank_accounts"]:
        kind = "iban" if iban.is_valid(number) else "other"
        owner = _known("party.party", one["code"])
        Account(owners=[owner], numbers=[Number(type=kind, number=number)]).save()


def _product(one):
    pool = Pool()
    unit = _named("product.uom", one["unit"], make=False)
    category = _named("product.category", "VAT 20%" if one["taxed"] else "No VAT", make=False)
    product = pool.get("product.product")(
        suffix_code=one["code"],
        description=one["description"],
        cost_price=Decimal(one["cost"]),
        active=one["active"],
    )
    return pool.get("product.template")(
        name=one["name"],
        type=one["kind"],
        default_uom=unit,
        list_price=Decimal(one["price"]),
        account_category=category,
        salable=True,
        sale_uom=unit,
        purchasable=True,
        purchase_uom=unit,
        active=one["active"],
        products=[product],
    )


def _orders(model, orders):
    Order = Pool().get(model)
    date = f"{model.partition('.')[0]}_date"
    made = []
    for one in orders:
        order = Order(
            company=_company(),
            currency=_company().currency,
            party=_known("party.party", one["party"]),
        )
        order.on_change_party()
        _head(order, one)
        setattr(order, date, _day(one["date"]))
        order.invoice_method = one["invoicing"]
        order.lines = [_order_line(model, order, line) for line in one["lines"]]
        made.append(order)
    Order.save(made)
    _walk(Order, zip(orders, made, strict=True))
    done = [order for one, order in zip(orders, made, strict=True) if one["state"] == "done"]
    Order.process([o for o in made if o.state == "confirmed" and o not in done])
    Order.proceed(done)  # without the invoice that processing it would make
    Order.do(done)
    for one, order in zip(orders, made, strict=True):
        order.quoted_by = _employee(one["quoted_by"]) or order.quoted_by
        order.confirmed_by = _employee(one["confirmed_by"]) or order.confirmed_by
    Order.save(made)


def _order_line(model, order, one):
    line = Pool().get(f"{model.partition('.')[0]}.line")(type="line", quantity=_number(one))
    setattr(line, model.partition(".")[2], order)
    if one["product"]:
        line.product = _product_of(one)
        line.on_change_product()
    line.description = one["description"] or None
    price = line.unit_price if one["price"] is None else Decimal(one["price"])
    if one["price"] is None and Decimal(one["discount"]):
        price = round_price(price * (1 - Decimal(one["discount"]) / 100))
    line.unit_price = price
    return line


def _invoices(invoices):
    pool = Pool()
    Invoice = pool.get("account.invoice")
    made = []
    for one in invoices:
        invoice = Invoice(
            company=_company(),
            currency=_company().currency,
            type="out" if one["kind"] == "customer" else "in",
            party=_known("party.party", one["party"]),
        )
        invoice.set_journal()
        invoice.on_change_party()
        _head(invoice, one)
        invoice.invoice_date = _day(one["date"])
        invoice.lines = [_invoice_line(invoice, line) for line in one["lines"]]
        made.append(invoice)
    Invoice.save(made)
    _walk(Invoice, zip(invoices, made, strict=True))
    for one, invoice in zip(invoices, made, strict=True):
        if one["state"] == "paid":
            method = pool.get("account.invoice.payment.method").search([])[0]
            owed = list(invoice.lines_to_pay)
            paid = invoice.pay_invoice(invoice.amount_to_pay, method, invoice.invoice_date)
            pool.get("account.move.line").reconcile([*owed, *paid])
    Invoice.process([invoice for invoice in made if invoice.state == "posted"])


def _invoice_line(invoice, one):
    pool = Pool()
    line = pool.get("account.invoice.line")(type="line", invoice=invoice, quantity=_number(one))
    line.invoice_type, line.company, line.currency = invoice.type, invoice.company, invoice.currency
    line.party = invoice.party
    price = None if one["price"] is None else Decimal(one["price"])
    if one["product"]:
        line.product = _product_of(one)
        line.on_change_product()
        if price is None:
            bare = line.product.list_price if invoice.type == "out" else line.product.cost_price
            price = round_price(bare * (1 - Decimal(one["discount"]) / 100))
    else:
        settings = pool.get("account.configuration")(1)
        kind = "revenue" if invoice.type == "out" else "expense"
        line.account = settings.get_multivalue(
            f"default_category_account_{kind}", company=invoice.company.id
        )
    line.description = one["description"] or None
    line.unit_price = price
    return line


def _head(order, one):
    """What orders and invoices have in common."""
    order.number = one["number"]
    order.reference = one["reference"] or None
    order.description = one["description"] or None
    order.comment = one["comment"] or None
    if one["payment_term"]:
        term = _named("account.invoice.payment_term", one["payment_term"], make=False)
        order.payment_term = term


def _walk(model, pairs):
    """Press the buttons, for all of one state at once."""
    by_state = {}
    for one, record in pairs:
        by_state.setdefault(one["state"], []).append(record)
    for state, records in by_state.items():
        for step in STEPS[state]:
            getattr(model, step)(records)


def _go_on(erp):
    pool = Pool()
    for model in ("ir.sequence", "ir.sequence.strict"):
        Sequence = pool.get(model)
        given = [one["number"] for x in ("sales", "purchases", "invoices") for one in erp[x]]
        for sequence in Sequence.search([("prefix", "in", ["SO", "PO", "INV", "BILL"])]):
            mine = [re.fullmatch(f"{sequence.prefix}([0-9]+)", number) for number in given]
            most = max((int(match[1]) for match in mine if match), default=0)
            if most >= sequence.number_next:
                sequence.number_next = most + 1
                sequence.save()


def _named(model, name, *, make=True):
    if not name:
        return None
    Model = Pool().get(model)
    found = Model.search([("name", "=", name)])
    if found:
        return found[0]
    if not make:
        raise ValueError(f"there is no {model} {name!r}")
    made = Model(name=name)
    made.save()
    return made


def _known(model, code):
    with Transaction().set_context(active_test=False):
        found = Pool().get(model).search([("code", "=", code)])
    if not found:
        raise ValueError(f"there is no {model} {code!r}")
    return found[0]


def _product_of(one):
    return _known("product.product", one["product"])


def _employee(login):
    if not login:
        return None
    found = Pool().get("res.user").search([("login", "=", login)])
    if not found:
        raise ValueError(f"there is no user {login!r}")
    return found[0].employee


def _number(one):
    return float(one["quantity"])


def _day(text):
    return datetime.date.fromisoformat(text) if text else None
