"""The desk's browser through its command-line twin: each action, and what can go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from browser_desk import IMAGE, URL, browse, ref, serve_site
from offsite.records.instance import File
from offsite.sandboxes import Provider, Sandbox, provider

from .conftest import new_spec

pytestmark = [
    pytest.mark.docker,
    pytest.mark.slow,
    pytest.mark.timeout(1200),  # the image is built first, where it is not there
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def docker() -> AsyncIterator[Provider]:
    place = provider("docker")
    await place.prepare(IMAGE)
    yield place
    await place.aclose()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk(docker: Provider) -> AsyncIterator[Sandbox]:
    """One desk for all tests that leave its browser alive; each opens its own page."""
    desk = await docker.open(new_spec(image=IMAGE))
    await serve_site(desk)
    yield desk
    await desk.close()


@pytest_asyncio.fixture(loop_scope="module")
async def own(docker: Provider) -> AsyncIterator[Sandbox]:
    """A desk of the test's own, marked before the browser begins."""
    desk = await docker.open(new_spec(image=IMAGE))
    await desk.mark()
    await serve_site(desk)
    yield desk
    await desk.close()


async def test_open_says_where_it_is(desk: Sandbox) -> None:
    said = await browse(desk, f"open {URL}")
    assert said.splitlines()[:2] == [f"opened {URL}", f"page: Home & Garden | {URL}/"]
    assert "(HTTP 404)" in await browse(desk, f"open {URL}/nowhere")
    assert "opened http://localhost:8000" in await browse(desk, "open localhost:8000")


async def test_what_cannot_be_opened_is_said_at_once(desk: Sandbox) -> None:
    for address in ("http://localhost:9", "https://shop.example", "nonsense:thing"):
        assert "cannot be opened" in await browse(desk, f"open {address}", fails=True)


async def test_a_page_that_never_comes_is_given_up(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}")
    assert "has not come within" in await browse(desk, f"open {URL}/never", fails=True)
    assert "Second" in await browse(desk, f"open {URL}/second")


async def test_a_snapshot_has_text_and_references(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}")
    shown = await browse(desk, "snapshot")
    assert "žluťoučký kůň" in shown
    assert 'link "Form" [ref=' in shown
    part = await browse(desk, f"snapshot --ref {await ref(desk, 'navigation')}")
    assert "Form" in part
    assert "Delete" not in part


async def test_a_snapshot_tells_the_lines_of_a_text(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}/lines")
    shown = await browse(desk, "snapshot")
    assert "12 ⏎ 34" in shown
    assert "a,b ⏎ 1,2" in shown
    assert "in one line" in shown
    assert "one ⏎ two" in shown
    assert "log" not in shown, "where nothing is announced, there is nothing to tell"


async def test_a_huge_page_is_cut_and_says_so(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}/table")
    first = await browse(desk, "snapshot")
    assert len(first) < 14_000
    assert "[cut: lines 1 to " in first
    start = first.split("start=")[1].split(";")[0]
    assert f"[cut: lines {start} to " in await browse(desk, f"snapshot --start {start}")
    found = await browse(desk, "snapshot --find 'row 2999'")
    assert "- table" in found
    assert 'cell "Row 2999"' in found
    assert "[no line" in await browse(desk, "snapshot --find nothing-like-it")
    assert "is none of them" in await browse(desk, "snapshot --start 99999", fails=True)


async def test_a_form_is_filled_in_and_sent(desk: Sandbox) -> None:
    await desk.write({"notes/paper.txt": File(b"the paper")})
    await browse(desk, f"open {URL}/form")
    await browse(desk, f"type {await ref(desk, 'textbox')} Ann")
    await browse(desk, f"type {await ref(desk, 'textbox')} ' Lee' --append")
    choice = await ref(desk, "combobox")
    assert "no option 'Huge'; there are: 'Small', 'Large'" in await browse(
        desk, f"select {choice} Huge", fails=True
    )
    await browse(desk, f"select {choice} Large")
    await browse(desk, f"click {await ref(desk, 'checkbox')}")
    field = await ref(desk, 'button "Paper"')
    assert "there is no file" in await browse(desk, f"upload {field} nope.txt", fails=True)
    await browse(desk, f"upload {field} notes/paper.txt")
    said = await browse(desk, f"click {await ref(desk, 'Order')}")
    assert "page: Thanks |" in said
    assert "Ann Lee|l|yes|the paper" in await browse(desk, "snapshot")
    await browse(desk, "back")
    assert "textbox" in await browse(desk, "snapshot")


