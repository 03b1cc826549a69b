"""The office's state: paths, differences, and how it is archived."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from offsite.records.evidence import Evidence, EvidenceError, load_evidence, save_evidence
from offsite.records.office import (
    STATE,
    Branch,
    Column,
    Erp,
    Event,
    ForgeIssue,
    Issue,
    Mail,
    Message,
    Office,
    Party,
    Pull,
    Remark,
    Repository,
    Room,
    Sale,
    SharedFile,
    Table,
    office_writes,
    pack_office,
    read_office,
)
from offsite.records.office.writes import Act

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)


def mail(id: str = "a@acme.test", **more: object) -> Mail:
    content = f"Message-ID: <{id}>\r\nFrom: X <X@acme.test>\r\nSubject: S\r\n\r\n\xff\xfe".encode(
        "latin-1"
    )
    return Mail.model_validate({"mailbox": "bob", "date": NOON, "content": content, **more})


def changes(start: Office, end: Office) -> list[tuple[str, str]]:
    return [(write.path, write.change) for write in office_writes(start, end)]


def test_what_was_read_or_answered_is_no_write() -> None:
    seen = mail(flags=("\\Seen", "\\Answered"))
    assert changes(Office(mails=(mail(),)), Office(mails=(seen,))) == []
    flagged = mail(flags=("\\Flagged",))
    assert changes(Office(mails=(mail(),)), Office(mails=(flagged,))) == [
        ("office:mail/bob/INBOX/a@acme.test", "modified")
    ]


def test_moving_a_mail_is_two_writes_and_two_of_one_id_are_told_apart() -> None:
    assert changes(Office(mails=(mail(),)), Office(mails=(mail(folder="Trash"),))) == [
        ("office:mail/bob/INBOX/a@acme.test", "deleted"),
        ("office:mail/bob/Trash/a@acme.test", "created"),
    ]
    assert changes(Office(mails=(mail(),)), Office(mails=(mail(), mail()))) == [
        ("office:mail/bob/INBOX/a@acme.test~2", "created")
    ]


def test_each_thing_has_its_path() -> None:
    issue = Issue(number=3, project="web", subject="S", author="bob", created=NOON)
    event = Event(owner="bob", uid="u1", content="BEGIN:VCALENDAR")
    said = Message(sender="bob", at=NOON, text="Hi", id="e1")
    room = Room(name="general", members=("bob",))
    start = Office(issues=(issue,), events=(event,), rooms=(room,))
    end = Office(
        issues=(issue.model_copy(update={"status": "Closed"}),),
        rooms=(room.model_copy(update={"messages": (said,)}),),
    )
    assert changes(start, end) == [
        ("office:calendar/bob/u1", "deleted"),
        ("office:chat/general/bob/e1", "created"),
        ("office:tracker/issues/3", "modified"),
    ]


def test_what_is_in_the_erp_has_paths_by_number_and_code() -> None:
    draft, other = Sale(number="SO1001", party="NORD"), Sale(number="SO1002", party="NORD")
    quoted = draft.model_copy(update={"state": "quotation"})
    nord = Party(code="NORD", name="Nord", contacts=("email a@nord.example", "phone 1"))
    start = Office(erp=Erp(sales=(draft, other), parties=(nord,)))
    end = Office(erp=Erp(sales=(quoted,)))
    assert changes(start, end) == [
        ("office:erp/parties/NORD", "deleted"),
        ("office:erp/sales/SO1001", "modified"),
        ("office:erp/sales/SO1002", "deleted"),
    ]
    assert nord.reached_by("email") == ["a@nord.example"]


def test_the_state_is_archived_with_the_raw_mails(tmp_path: Path) -> None:
    office = Office(mails=(mail(), mail("b@acme.test", mailbox="x@y.example")))
    files = pack_office(office)
    assert sorted(files) == [
        "office:mail/bob/INBOX/a@acme.test",
        "office:mail/x@y.example/INBOX/b@acme.test",
        STATE,
    ]
    evidence = Evidence(instance="i", report=None, writes=(), files=files)
    save_evidence(evidence, tmp_path / "e")
    assert read_office(load_evidence(tmp_path / "e")) == office
    assert read_office(Evidence(instance="i", report=None, writes=(), files={})) is None


def test_a_damaged_state_is_told() -> None:
    files = {**pack_office(Office()), STATE: b"{}"}
    with pytest.raises(EvidenceError, match="office"):
        read_office(Evidence(instance="i", report=None, writes=(), files=files))


def test_hostile_mails_are_read() -> None:
    for content in (
        b"",
        b"\0\xff",
        b"Subject: =?utf-8?b?!!!?=\r\n\r\n",
        b"From: <<>>\r\nTo: ,;\r\n\r\nx",
        b"From: =?utf-8?b??=\r\nTo: =?x?b?!!?=\r\nMessage-ID: <a@\r\n\r\nx",
        b"From: *==?x?b?!!?=<[=?*)>\r\nTo: \n .[group:''%a\r\n\r\nx",
        b"Content-Type: text/plain; charset=none\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xff",
    ):
        one = mail().model_copy(update={"content": content})
        assert one.id
        assert isinstance((one.subject, one.sender, one.recipients, one.text), tuple)


def test_who_sent_a_mail_is_who_signed_in_for_it() -> None:
    content = b"Return-Path: <worker@acme.test>\r\nFrom: Sales <sales@acme.test>\r\n\r\nx"
    assert mail().model_copy(update={"content": content}).sender == "worker@acme.test"
    assert mail().sender == "x@acme.test"


def test_no_mail_takes_the_path_of_another_whatever_its_id() -> None:
    ids = ("a@acme.test~2", "a@acme.test", "a@acme.test", "a@acme.test~2")
    office = Office(mails=tuple(mail(id) for id in ids))
    assert len(dict(office.items())) == len(ids)
    again = read_office(Evidence(instance="i", report=None, writes=(), files=pack_office(office)))
    assert again is not None
    assert [one.id for one in again.mails] == list(ids)


def test_a_file_that_a_colleague_lays_is_no_write_and_what_the_worker_does_to_it_is() -> None:
    old, new, mine = (
        Office(files=(SharedFile(path="a.txt", content=text),)) for text in (b"1", b"2", b"3")
    )
    act = Act(do="file", path="a.txt", content=b"2")
    assert not office_writes(Office(), new, [act])
    assert not office_writes(old, new, [act])
    for end, change in ((mine, "modified"), (Office(), "deleted")):
        for start in (Office(), old):
            (write,) = office_writes(start, end, [act])
            assert (write.path, write.change) == ("office:files/a.txt", change)


def test_a_table_is_what_its_rows_are_and_a_view_what_it_asks() -> None:
    columns = (Column(name="a", type="int"),)
    table = Table(namespace="s", name="t", columns=columns, rows=(("1",),), count=1, digest="d1")
    view = Table(
        namespace="s", name="v", kind="view", definition="select a from s.t", columns=columns,
        rows=(("1",),), count=1, digest="d1",
    )  # fmt: skip
    new = {"rows": (("2",),), "digest": "d2"}
    end = Office(tables=(table.model_copy(update=new), view.model_copy(update=new)))
    assert changes(Office(tables=(table, view)), end) == [("office:database/s/t", "modified")]
    assert end.tables[0].records == [{"a": "2"}]
    assert changes(Office(tables=(table, view)), Office(tables=(table,))) == [
        ("office:database/s/v", "deleted")
    ]
    with pytest.raises(ValueError, match="one value per column"):
        Table(namespace="s", name="t", columns=columns, rows=(("1", "2"),))


def repository(*said: str, tip: str = "a" * 40, status: str = "Open") -> Repository:
    told = tuple(Remark(author="bob", at=NOON, text=text) for text in said)
    pull = Pull(
        number=2,
        title="T",
        author="bob",
        source="hello",
        status=status,
        created=NOON,
        comments=told,
    )
    issue = ForgeIssue(number=1, title="I", author="bob", created=NOON)
    branches = (Branch(name="main", tip=tip),)
    return Repository(name="site", owner="bob", branches=branches, pulls=(pull,), issues=(issue,))


def test_a_repository_its_branches_pull_requests_and_issues_are_apart() -> None:
    start = Office(repositories=(repository(),))
    assert [path for path, _ in start.items()] == [
        "office:forge/site",
        "office:forge/site/branches/main",
        "office:forge/site/pulls/2",
        "office:forge/site/issues/1",
    ]
    end = Office(repositories=(repository(tip="b" * 40, status="Merged"),))
    assert changes(start, end) == [
        ("office:forge/site/branches/main", "modified"),
        ("office:forge/site/pulls/2", "modified"),
    ]


def test_what_a_colleague_says_of_a_pull_request_is_no_write_and_what_the_worker_does_is() -> None:
    start = Office(repositories=(repository("Before"),))
    act = Act(do="pull", repository="site", number=2, author="bob", text="Done?")
    said = Office(repositories=(repository("Before", "Done?"),))
    merged = Office(repositories=(repository("Before", "Done?", status="Merged"),))
    assert not office_writes(start, said, [act])
    assert [write.path for write in office_writes(start, merged, [act])] == [
        "office:forge/site/pulls/2"
    ]
