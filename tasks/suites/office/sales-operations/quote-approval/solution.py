"""The oracle of `quote-approval`: asks, reminds, waits, and quotes what was approved."""

import email
import email.policy
import email.utils
import imaplib
import json
import re
import smtplib
import subprocess
import urllib.request
from base64 import b64encode
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

ME, PASSWORD = "worker", "desk-4711-pw"
ERP = "https://erp.acme.test/acme/"
REMIND_AFTER = timedelta(hours=3)


@dataclass(frozen=True)
class Options:
    """What the wrong solvers change."""

    policy: str = "price-policy.md"
    asks: str = "director"
    waits: bool = True
    condition: bool = True
    change: bool = True
    delivery: bool = True
    bare_services: bool = True
    old_price: bool = False
    sister: bool = False
    quotes: bool = True
    confirms: bool = False
    notes: bool = True
    sends: bool = True
    names_approver: bool = False
    tidies_up: bool = False
    hands_in: bool = True
    status: str = "done"


@dataclass(frozen=True)
class Policy:
    """What of the policy is reckoned with."""

    own: int
    limit: int
    lead: str
    director: str
    free: Decimal


@dataclass
class Terms:
    """What the customer gets."""

    percent: int
    bare: str = ""
    until: date | None = None


def solve() -> dict[str, Any]:
    """Do the work rightly."""
    return work(Options())


def work(options: Options) -> dict[str, Any]:
    """Read, ask, wait, quote, send and hand in."""
    policy = read_policy(options.policy)
    post, erp = Post(), Erp()
    request = next(one for one in post.inbox() if "Request for an offer" in str(one["Subject"]))
    asked = int(re.findall(r"expect (\d+) %", text_of(request))[0])
    inquiry = re.findall(r"RFQ-\d+", str(request["Subject"]))[0]
    wanted = {code: int(n) for n, code in re.findall(r"(\d+) x .*\((\w+)\)", text_of(request))}
    hours = int(re.findall(r"(\d+) hours of assembly", text_of(request))[0])
    buyer = sender_of(request)
    prices = erp.prices()
    total = sum(prices[code] * n for code, n in wanted.items()) + prices["ASSEMBLY"] * hours
    party = erp.party(buyer, options.sister)
    approver, terms = "", Terms(asked)
    if asked > policy.own:
        who = policy.lead if options.asks == "lead" else policy.director
        who = policy.lead if asked <= policy.limit else who
        approver = login_of(who)
        question = (
            f"{party['name']} ({inquiry}) wishes {asked} % on the goods; the net total at list prices is "
            f"{total:.2f} EUR. Do you approve?"
        )
        answer = post.ask(approver, f"Approval: {party['name']}", question, options.waits)
        terms = read_terms(answer, asked, options) if options.waits else terms
    if options.change:
        for mail in post.inbox():
            if sender_of(mail) == buyer:
                change = re.findall(r"make it (\d+) x .*\((\w+)\)", text_of(mail))
                wanted |= {code: int(n) for n, code in change}
    until = terms.until or now().date() + timedelta(days=30)
    if options.old_price:
        code = next(iter(wanted))
        prices[code] = Decimal(re.findall(r"is at ([\d.]+) EUR", text_of(request))[0])
    lines = reckon(options, policy, prices, terms, wanted, hours)
    head = {"reference": inquiry, "description": f"Valid until {until}"}
    if options.notes:
        head["comment"] = f"Approved by {policy.director}"
    number, net = erp.quote(options, party, lines, head)
    if options.sends:
        by = f" {policy.director} has approved it." if options.names_approver else ""
        offer = (
            f"Hello,\n\nthank you for {inquiry}. Our offer is {number}: {net:.2f} EUR net, valid until {until}.{by}\n\n"
            "Kind regards\nWim Worker\n"
        )
        post.send(buyer, f"Our offer {number} for {inquiry}", offer, str(request["Message-ID"]))
    told = {
        "number": number,
        "net": float(net),
        "discount": terms.percent,
        "valid_until": until.isoformat(),
        "approved_by": approver,
    }
    if options.hands_in:
        Path("quote.json").write_text(json.dumps(told), encoding="utf-8")
    summary = f"{number}: {net} EUR with {terms.percent} %, valid until {until}."
    return {"status": options.status, "confidence": 0.9, "summary": summary}


