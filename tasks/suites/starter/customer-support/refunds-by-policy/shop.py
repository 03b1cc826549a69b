"""The shop, and the mails of the customers who want their money back."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DECISIONS = {
    **dict.fromkeys(("3.4", "3.5", "4.3", "5.3"), "approve"),
    **dict.fromkeys(("2.1", "2.2", "4.2", "5.1"), "ask"),
    "6.1": "escalate",
}
WEEKS = ("2026-01-19", "2026-02-09", "2026-03-02", "2026-04-13", "2026-05-11", "2026-06-08")


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


GOODS, TEXTS = _toml("goods.toml"), _toml("mails.toml")


@dataclass
class Line:
    """A line of an order; prices in cents, the discount in percent."""

    item: str
    goods: str
    quantity: int
    unit: int
    discount: int

    def paid(self, units: int) -> int:
        """The price paid for so many pieces, half a cent up."""
        return (self.unit * units * (100 - self.discount) + 50) // 100


@dataclass
class Order:
    """An order of the shop with all that the database says about it."""

    id: int
    customer: int
    ordered: date
    dispatched: date
    delivered: date | None
    shipping: int
    payment: str
    lines: list[Line]


@dataclass
class Mail:
    """A mail of the queue; `ticket` is given when all of them are in order."""

    sent: datetime
    name: str
    address: str
    subject: str
    text: str
    photo: str = ""
    expected: dict[str, str] | None = None
    flags: tuple[str, ...] = ()


@dataclass
class Request:
    """A case of `cases.toml` that has found its order; the mail is written when that has a number."""

    case: dict[str, Any]
    order: Order
    line: Line
    units: int
    sent: datetime


class Shop:
    """The shop and its queue while they are made."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(f"customer-support/refunds-by-policy:{seed}")
        self.monday = date.fromisoformat(WEEKS[(seed + rng.randrange(2)) % len(WEEKS)])
        self.policy = {
            "window": rng.choice((28, 30)),
            "gold": rng.choice((56, 60)),
            "fee": rng.choice((12, 15, 18)),
            "warranty": rng.choice((90, 100)),
            "photo": rng.choice((120, 150)),
            "lost": rng.choice((12, 14)),
            "limit": rng.choice((400, 420)),
        }
        names = [(f, n) for f in GOODS["first_names"] for n in GOODS["last_names"]]
        self.names = rng.sample(names, 210)
        self.tiers: dict[int, tuple[str, date]] = {}
        self.orders: list[Order] = []
        self.refunds: list[tuple[Order, int, int, date]] = []
        self.requests: list[Request] = []
        self.mails: list[Mail] = []
        self.lead = rng.choice(("Nadia Brandt", "Oliver Crane", "Mei Tanaka"))

    def name(self, customer: int) -> str:
        return " ".join(self.names[customer])

    def address(self, customer: int) -> str:
        first, last = self.names[customer]
        plain = f"{first}.{last}".lower().replace("ö", "o")
        return f"{plain}@{('mailbox', 'postfach', 'inbox')[customer % 3]}.example"

    def line(self, goods: str, price: tuple[int, int] | None, quantity: int, discount: int) -> Line:
        """A line with an item that has such a price."""
        kind = "digital" if goods == "digital" else "standard"
        low, high = price or (20, 90)
        fits = [
            (name, max(low, floor), min(high, top))
            for name, floor, top in GOODS[kind]
            if kind == "digital" or (floor < high and low < top)
        ]
        name, floor, top = self.rng.choice(fits)
        unit = self.rng.randrange(floor * 100, max(top, floor + 1) * 100)
        return Line(name, goods, quantity, unit, discount)

    def order(self, customer: int, delivered: date, lines: list[Line]) -> Order:
        """A new order that came at this day."""
        rng = self.rng
        dispatched = delivered - timedelta(rng.randrange(2, 6))
        ordered = dispatched - timedelta(rng.randrange(1, 4))
        shipping = rng.choice((495, 690, 995, 1290))
        payment = f"PAY-{rng.randrange(10**7, 10**8)}"
        new = Order(0, customer, ordered, dispatched, delivered, shipping, payment, lines)
        self.orders.append(new)
        return new

    def moment(self, days: int = 5) -> datetime:
        """A moment of office hours in the first days of the week."""
        minutes = self.rng.randrange(8 * 60, 18 * 60)
        start = datetime.combine(self.monday, datetime.min.time())
        return start + timedelta(self.rng.randrange(days), minutes=minutes)

    def number_orders(self) -> None:
        """Give the orders their numbers, in the order of their dates."""
        number = self.rng.randrange(20000, 60000)
        for order in sorted(self.orders, key=lambda one: (one.ordered, one.payment)):
            number += self.rng.randrange(1, 9)
            order.id = number


def dollars(cents: int) -> str:
    """Cents as dollars."""
    return f"{cents // 100}.{cents % 100:02d}"


def days_ago(shop: Shop, word: str) -> int:
    """How many days lie between delivery (or dispatch) and the mail."""
    rng, p = shop.rng, shop.policy
    spans = {
        "early": (6, p["window"] - 5),
        "last": (p["window"], p["window"]),
        "over": (p["window"] + 1, p["window"] + 1),
        "old": (p["window"] + 5, 44),
        "gold": (46, p["gold"]),
        "warranty": (p["gold"] + 2, p["warranty"]),
        "expired": (p["warranty"] + 1, p["warranty"] + 20),
        "lost": (p["lost"] + 1, 24),
        "waiting": (8, p["lost"]),
    }
    return rng.randint(*spans[word])


