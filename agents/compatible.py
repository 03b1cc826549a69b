"""OpenAI's chat completions as other servers speak them: with open reasoning, counting anyhow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI

REASONING_FIELDS = ("reasoning_content", "reasoning")
"""Where servers put open reasoning: DeepSeek, vLLM, Moonshot; OpenRouter, newer vLLM."""


class CompatibleChat(ChatOpenAI):
    """`ChatOpenAI`, which by design drops what is not OpenAI's, with two things added.

    Open reasoning is kept, and sent back in the field it came in: models that think between tool
    calls need it (DeepSeek refuses the request without it). And where a server tells its usage so
    far in every chunk, the last word counts, not the sum.
    """

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        usage = None
        async for chunk in super()._astream(*args, **kwargs):
            if isinstance(chunk.message, AIMessageChunk) and chunk.message.usage_metadata:
                usage = chunk.message.usage_metadata
                chunk.message.usage_metadata = None
            yield chunk
        if usage is not None:
            yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage))

    def _convert_chunk_to_generation_chunk(
        self,
        chunk: dict[str, Any],
        default_chunk_class: type,
        base_generation_info: dict[str, Any] | None,
    ) -> ChatGenerationChunk | None:
        plain: Any = super()
        made: ChatGenerationChunk | None = plain._convert_chunk_to_generation_chunk(
            chunk, default_chunk_class, base_generation_info
        )
        choices = cast("list[dict[str, Any]]", chunk.get("choices") or [])
        if made is not None and choices:
            made.message.additional_kwargs.update(_reasoning(choices[0].get("delta")))
        return made

    def _create_chat_result(
        self, response: Any, generation_info: dict[str, Any] | None = None
    ) -> ChatResult:
        plain: Any = super()
        result: ChatResult = plain._create_chat_result(response, generation_info)
        whole = cast(
            "dict[str, Any]", response if isinstance(response, dict) else response.model_dump()
        )
        for choice, generation in zip(whole["choices"], result.generations, strict=True):
            generation.message.additional_kwargs.update(_reasoning(choice.get("message")))
        return result

    def _get_request_payload(
        self, input_: Any, *, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        plain: Any = super()
        payload: dict[str, Any] = plain._get_request_payload(input_, stop=stop, **kwargs)
        if "messages" in payload:
            spoken = self._convert_input(input_).to_messages()
            for message, sent in zip(spoken, payload["messages"], strict=True):
                if isinstance(message, AIMessage):
                    sent.update(_reasoning(message.additional_kwargs))
        return payload


def _reasoning(fields: Mapping[str, Any] | None) -> dict[str, str]:
    """The open reasoning among these fields, under the first name that holds any."""
    for name in REASONING_FIELDS:
        text = (fields or {}).get(name)
        if isinstance(text, str) and text:
            return {name: text}
    return {}
