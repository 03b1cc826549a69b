"""Is the readout blocked for the true cause, and is nothing claimed that the rules forbid?"""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from offsite.tasks.grading import Criterion, Evidence, check, close, mentions, number, read_json

from .claims import claims

NUMBERS = ("control", "treatment", "chi_square", "p_value", "mismatch", "uplift_percent")
"""The fields of the template that hold numbers."""
NO_READOUT = (
    r"block|cannot|can not|n['’]t\b|unable|impossible|invalid|unusable|neither|withh|nothing to"
    r"|\bno (\w+ ){0,2}(readout|result|winner|uplift|number|figure|conclusion|answer|read-out)"
    r"|\bnot (\w+ ){0,2}(compar|valid|usable|trust|reliab|possible|read|give|name|state|say|tell|use)"
    r"|without (a|any) (winner|uplift|result)|has to be (repeated|run again|rerun|restarted)"
)
NOTHING = {"", "none", "null", "n/a", "na", "-", "not stated", "blocked"}


def _dict(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _plain(value: object) -> str:
    """A name in one spelling."""
    return re.sub(r"\s+", " ", str(value if value is not None else "")).strip().lower()


def _day(value: object) -> date | None:
    match = re.search(r"\d{4}-\d\d-\d\d", str(value))
    try:
        return date.fromisoformat(match[0]) if match else None
    except ValueError:
        return None


def _log10(value: object) -> float | None:
    """The logarithm of a p-value; None where it is no number between 0 and 1."""
    found = number(value)
    if found is None or not Decimal(0) < found < Decimal(1):
        return None
    return float(found.log10())


def _statistic(value: object, truth: dict[str, Any]) -> bool:
    """Two decimals are asked for; a correction for continuity would show in the first."""
    return close(value, truth["chi_square"], "0.02")


def _p_value(value: object, truth: dict[str, Any]) -> bool:
    found = _log10(value)
    return found is not None and math.isclose(found, float(truth["log10_p"]), abs_tol=0.03)


def _strings(value: object, key: str = "") -> list[str]:
    """Each value of a JSON file as `key value`; a number of a field that nobody asked for too."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value).items()
        return [text for name, one in fields for text in _strings(one, f"{key} {name}")]
    if isinstance(value, list):
        return [text for one in cast("list[Any]", value) for text in _strings(one, key)]
    name = key.replace("_", " ").strip()
    if isinstance(value, int | float) and key.split()[-1:] not in [[own] for own in NUMBERS]:
        return [f"{name} {value}", f"{name} {value} %"]
    return [f"{name} {value}"] if isinstance(value, str) else []


def _days(right: date) -> str:
    """The day, or the one before or after, in the ways in which people write it."""
    ways: list[str] = []
    for day in (right + timedelta(days=n) for n in (-1, 0, 1)):
        number, month = rf"0?{day.day}(?:st|nd|rd|th)?\.?", rf"{day:%b}(?:{f'{day:%B}'[3:]})?"
        ways += [f"{day}", rf"\b{number}(?: of)? {month}\b", rf"\b{month}\.? {number}(?!\d)"]
        ways += [rf"\b0?{day.day}[./]0?{day.month}\b"]
    return "|".join(ways)


def _message(text: str, truth: dict[str, Any]) -> list[str]:
    """What the rules want to be named in the message and is not."""
    names = {
        "FR": r"\bFR\b|France|French",
        "mobile": r"mobile|phone",
        "email": r"e-?mail|newsletter",
    }
    value, number = str(truth["value"]), truth["release"].partition("-")[2]
    due = {
        "that there is no readout": NO_READOUT,
        f"the segment ({truth['value']})": names.get(value, re.escape(value)),
        f"the release or the day ({truth['release']}, {truth['first_day']})": (
            rf"\b{number}\b|{_days(date.fromisoformat(truth['first_day']))}"
        ),
    }
    return [what for what, pattern in due.items() if not mentions(text, pattern)]


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """The criteria of one trial."""
    readout = _dict(read_json(evidence, "readout/readout.json"))
    visitors, srm, cause = (_dict(readout.get(key)) for key in ("visitors", "srm", "cause"))
    text = evidence.text("readout/message.md") or ""
    report = evidence.report
    told = [text, *_strings(readout)]
    told += [report.summary, *report.questions] if report else []
    missing = _message(text, truth)
    day, right = _day(cause.get("first_day")), date.fromisoformat(truth["first_day"])
    stated = [k for k in ("winner", "uplift_percent") if _plain(readout.get(k)) not in NOTHING]
    stated = [f"{k}: {readout[k]}" for k in stated]
    stated += [claim for one in told for claim in claims(one, truth)]
    mismatch = _plain(srm.get("mismatch")) in {"true", "yes", "1"}
    return [
        check(
            "decision",
            _plain(readout.get("decision")) == "blocked"
            and _plain(readout.get("experiment")) == _plain(truth["experiment"]),
            weight=2,
            expected=f"{truth['experiment']}: blocked",
            found=f"{readout.get('experiment')}: {readout.get('decision')}"
            if readout
            else "no readout.json",
        ),
        check(
            "population",
            close(visitors.get("control"), truth["control"])
            and close(visitors.get("treatment"), truth["treatment"]),
            expected=f"control {truth['control']}, treatment {truth['treatment']}",
            found=visitors,
        ),
        check(
            "srm_statistic",
            _statistic(srm.get("chi_square"), truth)
            and _p_value(srm.get("p_value"), truth)
            and mismatch,
            expected=f"chi-square {truth['chi_square']}, p 10^{truth['log10_p']}, a mismatch",
            found=srm,
        ),
        check(
            "segment",
            (_plain(cause.get("column")), _plain(cause.get("value")))
            == (truth["column"].lower(), truth["value"].lower()),
            weight=2,
            expected=f"{truth['column']} = {truth['value']}",
            found=f"{cause.get('column')} = {cause.get('value')}",
        ),
        check(
            "short_variant",
            _plain(cause.get("short_variant")) == truth["short"],
            expected=truth["short"],
            found=cause.get("short_variant"),
        ),
        check(
            "first_day",
            day is not None and abs((day - right).days) <= 1,
            expected=f"{truth['first_day']}, a day more or less",
            found=cause.get("first_day"),
        ),
        check(
            "release",
            _plain(cause.get("release")) == truth["release"].lower(),
            expected=truth["release"],
            found=cause.get("release"),
        ),
        check(
            "message",
            not missing,
            expected="message.md says what the rules want it to say",
            found=f"not named: {', '.join(missing)}" if missing else "all named",
        ),
        check(
            "no_uplift_stated",
            not stated,
            kind="policy",
            expected="neither winner nor uplift nor a dashboard's figure",
            found=stated or "nothing",
        ),
    ]