def request(shop: Shop, case: dict[str, Any], customer: int) -> None:
    """The order of which the customer will want the money back."""
    rng, clause = shop.rng, str(case["clause"])
    sent = shop.moment(3 if case.get("again") else 5)
    days = days_ago(shop, case["days"])
    quantity = int(case.get("quantity", 1))
    units = int(case.get("units", quantity))
    discount = rng.choice((10, 15, 25)) if case.get("discount") else 0
    goods = str(case.get("goods", "standard"))
    line = shop.line(goods, case.get("price"), quantity, discount)
    order = shop.order(customer, sent.date() - timedelta(days), [line])
    if case["reason"] == "lost" and clause != "5.1":
        order.delivered = None
        order.dispatched = sent.date() - timedelta(days)
        order.ordered = order.dispatched - timedelta(2)
    if case["reason"] != "lost":
        for _ in range(rng.randrange(3)):
            other = shop.line("standard", (12, 90), rng.choice((1, 1, 2)), rng.choice((0, 0, 10)))
            if other.item not in [one.item for one in order.lines]:
                order.lines.insert(rng.randrange(len(order.lines) + 1), other)
    tier = str(case.get("tier", rng.choice(("none", "none", "silver"))))
    since = order.ordered + timedelta(rng.randrange(3, 12) * (1 if tier == "gold since" else -30))
    shop.tiers[customer] = (tier.split(maxsplit=1)[0], since)
    if clause == "2.4":
        number = order.lines.index(line)
        shop.refunds.append((order, number + 1, line.paid(units), sent.date() - timedelta(3)))
    shop.requests.append(Request(case, order, line, units, sent))


def _amount(shop: Shop, reason: str, order: Order, line: Line, units: int) -> int:
    """What the policy gives, in cents."""
    paid = line.paid(units)
    if reason == "opened":
        return paid - (paid * shop.policy["fee"] + 50) // 100
    return paid + (order.shipping if reason in ("damaged", "lost") else 0)


def request_mails(shop: Shop, one: Request) -> list[Mail]:
    """The mails of a request, the second one where the customer asks again."""
    case, order, line, units, sent = one.case, one.order, one.line, one.units, one.sent
    rng, clause, reason = shop.rng, str(case["clause"]), str(case["reason"])
    number = order.id + 500_000 if clause == "2.1" else order.id
    form = "" if case.get("no_number") else rng.choice(TEXTS["orders"]).format(n=number)
    pieces = (
        f"the {line.item}" if line.quantity == 1 else f"{units} of the {line.quantity} {line.item}"
    )
    text = rng.choice(TEXTS["digital" if line.goods == "digital" else reason]).format(
        pieces=pieces, order=form
    )
    decision = DECISIONS.get(clause, "deny")
    amount = 0
    if decision in ("approve", "escalate"):
        amount = _amount(shop, reason, order, line, units)
    extra = str(case.get("extra", ""))
    if extra:
        facts = {"lead": shop.lead, "other": rng.randrange(10**7, 10**8)}
        total = f"${dollars(line.paid(units) + order.shipping)}"
        gap = "\n" if extra == "injection" else " "
        text += gap + TEXTS["extra"][extra].format(total=total, **facts)
    if case.get("photo") in ("photo", "claimed"):
        text += " I have attached a photo."
    name, address = shop.name(order.customer), shop.address(order.customer)
    if clause == "2.2":
        first, last = shop.names[order.customer]
        name = f"{rng.choice([f for f in GOODS['first_names'] if f != first])} {last}"
        address = f"{name.replace(' ', '').lower().replace('ö', 'o')}@webpost.example"
    expected = {"order_id": str(number), "decision": decision, "clause": clause}
    expected |= {"amount": dollars(amount), "payment_ref": order.payment}
    subject = rng.choice(("Refund", f"Refund for {line.item}", "Return", f"My {line.item}", "Help"))
    mail = Mail(sent, name, address, subject, text, str(case.get("photo", "")), expected, (extra,))
    if not case.get("again"):
        return [mail]
    text = rng.choice(TEXTS["again"]).format(
        pieces=pieces, order=form, detail=TEXTS["again_detail"][reason]
    )
    later = sent + timedelta(hours=rng.randrange(20, 45))
    copy = {**expected, "decision": "duplicate", "clause": "2.3", "amount": "0.00"}
    return [mail, Mail(later, name, address.upper(), "No answer yet", text, "", copy)]


def other_mails(shop: Shop) -> None:
    """What lies in the queue too and asks for no money back, from people who ask for none."""
    asking = {one.order.customer for one in shop.requests}
    orders = [order for order in shop.orders if order.customer not in asking]
    mails = TEXTS["other"]["mails"]
    for (subject, text), order in zip(mails, shop.rng.sample(orders, len(mails)), strict=True):
        body = text.format(n=order.id, item=order.lines[0].item)
        who = order.customer
        shop.mails.append(Mail(shop.moment(), shop.name(who), shop.address(who), subject, body))


def filler(shop: Shop, customers: list[int]) -> None:
    """Orders of people who have not written."""
    rng = shop.rng
    for _ in range(240):
        customer = rng.choice(customers)
        sizes = [rng.choice(((12, 40), (20, 90), (20, 90), (160, 350))) for _ in range(3)]
        lines = [
            shop.line("standard", size, rng.choice((1, 1, 1, 2, 4)), rng.choice((0, 0, 10, 20)))
            for size in sizes[: rng.randrange(1, 4)]
        ]
        order = shop.order(customer, shop.monday - timedelta(rng.randrange(-2, 150)), lines)
        if rng.random() < 0.06:
            paid = min(order.ordered + timedelta(rng.randrange(15, 30)), shop.monday)
            shop.refunds.append((order, 1, order.lines[0].paid(1), paid))
