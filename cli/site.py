"""`offsite leaderboard site` and `offsite plot`: what is shown of a leaderboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .options import RESULTS, Json, Results

if TYPE_CHECKING:
    from ..records.leaderboard import Leaderboard
    from ..scoring.site.suites import Suite

BoardFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="leaderboard.json, or the folder that holds it.")
]


def add_to(app: typer.Typer, board: typer.Typer) -> None:
    """Put the commands into the program and its group `leaderboard`."""
    app.command("plot")(plot)
    board.command("site")(site)


def site(
    file: BoardFile,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder to write; an older site is replaced.")
    ] = Path("site"),
    transcripts: Annotated[
        bool, typer.Option(help="Pages for trials, where their runs are at hand.")
    ] = True,
    results: Results = RESULTS,
    json: Json = False,
) -> None:
    """Write a leaderboard as a static site that works from a disk, offline.

    \b
    offsite leaderboard site leaderboard.json -o site/
    offsite leaderboard site leaderboard.json -o site/ --results /data/runs
    offsite leaderboard site leaderboard.json -o site/ --no-transcripts

    Then open site/index.html in a browser, or put the folder on any web server. Runs are looked for
    in --results and beside FILE; trials of a run that is not found, or has other files than the
    leaderboard was made from, get no pages. Transcripts and criteria tell what is right: use
    --no-transcripts where the suite's answers must not become public.
    """
    from ..scoring.site import write_site
    from .text import counted, harmless, print_json, tell

    file = _file(file)
    board, content = _read(file)
    places = [results, file.parent, file.parent / "results"] if transcripts else []
    built = write_site(board, content, output, places)
    for problem in built.problems:
        tell(problem)
    if json:
        print_json({"site": str(output), **vars(built)})
        return
    told = f"{counted(built.entries, 'entry', 'entries')}, {counted(built.trials, 'trial')}"
    print(harmless(f"{output / 'index.html'}: {told}, {counted(built.screens, 'screenshot')}"))
    if built.trials:
        tell("the pages of trials tell what the suite's right answers are")


def plot(
    kind: Annotated[
        Literal["horizon", "pareto", "families", "calibration", "gap"],
        typer.Argument(help="What to draw.", show_default=False),
    ],
    file: BoardFile,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write, .svg or .png; default: KIND.svg."),
    ] = None,
    suite: Annotated[
        str | None, typer.Option(help="Name, or beginning of the digest, where there are several.")
    ] = None,
    theme: Annotated[
        Literal["light", "dark"], typer.Option(help="For what paper.", show_default=True)
    ] = "light",
    width: Annotated[int, typer.Option(min=320, max=2000, help="In pixels.")] = 760,
) -> None:
    """Draw a leaderboard's plot into a file, as its site has it.

    \b
    offsite plot horizon leaderboard.json -o horizon.svg
    offsite plot pareto leaderboard.json -o pareto.png --theme dark

    \b
    horizon: human time of the tasks done at 50 % by release date, with the trend.
    pareto: cost of a trial against the delegable rate, with the Pareto front.
    families: heat map of the rate by job family.
    calibration: stated confidence against what came of it.
    gap: the best delegable rates of the United States and China, and the days between them.
    A PNG needs the extra `site`: pip install 'offsite[site]'.
    """
    from ..records.errors import InputError
    from ..scoring.plots import PLOTS
    from ..scoring.plots.png import to_png
    from ..scoring.plots.style import standalone
    from .text import harmless

    output = output or Path(f"{kind}.svg")
    if output.suffix not in (".svg", ".png"):
        raise InputError(f"{output}: the name must end in .svg or .png")
    board, _ = _read(_file(file))
    chosen = _suite(board, suite)
    drawing = PLOTS[kind](chosen.entries, width=width)
    source = f"Suite {chosen.name} {chosen.version}, digest {chosen.digest[:12]}; Offsite."
    svg = standalone(drawing, source, theme)
    output.write_bytes(to_png(svg) if output.suffix == ".png" else svg.encode())
    print(harmless(f"{output}: {drawing.says}"))


def _file(given: Path) -> Path:
    return given / "leaderboard.json" if given.is_dir() else given


def _read(path: Path) -> tuple[Leaderboard, bytes]:
    from ..records.leaderboard import Leaderboard
    from ..records.store import parse_record

    content = path.read_bytes()
    return parse_record(path, content, Leaderboard), content


def _suite(board: Leaderboard, wanted: str | None) -> Suite:
    """The suite that is meant.

    Raises:
        InputError: there is no such one, or several.
    """
    from ..records.errors import InputError, nearest
    from ..scoring.site.suites import suites_of

    suites = suites_of(board)
    found = [s for s in suites if wanted in (None, s.name) or s.digest.startswith(wanted or "-")]
    if len(found) == 1:
        return found[0]
    if not suites:
        raise InputError("the leaderboard has no entries")
    if not found:
        raise InputError(f"no suite {wanted!r}{nearest(wanted or '', {s.name for s in suites})}")
    told = ", ".join(f"{s.name} {s.version} ({s.digest[:12]})" for s in found)
    raise InputError(f"the leaderboard has several suites: name one with --suite: {told}")
