"""Files for worlds: the same bytes from the same content, readable by the usual programs."""

from __future__ import annotations

import mailbox
import time
from datetime import UTC, datetime
from email.message import EmailMessage

from docx import Document
from offsite.records import Evidence
from offsite.sandboxes import DeskSpec, provider
from offsite.tasks import Commit, World, database, docx, mbox, pdf, repository, xlsx
from offsite.tasks.grading import read_docx, read_pdf, read_xlsx
from openpyxl import Workbook


def _evidence(path: str, content: bytes) -> Evidence:
    return Evidence("d", None, (), {path: content})


def _book() -> bytes:
    book = Workbook()
    book.active["A1"] = 5
    book.active["A2"] = "=A1*2"
    return xlsx(book)


def _paper() -> bytes:
    document = Document()
    document.add_paragraph("Clause 1")
    document.add_table(1, 1).cell(0, 0).text = "in a table"
    return docx(document)


def _page() -> bytes:
    return pdf(lambda canvas: canvas.drawString(72, 72, "Total 12.50"))


def test_office_files_are_stable_and_readable():
    first = [_book(), _paper(), _page()]
    time.sleep(1.1)
    assert [_book(), _paper(), _page()] == first
    book = read_xlsx(_evidence("a.xlsx", first[0]), "a.xlsx")
    assert book is not None
    assert book.active["A2"].value == "=A1*2"
    assert "in a table" in (read_docx(_evidence("a.docx", first[1]), "a.docx") or "")
    assert "Total 12.50" in (read_pdf(_evidence("a.pdf", first[2]), "a.pdf") or "")


def test_an_mbox_keeps_lines_that_begin_with_from(tmp_path):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "A <a@acme.test>", "b@acme.test", "Hi"
    message["Date"] = datetime(2025, 6, 1, 9, tzinfo=UTC)
    message.set_content("Hello\nFrom here on it is quoted\n")
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox([message, message]))
    found = list(mailbox.mbox(path))
    assert [m["Subject"] for m in found] == ["Hi", "Hi"]


async def test_repositories_and_databases_are_made_at_the_desk(tmp_path):
    world = World()
    when = datetime(2025, 5, 1, tzinfo=UTC)
    commits = [
        Commit("first", "Ann", "ann@acme.test", when, {"a.txt": "1\n", "b/c.txt": "ü\n"}),
        Commit("second", "Bob", "bob@acme.test", when, {"a.txt": "2\n", "b/c.txt": None}),
    ]
    repository(world, "code/shop", commits)
    database(world, "data/shop.db", "CREATE TABLE t (x); INSERT INTO t VALUES (41);")
    place = provider("local")
    desk = await place.open(DeskSpec(run="r", trial="t", owner=str(tmp_path)))
    try:
        await desk.write(world.files)
        for command in world.setup:
            made = await desk.run(command)
            assert made.exit_code == 0, made.text
        log = await desk.run(
            "git -C code/shop log --format='%an %s %H' && git -C code/shop status -s"
        )
        lines = log.text.splitlines()
        assert [line.rsplit(" ", 1)[0] for line in lines] == ["Bob second", "Ann first"]
        assert await desk.read("code/shop/a.txt") == b"2\n"
        count = "import sqlite3; print(sqlite3.connect('data/shop.db').execute('SELECT x FROM t').fetchone())"
        assert (await desk.run(["python3", "-c", count])).text == "(41,)\n"
    finally:
        await desk.close()
        await place.aclose()
