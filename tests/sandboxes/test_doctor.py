"""The checks of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from offsite.sandboxes.doctor import Check, check_machine
from offsite.sandboxes.local import jail_problem

KEY = "OFFSITE_TEST_KEY"


def checks(results: Path) -> dict[str, Check]:
    """All checks by name."""
    return {check.name: check for check in check_machine(results, {"testing": KEY})}


@pytest.fixture
def no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")


@pytest.mark.docker
def test_with_an_engine(tmp_path: Path) -> None:
    found = checks(tmp_path)
    assert found["docker engine"].ok
    assert found["docker image desk"].ok
    assert "docker" in found["sandbox"].detail


@pytest.mark.usefixtures("no_engine")
def test_without_an_engine(tmp_path: Path) -> None:
    found = checks(tmp_path)
    engine = found["docker engine"]
    assert not engine.ok
    assert engine.mend == "unset DOCKER_HOST"
    assert engine.mend not in engine.detail
    assert "docker image desk" not in found
    assert found["sandbox"].ok == found["local jail"].ok


@pytest.mark.usefixtures("no_engine")
def test_without_bubblewrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = checks(tmp_path)
    assert found["local jail"] == Check(
        "local jail", False, "bubblewrap is not installed", "sudo apt-get install bubblewrap"
    )
    assert not found["git"].ok
    assert not found["sandbox"].ok
    assert found["sandbox"].needed


def test_a_bubblewrap_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: no permissions' >&2; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    problem = jail_problem()
    assert problem is not None
    assert "bwrap: no permissions" in problem


@pytest.mark.usefixtures("no_engine")
def test_a_key_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)
    assert checks(tmp_path)["key for testing"].mend == f"export {KEY}=…"
    monkeypatch.setenv(KEY, "sk-very-secret")
    found = checks(tmp_path)
    assert found["key for testing"].ok
    assert "secret" not in repr(found)


@pytest.mark.usefixtures("no_engine")
def test_results_that_do_not_exist_yet_are_judged_by_what_does(tmp_path: Path) -> None:
    found = checks(tmp_path / "not" / "yet")
    assert str(tmp_path) in found["disk for results"].detail