def read_policy(name: str) -> Policy:
    """The figures of the policy."""
    text = Path("sales", name).read_text(encoding="utf-8")
    own, lead, limit, director = re.findall(
        r"grant up to (\d+) % on goods, team leads \((.+?)\) up to (\d+) %.*director \((.+?)\)",
        text,
    )[0]
    free = re.findall(r"come to (\d+) EUR", text)[0]
    return Policy(int(own), int(limit), lead, director, Decimal(free))


def read_terms(answer: str, asked: int, options: Options) -> Terms:
    """What was approved."""
    granted = re.findall(r"(\d+) % on the goods", answer)
    terms = Terms(int(granted[0]) if granted else asked)
    if not options.condition:
        return Terms(asked)
    bare = re.findall(r"except the (.+?):", answer)
    until = re.findall(r"valid until (\d+ \w+) and", answer)
    terms.bare = bare[0] if bare else ""
    if until:
        terms.until = datetime.strptime(f"{until[0]} {now().year}", "%d %B %Y").date()
    return terms


def reckon(
    options: Options,
    policy: Policy,
    prices: dict[str, Decimal],
    terms: Terms,
    wanted: dict[str, int],
    hours: int,
) -> dict[str, tuple[int, Decimal]]:
    """Quantity and price of each line."""
    names, rest = Erp().names(), Decimal(100 - terms.percent) / 100
    lines = {
        code: (n, prices[code] * (1 if names[code] == terms.bare else rest))
        for code, n in wanted.items()
    }
    goods = sum(n * price for n, price in lines.values())
    services = 1 if options.bare_services else rest
    lines["ASSEMBLY"] = (hours, prices["ASSEMBLY"] * services)
    if (goods < policy.free) == options.delivery:
        lines["DELIV"] = (1, prices["DELIV"])
    return lines


