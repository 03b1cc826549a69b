"""Twelve contract files: ten contracts, an amendment and a draft that nobody countersigned."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from faker import Faker
from offsite.tasks import World

from .contracts import Contract, amendment, draw_contracts, end_and_deadline
from .papers import amendment_paper, contract_paper


def build(seed: int) -> World:
    """Draw the contracts and lay them, the guide and the outdated list on the desk."""
    rng = random.Random(f"legal/contract-register:{seed}")
    fake = Faker("en_GB")
    fake.seed_instance(rng.randrange(2**32))
    today = date(2025, 3, 3) + timedelta(weeks=rng.randrange(30), days=rng.randrange(5))
    text = _texts()
    contracts = draw_contracts(rng, fake, today)
    by_role = {c.role: c for c in contracts}
    change, amended = amendment(rng, by_role["master"])
    amendment_no = f"{amended.number}/A1"

    papers: list[tuple[str, bytes]] = []
    for c in contracts:
        papers.append((c.party, contract_paper(c, by_role, rng, fake, text)))
    papers.append(
        (
            amended.party,
            amendment_paper(by_role["master"], amended, change, rng, fake, text, today),
        )
    )
    world = World()
    names = [f"scan_{n:04d}.pdf" for n in sorted(rng.sample(range(200, 900), len(papers)))]
    rng.shuffle(papers)
    for name, (_, content) in zip(names, papers, strict=True):
        world.add(f"contracts/{name}", content)
    auditor = f"{fake.first_name()} {fake.last_name()}"
    world.add("register/audit-request.eml", _request(auditor, today))
    old_year = 2023
    world.add("register/guide.md", text["guide"])
    world.add(f"register/register-{old_year}.csv", _old_list(contracts, old_year))

    now = [amended if c.role == "master" else c for c in contracts if c.role != "draft"]
    rows = [_row(c, amended, today) for c in now]
    for row, c in zip(rows, now, strict=True):
        if c.role == "master":
            row["amended_by"] = amendment_no
        if c.role == "old":
            row["superseded_by"] = by_role["restated"].number
    world.facts = {
        "auditor": auditor,
        "counsel": f"{fake.first_name()} {fake.last_name()}",
        "today": f"{today.day} {today:%B %Y}",
        "old_year": old_year,
    }
    world.truth = {
        "rows": sorted(rows, key=lambda row: str(row["contract_no"])),
        "master": amended.number,
        "changed": {"notice": "notice_period", "cap": "liability_cap", "fee": "annual_value"}[
            change
        ],
        "draft": by_role["draft"].number,
        "first_deadline": min(row["next_notice_deadline"] or "9" for row in rows),
    }
    return world


def _row(c: Contract, amended: Contract, today: date) -> dict[str, Any]:
    if c.role == "sow":
        c = replace(c, notice=amended.notice)
    bound = c.role not in ("old", "indefinite")
    end, deadline = end_and_deadline(c, today) if bound else (None, None)
    has_notice = c.renewal or c.role == "indefinite"
    return {
        "contract_no": c.number,
        "counterparty": c.party,
        "effective_date": c.effective.isoformat(),
        "initial_term_months": c.term or None,
        "renewal_months": c.renewal or None,
        "notice_period": f"{c.notice[0]} {c.notice[1]}" if has_notice else None,
        "current_term_end": end.isoformat() if end else None,
        "next_notice_deadline": deadline.isoformat() if deadline and c.renewal else None,
        "governing_law": c.law,
        "currency": c.currency,
        "annual_value": c.annual,
        "liability_cap": "uncapped" if c.cap < 0 else c.annual * c.percent // 100 or c.cap,
        "status": {"old": "superseded", "expired": "expired"}.get(c.role, "active"),
        "amended_by": None,
        "superseded_by": None,
    }


def _old_list(contracts: list[Contract], year: int) -> str:
    """What was known two years ago: the old agreement, the master before its amendment."""
    then = date(year, 2, 1)
    out = io.StringIO()
    rows = [_row(replace(c, role="x"), c, then) for c in contracts if c.term and c.effective < then]
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _request(auditor: str, today: date) -> bytes:
    mail = EmailMessage()
    mail["From"] = f"{auditor} <internal.audit@halden.example>"
    mail["To"] = "Legal <legal@halden.example>"
    mail["Subject"] = "Supplier contracts"
    mail["Date"] = f"{today:%a, %d %b %Y} 08:12:00 +0000"
    mail.set_content("Could we have the contract register by next week? Notice dates first.\n")
    return mail.as_bytes()


def _texts() -> dict[str, str]:
    """The clauses by key, and the guide."""
    folder = Path(__file__).parent / "texts"
    out = {"guide": (folder / "guide.md").read_text(encoding="utf-8")}
    for part in (folder / "clauses.txt").read_text(encoding="utf-8").split("== ")[1:]:
        key, _, body = part.partition("\n")
        out[key] = body.strip()
    return out
