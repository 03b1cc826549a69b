"""SVG as text: elements, scales, and where labels find room."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from ...records.plain import harmless

Scale = Callable[[float], float]

FONT = 12
"""Pixels of a label; ticks and notes are one smaller."""


@dataclass(frozen=True)
class Drawing:
    """A plot, not yet a file: its styles come from the page, or from `style.standalone`.

    Attributes:
        body: the elements within the <svg>.
        title: what the plot is of.
        says: the plot in words, for who cannot see it.
        note: how to read it, and what is left out of it.
    """

    body: str
    width: float
    height: float
    title: str
    says: str
    note: str

    def inline(self) -> str:
        """The element for a page that brings the styles."""
        return element(
            "svg",
            self.body,
            viewBox=f"0 0 {number(self.width)} {number(self.height)}",
            width=self.width,
            height=self.height,
            role="group",
            aria_label=f"{self.title}. {self.says}",
            class_="plot",
        )


def element(name: str, content: str = "", **attributes: object) -> str:
    """An element around content that is markup already. `class_` and `stroke_width` are written as
    `class` and `stroke-width`; what is None is left out."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-") if key != "viewBox" else key}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{told}>{content}</{name}>" if content else f"<{name}{told}/>"


def text(x: float, y: float, content: str, kind: str = "label", **attributes: object) -> str:
    """Text at its baseline; `kind` is its class."""
    return element("text", clean(content), x=x, y=y, class_=kind, **attributes)


def line(points: Iterable[tuple[float, float]], kind: str) -> str:
    """Straight lines from point to point."""
    path = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return element("path", d=f"M{path}", class_=kind)


def tip(content: str) -> str:
    """What a pointer that rests on the group shows."""
    return f"<title>{clean(content)}</title>"


def group(content: str, href: str | None = None, kind: str | None = None) -> str:
    """Elements that belong together; a link where there is an address."""
    if href is None:
        return element("g", content, class_=kind)
    return element("a", content, href=href, class_=kind)


def clean(content: str) -> str:
    """Text of whoever as markup: escaped, and control characters made visible."""
    return escape(harmless(content))


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def scale(domain: tuple[float, float], room: tuple[float, float]) -> Scale:
    """A linear map from the domain to the room."""
    (low, high), (start, end) = domain, room
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def log_scale(domain: tuple[float, float], room: tuple[float, float]) -> Scale:
    """The same over the logarithm."""
    linear = scale((math.log(domain[0]), math.log(domain[1])), room)
    return lambda value: linear(math.log(value))


def text_width(content: str, size: float = FONT) -> float:
    """About how wide a text is; the real width depends on the reader's font."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in content)
    return size * (0.6 * (len(content) - wide) + wide)


def shortened(content: str, room: float, size: float = FONT) -> str:
    """The text; where it is wider than the room, without its middle: versions stand at the end."""
    content = " ".join(content.split())
    keep = len(content)
    cut = content
    while keep and text_width(cut, size) > room:
        keep -= 1
        cut = f"{content[: (keep + 1) // 2]}…{content[len(content) - keep // 2 :]}"
    return cut


@dataclass(frozen=True)
class Wanted:
    """A label that wants to stand beside the point at x, y."""

    x: float
    y: float
    content: str


Box = tuple[float, float, float, float]


def placed(wanted: Sequence[Wanted], room: Box, taken: Sequence[Box] = ()) -> str:
    """The labels, first come first served, each where it hides neither another nor a point.

    One that finds no room is left out: its point has its name in its tip.

    Args:
        room: left, top, right and bottom of where labels may stand.
        taken: boxes that must stay free, as the points'.
    """
    boxes, found = list(taken), list[str]()
    for label in wanted:
        wide = text_width(label.content)
        for anchor, x, y in _places(label):
            left = {"start": x, "end": x - wide, "middle": x - wide / 2}[anchor]
            box = (left, y - FONT + 2, left + wide, y + 3)
            if _within(box, room) and not any(_meet(box, other) for other in boxes):
                boxes.append(box)
                found.append(text(x, y, label.content, "label halo", text_anchor=anchor))
                break
    return "".join(found)


def _places(label: Wanted) -> list[tuple[str, float, float]]:
    x, y = label.x, label.y
    return [
        ("start", x + 9, y - 4),
        ("start", x + 9, y + 4),
        ("end", x - 9, y - 4),
        ("end", x - 9, y + 4),
        ("start", x + 9, y + 13),
        ("end", x - 9, y + 13),
        ("middle", x, y - 12),
        ("middle", x, y + 20),
        ("start", x + 9, y - 16),
        ("end", x - 9, y - 16),
    ]


def _within(box: Box, room: Box) -> bool:
    return box[0] >= room[0] and box[1] >= room[1] and box[2] <= room[2] and box[3] <= room[3]


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _value(value: object) -> str:
    return number(value) if isinstance(value, float | int) else clean(str(value))
