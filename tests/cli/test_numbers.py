"""`offsite compare` and `offsite horizon`, as a user calls them."""

from __future__ import annotations

import json
import math
import random

import pytest
from offsite.records import Ending
from offsite.records.store import find_runs
from paths import SUITES

MINI = ("run", "mini", "--suites", SUITES, "--sandbox", "local", "--seeds", "0,1")


def test_two_agents_of_a_run_are_compared(offsite):
    done = offsite(*MINI, "-a", "oracle,no-op")
    assert done.returncode == 0, done.stderr
    done = offsite("compare", "last:no-op", "last:oracle", "--json")
    found = json.loads(done.stdout)
    assert found["difference"]["value"] == 1
    assert (found["won"], found["lost"], len(found["look_at"])) == (4, 0, 4)
    assert len(found["changed"]) == 2
    shown = offsite("compare", "last:oracle", "last:no-op").stdout
    assert "change -100.0 points" in shown
    first = found["look_at"][0]["before"]
    assert first in shown
    assert offsite("show", first).returncode == 0
    done = offsite("compare", "last", "last:oracle")
    assert done.returncode == 4
    assert done.stderr.startswith("offsite: run ")
    assert "has oracle, no-op: name one, as " in done.stderr
    done = offsite("compare", "last:orcale", "last")
    assert "no agent 'orcale'; did you mean oracle?" in done.stderr
    done = offsite("horizon", "last", "--json")
    agents = {each["agent"]: each["horizon"] for each in json.loads(done.stdout)["agents"]}
    assert agents["no-op"]["p50"]["minutes"] == 0
    assert agents["oracle"]["p50"]["flags"] == ["above_longest"]
    assert "above the longest task" in offsite("horizon", "last").stdout


@pytest.fixture
def runs(tmp_path):
    """A file in METR's layout: three agents whose horizons are 4, 16 and 64 minutes."""
    rng = random.Random(5)
    tasks = [(f"f{i // 2}", f"f{i // 2}/t{i}", 2 ** rng.uniform(-1, 9)) for i in range(160)]
    lines = []
    for agent, horizon in (("old", 4), ("mid", 16), ("new", 64)):
        for family, task, minutes in tasks:
            for _ in range(4):
                chance = 1 / (1 + (minutes / horizon) ** (0.8 / math.log(2)))
                score = int(rng.random() < chance)
                lines.append(
                    {
                        "task_id": task,
                        "task_family": family,
                        "run_id": len(lines),
                        "alias": agent,
                        "score_binarized": score,
                        "score_cont": score / 2,
                        "human_minutes": minutes,
                        "invsqrt_task_weight": 0.1,
                    }
                )
    path = tmp_path / "runs.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def test_metrs_layout_is_read_and_its_dates_make_a_trend(offsite, runs, tmp_path):
    dates = tmp_path / "dates.yaml"
    dates.write_text("date:\n  old: 2024-01-01\n  mid: 2024-09-27\n  new: 2025-06-24\n")
    done = offsite("horizon", runs, "--dates", dates, "--bootstraps", "200", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for each, truth in zip(found["agents"], (16, 64, 4), strict=True):
        assert each["horizon"]["p50"]["minutes"] == pytest.approx(truth, rel=0.3)
        assert each["horizon"]["p50"]["low"] < truth < each["horizon"]["p50"]["high"]
    # Sixteenfold in 540 days: four doublings.
    assert found["trend"]["low"] < 135 < found["trend"]["high"]
    assert found["trend"]["doubling_days"] == pytest.approx(135, rel=0.15)
    windowed = offsite(
        "horizon", runs, "--dates", dates, "--since", "2024-06-01", "--bootstraps", "0", "--json"
    )
    assert [p["agent"] for p in json.loads(windowed.stdout)["trend"]["points"]] == ["mid", "new"]
    shown = offsite("horizon", runs, "--dates", dates, "--bootstraps", "100").stdout
    assert "state of the art, 3 models: doubles in 1" in shown
    fractional = offsite("horizon", runs, "--fractional", "--bootstraps", "0", "--json")
    agents = json.loads(fractional.stdout)["agents"]
    assert all(agent["horizon"]["average"] < 0.5 for agent in agents)


def test_what_is_not_the_layout_is_told_by_its_line(offsite, runs, tmp_path):
    lines = runs.read_text().splitlines()
    lines[2] = lines[2].replace('"human_minutes": ', '"human_minutes": -')
    runs.write_text("\n".join(lines))
    done = offsite("horizon", runs)
    assert done.returncode == 4
    assert f"{runs}:3: human_minutes: Input should be greater than 0" in done.stderr
    runs.write_text(
        "\n".join([lines[0], lines[0].replace('"human_minutes": ', '"human_minutes": 9')])
    )
    assert "has two lengths" in offsite("horizon", runs).stderr
    runs.write_text("")
    assert "has no line" in offsite("horizon", runs).stderr
    runs.write_text(lines[0])
    dates = tmp_path / "dates.yaml"
    dates.write_text("- nothing\n")
    assert "dates.yaml: is not YAML of lines" in offsite("horizon", runs, "--dates", dates).stderr


def test_what_doubtful_trials_and_graders_change_is_printed(offsite, tmp_path):
    offsite(*MINI, "-a", "oracle")
    (run,) = find_runs(tmp_path / "results")
    record = next(run.trials())
    run.save_trial(record.model_copy(update={"verdict": None, "ending": Ending.SANDBOX_FAILED}))
    shown = offsite("show", "last").stdout
    assert "oracle: delegable with 1 error as failed 75% [" in shown
    told = offsite("horizon", "last").stdout
    assert "oracle: 1 error; at 50 %, counted as failed " in told
    assert "dropped above all*, passed above all*" in told
    audited = offsite(
        *("audit", "mini", "--suites", SUITES, "--sandbox", "local", "--seeds", "0,1", "--json")
    )
    (tmp_path / "audit.json").write_text(audited.stdout)
    done = offsite("leaderboard", "build", "last", "--audit", "audit.json")
    assert "oracle: delegable 100% [34, 100], corrected 100% [" in done.stdout
    (entry,) = json.loads((tmp_path / "leaderboard.json").read_text())["entries"]
    assert entry["corrected"]["grader"]["must_pass"] == 4
    assert entry["corrected"]["rate"]["low"] < entry["delegable"]["value"]
