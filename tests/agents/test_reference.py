"""The agents without a model, on a small task of their own, at a desk of real processes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from agent_trial import Trial
from offsite.agents import AGENTS, AgentSpecError, make_agent
from offsite.agents.protocol import AgentFailed
from offsite.records.agent_spec import AgentSpec
from offsite.records.endings import Ending
from offsite.records.evidence import Evidence, save_evidence
from offsite.records.report import Report
from offsite.records.trajectory import Opened, Start
from offsite.tasks.loader import load_task
from offsite.tasks.model import Task
from scripted_server import Call, ScriptedServer, Turn, report, shell

Make = Callable[..., Awaitable[Trial]]

TASK = "testing/double"
SOLUTION = """
from pathlib import Path
def solve():
    number = int(Path("number.txt").read_text())
    Path("out").mkdir(exist_ok=True)
    Path("out/double.txt").write_text(str(2 * number))
    Path("draft.txt").unlink()
    return {"status": "done", "confidence": 0.97, "summary": "Doubled."}
"""
WRONG = """
from pathlib import Path
import solution
CAUGHT_BY = {"triples": "value", "halves": "value", "lazy": "value"}
def _write(n):
    Path("double.txt").write_text(str(n))
    return {"status": "done", "confidence": 0.9}
def triples(): return _write(3 * int(Path("number.txt").read_text()))
def halves(): return _write(int(Path("number.txt").read_text()) // 2)
def lazy(): return _write(0)
"""


@pytest.fixture
def task(tmp_path: Path) -> Task:
    folder = tmp_path / "suite" / TASK
    folder.mkdir(parents=True)
    (folder / "task.toml").write_text(
        'title = "Double"\nsoc = "43-3031"\noutputs = ["out/**"]\n'
        'human = { minutes = 2, source = "test", sigma = 0.5 }\n'
    )
    for name, text in {"solution": SOLUTION, "wrong": WRONG, "world": "", "grade": ""}.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "instruction.md").write_text("Double it.")
    return load_task(folder)


async def _seeded(trial: Make, key: str = "alpha", number: int = 21, **limits: Any) -> Trial:
    one = await trial(key, **limits)
    await one.put("number.txt", str(number))
    await one.put("draft.txt", "to be removed")
    await one.desk.sandbox.mark()
    return one


async def _work(one: Trial, task: Task, name: str, seed: int = 0, **options: Any) -> Report | None:
    agent = make_agent(AgentSpec(name=name, options=options), {TASK: task})
    return await agent.work(one.assignment(task=TASK, seed=seed), one.desk)


async def test_oracle(task: Task, trial: Make):
    one = await _seeded(trial)
    result = await _work(one, task, "oracle")
    assert result == Report(status="done", confidence=0.97, summary="Doubled.")
    assert await one.text("out/double.txt") == "42"
    assert one.desk.steps == 1
    assert await _names(one) == {"number.txt", "out"}  # the solution itself leaves no trace


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("def solve(): raise RuntimeError('no such column')", "no such column"),
        ("def solve(): return {'status': 'finished'}", "not a report"),
        ("def solve(): import os; os._exit(0)", "no report"),
    ],
)
async def test_a_solution_that_fails(task: Task, trial: Make, body: str, told: str):
    (task.folder / "solution.py").write_text(body)
    with pytest.raises(AgentFailed, match=told) as caught:
        await _work(await _seeded(trial), task, "oracle")
    assert caught.value.ending is Ending.AGENT_CRASHED


async def test_careless_is_chosen_by_the_seed(task: Task, trial: Make):
    found: list[str] = []
    for seed in (0, 1, 2, 3, 0):
        one = await _seeded(trial, f"seed-{len(found)}")
        assert await _work(one, task, "careless", seed)
        found.append(await one.text("double.txt"))
    assert found == ["10", "0", "63", "10", "10"]  # halves, lazy, triples, in turn


async def test_careless_by_name(task: Task, trial: Make):
    one = await _seeded(trial)
    await _work(one, task, "careless", wrong="triples")
    assert await one.text("double.txt") == "63"
    assert one.events("tool_call")[0].arguments == {"name": "triples"}
    with pytest.raises(AgentSpecError, match="did you mean triples"):
        await _work(one, task, "careless", wrong="tripels")


async def test_no_op(task: Task, trial: Make):
    one = await _seeded(trial)
    result = await _work(one, task, "no-op")
    assert result is not None
    assert (result.status, result.confidence) == ("done", 0.5)
    assert await _names(one) == {"number.txt", "draft.txt"}


async def test_replay_of_a_script_lays_its_result(task: Task, trial: Make):
    first = await _seeded(trial, "first")
    said = await _work(first, task, "oracle")
    await _archive(first, said, ["out/**"])
    other = await _seeded(trial, "other", number=5)
    assert await _work(other, task, "replay", trial=str(first.folder)) == said
    assert await other.text("out/double.txt") == "42"  # the other seed's answer
    assert not await other.has("draft.txt")


async def test_replay_of_a_worker_does_it_all_again(
    task: Task, server: ScriptedServer, trial: Make
):
    first = await _seeded(trial, "first")
    server.script(
        "first",
        [
            Turn(calls=(
                Call("shell", {"command": "echo $(( $(cat number.txt) * 2 )) > double.txt"}),
                Call("write_file", {"path": "notes/a.txt", "content": "one\n"}),
                Call("teleport", {"to": "Bern"}),
                Call("shell", "{broken"),
            )),
            Turn(calls=(Call("edit_file", {"path": "notes/a.txt", "old": "one", "new": "two"}),)),
            shell("rm draft.txt; echo done >> double.txt"),
            report("done", 0.6),
        ],
    )  # fmt: skip
    said = await first.work()
    await _archive(first, said, [])
    other = await _seeded(trial, "other", number=5, steps=4)
    assert await _work(other, task, "replay", trial=str(first.folder)) == said
    assert await other.text("double.txt") == "10\ndone\n"
    assert await other.text("notes/a.txt") == "two\n"
    assert not await other.has("draft.txt")


async def test_replay_leaves_out_earlier_attempts_and_refused_calls(task: Task, trial: Make):
    first = await _seeded(trial, "first")
    for number in (1, 2):
        first.desk.trajectory.append(Start(trial="first", attempt=number))
        first.desk.trajectory.append(Opened())
        await first.desk.shell(f"echo {number} >> log")
    call = first.desk.acts("shell", {"command": "echo refused >> log", "timeout": -1})
    first.desk.observe(call, "Error: timeout", 0.0, error=True)
    await _archive(first, None, [])
    other = await _seeded(trial, "other")
    await _work(other, task, "replay", trial=str(first.folder))
    assert await other.text("log") == "2\n"


async def test_replay_of_nothing(task: Task, trial: Make, tmp_path: Path):
    with pytest.raises(AgentSpecError, match="is no trial's folder"):
        await _work(await _seeded(trial), task, "replay", trial=str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (AgentSpec(name="oracel"), "no agent 'oracel'; did you mean oracle"),
        (AgentSpec(name="zzz"), "there are: ask, careless"),
        (AgentSpec(name="worker"), "needs a model"),
        (AgentSpec(name="oracle", model="openai:gpt-5"), "takes no model"),
        (AgentSpec(name="no-op", options={"speed": 3}), "option speed"),
        (AgentSpec(name="replay"), "option trial"),
        (AgentSpec(name="worker", model="gpt-5"), "provider:name"),
        (AgentSpec(name="worker", model="opnai:gpt-5"), "did you mean openai"),
        (AgentSpec(name="worker", model="openai:gpt-5"), "set OPENAI_API_KEY"),
        (AgentSpec(name="worker", model="vllm:q", options={"temprature": 1}), "temperature"),
        (AgentSpec(name="worker", model="vllm:q", options={"retries": -1}), "option retries"),
    ],
)
def test_what_cannot_be_had_is_said(spec: AgentSpec, told: str, monkeypatch: pytest.MonkeyPatch):
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(AgentSpecError, match=told) as caught:
        make_agent(spec, {})
    assert "\n" not in str(caught.value)


def test_every_agent_has_its_name(tmp_path: Path, task: Task):
    (tmp_path / "trajectory.jsonl").touch()
    save_evidence(Evidence("d", None, (), {}), tmp_path / "evidence.tar.zst")
    for name, entry in AGENTS.items():
        options = {"trial": str(tmp_path)} if name == "replay" else {}
        model = "vllm:qwen" if entry.needs_model else None
        spec = AgentSpec(name=name, model=model, options=options)
        assert make_agent(spec, {TASK: task}).name == name


def test_slugs_tell_specs_apart():
    specs = [
        AgentSpec(name="worker", model="openai:gpt-5"),
        AgentSpec(name="worker", model="openai:gpt-5", options={"temperature": 0}),
        AgentSpec(name="worker", model="openrouter:openai/gpt-5"),
        AgentSpec(name="oracle"),
        AgentSpec(name="careless", options={"wrong": "lazy"}),
    ]
    slugs = [spec.slug for spec in specs]
    assert len(set(slugs)) == len(slugs)
    assert all("/" not in slug and ":" not in slug for slug in slugs)
    assert AgentSpec.model_validate(json.loads(specs[1].model_dump_json())).slug == slugs[1]
    assert specs[3].slug == "oracle"


async def _archive(one: Trial, said: Report | None, outputs: list[str]) -> None:
    """Keep the end state as the runner does."""
    collected = await one.desk.sandbox.collect(outputs)
    evidence = Evidence(
        instance="0" * 64,
        report=said,
        writes=collected.writes,
        files=collected.files,
        left_out=collected.left_out,
    )
    save_evidence(evidence, one.folder / "evidence.tar.zst")


async def _names(one: Trial) -> set[str]:
    return set((await one.desk.sandbox.run(["ls", "-A"])).text.split())
