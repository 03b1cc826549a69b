"""A small office for the tests."""

from __future__ import annotations

from offsite.tasks import OfficeWorld
from offsite.tasks.erp import ErpWorld
from offsite.tasks.forge import ForgeWorld


def small_office() -> OfficeWorld:
    """Three people, and something of everything."""
    office = OfficeWorld()
    office.person("worker", "Wim Worker", password="desk-4711-pw", title="Assistant")
    office.person(
        "alice", "Alice Arden", password="alice-0815-pw", title="Head of sales", admin=True
    )
    office.person("bob", "Bob Ode", password="bob-1234-pw", title="Engineer")
    first = office.mail(
        "alice", "worker", "Numbers for May", "Please send me the numbers.\n", at="2025-06-02 09:30"
    )
    office.mail(
        "Pat Ode <pat@client.example>",
        "worker",
        "Grüße",
        "A second one, from outside.\n",
        at="2025-06-01 08:00",
        flags=["\\Seen", "\\Flagged"],
        folder="Clients",
        attachments=[("list.csv", b"a,b\n1,2\n")],
    )
    office.mail("worker", "alice", "Re: Numbers", "Soon.", at="2025-06-02 10:00", reply_to=first)
    office.event(
        "alice", "Budget review", "2025-06-05 10:00", "2025-06-05 11:00", attendees=["worker"]
    )
    office.event("worker", "Dentist", "2025-06-06 15:00", "2025-06-06 16:00", place="Main St")
    office.contact("worker", "Pat Ode", "pat@client.example", phone="+1 555 0100")
    office.project("website", "Website", members=["worker", "alice", "bob"], categories=["Design"])
    office.issue(
        "website",
        "Logo blurry",
        author="alice",
        at="2025-05-20 09:00",
        assignee="worker",
        priority="High",
        category="Design",
        kind="Bug",
        comments=[("bob", "2025-05-21 10:00", "On every phone.")],
    )
    office.issue(
        "website",
        "Logo not sharp",
        author="bob",
        at="2025-05-22 09:00",
        number=7,
        relations=("duplicates 1",),
    )
    office.issue(
        "website", "Old one", author="bob", at="2025-01-01 09:00", status="Closed", done=100
    )
    office.project("shop", "Shop", members=["worker", "bob"])
    office.issue(
        "shop", "Checkout slow", author="bob", at="2025-05-23 09:00", relations=("blocks 7",)
    )
    office.page(
        "website",
        "Wiki",
        "# Website\n\nSee [[Style guide]].",
        author="alice",
        at="2025-01-02 09:00",
    )
    office.page(
        "website", "Style guide", "Be short.", author="bob", at="2025-01-03 09:00", parent="Wiki"
    )
    office.room(
        "general",
        ["worker", "alice", "bob"],
        [("alice", "2025-06-02 08:00", "Good morning"), ("bob", "2025-06-02 08:05", "Morning!")],
        topic="All of us",
    )
    office.room("launch", ["worker", "alice"])
    office.direct("alice", "worker", [("alice", "2025-06-02 08:10", "Have you a minute?")])
    office.file("Sales/plan.txt", "The plan.\n", at="2025-03-01 12:00")
    office.database.table(
        "sales.orders",
        {"number": "bigint", "client": "text", "amount": "numeric(10,2)", "paid_at": "timestamptz"},
        [
            (1, "Nord\t& Söhne \\N", "120.5", "2025-05-02 10:00"),
            (2, None, 80, None),
            (3, "", 7, None),
        ],
        key="number",
        comment="What was ordered; one row each.",
        comments={"paid_at": "Empty until it is paid."},
        writers=["worker"],
    )
    office.database.table(
        "hr.pay", {"login": "text", "pay": "int"}, [("bob", 1)], readers=["alice"]
    )
    office.database.view("sales.unpaid", "select * from sales.orders where paid_at is null")
    _repositories(office.forge)
    _trade(office.erp)
    return office


def _trade(erp: ErpWorld) -> None:
    erp.party(
        "NORD",
        "Nord & Söhne",
        street="1 Quay",
        city="Cork",
        country="Ireland",
        email="pat@client.example",
        categories=("Customer",),
        bank_accounts=("DE89370400440532013000",),
        payment_term="30 days",
    )
    erp.product("LAMP", "Desk lamp", price="49.50", cost=20)
    erp.product("SETUP", "Setting up", price=80, kind="service", unit="Hour", taxed=False)
    lines = [erp.line("LAMP", 10, discount=10), erp.line("SETUP", 2), erp.line(price=5)]
    for number, state in enumerate(("draft", "quotation", "processing", "done", "cancelled")):
        erp.sale(
            f"SO{1001 + number}", "NORD", lines, date="2025-05-02", state=state, quoted_by="alice"
        )
    erp.purchase("PO1001", "NORD", [erp.line("LAMP", 10, 20)], state="quotation")
    for number, state in enumerate(("draft", "posted", "paid")):
        erp.invoice(f"INV{1001 + number}", "NORD", lines[:2], date="2025-05-05", state=state)
    erp.invoice(
        "BILL1001", "NORD", [erp.line("LAMP", 3, 19)], date="2025-05-05", kind="supplier",
        state="posted", reference="7/25",
    )  # fmt: skip


def _repositories(forge: ForgeWorld) -> None:
    forge.repository("site", owner="alice", members=["worker"], description="Our web site")
    forge.commit(
        "site",
        "Begin",
        {"README.md": "# Site\n", "src/page.py": "TITLE = 'Acme'\n", "logo.bin": b"\0\1"},
        author="alice",
        at="2025-01-07 09:00",
    )
    forge.commit(
        "site", "Shout", {"src/page.py": "TITLE = 'ACME'\n"}, branch="shout", author="bob",
        at="2025-01-08 09:00",
    )  # fmt: skip
    forge.commit(
        "site",
        "Merge shout",
        {"logo.bin": None},
        author="alice",
        at="2025-01-09 09:00",
        merges="shout",
    )
    forge.commit(
        "site",
        "Say hello",
        {"src/page.py": "TITLE = 'ACME'\nHELLO = True\n"},
        branch="hello",
        author="bob",
        at="2025-05-28 15:00",
    )
    forge.pull(
        "site",
        "Shout",
        author="bob",
        source="shout",
        at="2025-01-08 10:00",
        status="Merged",
        closed_by="alice",
        closed="2025-01-09 09:00",
    )
    forge.pull(
        "site",
        "Say hello",
        text="As **agreed**.",
        author="bob",
        source="hello",
        at="2025-05-28 16:00",
        assignee="worker",
        comments=[("alice", "2025-05-29 09:00", "To whom?")],
    )
    forge.issue(
        "site",
        "No imprint",
        author="alice",
        at="2025-05-30 09:00",
        text="We need one.",
        comments=[("bob", "2025-05-30 10:00", "Yes.")],
    )
