"""The worker's graph: ask the model, act on its reply, until it reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import add
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict, cast

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langgraph.graph import START, StateGraph
from langgraph.types import Overwrite

from ...records.endings import Ending
from ...records.report import Report
from ...records.trajectory import Message, ModelCall
from ..compatible import REASONING_FIELDS
from ..models import chat_model
from ..prices import find_model
from ..protocol import AgentFailed, Assignment, Desk
from .browser import browser_tools, traced
from .call import ContextExceeded, call_model
from .checkpoints import checkpoints
from .config import WorkerConfig
from .context import CHARS_PER_TOKEN, TooLong, fit, input_tokens, size
from .office import WAIT, office_tools
from .prompt import INTERRUPTED, NOT_DONE, NUDGE, NUDGE_CUT, system_message
from .reply import Reply
from .screens import tool_message, with_screens
from .tools import TOOLS, Tools, tool_schemas, use

_REPEATABLE = {"read_file", "write_file", "report", "browser_snapshot", "browser_screenshot"}
"""Tools whose call may be done a second time without a difference."""

_CUTS = 6
"""How often one call is cut further when the provider refuses its length."""


class State(TypedDict):
    """What a checkpoint keeps.

    Attributes:
        messages: the conversation as the model is sent it.
        silent: replies in a row without a tool call.
        chars_per_token: as the provider counted the last call.
        room: tokens of input that the model takes, as far as is known.
        report: what was handed in.
    """

    messages: Annotated[list[BaseMessage], add]
    silent: int
    chars_per_token: float
    room: int
    report: dict[str, Any] | None


async def work(
    model: str, config: WorkerConfig, assignment: Assignment, desk: Desk
) -> Report | None:
    """Let the model work until it reports, falls silent, or something is raised.

    Every step is a durable checkpoint in the assignment's folder. Where it is resumed, the work
    goes on from the last one: what was answered is not done again.

    Raises:
        LimitReached: from the desk.
        AgentFailed: provider, request or context.
    """
    chat = chat_model(
        model,
        timeout=max(config.first_chunk_seconds, config.chunk_seconds)
        if config.stream
        else config.request_seconds,
        temperature=config.temperature,
        max_output_tokens=config.max_output_tokens,
        reasoning_effort=config.reasoning_effort,
    )
    profile: Any = getattr(chat, "profile", None) or {}
    images = config.images if config.images is not None else bool(profile.get("image_inputs"))
    browser = await browser_tools(desk.sandbox, images=images)
    office = await office_tools(desk.sandbox)
    tools = {**TOOLS, **browser, **office}
    nodes = _Nodes(
        chat.bind_tools(tool_schemas(tools)), model, config, desk, tools, assignment.folder
    )
    async with checkpoints(assignment.folder / "checkpoint.sqlite") as saver:
        graph = _build(nodes, saver)
        thread: Any = {"configurable": {"thread_id": "trial"}, "recursion_limit": 1_000_000}
        start = None
        if not assignment.resumed or not await _resume(graph, thread, desk):
            system = system_message(assignment.limits, browser=bool(browser), office=bool(office))
            desk.say(Message(role="system", text=system))
            if find_model(model) is None:
                desk.note(f"the price of {model} is not known: its cost is not counted or limited")
            start = State(
                messages=[SystemMessage(system), HumanMessage(assignment.instruction)],
                silent=0,
                chars_per_token=CHARS_PER_TOKEN,
                room=input_tokens(model, profile, config.context_tokens),
                report=None,
            )
        async with traced(desk, assignment.folder, wanted=config.browser_trace and bool(browser)):
            end = cast(State, await graph.ainvoke(start, thread, durability="sync"))
    return None if end["report"] is None else Report.model_validate(end["report"])


def _build(nodes: _Nodes, saver: Any) -> Any:
    graph: Any = StateGraph(State)
    graph.add_node("ask", nodes.ask)
    graph.add_node("act", nodes.act)
    graph.add_edge(START, "ask")
    graph.add_conditional_edges("ask", nodes.after_ask)
    graph.add_conditional_edges("act", nodes.after_act)
    return graph.compile(checkpointer=saver)


@dataclass(frozen=True)
class _Nodes:
    """The two steps of the work, and what follows each."""

    chat: Any
    model: str
    config: WorkerConfig
    desk: Desk
    tools: Tools
    folder: Path

    async def ask(self, state: State) -> dict[str, Any]:
        """Send the conversation to the model and take its reply."""
        self.desk.step()
        sent, room, reply = await self._reply(state)
        message = reply.message
        self.desk.say(Message(role="assistant", text=message.text, reasoning=_reasoning(message)))
        self.desk.spend(
            ModelCall(
                model=self.model, usage=reply.usage, seconds=reply.seconds, retries=reply.retries
            )
        )
        new: list[BaseMessage] = [message]
        silent = 0
        if not message.tool_calls:
            silent = state["silent"] + 1
            new.append(HumanMessage(NUDGE_CUT if reply.cut else NUDGE))
            self.desk.note(f"a reply without a tool call ({silent} in a row)")
        was_cut = sent is not state["messages"]
        return {
            "messages": Overwrite([*sent, *new]) if was_cut else new,
            "silent": silent,
            "room": room,
            "chars_per_token": _chars_per_token(sent, reply, state["chars_per_token"]),
        }

    async def act(self, state: State) -> dict[str, Any]:
        """Do the first tool call that has no answer yet: one a step, so that each is kept."""
        call, *rest = _open_calls(state["messages"])
        answer = await use(
            self.tools, call["name"], call["args"], call["id"], self.desk, self.config
        )
        if call["name"] != WAIT:  # its time has passed
            await self.desk.tick()
        new = [tool_message(answer, call["id"])]
        if answer.report is None:
            return {"messages": new}
        new += [ToolMessage(NOT_DONE, tool_call_id=left["id"]) for left in rest]
        return {"messages": new, "report": answer.report.model_dump(mode="json")}

    def after_ask(self, state: State) -> Literal["act", "ask", "__end__"]:
        """Act on what was called; else nudge, until that has not helped."""
        if _open_calls(state["messages"]):
            return "act"
        return "ask" if state["silent"] < self.config.silent_replies else "__end__"

    def after_act(self, state: State) -> Literal["act", "ask", "__end__"]:
        """The next call of the same reply, or the model again, unless it has reported."""
        if state["report"] is not None:
            return "__end__"
        return "act" if _open_calls(state["messages"]) else "ask"

    async def _reply(self, state: State) -> tuple[list[BaseMessage], int, Reply]:
        """The reply, the conversation as it was sent for it, and the room that this showed."""
        messages, room = state["messages"], state["room"]
        chars_per_token = state["chars_per_token"]
        force = False
        for _ in range(_CUTS):
            try:
                sent = fit(messages, room * chars_per_token, force=force)
            except TooLong as error:
                raise AgentFailed(Ending.CONTEXT_LIMIT, str(error)) from error
            if sent is not messages:
                self.desk.note(f"context cut from {size(messages):,} to {size(sent):,} characters")
            try:
                shown = with_screens(sent, self.folder)
                reply = await call_model(self.chat, self.model, shown, self.config, self.desk)
            except ContextExceeded as error:
                self.desk.note(f"too long for the model: {error}")
                room = int(size(sent) / chars_per_token * 0.8)
                messages, force = sent, True
                continue
            if reply.estimated:
                self.desk.note("the provider told no usage; its tokens are estimated")
            return sent, room, reply
        raise AgentFailed(Ending.CONTEXT_LIMIT, f"still too long after {_CUTS} cuts")


async def _resume(graph: Any, thread: Any, desk: Desk) -> bool:
    """Make ready to go on from the last checkpoint; whether there is one.

    A call that was open then may have been under way: nobody knows what it did. It is not done
    again unless that can do no harm; the model is told, and looks for itself.
    """
    snapshot = await graph.aget_state(thread)
    if not snapshot.values.get("messages"):
        desk.note("resumed before the first checkpoint: the work begins anew")
        return False
    calls = _open_calls(snapshot.values["messages"]) if "act" in snapshot.next else []
    if calls and calls[0]["name"] not in _REPEATABLE:
        answer = ToolMessage(INTERRUPTED, tool_call_id=calls[0]["id"])
        await graph.aupdate_state(thread, {"messages": [answer]}, as_node="act")
        desk.note(
            f"resumed; {calls[0]['name']} (call {calls[0]['id']}) was under way, not repeated"
        )
    else:
        desk.note("resumed at the last checkpoint")
    return True


def _open_calls(messages: Sequence[BaseMessage]) -> list[Any]:
    """The tool calls of the newest reply that are not answered yet, in order."""
    answered: set[str] = set()
    for message in reversed(messages):
        if isinstance(message, ToolMessage):
            answered.add(message.tool_call_id)
        elif isinstance(message, AIMessage):
            return [call for call in message.tool_calls if call["id"] not in answered]
        else:
            return []
    return []


def _reasoning(message: AIMessage) -> str:
    """The model's open reasoning, wherever its provider puts it."""
    for field in REASONING_FIELDS:
        if isinstance(text := message.additional_kwargs.get(field), str):
            return text
    blocks = cast("list[dict[str, Any]]", message.content_blocks)
    return "\n".join(str(b.get("reasoning", "")) for b in blocks if b["type"] == "reasoning")


def _chars_per_token(sent: Sequence[BaseMessage], reply: Reply, before: float) -> float:
    """As this call shows it; very short conversations, mostly tool schemas, show nothing."""
    if reply.estimated or size(sent) < 20_000 or not reply.usage.input:
        return before
    return min(6.0, max(1.0, size(sent) / reply.usage.input))
