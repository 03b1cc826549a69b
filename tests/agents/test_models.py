"""Providers and prices; and that the light part of the package stays light."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest
from offsite.agents.models import PROVIDERS, chat_model, check_model
from offsite.agents.prices import cost_usd, find_model


def test_every_provider_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch):
    for name, entry in PROVIDERS.items():
        for variable in filter(None, (entry.key, entry.url_variable)):
            monkeypatch.delenv(variable, raising=False)
        if entry.key is None:
            check_model(f"{name}:some")
            continue
        with pytest.raises(ValueError, match=rf"set {entry.key}|the extra {entry.extra}"):
            check_model(f"{name}:some")


@pytest.mark.parametrize("name", [n for n, e in PROVIDERS.items() if e.protocol == "chat"])
def test_compatible_servers(name: str, monkeypatch: pytest.MonkeyPatch):
    entry = PROVIDERS[name]
    if entry.key:
        monkeypatch.setenv(entry.key, "k")
    if entry.url_variable:
        monkeypatch.delenv(entry.url_variable, raising=False)
    chat = chat_model(f"{name}:org/some-codex", timeout=5)
    assert str(getattr(chat, "openai_api_base", "")) == entry.url
    # A name that LangChain would send to OpenAI's responses API, which others do not have.
    assert getattr(chat, "use_responses_api", None) is False


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1")
    check_model("openai:qwen3")
    assert getattr(chat_model("openai:qwen3", timeout=5), "max_retries", None) == 0


def test_prices():
    cost = cost_usd("openai:gpt-5", input=1_000_000, cached=0, written=0, output=0)
    assert cost == pytest.approx(1.25)
    cost = cost_usd("openai:gpt-5", input=1000, cached=400, written=0, output=100)
    assert cost == pytest.approx((600 * 1.25 + 400 * 0.125 + 100 * 10) / 1e6)
    assert cost_usd("openai:nobody", input=1, cached=0, written=0, output=1) is None
    assert find_model("openai:gpt-5-2025-08-07") == find_model("openai:gpt-5")


def test_prices_of_long_calls_and_of_writing_the_cache():
    entry = find_model("openai:gpt-5.5")
    assert entry is not None
    assert entry.long is not None
    short = cost_usd("openai:gpt-5.5", input=entry.long.over, cached=0, written=0, output=0)
    long = cost_usd("openai:gpt-5.5", input=entry.long.over + 1, cached=0, written=0, output=0)
    assert short == pytest.approx(entry.long.over * entry.input / 1e6)
    assert long == pytest.approx((entry.long.over + 1) * entry.long.input / 1e6)
    name = "anthropic:claude-opus-4-8"
    assert cost_usd(name, input=100, cached=0, written=100, output=0) == pytest.approx(6.25e-4)


def test_the_table_is_whole():
    from offsite.agents.prices import _table  # pyright: ignore[reportPrivateUsage]

    for name, entry in _table().items():
        provider, _, _ = name.partition(":")
        assert provider in PROVIDERS, name
        assert len(entry.country) == 2
        assert date.fromisoformat(entry.released)
        assert entry.context >= (entry.max_input or 0) > -1
        assert entry.cached is None or entry.cached <= entry.input


def test_importing_the_agents_imports_no_framework():
    program = (
        "import sys, offsite.agents, offsite.agents.worker, offsite.agents.models\n"
        "import offsite.agents.reference\n"
        "heavy = ('langchain', 'langgraph', 'openai', 'langchain_core', 'aiosqlite', 'httpx')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