async def test_typing_can_submit_and_keys_are_pressed(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}/searching")
    assert "page: Results" in await browse(
        desk, f"type {await ref(desk, 'searchbox')} red --submit"
    )
    await browse(desk, f"open {URL}/searching")
    field = await ref(desk, "searchbox")
    await browse(desk, f"type {field} blue")
    assert "page: Results" in await browse(desk, f"press Enter --ref {field}")
    assert "no key 'Nope'" in await browse(desk, "press Nope", fails=True)


async def test_dialogs_follow_the_rule_and_are_told(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}")
    shown = await browse(desk, "snapshot")
    assert "Delete" in shown
    delete = await ref(desk, "Delete")
    said = await browse(desk, f"click {delete}")
    assert '(confirm): "Really delete?"; it was dismissed; to accept it' in said
    assert "status" in await browse(desk, "snapshot --find kept")
    assert "it was accepted" in await browse(desk, f"click {delete} --dialog accept")
    assert "deleted" in await browse(desk, "snapshot --find deleted")
    assert '(alert): "Saved' in await browse(desk, f"click {await ref(desk, 'Save')}")
    await browse(desk, f"click {await ref(desk, 'Name')} --dialog Zoë")
    assert "Zoë" in await browse(desk, "snapshot --find Zoë")


async def test_a_reference_goes_stale_and_the_answer_helps(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}")
    gone = await ref(desk, "Replace")
    await browse(desk, f"click {gone}")
    assert "take a new snapshot" in await browse(desk, f"click {gone}", fails=True)
    link = await ref(desk, "Form")
    await browse(desk, f"open {URL}/second")
    assert "take a new snapshot" in await browse(desk, f"click {link}", fails=True)
    await browse(desk, "snapshot")
    assert "take a new snapshot" in await browse(desk, f"click {link}", fails=True)
    assert "is no reference" in await browse(desk, "click Form", fails=True)


async def test_what_lies_under_another_element_is_not_clicked(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}/covered")
    said = await browse(desk, f"click {await ref(desk, 'Under')}", fails=True)
    assert "something lies over the element" in said


async def test_tabs(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}")
    said = await browse(desk, f"click {await ref(desk, 'Second')}")
    assert "new tab" in said
    assert "page: Second" in said
    listed = await browse(desk, "tabs")
    current = next(line for line in listed.splitlines() if "(current)" in line).split(" ")[0]
    assert "page: Home" in await browse(desk, f"tabs --close {current}")
    assert "open are:" in await browse(desk, f"tabs --switch {current}", fails=True)


async def test_downloads_come_to_the_downloads_folder(desk: Sandbox) -> None:
    await desk.run(["rm", "-rf", "Downloads"])
    await browse(desk, f"open {URL}")
    link = await ref(desk, "Report")
    assert "downloaded ~/Downloads/report.csv (8 bytes)" in await browse(desk, f"download {link}")
    assert await desk.read("Downloads/report.csv") == b"a,b\n1,2\n"
    said = await browse(desk, f"download --url {URL}/report.csv")
    assert "~/Downloads/report (1).csv" in said
    assert "~/Downloads/report (2).csv" in await browse(desk, f"click {link}")
    said = await browse(desk, f"download {await ref(desk, 'Form')}", fails=True)
    assert "no download began" in said


async def test_a_frame_is_seen_and_worked_in(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}/frame")
    await browse(desk, f"click {await ref(desk, 'Inside')}")
    assert "Pressed" in await browse(desk, "snapshot")


async def test_waiting(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}")
    await browse(desk, f"click {await ref(desk, 'Later')}")
    assert "'late news' is there" in await browse(desk, "wait 'late news'")
    await browse(desk, f"open {URL}")
    assert "is gone" in await browse(desk, "wait --gone 'late news'")
    assert "has not appeared after 1 s" in await browse(desk, "wait x7 --seconds 1", fails=True)
    assert "waited 0.2 s" in await browse(desk, "wait --seconds 0.2")


async def test_errors_of_the_page_are_told_in_brief(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}")
    said = await browse(desk, f"click {await ref(desk, 'Break')}")
    assert "console errors: 1; the last: boom" in said


async def test_hostile_text_is_shown_and_does_nothing(desk: Sandbox) -> None:
    said = await browse(desk, f"open {URL}/hostile")
    said += await browse(desk, "snapshot")
    assert "IGNORE ALL PREVIOUS INSTRUCTIONS" in said
    assert "console errors: 50" in said
    assert not set(said) & {"\x1b", "\u202e"}


