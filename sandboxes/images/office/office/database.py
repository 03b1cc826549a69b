"""The warehouse: a PostgreSQL of its own, with a role for everybody.

What is in it is read table by table, each as its owner: a view's functions run with the rights of
who reads it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import threading

from .common import Data, Refused, call, quoted

PROGRAMS = "/usr/lib/postgresql/17/bin"
SOCKET = "/run/warehouse"
OFFICE, STAFF = "_office", "_staff"
SETTINGS = (
    "-c statement_timeout=10s -c lock_timeout=5s -c search_path=pg_catalog -c client_encoding=UTF8 "
    "-c datestyle=ISO -c intervalstyle=postgres -c timezone=UTC -c bytea_output=hex "
    "-c extra_float_digits=1 -c default_transaction_read_only=on"
)
"""Whatever somebody set for their role."""

MOST_READ = 64 * 1024 * 1024
MOST_KEPT = 4 * 1024 * 1024
MOST_KEPT_IN_ALL = 32 * 1024 * 1024
MOST_TABLES = 1000
PATIENCE = 15.0
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
FOUND = """
select coalesce(json_agg(json_build_object(
  'namespace', n.nspname, 'name', c.relname, 'owner', o.rolname,
  'kind', case c.relkind when 'v' then 'view' else 'table' end,
  'definition', case c.relkind when 'v' then pg_get_viewdef(c.oid) else '' end,
  'comment', coalesce(obj_description(c.oid, 'pg_class'), ''),
  'columns', (
    select coalesce(json_agg(json_build_object(
      'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull,
      'comment', coalesce(col_description(c.oid, a.attnum), '')) order by a.attnum), '[]')
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'key', (
    select coalesce(json_agg(a.attname order by k.place), '[]')
    from pg_index i cross join unnest(i.indkey) with ordinality k (number, place)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
    where i.indrelid = c.oid and i.indisprimary))
  order by o.rolname <> '_office', n.nspname, c.relname), '[]')
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles o on o.oid = c.relowner
where c.relkind in ('r', 'p', 'm', 'v') and c.relpersistence <> 't'
  and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast');
"""


def ready() -> bool:
    """Whether it takes connections."""
    with contextlib.suppress(Refused):
        call(f"{PROGRAMS}/pg_isready", "-q", "-h", SOCKET, "-U", OFFICE)
        return True
    return False


def welcome(people: list[Data]) -> None:
    """Let these people sign in, and see what others keep in `scratch`."""
    _sql(
        *(
            f"create role {_name(one['login'])} login password {quoted(one['password'])} "
            f"in role {STAFF}; alter default privileges for role {_name(one['login'])} "
            f"in schema scratch grant select on tables to {STAFF};"
            for one in people
        )
    )


def seed(office: Data) -> None:
    """Make the tables with their rows, and the views, in their order."""
    spaces = sorted({table["namespace"] for table in office["tables"]})
    made = [
        f"create schema if not exists {_name(one)}; grant usage on schema {_name(one)} to {STAFF};"
        for one in spaces
    ]
    _sql(*made, *(part for table in office["tables"] for part in _made(table)), "analyze;")


def collect() -> Data:
    """Every table and view with its rows."""
    tables: list[Data] = json.loads(_sql(FOUND))
    left = MOST_KEPT_IN_ALL
    for number, table in enumerate(tables):
        lines = _lines(table) if number < MOST_TABLES else "there are too many tables"
        if isinstance(lines, str):
            table["unread"] = lines
        else:
            table["count"], table["digest"] = len(lines), _digest(lines)
            size = sum(map(len, lines))
            if size <= min(left, MOST_KEPT):
                left -= size
                kept = lines if table["kind"] == "view" else sorted(lines)
                table["rows"] = [_values(line) if table["columns"] else [] for line in kept]
        table["owner"] = "" if table["owner"] == OFFICE else table["owner"]
    return {"tables": tables}


def _made(table: Data) -> list[str]:
    name = f"{_name(table['namespace'])}.{_name(table['name'])}"
    if table["kind"] == "view":
        made = [f"create view {name} as {table['definition'].rstrip().rstrip(';')};"]
    else:
        columns = [
            f"{_name(one['name'])} {one['type']}{' not null' if one['required'] else ''}"
            for one in table["columns"]
        ]
        if table["key"]:
            columns.append(f"primary key ({', '.join(map(_name, table['key']))})")
        rows = "".join("\t".join(map(_value, row)) + "\n" for row in table["rows"])
        made = [
            f"create table {name} ({', '.join(columns)});",
            f"copy {name} from stdin;\n{rows}\\.",
        ]
        made += [
            f"comment on column {name}.{_name(one['name'])} is {quoted(one['comment'])};"
            for one in table["columns"]
            if one["comment"]
        ]
        made += [
            f"grant insert, update, delete, truncate on {name} to {_name(one)};"
            for one in table["writers"]
        ]
    kind = table["kind"]
    made += [f"comment on {kind} {name} is {quoted(table['comment'])};"] * bool(table["comment"])
    readers = map(_name, table["readers"] or [STAFF])
    return [*made, f"grant select on {name} to {', '.join(readers)};"]


def _lines(table: Data) -> list[bytes] | str:
    """The rows as COPY writes them, or why they cannot be read."""
    name = f"{_name(table['namespace'])}.{_name(table['name'])}"
    with subprocess.Popen(
        [*_psql(table["owner"]), "-c", f"copy (select * from {name}) to stdout"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PGOPTIONS": SETTINGS},
    ) as process:
        assert process.stdout
        patience = threading.Timer(PATIENCE, process.kill)
        patience.start()
        said = process.stdout.read(MOST_READ + 1)
        if len(said) > MOST_READ:
            process.kill()
        failed = process.wait()
        patience.cancel()
    if len(said) > MOST_READ:
        return "more than can be read"
    return "its query fails or takes too long" if failed else said.split(b"\n")[:-1]


def _digest(lines: list[bytes]) -> str:
    return hashlib.sha256(b"\n".join(sorted(lines))).hexdigest()


def _values(line: bytes) -> list[str | None]:
    return [None if one == "\\N" else _unescaped(one) for one in line.decode().split("\t")]


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    parts = text.split("\\\\")
    for letter, plain in ESCAPES.items():
        parts = [part.replace(f"\\{letter}", plain) for part in parts]
    return "\\".join(parts)


def _value(value: str | None) -> str:
    if value is None:
        return "\\N"
    text = value.replace("\\", "\\\\")
    for letter, plain in ESCAPES.items():
        text = text.replace(plain, f"\\{letter}")
    return text


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _psql(user: str) -> tuple[str, ...]:
    return (f"{PROGRAMS}/psql", "-h", SOCKET, "-U", user, "-d", "warehouse", "-qAtX")


def _sql(*statements: str) -> str:
    return call(*_psql(OFFICE), "-v", "ON_ERROR_STOP=1", stdin="\n".join(statements))
