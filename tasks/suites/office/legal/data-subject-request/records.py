"""Everything that lies about the customers in mailbox, tracker and drive, and what must become of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .people import Customer

GOODS = (
    "oak desk", "bookcase Nora", "armchair Lund", "floor lamp Arc", "bed frame Solid", "kitchen trolley",
    "wardrobe Fjord", "bar stool pair", "sideboard Elm", "garden bench", "mirror Round", "shoe cabinet",
)  # fmt: skip
ASKS = (
    "a foot is missing", "the colour is not the one I chose", "when will it be delivered",
    "can I still change the address", "one drawer sticks", "the invoice has the wrong date",
    "there is a scratch on the side", "I should like to swap it for the larger one",
)  # fmt: skip
ANSWERS = (
    "we send the missing part this week", "the carrier will call you the day before",
    "we have corrected it", "a colleague will come and look at it", "we take it back at no cost",
)  # fmt: skip
FOLDERS = ("INBOX", "Orders", "Complaints", "Archive")


@dataclass
class Record:
    """A mail, ticket or file; `about` are the customers whom it names.

    `marker` stands in its wording and nowhere else; of a list it is the marker of the asker's line.
    """

    system: str
    place: str
    text: str
    marker: str = ""
    action: str = ""
    subject: str = ""
    sender: str = ""
    to: str = ""
    at: str = ""
    comments: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


class Archive:
    """All records of one instance."""

    def __init__(self, rng: random.Random, people: list[Customer], staff: str) -> None:
        self.rng, self.people, self.staff = rng, people, staff
        self.asker, self.namesake, *self.others = people
        self.held, self.lifted, self.free = rng.sample(self.asker.orders, 3)
        self.refs = iter(rng.sample(range(100000, 999999), 400))
        self.records: list[Record] = []
        self._of_asker()
        self._of_others()
        rng.shuffle(self.records)

    def ref(self) -> str:
        """A reference that nothing else has."""
        return f"REF-{next(self.refs)}"

    def day(self) -> str:
        """A moment of the last two years."""
        rng = self.rng
        day = f"{rng.choice((2023, 2024))}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
        return f"{day} {rng.randrange(8, 18):02d}:{rng.randrange(60):02d}"

    def _add(self, system: str, place: str, text: str, **more: Any) -> Record:
        one = Record(system, place, text, at=self.day(), **more)
        self.records.append(one)
        return one

    def _of_asker(self) -> None:
        who = self.asker
        stranger, other, neighbour = self.rng.sample(self.others, 3)
        former = f"{who.name} <{who.former_mail}>"
        for folder, order, action in (
            ("INBOX", self.held, "hold"),
            ("Orders", self.lifted, "delete"),
            ("Complaints", self.held, "hold"),
            ("Archive", self.free, "delete"),
        ):
            self._letter_in(who, folder, order, action)
        self._letter_in(who, self.rng.choice(FOLDERS), self.free, "delete", sender=former)
        self._letter_out(who, self.lifted, "delete")
        more = (
            f"PS: The second parcel was for somebody else, we have found out: {stranger.name}, "
            f"{stranger.number}, {stranger.mail}. Our mistake."
        )
        self._letter_out(who, self.free, "shared", more)
        self._delivery(who, self.lifted, "delete")
        self._neighbour(who, neighbour)
        head = f"Customer: {who.number}"
        self._ticket(head, self.held, "hold")
        self._ticket(head, self.lifted, "delete")
        self._ticket(f"A caller without a customer number, {who.phone}.", self.free, "delete")
        late = self._ticket(
            "Came by the form on the website, sender not known.", self.free, "delete"
        )
        late.comments.append((self.day(), f"I asked the warehouse: this is {who.mail}."))
        both = f"Customers: {other.number} ({other.name}, {other.phone}) and {who.number}. Parcels swapped."
        self._ticket(both, self.free, "shared")
        self._paper(who, f"{{day}} {who.number}", self.lifted, "delete")
        self._paper(who, f"{{day}} {self.held}", self.held, "hold")
        for order in (self.lifted, self.free):
            self._invoice(who, order, "retain")

    def _of_others(self) -> None:
        rng = self.rng
        for who in (self.namesake, *self.others):
            busy = who is self.namesake
            for _ in range(3 if busy else rng.randrange(1, 5)):
                self._letter_in(who, rng.choice(FOLDERS), rng.choice(who.orders), "")
            for _ in range(rng.randrange(1, 3)):
                self._letter_out(who, rng.choice(who.orders), "")
            for _ in range(2 if busy else rng.randrange(1, 4)):
                order = rng.choice(who.orders)
                self._ticket(
                    rng.choice((f"Customer: {who.number}", f"{who.name}, {who.mail}")), order, ""
                )
            if rng.random() < 0.5:
                self._delivery(who, rng.choice(who.orders), "")
            if busy or rng.random() < 0.7:
                self._paper(who, f"{{day}} {who.number}", rng.choice(who.orders), "")
            for order in rng.sample(who.orders, rng.randrange(1, 3)):
                self._invoice(who, order, "")

    def _letter_in(
        self, who: Customer, folder: str, order: str, action: str, *, sender: str = ""
    ) -> None:
        rng, ref, goods = self.rng, self.ref(), self.rng.choice(GOODS)
        text = (
            f"Hello,\n\nabout my order {order} ({goods}): {rng.choice(ASKS)}. "
            f"Your reference is {ref}.\n\n{who.name}\n"
        )
        subject = rng.choice((f"Order {order}", f"My {goods}", "A question", "Please help"))
        self._add(
            "mail", folder, text, marker=ref, action=action, subject=subject, sender=sender or who.sender
        )  # fmt: skip

    def _letter_out(self, who: Customer, order: str, action: str, more: str = "") -> None:
        ref, goods = self.ref(), self.rng.choice(GOODS)
        text = (
            f"Dear {who.name},\n\nthank you for writing about order {order} ({goods}). "
            f"Good news: {self.rng.choice(ANSWERS)}. Our reference is {ref}.\n\nAcme customer service\n"
        )
        text += f"\n{more}\n" if more else ""
        subject = f"Your {goods} [{ref}]"
        self._add(
            "mail", "Sent", text, marker=ref, action=action, subject=subject, sender="worker", to=who.sender
        )  # fmt: skip

    def _delivery(self, who: Customer, order: str, action: str) -> None:
        ref = self.ref()
        text = (
            f"Delivered: {order} for {who.number}. Left at the door as agreed. Waybill {ref}.\n\n"
            "Swift Carriers, automatic message\n"
        )
        sender = "Swift Carriers <noreply@swift-carriers.example>"
        folder = self.rng.choice(("INBOX", "Orders"))
        self._add(
            "mail", folder, text, marker=ref, action=action, subject="Delivery note", sender=sender
        )

    def _neighbour(self, who: Customer, neighbour: Customer) -> None:
        ref = self.ref()
        text = (
            f"Good morning,\n\nsince Friday a parcel has been standing in my hall that is not mine. On the "
            f"label: customer {who.number}, waybill {ref}. Please have it collected, or call me "
            f"at {neighbour.phone}.\n\n{neighbour.name}, {neighbour.number}\n"
        )
        self._add(
            "mail", "Complaints", text, marker=ref, action="shared", subject="Not my parcel", sender=neighbour.sender
        )  # fmt: skip

    def _ticket(self, head: str, order: str, action: str) -> Record:
        ref, goods = self.ref(), self.rng.choice(GOODS)
        text = f"{head}\n\nOrder {order}, {goods}: {self.rng.choice(ASKS)}. Reference {ref}."
        subject = f"{goods.capitalize()}: {self.rng.choice(('question', 'complaint', 'return', 'delivery'))}"
        return self._add("tracker", "", text, marker=ref, action=action, subject=subject)

    def _paper(self, who: Customer, name: str, order: str, action: str) -> None:
        ref, day = self.ref(), self.day()[:10]
        text = (
            f"{day}\n\nDear {who.name},\n\nwe confirm what we agreed on the phone about order {order}: "
            f"{self.rng.choice(ANSWERS)}.\n\nCustomer number {who.number}, our reference {ref}\n\n"
            f"{self.staff}\nCustomer service\n"
        )
        path = f"Customers/Letters/{day[:4]}/{name.format(day=day)}.txt"
        self._add("files", path, text, marker=ref, action=action)

    def _invoice(self, who: Customer, order: str, action: str) -> None:
        number, goods = self.ref().replace("REF", "R"), self.rng.choice(GOODS)
        day, cents = self.day()[:10], self.rng.randrange(4000, 90000)
        text = (
            f"Invoice {number}\n{day}\n\n{who.name}, customer {who.number}\nOrder {order}: {goods}\n"
            f"Total: GBP {cents // 100}.{cents % 100:02d}\n"
        )
        self._add(
            "files", f"Finance/Invoices/{day[:4]}/{number}.txt", text, marker=number, action=action
        )


@dataclass(frozen=True)
class Listing:
    """A list with a line for each customer; `rest` is without the asker's, which has the marker."""

    path: str
    text: str
    rest: str
    marker: str
    action: str = "delete"


