"""What the desk's system trusts beside the usual certificates, the browser trusts as well."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

SITE = Path("/usr/local/share/ca-certificates")


async def trust_site(home: Path) -> None:
    """Put the system's own certificates into the database below this home, where Chromium looks.

    Done once when the image is built, and again where they have changed since.
    """
    folder, stamp = home / ".pki" / "nssdb", home / "trusted"
    there = sorted(SITE.rglob("*.crt"))
    wanted = "".join(f"{path} {path.stat().st_mtime_ns}\n" for path in there)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if not folder.exists():
        folder.mkdir(parents=True)
        await _certutil(folder, "-N", "--empty-password")
    for path in there:
        await _certutil(folder, "-A", "-t", "C,,", "-n", path.stem, "-i", str(path))
    stamp.write_text(wanted)


async def _certutil(folder: Path, *arguments: str) -> None:
    command = ["certutil", "-d", f"sql:{folder}", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    await process.wait()


if __name__ == "__main__":
    asyncio.run(trust_site(Path(sys.argv[1])))
