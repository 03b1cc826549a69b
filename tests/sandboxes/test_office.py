"""The office: each service filled, used from the desk by real clients, changed there and collected."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from offsite.records.evidence import Evidence
from offsite.records.office import Erp, Office, read_office
from offsite.sandboxes import DeskSpec, Sandbox, SandboxError, provider
from offsite.sandboxes.docker import DockerProvider
from offsite.scoring.verdict import judge

from .conftest import new_spec
from .office_clients import (
    ANALYSE,
    CHAT,
    FLAG,
    FORGE,
    IMAP,
    INNER_DOORS,
    INVITE,
    QUOTE,
    READ_ERP,
    REFUSED,
    RENAME,
    SEND,
    TRIES,
    WAREHOUSE,
)
from .office_world import small_office

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(900)]

SERVICES = ("mail", "calendar", "tracker", "chat", "files", "forge", "database", "erp")
ME = "worker:desk-4711-pw"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def place() -> AsyncIterator[DockerProvider]:
    place = DockerProvider()
    yield place
    await place.aclose()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk(place: DockerProvider) -> AsyncIterator[Sandbox]:
    """A desk in a whole office, filled; the tests below use it one after the other."""
    desk = await place.open(new_spec(network="office", services=SERVICES))
    try:
        await desk.furnish(small_office().office())
        await desk.mark()
        yield desk
    finally:
        await desk.close()


def said(*command: str) -> str:
    """What a program on this machine prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def containers(spec: DeskSpec) -> list[str]:
    """Those of a run."""
    return said("docker", "ps", "-aq", "--filter", f"label=offsite.run={spec.run}").split()


async def python(desk: Sandbox, program: str, *arguments: str) -> str:
    """What a program prints that runs at the desk."""
    result = await desk.run(["python3", "-c", program, *arguments], timeout=120)
    assert result.exit_code == 0, result.text
    return result.text


async def curl(desk: Sandbox, *arguments: str) -> str:
    """What curl prints at the desk, signed in as the worker."""
    result = await desk.run(["curl", "-sS", "--fail-with-body", "-u", ME, *arguments], timeout=120)
    assert result.exit_code == 0, result.text
    return result.text


async def psql(desk: Sandbox, script: str) -> str:
    """What psql prints at the desk, signed in as the worker."""
    result = await desk.run(
        ["psql", "-h", "database.acme.test", "-U", "worker", "-X", "-d", "warehouse", "-f", "-"],
        env={"PGPASSWORD": ME.partition(":")[2]},
        stdin=script.encode(),
        timeout=120,
    )
    assert result.exit_code == 0, result.text
    assert "ERROR" not in result.text, result.text
    return result.text


