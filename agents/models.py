"""The models: which providers there are, and how `provider:name` becomes a chat model."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlsplit

from ..records.errors import nearest
from .errors import AgentSpecError, unknown
from .prices import find_model, known_models

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel


@dataclass(frozen=True)
class ProviderEntry:
    """A provider of models.

    Attributes:
        key: the environment variable that holds the key; None where none is needed.
        url: the default address; None where the library knows it.
        url_variable: the environment variable that replaces it. Where it is set, the server is the
            user's own matter and the key may be missing.
        protocol: how it is spoken to. `chat` is OpenAI's chat completions, as spoken by nearly
            every server; `openai` is the same at the source, where some models need the responses
            API; the others have their own library.
        extra: the extra of Offsite that installs that library.
    """

    key: str | None
    url: str | None = None
    url_variable: str | None = None
    protocol: Literal["openai", "chat", "anthropic", "google"] = "chat"
    extra: str | None = None


PROVIDERS: dict[str, ProviderEntry] = {
    "openai": ProviderEntry("OPENAI_API_KEY", None, "OPENAI_BASE_URL", "openai"),
    "anthropic": ProviderEntry(
        "ANTHROPIC_API_KEY", None, "ANTHROPIC_BASE_URL", "anthropic", "anthropic"
    ),
    "google": ProviderEntry("GOOGLE_API_KEY", protocol="google", extra="google"),
    "deepseek": ProviderEntry("DEEPSEEK_API_KEY", "https://api.deepseek.com", "DEEPSEEK_BASE_URL"),
    "xai": ProviderEntry("XAI_API_KEY", "https://api.x.ai/v1"),
    "moonshot": ProviderEntry(
        "MOONSHOT_API_KEY", "https://api.moonshot.ai/v1", "MOONSHOT_BASE_URL"
    ),
    "zai": ProviderEntry("ZAI_API_KEY", "https://api.z.ai/api/paas/v4", "ZAI_BASE_URL"),
    "openrouter": ProviderEntry("OPENROUTER_API_KEY", "https://openrouter.ai/api/v1"),
    "ollama": ProviderEntry(None, "http://localhost:11434/v1", "OLLAMA_BASE_URL"),
    "vllm": ProviderEntry(None, "http://localhost:8000/v1", "VLLM_BASE_URL"),
}
"""The one table of providers."""

_LIBRARIES = {"anthropic": "langchain_anthropic", "google": "langchain_google_genai"}


def check_model(model: str) -> None:
    """See whether a model can be used from here, without loading or calling anything.

    Raises:
        AgentSpecError: the provider is unknown, its key or its library is missing.
    """
    provider, _ = _split(model)
    entry = PROVIDERS[provider]
    library = _LIBRARIES.get(entry.protocol)
    if library is not None and find_spec(library) is None:
        raise AgentSpecError(
            f"{model}: {library} is not installed; it comes with the extra {entry.extra}: pip install -e '.[{entry.extra}]'"
        )
    _key(model, entry)


def doubt_name(model: str) -> str:
    """A line on a name that this provider, as far as its models are known, does not have; else "".

    A server of one's own (by its address in the environment) may call its models as it likes.
    """
    provider, _ = _split(model)
    entry = PROVIDERS[provider]
    own_server = entry.url_variable is not None and bool(os.environ.get(entry.url_variable))
    known = [name for name in known_models() if name.startswith(f"{provider}:")]
    if own_server or not known or find_model(model) is not None:
        return ""
    return f"{model} is not among the known models of {provider}{nearest(model, known)}"


def address(model: str) -> str:
    """Where requests to this model go: scheme, host and port; "" where only the library knows."""
    provider, _ = _split(model)
    parts = urlsplit(_url(PROVIDERS[provider]) or "")
    # Before the last @ there may be a password.
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""


def own_address(model: str) -> tuple[str, str] | None:
    """The address of a server that is the user's own matter, and the variable that names it.

    That is an address set in the environment, or the default one of a provider that needs no key,
    which is on this machine; None for all others.
    """
    provider, _ = _split(model)
    entry = PROVIDERS[provider]
    if entry.url_variable is None:
        return None
    given = os.environ.get(entry.url_variable) or (entry.url if entry.key is None else None)
    return (given, entry.url_variable) if given else None


def chat_model(
    model: str,
    *,
    timeout: float,
    temperature: float | None = None,
    max_output_tokens: int | None = None,
    reasoning_effort: str | None = None,
) -> BaseChatModel:
    """The LangChain chat model of `provider:name`. It does not retry by itself.

    Args:
        timeout: seconds without a byte after which a request is given up.
        temperature: sent only if given; many reasoning models refuse it.
        reasoning_effort: sent only if given, as the provider calls it (`low`, `high` …).

    Raises:
        AgentSpecError: as `check_model`.
    """
    check_model(model)
    provider, name = _split(model)
    entry = PROVIDERS[provider]
    given: dict[str, Any] = {
        "model": name,
        "timeout": timeout,
        "max_retries": 0,
        "temperature": temperature,
        "api_key": _key(model, entry),
    }
    url = _url(entry)
    if entry.protocol in ("openai", "chat"):
        from .compatible import CompatibleChat

        given |= {
            "base_url": url,
            "max_completion_tokens": max_output_tokens,
            "reasoning_effort": reasoning_effort,
            "stream_usage": True,
            "stream_chunk_timeout": None,
            "use_responses_api": None if entry.protocol == "openai" else False,
        }
        return CompatibleChat(**_given(given))
    if entry.protocol == "anthropic":
        given |= {"base_url": url, "max_tokens": max_output_tokens, "effort": reasoning_effort}
        # Without it nothing is read from the cache, and a long trial costs many times as much.
        given["model_kwargs"] = {"cache_control": {"type": "ephemeral"}}
        return _make("langchain_anthropic", "ChatAnthropic", given)
    given |= {"max_output_tokens": max_output_tokens, "thinking_level": reasoning_effort}
    return _make("langchain_google_genai", "ChatGoogleGenerativeAI", given)


def _split(model: str) -> tuple[str, str]:
    provider, colon, name = model.partition(":")
    if not colon or not name:
        raise AgentSpecError(f"{model!r} is no model: write provider:name, such as openai:gpt-5")
    if provider not in PROVIDERS:
        raise unknown("provider", provider, PROVIDERS)
    return provider, name


def _url(entry: ProviderEntry) -> str | None:
    return (os.environ.get(entry.url_variable) if entry.url_variable else None) or entry.url


def _key(model: str, entry: ProviderEntry) -> str:
    """The key; a placeholder where none is needed, for the library insists on one."""
    key = os.environ.get(entry.key, "").strip() if entry.key else ""
    own_server = entry.url_variable is not None and bool(os.environ.get(entry.url_variable))
    if key or entry.key is None or own_server:
        return key or "none"
    raise AgentSpecError(f"{model}: no API key; set {entry.key}")


def _make(library: str, kind: str, given: dict[str, Any]) -> BaseChatModel:
    from importlib import import_module

    return cast("BaseChatModel", getattr(import_module(library), kind)(**_given(given)))


def _given(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}
