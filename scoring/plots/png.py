"""SVG to PNG."""

from __future__ import annotations

from pathlib import Path

from ...records.errors import InputError

ZOOM = 2.0
"""Pixels for each of the drawing's: sharp on today's screens and in print."""


def to_png(svg: str) -> bytes:
    """The picture of an SVG, by resvg. What is drawn depends on no browser and no display.

    Texts are set in Bitstream Vera, which ReportLab brings along, so that it looks the same on a
    machine without fonts; signs that Vera lacks come from the system's.

    Raises:
        InputError: resvg is not installed.
    """
    try:
        import resvg_py
    except ModuleNotFoundError as error:
        raise InputError(
            "a PNG needs the package resvg_py: pip install 'offsite[site]'; an SVG needs nothing"
        ) from error
    import reportlab

    fonts = Path(reportlab.__file__).parent / "fonts"
    files = [str(fonts / name) for name in ("Vera.ttf", "VeraBd.ttf")]
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM, font_files=files))
