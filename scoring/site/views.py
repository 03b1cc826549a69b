"""What the pages say of entries: plain values for the templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ...agents import REFERENCE
from ...records.leaderboard import Entry, Rate
from ..plots.entries import (
    brief,
    colour,
    cost_of_trial,
    dollars,
    full_name,
    over,
    point,
    short_names,
    span,
    spec,
)
from ..plots.horizon import interval
from ..plots.svg import element, line, shortened
from .names import entry_page


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        value: what it is sorted by; "" where there is none.
        sub: the interval, in smaller letters.
    """

    text: str
    value: float | str = ""
    sub: str = ""
    bar: Markup | str = ""


@dataclass(frozen=True)
class Row:
    """An entry in the table; `name` is what tells it from the others, `detail` the rest."""

    page: str
    name: str
    detail: str
    whole: str
    words: str
    rank: Cell
    reference: bool
    notes: tuple[str, ...]
    developer: str
    country: str
    released: str
    kind: str
    cells: dict[str, Cell]


COLUMNS = {
    "delegable": "Delegable",
    "readiness": "Readiness",
    "horizon": "Horizon at 50 %",
    "hat": "pass^k",
    "false_done": "False done",
    "cost": "Cost a trial",
    "time": "Time a trial",
    "trials": "Trials",
}

HELP = {
    "delegable": "Share of trials whose work could be taken over as it is: done, nothing else broken, "
    "no policy broken, the report true, in time, within the cost limit.",
    "readiness": "RWR^4: share of the remotable work that tasks reach, by wages, that is delegable four "
    "times of four (RWR^1, once, where no instance has four trials); L1 to L5: the level that is shown.",
    "horizon": "How long, for a person, the tasks are that it does at a rate of 50 %. "
    "*: flagged, not to be taken at its face value.",
    "hat": "Chance that all of k trials of an instance are delegable.",
    "false_done": "Share of trials that were reported done and were not.",
    "cost": "US dollars, mean over all trials, errors too.",
    "time": "The agent's own time, mean.",
    "trials": "Over, of those planned; errors have no verdict, and no rate counts them.",
}


def rows(entries: Sequence[Entry]) -> list[Row]:
    """The table's rows, best first; reference agents, which nobody competes with, last."""
    order = sorted(entries, key=_place)
    ranks, names = rank_ranges(order), short_names(order)
    return [_row(entry, name, rank) for entry, name, rank in zip(order, names, ranks, strict=True)]


def _place(entry: Entry) -> tuple[bool, float, str]:
    value = entry.delegable.value if entry.delegable else -1.0
    return (entry.agent in REFERENCE, -value, full_name(entry))


def rank_ranges(entries: Sequence[Entry]) -> list[tuple[int, int] | None]:
    """From the best to the worst rank that an entry's interval leaves open; reference agents none.

    Better for certain is who has the whole interval above the other's. Intervals may overlap where
    a test of the difference is significant at 5 %: ranks that differ do differ.
    """
    rated = [e.delegable if e.agent not in REFERENCE else None for e in entries]
    lows = sorted(rate.low for rate in rated if rate)
    highs = sorted(rate.high for rate in rated if rate)
    return [_range(rate, lows, highs) if rate else None for rate in rated]


def _range(rate: Rate, lows: Sequence[float], highs: Sequence[float]) -> tuple[int, int]:
    from bisect import bisect_left, bisect_right

    better = len(lows) - bisect_right(lows, rate.high)
    worse = bisect_left(highs, rate.low)
    return better + 1, len(lows) - worse


def _row(entry: Entry, name: str, rank: tuple[int, int] | None) -> Row:
    whole = full_name(entry)
    return Row(
        page=f"entries/{entry_page(entry)}",
        name=shortened(name, 340),
        detail=shortened(_rest(entry, name), 560),
        whole=whole,
        words=" ".join([whole, entry.developer or "", entry.country or ""]).lower(),
        rank=_rank(rank),
        reference=entry.agent in REFERENCE,
        notes=tuple(doubts(entry)),
        developer=entry.developer or "",
        country=entry.country or "",
        released=entry.released or "",
        kind="reference" if entry.agent in REFERENCE else "contender",
        cells=_cells(entry),
    )


def _rest(entry: Entry, name: str) -> str:
    """Agent and options, as far as the name does not have them."""
    options = [f"{key}={value}" for key, value in sorted(spec(entry).options.items())]
    return ", ".join(part for part in [entry.agent, *options] if part not in name)


def _rank(rank: tuple[int, int] | None) -> Cell:
    if rank is None:
        return Cell("–")
    best, worst = rank
    return Cell(f"{best}" if best == worst else f"{best}–{worst}", best + worst / 1e6)


def _cells(entry: Entry) -> dict[str, Cell]:
    cost, trials = cost_of_trial(entry), over(entry)
    k = max(entry.pass_hat, key=_k, default=None)
    hat = entry.pass_hat[k] if k else None
    seconds = entry.work_seconds / trials if trials else None
    return {
        "delegable": share(entry.delegable, colour(entry)),
        "readiness": _readiness(entry),
        "horizon": _horizon(entry),
        "hat": share(hat, after=f", k = {k}"),
        "false_done": share(entry.false_done),
        "cost": Cell("?") if cost is None else Cell(dollars(cost), cost),
        "time": Cell("–") if seconds is None else Cell(span(seconds / 60), seconds),
        "trials": Cell(
            f"{trials}/{entry.planned}",
            trials,
            _counted(entry.errors, "error") if entry.errors else "",
        ),
    }


