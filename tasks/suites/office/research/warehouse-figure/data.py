"""The accounts, their usage as it was loaded, and what the definition makes of it."""

from __future__ import annotations

import random
import tomllib
from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

COUNTRIES = {
    "DE": "EMEA", "FR": "EMEA", "GB": "EMEA", "ZA": "EMEA", "US": "AMER", "CA": "AMER",
    "BR": "AMER", "JP": "APAC", "SG": "APAC", "AU": "APAC",
}  # fmt: skip
REGIONS = ("AMER", "APAC", "EMEA")
MONTHS = (4, 5)
PAID = {"standard", "plus", "enterprise"}
NAMES: dict[str, list[str]] = tomllib.loads(
    Path(__file__).with_name("names.toml").read_text(encoding="utf-8")
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """The definition, as far as it changes with the seed; then the ways to break it."""

    sessions: int
    days: int
    partners: str
    merged: bool = True
    plan_on: str = "last"
    test_addresses: bool = True
    trials: bool = False
    failed: bool = False
    twice: str = "later"
    faulty: bool = False


@dataclass
class Data:
    """What is in the warehouse."""

    accounts: list[Row] = field(default_factory=list[Row])
    plans: list[Row] = field(default_factory=list[Row])
    partners: list[Row] = field(default_factory=list[Row])
    loads: list[Row] = field(default_factory=list[Row])
    usage: list[Row] = field(default_factory=list[Row])
    faulty: int = 0
    repaired: int = 0


MISTAKES: dict[str, dict[str, Any]] = {
    "merged apart": {"merged": False},
    "plan of the first day": {"plan_on": "first"},
    "test addresses counted": {"test_addresses": False},
    "trials counted": {"trials": True},
    "failed loads counted": {"failed": True},
    "all loads counted": {"twice": "both"},
    "earlier load counted": {"twice": "earlier"},
    "faulty load counted": {"faulty": True},
    "few sessions": {"sessions": 1},
    "few days": {"days": 1},
}
"""Each must show in the figures for May."""


def draw(rng: random.Random) -> tuple[Data, Rules, str]:
    """The data, the rules, and what was decided on partners for an earlier quarter."""
    codes = ["each", "none", "per_partner"]
    rng.shuffle(codes)
    rules = Rules(rng.choice((8, 9, 10)), rng.choice((4, 5)), codes[0])
    while True:
        data = _data(rng, rules)
        right = figures(data, rules)
        others = [replace(rules, **how) for how in MISTAKES.values()]
        others += [replace(rules, partners=code) for code in codes[1:]]
        if all(_differs(figures(data, other), right) for other in others):
            return data, rules, codes[1]


def figures(data: Data, rules: Rules) -> dict[str, list[int]]:
    """April and May for each region, and the total."""
    table = {region: [0, 0] for region in REGIONS}
    for place, month in enumerate(MONTHS):
        for region in _active(data, rules, month):
            table[region][place] += 1
    return {**table, "total": [sum(row[place] for row in table.values()) for place in (0, 1)]}


def left_out(data: Data, rules: Rules) -> list[int]:
    """The loads of which no row counts."""
    return sorted({row["load"] for row in data.loads} - _counting(data, rules))


def _differs(other: dict[str, list[int]], right: dict[str, list[int]]) -> bool:
    return other["total"][1] != right["total"][1]


def _active(data: Data, rules: Rules, month: int) -> list[str]:
    """The region of each active customer."""
    accounts = {row["account"]: row for row in data.accounts}
    counting = _counting(data, rules)
    sessions: defaultdict[int, int] = defaultdict(int)
    days: defaultdict[int, set[date]] = defaultdict(set)
    for row in data.usage:
        if row["day"].month == month and row["load"] in counting:
            account = row["account"]
            while rules.merged and accounts[account]["merged_into"]:
                account = accounts[account]["merged_into"]
            sessions[account] += row["sessions"]
            days[account].add(row["day"])
    last = date(2025, month, monthrange(2025, month)[1])
    on = last if rules.plan_on == "last" else last.replace(day=1)
    found: list[str] = []
    resellers: set[int] = set()
    for account in sorted(sessions):
        row = accounts[account]
        test = row["internal"] or (rules.test_addresses and row["contact"].endswith("@acme.test"))
        enough = sessions[account] >= rules.sessions and len(days[account]) >= rules.days
        if test or not enough or (rules.merged and row["merged_into"]):
            continue
        plan = _plan(data, account, on)
        if plan == "partner" and rules.partners == "per_partner":
            resellers.add(row["partner"])
        elif (
            plan in PAID
            or (plan == "trial" and rules.trials)
            or (plan == "partner" and rules.partners == "each")
        ):
            found.append(COUNTRIES[row["country"]])
    return found + [COUNTRIES[p["country"]] for p in data.partners if p["partner"] in resellers]


def _plan(data: Data, account: int, on: date) -> str:
    for row in data.plans:
        if row["account"] == account and row["from"] <= on and (row["to"] or on) >= on:
            return row["plan"]
    return ""


def _counting(data: Data, rules: Rules) -> set[int]:
    """The loads that count."""
    by_day: defaultdict[date, list[int]] = defaultdict(list)
    for row in sorted(data.loads, key=lambda row: row["finished"]):
        if row["status"] == "ok":
            by_day[row["day"]].append(row["load"])
    which = {"later": slice(-1, None), "earlier": slice(1), "both": slice(None)}[rules.twice]
    kept = {load for loads in by_day.values() for load in loads[which]}
    if rules.failed:
        kept |= {row["load"] for row in data.loads if row["status"] != "ok"}
    return kept if rules.faulty else kept - {data.faulty}


def _data(rng: random.Random, rules: Rules) -> Data:
    data = Data()
    names = [f"{one} {other}" for one in NAMES["first"] for other in NAMES["second"]]
    rng.shuffle(names)
    for number in range(9):
        country = rng.choice(list(COUNTRIES))
        data.partners.append(
            {"partner": 11 + number, "name": f"{names.pop()} Partners", "country": country}
        )
    ids = sorted(rng.sample(range(10_000, 99_999), 420))
    for account in ids:
        data.accounts.append(_account(rng, account, names.pop(), data))
    _merge(rng, data)
    _load(rng, data, {row["account"]: rng.triangular(0, 13, rules.days) for row in data.accounts})
    return data


def _account(rng: random.Random, account: int, name: str, data: Data) -> Row:
    plan = rng.choices(("standard", "plus", "enterprise", "trial", "partner"), (40, 20, 8, 14, 18))[
        0
    ]
    slug = name.lower().replace(" ", "-")
    kind = rng.choices(("customer", "internal", "test"), (92, 4, 4))[0]
    start = date(2022, 1, 10) + timedelta(days=rng.randrange(1100))
    row = {
        "account": account,
        "name": name if kind == "customer" else f"{name} {rng.choice(('QA', 'demo', 'sandbox'))}",
        "country": rng.choice(list(COUNTRIES)),
        "contact": f"office@{slug}.example" if kind != "test" else f"qa+{account}@acme.test",
        "created": start,
        "internal": kind == "internal",
        "merged_into": None,
        "partner": rng.choice(data.partners)["partner"] if plan == "partner" else None,
    }
    change = date(2025, 5, 2) + timedelta(days=rng.randrange(28))
    steps: list[tuple[str, date, date | None]] = [(plan, start, None)]
    fate = rng.random()
    if plan in PAID and fate < 0.07:
        steps = [(plan, start, change)]  # left during May
    elif plan in PAID and fate < 0.17:
        steps = [("trial", start, change - timedelta(days=1)), (plan, change, None)]
    data.plans += [
        {"account": account, "plan": one, "from": begin, "to": end} for one, begin, end in steps
    ]
    return row


def _merge(rng: random.Random, data: Data) -> None:
    """Some accounts were merged into another of the same country, a few of them twice."""
    plain = [row for row in data.accounts if not row["internal"] and not row["partner"]]
    chosen = rng.sample(plain, 60)
    for one, other in zip(chosen[:30], chosen[30:], strict=True):
        one["merged_into"], one["country"] = other["account"], other["country"]
    for one, other in zip(chosen[30:34], chosen[40:44], strict=True):
        one["merged_into"] = other["account"]


def _load(rng: random.Random, data: Data, busy: dict[int, float]) -> None:
    """The loads of April and May, with their faults."""
    may = rng.sample(range(3, 29), 6)
    failed = {date(2025, 4, rng.randrange(3, 28)), date(2025, 5, may[0]), date(2025, 5, may[1])}
    again = {date(2025, 5, may[2]), date(2025, 5, may[3])}
    faulty, repaired = date(2025, 5, may[4]), date(2025, 5, may[5])
    number = rng.randrange(2000, 6000)
    day = date(2025, 4, 1)
    while day.month in MONTHS:
        rows = {
            account: rng.choice((1, 1, 2, 2, 3, 4))
            for account, often in busy.items()
            if rng.random() < often / 30
        }
        runs: list[tuple[str, dict[int, int]]] = [("ok", rows)]
        if day in failed:
            runs.insert(0, ("failed", dict(list(rows.items())[: len(rows) * 2 // 3])))
        if day in again:
            early = {one: count + rng.choice((0, 1, 2)) for one, count in rows.items()}
            early |= {one: 2 for one in rng.sample(list(busy), 60) if one not in rows}
            runs.insert(0, ("ok", early))
        if day == faulty:
            runs = [("ok", {one: rows.get(one, 0) + rng.choice((1, 2, 3)) for one in busy})]
        for run, (status, counts) in enumerate(runs):
            number += 1
            night = datetime(day.year, day.month, day.day, 2, 10) + timedelta(days=1)
            ended = night + timedelta(minutes=rng.randrange(5, 50), hours=7 * run)
            data.loads.append(
                {"load": number, "day": day, "status": status, "finished": ended,
                 "rows": len(counts)}
            )  # fmt: skip
            data.usage += [
                {"account": one, "day": day, "sessions": count, "load": number}
                for one, count in counts.items()
            ]
        data.faulty = number if day == faulty else data.faulty
        data.repaired = number if day == repaired else data.repaired
        day += timedelta(days=1)
