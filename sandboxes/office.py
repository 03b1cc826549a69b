"""The office around a desk: real services in a container of their own, whose network the desk joins.

The office is spoken to as a desk is: the same daemon is its first process, and a program in its
image does everything (`images/office/office/`). Its network has no way out, so that there is
nothing but the office for the desk to reach: no host, no name server, no other trial.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from ..records.office import DOMAIN, Act, Office, office_writes, pack_office
from .channel import CAPABILITIES, ChannelSandbox, Settings
from .protocol import Collected, Player, SandboxError

HOSTS = {
    "mail": ("mail",),
    "calendar": ("calendar", "mail"),
    "tracker": ("tracker",),
    "chat": ("chat",),
    "files": ("files",),
    "forge": ("forge",),
    "database": ("database",),
    "erp": ("erp",),
}
"""The names that each service answers to, below the office's domain."""

REQUIRED = {"calendar": ("mail",)}
"""What a service cannot do without."""

SETTINGS = Settings(home="/", address="offsite-office")
"""The daemon's. Abstract sockets belong to the network, which the desk's own daemon shares."""

MEMORY_MB = 2048
PIDS = 1024
BOOT_SECONDS = 200.0  # more than the program itself waits
PROGRAM_SECONDS = 300.0
MOST = 256 * 1024 * 1024
TRUST = """\
set -e
cat > /usr/local/share/ca-certificates/office.crt
cat /usr/local/share/ca-certificates/office.crt >> /etc/ssl/certs/ca-certificates.crt
ln -sf /usr/local/share/ca-certificates/office.crt \
"/etc/ssl/certs/$(openssl x509 -hash -noout < /usr/local/share/ca-certificates/office.crt).0"
"""
"""Run as root at the desk: its programs trust the office, and so does its browser when it starts."""

LIFE = "/run/office/life.json"
"""Where the office keeps what goes on there; `null` where nothing does."""

COMMAND = "cat > /usr/local/bin/office && chmod 755 /usr/local/bin/office"
ASK = """\
import json, socket, sys
asked, content = sys.argv[1], sys.stdin.buffer.read()
office = socket.socket(socket.AF_UNIX)
office.connect("/run/office/time.sock")
head = f"{asked} HTTP/1.0\\r\\nContent-Length: {len(content)}\\r\\n\\r\\n"
office.sendall(head.encode() + content)
sys.stdout.buffer.write(office.makefile("rb").read())
"""
"""Speaks to the office's time. It imports next to nothing: it is run after every call of a tool."""


def all_services(named: Sequence[str]) -> tuple[str, ...]:
    """These services and what they cannot do without, in the order of `HOSTS`.

    Raises:
        SandboxError: there is no such service.
    """
    wanted = {one for name in named for one in (name, *REQUIRED.get(name, ()))}
    if unknown := wanted - HOSTS.keys():
        raise SandboxError(
            f"no service {sorted(unknown)[0]!r} in the office; there are: {', '.join(HOSTS)}"
        )
    return tuple(name for name in HOSTS if name in wanted)


def office_container(desk: Mapping[str, Any], image: str, services: Sequence[str]) -> Any:
    """The office's container, out of the configuration of the desk's."""
    names = {"portal", *(host for name in services for host in HOSTS[name])}
    host = {
        **desk["HostConfig"],
        "NetworkMode": "none",
        "ExtraHosts": [f"{name}.{DOMAIN}:127.0.0.1" for name in sorted(names)],
        "Dns": ["127.0.0.1"],  # where nobody answers: unknown names fail at once
        "CapAdd": [*CAPABILITIES, "SYS_CHROOT"],  # for the sign-in processes of Dovecot
        "Memory": MEMORY_MB * 1024 * 1024,
        "MemorySwap": MEMORY_MB * 1024 * 1024,
        "NanoCpus": 0,
        "PidsLimit": PIDS,
    }
    return {**desk, "Image": image, "HostConfig": host}


def desk_container(desk: Mapping[str, Any], office: str) -> Any:
    """The desk's container inside the network of the office; name and hosts are the office's."""
    host = {**desk["HostConfig"], "NetworkMode": f"container:{office}"}
    return {
        name: value for name, value in {**desk, "HostConfig": host}.items() if name != "Hostname"
    }


