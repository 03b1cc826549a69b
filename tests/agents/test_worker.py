"""The worker against a scripted provider over HTTP: what it does, counts and survives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from agent_trial import Trial
from langchain_core.messages import AIMessage
from offsite.agents.protocol import LimitReached
from offsite.agents.worker.reply import read_reply
from offsite.records.endings import Ending
from scripted_server import Call, ScriptedServer, Turn, report, shell

Make = Callable[..., Awaitable[Trial]]


async def test_files_are_made_and_every_token_is_counted(server: ScriptedServer, trial: Make):
    server.script(
        "alpha",
        [
            shell("echo 42 > answer.txt", text="On it.", reasoning="I should write the answer down.",
                  input=1000, cached=600, output=50, reasoning_tokens=20),
            Turn(calls=(Call("read_file", {"path": "answer.txt"}),), input=1200, cached=1000, output=30),
            report("done", 0.8, input=1300, cached=1200, output=40),
        ],
    )  # fmt: skip
    one = await trial()
    result = await one.work()
    assert result is not None
    assert (result.status, result.confidence, result.summary) == ("done", 0.8, "As asked.")
    assert await one.text("answer.txt") == "42\n"

    used = one.desk.usage
    assert (used.input, used.cached, used.output, used.reasoning) == (3500, 2800, 120, 20)
    # gpt-5-mini: $0.25 plain, $0.025 cached, $2 output, each per million tokens.
    assert used.cost_usd == pytest.approx((700 * 0.25 + 2800 * 0.025 + 120 * 2) / 1e6)
    assert one.desk.steps == 3

    kinds = [event.type for event in one.events()]
    assert kinds == [
        "message", *["message", "model_call", "tool_call", "observation"] * 3
    ]  # fmt: skip
    said = one.events("message")[1]
    assert (said.text, said.reasoning) == ("On it.", "I should write the answer down.")
    assert one.events("tool_call")[0].arguments["command"] == "echo 42 > answer.txt"
    assert [event.text for event in one.events("observation")][1] == "42\n"
    assert all(
        call.call == seen.call
        for call, seen in zip(one.events("tool_call"), one.events("observation"), strict=True)
    )


async def test_what_is_sent(server: ScriptedServer, trial: Make):
    server.script("alpha", [shell("pwd", reasoning="Where am I?"), report()])
    await (await trial()).work()
    first, second = server.requests["alpha"]
    assert first["model"] == "gpt-5-mini"
    assert first["stream"]
    assert first["stream_options"] == {"include_usage": True}
    assert "temperature" not in first
    assert [m["role"] for m in first["messages"]] == ["system", "user"]
    tools = {tool["function"]["name"]: tool["function"] for tool in first["tools"]}
    assert set(tools) == {"shell", "read_file", "edit_file", "write_file", "report"}
    status = tools["report"]["parameters"]["properties"]["status"]
    assert status["enum"] == ["done", "partial", "blocked", "refused"]
    _, _, assistant, tool = second["messages"]
    assert assistant["reasoning_content"] == "Where am I?"  # needed by models that think on
    assert tool["tool_call_id"] == assistant["tool_calls"][0]["id"]
    assert tool["content"].endswith("[exit code 0]")
    assert server.keys == {"sk-test"}


async def test_options_reach_the_provider(server: ScriptedServer, trial: Make):
    server.script("alpha", [report()])
    await (await trial()).work(
        model="openai:local-model", temperature=0.2, max_output_tokens=900, stream=False
    )
    (sent,) = server.requests["alpha"]
    assert (sent["temperature"], sent["max_completion_tokens"]) == (0.2, 900)
    assert not sent.get("stream")


async def test_without_streaming_the_same_comes_out(server: ScriptedServer, trial: Make):
    turns = [
        shell("echo 1 > a", reasoning="Hm.", input=100, cached=40, output=9, reasoning_tokens=4),
        Turn(calls=(Call("shell", '{"command": "ec'),)),
        report(),
    ]
    server.script("alpha", turns)
    one = await trial()
    assert await one.work(stream=False)
    assert one.events("message")[1].reasoning == "Hm."
    assert one.events("model_call")[0].usage.cached == 40
    assert "not valid JSON" in one.events("observation")[1].text


async def test_several_calls_in_one_message_are_done_in_order(server: ScriptedServer, trial: Make):
    server.script(
        "alpha",
        [
            Turn(
                calls=(
                    Call("write_file", {"path": "a/b.txt", "content": "one\n"}),
                    Call("edit_file", {"path": "a/b.txt", "old": "one", "new": "two"}),
                    Call("shell", {"command": "cat a/b.txt"}),
                )
            ),
            report(),
        ],
    )
    one = await trial()
    await one.work()
    assert one.events("observation")[2].text == "two\n"
    answers = server.requests["alpha"][1]["messages"][3:]
    assert [answer["role"] for answer in answers] == ["tool"] * 3
    calls = server.requests["alpha"][1]["messages"][2]["tool_calls"]
    assert [answer["tool_call_id"] for answer in answers] == [call["id"] for call in calls]


async def test_report_ends_the_work_at_once(server: ScriptedServer, trial: Make):
    final = report("blocked", 0.7).calls[0]
    server.script("alpha", [Turn(calls=(final, Call("shell", {"command": "touch late"})))])
    one = await trial()
    result = await one.work()
    assert result is not None
    assert result.status == "blocked"
    assert not await one.has("late")


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        # Cut off in the middle: completed by a lenient parser this would delete the wrong thing.
        (Call("shell", '{"command": "touch da'), "not valid JSON"),
        (Call("shell", "[1]"), "they are no object"),
        (Call("shell", f'{{"command": {"[" * 60}{"]" * 60}}}'), "nested too deeply"),
        (Call("shell", f'{{"command": {"[" * 9999}{"]" * 9999}}}'), "nested too deeply"),
        (Call("teleport", {"to": "Bern"}), "there is no tool 'teleport'"),
        (Call("functions.shell", {"command": "touch da"}), "there is no tool 'functions_shell'"),
        (Call("shell", {"cmd": "touch da"}), "command: Field required"),
        (Call("shell", {"command": "touch da", "timeout": -1}), "timeout"),
        (Call("report", {"status": "finished", "confidence": 1, "summary": ""}), "status"),
        (Call("report", {"status": "done", "confidence": 95, "summary": ""}), "confidence"),
        (Call("edit_file", {"path": "nope", "old": "a", "new": "b"}), "there is no nope"),
        (Call("read_file", {"path": "nope"}), "there is no nope"),
        (Call("shell", {"command": "echo '\ud83d'", "timeout": 5}), "[exit code 0]"),
    ],
)
async def test_malformed_calls_can_be_mended(
    server: ScriptedServer, trial: Make, bad: Call, told: str
):
    server.script("alpha", [Turn(calls=(bad,)), shell("echo fine > good"), report()])
    one = await trial()
    assert await one.work()
    assert not await one.has("da")
    assert await one.has("good")
    answer = server.requests["alpha"][1]["messages"][-1]
    assert answer["role"] == "tool"
    assert told in answer["content"]
    for call in server.requests["alpha"][1]["messages"][2]["tool_calls"]:
        json.loads(call["function"]["arguments"])  # else many servers refuse what follows


async def test_missing_and_repeated_ids(server: ScriptedServer, trial: Make):
    same = Call("shell", {"command": "echo x"}, id="call_0")
    server.script("alpha", [Turn(calls=(same, same)), Turn(calls=(same,)), report()])
    one = await trial()
    assert await one.work()
    ids = [event.call for event in one.events("tool_call")]
    assert len(set(ids)) == len(ids) == 4


CALLS = (
    '{"id": "r1", "object": "response", "created_at": 1, "model": "codex", "status": "completed", '
    '"parallel_tool_calls": true, "tool_choice": "auto", "tools": [], "output": [{"type": '
    '"function_call", "id": "f1", "call_id": "call_0", "name": "%s", "arguments": "%s"}]}'
)


async def test_repeated_ids_over_the_responses_api(server: ScriptedServer, trial: Make):
    again = Turn(raw=CALLS % ("shell", '{\\"command\\": \\"true\\"}'), kind="application/json")
    said = '{\\"status\\": \\"done\\", \\"confidence\\": 1, \\"summary\\": \\"x\\"}'
    server.script("alpha", [again, again, Turn(raw=CALLS % ("report", said), kind="text/json")])
    one = await trial()
    assert await one.work(model="openai:gpt-5-codex", stream=False)
    sent = server.requests["alpha"][-1]["input"]
    made = [item["call_id"] for item in sent if item.get("type") == "function_call"]
    answered = [item["call_id"] for item in sent if item.get("type") == "function_call_output"]
    assert made == answered
    assert len(set(made)) == 2


def test_what_anthropic_writes_into_the_cache_is_paid():
    told = {"cache_creation": 0, "ephemeral_5m_input_tokens": 800, "ephemeral_1h_input_tokens": 100}
    usage = {"input_tokens": 1000, "output_tokens": 0, "total_tokens": 1000}
    raw = AIMessage("x", usage_metadata={**usage, "input_token_details": told})
    reply = read_reply(raw, "anthropic:claude-opus-4-8", [], 0.0, 0)
    assert reply.usage.cost_usd == pytest.approx((100 * 5 + 900 * 6.25) / 1e6)


async def test_silence_is_nudged_and_ends_without_a_report(server: ScriptedServer, trial: Make):
    talk = Turn(text="All done, I think.")
    server.script("alpha", [talk, talk, shell("true"), talk, Turn(text="x", finish="length"), talk])
    one = await trial()
    assert await one.work() is None
    assert server.left("alpha") == 0
    second, last = server.requests["alpha"][1], server.requests["alpha"][-1]
    assert "called no tool" in second["messages"][-1]["content"]
    assert "output limit" in last["messages"][-1]["content"]


async def test_step_limit(server: ScriptedServer, trial: Make):
    server.script("alpha", [shell("echo x >> log")] * 9)
    one = await trial(steps=3)
    with pytest.raises(LimitReached) as caught:
        await one.work()
    assert caught.value.ending is Ending.STEP_LIMIT
    assert await one.text("log") == "x\n" * 3


async def test_token_and_cost_limits(server: ScriptedServer, trial: Make):
    server.script("alpha", [shell("true", input=1000, output=100)] * 9)
    with pytest.raises(LimitReached) as caught:
        await (await trial(tokens=2500)).work()
    assert caught.value.ending is Ending.TOKEN_LIMIT
    server.script("beta", [shell("true", input=0, output=1000)] * 9)
    two = await trial("beta", cost_usd=0.005)
    with pytest.raises(LimitReached) as caught:
        await two.work()
    assert caught.value.ending is Ending.COST_LIMIT
    assert two.desk.usage.cost_usd == pytest.approx(0.006)


async def test_a_price_that_is_not_known_is_said(server: ScriptedServer, trial: Make):
    server.script("alpha", [report()])
    one = await trial()
    await one.work(model="openai:my-own-model")
    assert one.desk.usage.cost_usd is None
    assert "price of openai:my-own-model is not known" in one.notes()


@pytest.mark.parametrize("told", ["always", "never"])
async def test_usage_told_in_odd_ways(server: ScriptedServer, trial: Make, told: str):
    server.script("alpha", [report(told=told, input=700, output=30)])
    one = await trial()
    await one.work()
    used = one.events("model_call")[0].usage
    if told == "always":
        assert (used.input, used.output) == (700, 30)
    else:
        assert used.input > 500  # estimated from the system prompt
        assert "estimated" in one.notes()


async def test_long_observations_are_capped_for_the_model(server: ScriptedServer, trial: Make):
    server.script("alpha", [shell("seq 1 20000; echo the-end"), report()])
    one = await trial()
    await one.work()
    answer = server.requests["alpha"][1]["messages"][-1]["content"]
    assert len(answer) < 17_000
    assert answer.startswith("1\n2\n")
    assert "characters left out" in answer
    assert "the-end\n[exit code 0]" in answer


async def test_reading_and_editing_files(server: ScriptedServer, trial: Make):
    one = await trial()
    await one.put("run.sh", "#!/bin/sh\necho a\necho a\necho ä\n", 0o755)
    await one.put("data.bin", b"\x00\x01")
    await one.desk.sandbox.mark()
    server.script(
        "alpha",
        [
            Turn(calls=(
                Call("read_file", {"path": "run.sh", "offset": 2, "limit": 1}),
                Call("edit_file", {"path": "run.sh", "old": "echo a", "new": "echo b"}),
                Call("edit_file", {"path": "run.sh", "old": "echo ä", "new": "echo ö"}),
                Call("read_file", {"path": "data.bin"}),
                Call("read_file", {"path": "run.sh", "offset": 99}),
                Call("write_file", {"path": ".", "content": ""}),
            )),
            report(),
        ],
    )  # fmt: skip
    await one.work()
    texts = [event.text for event in one.events("observation")]
    assert texts[0] == "echo a\n[lines 2 to 2 of 4]"
    assert "stands 2 times" in texts[1]
    assert "no text file" in texts[3]
    assert "has 4 lines" in texts[4]
    assert "is a folder" in texts[5]
    assert (await one.text("run.sh")).endswith("echo ö\n")
    looked = await one.desk.sandbox.run("stat -c %a run.sh; find . -newermt '1 minute ago' -type f")
    assert looked.text == "755\n./run.sh\n"  # still a program, and seen to be newer


async def test_many_trials_at_once_keep_apart(server: ScriptedServer, trial: Make):
    keys = [f"trial-{number:02}" for number in range(12)]
    for key in keys:
        server.script(key, [shell(f"echo {key} > who", hang=0.02)] * 3 + [report()])
    trials = [await trial(key) for key in keys]
    await asyncio.gather(*(one.work() for one in trials))
    assert [(await one.text("who")).strip() for one in trials] == keys
    assert all(one.desk.usage.input == 4000 for one in trials)
