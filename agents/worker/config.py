"""What can be set about the worker."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from ...records.base import Record


class WorkerConfig(Record):
    """The options of the agent `worker`. Times are in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    temperature: float | None = Field(default=None, ge=0)
    """Sent only if set: many reasoning models refuse it."""

    reasoning_effort: str | None = None
    """Sent only if set, in the provider's own words (`low`, `medium`, `high` …)."""

    max_output_tokens: int | None = Field(default=None, gt=0)
    """The longest reply, reasoning included; None leaves it to the provider."""

    stream: bool = True
    """Receive replies in pieces, so that a provider that stalls is noticed."""

    command_seconds: float = Field(default=120, gt=0)
    """The time limit of a command for which the model sets none."""

    command_seconds_max: float = Field(default=1800, gt=0)
    """The longest time limit that the model may set."""

    observation_chars: int = Field(default=16_000, ge=1000)
    """The longest answer of a tool that the model is shown; head and tail are kept."""

    context_tokens: int | None = Field(default=None, ge=1000)
    """What the model can take in; None asks the price table, then LangChain's model profile, and
    takes 128,000 if neither knows."""

    retries: int = Field(default=6, ge=0)
    """How often one model call is tried again after a failure of the provider."""

    backoff: float = Field(default=1.0, gt=0)
    """The wait before the first retry; doubled each time, with jitter, unless the provider says."""

    backoff_max: float = Field(default=60, gt=0)
    """The longest such wait."""

    retry_after_max: float = Field(default=300, gt=0)
    """A provider that asks for a longer wait has failed."""

    request_seconds: float = Field(default=1800, gt=0)
    """The longest time for one model call, thinking included."""

    first_chunk_seconds: float = Field(default=600, gt=0)
    """The longest time until a streamed reply begins; hidden thinking comes before it."""

    chunk_seconds: float = Field(default=120, gt=0)
    """The longest time between two pieces of a streamed reply."""

    silent_replies: int = Field(default=3, ge=1)
    """After so many replies in a row without a tool call the worker has left without a report."""

    images: bool | None = None
    """Whether the model takes images, and so is given `browser_screenshot`; None asks LangChain's
    model profile, and takes no where that does not know the model."""

    browser_trace: bool = False
    """Keep a Playwright trace of the browser: `browser-trace.zip` in the trial's folder."""