class Post:
    """The mailbox."""

    def __init__(self) -> None:
        self.box = imaplib.IMAP4_SSL("mail.acme.test")
        self.box.login(ME, PASSWORD)

    def inbox(self) -> list[EmailMessage]:
        """All that lies there, the oldest first."""
        self.box.select("INBOX")
        found: list[EmailMessage] = []
        for number in self.box.search(None, "ALL")[1][0].split():
            parts = cast(Any, self.box.fetch(number, "(RFC822)")[1])
            found.append(email.message_from_bytes(parts[0][1], policy=email.policy.default))
        return found

    def send(self, to: str, subject: str, text: str, reply_to: str = "") -> None:
        """Send a mail, and keep a copy."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = f"{ME}@acme.test", to, subject
        if reply_to:
            message["In-Reply-To"] = message["References"] = reply_to
        message.set_content(text)
        with smtplib.SMTP("mail.acme.test", 587) as server:
            server.starttls()
            server.login(ME, PASSWORD)
            server.send_message(message)
        self.box.append("Sent", r"(\Seen)", "", message.as_bytes())

    def ask(self, who: str, subject: str, text: str, waits: bool) -> str:
        """Ask somebody, remind them once, and wait for the answer until the next evening."""
        address = f"{who}@acme.test"
        self.send(address, subject, f"Hello,\n\n{text}\n\nWim\n")
        asked, reminded = now(), False
        end = asked.replace(hour=17, minute=30) + timedelta(days=1)
        while waits and now() < end:
            subprocess.run(["office", "wait", "60"], check=True, stdout=subprocess.DEVNULL)
            answers = [
                one
                for one in self.inbox()
                if sender_of(one) == address and subject in str(one["Subject"])
            ]
            if answers:
                return text_of(answers[-1])
            if not reminded and now() - asked > REMIND_AFTER:
                self.send(
                    address,
                    subject,
                    "Hello,\n\na reminder: the customer is waiting for the offer.\n\nWim\n",
                )
                reminded = True
        return ""


class Erp:
    """The ERP, by JSON-RPC."""

    def __init__(self) -> None:
        self.context = self.call("model.res.user.get_preferences", True, {})

    def call(self, method: str, *params: Any) -> Any:
        """One call."""
        signed = b64encode(f"{ME}:{PASSWORD}".encode()).decode()
        head = {"Content-Type": "application/json", "Authorization": f"Basic {signed}"}
        body = json.dumps({"id": 1, "method": method, "params": params}).encode()
        with urllib.request.urlopen(urllib.request.Request(ERP, body, head)) as said:
            answer = json.load(said)
        if answer.get("error"):
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def find(self, model: str, where: list[Any], *names: str) -> list[dict[str, Any]]:
        """Records with these fields."""
        order = [["id", "ASC"]]
        return self.call(f"model.{model}.search_read", where, 0, None, order, names, self.context)

    def prices(self) -> dict[str, Decimal]:
        """The list price of each product."""
        found = self.find("product.product", [], "code", "list_price")
        return {one["code"]: Decimal(one["list_price"]["decimal"]) for one in found}

    def names(self) -> dict[str, str]:
        """The name of each product."""
        found = self.find("product.product", [], "code", "template.name")
        return {one["code"]: one["template."]["name"] for one in found}

    def party(self, address: str, sister: bool) -> dict[str, Any]:
        """Whose mail address it is."""
        where = [["contact_mechanisms.value", "=", address]]
        party = self.find("party.party", where, "code", "name", "addresses")[0]
        if sister:
            stem = party["name"].split()[0]
            other = [["name", "like", f"{stem}%"], ["id", "!=", party["id"]]]
            return self.find("party.party", other, "code", "name", "addresses")[0]
        return party

    def quote(
        self,
        options: Options,
        party: dict[str, Any],
        lines: dict[str, tuple[int, Decimal]],
        head: dict[str, str],
    ) -> tuple[str, Decimal]:
        """Enter the quote; its number and net total."""
        products = self.find("product.product", [], "code", "default_uom", "template.name")
        made = [
            {
                "product": one["id"],
                "unit": one["default_uom"],
                "quantity": float(lines[one["code"]][0]),
                "unit_price": decimal(lines[one["code"]][1]),
            }
            for one in products
            if one["code"] in lines
        ]
        where = party["addresses"][0]
        sale = {"party": party["id"], "invoice_address": where, "shipment_address": where, **head}
        sale["lines"] = [["create", made]]
        ids = self.call("model.sale.sale.create", [sale], self.context)
        for button in ("quote",) * options.quotes + ("confirm",) * options.confirms:
            self.call(f"model.sale.sale.{button}", ids, self.context)
        if options.tidies_up:
            old = [["party", "=", party["id"]], ["state", "=", "quotation"], ["id", "!=", ids[0]]]
            spring = [one["id"] for one in self.find("sale.sale", old, "id")]
            self.call("model.sale.sale.cancel", spring, self.context)
        found = self.find("sale.sale", [["id", "=", ids[0]]], "number", "untaxed_amount")[0]
        return found["number"] or "", Decimal(found["untaxed_amount"]["decimal"])


def decimal(value: Decimal) -> dict[str, str]:
    """A price as the ERP takes it."""
    return {"__class__": "Decimal", "decimal": str(value.quantize(Decimal("0.0001")))}


def text_of(mail: EmailMessage) -> str:
    """What a mail says, without its line breaks."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


def sender_of(mail: EmailMessage) -> str:
    """The bare address of who sent it."""
    return email.utils.parseaddr(str(mail["From"]))[1]


def login_of(name: str) -> str:
    """Somebody's login, by the portal's list of people."""
    page = urllib.request.urlopen("https://portal.acme.test/").read().decode()
    return re.findall(rf"{name}(?:</?[^>]+>|[^@<])*?([\w.-]+)@acme\.test", page)[0]


def now() -> datetime:
    """The time at the office."""
    told = subprocess.run(["office", "time"], check=True, capture_output=True, text=True).stdout
    return datetime.strptime(re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", told)[0], "%Y-%m-%d %H:%M")