def _readiness(entry: Entry) -> Cell:
    found = entry.readiness
    if found is None:
        return Cell("–")
    k, rate = (4, found.rwr4) if found.rwr4 else (1, found.rwr1)
    level = f"L{found.level}" if found.level else "no level"
    return share(rate, after=f", RWR^{k}, {level}")


def columns_of(entries: Sequence[Entry]) -> dict[str, str]:
    """The table's columns: readiness where it is known, else pass^k, which it is made of."""
    left_out = "hat" if any(entry.readiness for entry in entries) else "readiness"
    return {name: head for name, head in COLUMNS.items() if name != left_out}


def _horizon(entry: Entry) -> Cell:
    if entry.horizon is None:
        return Cell("–")
    p50 = entry.horizon.p50
    minutes = p50.low if "above_longest" in p50.flags else p50.minutes
    value, _, bounds = interval(p50).partition(" [")
    return Cell(value, "" if minutes is None else minutes, f"[{bounds}" if bounds else "")


def share(rate: Rate | None, kind: str = "", after: str = "") -> Cell:
    """A rate's cell; with a bar where it is given the colour's class."""
    if rate is None:
        return Cell("–")
    value, _, bounds = brief(rate).partition(" [")
    return Cell(value, rate.value, f"[{bounds}{after}", bar(rate, kind) if kind else "")


def bar(rate: Rate, kind: str = "first", wide: float = 124) -> Markup:
    """A share with its whisker on a line from 0 to 1; the numbers stand beside it."""
    x = [4 + share * (wide - 8) for share in (0, 0.5, 1, rate.low, rate.high, rate.value)]
    ticks = "".join(line([(at, 4), (at, 16)], "grid") for at in x[:3])
    marks = line([(x[0], 10), (x[2], 10)], "grid") + line([(x[3], 10), (x[4], 10)], "whisker")
    marks += line([(x[3], 6.5), (x[3], 13.5)], "whisker") + line(
        [(x[4], 6.5), (x[4], 13.5)], "whisker"
    )
    body = ticks + element("g", marks + point(x[5], 10, kind, size=4), class_=kind)
    size = f"0 0 {wide:.0f} 20"
    return Markup(element("svg", body, viewBox=size, width=wide, height=20, class_="plot bar", aria_hidden="true"))  # fmt: skip


def doubts(entry: Entry) -> list[str]:
    """What a reader must know before comparing this entry with another."""
    found: list[str] = []
    if entry.agent in REFERENCE:
        found.append("a reference agent, which proves tasks; it is not ranked")
    if not entry.whole_suite:
        found.append(f"only {_counted(entry.tasks, 'task')} of the suite")
    if entry.missing:
        found.append(f"of {_counted(entry.planned, 'trial')} {entry.missing} missing")
    if entry.errors:
        found.append(f"{_counted(entry.errors, 'trial')} without a verdict, for an error")
    if entry.graded_with:
        odd = _counted(len(entry.graded_with), "task")
        found.append(f"{odd} graded by other graders than the suite's")
    limits = entry.limits.model_dump(exclude_none=True)
    if limits:
        told = ", ".join(f"{name} {value}" for name, value in limits.items())
        found.append(f"limits other than the tasks' own: {told}")
    return found


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def numbers(entry: Entry) -> list[tuple[str, str, str, str]]:
    """All numbers of an entry: name, value with interval, n, tasks."""
    named: list[tuple[str, Rate | None]] = [
        ("delegable", entry.delegable),
        ("RWR^1: delegable share of the remotable work that tasks reach", entry.readiness and entry.readiness.rwr1),
        ("RWR^4: the same, four times of four", entry.readiness and entry.readiness.rwr4),
        ("delegable, corrected for the graders' errors", entry.corrected.rate if entry.corrected else None),
        *((f"pass^{k}: all of {k} trials", rate) for k, rate in _by_k(entry.pass_hat)),
        *((f"pass@{k}: one of {k} trials", rate) for k, rate in _by_k(entry.pass_at)),
        ("partial: weighted share of criteria", entry.partial),
        ("false done", entry.false_done),
        ("honest block, of what cannot be done", entry.honest_block),
    ]  # fmt: skip
    found = [(name, brief(rate), str(rate.n), str(rate.clusters)) for name, rate in named if rate]
    for each in entry.sensitivity:
        for way in ("failed", "dropped", "passed"):
            rate: Rate | None = getattr(each, way)
            if rate is not None:
                name = f"delegable with {each.trials} {each.of} as {way}"
                found.append((name, brief(rate), str(rate.n), str(rate.clusters)))
    if entry.horizon:
        h = entry.horizon
        for name, length in (("horizon at 50 %", h.p50), ("horizon at 80 %", h.p80)):
            flags = f" ({', '.join(length.flags).replace('_', ' ')})" if length.flags else ""
            found.append((name, interval(length) + flags, str(h.trials), str(h.tasks)))
    if entry.calibration:
        c = entry.calibration
        for name, rate in (("Brier score", c.brier), ("AUROC of the confidence", c.auroc), ("mean stated confidence", c.mean_confidence)):  # fmt: skip
            if rate:
                value = f"{rate.value:.2f} [{rate.low:.2f}, {rate.high:.2f}]"
                found.append((name, value, str(rate.n), str(rate.clusters)))
        n, tasks = str(c.brier.n), str(c.brier.clusters)
        found.append(("RMS calibration error, ten bins", f"{c.rms_error:.2f}", n, tasks))
    return found


def _by_k(rates: dict[str, Rate]) -> list[tuple[str, Rate]]:
    return sorted(rates.items(), key=lambda each: _k(each[0]))


def _k(told: str) -> int:
    return int(told) if told.isdecimal() else 0
