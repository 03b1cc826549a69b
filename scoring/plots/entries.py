"""What plots and pages say of an entry: its name, its colour, its cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from pydantic import JsonValue

from ...agents import REFERENCE
from ...records.agent_spec import AgentSpec
from ...records.errors import InputError
from ...records.leaderboard import Entry, Rate
from .svg import element, line, text_width

Link = Callable[[Entry], str | None]
"""The address of an entry's page."""

WIDTH = 760.0


class NothingToPlot(InputError):
    """No entry has what a plot shows; the message says what."""


def no_link(_: Entry) -> str | None:
    """For files: they stand alone."""
    return None


def contenders(entries: Sequence[Entry]) -> list[Entry]:
    """Without reference agents, which nobody competes with; these where there are no others."""
    return [entry for entry in entries if entry.agent not in REFERENCE] or list(entries)


def spec(entry: Entry) -> AgentSpec:
    """The agent as a run's plan has it."""
    options = {name: _option(value) for name, value in entry.options.items()}
    return AgentSpec(name=entry.agent, model=entry.model, options=options)


def _option(told: str) -> JsonValue:
    try:
        return json.loads(told)
    except ValueError:
        return told


def full_name(entry: Entry) -> str:
    """Agent, model and options, as `offsite show` has them."""
    return spec(entry).label


def short_names(entries: Sequence[Entry]) -> list[str]:
    """The model alone where that tells entries apart, else the agent with it, else all."""
    models = [entry.model.rpartition(":")[2] if entry.model else entry.agent for entry in entries]
    both = [
        f"{entry.agent} · {model}" if entry.model else model
        for entry, model in zip(entries, models, strict=True)
    ]
    plain, with_agent = Counter(models), Counter(both)
    return [
        model if plain[model] == 1 else name if with_agent[name] == 1 else full_name(entry)
        for entry, model, name in zip(entries, models, both, strict=True)
    ]


def over(entry: Entry) -> int:
    """Trials that are over, errors too: what the sums of cost and time are of."""
    return entry.planned - entry.missing


def cost_of_trial(entry: Entry) -> float | None:
    """US dollars, mean; None where a price is not known or no trial is over."""
    return None if entry.cost_usd is None or not over(entry) else entry.cost_usd / over(entry)


def brief(rate: Rate | None) -> str:
    """`62 % [50, 73]`: a share with its 95 % interval."""
    if rate is None:
        return "–"
    return f"{rate.value * 100:.0f} % [{rate.low * 100:.0f}, {rate.high * 100:.0f}]"


def percent(rate: Rate | None) -> str:
    """`62 % [50, 73], n = 48`."""
    return "–" if rate is None else f"{brief(rate)}, n = {rate.n}"


def released(entry: Entry) -> date | None:
    """The day of the model's release, where it is known.

    Raises:
        InputError: it is no date.
    """
    if not entry.released:
        return None
    try:
        return date.fromisoformat(entry.released)
    except ValueError as error:
        raise InputError(
            f"entry {full_name(entry)}: released: {entry.released!r} is not YYYY-MM-DD"
        ) from error


def dollars(value: float) -> str:
    """`$0.004`, `$0.35`, `$12`: three figures at most."""
    if not value:
        return "$0"
    if value < 0.01:
        return f"${value:.1g}" if value >= 0.0001 else f"${value:.0e}"
    return f"${value:.2f}" if value < 10 else f"${value:,.0f}"


def span(minutes: float) -> str:
    """`15 s`, `4 min`, `1.5 h`: how long that is for a person."""
    for unit, size in (("h", 60.0), ("min", 1.0)):
        if minutes >= 0.995 * size:
            return f"{_figures(minutes / size)} {unit}"
    return f"{_figures(minutes * 60)} s"


def _figures(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or abs(value - round(value)) < 0.05 else f"{value:.1f}"


COUNTRIES = {"US": "first", "CN": "second"}
"""The colours of the two whose gap is told; what else has a country is third."""


def colour(entry: Entry) -> str:
    """The class that an entry's marks have."""
    return COUNTRIES.get(entry.country, "third") if entry.country else "other"


def point(x: float, y: float, kind: str, *, hollow: bool = False, size: float = 5) -> str:
    """A mark in the shape of its colour: colour is never all that tells."""
    name = "point hollow" if hollow else "point"
    if kind == "second":
        path = f"M{x:.1f} {y - size - 1:.1f}l{size + 1:.1f} {size + 1:.1f} {-size - 1:.1f} {size + 1:.1f} {-size - 1:.1f} {-size - 1:.1f}z"
        return element("path", d=path, class_=name)
    if kind == "third":
        path = f"M{x:.1f} {y - size - 1:.1f}l{size + 1:.1f} {2 * size:.1f}h{-2 * size - 2:.1f}z"
        return element("path", d=path, class_=name)
    if kind == "other":
        side = 2 * size - 1
        return element("rect", x=x - side / 2, y=y - side / 2, width=side, height=side, class_=name)
    return element("circle", cx=x, cy=y, r=size, class_=name)


def legend(entries: Sequence[Entry], x: float, y: float) -> str:
    """What the colours mean, where there are several, from the right end x to the left."""
    meanings = {"other": "no country", "third": "other countries", "second": "CN", "first": "US"}
    there = {colour(entry) for entry in entries}
    if len(there) < 2:
        return ""
    found = ""
    for kind, meaning in meanings.items():
        if kind in there:
            words = element("text", meaning, x=x, y=y + 4, class_="tick", text_anchor="end")
            x -= text_width(meaning, 11) + 8
            found += element("g", point(x, y, kind, size=4), class_=kind) + words
            x -= 14
    return found


def whisker(
    x: float, low: float, high: float, *, open_above: bool = False, open_below: bool = False
) -> str:
    """A vertical interval; an arrow where it has no bound."""
    marks = line([(x, low), (x, high)], "whisker")
    if open_above:
        marks += line([(x - 3.5, high + 5), (x, high), (x + 3.5, high + 5)], "whisker")
    if open_below:
        marks += line([(x - 3.5, low - 5), (x, low), (x + 3.5, low - 5)], "whisker")
    return marks
