"""`offsite doctor`, `offsite clean`, `offsite schemas`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from .exits import Exit
from .options import RESULTS, Json, Results


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.command("doctor")(doctor)
    app.command("clean")(clean)
    app.command("schemas")(schemas)


def doctor(results: Results = RESULTS, json: Json = False) -> None:
    """Say what works on this machine, what does not, and the command that mends it.

    \b
    offsite doctor

    Exit code 3 where something is missing that no run can do without.
    """
    from dataclasses import asdict

    from ..agents.models import PROVIDERS
    from ..sandboxes.doctor import check_machine
    from .text import add_row, out, print_json, table

    keys = {name: entry.key for name, entry in PROVIDERS.items() if entry.key}
    checks = list(check_machine(results, keys))
    if json:
        print_json([asdict(check) for check in checks])
    else:
        made = table("", ("what", "works", "found", "to mend it"))
        for check in checks:
            works = "yes" if check.ok else "NO" if check.needed else "no"
            add_row(made, check.name, works, check.detail, check.mend)
        out().print(made)
    broken = any(check.needed and not check.ok for check in checks)
    raise typer.Exit(Exit.INFRASTRUCTURE if broken else Exit.PASSED)


def clean(
    images: Annotated[
        bool, typer.Option("--images", help="Remove images of older recipes, too.")
    ] = False,
    json: Json = False,
) -> None:
    """Remove what killed runs left behind: containers, networks, folders. Living runs are let be.

    \b
    offsite clean
    offsite clean --images

    Results are never touched.
    """
    from .text import counted, print_json

    removed = asyncio.run(_clean())
    if images:
        removed += _remove_old_images()
    if json:
        print_json(removed)
        return
    for kind, id in removed:
        print(f"removed {kind} {id}")
    print(f"{counted(len(removed), 'leftover')} removed")


def schemas(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write to.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 where a file differs.")
    ] = False,
) -> None:
    """Write the JSON Schemas of everything that Offsite writes down.

    \b
    offsite schemas -o records/schemas
    """
    from ..records.schemas import FOLDER, schema_files

    folder = output or FOLDER
    differing = 0
    for name, content in schema_files().items():
        path = folder / name
        same = path.exists() and path.read_text(encoding="utf-8") == content
        if same:
            continue
        differing += 1
        if check:
            print(f"{path}: differs")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            print(f"{path}: written")
    raise typer.Exit(Exit.GATE_FAILED if check and differing else Exit.PASSED)


def _remove_old_images() -> list[tuple[str, str]]:
    from ..sandboxes.images import old_images, remove_image

    return [("image", tag) for tag in old_images() if remove_image(tag)]


async def _clean() -> list[tuple[str, str]]:
    from ..runner.leftovers import remove_leftovers
    from ..sandboxes import PROVIDERS, EngineUnavailable, provider

    removed: list[tuple[str, str]] = []
    for name in PROVIDERS:
        place = provider(name)
        try:
            removed += [(left.kind, left.id) for left in await remove_leftovers(place)]
        except EngineUnavailable:
            continue  # Where there is no engine, it left nothing behind.
        finally:
            await place.aclose()
    return removed
