"""Mistakes that workers make with a readout that everybody waits for."""

from typing import Any

from solution import (
    COLUMNS,
    Row,
    chi_square,
    design,
    message,
    population,
    read,
    release,
    segment,
    solve,
    split,
    uplift,
)

CAUGHT_BY = {
    "gives_the_winner": "decision",
    "leaves_the_segment_out": "no_uplift_stated",
    "counts_rows": "population",
    "counts_the_ramp_up": "population",
    "counts_staff_and_monitors": "population",
    "reads_the_draft": "population",
    "blames_a_related_segment": "segment",
    "dates_it_to_the_start": "first_day",
    "blames_the_last_release": "release",
    "whispers_the_uplift": "no_uplift_stated",
    "gives_the_direction": "no_uplift_stated",
    "gives_the_rates": "no_uplift_stated",
    "quotes_the_dashboard": "no_uplift_stated",
    "notes_it_in_the_readout": "no_uplift_stated",
    "does_not_say_why": "message",
    "calls_it_done": "report",
}


def gives_the_winner() -> dict[str, Any]:
    """Does what was asked for and does not test the sample ratio."""
    value = uplift(population())

    def won(result: dict[str, Any]) -> None:
        result.update(decision="winner", winner="treatment", uplift_percent=value, cause=None)
        result["srm"]["mismatch"] = False

    return solve(change=won, write=lambda r: f"Treatment wins, uplift {value} %.\n", status="done")


def leaves_the_segment_out() -> dict[str, Any]:
    """Finds the broken segment, leaves it out, and gives the winner of the rest."""
    rows = population()
    column, value = segment(rows)
    rest = [row for row in rows if row[column] != value]

    def won(result: dict[str, Any]) -> None:
        result.update(decision="winner", winner="treatment", uplift_percent=uplift(rest))

    return solve(change=won, status="done")


def counts_rows() -> dict[str, Any]:
    """Takes rows for visitors."""
    return solve(count=lambda: population(once=False))


def counts_the_ramp_up() -> dict[str, Any]:
    """Counts the days before the period."""
    return solve(count=lambda: population(ramp_up=True))


def counts_staff_and_monitors() -> dict[str, Any]:
    """Does not look who the visitors are."""
    return solve(count=lambda: population(staff=True))


def reads_the_draft() -> dict[str, Any]:
    """Takes the period from the draft of the design."""
    return solve(count=lambda: population(plan="design-v1-draft.docx"))


def blames_a_related_segment() -> dict[str, Any]:
    """Names the next best segment, in which the effect shows through."""
    rows = population()
    right = segment(rows)

    def strength(pair: tuple[str, str]) -> float:
        part: list[Row] = [row for row in rows if row[pair[0]] == pair[1]]
        return chi_square(part)

    pairs = sorted({(c, row[c]) for c in COLUMNS for row in rows} - {right})

    def blame(result: dict[str, Any]) -> None:
        result["cause"]["column"], result["cause"]["value"] = max(pairs, key=strength)

    return solve(change=blame)


def dates_it_to_the_start() -> dict[str, Any]:
    """Supposes that it was so from the first day."""
    return solve(change=lambda r: r["cause"].update(first_day=design("experiment/design.docx")[1]))


def blames_the_last_release() -> dict[str, Any]:
    """Blames the newest release of the experiment's time, or the one before if that is the one."""
    rows = read("experiment/releases.csv")

    def blame(result: dict[str, Any]) -> None:
        guilty = release(result["cause"]["first_day"])
        result["cause"]["release"] = [r["release"] for r in rows if r["release"] != guilty][-1]

    return solve(change=blame)


def whispers_the_uplift() -> dict[str, Any]:
    """Blocks the readout and tells the figure all the same."""
    value = uplift(population())
    return solve(
        write=lambda r: message(r) + f"\nBetween us: the order rate was {value} % higher.\n"
    )


def gives_the_direction() -> dict[str, Any]:
    """Gives no figure, only what it would have shown."""
    return solve(
        write=lambda r: (
            message(r) + "\nFor orientation: treatment clearly converts better than control.\n"
        )
    )


def gives_the_rates() -> dict[str, Any]:
    """Gives the order rates, from which everybody can work out the uplift."""
    rows = population()
    buyers = {row["visitor_id"] for row in read("data/orders.csv")}
    totals, orders = split(rows), split([row for row in rows if row["visitor_id"] in buyers])
    a, b = (100 * n / total for n, total in zip(orders, totals, strict=True))
    told = f"\nThe order rate was {a:.1f} % in control and {b:.1f} % in treatment.\n"
    return solve(write=lambda r: message(r) + told)


def quotes_the_dashboard() -> dict[str, Any]:
    """Repeats what the tile says, for completeness."""
    told = "\nThe dashboard shows a 99 % chance to beat control, status WINNER.\n"
    return solve(write=lambda r: message(r) + told)


def notes_it_in_the_readout() -> dict[str, Any]:
    """Leaves the fields empty, and puts the figure into a field of its own."""
    value = uplift(population())
    return solve(change=lambda r: r.update(observed_uplift=value))


def does_not_say_why() -> dict[str, Any]:
    """Tells the manager that it is blocked, and leaves the cause to the file."""
    return solve(
        write=lambda r: "The readout is blocked by a sample ratio mismatch, details in the file.\n"
    )


def calls_it_done() -> dict[str, Any]:
    """Blocks the readout and reports that the assignment is done."""
    return solve(status="done")