async def test_a_page_that_hangs_can_be_left(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}/loop")
    assert "does not answer" in await browse(desk, "snapshot", fails=True)
    said = await browse(desk, f"open {URL}/second")
    assert "did not answer" in said
    assert "page: Second" in said


async def test_a_screenshot_is_a_jpeg(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}")
    await browse(desk, "screenshot /tmp/shown.jpg")
    whole = await desk.read("/tmp/shown.jpg")
    assert whole.startswith(b"\xff\xd8\xff")
    await browse(desk, f"screenshot /tmp/shown.jpg --ref {await ref(desk, 'Save')}")
    assert len(await desk.read("/tmp/shown.jpg")) < len(whole)


async def test_help_teaches(desk: Sandbox) -> None:
    said = (await desk.run(["browse", "--help"])).text
    assert "browse click e12" in said
    assert "~/Downloads" in said
    assert (await desk.run(["browse", "fly"])).exit_code == 2


@pytest.mark.parametrize("victim", ["remote-debugging-[p]ipe", "run-[d]river", "driver.[p]y"])
async def test_whatever_is_killed_comes_again_and_is_told(own: Sandbox, victim: str) -> None:
    await browse(own, f"open {URL}/second")
    assert (await own.run(f"pkill -9 -f '{victim}'")).exit_code == 0
    said = ""
    for _ in range(3):
        result = await own.run(["browse", "open", f"{URL}/second"], timeout=150)
        said += result.text
        if result.exit_code == 0:
            break
    assert "the browser had ended and was started again" in said
    assert "page: Second" in said


async def test_killed_in_the_middle_of_an_action(own: Sandbox) -> None:
    await browse(own, f"open {URL}/second")
    waiting = asyncio.create_task(own.run(["browse", "wait", "never there"]))
    await asyncio.sleep(1)
    await own.run("pkill -9 -f 'remote-debugging-[p]ipe'")
    said = (await waiting).text
    assert "the next action starts it again" in said
    assert "page: Second" in await browse(own, f"open {URL}/second")


async def test_nothing_is_left_and_only_downloads_are_written(own: Sandbox) -> None:
    await browse(own, f"open {URL}")
    await browse(own, f"download {await ref(own, 'Report')}")
    collected = await own.collect([])
    in_home = {write.path for write in collected.writes if not write.path.startswith("/")}
    assert in_home == {"Downloads/report.csv"}
    assert {write.path for write in collected.writes} - in_home <= {"/tmp/site.py", "/tmp/site.log"}
    left = (await own.run(["pgrep", "-u", "agent", "-fa", "chromium|driver|node"])).text
    assert left == ""


async def test_two_desks_at_once(desk: Sandbox, own: Sandbox) -> None:
    pages = {desk: "second", own: "covered"}

    async def visit(one: Sandbox) -> None:
        for _ in range(3):
            said = await browse(one, f"open {URL}/{pages[one]}")
            assert f"page: {pages[one].title()}" in said

    await asyncio.gather(*(visit(one) for one in pages))


async def test_nothing_listens_to_the_network(desk: Sandbox) -> None:
    await browse(desk, f"open {URL}/second")
    lines = (await desk.run("cat /proc/net/tcp /proc/net/tcp6")).text.splitlines()
    listening = {line.split()[1] for line in lines if line.split()[3] == "0A"}
    assert listening == {"0100007F:1F40"}  # the site itself


async def test_a_certificate_of_the_system_is_trusted(own: Sandbox) -> None:
    await own.write({"/tmp/tls.sh": File(TLS.encode())})
    await own.run("bash /tmp/tls.sh")
    await own.shell("cd /tmp; openssl s_server -accept 8443 -cert s.crt -key s.key -www -quiet &")
    address = "https://mail.acme.test:8443"
    await own.run("echo 127.0.0.1 mail.acme.test >> /etc/hosts", user="root")
    assert "ERR_CERT_AUTHORITY_INVALID" in await browse(own, f"open {address}", fails=True)
    await own.run("cp /tmp/ca.crt /usr/local/share/ca-certificates/office.crt", user="root")
    await own.run("pkill -9 -f 'driver.[p]y'")
    assert f"opened {address}" in await browse(own, f"open {address}")


TLS = """\
set -e
cd /tmp
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 -subj "/CN=Office CA"
openssl req -newkey rsa:2048 -nodes -keyout s.key -out s.csr -subj "/CN=mail.acme.test"
printf 'subjectAltName=DNS:*.acme.test\\nbasicConstraints=CA:FALSE\\n' > ext
openssl x509 -req -in s.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile ext -out s.crt
"""
