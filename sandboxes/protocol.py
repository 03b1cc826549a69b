"""The seam between Offsite and the place where an instance lives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ..records.evidence import Write
from ..records.instance import File
from ..records.office import Office

HOME = "/home/agent"
"""The desk's home: the worker's own folder, and the current one of every command."""

OUTPUT_CAP = 64 * 1024
"""Bytes of a command's output that are kept by default: half of it head, half of it tail."""

Network = Literal["none", "office", "registry", "open"]


class SandboxError(RuntimeError):
    """The sandbox itself failed (engine gone, container lost, channel broken): infrastructure."""


class EngineUnavailable(SandboxError):
    """The provider cannot work on this machine; the message ends with the command that mends it."""


@dataclass(frozen=True)
class DeskSpec:
    """What a sandbox is opened with.

    Attributes:
        trial: id of the trial; with `run` it labels everything that the provider makes.
        owner: the folder of the run, as an absolute path; tells whose leftovers they are.
        services: what of an office stands around the desk; none where it is empty.
        then: the services that the run's next desk will need, so that they may be started ahead.
    """

    run: str
    trial: str
    owner: str
    image: str = "desk"
    network: Network = "none"
    services: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    memory_mb: int = 2048
    cpus: float = 1.0
    pids: int = 512


@dataclass(frozen=True)
class Result:
    """What a command did.

    Attributes:
        output: standard output and standard error in the order in which they were written; where
            it was longer than the cap, the middle is replaced by a line that says how many bytes
            were left out.
        exit_code: as a shell gives it (128 + n after signal n); None where the time limit ended it.
        seconds: how long it ran at the desk.
        left_out: bytes of output that were not kept.
        restarted: the command ended the shell itself (`exit`, `exec`, a closed channel); the next
            one meets a fresh shell.
    """

    output: bytes
    exit_code: int | None
    seconds: float
    left_out: int = 0
    restarted: bool = False

    @property
    def timed_out(self) -> bool:
        """Whether the time limit ended the command."""
        return self.exit_code is None

    @property
    def text(self) -> str:
        """The output as UTF-8, bad bytes replaced."""
        return self.output.decode("utf-8", errors="replace")


@dataclass(frozen=True)
class Collected:
    """What a sandbox hands over at the end of a trial: see `Evidence`, which it becomes."""

    writes: tuple[Write, ...]
    files: Mapping[str, bytes]
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])


Player = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""Plays a colleague. It is given `colleague` (as in the instance), `way`, `asker`, `subject`, `text`
and `earlier` (what both said before), and says `text` and the `topics` that it tells of."""


class Sandbox(Protocol):
    """One desk, open.

    Paths are relative to the desk's home or absolute. Every method raises `SandboxError` where the
    sandbox failed; `FileNotFoundError`, `IsADirectoryError` and `PermissionError` where a path is
    at fault, another `OSError` with its number where the worker left no room. Before `mark` a desk
    without room is a sandbox that failed. Calls may overlap; commands of the persistent shell run one after the other.
    """

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
        """Run one command in a process of its own; a string is given to `bash -c`.

        `timeout` (seconds) ends the whole process group. `user` is `agent` by default; `root`
        where the provider can.
        """
        ...

    async def shell(self, command: str, *, timeout: float = 60, cap: int = OUTPUT_CAP) -> Result:
        """Run a command in the desk's persistent shell: its `cd` and variables survive.

        After a timeout everything that the command started is dead and the shell is usable, with
        its folder and variables, wherever that is possible; else `restarted` is set.
        """
        ...

    async def read(self, path: str, *, limit: int | None = None) -> bytes:
        """The content of a file, at most `limit` bytes of it."""
        ...

    async def write(self, files: Mapping[str, File]) -> None:
        """Write files; folders are made as needed; all belong to the worker.

        A file without a time of its own gets the fixed one before `mark`, the present after it.
        """
        ...

    async def furnish(self, office: Office) -> None:
        """Put this into the office around the desk, once, before `mark`.

        Raises:
            SandboxError: there is no office, or it refused something.
        """
        ...

    async def mark(self) -> None:
        """Take the present state as the start: `collect` lists what differs from it."""
        ...

    async def play(self, player: Player) -> None:
        """Let this say what colleagues at the office say, instead of their rules; after `mark`."""
        ...

    async def tick(self) -> None:
        """The worker called a tool: the office's time passes, and what is due there happens."""
        ...

    async def collect(self, outputs: Sequence[str], *, limit: int = 64 * 1024 * 1024) -> Collected:
        """End every process of the worker, list the writes since `mark`, and bring the files.

        Files that were written, and those that match `outputs` (gitignore syntax, relative to
        the home), are brought until `limit` bytes are reached, outputs first.
        """
        ...

    async def close(self) -> None:
        """Remove everything that was made for this desk. May be called twice."""
        ...


class Provider(Protocol):
    """A kind of sandbox."""

    name: str

    async def prepare(self, image: str) -> str:
        """Make sure that the image is there, building it if need be; its digest.

        Raises:
            EngineUnavailable: this provider cannot work here.
        """
        ...

    async def open(self, spec: DeskSpec) -> Sandbox:
        """Open a desk."""
        ...

    async def reattach(self, spec: DeskSpec) -> Sandbox | None:
        """The desk of this trial that an earlier process left alive, or None. Its `mark` holds."""
        ...

    async def leftovers(self) -> Sequence[Leftover]:
        """Everything with Offsite's label that this provider made and that still stands."""
        ...

    async def remove(self, leftover: Leftover) -> None:
        """Remove it."""
        ...

    async def aclose(self) -> None:
        """Give back connections and threads."""
        ...


@dataclass(frozen=True)
class Leftover:
    """Something that an earlier process left behind: a container, a network, a folder."""

    kind: str
    id: str
    run: str
    trial: str
    owner: str
