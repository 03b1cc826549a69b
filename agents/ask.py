"""The agent `ask`: puts an exam's question to a model, once, and takes its answer as it comes.

The format of the answer is that of Humanity's Last Exam: the lines `Explanation:`, `Answer:` and
`Confidence:` with a share from 0 % to 100 %, asked for in the system message; the question, and its
picture after it, in the user's (centerforaisafety/hle, hle_eval/run_model_predictions.py). The names
of the lines are the exam's, because the judge and readers of transcripts look for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from ..records.agent_spec import AgentSpec
from ..records.base import Record
from ..records.endings import Ending
from ..records.report import Report
from ..records.trajectory import Message, ModelCall
from .errors import AgentSpecError, unknown
from .models import chat_model, check_model
from .protocol import AgentFailed, Assignment, Desk
from .worker.config import WorkerConfig

FORMAT = """\
Give your response in this format:
Explanation: {why you choose this answer}
Answer: {the answer that you choose}
Confidence: {how sure you are of your answer, between 0% and 100%}"""

UNSTATED = 1.0
"""A response without a confidence counts as certain, by the exam's rule for its judge."""

_CONFIDENCE = re.compile(r"confidence\W{0,10}?(\d{1,3}(?:\.\d+)?)\s*(?:%|$)", re.I | re.M)


class AskConfig(Record):
    """The options of `ask`; the same as the worker's of these names."""

    temperature: float | None = Field(default=None, ge=0)
    reasoning_effort: str | None = None
    max_output_tokens: int | None = Field(default=None, gt=0)
    request_seconds: float = Field(default=1800, gt=0)
    retries: int = Field(default=6, ge=0)
    backoff: float = Field(default=1, gt=0)
    images: bool | None = Field(
        default=None,
        description="Whether the model takes images; None asks LangChain's model profile, and takes "
        "yes where that does not know the model: a provider that cannot then refuses aloud.",
    )


@dataclass
class Ask:
    """A model without a desk."""

    model: str
    config: AskConfig
    name: str = "ask"

    async def work(self, assignment: Assignment, desk: Desk) -> Report | None:
        """Ask; None where the model said nothing."""
        from langchain_core.messages import HumanMessage, SystemMessage

        from .worker.call import ContextExceeded, call_model

        config = WorkerConfig(**self.config.model_dump(exclude={"images"}))
        chat = chat_model(
            self.model,
            timeout=config.request_seconds,
            temperature=config.temperature,
            max_output_tokens=config.max_output_tokens,
            reasoning_effort=config.reasoning_effort,
        )
        content: list[Any] = [{"type": "text", "text": assignment.instruction}]
        if assignment.image is not None and self._sees(chat):
            content.append({"type": "image_url", "image_url": {"url": assignment.image}})
        elif assignment.image is not None:
            desk.note(f"{self.model} takes no images: the question's picture was left out")
        desk.say(Message(role="system", text=FORMAT))
        desk.step()
        asked = [SystemMessage(FORMAT), HumanMessage(content)]
        try:
            reply = await call_model(chat, self.model, asked, config, desk)
        except ContextExceeded as error:
            raise AgentFailed(Ending.CONTEXT_LIMIT, str(error)) from error
        said = str(reply.message.text).strip()
        answer = "" if said == "(nothing)" else said
        if reply.estimated:
            desk.note("the provider told no usage; its tokens are estimated")
        desk.say(Message(role="assistant", text=answer))
        desk.spend(
            ModelCall(
                model=self.model, usage=reply.usage, seconds=reply.seconds, retries=reply.retries
            )
        )
        if not answer:
            return None
        return Report(status="done", confidence=stated_confidence(answer), summary=answer)

    def _sees(self, chat: Any) -> bool:
        if self.config.images is not None:
            return self.config.images
        profile: Any = getattr(chat, "profile", None) or {}
        return bool(profile.get("image_inputs", True))


def stated_confidence(response: str) -> float:
    """The confidence from 0 to 1 that stands last in a response; `UNSTATED` where none can be read."""
    found = [float(number) for number in _CONFIDENCE.findall(response)]
    return found[-1] / 100 if found and found[-1] <= 100 else UNSTATED


def make_ask(spec: AgentSpec) -> Ask:
    """The agent of this spec.

    Raises:
        AgentSpecError: no such model or option, or the provider's key is missing.
    """
    if spec.model is None:
        raise AgentSpecError("ask needs a model: --model provider:name")
    check_model(spec.model)
    for name in spec.options:
        if name not in AskConfig.model_fields:
            raise unknown("option of ask", name, AskConfig.model_fields)
    try:
        return Ask(spec.model, AskConfig.model_validate(spec.options))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise AgentSpecError(f"ask: option {field}: {first['msg']}") from error
