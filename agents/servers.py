"""Whether the servers of the models answer, before anything is begun that would wait for them."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from .errors import AgentSpecError, ServerUnreachable
from .models import own_address

PATIENCE_SECONDS = 5.0
"""Long enough for a connection whose first packets are lost."""


async def check_servers(models: Iterable[str | None]) -> None:
    """Connect once to each server that is the user's own matter; the others are taken as there.

    Nothing is sent. An address that is reached through a proxy is not tried.

    Raises:
        ServerUnreachable: one does not accept a connection.
        AgentSpecError: its address is none.
    """
    found: dict[tuple[str, str], str] = {}
    for model in filter(None, models):
        if own := own_address(model):
            found.setdefault(own, model)
    await asyncio.gather(*(_connect(model, *own) for own, model in found.items()))


async def _connect(model: str, address: str, variable: str) -> None:
    """One connection, closed at once."""
    parts, port = _parse(model, address, variable)
    host = parts.hostname or ""
    if _through_proxy(parts.scheme, host, port):
        return
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            _, writer = await asyncio.open_connection(host, port, happy_eyeballs_delay=0.25)
    except OSError as error:
        mend = f"start the server, or set {variable} to where it is; nothing was begun"
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        raise ServerUnreachable(f"{model}: {place}: {_cause(error)}; {mend}") from error
    writer.close()


def _parse(model: str, address: str, variable: str) -> tuple[SplitResult, int]:
    """The parts of an address, and its port."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        if parts.hostname:
            return parts, port
    except (ValueError, KeyError):
        pass
    raise AgentSpecError(
        f"{model}: {variable}: is no address; write it as http://127.0.0.1:8000/v1"
    )


def _through_proxy(scheme: str, host: str, port: int) -> bool:
    """Whether the environment sends requests to this host through a proxy."""
    from urllib.request import getproxies_environment, proxy_bypass

    proxies = getproxies_environment()
    if not (proxies.get(scheme) or proxies.get("all")):
        return False
    return not proxy_bypass(f"{host}:{port}")


def _cause(error: OSError) -> str:
    """Why there was no connection, in a few words."""
    if isinstance(error, TimeoutError):
        return f"no answer within {PATIENCE_SECONDS:g} s"
    if isinstance(error, socket.gaierror):
        return "unknown host"
    # Of several addresses of a host asyncio gives one error without a number.
    return os.strerror(error.errno).lower() if error.errno else "no connection"
