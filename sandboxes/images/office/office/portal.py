"""The portal: the page that lists the office's tools and its people."""

from __future__ import annotations

import ssl
from html import escape
from pathlib import Path
from socket import create_connection
from string import Template

from .common import DOMAIN, RUN, Data

TOOLS = {
    "calendar": [
        ("mail", "✉", "Mail", "Read and write mail, and the address book"),
        ("calendar", "📅", "Calendar", "Appointments and invitations"),
    ],
    "tracker": [("tracker", "✓", "Tracker and wiki", "Projects, issues, hours, what we know")],
    "chat": [("chat", "💬", "Chat", "Rooms and direct messages")],
    "files": [("files", "📁", "Files", "The shared drive")],
    "forge": [("forge", "🔀", "Forge", "Repositories, pull requests and issues")],
    "erp": [("erp", "€", "ERP", "Customers, suppliers, products, sales, purchases, invoices")],
}
"""Of each service: the host, a sign, the title, and what it is for."""

PROGRAMS = {
    "mail": [
        ("IMAP", f"mail.{DOMAIN}, port 993 (TLS) or 143"),
        ("SMTP", f"mail.{DOMAIN}, port 587 (STARTTLS)"),
    ],
    "calendar": [("CalDAV, CardDAV", f"https://mail.{DOMAIN}/SOGo/dav/")],
    "tracker": [("REST", f"https://tracker.{DOMAIN}/issues.json")],
    "chat": [("Matrix", f"https://chat.{DOMAIN}/_matrix/client/v3/")],
    "files": [("WebDAV", f"https://files.{DOMAIN}/")],
    "forge": [("git", f"https://forge.{DOMAIN}/REPOSITORY.git")],
    "database": [("PostgreSQL", f"database.{DOMAIN}, port 5432, database warehouse")],
    "erp": [("JSON-RPC", f"https://erp.{DOMAIN}/acme/")],
}
"""Where programs find each service."""


def ready() -> bool:
    """Whether the front answers over TLS."""
    try:
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.load_verify_locations("/etc/office/ca.crt")
        with (
            create_connection(("127.0.0.1", 443), timeout=5) as plain,
            trusting.wrap_socket(plain, server_hostname=f"portal.{DOMAIN}"),
        ):
            return True
    except OSError:
        return False


def write(services: list[str], people: list[Data], *, lives: bool = False) -> None:
    """Write the page for these services and people; `lives`: the office has a time of its own."""
    page = Template(Path(__file__).with_name("portal.html").read_text("utf-8"))
    folder = Path(RUN, "portal")
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text(
        page.substitute(
            tools="".join(
                f'<li><a class="card" href="https://{host}.{DOMAIN}/">{_inside(sign, title, what)}</a>'
                for service, tools in TOOLS.items()
                if service in services
                for host, sign, title, what in tools
            ),
            people=_people(people),
            programs=_programs(services),
            clock='<div id="clock"></div>' if lives else "",
        ),
        encoding="utf-8",
    )


def _inside(sign: str, title: str, *lines: str) -> str:
    told = "".join(f"<span>{escape(line)}</span>" for line in lines if line)
    return (
        f'<span class="sign" aria-hidden="true">{escape(sign)}</span>'
        f"<span><b>{escape(title)}</b>{told}</span>"
    )


def _people(people: list[Data]) -> str:
    if not people:
        return ""
    cards = "".join(
        f'<li><div class="card">{_inside(_initials(one["name"]), one["name"], one["title"], mail)}</div>'
        for one in people
        for mail in (f"{one['login']}@{DOMAIN}",)
    )
    return f'<h2 id="people">People</h2><ul class="people" aria-labelledby="people">{cards}</ul>'


def _initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _programs(services: list[str]) -> str:
    rows = "".join(
        f"<tr><th>{escape(kind)}<td>{escape(where)}"
        for service in services
        for kind, where in PROGRAMS.get(service, ())
    )
    return f"<h2>For mail programs, scripts and the like</h2><table>{rows}</table>" if rows else ""
