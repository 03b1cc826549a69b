"""The warehouse: the tables of the office's database, as they are put in and as they are found."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from .item import Item

Row = tuple[str | None, ...]
"""One value for each column, written as PostgreSQL writes it; None is null."""


class Column(Item):
    """A column of a table."""

    name: str = Field(min_length=1)
    type: str = Field(description="As in SQL: `bigint`, `numeric(10,2)`, `timestamptz` …")
    required: bool = Field(default=False, description="Whether it is never null.")
    comment: str = ""


class Table(Item):
    """A table or a view of the database `warehouse`.

    A table is found with its rows in the order of their text, a view with those that it gives to
    its owner, and what is too large with their number and digest alone.
    """

    namespace: str = Field(min_length=1, description="The schema that it lies in.")
    name: str = Field(min_length=1)
    kind: Literal["table", "view"] = "table"
    columns: tuple[Column, ...] = Field(default=(), description="Of a view: found, never put in.")
    rows: tuple[Row, ...] = ()
    key: tuple[str, ...] = Field(default=(), description="The columns of the primary key.")
    definition: str = Field(default="", description="A view's query.")
    comment: str = ""
    readers: tuple[str, ...] = Field(
        default=(), description="Logins of who may read it; empty: everybody. Never found."
    )
    writers: tuple[str, ...] = Field(
        default=(), description="Logins of who may write its rows. Never found."
    )
    owner: str = Field(default="", description="Whose it is: a login; empty: the office's.")
    count: int | None = Field(default=None, description="How many rows were found.")
    digest: str = Field(default="", description="Of the rows, whatever their order; found.")
    unread: str = Field(default="", description="Why its rows could not be read.")

    @property
    def records(self) -> list[dict[str, str | None]]:
        """The rows with the names of their columns."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    @property
    def essence(self) -> bytes:
        """What makes it the same before and after; what a view gives follows from its tables."""
        view = {"rows", "count", "digest", "unread"}
        left_out = view if self.kind == "view" else {"rows"} if self.digest else set[str]()
        return self.model_dump_json(exclude=left_out).encode()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.namespace}.{self.name}: a row has not one value per column")
        if bool(self.definition) != (self.kind == "view"):
            raise ValueError(f"{self.namespace}.{self.name}: a view has a definition, no table has")
        return self
