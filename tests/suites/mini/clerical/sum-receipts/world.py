"""Receipts, one of them void."""

import random

from offsite.tasks import World


def build(seed: int) -> World:
    """A handful of receipts."""
    rng = random.Random(f"sum-receipts:{seed}")
    amounts = [rng.randint(100, 9999) for _ in range(20)]
    void = rng.randrange(20)
    lines = ["number,cents,state"]
    lines += [f"{i},{c},{'void' if i == void else 'paid'}" for i, c in enumerate(amounts)]
    world = World(facts={"month": "May"}, truth={"total": sum(amounts) - amounts[void]})
    world.add("receipts.csv", "\n".join(lines) + "\n")
    return world
