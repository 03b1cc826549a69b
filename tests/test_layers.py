"""A folder imports only from the ones below it, and the light doors stay light."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = (
    *("docker", "langchain_core", "langgraph", "numpy", "openai", "playwright", "scipy"),
    *("textual", "yaml"),
)


def test_layers():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", ["offsite.cli.app", "offsite.agents", "offsite.sandboxes"])
def test_heavy_packages_load_when_first_used(module):
    code = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
