"""What is particular to local desks; the rest is in the conformance suite."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
from pathlib import Path

import pytest
from offsite.sandboxes import HOME, DeskSpec, EngineUnavailable, Sandbox, SandboxError, provider
from offsite.sandboxes.cache import cache_folder
from offsite.sandboxes.channel import Channel
from offsite.sandboxes.local import LocalProvider

from .conftest import new_spec

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def desk(tmp_path: Path):
    with (tmp_path / "lock").open("w") as lock:  # as a run holds its folder
        fcntl.flock(lock, fcntl.LOCK_EX)
        desk = await provider("local").open(spec_of(tmp_path))
        yield desk
        await desk.close()


def spec_of(owner: Path) -> DeskSpec:
    """A desk of the run in this folder."""
    return DeskSpec(run="tests", trial="local", owner=str(owner))


async def prints(desk: Sandbox, command: str) -> str:
    """What a command prints."""
    return (await desk.shell(command, timeout=20)).text


async def test_the_worker_is_agent_at_home(desk: Sandbox) -> None:
    assert await prints(desk, "id -un; id -u; pwd; hostname") == f"agent\n1000\n{HOME}\ndesk\n"
    assert await prints(desk, "grep -E 'CapEff|NoNewPrivs' /proc/self/status") == (
        "CapEff:\t0000000000000000\nNoNewPrivs:\t1\n"
    )


async def test_packages_are_there_and_offsite_is_not(desk: Sandbox) -> None:
    assert await prints(desk, "python3 -c 'import docx, icalendar, numpy, openpyxl, pypdf'") == ""
    assert "No module named 'offsite" in await prints(desk, "python3 -c 'import offsite.tasks'")


async def test_neither_code_nor_truth_nor_run_can_be_seen(desk: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text("{}")
    for path in (ROOT, ROOT / "tasks", tmp_path, cache_folder(), Path.home() / ".ssh"):
        assert "No such file" in await prints(desk, f"ls -A '{path}' || true"), path
    found = await prints(
        desk, "find / -xdev \\( -name suites -o -name 'grade.py' -o -name 'truth*.json' \\) 2>&-"
    )
    assert "starter" not in found
    assert "truth.json" not in found
    assert await prints(desk, "cat /opt/desk/lib/*/site-packages/*offsite*/* 2>&-") == ""
    assert await prints(desk, "cat /opt/desk/lib/*/site-packages/*offsite* 2>&-") == ""


async def test_runs_below_what_a_desk_sees_are_hidden() -> None:
    # /usr/share stands for a folder of runs below what every desk sees, /usr for one that is needed.
    for run, listing in (("/usr/share/doc", "/usr/share"), ("/usr/share", "/usr/share")):
        desk = await provider("local").open(spec_of(Path(run)))
        assert await prints(desk, f"ls -A {listing}; ls /usr/bin/env") == "/usr/bin/env\n"
        await desk.close()


async def test_the_cache_below_what_a_desk_sees_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(dir=sysconfig.get_path("purelib")) as cache:
        monkeypatch.setenv("OFFSITE_CACHE", cache)
        (cache_folder("instances") / "truth.zst").touch()
        desk = await provider("local").open(spec_of(Path(cache, "runs", "one")))
        assert await prints(desk, "find /opt/desk/ -name truth.zst; echo in; ls ~") == "in\n"
        await desk.close()


ORDINARY = """
import asyncio
from offsite.records.instance import File
from offsite.sandboxes import DeskSpec, provider

ATTACKS = '''
for n in $(seq 64); do kill -$n 1; done
head -c 1 /proc/1/mem
readlink /proc/1/fd/0
cat /proc/1/environ /proc/1/maps
echo x > /proc/1/fd/0
'''

