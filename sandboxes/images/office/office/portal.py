"""The portal: the page that lists the office's tools."""

from __future__ import annotations

import ssl
from html import escape
from pathlib import Path
from socket import create_connection

from .common import DOMAIN, RUN, Data

TOOLS = {
    "calendar": [
        ("mail", "Mail", "Read and write mail, and the address book"),
        ("calendar", "Calendar", "Appointments and invitations"),
    ],
    "tracker": [("tracker", "Tracker and wiki", "Projects, issues, hours, and what we know")],
    "chat": [("chat", "Chat", "Rooms and direct messages")],
    "files": [("files", "Files", "The shared drive")],
    "forge": [("forge", "Forge", "Repositories, pull requests and issues")],
}
NO_SITE = {
    "database": ("Warehouse", f"PostgreSQL at database.{DOMAIN}, port 5432, database warehouse"),
}
"""What has an address but no pages."""

STYLE = """
body { font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; margin: 0; background: #f4f5f7; color: #1d2330 }
header { background: #1f3a5f; color: #fff; padding: 1.6rem 2rem }
h1 { margin: 0; font-size: 1.5rem } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem }
main { max-width: 60rem; margin: 0 auto; padding: 1rem 2rem }
nav { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem }
nav a, nav div { background: #fff; border: 1px solid #d8dce3; border-radius: 6px; padding: 1rem; color: inherit; text-decoration: none }
nav a:hover { border-color: #1f3a5f } nav b { display: block; color: #1f3a5f }
table { border-collapse: collapse; background: #fff; width: 100% }
td, th { border: 1px solid #d8dce3; padding: .4rem .7rem; text-align: left }
"""


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


def write(services: list[str], people: list[Data]) -> None:
    """Write the page for these services and people."""
    links = "".join(
        f'<a href="https://{host}.{DOMAIN}/"><b>{title}</b>{what}</a>'
        for service, tools in TOOLS.items()
        if service in services
        for host, title, what in tools
    ) + "".join(
        f"<div><b>{title}</b>{what}</div>"
        for service, (title, what) in NO_SITE.items()
        if service in services
    )
    rows = "".join(
        f"<tr><td>{escape(one['name'])}<td>{escape(one['title'])}<td>{one['login']}@{DOMAIN}"
        for one in people
    )
    directory = f"<h2>People</h2><table><tr><th>Name<th>Role<th>Mail{rows}</table>" if rows else ""
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Acme portal</title>'
        f"<style>{STYLE}</style><header><h1>Acme</h1>One sign-in for all tools: your login name "
        f"and your password.</header><main><h2>Tools</h2><nav>{links}</nav>{directory}</main>"
    )
    folder = Path(RUN, "portal")
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text(page, encoding="utf-8")
