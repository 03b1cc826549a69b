"""Plots as pure functions from a leaderboard's entries to SVG: for files and for the site."""

from .calibration import calibration
from .entries import NothingToPlot
from .families import families
from .gap import gap
from .horizon import horizon
from .pareto import pareto

PLOTS = {
    "horizon": horizon,
    "pareto": pareto,
    "families": families,
    "calibration": calibration,
    "gap": gap,
}
"""Name to function; all take entries of one suite."""

__all__ = ["PLOTS", "NothingToPlot"]
