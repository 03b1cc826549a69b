"""How long a leaderboard's site takes to write and to open: 12, 100 and 500 entries.

    python benchmarks/site.py [--entries 12,100,500] [--times 5]

Needs Chromium and Playwright (`./setup.sh dev`), and no engine. The page is opened from the disk in
a fresh browser each time; "opened" is from the call to the first frame after its load event.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from offsite.records.horizon import Horizon, Length
from offsite.records.leaderboard import Entry, FamilyRate, Leaderboard
from offsite.records.run import LimitOverrides
from offsite.scoring.calibration import calibration
from offsite.scoring.rates import rate
from offsite.scoring.site import write_site
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
FAMILIES = [f"family-{letter}" for letter in "abcdefghijkl"]
FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
SORT = """() => { const from = performance.now();
document.querySelectorAll('#entries thead button')[6].click();
document.body.offsetHeight; return performance.now() - from; }"""
FILTER = """() => { const from = performance.now(); const box = document.querySelector('input');
box.value = 'model-7'; box.dispatchEvent(new Event('input', {bubbles: true}));
document.body.offsetHeight; return performance.now() - from; }"""


def main() -> None:
    """Print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entries", default="12,100,500")
    options.add_argument("--times", type=int, default=5)
    given = options.parse_args()
    print("| entries | written ms | index.html KB | opened ms | sorted ms | filtered ms |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        for number in map(int, given.entries.split(",")):
            board = made(number)
            site = Path(folder) / str(number)
            began = time.perf_counter()
            write_site(board, board.model_dump_json().encode(), site)
            written = 1000 * (time.perf_counter() - began)
            browsers = (
                playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False)
                for _ in range(given.times)
            )
            seen = [look(browser, site / "index.html") for browser in browsers]
            medians = [statistics.median(column) for column in zip(*seen, strict=True)]
            size = (site / "index.html").stat().st_size / 1024
            told = " | ".join(f"{value:.0f}" for value in (written, size, *medians))
            print(f"| {number} | {told} |")


def look(browser: Browser, page_file: Path) -> Sequence[float]:
    """Milliseconds to open the page, to sort its table, to filter it."""
    page = browser.new_page()
    began = time.perf_counter()
    page.goto(page_file.as_uri())
    page.evaluate(FRAME)
    opened = 1000 * (time.perf_counter() - began)
    seen = (opened, page.evaluate(SORT), page.evaluate(FILTER))
    browser.close()
    return seen


def made(number: int) -> Leaderboard:
    """So many entries of chance, in all that an entry can have."""
    dice = random.Random(1)
    return Leaderboard(entries=tuple(_entry(i, dice) for i in range(number)))


def _entry(number: int, dice: random.Random) -> Entry:
    chance = dice.uniform(0.1, 0.9)
    tasks = [f"{family}/{i}" for family in FAMILIES for i in range(2) for _ in range(4)]
    good = [dice.random() < chance for _ in tasks]
    stated = [min(1.0, max(0.0, dice.gauss(chance, 0.2))) for _ in tasks]
    minutes = 2 ** dice.uniform(0, 9)
    length = Length(minutes=minutes, low=minutes / 3, high=minutes * 3)
    horizon = Horizon.model_validate(
        {
            **{"p50": length, "p80": length, "intercept": 1, "slope": -1, "average": chance},
            **{"trials": 96, "tasks": 24, "families": 12, "shortest": 1, "longest": 960},
            **{"l2": 1e-5, "resampled": "all", "bootstraps": 1000, "seed": 0},
        }
    )
    whole = rate(good, tasks)
    month, year = number % 12 + 1, 2023 + number % 4
    return Entry(
        agent=f"agent-{number % 9}",
        model=f"provider:model-{number}",
        developer=f"developer {number % 20}",
        country=("US", "CN", "FR")[number % 3],
        released=f"{year}-{month:02d}-15",
        suite="made",
        suite_version="1",
        suite_digest="0" * 64,
        whole_suite=True,
        tasks=24,
        limits=LimitOverrides(),
        seeds=(0,),
        repeats=4,
        planned=96,
        errors=0,
        missing=0,
        delegable=whole,
        pass_hat={"1": whole, "4": rate(good[:24], tasks[:24])},
        pass_at={"1": whole},
        partial=whole,
        false_done=rate([not each for each in good], tasks),
        honest_block=None,
        calibration=calibration(stated, good, tasks),
        horizon=horizon,
        cost_usd=dice.uniform(1, 200),
        tokens=1,
        work_seconds=9000,
        human_minutes=9000,
        families=tuple(
            FamilyRate(family=f, rate=rate(good[8 * i : 8 * i + 8], tasks[8 * i : 8 * i + 8]))
            for i, f in enumerate(FAMILIES)
        ),
        sandbox="docker",
        images={},
        versions={},
        runs={f"run-{number}": "0" * 64},
    )


if __name__ == "__main__":
    main()
