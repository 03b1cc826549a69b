"""The site in a browser, from the disk: sorts, filters, transcripts, hostile text, phone and dark."""

from __future__ import annotations

import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from chromium import opened
from made_run import leave_trajectory, make_run
from offsite.records.agent_spec import AgentSpec
from offsite.records.errors import InputError
from offsite.records.leaderboard import Leaderboard
from offsite.records.store import RunStore
from offsite.scoring.leaderboard import build_leaderboard
from offsite.scoring.site import write_site

HOSTILE = "</title></script><script>alert(1)</script><img src=x onerror=alert(2)>'\"&{{7*7}}"
MODELS = {
    "openai:gpt-4o-2024-05-13": 10.0,
    "anthropic:claude-sonnet-4-0": 60.0,
    "zai:glm-5-turbo": 90.0,
    "openai:gpt-5-pro": 200.0,
    f"x:{HOSTILE}\x1b[2J\u202e": 30.0,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> RunStore:
    skills = [
        (AgentSpec(name="worker", model=m), reach, reach / 100) for m, reach in MODELS.items()
    ]
    skills.append((AgentSpec(name="oracle"), 1e9, 0.0))
    return make_run(
        tmp_path_factory.mktemp("runs") / "r1", skills, families=("clerical", "legal"), seeds=1
    )


@pytest.fixture(scope="module")
def watched(store) -> str:
    """The trial that has a trajectory."""
    trial = next(plan.id for plan in store.run().trials if "gpt-5-pro" in plan.agent)
    leave_trajectory(store, trial, HOSTILE + "~" * 300)
    return trial


@pytest.fixture(scope="module")
def board(store) -> Leaderboard:
    return build_leaderboard([store])


@pytest.fixture(scope="module")
def site(board, store, watched, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    built = write_site(board, _content(board), folder, [store.folder.parent])
    assert (built.entries, built.trials, built.screens, built.problems) == (6, 72, 1, [])
    return folder


def _content(board: Leaderboard) -> bytes:
    return board.model_dump_json(indent=1).encode()


async def _names(page) -> list[str]:
    return await page.locator("#entries tbody tr:visible th a").all_inner_texts()


async def test_the_table_sorts_by_every_column_and_back(site):
    async with opened() as page:
        await page.goto((site / "index.html").as_uri())
        names = await _names(page)
        assert names[-1] == "oracle"
        assert len(names) == 6
        heads = page.locator("#entries thead th")
        for column in range(await heads.count()):
            head = heads.nth(column)
            orders = set()
            for _ in range(2):
                await head.locator("button").click()
                orders.add(await head.get_attribute("aria-sort"))
                assert await page.locator("#entries th[aria-sort]").count() == 1
                values = await page.eval_on_selector_all(
                    "#entries tbody tr", f"rows => rows.map(row => row.cells[{column}].dataset.v)"
                )
                given = [value for value in values if value]
                assert values[: len(given)] == given, "what has no value comes last"
                try:
                    keys = [float(value) for value in given]
                except ValueError:
                    keys = given
                down = await head.get_attribute("aria-sort") == "descending"
                if isinstance(keys[0], float) or column == 2:
                    assert keys == sorted(keys, reverse=down)
            assert orders == {"ascending", "descending"}


async def test_by_keyboard_alone(site):
    async with opened() as page:
        await page.goto((site / "index.html").as_uri())
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.focus("#entries thead th:has-text('False done') button")
        await page.keyboard.press("Enter")
        head = page.locator("#entries th", has_text="False done")
        assert await head.get_attribute("aria-sort") == "ascending"
        # A mark in a plot is a link to its entry.
        await page.focus("svg.plot a:has(.point)")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/entries/*.html")


async def test_the_table_filters(site):
    async with opened() as page:
        await page.goto((site / "index.html").as_uri())
        told = page.locator("form.filters output")
        assert await told.inner_text() == "6 of 6"
        await page.fill("input[name=words]", "OpenAI gpt")
        assert sorted(await _names(page)) == ["gpt-4o-2024-05-13", "gpt-5-pro"]
        assert await told.inner_text() == "2 of 6"
        await page.fill("input[name=words]", "")
        await page.select_option("select[name=country]", "CN")
        assert await _names(page) == ["glm-5-turbo"]
        await page.select_option("select[name=kind]", "reference")
        assert await told.inner_text() == "0 of 6"


async def test_from_the_table_to_a_transcript(site):
    async with opened() as page:
        await page.goto((site / "index.html").as_uri())
        await page.click("#entries a:has-text('gpt-5-pro')")
        assert "gpt-5-pro" in await page.inner_text("h1")
        await page.select_option("select[name=outcome]", "delegable")
        shown = page.locator("#trials tbody tr:visible")
        assert await shown.count() == await page.locator("[data-outcome=delegable]").count() > 0
        await page.select_option("select[name=outcome]", "")
        await page.locator("#trials tbody a").first.click()
        events = page.locator("#transcript > li")
        assert await events.count() == 13
        picture = page.locator(".screen img")
        await picture.scroll_into_view_if_needed()
        assert (
            await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
        )
        await page.uncheck("input[name=model]")
        await page.uncheck("input[name=harness]")
        assert await page.locator("#transcript > li:visible").count() == 8
        await page.fill("input[name=words]", "a page")
        assert await page.locator("#transcript > li:visible").count() == 1
        await page.fill("input[name=words]", "")
        await page.locator("h1").click()
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        assert await page.evaluate("document.activeElement.className") == "event reasoning"
        await page.keyboard.press("k")
        assert await page.evaluate("document.activeElement.className") == "event message user"
        await page.click("a[rel=next]")
        assert "there is no trajectory" in await page.inner_text("main")


async def test_hostile_text_is_text(site):
    """Nothing of it runs (`opened` minds that), no element comes of it, and nobody can hide in it."""
    pages = [site / "index.html", *(site / "entries").iterdir()]
    pages += [page for page in (site / "trials").iterdir() if "alert(2)" in page.read_text()]
    async with opened() as page:
        for path in pages:
            text = path.read_text()
            assert "<script>alert" not in text
            assert "<img src=x" not in text
            assert "\x1b" not in text
            assert "\u202e" not in text
            await page.goto(path.as_uri())
            assert await page.locator("img[src=x]").count() == 0
            assert await page.locator("script").count() == 1
        assert any("trials" in path.parts for path in pages)
        assert "{{7*7}}" in text
    for path in site.rglob("*"):
        assert re.fullmatch(r"[A-Za-z0-9._-]+", path.name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_no_page_is_wider_than_its_screen(site, width, scheme):
    size = {"width": width, "height": 800}
    async with opened(viewport=size, color_scheme=scheme) as page:
        watched = [path for path in (site / "trials").iterdir() if "~~~" in path.read_text()]
        assert len(watched) == 1
        for path in (site / "index.html", *list((site / "entries").iterdir())[:2], *watched):
            await page.goto(path.as_uri())
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            paper = await page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
        await page.goto((site / "index.html").as_uri())
        assert await page.locator("#entries td.share").first.is_visible()
        assert await page.locator(".wide svg").first.is_visible() == (width > 860)
        assert await page.locator(".narrow svg").first.is_visible() == (width < 860)


async def test_it_can_be_read_without_script(site):
    async with opened(java_script_enabled=False) as page:
        await page.goto((site / "index.html").as_uri())
        assert len(await _names(page)) == 6
        assert not await page.locator("form").is_visible()


class Addresses(HTMLParser):
    """Where a page's attributes lead, and what they would run."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert name != "style", tag
            if name in ("href", "src"):
                assert re.fullmatch(r"#?[A-Za-z0-9./_-]*(#[A-Za-z0-9-]+)?", value or "")
                assert not (value or "").startswith("//")


def test_no_page_names_the_network(site):
    for path in site.rglob("*"):
        if path.suffix == ".html":
            Addresses().feed(path.read_text())
        elif path.suffix in (".css", ".js"):
            assert not re.search(r"url\(|@import|fetch\(|https?:|eval", path.read_text())


def test_the_same_files_give_the_same_bytes(site, board, store, tmp_path):
    write_site(board, _content(board), tmp_path / "again", [store.folder.parent])
    files = [path.relative_to(site) for path in site.rglob("*") if path.is_file()]
    assert len(files) > 80
    for path in files:
        assert (tmp_path / "again" / path).read_bytes() == (site / path).read_bytes()


def test_without_the_runs_pages_say_so(board, tmp_path):
    built = write_site(board, _content(board), tmp_path / "site", [tmp_path])
    assert built.trials == 0
    assert built.problems == ["run r1: its files were not at hand"]
    for path in (tmp_path / "site" / "entries").iterdir():
        assert "its files were not at hand" in path.read_text()


def test_another_runs_trials_are_not_shown_as_the_entrys(board, tmp_path):
    make_run(tmp_path / "r1", [(AgentSpec(name="oracle"), 1.0, 0.0)], families=("legal",))
    built = write_site(board, _content(board), tmp_path / "site", [tmp_path])
    assert built.trials == 0
    assert "not those that the leaderboard was made from" in built.problems[0]


def test_a_forged_index_does_not_pass_for_the_files(board, store, tmp_path):
    copied = tmp_path / "runs" / "r1"
    shutil.copytree(store.folder, copied)
    assert write_site(board, b"", tmp_path / "site", [copied.parent]).trials == 72
    good = '"delegable": true'
    trial = next(p for p in (copied / "trials").glob("*/trial.json") if good in p.read_text())
    old = trial.stat()
    trial.write_text(trial.read_text().replace(good, '"delegable":false'))
    os.utime(trial, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert trial.stat().st_size == old.st_size
    assert write_site(board, b"", tmp_path / "site", [copied.parent]).trials == 0


def test_names_in_a_foreign_bundle_lead_nowhere(board, store, tmp_path):
    (tmp_path / "runs").mkdir()
    for name in ("..", "../../x", "a/b", "."):
        entries = [entry.model_copy(update={"runs": {name: "0"}}) for entry in board.entries]
        odd = board.model_copy(update={"entries": tuple(entries)})
        assert write_site(odd, b"", tmp_path / "site", [store.folder / "trials"]).trials == 0


def test_a_folder_of_something_else_is_left_alone(board, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="is no site of Offsite"):
        write_site(board, _content(board), tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    for _ in range(2):
        write_site(board, _content(board), tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["site"]
    with pytest.raises(InputError, match="no entries"):
        write_site(Leaderboard(entries=()), b"", tmp_path / "other")


def test_each_suite_has_a_page_of_its_own(board, tmp_path):
    others = [
        entry.model_copy(update={"suite": "exam", "suite_digest": "e" * 64})
        for entry in board.entries[:2]
    ]
    both = Leaderboard(entries=(*board.entries, *others))
    write_site(both, _content(both), tmp_path / "site")
    first = (tmp_path / "site" / "index.html").read_text()
    second = (tmp_path / "site" / "suite-2.html").read_text()
    assert first.count("<tr data-words") + first.count("<tr class=reference") == 6
    assert second.count("<tr data-words") + second.count("<tr class=reference") == 2
    assert 'href="suite-2.html"' in first
