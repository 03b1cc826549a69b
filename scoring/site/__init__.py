"""The leaderboard as a static site: pages that work from a disk, offline, without a server."""

from .build import Built, write_site

__all__ = ["Built", "write_site"]
