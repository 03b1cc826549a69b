"""Tests that need Docker fail where it is not there, unless OFFSITE_NO_DOCKER=1 leaves them out."""

from __future__ import annotations

import os
import signal
from functools import cache

import pytest
from offsite.sandboxes import EngineUnavailable
from offsite.sandboxes.images import ensure_image

NO_DOCKER = os.environ.get("OFFSITE_NO_DOCKER") == "1"
# What a script starts in the background has Ctrl-C ignored, and so would have the commands that
# the tests start and press it on.
signal.signal(signal.SIGINT, signal.default_int_handler)
LEFT_OUT = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs Docker, if that was asked for."""
    if not NO_DOCKER:
        return
    left_out = [item for item in items if item.get_closest_marker("docker")]
    config.stash[LEFT_OUT] = len(left_out)
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not item.get_closest_marker("docker")]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail with one line where the engine or the image is missing."""
    if item.get_closest_marker("docker") and (problem := _docker_problem()):
        pytest.fail(f"needs Docker: {problem}\nto leave it out: OFFSITE_NO_DOCKER=1", pytrace=False)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was not tested."""
    if count := config.stash.get(LEFT_OUT, 0):
        terminalreporter.section("NOT TESTED", yellow=True)
        terminalreporter.line(f"OFFSITE_NO_DOCKER=1: {count} tests of the docker sandbox")


@cache
def _docker_problem() -> str | None:
    try:
        ensure_image("desk")
    except EngineUnavailable as error:
        return str(error)
    return None
