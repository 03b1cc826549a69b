"""Text and JSON as they can be written down and read back, whatever a model or a file made of them."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import BeforeValidator, JsonValue

DEEPEST = 100
"""Levels of nesting that are kept; pydantic reads back a little under two hundred."""

TOO_DEEP = "(nested too deeply to be kept)"


def harmless(text: str) -> str:
    """The text with control characters made visible, those of direction too; newlines, tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(c) for c in text)


def _visible(character: str) -> str:
    if character in "\n\t" or character.isprintable():
        return character
    number = ord(character)
    return chr(0x2400 + number) if number < 0x20 else f"\\u{number:04x}"


def plain_text(text: object) -> object:
    """A text with each lone surrogate spelled out (`\\udcff`): no encoding has bytes for them."""
    if not isinstance(text, str) or text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def plain_json(value: object, levels: int = DEEPEST) -> object:
    """A JSON value with all its texts plain; what is nested too deeply is replaced by a text."""
    if not isinstance(value, dict | list):
        return plain_text(value)
    if levels == 0:
        return TOO_DEEP
    if isinstance(value, list):
        return [plain_json(item, levels - 1) for item in cast(list[object], value)]
    items = cast(dict[object, object], value).items()
    return {plain_text(name): plain_json(item, levels - 1) for name, item in items}


Text = Annotated[str, BeforeValidator(plain_text)]
"""A text that agents, tools or tasks may have a hand in."""

Json = Annotated[JsonValue, BeforeValidator(plain_json)]
"""A JSON value that agents, tools or tasks may have a hand in."""

JsonObject = Annotated[dict[str, JsonValue], BeforeValidator(plain_json)]
"""The same, an object."""
