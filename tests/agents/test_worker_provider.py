"""The worker when its provider fails, stalls or refuses, and when the conversation grows too long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from agent_trial import Trial
from offsite.agents.protocol import AgentFailed
from offsite.records.endings import Ending
from offsite.records.report import Report
from scripted_server import Call, ScriptedServer, Turn, fail, report, shell

Make = Callable[..., Awaitable[Trial]]


@pytest.mark.parametrize(
    "failure",
    [
        fail(429, "slow down", retry_after="0.1"),
        fail(500, "oops"),
        fail(503, "overloaded"),
        Turn(text="I will now", reasoning="long thought " * 9, cut=True),
        Turn(calls=(Call("shell", {"command": "touch da"}),), cut=True),
        Turn(calls=(Call("shell", {"command": "touch da"}),), faded=True),
        Turn(text="late", hang=3),
        Turn(text="slow " * 20, hang_inside=3),
    ],
    ids=["429", "500", "503", "cut", "cut-in-call", "faded", "stalled-before", "stalled-inside"],
)
async def test_a_passing_failure_is_tried_again(server: ScriptedServer, trial: Make, failure: Turn):
    server.script("alpha", [failure, shell("touch good"), failure, failure, report()])
    one = await trial()
    seconds = 0.8 if failure.hang or failure.hang_inside else 60.0
    assert await one.work(first_chunk_seconds=seconds, chunk_seconds=seconds)
    assert await one.has("good")
    assert not await one.has("da")  # half a reply is no reply
    calls = one.events("model_call")
    assert [call.retries for call in calls] == [1, 2]
    assert one.notes().count("retry") == 3
    assert one.desk.steps == 2  # a retry is no step


HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "text/event-stream"),
        ("data: [DONE]\n\n", "text/event-stream"),
        (": keep-alive\n\n: keep-alive\n\n", "text/event-stream"),
        ("data: {not json\n\n", "text/event-stream"),
        ('data: {"error": {"message": "upstream died"}}\n\n', "text/event-stream"),
        (HTML, "text/html"),
        (HTML, "application/json"),
        ('{"error": {"message": "upstream died", "code": 502}}', "application/json"),
        ('{"id": "1", "object": "chat.completion", "choices": null}', "application/json"),
        ('{"id": "1", "object": "chat.completion", "choices": []}', "application/json"),
        ('{"id": "1", "choi', "application/json"),
        ("null", "application/json"),
        ("[]", "application/json"),
    ],
)
async def test_a_gateway_that_says_all_is_well_and_sends_rubbish(
    server: ScriptedServer, trial: Make, body: str, kind: str, stream: bool
):
    rubbish = Turn(raw=body, kind=kind)
    server.script("alpha", [rubbish, report()])
    one = await trial()
    assert await one.work(stream=stream)
    assert "retry 1 of 6" in one.notes()
    server.script("beta", [rubbish] * 2)
    with pytest.raises(AgentFailed, match="2 tries") as caught:
        await (await trial("beta")).work(stream=stream, retries=1)
    assert caught.value.ending is Ending.PROVIDER_FAILED


FAILED = """\
data: {"type": "response.created", "sequence_number": 0, "response": %s}

data: {"type": "response.failed", "sequence_number": 1, "response": %s}

