"""`offsite leaderboard site` and `offsite plot` as their user calls them."""

from __future__ import annotations

import json

import pytest
from made_run import leave_trajectory, make_run
from offsite.records.agent_spec import AgentSpec
from offsite.records.leaderboard import Leaderboard


@pytest.fixture
def built(offsite, tmp_path):
    """leaderboard.json of a run below results/."""
    names = ("openai:gpt-4o-2024-05-13", "openai:gpt-5-pro", "moonshot:kimi-k2-thinking")
    skills = [
        (AgentSpec(name="worker", model=model), 10.0 + i, 0.1)
        for i, model in enumerate((*names, "moonshot:kimi-k2-0711-preview"))
    ]
    store = make_run(tmp_path / "results" / "r1", skills, families=("legal",), seeds=1)
    leave_trajectory(store, store.run().trials[0].id)
    assert offsite("leaderboard", "build", "r1").returncode == 0
    return tmp_path / "leaderboard.json"


def test_from_runs_to_a_site(offsite, built, tmp_path):
    done = offsite("leaderboard", "site", built, "-o", "site")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "site/index.html: 4 entries, 24 trials, 1 screenshot\n"
    assert "right answers" in done.stderr
    assert (tmp_path / "site" / "leaderboard.json").read_bytes() == built.read_bytes()

    done = offsite("leaderboard", "site", tmp_path, "-o", "site", "--no-transcripts", "--json")
    assert json.loads(done.stdout) == {
        **{"site": "site", "entries": 4, "trials": 0, "screens": 0, "problems": []}
    }
    assert not list((tmp_path / "site" / "trials").iterdir())

    (tmp_path / "results").rename(tmp_path / "elsewhere")
    done = offsite("leaderboard", "site", built, "-o", "site")
    assert done.returncode == 0
    assert "run r1: its files were not at hand" in done.stderr
    done = offsite("leaderboard", "site", built, "-o", "site", "--results", "elsewhere")
    assert "24 trials" in done.stdout


@pytest.mark.parametrize("kind", ["horizon", "pareto", "families", "calibration", "gap"])
def test_plots_into_files(offsite, built, tmp_path, kind):
    done = offsite("plot", kind, built)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{kind}.svg: ")
    assert (tmp_path / f"{kind}.svg").read_text().startswith("<svg xmlns=")
    done = offsite("plot", kind, built, "-o", "x.png", "--theme", "dark")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_drawn_or_read_is_one_line(offsite, built, tmp_path):
    (tmp_path / "broken.json").write_text('{"kind": "offsite-leaderboard"}')
    board = Leaderboard.model_validate_json(built.read_bytes())
    both = (*board.entries, board.entries[0].model_copy(update={"suite_digest": "f" * 64}))
    (tmp_path / "two.json").write_text(Leaderboard(entries=both).model_dump_json())
    (tmp_path / "none.json").write_text(Leaderboard(entries=()).model_dump_json())
    cases = {
        ("plot", "pareto", "broken.json"): "broken.json: entries: Field required",
        ("plot", "pareto", "absent.json"): "absent.json: No such file",
        ("plot", "pareto", "none.json"): "no entries",
        ("leaderboard", "site", "none.json"): "no entries",
        ("plot", "pareto", built, "-o", "x.gif"): "must end in .svg or .png",
        ("plot", "pareto", built, "--suite", "mode"): "no suite 'mode'; did you mean made?",
        ("plot", "pareto", "two.json"): "several suites: name one with --suite: made 1 (5d3f",
        ("leaderboard", "site", built, "-o", "results"): "is no site of Offsite",
    }
    for words, told in cases.items():
        done = offsite(*words)
        assert done.returncode == 4
        assert told in done.stderr
        assert done.stderr.count("\n") == 1
    assert offsite("plot", "pareto", "two.json", "--suite", "ffff").returncode == 0
