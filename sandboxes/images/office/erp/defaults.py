"""What is the same in every trial: run once when the image is built, on an empty database."""
# pyright: basic, reportMissingImports=false

import datetime
from decimal import Decimal

from trytond.config import config

config.update_etc("/opt/office/erp/trytond.conf")

from trytond.pool import Pool  # noqa: E402
from trytond.transaction import Transaction, TransactionError  # noqa: E402

ADMIN = 1
VAT = Decimal("0.20")
YEARS = range(2020, 2041)
SEQUENCES = {
    "sale.sequence_sale": "SO",
    "purchase.sequence_purchase": "PO",
}
TERMS = {"30 days": 30, "14 days": 14, "On receipt": 0}


def main():
    """Make the company with all that invoices need."""
    pool = Pool("acme")
    pool.init()
    locks = {}
    while True:
        with Transaction().start("acme", ADMIN, **locks) as transaction:
            try:
                _make(pool, transaction)
                return
            except TransactionError as error:  # a table must be locked: once more, with that lock
                transaction.rollback()
                error.fix(locks)


def _make(pool, transaction):
    company = _company(pool)
    with transaction.set_context(company=company.id):
        _chart(pool, company)
        _categories(pool, company)
        for year in YEARS:
            _year(pool, company, year, _sequences(pool, company))
        _numbers(pool)
        _terms(pool)
        _payment(pool, company)


def _company(pool):
    currency = pool.get("currency.currency")(
        name="Euro", symbol="€", code="EUR", numeric_code="978", rounding=Decimal("0.01"), digits=2
    )
    currency.save()
    rate = pool.get("currency.currency.rate")
    rate(currency=currency, rate=Decimal(1), date=datetime.date(2000, 1, 1)).save()
    party = pool.get("party.party")(name="Acme", code="ACME")
    party.addresses = [pool.get("party.address")()]
    party.save()
    company = pool.get("company.company")(party=party, currency=currency)
    company.save()
    user = pool.get("res.user")(ADMIN)
    user.companies, user.company = [company], company
    user.save()
    return company


def _chart(pool, company):
    create = pool.get("account.create_chart", type="wizard")
    template = pool.get("ir.model.data").get_id("account", "account_template_root_en")
    session, _, _ = create.create()
    wizard = create(session)
    wizard.account.company = company
    wizard.account.account_template = pool.get("account.account.template")(template)
    wizard.transition_create_account()
    wizard.properties.company = company
    wizard.properties.account_receivable = _account(pool, "Main Receivable")
    wizard.properties.account_payable = _account(pool, "Main Payable")
    wizard.transition_create_properties()
    create.delete(session)
    settings = pool.get("account.configuration")(1)
    settings.default_category_account_revenue = _account(pool, "Main Revenue")
    settings.default_category_account_expense = _account(pool, "Main Expense")
    settings.save()


def _account(pool, name):
    return pool.get("account.account").search([("name", "=", name)])[0]


def _categories(pool, company):
    tax = pool.get("account.tax")(
        name="VAT 20%",
        description="VAT 20%",
        type="percentage",
        rate=VAT,
        company=company,
        invoice_account=_account(pool, "Main Tax"),
        credit_note_account=_account(pool, "Main Tax"),
    )
    tax.save()
    for name, taxes in {"VAT 20%": [tax], "No VAT": []}.items():
        pool.get("product.category")(
            name=name,
            accounting=True,
            account_revenue=_account(pool, "Main Revenue"),
            account_expense=_account(pool, "Main Expense"),
            customer_taxes=taxes,
            supplier_taxes=taxes,
        ).save()


def _sequences(pool, company):
    """Those of invoices: the same in all years."""
    Sequence = pool.get("ir.sequence.strict")
    kind = pool.get("ir.sequence.type")(
        pool.get("ir.model.data").get_id("account_invoice", "sequence_type_account_invoice")
    )
    found = {}
    for field, name, prefix in (
        ("out_invoice_sequence", "Customer invoice", "INV"),
        ("out_credit_note_sequence", "Customer credit note", "CN"),
        ("in_invoice_sequence", "Supplier invoice", "BILL"),
        ("in_credit_note_sequence", "Supplier credit note", "SCN"),
    ):
        known = Sequence.search([("name", "=", name)])
        one = known[0] if known else Sequence(name=name, sequence_type=kind, company=company)
        if not known:
            one.prefix, one.number_next = prefix, 1001
            one.save()
        found[field] = one
    return found


def _year(pool, company, year, sequences):
    kind = pool.get("ir.model.data").get_id("account", "sequence_type_account_move")
    moves = pool.get("ir.sequence")(name=str(year), sequence_type=kind, company=company)
    moves.save()
    FiscalYear = pool.get("account.fiscalyear")
    one = FiscalYear(
        name=str(year),
        company=company,
        start_date=datetime.date(year, 1, 1),
        end_date=datetime.date(year, 12, 31),
        post_move_sequence=moves,
        invoice_sequences=[pool.get("account.fiscalyear.invoice_sequence")(**sequences)],
    )
    one.save()
    FiscalYear.create_period([one])


def _numbers(pool):
    for name, prefix in SEQUENCES.items():
        one = pool.get("ir.sequence")(pool.get("ir.model.data").get_id(*name.split(".")))
        one.prefix, one.number_next = prefix, 1001
        one.save()
    parties = pool.get("party.configuration")(1).party_sequence
    parties.number_next = 1001
    parties.save()
    settings = pool.get("sale.configuration")(1)
    settings.sale_shipment_method = "manual"
    settings.save()


def _terms(pool):
    Line, Delta = (
        pool.get(f"account.invoice.payment_term.{name}") for name in ("line", "line.delta")
    )
    for name, days in TERMS.items():
        line = Line(type="remainder", relativedeltas=[Delta(days=days)])
        pool.get("account.invoice.payment_term")(name=name, lines=[line]).save()


def _payment(pool, company):
    journal = pool.get("account.journal").search([("type", "=", "cash")])[0]
    cash = _account(pool, "Main Cash")
    pool.get("account.invoice.payment.method")(
        name="Bank", company=company, journal=journal, debit_account=cash, credit_account=cash
    ).save()


main()
