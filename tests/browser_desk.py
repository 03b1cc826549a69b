"""A desk with a browser, the test site running at it, and the command-line twin."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from offsite.records.instance import File
from offsite.sandboxes import Sandbox

SITE = Path(__file__).with_name("browser_site.py")
IMAGE = "desk-browser"
URL = "http://localhost:8000"


async def serve_site(desk: Sandbox) -> None:
    """Start the site at the desk."""
    await desk.write({"/tmp/site.py": File(SITE.read_bytes())})
    await desk.shell("python3 /tmp/site.py 8000 >/tmp/site.log 2>&1 &")
    ready = "for i in $(seq 100); do curl -fs localhost:8000 >/dev/null && break; sleep 0.1; done"
    assert (await desk.run(ready)).exit_code == 0


async def browse(desk: Sandbox, line: str, *, fails: bool = False) -> str:
    """What `browse` answers to these words; `fails`: whether it must be an error."""
    result = await desk.run(["browse", *shlex.split(line)], timeout=150)
    assert (result.exit_code != 0) == fails, result.text
    assert result.text.startswith("Error: ") == fails, result.text
    return result.text


async def ref(desk: Sandbox, what: str) -> str:
    """The reference of the first element whose line in a new snapshot has this."""
    return find_ref(await browse(desk, "snapshot"), what)


def find_ref(snapshot: str, what: str) -> str:
    """The reference in the first line of a snapshot that has this."""
    for line in snapshot.splitlines():
        if what in line and (found := re.search(r"\[ref=(\w+)\]", line)):
            return found[1]
    raise AssertionError(f"{what} is not in:\n{snapshot}")
