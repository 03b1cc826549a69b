"""What the runner's tests share: runs of the suite `mini` at real, local desks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from offsite.records.agent_spec import AgentSpec
from offsite.records.run import LimitOverrides
from offsite.records.store import RunStore
from offsite.runner.plan import make_plan
from offsite.tasks.loader import load_suite
from paths import SUITES


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """A copy of the suite, to be broken."""
    return Path(shutil.copytree(SUITES / "mini", tmp_path / "suites" / "mini"))


@pytest.fixture
def make_run(tmp_path: Path, mini: Path) -> Callable[..., RunStore]:
    """Plans a run of the suite with agents by name, or by spec."""

    def make(*agents: str | AgentSpec, sandbox: str = "local", **given: object) -> RunStore:
        suite = load_suite(mini)
        options: dict[str, object] = {"seeds": [0, 1], "repeats": 1, "concurrency": 2}
        options |= {"images": {"desk": ""}, "sandbox": sandbox, "limits": LimitOverrides()}
        specs = [AgentSpec(name=a) if isinstance(a, str) else a for a in agents]
        plan = make_plan(suite, suite.tasks, specs, **{**options, **given})  # pyright: ignore
        return RunStore.create(tmp_path / "results" / plan.id, plan)

    return make