@pytest.mark.asyncio(loop_scope="module")
class TestReading:
    async def test_mail_has_its_folders_flags_and_dates(self, desk: Sandbox) -> None:
        assert json.loads(await python(desk, IMAP)) == [
            ["INBOX", "Numbers for May", False, False],
            ["Clients", "Grüße", True, True],
        ]

    async def test_calendar_and_contacts(self, desk: Sandbox) -> None:
        base = "https://calendar.acme.test/SOGo/dav/worker"
        query = (
            '<c:calendar-query xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:">'
            "<d:prop><c:calendar-data/></d:prop>"
            '<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT"/>'
            "</c:comp-filter></c:filter></c:calendar-query>"
        )
        report = ["-X", "REPORT", "-H", "Depth: 1", "-H", "Content-Type: text/xml", "-d", query]
        entries = await curl(desk, *report, f"{base}/Calendar/personal/")
        assert "SUMMARY:Dentist" in entries
        assert "SUMMARY:Budget review" in entries, "an invitation is in the calendar of the invited"
        listed = await curl(desk, "-X", "PROPFIND", "-H", "Depth: 1", f"{base}/Contacts/personal/")
        assert ".vcf" in listed
        sign_in = json.dumps({"userName": "worker", "password": "desk-4711-pw"})
        head = ["-H", "Content-Type: application/json", "-d", sign_in]
        assert '"worker"' in await curl(desk, *head, "https://mail.acme.test/SOGo/so/connect")

    async def test_tracker_has_authors_dates_and_relations(self, desk: Sandbox) -> None:
        base = "https://tracker.acme.test"
        issue = json.loads(await curl(desk, f"{base}/issues/1.json?include=journals,relations"))[
            "issue"
        ]
        assert issue["author"]["name"] == "Alice Arden"
        assert issue["created_on"] == "2025-05-20T09:00:00Z"
        assert issue["updated_on"] == "2025-05-21T10:00:00Z"
        assert [one["notes"] for one in issue["journals"]] == ["On every phone."]
        assert [one["issue_id"] for one in issue["relations"]] == [7]
        page = json.loads(await curl(desk, f"{base}/projects/website/wiki/Style_guide.json"))
        assert page["wiki_page"]["text"] == "Be short."
        assert page["wiki_page"]["parent"]["title"] == "Wiki"

    async def test_chat(self, desk: Sandbox) -> None:
        assert json.loads(await python(desk, CHAT)) == [
            ["@alice:acme.test", "Good morning"],
            ["@bob:acme.test", "Morning!"],
        ]
        assert "app.js" in await curl(desk, "https://chat.acme.test/")

    async def test_files(self, desk: Sandbox) -> None:
        assert await curl(desk, "https://files.acme.test/Sales/plan.txt") == "The plan.\n"
        refused = await desk.run(
            "curl -s -u worker:wrong https://files.acme.test/ -w '%{http_code}'"
        )
        assert refused.text.endswith("401")

    async def test_a_browser_signs_in_to_the_files(self, desk: Sandbox) -> None:
        page = "https://files.acme.test/"
        browser = ["curl", "-sS", "-c", "/tmp/jar", "-b", "/tmp/jar", "-H", "Accept: text/html"]
        assert "Password" in (await desk.run([*browser, "-L", page])).text
        form = f"{page}.sign-in?to=//elsewhere.example/"
        wrong = await desk.run([*browser, "-d", "login=worker&password=wrong", form])
        assert "is wrong" in wrong.text
        head = ["-o", "/dev/null", "-w", "%{redirect_url}"]
        right = [*browser, *head, "-d", "login=worker&password=desk-4711-pw", form]
        assert (await desk.run(right)).text == f"{page}elsewhere.example/", "it leads nowhere else"
        assert "Sales" in (await desk.run([*browser, page])).text
        await desk.run(["rm", "/tmp/jar"])

    async def test_database(self, desk: Sandbox) -> None:
        assert json.loads(await python(desk, WAREHOUSE)) == [
            [1, "Nord\t& Söhne \\N", "120.50"],
            [2, None, "80.00"],
            [3, "", "7.00"],
        ]
        told = await psql(desk, "\\d+ sales.orders")
        assert "Empty until it is paid." in told
        assert '"orders_pkey" PRIMARY KEY' in told
        refused = json.loads(await python(desk, REFUSED))
        assert len(refused) >= 10
        assert all(refused.values()), refused

    async def test_forge(self, desk: Sandbox) -> None:
        base = "https://forge.acme.test"
        cloned = await desk.run(
            f"git clone -q {base}/site.git site && git -C site log --format='%an %as %s'"
        )
        assert cloned.text.splitlines() == [
            "Alice Arden 2025-01-09 Merge shout",
            "Bob Ode 2025-01-08 Shout",
            "Alice Arden 2025-01-07 Begin",
        ]
        pull = json.loads(await curl(desk, f"{base}/api/0/site/pull-request/2"))
        assert (pull["title"], pull["status"]) == ("Say hello", "Open")
        assert pull["user"]["fullname"] == "Bob Ode"
        assert pull["assignee"]["name"] == "worker"
        assert [one["comment"] for one in pull["comments"]] == ["To whom?"]
        assert pull["date_created"] == "1748448000.0"
        for page, text in {
            "": "Our web site",
            "/pull-request/1": "Pull-Request has been merged by alice",
            "/pull-request/2": "<strong>agreed</strong>",
            "/issue/3": "No imprint",
        }.items():
            assert text in await curl(desk, f"{base}/site{page}")
        refused = "curl -s -u worker:wrong {}/api/0/site -w '%{{http_code}}'"
        assert (await desk.run(refused.format(base))).text.endswith("401")
        for who in ("", "worker:wrong@", "bob:bob-1234-pw@"):
            push = f"GIT_TERMINAL_PROMPT=0 git -C site push https://{who}forge.acme.test/site.git"
            assert (await desk.run(f"{push} main:mine")).exit_code != 0, who
        await desk.run("rm -r site")

    async def test_erp(self, desk: Sandbox) -> None:
        assert json.loads(await python(desk, READ_ERP)) == {
            "sales": [
                ["SO1001", "draft", "699.6"],
                ["SO1002", "quotation", "699.6"],
                ["SO1003", "processing", "699.6"],
                ["SO1004", "done", "699.6"],
                ["SO1005", "cancelled", "699.6"],
            ],
            "invoices": [
                ["INV1001", "draft", "0"],
                ["INV1002", "posted", "694.6"],
                ["INV1003", "paid", "0"],
                ["BILL1001", "posted", "68.4"],
            ],
        }
        page = await curl(desk, "https://erp.acme.test/")
        assert "Tryton" in page
        tried = await desk.run(["python3", "-c", READ_ERP.replace("desk-4711", "desk-4712")])
        assert "401" in tried.text

    async def test_portal_lists_tools_and_people(self, desk: Sandbox) -> None:
        page = await curl(desk, "https://portal.acme.test/")
        for host in ("mail", "calendar", "tracker", "chat", "files", "forge", "erp"):
            assert f"https://{host}.acme.test/" in page
        assert "database.acme.test" in page
        assert "Alice Arden" in page

    async def test_nobody_sends_in_anothers_name(self, desk: Sandbox) -> None:
        for sender, to, login, password in (
            ("worker@acme.test", "alice@acme.test", "", ""),
            ("alice@acme.test", "bob@acme.test", "worker", "desk-4711-pw"),
            ("worker@acme.test", "alice@acme.test", "worker", "wrong"),
            ("worker@acme.test", "nobody@acme.test", "worker", "desk-4711-pw"),
        ):
            tried = await desk.run(["python3", "-c", SEND, sender, to, login, password])
            assert tried.exit_code != 0, (sender, to, login)

    async def test_services_keep_their_inner_doors_shut(self, desk: Sandbox) -> None:
        assert json.loads(await python(desk, INNER_DOORS)) == {}

    async def test_nothing_outside_can_be_reached(
        self, desk: Sandbox, place: DockerProvider
    ) -> None:
        addresses = said("hostname", "-I")
        with socket.create_server(("0.0.0.0", 0)) as marked:
            program = TRIES.replace("MARKED", str(marked.getsockname()[1]))
            hosts = ["172.17.0.1", *addresses.split()]
            found = json.loads(await python(desk, program.replace("ADDRESSES", repr(hosts))))
        assert len(found) >= 15
        assert {name: what for name, what in found.items() if what} == {}


