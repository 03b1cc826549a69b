"""How plots look: one palette, for files and for the site, by day and by night."""

from __future__ import annotations

from typing import Literal

from .svg import Drawing, clean, element, shortened, text

Theme = Literal["light", "dark"]

PALETTE: dict[Theme, dict[str, str]] = {
    "light": {
        "paper": "#ffffff",
        "ink": "#1c2430",
        "soft": "#5b6675",
        "grid": "#e4e8ed",
        "edge": "#c9d0d9",
        "first": "#0b66b0",
        "second": "#c8500a",
        "third": "#00805e",
        "other": "#6b7785",
        "trend": "#1c2430",
        "window": "#f1ecd9",
        "good": "#00704f",
        "bad": "#b02a1a",
    },
    "dark": {
        "paper": "#12161c",
        "ink": "#e6eaf0",
        "soft": "#9aa6b5",
        "grid": "#252c36",
        "edge": "#3c4654",
        "first": "#63b3f0",
        "second": "#f5945a",
        "third": "#3fc79d",
        "other": "#94a0ae",
        "trend": "#e6eaf0",
        "window": "#2c2a1c",
        "good": "#4fd0a0",
        "bad": "#ff8a75",
    },
}
"""Hues after Okabe and Ito ("Color universal design", 2008), which people with any of the common
colour blindnesses tell apart, moved until each has 4.5 : 1 against the paper. Shapes differ, too."""

HEAT: dict[Theme, tuple[str, ...]] = {
    "light": ("#f3f6fa", "#e1ebf5", "#cbdef0", "#aecbe6", "#8ab4da", "#5f97c9", "#3a79b3", "#1f5d98", "#0d4279"),
    "dark": ("#1a222c", "#1d2c3c", "#20384f", "#234764", "#27587c", "#2f6d98", "#4488b7", "#6aa8d3", "#9acbec"),
}  # fmt: skip
"""From none to all, one hue: lightness alone tells."""

HEAT_TEXT: dict[Theme, tuple[str, ...]] = {
    "light": ("#1c2430",) * 5 + ("#0b1017",) + ("#ffffff",) * 3,
    "dark": ("#e6eaf0",) * 6 + ("#0b1017",) * 3,
}

FONTS = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Bitstream Vera Sans', 'DejaVu Sans', sans-serif"
)
FILE_FONTS = "'Bitstream Vera Sans', 'DejaVu Sans', Verdana, sans-serif"


def css(theme: Theme, fonts: str = FONTS) -> str:
    """The rules for a plot's classes, in plain values: no renderer of SVG knows variables."""
    c = PALETTE[theme]
    rules = [
        f"svg.plot text{{font-family:{fonts};font-size:12px;fill:{c['ink']}}}",
        f"svg.plot .tick,svg.plot .note{{font-size:11px;fill:{c['soft']}}}",
        "svg.plot .small{font-size:9px}",
        "svg.plot .strong{font-weight:600}",
        "svg.plot .head{font-size:16px;font-weight:600}",
        f"svg.plot .halo{{paint-order:stroke;stroke:{c['paper']};stroke-width:3;stroke-opacity:.85}}",
        f"svg.plot .paper{{fill:{c['paper']}}}",
        f"svg.plot .grid{{stroke:{c['grid']};fill:none}}",
        f"svg.plot .axis{{stroke:{c['edge']};fill:none}}",
        f"svg.plot .mark{{stroke:{c['soft']};stroke-dasharray:2 3;fill:none}}",
        f"svg.plot .window{{fill:{c['window']}}}",
        f"svg.plot .band{{fill:{c['trend']};fill-opacity:.08}}",
        f"svg.plot .trend{{stroke:{c['trend']};stroke-width:1.5;fill:none}}",
        f"svg.plot .beyond{{stroke:{c['trend']};stroke-width:1.5;stroke-dasharray:5 4;fill:none}}",
        f"svg.plot .front{{stroke:{c['soft']};stroke-width:1.5;fill:none}}",
        "svg.plot .whisker{stroke-width:1.5;stroke-opacity:.55;fill:none}",
        "svg.plot .faint{opacity:.55}",
        "svg.plot .point{stroke-width:1.5}",
    ]
    for name in ("first", "second", "third", "other"):
        rules += [
            f"svg.plot .{name} .point{{fill:{c[name]};stroke:{c['paper']}}}",
            f"svg.plot .{name} .hollow{{fill:{c['paper']};stroke:{c[name]}}}",
            f"svg.plot .{name} .whisker{{stroke:{c[name]}}}",
            f"svg.plot .line-{name}{{stroke:{c[name]};stroke-width:2;fill:none}}",
        ]
    for step, (fill, ink) in enumerate(zip(HEAT[theme], HEAT_TEXT[theme], strict=True)):
        rules.append(
            f"svg.plot .heat{step} rect{{fill:{fill}}}svg.plot .heat{step} text{{fill:{ink}}}"
        )
    return "\n".join(rules)


def heat(share: float) -> str:
    """The class of a cell with this share."""
    steps = len(HEAT["light"])
    return f"heat{min(steps - 1, int(share * steps))}"


def standalone(drawing: Drawing, source: str, theme: Theme = "light") -> str:
    """A file of its own: the plot with its title above, its note and source below.

    Args:
        source: what it was made from; a number without it is worth nothing.
    """
    margin, head = 16, 40
    below = [*_wrapped(drawing.note, drawing.width), *_wrapped(source, drawing.width)]
    width = drawing.width + 2 * margin
    height = head + drawing.height + 16 * len(below) + 2 * margin
    body = element("style", css(theme, FILE_FONTS))
    body += f"<title>{clean(drawing.title)}</title><desc>{clean(drawing.says)}</desc>"
    body += element("rect", width=width, height=height, class_="paper")
    body += text(margin, margin + 14, shortened(drawing.title, drawing.width, 17), "head")
    body += element("g", drawing.body, transform=f"translate({margin} {head})")
    for row, words in enumerate(below):
        body += text(margin, head + drawing.height + 22 + 16 * row, words, "note")
    made = element(
        "svg",
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=width,
        height=height,
        role="img",
        class_="plot",
    )
    return made + "\n"


def _wrapped(words: str, room: float) -> list[str]:
    """Lines that fit, of a text of the note's size."""
    import textwrap

    return textwrap.wrap(words, max(20, int(room / 6.2)))
