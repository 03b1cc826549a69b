"""No desk at all: for an exam, whose questions are only answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..records.instance import File
from ..records.office import Office
from .protocol import (
    OUTPUT_CAP,
    Collected,
    DeskSpec,
    Leftover,
    Player,
    Result,
    Sandbox,
    SandboxError,
)


class NoDesk:
    """Where a desk is asked for and there is none: whatever is done at it fails."""

    async def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60,
        user: str | None = None,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes | None = None,
        cap: int = OUTPUT_CAP,
    ) -> Result:
        """Fails."""
        raise SandboxError("there is no desk")

    async def shell(self, command: str, *, timeout: float = 60, cap: int = OUTPUT_CAP) -> Result:
        """Fails."""
        raise SandboxError("there is no desk")

    async def read(self, path: str, *, limit: int | None = None) -> bytes:
        """Fails."""
        raise SandboxError("there is no desk")

    async def write(self, files: Mapping[str, File]) -> None:
        """Nothing is laid down: who answers is given the question's picture with it."""

    async def furnish(self, office: Office) -> None:
        """Fails."""
        raise SandboxError("there is no desk")

    async def mark(self) -> None:
        """Nothing is there to be marked."""

    async def play(self, player: Player) -> None:
        """Fails."""
        raise SandboxError("there is no desk")

    async def tick(self) -> None:
        """No time passes."""

    async def collect(self, outputs: Sequence[str], *, limit: int = 0) -> Collected:
        """Nothing was written."""
        return Collected(writes=(), files={})

    async def close(self) -> None:
        """Nothing was made."""


class NoneProvider:
    """Makes nothing, leaves nothing behind."""

    name = "none"

    async def prepare(self, image: str) -> str:
        """There are no images."""
        raise SandboxError(f"there is no desk, and so no image {image}")

    async def open(self, spec: DeskSpec) -> Sandbox:
        """No desk."""
        return NoDesk()

    async def reattach(self, spec: DeskSpec) -> Sandbox | None:
        """Nothing lives on."""
        return None

    async def leftovers(self) -> Sequence[Leftover]:
        """None."""
        return ()

    async def remove(self, leftover: Leftover) -> None:
        """There is nothing to remove."""

    async def aclose(self) -> None:
        """There is nothing to give back."""
