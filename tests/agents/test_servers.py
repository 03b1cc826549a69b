"""A model's server that is not there is told before anything begins."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator

import pytest
from offsite.agents.errors import AgentSpecError, ServerUnreachable
from offsite.agents.models import address
from offsite.agents.servers import check_servers

MODELS = ("openai:gpt-5", "openai:gpt-5-mini", None)


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Generator[socket.socket]:
    """A port that OPENAI_BASE_URL names, and no proxy in the environment."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://user:secret@127.0.0.1:{port}/v1")
        yield listening


async def test_one_that_listens_is_asked_once(listener: socket.socket):
    await check_servers(MODELS)
    listener.setblocking(False)
    listener.accept()[0].close()
    with pytest.raises(BlockingIOError):
        listener.accept()


async def test_a_closed_port(listener: socket.socket):
    port = listener.getsockname()[1]
    listener.close()
    told = rf"^openai:gpt-5: 127.0.0.1:{port}: connection refused; .*OPENAI_BASE_URL"
    with pytest.raises(ServerUnreachable, match=told) as caught:
        await check_servers(MODELS)
    assert "secret" not in str(caught.value)
    assert address("openai:gpt-5") == f"http://127.0.0.1:{port}"


@pytest.mark.usefixtures("listener")
async def test_an_unknown_host(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "https://nobody.invalid/v1")

    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    with pytest.raises(ServerUnreachable, match=r"nobody\.invalid:443: unknown host"):
        await check_servers(MODELS)


async def test_behind_a_proxy_it_is_not_tried(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
):
    listener.close()
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    await check_servers(MODELS)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(ServerUnreachable):
        await check_servers(MODELS)


@pytest.mark.usefixtures("listener")
@pytest.mark.parametrize("url", ["localhost:8000/v1", "http://h:port/v1", "http:///v1", "ftp://h"])
async def test_what_is_no_address(monkeypatch: pytest.MonkeyPatch, url: str):
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(AgentSpecError, match="OPENAI_BASE_URL: is no address"):
        await check_servers(MODELS)


async def test_other_peoples_servers_are_not_tried(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("was tried")

    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("DEEPSEEK_BASE_URL", raising=False)
    monkeypatch.setattr(asyncio, "open_connection", refuse)
    await check_servers([*MODELS, "deepseek:deepseek-chat", "google:gemini-3-pro"])