class OfficeDesk(ChannelSandbox):
    """A desk with an office around it: a `Sandbox` whose state is both."""

    def __init__(self, desk: ChannelSandbox, office: ChannelSandbox) -> None:
        super().__init__(desk.channel, desk.close)
        self.office = office
        self.lives = False
        self._playing: asyncio.Future[None] | None = None

    async def introduce(self) -> None:
        """Let the desk's programs trust the office's certificate, and lay the command `office`."""
        for path, take in {"/etc/office/ca.crt": TRUST, "/opt/office/desk/office": COMMAND}.items():
            found = await self.office.run(["cat", path], user="root")
            taken = await self.run(["sh", "-c", take], user="root", stdin=found.output)
            if taken.exit_code != 0:
                raise SandboxError(f"the desk does not take the office's {path}: {taken.text}")

    async def take_up(self) -> None:
        """Learn what an earlier harness put into the office: whether anything goes on there."""
        kept = await self.office.run(["cat", LIFE], user="root")
        self.lives = kept.exit_code == 0 and kept.text.strip() != "null"

    async def furnish(self, office: Office) -> None:
        """See `Sandbox.furnish`."""
        self.lives = office.life is not None
        await _program(self.office, "seed", office.model_dump_json().encode())

    async def mark(self) -> None:
        """See `Sandbox.mark`."""
        await asyncio.gather(super().mark(), _program(self.office, "mark"))

    async def play(self, player: Player) -> None:
        """See `Sandbox.play`."""
        if self.lives:
            await self._ask("POST /play", {})
            self._playing = asyncio.ensure_future(self._play(player))

    async def tick(self) -> None:
        """See `Sandbox.tick`."""
        if self.lives:
            await self._ask("POST /tick", {})

    async def _play(self, player: Player) -> None:
        while True:
            question = (await self._ask("GET /asked", {}))["question"]
            if question is None:
                continue
            try:
                said: Mapping[str, Any] = await player(question)
            except Exception as error:  # the office tells, where the trial waits for it
                said = {"topics": [], "text": "", "error": str(error) or type(error).__name__}
            await self._ask("POST /say", {"number": question["number"], **said})

    async def _ask(self, what: str, content: Mapping[str, Any]) -> Any:
        """Ask the office's time something."""
        told = await self.office.run(
            ["python3", "-I", "-S", "-c", ASK, what],
            user="root",
            stdin=json.dumps(content).encode(),
            timeout=PROGRAM_SECONDS,
        )
        head, _, body = told.text.partition("\r\n\r\n")
        if told.exit_code != 0 or " 200 " not in head.partition("\r\n")[0]:
            said = (body or told.text)[-500:].strip()
            raise SandboxError(f"the office's time does not pass: {said}")
        return json.loads(body)

    async def collect(self, outputs: Sequence[str], *, limit: int = 64 * 1024 * 1024) -> Collected:
        """See `Sandbox.collect`; the office is looked at when nobody is at the desk any more."""
        collected = await super().collect(outputs, limit=limit)
        said = await _program(self.office, "collect")
        try:
            found = json.loads(said)
            start, end = (Office.model_validate_json(_json(found[x])) for x in ("start", "end"))
            acts = tuple(Act.model_validate_json(_json(one)) for one in found["acts"])
        except (ValueError, KeyError, ValidationError) as error:
            raise SandboxError(f"the office's state cannot be read: {error}") from error
        return replace(
            collected,
            writes=(*collected.writes, *office_writes(start, end, acts)),
            files={**collected.files, **pack_office(end)},
        )

    async def close(self) -> None:
        """See `Sandbox.close`: the desk goes first, it stands in the office's network."""
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.gather(self._playing, return_exceptions=True)
        try:
            await super().close()
        finally:
            await self.office.close()


def _json(found: object) -> bytes:
    """JSON again; half characters, which a worker can have written, are none of Unicode."""
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


async def boot(office: ChannelSandbox, services: Sequence[str]) -> Mapping[str, float]:
    """Start services and wait until all are ready; the error has the last lines of their logs."""
    said = await _program(office, "boot", json.dumps(list(services)).encode(), BOOT_SECONDS)
    return json.loads(said)


async def _program(
    office: ChannelSandbox, what: str, given: bytes = b"", timeout: float = PROGRAM_SECONDS
) -> bytes:
    """Let the office's own program do something; what it said."""
    result = await office.run(
        ["python3", "-S", "-m", "office", what],
        user="root",
        env={"PYTHONPATH": "/opt/office", "HOME": "/root"},
        stdin=given,
        timeout=timeout,
        cap=MOST,
    )
    if result.exit_code != 0:
        why = f"took more than {timeout:g} s" if result.timed_out else result.text[-6000:].strip()
        raise SandboxError(f"the office could not {what}: {why}")
    return result.output
