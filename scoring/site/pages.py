"""Pages from templates: whatever is put into them is escaped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ...records.plain import harmless
from ..plots.style import PALETTE, Theme, css
from .transcript import cut

HERE = files(__package__ or "")

EXTRA: dict[Theme, str] = {"light": "#f5f7fa", "dark": "#1a2029"}
"""Behind what is pointed at, and behind code."""


@cache
def environment() -> Environment:
    """The templates. Control characters are made visible before HTML's own are escaped."""
    found = Environment(
        loader=PackageLoader(__package__ or "", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["cut"] = cut
    return found


def render(template: str, **values: object) -> str:
    """The page that this template makes."""
    return environment().get_template(template).render(**values)


def assets() -> dict[str, str]:
    """File name to content: styles, script, icon; they depend on no leaderboard."""
    plain = (HERE / "assets" / "site.css").read_text(encoding="utf-8")
    dark = f"@media (prefers-color-scheme: dark) {{\n{_theme('dark')}\n}}"
    return {
        "site.css": f"{_theme('light')}\n{dark}\n{plain}",
        "site.js": (HERE / "assets" / "site.js").read_text(encoding="utf-8"),
        "icon.svg": (HERE / "assets" / "icon.svg").read_text(encoding="utf-8"),
    }


def _theme(theme: Theme) -> str:
    colours = {**PALETTE[theme], "hover": EXTRA[theme]}
    told = "".join(f"--{name}: {colour}; " for name, colour in colours.items())
    return f":root {{ {told}}}\n{css(theme)}"


def _visible(value: object) -> object:
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value