def assert_trade(erp: Erp) -> None:
    """What `QUOTE` left."""
    sales = {one.number: one for one in erp.sales}
    assert (sales["SO1002"].state, sales["SO1002"].confirmed_by) == ("processing", "worker")
    quoted = sales["SO1006"]
    assert (quoted.state, quoted.quoted_by, str(quoted.untaxed)) == ("quotation", "worker", "178.2")
    assert (quoted.lines[0].product, quoted.lines[0].discount) == ("LAMP", 10)
    party = next(one for one in erp.parties if one.code == "NORD")
    assert party.reached_by("email") == ["pat@client.example"]
    assert party.bank_accounts == ("DE89370400440532013000",)


async def change_everything(desk: Sandbox, dentist: str) -> None:
    """Something of every service, as a worker might; `dentist` is the appointment to go."""
    await python(desk, FLAG)
    for to in ("alice@acme.test", "pat@client.example"):
        await python(desk, SEND, "worker@acme.test", to, "worker", "desk-4711-pw")
    calendar = "https://calendar.acme.test/SOGo/dav/worker/Calendar/personal"
    await curl(desk, "-X", "DELETE", f"{calendar}/{dentist}.ics")
    issues = "https://tracker.acme.test/issues"
    change = json.dumps({"issue": {"status_id": 2, "notes": "On it."}})
    await curl(
        desk, "-X", "PUT", "-H", "Content-Type: application/json", "-d", change, f"{issues}/1.json"
    )
    late = json.dumps(
        {"issue": {"project_id": "shop", "subject": "Late", "due_date": "2025-06-20"}}
    )
    await curl(
        desk, "-X", "POST", "-H", "Content-Type: application/json", "-d", late, f"{issues}.json"
    )
    await python(desk, INVITE)
    await python(desk, RENAME)
    await curl(desk, "-T", "/etc/hostname", "https://files.acme.test/Sales/new.txt")
    await psql(desk, ANALYSE)
    await python(desk, QUOTE)
    pushed = await desk.run(["bash", "-c", FORGE], timeout=120)
    assert pushed.exit_code == 0, pushed.text


