"""An experiment with a good-looking dashboard and a broken assignment."""

from __future__ import annotations

import io
import json
import math
import random
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from docx import Document
from faker import Faker
from offsite.tasks import World, docx, mbox, pdf
from reportlab.pdfgen.canvas import Canvas

from .visitors import (
    DAYS,
    Kind,
    Visit,
    bought_by,
    chi_square,
    clutter,
    moment_of,
    population,
    rates,
    shortfalls,
    split_of,
    uplift,
)

DOCUMENTS = Path(__file__).parent / "documents"


def _orders(rng: random.Random, buyers: list[Visit], late: list[Visit], end: date) -> str:
    """Orders of the population's buyers within the period, and of visitors who came after it."""
    rows: list[tuple[datetime, str]] = []
    last = datetime(end.year, end.month, end.day, 23, 59, 59, tzinfo=UTC)
    for visit in [*buyers, *late]:
        at = visit.at + timedelta(seconds=rng.randrange(60, 5400))
        at = at if visit.at > last else min(at, last)
        for _ in range(rng.choices([1, 2], [11, 1])[0]):
            rows.append(
                (at, f"{visit.visitor},{at:%Y-%m-%dT%H:%M:%SZ},{rng.randrange(1490, 24990)}")
            )
    number = rng.randrange(400_000, 900_000)
    lines = [f"{number + 3 * n},{row}" for n, (_, row) in enumerate(sorted(rows))]
    return "\n".join(["order_id,visitor_id,ordered_at,revenue_cents", *lines]) + "\n"


def _text(name: str) -> str:
    return (DOCUMENTS / name).read_text(encoding="utf-8")


