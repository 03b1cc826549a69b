"""Reads the definition, asks the controller, counts, and answers the ticket."""

# psycopg is there at the desk alone.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import base64
import csv
import json
import re
import subprocess
import urllib.request
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import psycopg.rows
from playwright.sync_api import Page, sync_playwright

TRACKER = "https://tracker.acme.test"
CHROMIUM = "/usr/bin/chromium-headless-shell"
TICKET = 7
PASSWORD = "desk-4711-pw"
PAID = {"standard", "plus", "enterprise"}
MONTHS = {"april": date(2025, 4, 30), "may": date(2025, 5, 31)}


def solve(
    *,
    definition: str = "AC-3",
    ask: bool = True,
    partners: str = "",
    twice: bool = False,
    issues: bool = True,
    merged: bool = True,
    answer: bool = True,
    ticket: int = TICKET,
) -> dict[str, Any]:
    """Do the job; the options are the ways to get it wrong."""
    handbook = page("Metrics_handbook")
    controller = first(r"Kept by ([^(]+) \(controller\)", handbook)
    login = controller.split(" ")[0].lower()
    code = partners
    if ask:
        question = f"{controller}, how do partner accounts count this quarter?"
        put(f"issues/{TICKET}", {"issue": {"notes": question}})
        told = wait_for(controller)
        code = code or first(r"`(each|none|per_partner)`", told)
    data = fetch()
    out = left_out(data, twice=twice, issues=issues)
    least = [int(first(rf"\*\*{what}\*\*", handbook)) for what in (r"(\d+) sessions", r"(\d+) different days")]  # fmt: skip
    if definition == "AC-2":
        least = [1, 1]
    table = figures(data, out, least, code, definition=definition, merged=merged)  # fmt: skip
    Path("answer").mkdir(exist_ok=True)
    with Path("answer/figures.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["region", *MONTHS])
        writer.writerows([region, *counts] for region, counts in table.items())
    method = {
        "definition": definition,
        "partners": code,
        "decided_by": login,
        "loads_left_out": sorted(out),
    }
    Path("answer/method.json").write_text(json.dumps(method, indent=1), encoding="utf-8")
    total = table["total"][1]
    notes = f"There were {total} active customers in May ({definition}, partners: {code})."
    with tracker() as web:
        edit(web, ticket, notes if answer else "", "Resolved")
    return {"status": "done", "confidence": 0.9, "summary": notes, "questions": []}


def fetch() -> dict[str, list[dict[str, Any]]]:
    """The tables."""
    tables = ["reference.countries", "crm.partners", "crm.accounts", "crm.plans", "product.loads", "product.usage"]  # fmt: skip
    with warehouse() as connection:
        return {
            name: connection.cursor(row_factory=psycopg.rows.dict_row)
            .execute(f"select * from {name}")
            .fetchall()
            for name in tables
        }


def warehouse() -> Any:
    """A connection."""
    return psycopg.connect(
        host="database.acme.test", dbname="warehouse", user="worker", password=PASSWORD
    )


def left_out(data: Any, *, twice: bool, issues: bool) -> set[int]:
    """The loads of which no row counts."""
    loads = sorted(data["product.loads"], key=lambda row: row["finished_at"])
    out = {row["load_id"] for row in loads if row["status"] != "ok"}
    latest = {row["day"]: row["load_id"] for row in loads if row["status"] == "ok"}
    if not twice:
        fine = {row["load_id"] for row in loads if row["status"] == "ok"}
        out |= fine - set(latest.values())
    if issues:
        found = ask(f"{TRACKER}/issues.json?project_id=platform&status_id=open&limit=100")["issues"]
        known = {row["load_id"] for row in loads}
        for issue in found:
            if issue.get("category", {}).get("name") == "Load":
                out |= {int(n) for n in re.findall(r"Load (\d+)", issue["subject"])} & known
    return out


def figures(
    data: Any,
    out: set[int],
    least: list[int],
    partners: str,
    *,
    definition: str,
    merged: bool,
) -> dict[str, list[int]]:
    """Active customers by region and month."""
    regions = {row["country"]: row["region"] for row in data["reference.countries"]}
    homes = {row["partner_id"]: regions[row["country"]] for row in data["crm.partners"]}
    accounts = {row["account_id"]: row for row in data["crm.accounts"]}
    table = {region: [0, 0] for region in sorted(set(regions.values()))}
    for place, last in enumerate(MONTHS.values()):
        plans = {
            row["account_id"]: row["plan"]
            for row in data["crm.plans"]
            if row["valid_from"] <= last and (row["valid_to"] or last) >= last
        }
        days: defaultdict[int, set[date]] = defaultdict(set)
        sessions: defaultdict[int, int] = defaultdict(int)
        for row in data["product.usage"]:
            if row["load_id"] not in out and row["day"].month == last.month:
                account = row["account_id"]
                while merged and accounts[account]["merged_into"]:
                    account = accounts[account]["merged_into"]
                days[account].add(row["day"])
                sessions[account] += row["sessions"]
        resellers: set[int] = set()
        for account, count in sessions.items():
            row = accounts[account]
            test = row["is_internal"] or row["contact"].endswith("@acme.test")
            if count < least[0] or len(days[account]) < least[1] or test:
                continue
            plan = plans.get(account, "")
            if plan == "partner" and partners == "per_partner":
                resellers.add(row["partner_id"])
            elif definition == "AC-2" or plan in PAID or (plan == "partner" and partners == "each"):
                table[regions[row["country"]]][place] += 1
        for one in resellers:
            table[homes[one]][place] += 1
    return {**table, "total": [sum(row[place] for row in table.values()) for place in (0, 1)]}


def wait_for(controller: str) -> str:
    """Let time pass until the controller has answered in the ticket."""
    for _ in range(20):
        subprocess.run(["office", "wait", "60"], check=True, capture_output=True)
        issue = ask(f"{TRACKER}/issues/{TICKET}.json?include=journals")["issue"]
        said = [one["notes"] for one in issue["journals"] if one["user"]["name"] == controller]
        if said:
            return said[-1]
    raise SystemExit("no answer")


@contextmanager
def tracker() -> Generator[Page]:
    """The tracker in the browser, signed in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, env={"HOME": "/tmp/browser"}
        )
        web = browser.new_page(ignore_https_errors=True)
        web.goto(f"{TRACKER}/login")
        web.fill("#username", "worker")
        web.fill("#password", PASSWORD)
        web.click("input[name=login]")
        web.wait_for_selector("#loggedas")
        yield web
        browser.close()


def edit(web: Page, ticket: int, notes: str, status: str) -> None:
    """Comment on a ticket, if there is something to say, and set its status."""
    web.goto(f"{TRACKER}/issues/{ticket}/edit")
    web.fill("#issue_notes", notes)
    web.select_option("#issue_status_id", label=status)
    # The tracker sends the form anew for another status, and a click before that is lost.
    web.wait_for_function("jQuery.active === 0")
    web.click("#issue-form input[name=commit]")
    web.wait_for_selector("#flash_notice")


def page(title: str) -> str:
    """A page of the wiki."""
    return ask(f"{TRACKER}/projects/analytics/wiki/{title}.json")["wiki_page"]["text"]


def put(path: str, content: Any) -> None:
    """Change something in the tracker."""
    ask(f"{TRACKER}/{path}.json", "PUT", content)


def ask(url: str, method: str = "GET", content: Any = None) -> Any:
    """One request to the tracker."""
    data = None if content is None else json.dumps(content).encode()
    signed = base64.b64encode(f"worker:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {signed}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request) as response:
        said = response.read()
    return json.loads(said) if said.strip() else None


def first(pattern: str, text: str) -> str:
    """The first group of the first match."""
    found = re.search(pattern, text)
    assert found, pattern
    return found[1]