def lists(archive: Archive) -> list[Listing]:
    """The lists of the shared drive. Who asks stands in the newsletter's by the former address."""
    rng, asker = archive.rng, archive.asker

    def made(
        path: str, head: str, line: Callable[[Customer, str], str], action: str = "delete"
    ) -> Listing:
        marks = {one.number: f"{path[-6].upper()}{next(archive.refs)}" for one in archive.people}
        lines = {one.number: line(one, marks[one.number]) for one in archive.people}
        whole = [lines[number] for number in sorted(lines)]
        rest = [one for one in whole if one != lines[asker.number]]
        texts = ("\n".join([head, *some, ""]) for some in (whole, rest))
        return Listing(path, *texts, marker=marks[asker.number], action=action)

    def score() -> str:
        return (
            f"{rng.randrange(1, 6)},{rng.choice(('fine', 'slow delivery', 'friendly', 'too dear'))}"
        )

    return [
        made(
            "Customers/register.csv",
            "number,name,mail,former_mail,phone,since,card",
            lambda one, mark: ",".join(
                (one.number, one.name, one.mail, one.former_mail, one.phone, one.since, mark)
            ),
            "retain",
        ),
        made(
            "Customers/Archive/register-2022.csv",
            "number,name,mail,card",
            lambda one, mark: f"{one.number},{one.name},{one.former_mail or one.mail},{mark}",
        ),
        made(
            "Marketing/newsletter.csv",
            "subscription,mail,since",
            lambda one, mark: f"{mark},{one.former_mail or one.mail},{archive.day()[:10]}",
        ),
        made(
            "Customers/Surveys/spring-2024.csv",
            "answer,number,score,remark",
            lambda one, mark: f"{mark},{one.number},{score()}",
        ),
    ]