@pytest.mark.asyncio(loop_scope="module")
async def test_what_was_changed_is_seen(desk: Sandbox) -> None:
    dentist = next(e.uid for e in small_office().events if "Dentist" in e.content)
    await change_everything(desk, dentist)
    collected = await desk.collect([])
    writes = {write.path: write.change for write in collected.writes}
    chat = [path for path in writes if path.startswith("office:chat/general/worker/")]
    assert len(chat) == 1
    mail = next(m.id for m in small_office().mails if m.folder == "Clients")
    assert writes == {
        "office:calendar/worker/" + dentist: "deleted",
        chat[0]: "created",
        "office:chat/launch": "modified",
        "office:database/sales/orders": "modified",
        "office:database/scratch/broken": "created",
        "office:database/scratch/large": "created",
        "office:database/scratch/totals": "created",
        "office:database/scratch/trap": "created",
        "office:erp/invoices/INV1001": "modified",
        "office:erp/invoices/draft-6": "created",
        "office:erp/sales/SO1002": "modified",
        "office:erp/sales/SO1006": "created",
        "office:files/Sales/new.txt": "created",
        "office:forge/site/branches/hello": "modified",
        "office:forge/site/branches/main": "modified",
        "office:forge/site/pulls/2": "modified",
        "office:mail/alice/INBOX/sent-1@acme.test": "created",
        "office:mail/pat@client.example/INBOX/sent-1@acme.test": "created",
        f"office:mail/worker/Clients/{mail}": "deleted",
        "office:tracker/issues/1": "modified",
        "office:tracker/issues/10": "created",
        "office:tracker/redirects/website/Style guide": "created",
        "office:tracker/wiki/website/House style": "created",
        "office:tracker/wiki/website/Style guide": "deleted",
    }
    evidence = Evidence(instance="i", report=None, writes=collected.writes, files=collected.files)
    office = read_office(evidence)
    assert isinstance(office, Office)
    issue = next(one for one in office.issues if one.number == 1)
    assert issue.status == "In Progress"
    assert issue.comments[-1].text == "On it."
    assert issue.comments[-1].changes == ("status: New -> In Progress",)
    assert next(one for one in office.issues if one.project == "shop").relations == ("blocks 7",)
    assert next(one for one in office.rooms if one.name == "launch").invited == ("bob",)
    pages = {(one.title, one.author, one.parent) for one in office.wiki}
    assert ("House style", "bob", "Wiki") in pages
    tables = {f"{one.namespace}.{one.name}": one for one in office.tables}
    assert tables["sales.orders"].records[1] == {
        "number": "2", "client": None, "amount": "80.00", "paid_at": "2025-06-02 10:00:00+00",
    }  # fmt: skip
    assert tables["sales.orders"].key == ("number",)
    assert tables["sales.unpaid"].records[0]["number"] == "3"
    assert tables["scratch.totals"].rows == (("3", "207.50"),)
    assert (tables["scratch.totals"].owner, tables["scratch.totals"].kind) == ("worker", "view")
    assert (tables["scratch.large"].count, tables["scratch.large"].rows) == (60000, ())
    assert tables["scratch.large"].digest
    for broken in ("scratch.broken", "scratch.trap"):
        assert "fails" in tables[broken].unread
    sent = next(one for one in office.mails if one.mailbox == "pat@client.example")
    assert (sent.sender, sent.subject) == ("worker@acme.test", "Hello")
    first = next(one for one in office.mails if one.subject == "Numbers for May")
    assert "\\Answered" in first.flags
    assert_trade(office.erp)
    (site,) = office.repositories
    pull = site.pulls[1]
    assert (pull.status, pull.closed_by, pull.comments[-1].text) == ("Merged", "worker", "On it.")
    merged = next(one for one in site.branches if one.name == "main")
    assert merged.texts["src/page.py"].endswith("BYE = True\n")
    assert [one.author for one in merged.log[:2]] == [
        "Wim Worker <worker@acme.test>", "Bob Ode <bob@acme.test>",
    ]  # fmt: skip
    allowed = ["office:mail/alice/**", "office:tracker/issues/1", "office:chat/general/worker/**"]
    verdict = judge([], evidence, expected="done", allowed=allowed, in_time=True, in_cost=True)
    assert set(verdict.collateral) == set(writes) - {
        "office:mail/alice/INBOX/sent-1@acme.test", "office:tracker/issues/1", chat[0],
    }  # fmt: skip


