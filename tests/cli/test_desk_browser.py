"""A person at the desk's browser, by the page that `offsite desk browser` names."""

from __future__ import annotations

import base64
import http.client
import json
import shutil
import time
from urllib.parse import urlsplit

import pytest
from paths import SUITES

PAGE = """data:text/html,<title>Start</title><style>*{margin:0;font:40px/60px monospace}</style>
<input autofocus style="display:block;width:600px;height:60px"
 oninput="document.title = 'typed ' + this.value">
<button style="display:block;width:600px;height:60px"
 onclick="document.title = confirm('Sure?') ? 'yes' : 'no'">Ask</button>
<select style="display:block;width:600px;height:60px" onchange="document.title = this.value">
<option>One<option>Two</select>"""


class Visitor:
    """Somebody with the address."""

    def __init__(self, address: str) -> None:
        self.host, self.path = urlsplit(address).netloc, urlsplit(address).path

    def ask(self, method: str, what: str = "", given: object = None, **headers: str):
        """The status of the answer, and its body."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        body = None if given is None else json.dumps(given)
        path = what if what.startswith("/") else self.path + what
        connection.request(method, path, body, {"Host": self.host, **headers})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def view(self, seen: str = "") -> dict:
        return json.loads(self.ask("POST", "view", {"seen": seen})[1])

    def do(self, action: str, **arguments: object) -> dict:
        status, body = self.ask("POST", "do", {"action": action, "arguments": arguments})
        assert status == 200, body
        return json.loads(body)

    def until_title(self, title: str) -> None:
        until = time.monotonic() + 20
        while (shown := self.view()["tabs"][-1]["title"]) != title:
            assert time.monotonic() < until, shown
            time.sleep(0.1)


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_person_at_the_desks_browser(offsite, tmp_path):
    shutil.copytree(SUITES, tmp_path / "suites")
    task = tmp_path / "suites" / "mini" / "clerical" / "sum-receipts" / "task.toml"
    task.write_text(task.read_text() + '\n[environment]\nimage = "desk-browser"\n')
    where = ("--suites", "suites", "--sandbox", "docker")
    assert offsite("desk", "open", "mini/clerical/sum-receipts", *where).returncode == 0
    address = offsite("desk", "browser", "last").stdout.strip()
    assert address.startswith("http://127.0.0.1:")
    assert offsite("desk", "browser", "last").stdout.strip() == address
    visitor = Visitor(address)

    status, page = visitor.ask("GET")
    assert status == 200
    assert b"<title>The desk's browser</title>" in page
    assert visitor.ask("GET", "/")[0] == 404
    assert visitor.ask("POST", "/wrong-token/view", {})[0] == 404
    assert visitor.ask("GET", Host="desk.example")[0] == 421
    assert visitor.ask("POST", "view", {}, Origin="https://elsewhere.example")[0] == 403
    assert visitor.ask("POST", "do", {"action": 5})[0] == 400

    assert not visitor.do("open", url=PAGE)["error"]
    first = visitor.view()
    assert base64.b64decode(first["picture"]).startswith(b"\xff\xd8\xff")
    assert "picture" not in visitor.view(first["seen"])
    visitor.do("hand", do="click", x=100, y=30)
    visitor.do("hand", do="write", text="Ann")
    visitor.do("hand", do="press", key="!")
    visitor.until_title("typed Ann!")
    assert "picture" in visitor.view(first["seen"])
    assert "Sure?" in visitor.do("hand", do="click", x=100, y=90)["text"]
    visitor.until_title("no")
    visitor.do("hand", do="click", x=100, y=90, dialog="accept")
    visitor.until_title("yes")
    listed = visitor.do("hand", do="click", x=100, y=150)["text"]
    assert json.loads(listed.partition("\n")[0]) == {"list": ["One", "Two"]}
    visitor.do("hand", do="choose", x=100, y=150, index=1)
    visitor.until_title("Two")
    assert visitor.do("hand", do="dance")["error"]

    done = json.loads(offsite("desk", "close", "last", "--json").stdout)
    assert done["steps"] == 9
    with pytest.raises(OSError, match="refused"):
        visitor.ask("GET")
    assert "is not open" in offsite("desk", "browser", "last").stderr


def test_a_desk_without_a_browser(offsite):
    task = ("mini/clerical/sum-receipts", "--suites", SUITES, "--sandbox", "local")
    assert offsite("desk", "open", *task).returncode == 0
    done = offsite("desk", "browser", "last")
    assert done.returncode == 4
    assert "does not name the image desk-browser" in done.stderr
    offsite("desk", "close", "last")
