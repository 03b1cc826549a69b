"""Which agent is meant: what a plan and a record keep of it."""

from __future__ import annotations

import hashlib
import re

from pydantic import Field, JsonValue

from .base import Record

_LONGEST_SLUG = 60


class AgentSpec(Record):
    """An agent by its name, with the model that drives it and its options.

    Two trials with equal specs were done by the same agent; keys never stand in here.
    """

    name: str = Field(min_length=1, description="As in the table of agents: `oracle`, `worker` …")
    model: str | None = Field(
        default=None, description="`provider:name`; None for agents without a model."
    )
    options: dict[str, JsonValue] = Field(
        default_factory=dict[str, JsonValue],
        description="What was set otherwise than by default; which there are is the agent's matter.",
    )

    @property
    def label(self) -> str:
        """For people: `oracle`, `worker (openai:gpt-5)`, `careless (wrong=pays_twice)`."""
        parts = [self.model] if self.model else []
        parts += [f"{name}={value}" for name, value in sorted(self.options.items())]
        return f"{self.name} ({', '.join(parts)})" if parts else self.name

    @property
    def slug(self) -> str:
        """The same as a part of a file's name, unique among the agents of a run."""
        slug = re.sub(r"[^A-Za-z0-9._-]+", "-", self.label).strip("-")
        if slug == self.label and len(slug) <= _LONGEST_SLUG:
            return slug
        # Different labels may look the same once cleaned; the digest tells them apart.
        return f"{slug[:_LONGEST_SLUG]}-{hashlib.sha256(self.label.encode()).hexdigest()[:6]}"