async def main():
    desk = await provider("local").open(DeskSpec(run="tests", trial="ordinary", owner="/o"))
    print((await desk.shell(f"({ATTACKS}) 2>&-; sleep 0.1; echo $?")).text, end="")
    print((await desk.run("cat /proc/self/oom_score_adj; id -u")).text, end="")
    await desk.write({"kept": File(b"1", mode=0)})
    await desk.mark()
    await desk.shell("rm -rf /run/offsite/*; chmod 0 /run/offsite; (exit 3)")
    await desk.shell("mkdir -p a/b; echo in > a/b/c; chmod 0 a/b/c a/b a")
    print((await desk.shell("echo shell; chmod 500 ~")).text, end="")
    collected = await desk.collect(["kept"])
    print([write.path for write in collected.writes], dict(collected.files), collected.left_out)
    print((await desk.run("stat -c %a kept")).text, end="")
    await desk.close()

asyncio.run(main())
"""


async def test_what_an_ordinary_users_worker_cannot_do(tmp_path: Path) -> None:
    # Within a user namespace whoever tests is no root, and is one who may read this Python.
    harness = await asyncio.create_subprocess_exec(
        *("bwrap", "--unshare-user", "--uid", "1234", "--gid", "1234", "--dev-bind", "/", "/"),
        *(sys.executable, "-c", ORDINARY),
        cwd="/",
        env={**os.environ, "OFFSITE_CACHE": str(tmp_path)},
        stdout=subprocess.PIPE,
    )
    output, _ = await harness.communicate()
    assert output.decode().splitlines() == [
        *("0", "500", "1000", "shell"),
        "['a/b/c'] {'kept': b'1', 'a/b/c': b'in\\n'} {}",
        "0",
    ]
    assert not list((tmp_path / "desks").iterdir())


async def test_scratch_is_limited(desk: Sandbox) -> None:
    for folder in ("/tmp", "/var/tmp", "/dev/shm"):
        full = await prints(desk, f"head -c 1100M /dev/zero > {folder}/x; rm {folder}/x")
        assert "No space left" in full


async def test_a_daemon_that_sends_too_much_is_given_up() -> None:
    channel = Channel(lambda data: channel.feed(bytes.fromhex("00000010 ffffffff")))
    with pytest.raises(SandboxError, match="answer of more than"):
        await channel.call("finish", {})


async def test_a_folder_of_any_depth_is_removed() -> None:
    spec = new_spec()
    place = provider("local")
    desk = await place.open(spec)
    deep = "import os\nfor n in range(1500): os.mkdir('d'); os.chdir('d')\nos.chmod('.', 0)"
    assert (await desk.run(["python3", "-c", deep])).exit_code == 0
    await desk.close()
    assert spec.trial not in {one.trial for one in await place.leftovers()}


async def test_the_harness_environment_does_not_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    desk = await provider("local").open(new_spec())
    assert "secret" not in await prints(desk, "env; cat /proc/*/environ 2>&- | tr '\\0' '\\n'")
    await desk.close()


async def test_the_system_cannot_be_written(desk: Sandbox) -> None:
    for path in ("/x", "/usr/x", "/etc/x", "/dev/x", "/home/x", "/opt/desk/x", "/run/x"):
        assert (await desk.shell(f"touch {path}")).exit_code != 0, path
    assert await prints(desk, "touch /tmp/x /var/tmp/x /dev/shm/x ~/x && echo ok") == "ok\n"


async def test_desks_do_not_see_each_other(desk: Sandbox) -> None:
    other = await provider("local").open(new_spec())
    await other.shell("touch /tmp/mine ~/mine; sleep 300 & disown")
    assert await prints(
        desk, "ls -A ~ /tmp; cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c '[s]leep 300'"
    ) == (f"{HOME}:\n\n/tmp:\n0\n")
    await other.close()


async def test_limits_hold(desk: Sandbox) -> None:
    big = "python3 -c 'x = bytearray(3 * 1024**3)'"
    assert "MemoryError" in await prints(desk, big)
    assert (await desk.shell("truncate -s 1T big")).exit_code != 0
    assert int(await prints(desk, "ulimit -u")) <= 4096


async def test_what_local_cannot_do_is_said() -> None:
    place = provider("local")
    with pytest.raises(EngineUnavailable, match=r"no image 'desk-office'.*--sandbox docker"):
        await place.prepare("desk-office")
    with pytest.raises(EngineUnavailable, match=r"no network 'open'.*--sandbox docker"):
        await place.open(new_spec(network="open"))
    assert await place.reattach(new_spec()) is None


async def test_no_bubblewrap_and_no_leave_to_do_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineUnavailable, match=r"sudo apt-get install bubblewrap$"):
        await provider("local").prepare("desk")


async def test_unsafe_desks_are_plain_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = os.environ["PATH"]
    monkeypatch.setenv("PATH", str(tmp_path))
    place = LocalProvider(unsafe=True)
    assert "unjailed" in await place.prepare("desk")
    monkeypatch.setenv("PATH", path)
    spec = new_spec()
    desk = await place.open(spec)
    await desk.mark()
    home = (await prints(desk, "cd; pwd; echo hello > made; sleep 300 & disown")).splitlines()[0]
    assert [one.id for one in await place.leftovers() if one.trial == spec.trial] == [
        str(Path(home).parent)
    ]
    await desk.shell("rm -rf ../state; (exit 3)")
    assert await prints(desk, "echo $?") == "3\n"
    collected = await desk.collect([])
    assert dict(collected.files) == {"made": b"hello\n"}
    await desk.close()
    assert not Path(home).exists()


async def test_a_locked_home_is_removed() -> None:
    place = provider("local")
    spec = new_spec()
    desk = await place.open(spec)
    await desk.shell("mkdir -p a/b; touch a/b/c; chmod 000 a/b a; chmod 500 ~")
    await desk.close()
    await desk.close()
    assert spec.trial not in {one.trial for one in await place.leftovers()}


@pytest.mark.parametrize("unsafe", [False, True])
async def test_a_killed_harness_leaves_a_folder_that_is_found(unsafe: bool) -> None:
    spec = new_spec()
    program = f"""
        import asyncio, os, signal
        from offsite.sandboxes import DeskSpec
        from offsite.sandboxes.local import LocalProvider

        async def main():
            place = LocalProvider(unsafe=True)
            await place.prepare("desk")
            place._jailed = {not unsafe}
            desk = await place.open(DeskSpec(run="r", trial={spec.trial!r}, owner="/o"))
            await desk.collect([])
            await desk.shell("exec -a {spec.trial} sleep 300 & disown")
            os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
    """
    harness = await asyncio.create_subprocess_exec(sys.executable, "-c", textwrap.dedent(program))
    assert await harness.wait() == -signal.SIGKILL
    place = provider("local")
    found = [one for one in await place.leftovers() if one.trial == spec.trial]
    assert [(one.kind, one.run, one.owner) for one in found] == [("folder", "r", "/o")]
    for _ in range(100):
        if not processes_with(spec.trial):
            break
        await asyncio.sleep(0.05)
    assert not processes_with(spec.trial)
    await place.remove(found[0])
    await place.remove(found[0])
    assert spec.trial not in {one.trial for one in await place.leftovers()}


def processes_with(word: str) -> list[int]:
    """The living processes of this machine that have this word in their command line."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if word.encode() in process.read_bytes().split(b"\0"):
                found.append(int(process.parent.name))
    return found


async def test_a_label_that_a_crash_cut_is_still_a_leftover() -> None:
    label = cache_folder("desks") / "cut-short.json"
    label.write_text('{"run": "r')
    place = provider("local")
    found = [one for one in await place.leftovers() if one.id.endswith("/cut-short")]
    assert [(one.run, one.trial, one.owner) for one in found] == [("", "", "")]
    await place.remove(found[0])
    assert not label.exists()


async def test_a_desk_whose_process_dies_says_so() -> None:
    place = provider("local")
    spec = new_spec()
    desk = await place.open(spec)
    sleeping = asyncio.create_task(desk.shell("sleep 300"))
    await asyncio.sleep(0.3)
    folder = next(one.id for one in await place.leftovers() if one.trial == spec.trial)
    for pid in processes_with(f"{folder}/home"):
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(SandboxError, match="the desk's process ended"):
        await asyncio.wait_for(sleeping, 5)
    await desk.close()
    assert not Path(folder).exists()
