"""Calendar, contacts and webmail: SOGo on PostgreSQL."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

from .common import DOMAIN, RUN, Data, Http, answers, basic, quoted, sql

SOCKET = f"{RUN}/sogo.sock"
STORED = """
select coalesce(json_agg(json_build_object(
  'owner', f.c_path2, 'kind', f.c_folder_type, 'name', s.c_name, 'content', s.c_content)
  order by f.c_path2, s.c_name), '[]')
from sogo_store s join sogo_folder_info f on f.c_folder_id = s.c_folder_id
where s.c_deleted is distinct from 1 and s.c_content not in ('', 'BEGIN:VLIST');
"""


def ready() -> bool:
    """Whether the web front answers."""
    return answers(SOCKET, "/SOGo/", f"mail.{DOMAIN}")


def welcome(people: list[Data]) -> None:
    """Let these people sign in, and stand in the company's directory."""
    rows = [f"({', '.join(quoted(str(v)) for v in _row(one))})" for one in people]
    insert = f"insert into sogo_users values {', '.join(rows)};" if rows else ""
    sql("sogo", f"delete from sogo_users; {insert}")


def seed(office: Data) -> None:
    """Put calendar entries by CalDAV and contacts by CardDAV, each as its owner."""
    passwords = {one["login"]: one["password"] for one in office["people"]}
    connection = Http(SOCKET, f"calendar.{DOMAIN}")
    for kind, folder, suffix in (("events", "Calendar", "ics"), ("contacts", "Contacts", "vcf")):
        type_ = "text/calendar" if kind == "events" else "text/vcard"
        for entry in office[kind]:
            owner = entry["owner"]
            name = urllib.parse.quote(entry["uid"], safe="")
            connection.ask(
                "PUT",
                f"/SOGo/dav/{owner}/{folder}/personal/{name}.{suffix}",
                entry["content"],
                {**basic(owner, passwords[owner]), "Content-Type": f"{type_}; charset=utf-8"},
            )


def collect() -> Data:
    """Every entry of every calendar and own address book."""
    rows: list[dict[str, Any]] = json.loads(sql("sogo", STORED))
    found: Data = {"events": [], "contacts": []}
    for row in rows:
        kind = "events" if row["kind"] == "Appointment" else "contacts"
        uid = urllib.parse.unquote(row["name"]).rpartition(".")[0] or row["name"]
        found[kind].append({"owner": row["owner"], "uid": uid, "content": row["content"]})
    return found


def _row(one: Data) -> tuple[str, ...]:
    mail = f"{one['login']}@{DOMAIN}"
    return one["login"], one["login"], one["password"], one["name"], mail, one["title"]
