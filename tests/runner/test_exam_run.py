"""An exam through the program itself: the provider's protocol over HTTP, the judge, resume, regrade."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest
from offsite.records.endings import Ending
from offsite.records.store import RunStore, find_runs
from paths import OFFSITE
from scripted_server import ScriptedServer, Turn, fail, scripted_server

SAMPLE = Path(__file__).parents[2] / "docs" / "hle-sample.jsonl"
PRICED = ("-m", "openai:gpt-5-mini", "--judge", "openai:gpt-5-mini")


def said(answer: str, confidence: str = "80%") -> Turn:
    return Turn(f"Explanation: because.\nAnswer: {answer}\nConfidence: {confidence}")


def judged(correct: str, extracted: str = "x", confidence: str = "80") -> Turn:
    return Turn(
        f"extracted_final_answer: {extracted}\nreasoning: they differ or not.\n"
        f"correct: {correct}\nconfidence: {confidence}"
    )


def has_judge(body: object) -> bool:
    return "<correct_answer>" in json.dumps(body)


async def offsite(server: ScriptedServer, *words: str | Path) -> tuple[int, str, str]:
    process = await start(server, *words)
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def start(server: ScriptedServer, *words: str | Path) -> asyncio.subprocess.Process:
    env = {**os.environ, "OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "sk-test"}
    return await asyncio.create_subprocess_exec(
        OFFSITE,
        *map(str, words),
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def sample_run(results: Path, dataset: Path = SAMPLE) -> tuple[str | Path, ...]:
    return ("run", "hle", "-a", "ask", *PRICED, "--dataset", dataset, "--results", results)


def trial(store: RunStore, question: str):
    return next(record for record in store.trials() if question in record.plan.task)


async def test_the_sample_is_asked_judged_shown_and_graded_again(tmp_path):
    async with scripted_server() as server:
        server.script("A ladder", [said("12", "90%"), judged("yes", "12", "90")])
        server.script("Which of these", [said("C", "very sure"), judged("**no**", "C", "none")])
        server.script("How many squares", [Turn("I will not say."), judged("no", "None", "100")])
        code, out, err = await offsite(server, *sample_run(tmp_path), "--json")
        assert code == 0, err
        (store,) = find_runs(tmp_path)
        _, shown, _ = await offsite(server, "show", "last", "--results", tmp_path)
        board = tmp_path / "leaderboard.json"
        await offsite(server, "leaderboard", "build", "last", "-o", board, "--results", tmp_path)
        verified = await offsite(
            server, "leaderboard", "verify", board, "--results", tmp_path, "--json"
        )
        assert verified[0] == 0, verified
        left = sum(len(asked) for asked in server.requests.values())
        again, told, _ = await offsite(server, "regrade", "last", "--check", "--results", tmp_path)
        assert sum(len(asked) for asked in server.requests.values()) == left == 6
    assert (again, told) == (0, "3 trials: 3 same\n")
    asked = server.requests["How many squares"][0]["messages"]
    assert "Confidence: {" in json.dumps(asked[0])
    picture = json.loads(SAMPLE.read_text().splitlines()[2])["image"]
    assert asked[1]["content"][1]["image_url"]["url"] == picture
    assert "12" not in json.dumps(server.requests["A ladder"][0]["messages"][0])
    assert trial(store, "text").delegable
    assert trial(store, "text").confidence == 0.9
    assert not trial(store, "choice").delegable
    assert trial(store, "choice").confidence == 1
    assert not trial(store, "picture").delegable
    (entry,) = json.loads(out)["entries"]
    assert entry["delegable"]["n"] == 3
    assert entry["delegable"]["value"] == pytest.approx(1 / 3)
    assert entry["horizon"] is None
    assert entry["exam"]
    assert entry["judges"] == ["openai:gpt-5-mini"]
    assert entry["cost_usd"] == pytest.approx(2 * entry["judging_usd"])
    assert entry["calibration"]["brier"]["value"] == pytest.approx((0.01 + 1 + 1) / 3)
    assert "right" in shown
    assert "33% [" in shown


async def test_parquet_is_read_as_jsonl_is(tmp_path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = [json.loads(line) for line in SAMPLE.read_text().splitlines()]
    path = tmp_path / "test-00000.parquet"
    for row in rows:
        row["canary"] = "other columns are left alone"
    parquet.write_table(arrow.Table.from_pylist(rows), path)
    async with scripted_server() as server:
        server.script("A ladder", [said("12"), judged("yes")])
        run = ("run", "hle/*/sample-text", *sample_run(tmp_path, path)[2:])
        code, _, err = await offsite(server, *run)
    assert code == 0, err
    (store,) = find_runs(tmp_path)
    assert [record.delegable for record in store.trials()] == [True]
    assert not store.run().whole_suite


async def test_kill_9_while_judging_costs_no_answer(tmp_path):
    async with scripted_server() as server:
        server.script("A ladder", [said("12"), Turn(hang=60), judged("yes")])
        server.script("Which of these", [said("B"), judged("yes")])
        server.script("How many squares", [said("3"), judged("yes")])
        process = await start(server, *sample_run(tmp_path), "-j", "1")
        async with asyncio.timeout(60):
            while not any(map(has_judge, server.requests["A ladder"])):
                await asyncio.sleep(0.02)
        process.kill()
        await process.communicate()
        code, _, err = await offsite(server, "resume", "last", "--results", tmp_path)
    assert code == 0, err
    (store,) = find_runs(tmp_path)
    assert [record.delegable for record in store.trials()] == [True] * 3
    questions = [body for body in server.requests["A ladder"] if not has_judge(body)]
    assert len(questions) == 1
    attempts = trial(store, "text").attempts
    assert [attempt.ending for attempt in attempts] == [Ending.INTERRUPTED, Ending.REPORTED]


async def test_a_judge_that_fails_is_no_wrong_answer_and_another_one_can_judge(tmp_path):
    async with scripted_server() as server:
        server.script("A ladder", [said("12"), *[Turn("I think it is fine")] * 3, judged("yes")])
        server.script("Which of these", [said("B"), fail(401, "no such key"), judged("yes")])
        server.script("How many squares", [said("4"), judged("yes"), judged("no")])
        code, _, err = await offsite(server, *sample_run(tmp_path), "-j", "1")
        (store,) = find_runs(tmp_path)
        assert code == 3, err
        assert "gave no line `correct: yes`" in err
        assert trial(store, "text").ending is Ending.GRADER_BROKEN
        assert trial(store, "choice").ending is Ending.MODEL_REJECTED
        words = ("regrade", "last", "--judge", "openai:gpt-5", "--results", tmp_path, "-j", "1")
        code, out, err = await offsite(server, *words)
        _, shown, _ = await offsite(server, "show", "last", "--results", tmp_path)
        check = await offsite(server, "regrade", "last", "--check", "--results", tmp_path)
    assert code == 0, err
    assert "3 changed" in out
    assert "judged by openai:gpt-5 (" in shown
    assert check[:2] == (0, "3 trials: 3 same\n")
    assert [trial(store, q).delegable for q in ("text", "choice", "picture")] == [True, True, False]
    assert [j.model for j in trial(store, "picture").judgements] == [
        "openai:gpt-5-mini",
        "openai:gpt-5",
    ]


async def test_silence_is_wrong_and_is_not_judged(tmp_path):
    async with scripted_server() as server:
        server.script("A ladder", [Turn("")])
        run = ("run", "hle/*/sample-text", *sample_run(tmp_path)[2:])
        code, _, err = await offsite(server, *run)
    assert code == 0, err
    (store,) = find_runs(tmp_path)
    (record,) = store.trials()
    assert record.ending is Ending.NO_REPORT
    assert record.verdict is not None
    assert not record.delegable
    assert record.confidence is None


async def test_a_changed_or_lost_dataset_is_told_when_resuming(tmp_path):
    mine = tmp_path / "mine.jsonl"
    shutil.copy(SAMPLE, mine)
    async with scripted_server() as server:
        server.script("A ladder", [fail(401, "no such key")])
        await offsite(server, "run", "hle/*/sample-text", *sample_run(tmp_path, mine)[2:])
        mine.write_text(mine.read_text().replace("13 m", "26 m"))
        code, _, err = await offsite(server, "resume", "last", "--results", tmp_path)
    assert code == 4
    assert "math/sample-text is another question than when the run began" in err
