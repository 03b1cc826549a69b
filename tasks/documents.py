"""Office files with the same bytes everywhere, for `world.py`.

The formats' libraries stamp the time and compress with whatever zlib the machine has; an instance's
digest must depend on neither.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document
    from openpyxl import Workbook
    from reportlab.pdfgen.canvas import Canvas

    from .world import World

_STAMP = (2025, 6, 1, 0, 0, 0)
_CORE_TIMES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms)")


def xlsx(workbook: Workbook) -> bytes:
    """A workbook as the content of an `.xlsx` file."""
    raw = io.BytesIO()
    workbook.save(raw)
    return _plain_zip(raw.getvalue())


def docx(document: Document) -> bytes:
    """A document as the content of a `.docx` file."""
    raw = io.BytesIO()
    document.save(raw)
    return _plain_zip(raw.getvalue())


def pdf(draw: Callable[[Canvas], None], *, page: tuple[float, float] = (595.27, 841.89)) -> bytes:
    """The content of a PDF file that `draw` paints on a ReportLab canvas (A4 by default, points)."""
    from reportlab.pdfgen.canvas import Canvas

    raw = io.BytesIO()
    canvas = Canvas(raw, pagesize=page, pageCompression=0, invariant=1)
    draw(canvas)
    canvas.save()
    return raw.getvalue()


def mbox(messages: Iterable[EmailMessage]) -> bytes:
    """Mails as one mbox file (mboxrd quoting), in the order given; each needs a Date and a From.

    A mail with attachments needs `set_boundary(…)`: by itself it draws a random boundary.
    """
    out = io.BytesIO()
    for message in messages:
        sender = str(message["From"]).split("<")[-1].rstrip(">").strip()
        when = message["Date"].datetime.ctime()  # English whatever the locale is
        out.write(f"From {sender} {when}\n".encode())
        body = message.as_bytes()
        out.write(re.sub(rb"(?m)^(>*From )", rb">\1", body))
        out.write(b"\n" if body.endswith(b"\n") else b"\n\n")
    return out.getvalue()


@dataclass(frozen=True)
class Commit:
    """One commit; `files` maps a path to its new text, or to None where the commit deletes it."""

    message: str
    author: str
    email: str
    date: datetime
    files: Mapping[str, str | None]


def repository(world: World, path: str, commits: Iterable[Commit], *, branch: str = "main") -> None:
    """Put a git repository with this history on the desk; commits have the same hashes everywhere."""
    name = path.replace("/", "-")
    world.add(f".setup/{name}.fast-import", _fast_import(commits, branch))
    world.setup.append(
        f"git init -q -b {branch} '{path}' && "
        f"git -C '{path}' fast-import --quiet < '.setup/{name}.fast-import' && "
        f"git -C '{path}' reset -q --hard"
    )


def database(world: World, path: str, script: str) -> None:
    """Put a SQLite file on the desk, made from a script of SQL statements."""
    name = path.replace("/", "-")
    world.add(f".setup/{name}.sql", script)
    world.setup.append(
        f"mkdir -p \"$(dirname '{path}')\" && "
        'python3 -c "import sqlite3,sys;d=sqlite3.connect(sys.argv[1]);'
        "d.executescript(open(sys.argv[2],encoding='utf-8').read());d.commit();d.close()\" "
        f"'{path}' '.setup/{name}.sql'"
    )


def _plain_zip(content: bytes) -> bytes:
    """The same archive, members sorted, uncompressed, with fixed times."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        # The content types come first: some readers look only there to learn what the file is.
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _CORE_TIMES.sub(rb"\g<1>2025-06-01T00:00:00Z\g<3>", data)
            new.writestr(zipfile.ZipInfo(name, _STAMP), data)
    return out.getvalue()


def _fast_import(commits: Iterable[Commit], branch: str) -> bytes:
    out = io.BytesIO()
    for commit in commits:
        stamp = f"{int(commit.date.timestamp())} {commit.date.strftime('%z') or '+0000'}"
        person = f"{commit.author} <{commit.email}> {stamp}"
        message = commit.message.encode()
        out.write(f"commit refs/heads/{branch}\n".encode())
        out.write(f"author {person}\ncommitter {person}\n".encode())
        out.write(b"data %d\n%s\n" % (len(message), message))
        for path, text in commit.files.items():
            if text is None:
                out.write(f"D {path}\n".encode())
            else:
                data = text.encode()
                out.write(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
        out.write(b"\n")
    return out.getvalue()
