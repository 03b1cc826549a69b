"""The Docker engine: one way to reach it, and one clear line where it cannot be reached."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from .protocol import EngineUnavailable

if TYPE_CHECKING:
    from docker import DockerClient


def connect(*, timeout: float = 60) -> DockerClient:
    """A client of the engine at `engine_address()`. Certificates for TLS are not looked for.

    Args:
        timeout: seconds that one call of the engine's API may take.

    Raises:
        EngineUnavailable: no engine answers there, or the user may not use it.
    """
    import docker
    from docker.errors import DockerException

    address = engine_address()
    try:
        client = docker.DockerClient(base_url=address, timeout=cast(int, timeout), version="auto")
    except DockerException as error:
        raise EngineUnavailable(_why(address, str(error))) from error
    return client


def engine_address() -> str:
    """The address of the engine, such as `unix:///var/run/docker.sock`.

    That is `DOCKER_HOST`, else the context that `DOCKER_CONTEXT` or the user's configuration names,
    else the usual socket: as for the `docker` command, but of a context only the address counts.
    """
    from docker.context import ContextAPI
    from docker.errors import ContextException

    named = os.environ.get("DOCKER_HOST")
    if named:
        return named
    try:
        name = os.environ.get("DOCKER_CONTEXT")
        context = ContextAPI.get_context(name) if name else ContextAPI.get_current_context()
        host = context.Host if context else None
    except (ContextException, OSError, ValueError):
        host = None
    return (host or "unix:///var/run/docker.sock").replace("http+unix://", "unix://", 1)


def engine_version(client: DockerClient) -> str:
    """The version of the engine, such as `20.10.24`."""
    return cast("_Versioned", client).version()["Version"]


class _Versioned(Protocol):
    def version(self) -> Mapping[str, str]: ...


def _why(address: str, error: str) -> str:
    named = os.environ.get("DOCKER_HOST")
    if "PermissionError" in error or "Permission denied" in error:
        return (
            f"you may not use the Docker engine at {address}; "
            "to change that: sudo usermod -aG docker $USER (then sign in again)"
        )
    if any(
        sign in error for sign in ("FileNotFoundError", "ConnectionRefused", "Connection refused")
    ):
        if named:
            return (
                f"no Docker engine answers at {address}, where DOCKER_HOST points; "
                "start that engine, or to use the usual one: unset DOCKER_HOST"
            )
        return f"no Docker engine answers at {address}; to get one: {start_command()}"
    last = error.strip().splitlines()[-1] if error.strip() else "no reason given"
    where = f"{address}, where DOCKER_HOST points," if named else address
    return f"the Docker engine at {where} does not answer ({last}); look with: docker info"


def start_command() -> str:
    """The command that starts the engine on this machine, or installs it."""
    if shutil.which("dockerd") is None:
        return "sudo apt-get install docker.io"
    if Path("/run/systemd/system").is_dir():
        return "sudo systemctl start docker"
    return "sudo sh -c 'dockerd >/var/log/dockerd.log 2>&1 &'"


def main() -> int:
    """Say in one line whether an engine answers; 0 if it does."""
    try:
        with contextlib.closing(connect(timeout=10)) as client:
            print(f"Docker engine {engine_version(client)} at {engine_address()}")
    except EngineUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