@pytest.mark.asyncio(loop_scope="module")
async def test_mail_alone_comes_back_and_leaves_nothing(place: DockerProvider) -> None:
    spec = new_spec(run="office-0", network="office", services=("mail",))

    desk = await place.open(spec)
    try:
        await desk.furnish(small_office().office())
        await desk.mark()
        assert len(containers(spec)) == 2
        assert {one.trial for one in await place.leftovers()} >= {spec.trial}
        other = DockerProvider()
        again = await other.reattach(spec)
        assert again is not None
        await python(again, SEND, "worker@acme.test", "bob@acme.test", "worker", "desk-4711-pw")
        writes = [write.path for write in (await again.collect([])).writes]
        assert writes == ["office:mail/bob/INBOX/sent-1@acme.test"]
        await again.close()
        await other.aclose()
    finally:
        await desk.close()
    assert not containers(spec)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_service_that_does_not_start_shows_its_last_words(
    place: DockerProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(office: Sandbox, services: object) -> None:
        from offsite.sandboxes.office import _program  # pyright: ignore[reportPrivateUsage]

        await office.run(
            "echo nonsense >> /etc/dovecot/dovecot.conf; "
            'sed -i \'s/"180"/"5"/\' /opt/office/office/__main__.py',
            user="root",
        )
        await _program(office, "boot", b'["mail"]')  # type: ignore[arg-type]

    monkeypatch.setattr("offsite.sandboxes.docker.boot", broken)
    spec = new_spec(run="office-1", network="office", services=("mail",))
    with pytest.raises(
        SandboxError, match=r"not ready after 5 s: mail(.|\n)*dovecot: .*Error in configuration"
    ):
        await place.open(spec)
    assert not containers(spec)


@pytest.mark.asyncio(loop_scope="module")
async def test_there_is_no_such_service(place: DockerProvider) -> None:
    with pytest.raises(SandboxError, match="no service 'fax' in the office; there are: mail"):
        await place.open(new_spec(network="office", services=("fax",)))


async def test_a_desk_without_an_office_cannot_be_furnished() -> None:
    place = provider("docker")
    desk = await place.open(new_spec())
    try:
        with pytest.raises(SandboxError, match="no office"):
            await desk.furnish(small_office().office())
    finally:
        await desk.close()
        await place.aclose()


def test_local_has_no_office() -> None:
    async def prepare() -> None:
        await provider("local", unsafe=True).prepare("office")

    with pytest.raises(SandboxError, match=r"no image 'office'.*--sandbox docker"):
        asyncio.run(prepare())
    assert DeskSpec(run="r", trial="t", owner="/o").services == ()
