"""A module of Tryton's: the way in for the office's own programs, and the office's date."""
# pyright: basic, reportMissingImports=false

from trytond.pool import Pool

from . import routes, today

__all__ = ["register", "routes"]


def register():
    """Called by Tryton."""
    Pool.register(today.Date, module="office", type_="model")
