"""The office's database: what a task's `world.py` adds tables and views with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from ..records.office import Column, Table

Value = str | int | float | Decimal | bool | date | datetime | time | None


class WarehouseWorld:
    """The tables of the database `warehouse`; each is named with its schema, `sales.orders`.

    Everybody has the schema `scratch` for tables and views of their own besides.
    """

    def __init__(self) -> None:
        self.tables: list[Table] = []

    def table(
        self,
        name: str,
        columns: Mapping[str, str],
        rows: Iterable[Sequence[Value]],
        *,
        key: str | Sequence[str] = (),
        required: Sequence[str] = (),
        comment: str = "",
        comments: Mapping[str, str] | None = None,
        readers: Sequence[str] = (),
        writers: Sequence[str] = (),
    ) -> None:
        """A table with its rows.

        Args:
            columns: their types as in SQL, `{"id": "bigint", "paid_at": "timestamptz"}`.
            key: the column or columns of the primary key.
            required: the columns that are never null, besides the key's.
            comment: what `\\d+` shows of the table; `comments` of its columns.
            readers: logins of who may read it; empty: everybody.
            writers: logins of who may write its rows, besides nobody.
        """
        told = comments or {}
        namespace, _, bare = name.rpartition(".")
        self.tables.append(
            Table(
                namespace=namespace,
                name=bare,
                columns=tuple(
                    Column(name=one, type=type, required=one in required, comment=told.get(one, ""))
                    for one, type in columns.items()
                ),
                rows=tuple(tuple(map(written, row)) for row in rows),
                key=(key,) if isinstance(key, str) else tuple(key),
                comment=comment,
                readers=tuple(readers),
                writers=tuple(writers),
            )
        )

    def view(
        self, name: str, query: str, *, comment: str = "", readers: Sequence[str] = ()
    ) -> None:
        """A view on what was added before it; it reads as the office, whoever asks."""
        namespace, _, bare = name.rpartition(".")
        self.tables.append(
            Table(
                namespace=namespace,
                name=bare,
                kind="view",
                definition=query,
                comment=comment,
                readers=tuple(readers),
            )
        )


def written(value: Value) -> str | None:
    """A value as PostgreSQL reads and writes it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)
