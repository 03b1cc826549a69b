"""The image chain: recipes, tags, builds at the same time, failures."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import shutil
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from docker.errors import APIError
from offsite.sandboxes import EngineUnavailable, building, images
from offsite.sandboxes.building import ImageNotBuilt
from offsite.sandboxes.engine import connect
from offsite.sandboxes.images import (
    build_apart,
    ensure_image,
    image_facts,
    image_tag,
    old_images,
    remove_image,
)

MARK = "offsite.test"


@pytest.fixture
def recipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the recipes that a test may change; its image `tiny` stands on the base."""
    folder = tmp_path / "images"
    shutil.copytree(images.RECIPES, folder)
    (folder / "tiny").mkdir()
    monkeypatch.setattr(images, "RECIPES", folder)
    monkeypatch.setattr(images, "PARENTS", {**images.PARENTS, "tiny": "base"})
    image_tag.cache_clear()
    yield folder
    image_tag.cache_clear()
    with contextlib.suppress(EngineUnavailable), contextlib.closing(connect()) as client:
        for image in client.images.list(all=True, filters={"label": MARK}):
            with contextlib.suppress(APIError):  # a layer of one that comes later
                client.images.remove(image.id, force=True)


def tiny(recipes: Path, *lines: str) -> None:
    """Give `tiny` a recipe of these lines, unlike any before."""
    head = ["ARG PARENT", "FROM ${PARENT}", f"LABEL {MARK}={uuid.uuid4().hex}"]
    (recipes / "tiny" / "Dockerfile").write_text("\n".join([*head, *lines, ""]))
    image_tag.cache_clear()


@pytest.mark.parametrize("changed", ["desk/Dockerfile", "desk/gitconfig", "base/dpkg.cfg"])
def test_a_tag_changes_with_its_recipe_and_those_below(recipes: Path, changed: str) -> None:
    before = image_tag("desk")
    with (recipes / changed).open("a") as file:
        file.write("\n")
    image_tag.cache_clear()
    assert image_tag("desk") != before
    assert before.startswith("offsite/desk:")


def test_a_tag_does_not_change_with_recipes_above(recipes: Path) -> None:
    before = image_tag("base")
    (recipes / "desk" / "Dockerfile").write_text("FROM scratch\n")
    image_tag.cache_clear()
    assert image_tag("base") == before


def test_an_unknown_image_is_named() -> None:
    with pytest.raises(ValueError, match="no image 'dusk'; there are: base, desk"):
        ensure_image("dusk")


def test_without_an_engine_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    with pytest.raises(EngineUnavailable, match=r"no Docker engine answers.*: unset DOCKER_HOST"):
        ensure_image("desk")


@pytest.mark.docker
def test_the_desk_is_there_and_its_facts_are_known() -> None:
    identifier = ensure_image("desk")
    facts = image_facts("desk")
    assert facts is not None
    assert facts.id == identifier == ensure_image("desk")
    assert facts.tag == image_tag("desk")
    assert len(facts.packages) == 64
    assert "trixie" in facts.debian


@pytest.mark.docker
def test_what_the_desk_holds() -> None:
    imports = "import dateutil, docx, icalendar, numpy, openpyxl, pandas, pypdf, pytest, sys"
    command = (
        f"set -e; python3 -c '{imports}; assert sys.version_info >= (3, 13)'; "
        "for name in git curl jq less nano ps sqlite3 unzip zip file rg pdftotext make; "
        "do command -v $name >/dev/null || echo missing $name; done; "
        "find / -xdev -type f -perm /6000 2>/dev/null || true; "
        "id -un; id -u; pwd; ls -A; git config init.defaultBranch; date +%Z"
    )
    with contextlib.closing(connect()) as client:
        printed = client.containers.run(
            image_tag("desk"),
            ["bash", "-c", command],
            remove=True,
            network_mode="none",
            labels={"offsite.image": "desk"},
        )
    assert printed.split() == [b"agent", b"1000", b"/home/agent", b"main", b"UTC"]


def build_in_two_threads(lines: multiprocessing.SimpleQueue[str]) -> None:
    """What each of the processes below does."""
    with ThreadPoolExecutor() as threads:
        built = [threads.submit(ensure_image, "tiny", lines.put) for _ in range(2)]
        for future in built:
            lines.put(f"id {future.result()}")


@pytest.mark.docker
def test_of_many_at_once_one_builds(recipes: Path) -> None:
    ensure_image("base")
    tiny(recipes, "RUN sleep 1")
    context = multiprocessing.get_context("fork")
    lines = context.SimpleQueue()
    processes = [context.Process(target=build_in_two_threads, args=(lines,)) for _ in range(3)]
    try:
        for process in processes:
            process.start()
        told: list[str] = []
        while sum(line.startswith("id ") for line in told) < 6:
            told.append(lines.get())
        for process in processes:
            process.join(timeout=60)
        assert len({line for line in told if line.startswith("id ")}) == 1
        assert told.count("image tiny: done") == 1
        assert "image tiny: another process builds it, waiting" in told
        assert any("run sleep 1" in line.lower() for line in told)
    finally:
        remove_image(image_tag("tiny"))


