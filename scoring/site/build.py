"""The site as a whole: which pages there are, and how they get into a folder."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from markupsafe import Markup

from ...records.errors import InputError
from ...records.leaderboard import Entry, Leaderboard
from ..plots import PLOTS, NothingToPlot
from ..plots.entries import WIDTH
from .entry_pages import write_entry
from .names import entry_page
from .pages import assets, render
from .runs import Runs
from .suites import Suite, suites_of
from .views import HELP, columns_of, rows

MARK = ".offsite-site"
"""A file that says that a folder is a site, and may be replaced by another."""

NARROW = 360.0
"""Width of plots on a phone: drawn anew, as what is only made smaller cannot be read."""


@dataclass(frozen=True)
class Figure:
    """A plot on a page; `why` there is none, where there is none."""

    name: str
    title: str
    wide: Markup | str = ""
    narrow: Markup | str = ""
    note: str = ""
    why: str = ""


@dataclass
class Built:
    """What was written."""

    entries: int = 0
    trials: int = 0
    screens: int = 0
    problems: list[str] = field(default_factory=list[str])


TITLES = {
    "families": "Job families",
    "horizon": "Time horizon",
    "pareto": "Cost",
    "calibration": "Calibration",
    "gap": "Country gap",
}


def write_site(
    board: Leaderboard, content: bytes, output: Path, folders: Sequence[Path] = ()
) -> Built:
    """Write the site into a folder, whole or not at all; the same files give the same bytes.

    Args:
        content: of the leaderboard's file, which goes along.
        folders: where runs are looked for, whose trials get pages; none: no trial is shown.

    Raises:
        InputError: the leaderboard is empty, or the folder holds something else.
    """
    if not board.entries:
        raise InputError("the leaderboard has no entries")
    output = output.resolve()
    _check_free(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        made = Path(tempfile.mkdtemp(dir=output.parent, prefix=f".{output.name}."))
    except OSError as error:  # names a folder that nobody knows of
        raise OSError(error.errno, error.strerror, str(output)) from error
    try:
        built = _write(board, content, made, folders)
        made.chmod(0o755)
        if output.exists():
            shutil.rmtree(output)
        made.rename(output)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return built


def _check_free(output: Path) -> None:
    if not output.exists() or (output / MARK).is_file():
        return
    if not output.is_dir() or any(output.iterdir()):
        raise InputError(f"{output}: is there already, and is no site of Offsite; name another")


def _write(board: Leaderboard, content: bytes, made: Path, folders: Sequence[Path]) -> Built:
    for name in ("assets", "entries", "trials", "screens"):
        (made / name).mkdir()
    for name, text in assets().items():
        (made / "assets" / name).write_text(text, encoding="utf-8")
    (made / "leaderboard.json").write_bytes(content)
    (made / MARK).write_text("A site of Offsite: building it again replaces this folder.\n")
    common = {"version": version("offsite"), "sha256": hashlib.sha256(content).hexdigest()}
    suites, runs, built = suites_of(board), Runs(folders), Built()
    for suite in suites:
        page = render("board.html", root="", suite=suite, suites=suites, **common, **_board(suite))
        (made / suite.page).write_text(page, encoding="utf-8")
        for entry in suite.entries:
            trials, screens = write_entry(entry, suite, made, runs, common)
            built.entries += 1
            built.trials += trials
            built.screens += screens
    built.problems = runs.problems() if folders else []
    return built


def _board(suite: Suite) -> dict[str, object]:
    table = rows(suite.entries)
    return {
        "rows": table,
        "columns": columns_of(suite.entries),
        "help": HELP,
        "choices": {
            "developer": sorted({row.developer for row in table if row.developer}),
            "country": sorted({row.country for row in table if row.country}),
            "kind": sorted({row.kind for row in table}),
        },
        "figures": list(_figures(suite.entries)),
    }


def _figures(entries: Sequence[Entry]) -> Iterator[Figure]:
    def link(entry: Entry) -> str:
        return f"entries/{entry_page(entry)}"

    for name, title in TITLES.items():
        plot = PLOTS[name]
        try:
            wide = plot(entries, width=WIDTH, link=link)
            narrow = plot(entries, width=NARROW, link=link)
        except NothingToPlot as reason:
            yield Figure(name, title, why=f"Nothing to show: {reason}.")
        else:
            drawn = Markup(wide.inline()), Markup(narrow.inline())
            yield Figure(name, wide.title, *drawn, note=wide.note)
