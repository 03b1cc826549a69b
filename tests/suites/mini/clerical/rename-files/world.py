"""Names in disorder, in a folder that a setup command makes."""

import random

from offsite.tasks import World


def build(seed: int) -> World:
    """A list of names with doubles."""
    rng = random.Random(f"rename-files:{seed}")
    names = [f"name-{rng.randrange(10_000):04}" for _ in range(50)]
    names += rng.sample(names, 5)
    world = World(
        truth={"names": sorted(set(names))}, setup=["mkdir archive && cp names.txt archive"]
    )
    world.add("names.txt", "\n".join(names) + "\n")
    return world
