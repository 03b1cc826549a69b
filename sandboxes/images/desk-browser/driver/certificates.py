"""What the desk's system trusts beside the usual certificates, the browser trusts as well."""

from __future__ import annotations

import asyncio
from pathlib import Path

SITE = Path("/usr/local/share/ca-certificates")


async def trust_site(home: Path) -> None:
    """Put the system's own certificates into the database below this home, where Chromium looks."""
    folder = home / ".pki" / "nssdb"
    if not folder.exists():
        folder.mkdir(parents=True)
        await _certutil(folder, "-N", "--empty-password")
    for path in sorted(SITE.rglob("*.crt")):
        await _certutil(folder, "-A", "-t", "C,,", "-n", path.stem, "-i", str(path))


async def _certutil(folder: Path, *arguments: str) -> None:
    command = ["certutil", "-d", f"sql:{folder}", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    await process.wait()
