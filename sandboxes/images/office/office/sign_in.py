"""A sign-in page before the shared drive: browsers come in by a cookie, programs as they always do."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable
from html import escape
from http.cookies import SimpleCookie
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qs, quote

PAGE = "/.sign-in"
Start = Callable[[str, list[tuple[str, str]]], Any]


class SignIn:
    """A WSGI application before another one, which asks for a login by HTTP's Basic scheme.

    Args:
        lets_in: whether this login and password are somebody's.
    """

    def __init__(self, app: Any, lets_in: Callable[[str, str], bool]) -> None:
        self.app = app
        self.lets_in = lets_in
        self.sessions: dict[str, str] = {}

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Show the page, take what was written there, or go on."""
        if environ["PATH_INFO"] == PAGE:
            return self._page(environ, start)
        if "HTTP_AUTHORIZATION" not in environ:
            cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
            known = self.sessions.get(cookies["session"].value) if "session" in cookies else None
            if known:
                environ["HTTP_AUTHORIZATION"] = known
            elif environ["REQUEST_METHOD"] == "GET" and "text/html" in environ.get(
                "HTTP_ACCEPT", ""
            ):
                to = quote(environ["PATH_INFO"].encode("latin-1"))
                start("303 See Other", [("Location", f"{PAGE}?to={quote(to)}")])
                return [b""]
        return self.app(environ, start)

    def _page(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        to = parse_qs(environ.get("QUERY_STRING", "")).get("to", ["/"])[0]
        failed = ""
        if environ["REQUEST_METHOD"] == "POST":
            length = min(int(environ.get("CONTENT_LENGTH") or 0), 10_000)
            form = parse_qs(environ["wsgi.input"].read(length).decode("utf-8", "replace"))
            login, password = (form.get(name, [""])[0] for name in ("login", "password"))
            if self.lets_in(login, password):
                session = secrets.token_urlsafe(32)
                basic = b64encode(f"{login}:{password}".encode()).decode()
                self.sessions[session] = f"Basic {basic}"
                cookie = f"session={session}; Path=/; Secure; HttpOnly; SameSite=Lax"
                # A path of this drive and nothing else: `//elsewhere` would be another host.
                where = "/" + to.lstrip("/\\")
                start("303 See Other", [("Location", where), ("Set-Cookie", cookie)])
                return [b""]
            failed = "Login or password is wrong."
        page = Template(
            Path(__file__).with_name("drive_pages").joinpath("sign_in.html").read_text("utf-8")
        )
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [page.substitute(failed=failed, to=escape(quote(to))).encode()]