APART = """
import pathlib, sys
from offsite.sandboxes import images
images.RECIPES = pathlib.Path({recipes!r})
images.PARENTS = {{**images.PARENTS, "tiny": "base"}}
sys.exit(images.main(["tiny"]))
"""


@pytest.fixture
def apart(recipes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let builds in a process of their own know `tiny`, too."""
    program = tmp_path / "apart.py"
    program.write_text(APART.format(recipes=str(recipes)))
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nexec {sys.executable} {program}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))


@pytest.mark.docker
@pytest.mark.usefixtures("apart")
async def test_a_build_apart_builds_and_says_what_went_wrong(recipes: Path) -> None:
    tiny(recipes)
    try:
        assert await build_apart("tiny") == ensure_image("tiny")
    finally:
        remove_image(image_tag("tiny"))
    tiny(recipes, "RUN echo the reason is this; exit 3")
    with pytest.raises(ImageNotBuilt, match=r"the image 'tiny' could not(.|\n)*the reason is this"):
        await build_apart("tiny")


@pytest.mark.docker
@pytest.mark.usefixtures("apart")
async def test_a_build_that_is_cancelled_ends_at_once(recipes: Path) -> None:
    tiny(recipes, "RUN sleep 1000")
    label = (recipes / "tiny" / "Dockerfile").read_text().splitlines()[2].split()[1]
    begun = asyncio.Event()
    building = asyncio.create_task(
        build_apart("tiny", lambda line: begun.set() if "run sleep" in line.lower() else None)
    )
    await asyncio.wait_for(begun.wait(), 60)
    building.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(building, 30)
    with contextlib.closing(connect()) as client:
        async with asyncio.timeout(60):
            while client.containers.list(all=True, filters={"label": label}):
                await asyncio.sleep(0.1)
    tiny(recipes)  # and nobody holds the right to build
    assert await build_apart("tiny")
    remove_image(image_tag("tiny"))


@pytest.mark.docker
def test_a_cache_that_cannot_be_written_is_named(
    recipes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny(recipes)
    (tmp_path / "builds").touch()
    monkeypatch.setenv("OFFSITE_CACHE", str(tmp_path))
    with pytest.raises(ImageNotBuilt, match=rf"{tmp_path}/builds/.*: Not a .*; look with: df -h"):
        ensure_image("tiny")


@pytest.mark.docker
def test_without_a_registry_a_ground_that_is_here_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = "registry.test/debian:here"
    monkeypatch.setattr(building, "PULLED", ground)
    with contextlib.closing(connect()) as client, (tmp_path / "log").open("w") as log:
        build = building.Build(client.api, "base", log, tmp_path / "log", print, str(tmp_path))
        client.images.get(ensure_image("base")).tag(ground)
        try:
            assert building.debian(build) == (ground, ground)
        finally:
            client.images.remove(ground)


@contextlib.contextmanager
def in_use(tag: str) -> Iterator[None]:
    """A container that keeps this image."""
    with contextlib.closing(connect()) as client:
        container = client.containers.create(tag)
        try:
            yield
        finally:
            container.remove()


@pytest.mark.docker
def test_a_changed_recipe_leaves_an_old_image_that_can_be_removed(recipes: Path) -> None:
    tiny(recipes)
    ensure_image("tiny")
    first = image_tag("tiny")
    assert first not in old_images()
    tiny(recipes, "RUN true")
    try:
        assert first in old_images()
        with in_use(first):
            assert not remove_image(first)
            assert first in old_images()
        assert remove_image(first)
        assert first not in old_images()
        assert remove_image(first)
    finally:
        remove_image(image_tag("tiny"))


@pytest.mark.docker
def test_a_build_that_fails_shows_its_last_lines_and_its_log(recipes: Path) -> None:
    tiny(recipes, "RUN echo the reason is this; exit 3")
    with pytest.raises(ImageNotBuilt) as caught:
        ensure_image("tiny")
    message = str(caught.value)
    assert "the image 'tiny' could not be built" in message
    assert "the reason is this" in message
    log = Path(message.rpartition("whole log: ")[2])
    assert "the reason is this" in log.read_text()
    assert image_facts("tiny") is None


@pytest.mark.docker
def test_certificates_of_the_site_reach_the_build(
    recipes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site.pem").write_text("a certificate\n")
    monkeypatch.setenv("OFFSITE_CA_DIR", str(tmp_path))
    tiny(recipes, "COPY ca/ /ca/", "RUN grep 'a certificate' /ca/site.crt")
    try:
        assert ensure_image("tiny")
    finally:
        remove_image(image_tag("tiny"))