"""
RESPONSE = (
    '{"id": "r1", "object": "response", "created_at": 1, "model": "codex", "output": [], '
    '"parallel_tool_calls": true, "tool_choice": "auto", "tools": [], "status": "failed", '
    '"error": {"code": "server_error", "message": "the pod was lost"}}'
)


async def test_a_response_that_failed(server: ScriptedServer, trial: Make):
    server.script("alpha", [Turn(raw=FAILED % (RESPONSE, RESPONSE))] * 2)
    one = await trial()
    with pytest.raises(AgentFailed, match=r"2 tries; at last: .*the pod was lost") as caught:
        await one.work(model="openai:gpt-5-codex", retries=1)
    assert caught.value.ending is Ending.PROVIDER_FAILED


async def _within(seconds: float, one: Trial, **options: float) -> Report | None:
    """Let the worker work with a deadline, as the runner sets it."""
    async with asyncio.timeout(seconds) as deadline:
        one.desk.clock.deadline = deadline
        return await one.work(**options)


async def test_a_silent_provider_costs_the_agent_no_time(server: ScriptedServer, trial: Make):
    silent = Turn(text="never", hang=9)
    server.script("alpha", [silent, silent, shell("touch good"), report()])
    one = await trial()
    assert await _within(4, one, first_chunk_seconds=2.5)
    assert one.desk.clock.free > 5
    server.script("beta", [silent] * 2)
    two = await trial("beta")
    with pytest.raises(AgentFailed) as caught:
        await _within(2, two, first_chunk_seconds=2.5, retries=0)
    assert caught.value.ending is Ending.PROVIDER_FAILED


async def test_a_reply_that_takes_too_long_is_the_agents(server: ScriptedServer, trial: Make):
    server.script("alpha", [shell("true", hang=4), shell("touch late"), report()])
    one = await trial()
    with pytest.raises(TimeoutError):
        await _within(3, one)
    assert len(one.events("model_call")) == 1  # what it used is counted
    assert not await one.has("late")


async def test_the_wait_is_what_the_provider_asks(server: ScriptedServer, trial: Make):
    server.script("alpha", [fail(429, "slow down", retry_after="1"), report()])
    one = await trial()
    began = time.monotonic()
    await one.work()
    assert 1.0 <= time.monotonic() - began < 4
    assert "slow down" in one.notes()
    assert "retry 1 of 6 in 1.0 s" in one.notes()


async def test_waits_grow(server: ScriptedServer, trial: Make):
    server.script("alpha", [*[fail(502)] * 4, report()])
    one = await trial()
    await one.work()
    waits = [float(event.text.split(" in ")[-1].split(" ")[0]) for event in one.events("note")]
    assert len(waits) == 4
    assert waits[-1] > waits[0]


async def test_a_lasting_failure_is_the_providers(server: ScriptedServer, trial: Make):
    server.script("alpha", [fail(500, "the cat is on the cable")] * 9)
    with pytest.raises(AgentFailed, match=r"no reply after 3 tries.*cat is on the cable") as caught:
        await (await trial()).work(retries=2)
    assert caught.value.ending is Ending.PROVIDER_FAILED
    assert server.left("alpha") == 6


async def test_a_provider_that_wants_an_hour_has_failed(server: ScriptedServer, trial: Make):
    server.script("alpha", [fail(429, "tomorrow", retry_after="3600"), report()])
    with pytest.raises(AgentFailed, match="3600 s") as caught:
        await (await trial()).work()
    assert caught.value.ending is Ending.PROVIDER_FAILED


async def test_nobody_listens(trial: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    one = await trial()
    with pytest.raises(AgentFailed, match=r"at http://127.0.0.1:9: .*2 tries") as caught:
        await one.work(retries=1)
    assert caught.value.ending is Ending.PROVIDER_FAILED


@pytest.mark.parametrize("stream", [True, False])
async def test_a_request_has_an_end(server: ScriptedServer, trial: Make, stream: bool):
    server.script("alpha", [Turn(text="never", hang=5), report()])
    one = await trial()
    began = time.monotonic()
    assert await one.work(request_seconds=0.4, stream=stream)
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (fail(401, "Incorrect API key provided", "invalid_api_key"), "Incorrect API key"),
        (fail(402, "Insufficient Balance"), "Insufficient Balance"),
        (fail(403, "no access to this region"), "no access"),
        (fail(404, "The model `gpt-99` does not exist", "model_not_found"), "does not exist"),
        (fail(400, "Unsupported parameter: 'stream_options'"), "Unsupported parameter"),
        (fail(429, "You exceeded your current quota", "insufficient_quota"), "current quota"),
    ],
)
async def test_a_refusal_is_the_users_and_not_tried_again(
    server: ScriptedServer, trial: Make, refusal: Turn, said: str
):
    server.script("alpha", [refusal, report()])
    with pytest.raises(AgentFailed, match=said) as caught:
        await (await trial()).work()
    assert caught.value.ending is Ending.MODEL_REJECTED
    assert server.left("alpha") == 1


async def test_old_observations_make_room(server: ScriptedServer, trial: Make):
    loud = shell("seq 1 3000", input=4000)  # about 14,000 characters each
    server.script("alpha", [loud] * 12 + [report()])
    one = await trial()
    assert await one.work(context_tokens=24_000)
    sizes = [sum(len(str(m["content"])) for m in r["messages"]) for r in server.requests["alpha"]]
    assert max(sizes) < 24_000 * 6
    assert sizes[-1] < 12 * 14_000
    last = server.requests["alpha"][-1]["messages"]
    assert last[0]["role"] == "system"
    assert "(alpha)" in last[1]["content"]
    assert "characters of output left out" in str(last)
    assert "3000\n[exit code 0]" in last[-1]["content"]  # the newest one is whole
    assert "context cut" in one.notes()
    for request in server.requests["alpha"]:
        _well_formed(request["messages"])


async def test_the_cut_beginning_stays_the_same_for_a_while(server: ScriptedServer, trial: Make):
    server.script("alpha", [shell("seq 1 2000", input=3000)] * 30 + [report()])
    one = await trial()
    assert await one.work(context_tokens=40_000)
    requests = [request["messages"] for request in server.requests["alpha"]]
    kept = sum(b[: len(a)] == a for a, b in pairwise(requests))
    cuts = one.notes().count("context cut")
    assert 1 <= cuts <= 6
    assert kept == len(requests) - 1 - cuts  # all others can be served from the provider's cache


async def test_whole_steps_are_dropped_when_that_is_not_enough(server: ScriptedServer, trial: Make):
    long_file = Call("write_file", {"path": "f", "content": "x" * 3_000})
    server.script("alpha", [Turn(calls=(long_file,))] * 10 + [report()])
    one = await trial()
    assert await one.work(context_tokens=4_000)
    last = server.requests["alpha"][-1]["messages"]
    assert "earlier steps of your work are left out" in last[1]["content"]
    assert last[1]["content"].count("earlier steps") == 1
    for request in server.requests["alpha"]:
        _well_formed(request["messages"])


@pytest.mark.parametrize(
    "refusal",
    [
        fail(400, "This model's maximum context length is 4096 tokens.", "context_length_exceeded"),
        fail(400, "prompt is too long: 210000 tokens > 200000 maximum"),
        fail(500, "the request exceeds the available context size"),
        fail(400, "maximum prompt length is 131072 but the request contains 140000 tokens"),
        fail(400, "Invalid request: Your request exceeded model token limit: 262144"),
        fail(400, "Prompt exceeds max length"),
        fail(400, "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000"),
    ],
)
async def test_a_length_that_the_provider_refuses_is_cut(
    server: ScriptedServer, trial: Make, refusal: Turn
):
    loud = shell("seq 1 3000")
    server.script("alpha", [loud, loud, loud, refusal, refusal, report()])
    one = await trial()
    assert await one.work()
    sizes = [len(str(request["messages"])) for request in server.requests["alpha"]]
    assert sizes[3] > sizes[4] > sizes[5]
    assert one.notes().count("too long for the model") == 2
    assert one.desk.steps == 4


async def test_an_assignment_that_never_fits(server: ScriptedServer, trial: Make):
    refusal = fail(400, "context_length_exceeded", "context_length_exceeded")
    server.script("alpha", [shell("seq 1 3000"), *[refusal] * 20])
    with pytest.raises(AgentFailed) as caught:
        await (await trial()).work()
    assert caught.value.ending is Ending.CONTEXT_LIMIT
    server.script("beta", [report()])
    with pytest.raises(AgentFailed) as caught:
        await (await trial("beta")).work(context_tokens=1000)
    assert caught.value.ending is Ending.CONTEXT_LIMIT


def _well_formed(messages: list[dict[str, object]]) -> None:
    """Every tool call has its answer behind it, and every answer its call before it."""
    open_calls: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            open_calls.remove(str(message["tool_call_id"]))
            continue
        assert not open_calls
        calls = message.get("tool_calls") or []
        assert isinstance(calls, list)
        open_calls = {call["id"] for call in calls}
    assert not open_calls