def _design(values: dict[str, str], *, status: str, start: date, end: date, split: str) -> bytes:
    document = Document()
    document.add_heading(f"{values['experiment']}: {values['title']}", 1)
    document.add_paragraph(f"Status: {status}")
    document.add_paragraph("Treatment is the new checkout, control the old one.")
    table = document.add_table(rows=0, cols=2)
    for key, value in json.loads(_text("design.json")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = key, value.format(split=split, start=start, end=end)
    return docx(document)


def _dashboard(values: dict[str, str], rows: tuple[int, int], uplift: str) -> bytes:
    share = 100 * rows[0] / sum(rows)

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(60, 770, f"{values['experiment']} {values['title']}")
        canvas.setFont("Helvetica", 12)
        for n, line in enumerate(
            (
                f"Exposures: {sum(rows):,}   Split: {share:.0f} / {100 - share:.0f}   Traffic: OK",
                f"Order rate, treatment against control: +{uplift} %",
                "Chance to beat control: 99 %   Status: WINNER",
                "Live tile, all rows, not cleaned. Source: assignments, orders.",
            )
        ):
            canvas.drawString(60, 730 - 24 * n, line)
        canvas.setFillColorRGB(0.2, 0.65, 0.3)
        canvas.rect(60, 560, 300, 40, fill=1)

    return pdf(draw)


def _mails(
    rng: random.Random, values: dict[str, str], fake: Faker, start: date, broken: date
) -> bytes:
    days = {
        "start": start,
        "outage": start + timedelta(days=rng.randrange(2, 5)),
        "broken": broken,
        "end": start + timedelta(days=DAYS - 1),
    }
    people = {
        **values,
        **{role: fake.unique.first_name() for role in ("data", "shop_team", "support")},
    }
    shop, worker = values["shop"], values["worker"]
    sent: list[tuple[datetime, EmailMessage]] = []
    for n, (anchor, offset, role, subject, body) in enumerate(json.loads(_text("mails.json"))):
        mail = EmailMessage()
        sender = people[role]
        at = moment_of(rng, days[anchor] + timedelta(days=offset))
        mail["From"] = f"{sender} <{sender.lower()}@{shop}>"
        mail["To"] = f"{worker} <{worker.lower()}@{shop}>"
        mail["Date"] = format_datetime(at)
        mail["Subject"] = subject.format(**values)
        mail["Message-ID"] = f"<{n}.{rng.getrandbits(32):08x}@{shop}>"
        told = body.format(**values, outage=days["outage"])
        mail.set_content(f"Hi {worker},\n\n{told}\n\n{sender}\n")
        sent.append((at, mail))
    return mbox(mail for _, mail in sorted(sent, key=lambda pair: pair[0]))


def _releases(
    rng: random.Random, kind: Kind, start: date, broken: date, shop: str
) -> tuple[str, str]:
    """The list of releases, and the number of the one that broke the ratio."""
    others = _text("releases.txt").splitlines()
    free = [n for n in range(-6, DAYS) if abs((start - broken).days + n) > 1]
    days = rng.sample(free, len(others))
    entries = [(start + timedelta(days=n), text) for n, text in zip(days, others, strict=True)]
    entries.append((broken, kind.release.format(shop=shop)))
    number = rng.randrange(300, 900)
    lines = ["release,live_since,what"]
    guilty = ""
    for day, text in sorted(entries):
        number += rng.randrange(1, 4)
        lines.append(f'REL-{number},{day}T00:{rng.randrange(2, 20):02d}Z,"{text}"')
        guilty = f"REL-{number}" if day == broken else guilty
    return "\n".join(lines) + "\n", guilty


def _daily(rows: list[Visit], start: date) -> str:
    lines = ["day,exposures_control,exposures_treatment"]
    for day in (start + timedelta(days=n) for n in range(DAYS)):
        control, treatment = split_of([v for v in rows if v.at.date() == day])
        lines.append(f"{day},{control},{treatment}")
    return "\n".join(lines) + "\n"


def _papers(
    world: World, rng: random.Random, values: dict[str, str], start: date, end: date
) -> None:
    """The designs, the rules, the waivers and the template."""
    design = _design(values, status="approved", start=start, end=end, split="50 / 50")
    world.add("experiment/design.docx", design)
    draft = _design(
        values,
        status="draft v1",
        start=start - timedelta(days=2),
        end=end - timedelta(days=2),
        split="60 / 40",
    )
    world.add("experiment/design-v1-draft.docx", draft)
    rules = _text("rules.md").replace("@HEAD@", values["head"])
    world.add("experiment/rules.md", rules)
    waived = f"EXP-{rng.randrange(20, 99)}"
    world.add(
        "experiment/waivers.md",
        f"# Waivers\n\n- {waived}: mismatch by a bot, waived. {values['head']}, 2025-09-03\n",
    )
    world.add("readout/TEMPLATE.json", _text("TEMPLATE.json"))


def _parts(visits: list[Visit], rows: list[Visit], kind: Kind, broken: date) -> list[list[Visit]]:
    """What people read out all the same: everybody, all rows, without the segment, the days before."""
    rest = [v for v in visits if v.traits[kind.column] != kind.value]
    return [visits, rows, rest, [v for v in visits if v.at.date() < broken]]


def _of(part: list[Visit], buyers: list[Visit]) -> list[Visit]:
    bought = {v.visitor for v in buyers}
    return [v for v in part if v.visitor in bought]


def _uplifts(parts: list[list[Visit]], buyers: list[Visit]) -> list[str]:
    return [uplift(part, _of(part, buyers)) for part in parts]


def build(seed: int) -> World:
    """The experiment of one seed."""
    rng = random.Random(f"marketing/ab-readout:{seed}")
    fake = Faker("en_GB")
    fake.seed_instance(rng.randrange(2**32))
    kinds = [Kind(*row) for row in json.loads(_text("kinds.json"))]
    kind = kinds[seed % len(kinds)]
    start = date(2026, 1, 12) + timedelta(weeks=rng.randrange(18))  # a Monday
    end = start + timedelta(days=DAYS - 1)
    broken = start + timedelta(days=rng.randrange(3, 6))
    values = {
        "experiment": f"EXP-{rng.randrange(110, 490)}",
        "title": rng.choice(["one-page checkout", "guest checkout", "checkout in three taps"]),
        "metric": "order",
        "shop": f"{fake.unique.last_name().lower()}-shop.example",
        "today": (end + timedelta(days=2)).isoformat(),
        "board": f"{end + timedelta(days=3):%A}",
        **{role: fake.unique.first_name() for role in ("worker", "manager", "head")},
    }
    visits = population(rng, kind, start, broken)
    extra, staff = clutter(rng, visits, start)
    rows = sorted([*visits, *extra], key=lambda v: (v.at, v.visitor))
    short = shortfalls(visits, kind, broken)
    parts = _parts(visits, rows, kind, broken)
    buyers = bought_by(rng, visits)
    while any(abs(float(u) - s) < 1 for u in _uplifts(parts, buyers) for s in short):
        buyers = bought_by(rng, visits)  # A share of visitors must not look like an uplift.
    releases, guilty = _releases(rng, kind, start, broken, values["shop"])
    uplifts = _uplifts(parts, buyers)

    world = World()
    out = io.StringIO()
    out.write("visitor_id,assigned_at,variant,browser,device,country,source\n")
    out.writelines(f"{visit.row()}\n" for visit in rows)
    world.add("data/assignments.csv", out.getvalue())
    known = {v.visitor for v in visits}
    late = [
        v for v in extra if v.at.date() > end and v.visitor not in known and rng.random() < 0.05
    ]
    world.add("data/orders.csv", _orders(rng, buyers, late, end))
    ids = sorted(staff + [f"v{rng.getrandbits(40):010x}" for _ in range(60)])
    world.add("data/internal_visitors.csv", "\n".join(["visitor_id", *ids]) + "\n")
    world.add(
        "data/README.txt",
        "Nightly export, times in UTC. Rows are page views that led to an assignment.\n",
    )
    _papers(world, rng, values, start, end)
    world.add("experiment/releases.csv", releases)
    world.add("dashboards/tile.pdf", _dashboard(values, split_of(rows), uplifts[1]))
    world.add("dashboards/daily.csv", _daily(rows, start))
    world.add("mail/inbox.mbox", _mails(rng, values, fake, start, broken))

    control, treatment = split_of(visits)
    statistic = chi_square(control, treatment)
    world.facts = dict(values)
    world.truth = {
        "experiment": values["experiment"],
        "control": control,
        "treatment": treatment,
        "chi_square": f"{statistic:.4f}",
        "log10_p": f"{math.log10(math.erfc(math.sqrt(statistic / 2))):.3f}",
        "column": kind.column,
        "value": kind.value,
        "short": kind.short,
        "first_day": broken.isoformat(),
        "release": guilty,
        "uplifts": uplifts,
        "rates": [rate for part in parts for rate in rates(part, _of(part, buyers))],
    }
    world.expected = "blocked"
    return world
