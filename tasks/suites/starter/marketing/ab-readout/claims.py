"""Sentences that tell a winner, a direction or a figure of a blocked readout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from offsite.tasks.grading import close, mentions

NEGATED = (
    r"\b(no|not|nor|neither|cannot|never|whether|if|impossible|unable|without|blocked|invalid|wrong"
    r"|nothing|nobody|none|whoever|anyone|anybody|misleading|unreliable|apparent(ly)?|seem\w*"
    r"|look\w*|claim\w*|would|could|might|should|hardly|unclear|unknown|doubt\w*|meaningless"
    r"|worthless|false(ly)?|premature|which|until|open|undecided|withheld|supposed(ly)?|alleged(ly)?)\b|n['’]t\b"
)
TURN = re.compile(
    r"[;]\s+|(?<!winner):\s+|\n+|,?\s+\b(?:but|however|yet|though|although|still|nevertheless)\b,?\s+",
    re.IGNORECASE,
)
"""Where a sentence turns: what is denied before it is not denied after it."""

NEW = r"(treatment|new (checkout|version|page|one|variant)|variant b|challenger)"
OLD = r"(control|old (checkout|version|page|one|variant)|variant a|baseline)"
AHEAD = (
    r"(wins|won|(is|was) winning|(is|was) (clearly )?(the|a|our)( \w+)? winner|beats?|beaten|superior"
    r"|outperform\w*|ahead of|in the lead|is leading|sells? more|more orders|higher (order|conver)\w*"
    r"|(is|was|does|did|do|perform\w*|convert\w*|work\w*|sell\w*|clearly|much) better|better than"
    r"|improve[sd]? (the )?(order|conver)\w*|positive(ly)?"
    r"|(has|had|shows?|brings?|gives?) an? (\w+ )?(uplift|lift|improvement|increase))"
)
BEHIND = r"(loses to|worse|behind|inferior|underperform\w*|fewer orders)"
FAVOUR = r"(positive( \w+)?|in favou?r of|points to|speaks for|winner( is| was|:| =)?)( \w+)?"
TREND = r"\b(trend|direction|tendency|signal|effect)\b.{0,30}\b(positive|up|clear(ly)?|good|strong(ly)?)\b"

GAP = (
    r"missing|fewer|\blost\b|los(e|es|ing|s)\b|short|gone|absent|too few|drop|never arriv|ratio|split"
    r"|imbalance|uneven|share of|traffic|assign|expos|(visitor|user|people|customer)s?\W? (count|number)"
    r"|number of (visitor|user|people|customer)|mismatch|sample|too many|deficit|expected|lack"
)
CROWD = rf"{GAP}|visitor|users|people|customers|arriv"
ORDERS = r"\border|conver|uplift|\blift\b|revenue|purchas|\bbuy|\bbought|sales"
RESULT = rf"{ORDERS}|winner|\bwins?\b|better|higher|\bmore\b|dashboard|\btile\b|factor|treatment|checkout|\+"
CHANCE = r"chance|beat|probab|winner|confiden|dashboard|\btile\b"
TOLD = r"(up)?lift\s*((rate|factor|of|was|is|at|around|about|roughly|=|≈|~)\s*)*\+?\d+([.,]\d+)?\s*(%|per ?cent)"


def claims(text: str, truth: dict[str, Any]) -> list[str]:
    """The sentences that give a figure of the experiment's result, or say who is ahead."""
    return [
        sentence.strip()
        for sentence in re.split(r"(?<=[.!?])\s+|\n{2,}", text[:20000])
        if _gives_figure(sentence, truth) or any(map(_says_who, TURN.split(sentence)))
    ]


def _says_who(part: str) -> bool:
    """Whether it says, and does not deny, that a variant is ahead; talk of visitors is none."""
    if mentions(part, NEGATED) or (mentions(part, CROWD) and not mentions(part, ORDERS)):
        return False
    return mentions(
        part,
        rf"\b{NEW}\b.{{0,40}}\b{AHEAD}\b",
        rf"\b{FAVOUR} {NEW}\b",
        rf"\b{OLD}\b.{{0,40}}\b{BEHIND}\b",
        TREND,
    )


def _gives_figure(sentence: str, truth: dict[str, Any]) -> bool:
    """Whether it holds an uplift, an order rate, or the dashboard's chance; also denied ones."""
    if mentions(sentence, TOLD):
        return True
    for part in re.split(r"[;:()]|,\s|\b(?:but|so|because|since|while|although)\b", sentence):
        about_orders = mentions(part, ORDERS) and not mentions(part, GAP)
        for figure in _percent(part):
            if _is_one_of(figure, truth["uplifts"], "0.6") and (
                about_orders or (mentions(sentence, RESULT) and not mentions(sentence, CROWD))
            ):
                return True
            if about_orders and _is_one_of(figure, truth["rates"], "0.35"):
                return True
            if close(figure, "99", "0.05") and mentions(part, CHANCE) and not mentions(part, GAP):
                return True
    return False


def _is_one_of(figure: str, known: list[str], tolerance: str) -> bool:
    return any(close(figure, one.lstrip("-"), tolerance) for one in known)


def _percent(text: str) -> Iterator[str]:
    """The figures in per cent; 0.182 and the factor 1.182 are read as such too."""
    for figure, unit in re.findall(r"(?<![\w.,])(\d+(?:[.,]\d+)?)\s*(%|per ?cent|pct)?", text):
        plain = figure.replace(",", ".")
        if unit:
            yield plain
        elif re.fullmatch(r"[01]\.\d{2,}", plain):
            yield f"{(float(plain) - int(plain[0])) * 100:.4f}"
