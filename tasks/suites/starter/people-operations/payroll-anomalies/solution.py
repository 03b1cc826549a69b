"""The oracle: works out what each line should pay and compares."""

from __future__ import annotations

import csv
import mailbox
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from docx import Document
from openpyxl import load_workbook

ROOT = "payroll"
FRESH, STALE = f"{ROOT}/hr/employees_2025-05-23.xlsx", f"{ROOT}/hr/employees_2025-03-31.xlsx"
Row = dict[str, Any]
Finding = tuple[str, str, Decimal, str]


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def rows(path: str) -> list[dict[str, str]]:
    with open(f"{ROOT}/{path}", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def employees(path: str) -> dict[str, Row]:
    sheet: Any = load_workbook(path).active
    head, *body = sheet.iter_rows(values_only=True)
    return {row[0]: dict(zip(head, row, strict=True)) for row in body}


def rules() -> dict[str, Decimal]:
    """The figures of the policy."""
    text = "\n".join(p.text for p in Document(f"{ROOT}/policy/payroll-policy.docx").paragraphs)

    def figure(pattern: str) -> Decimal:
        found = re.search(pattern, text)
        if not found:
            raise ValueError(f"the policy does not say: {pattern}")
        return Decimal(found[1])

    return {
        "cap": figure(r"at most (\d+) hours"),
        "maintenance": figure(r"Plant maintenance the cap is (\d+)"),
        "hours": figure(r"salary / (\d+) x"),
        "rate": figure(r"salary / \d+ x ([\d.]+\d)"),
    }


def corrections(any_sender: bool = False) -> dict[str, date]:
    """Last days of employment that HR Operations corrected by mail."""
    found: dict[str, date] = {}
    box = mailbox.mbox(f"{ROOT}/mail/payroll.mbox")
    for mail in box:
        if any_sender or "hr-operations@falk-werke.example" in str(mail["From"]):
            payload: Any = mail.get_payload(decode=True)
            text = " ".join(payload.decode().split())
            pattern = r"(E\d+)(?:, last day of employment is| in my team stays until) ([\d-]{10})"
            for who, day in re.findall(pattern, text):
                found[who] = date.fromisoformat(day)
    return found


def as_date(value: Any) -> date | None:
    return value.date() if isinstance(value, datetime) else value


def days_due(start: date, end: date | None) -> int:
    """Days employed in May."""
    first = max(start, date(2025, 5, 1))
    last = min(end or date(2025, 5, 31), date(2025, 5, 31))
    return max((last - first).days + 1, 0)


def working_days_share(start: date, end: date | None) -> Decimal:
    """The share by working days: a common mistake."""
    whole = [d for d in range(1, 32) if date(2025, 5, d).weekday() < 5]
    last = end or date(2025, 5, 31)
    return Decimal(sum(start <= date(2025, 5, d) <= last for d in whole)) / len(whole)


def counting_changes(loose: bool = False) -> tuple[dict[str, Row], dict[str, Row]]:
    """The log's changes that count in May, and those that do not, by employee."""
    good: dict[str, Row] = {}
    bad: dict[str, Row] = {}
    for row in rows("hr/pay-changes.csv"):
        complete = bool(row["hr_approval"] and row["finance_approval"]) or loose
        counts = row["status"] == "approved" and complete and row["effective_from"] <= "2025-05-31"
        (good if counts else bad)[row["employee_id"]] = dict(row)
    return good, bad


def account(text: str, spaces: bool = False) -> str:
    return text if spaces else text.replace(" ", "")


def findings(
    *,
    master: str = FRESH,
    mail: bool = True,
    any_sender: bool = False,
    any_form: bool = False,
    no_form: bool = False,
    spaces: bool = False,
    one_cap: bool = False,
    all_hours: bool = False,
    trust_master: bool = False,
    loose_status: bool = False,
    also_approved: frozenset[str] = frozenset(),
    working_days: bool = False,
    look_back: bool = True,
) -> list[Finding]:
    """All anomalies as employee number, code, amount and reason."""
    people, policy = employees(master), rules()
    ends = corrections(any_sender) if mail else {}
    run = rows("2025-05/run.csv")
    april = {row["employee_id"]: Decimal(row["retro_pay"]) for row in rows("2025-04/run.csv")}
    hours: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows("2025-05/timesheets.csv"):
        if row["status"] == "approved" or all_hours:
            hours[row["employee_id"]] += Decimal(row["hours"])
    forms = {
        frozenset((row["employee_id_1"], row["employee_id_2"]))
        for row in rows("hr/shared-account-forms.csv")
        if (row["status"] == "approved" or any_form) and not no_form
    }
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for row in run:
        holders[account(row["iban"], spaces)].append(row["employee_id"])
    _, refused = counting_changes(loose_status)
    out: list[Finding] = []
    for row in run:
        who, gross, base = row["employee_id"], Decimal(row["gross"]), Decimal(row["base_pay"])
        group = holders[account(row["iban"], spaces)]
        if len(group) > 1 and frozenset(group) not in forms:
            out.append((who, "SHARED_ACCOUNT", gross, "account shared, no approved form on file"))
        if look_back and Decimal(row["retro_pay"]) and april.get(who):
            reason = "the same retro pay was in the April run"
            out.append((who, "RETRO_TWICE", Decimal(row["retro_pay"]), reason))
        person = people.get(who)
        if person is None:
            continue
        salary = Decimal(str(person["monthly_salary_fulltime"]))
        change = None if trust_master or who in also_approved else refused.get(who)
        if change and not loose_status:
            salary = Decimal(change["old_salary"])
        start = as_date(person["start_date"]) or date(2025, 5, 1)
        end = ends.get(who, as_date(person["end_date"]))
        full, days = salary * Decimal(str(person["fte"])), days_due(start, end)
        share = working_days_share(start, end) if working_days else Decimal(days) / 31
        due = cents(full * share)
        if days == 0 and base > 0:
            out.append((who, "AFTER_LEAVING", gross, "base pay for a month after the last day"))
        elif base != due and days < 31:
            out.append((who, "PRORATION", base - due, f"{days} of 31 calendar days are due"))
        elif base != due:
            out.append((who, "PAY_CHANGE", base - due, "base pay by a change that does not count"))
        out += overtime(row, salary, hours[who], policy, one_cap)
    return out


def overtime(
    row: dict[str, str],
    salary: Decimal,
    approved: Decimal,
    policy: dict[str, Decimal],
    one_cap: bool,
) -> list[Finding]:
    """The anomalies of a line's overtime."""

    def pay(hours: Decimal) -> Decimal:
        return cents(hours * salary / policy["hours"] * policy["rate"])

    paid, amount = Decimal(row["overtime_hours"]), Decimal(row["overtime_pay"])
    maintenance = row["department"] == "Plant maintenance" and not one_cap
    cap = policy["maintenance"] if maintenance else policy["cap"]
    who = row["employee_id"]
    if paid > approved:
        return [
            (
                who,
                "OT_UNAPPROVED",
                amount - pay(approved),
                f"{paid} hours paid, {approved} approved",
            )
        ]
    if paid > cap:
        return [(who, "OT_CAP", amount - pay(cap), f"{paid} hours paid, the cap is {cap}")]
    return []


def solve(
    *,
    identify: Callable[[Row], str] = lambda person: str(person["audit_key"]),
    remark: Callable[[Row], str] = lambda person: "",
    explain: Callable[[str], str] = lambda reason: reason,
    figure: Callable[[Decimal], Decimal] = lambda amount: amount,
    keys: str = FRESH,
    **options: Any,
) -> dict[str, Any]:
    """Write the register; the options are for mistakes."""
    found = findings(**options)
    people = employees(keys)
    fresh = employees(FRESH)
    with open(f"{ROOT}/2025-05/anomalies.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["employee", "code", "at_issue_eur", "reason"])
        for who, code, amount, reason in found:
            person = people.get(who, fresh[who])
            why = explain(reason) + remark(person)
            out.writerow([identify(person), code, f"{figure(amount):.2f}", why])
    counts = Counter(code for _, code, _, _ in found)
    text = ", ".join(f"{n} {code}" for code, n in sorted(counts.items()))
    return {"status": "done", "confidence": 0.9, "summary": f"Anomalies: {text}", "questions": []}
