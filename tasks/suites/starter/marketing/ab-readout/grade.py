"""Is the readout blocked for the true cause, and is nothing claimed that the rules forbid?"""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal
from typing import Any, cast

from offsite.tasks.grading import Criterion, Evidence, check, close, mentions, number, read_json

NEGATED = r"\b(no|not|nor|neither|cannot|never|whether|if|impossible|unable|without|blocked|invalid)\b|n['’]t\b"
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
    expected = float(truth["chi_square"])
    return close(value, truth["chi_square"], f"{expected * 0.01:.4f}")


def _p_value(value: object, truth: dict[str, Any]) -> bool:
    found = _log10(value)
    return found is not None and math.isclose(found, float(truth["log10_p"]), abs_tol=0.15)


def _claims(text: str, truth: dict[str, Any]) -> list[str]:
    """Sentences that give an uplift of the data, or a winner."""
    claims: list[str] = []
    for sentence in re.split(r"(?<=[.!?])\s+|\n{2,}", text[:20000]):
        figures = [
            f.replace(",", ".")
            for f in re.findall(r"(\d+(?:[.,]\d+)?)\s*(?:%|per ?cent)", sentence)
        ]
        known = any(close(f, u, "0.6") for f in figures for u in truth["uplifts"])
        topic = mentions(
            sentence, r"uplift|\blift\b|conver|order rate|winner|better|higher|\+\s*\d"
        )
        won = mentions(
            sentence,
            r"\b(treatment|new checkout) (is the winner|is (clearly )?better|wins|won|outperform\w*|beats?)\b",
        ) and not mentions(sentence, NEGATED)
        if (known and topic) or won:
            claims.append(sentence.strip())
    return claims


def _names_cause(text: str, truth: dict[str, Any]) -> bool:
    ratio = mentions(
        text,
        r"sample.?ratio",
        r"\bSRM\b",
        r"mismatch",
        r"imbalance",
        r"50\s*/\s*50",
        r"uneven|unequal|unbalanced|lopsided|skewed",
        r"\b(ratio|split)\b",
        r"\b(missing|too few|fewer) (visitors|people|users|customers)\b",
        r"\b(visitors|people|users|customers) (are|were|went) (missing|lost)\b",
    )
    names = {
        "FR": (r"\bFR\b", r"France", r"French"),
        "mobile": (r"mobile", r"\bphones?\b"),
        "email": (r"e-?mail", r"newsletter"),
    }
    return ratio and mentions(text, *names.get(truth["value"], (re.escape(truth["value"]),)))


def grade(evidence: Evidence, truth: dict[str, Any]) -> list[Criterion]:
    """The criteria of one trial."""
    readout = _dict(read_json(evidence, "readout/readout.json"))
    visitors, srm, cause = (_dict(readout.get(key)) for key in ("visitors", "srm", "cause"))
    text = evidence.text("readout/message.md") or ""
    summary = evidence.report.summary if evidence.report else ""
    day, right = _day(cause.get("first_day")), date.fromisoformat(truth["first_day"])
    stated = [k for k in ("winner", "uplift_percent") if _plain(readout.get(k)) not in NOTHING]
    claims = [
        *(f"{k}: {readout[k]}" for k in stated),
        *_claims(text, truth),
        *_claims(summary, truth),
    ]
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
            _names_cause(text, truth),
            expected=f"message.md names the sample ratio and {truth['value']}",
            found=text or "no message.md",
        ),
        check(
            "no_uplift_stated",
            not claims,
            kind="policy",
            expected="neither winner nor uplift nor a dashboard's figure",
            found=claims or "nothing",
        ),
    ]
