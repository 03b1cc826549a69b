"""What a model call costs, from the table in prices.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from pydantic import Field

from ..records.base import Record

TABLE = Path(__file__).with_name("prices.toml")

_DATED = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2})$")
"""The date at the end of the name of a frozen version: `gpt-5-2025-08-07`."""


class Long(Record):
    """The prices of a call whose input is longer than `over` tokens."""

    over: int
    input: float
    cached: float | None = None
    written: float | None = None
    output: float


class Model(Record):
    """One model in the table; prices in US dollars per million tokens."""

    developer: str
    country: str = Field(description="Seat of the developer, ISO 3166-1 alpha-2.")
    released: str = Field(description="Day of general access, YYYY-MM-DD.")
    context: int = Field(description="The window in tokens, output included.")
    max_input: int | None = Field(default=None, description="Where input may fill only a part.")
    input: float
    cached: float | None = Field(default=None, description="None: as `input`.")
    written: float | None = Field(default=None, description="Into the cache. None: as `input`.")
    output: float = Field(description="Reasoning included.")
    long: Long | None = None
    source: str = Field(default="", description="Where it differs from the table's.")


@cache
def _table() -> dict[str, Model]:
    entries = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {name: Model.model_validate(entry) for name, entry in entries.items()}


def known_models() -> list[str]:
    """All models of the table, as `provider:name`."""
    return list(_table())


def find_model(model: str) -> Model | None:
    """The entry of `provider:name`, or that of its undated name; None where there is none."""
    return _table().get(model) or _table().get(_DATED.sub("", model))


def cost_usd(model: str, *, input: int, cached: int, written: int, output: int) -> float | None:
    """What a call costs in US dollars, None where the price is not known.

    Args:
        input: all tokens of the input, those from (`cached`) and into the cache (`written`) too.
        output: all tokens of the output, reasoning included.
    """
    entry = find_model(model)
    if entry is None:
        return None
    price = entry.long if entry.long is not None and input > entry.long.over else entry
    plain = max(0, input - cached - written)
    millionths = (
        plain * price.input
        + cached * (price.input if price.cached is None else price.cached)
        + written * (price.input if price.written is None else price.written)
        + output * price.output
    )
    return millionths / 1_000_000
