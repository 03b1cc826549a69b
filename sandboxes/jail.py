"""The jail of a local desk: what bubblewrap is told, so that a desk sees only its own home.

The jail has namespaces of its own (processes, network, IPC, host name, mounts), the host's programs
read-only, and a Python that finds the packages of Offsite's environment, but not Offsite itself.
An ordinary user's jail is a user namespace in which that user is `agent`, uid 1000. Root's jail has
none: there the daemon is root with few capabilities, and the worker the real uid 1000, so that it
never owns what root owns.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from .cache import cache_folder
from .channel import CAPABILITIES
from .protocol import HOME

UID = 1000
STATE_BYTES = 64 * 1024**2
"""Room for what passes to the shell: one command after the other."""

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
DESK = Path("/opt/desk")
"""Inside the jail: the Python that the worker meets."""

PATH = f"{DESK}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

SYSTEM_FILES = (
    "alternatives",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "magic",
    "mime.types",
    "ssl/certs",
    "ssl/openssl.cnf",
)
"""What of the host's `/etc` programs need; the rest of it is nobody's business."""

OWN_FILES = {
    "passwd": f"root:x:0:0:root:/root:/bin/bash\nagent:x:{UID}:{UID}:Agent:{HOME}:/bin/bash\n",
    "group": f"root:x:0:\nagent:x:{UID}:\n",
    "hosts": "127.0.0.1 localhost desk\n",
    "hostname": "desk\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


def jail_command(home: Path, run: Path | None = None, *, memory_mb: int = 2048) -> list[str]:
    """The command that runs what follows it in a jail with this folder as the home.

    Args:
        run: the folder of the run: it and the other runs beside it must not be seen, wherever they
            lie, no more than Offsite's own code and its cache, where instances are.
        memory_mb: how much of the host's memory its scratch folders may take, all together.
    """
    command = [shutil.which("bwrap") or "bwrap", *_fixed_arguments(memory_mb)]
    runs = [] if run is None else [run, run.parent]
    for path, where in _seen([*_offsite(), cache_folder(), *runs]):
        if path.is_dir():
            command += ["--tmpfs", where, "--remount-ro", where]
        else:
            command += ["--ro-bind", str(_own_file("empty", "")), where]
    command += ["--bind", str(home), HOME, "--chdir", HOME]
    return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--"]


@cache
def _fixed_arguments(memory_mb: int) -> tuple[str, ...]:
    arguments = [
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--new-session", "--die-with-parent", "--as-pid-1"),
        *("--hostname", "desk"),
    ]
    if os.geteuid() == 0:
        arguments += ["--cap-drop", "ALL"]
        for name in CAPABILITIES:
            arguments += ["--cap-add", f"CAP_{name}"]
    else:
        arguments += ["--unshare-user", "--uid", str(UID), "--gid", str(UID)]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            arguments += ["--ro-bind", str(path), str(path)]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    arguments += _scratch(memory_mb)
    binds = {**_shown(), **_own_files()}
    for folder in _parents([*binds.values(), DESK / "bin/python", Path(HOME)]):
        arguments += ["--dir", str(folder)]
    for name in ("python", "python3"):
        arguments += ["--symlink", str(_binary()), f"{DESK}/bin/{name}"]
    for shown, where in binds.items():
        arguments += ["--ro-bind", str(shown), str(where)]
    return tuple(arguments)


def _scratch(memory_mb: int) -> list[str]:
    """The folders that can be written beside the home; what lies there is memory of the host."""
    shares = {"/tmp": 2, "/var/tmp": 4, "/dev/shm": 4}
    places = {place: ("1777", memory_mb * 1024**2 // share) for place, share in shares.items()}
    places["/run/offsite"] = ("0755", STATE_BYTES)
    arguments: list[str] = []
    for place, (mode, size) in places.items():
        limit = ("--size", str(size)) if _limits_sizes() else ()
        arguments += [*limit, "--perms", mode, "--tmpfs", place]
    return arguments


@cache
def _limits_sizes() -> bool:
    """Whether this bubblewrap can limit a tmpfs; those before 0.7 cannot."""
    try:
        told = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return "--size " in told.stdout + told.stderr


def _parents(places: Sequence[Path]) -> list[Path]:
    """The folders above these: bubblewrap itself would make them for their owner alone."""
    above = {parent for place in places for parent in place.parents}
    return sorted(path for path in above if path != Path("/") and not path.is_relative_to("/usr"))


@cache
def _shown() -> dict[Path, Path]:
    """Folders and files of the host that the desk sees, and where."""
    shown = {Path("/usr"): Path("/usr")}
    base = Path(sys.base_prefix).resolve()
    if not base.is_relative_to("/usr"):
        shown[base] = base
    for name in SYSTEM_FILES:
        path = Path("/etc", name)
        if path.exists():
            shown[path] = path
    return {
        **shown,
        Path(sysconfig.get_path("purelib")): DESK / f"lib/python{VERSION}/site-packages",
    }


@cache
def _own_files() -> dict[Path, Path]:
    """Files that are made for all jails, and where the desk sees them."""
    contents = {Path("/etc", name): text for name, text in OWN_FILES.items()}
    recipe = Path(__file__).with_name("images") / "desk" / "gitconfig"
    contents[Path("/etc/gitconfig")] = recipe.read_text(encoding="utf-8")
    contents[DESK / "pyvenv.cfg"] = f"home = {_binary().parent}\n"
    return {_own_file(place.name, text): place for place, text in contents.items()}


@cache
def _own_file(name: str, text: str) -> Path:
    file = cache_folder("jail") / name
    temporary = file.with_name(f"{name}.{os.getpid()}.{threading.get_ident()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.chmod(0o644)
    temporary.replace(file)
    return file


def _binary() -> Path:
    """The interpreter that Offsite's environment was made from."""
    return Path(sys.base_prefix).resolve() / "bin" / f"python{VERSION}"


@cache
def _offsite() -> tuple[Path, ...]:
    """Offsite's own code, with tasks, truths and graders: its checkout and what is installed."""
    source = Path(__file__).resolve().parents[1]
    installed = Path(sysconfig.get_path("purelib"))
    return (source, *sorted(installed.glob("*offsite*")))


def _seen(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """Those of the host's paths that a desk would see, and where.

    Left away are what lies below another, and folders without which there would be no desk.
    """
    found = {
        where / path.resolve().relative_to(top.resolve()): path
        for path in paths
        for top, where in _shown().items()
        if path.exists() and path.resolve().is_relative_to(top.resolve())
    }
    hidden = {where for where in found if not any(one.is_relative_to(where) for one in _needed())}
    return sorted(
        (found[where], str(where)) for where in hidden if hidden.isdisjoint(where.parents)
    )


@cache
def _needed() -> tuple[Path, ...]:
    """Folders inside the jail that programs cannot do without."""
    system = [Path("/", name) for name in ("bin", "sbin", "lib", "lib64")]
    python = Path(sysconfig.get_path("stdlib"))
    return (
        *(path.resolve() for path in (*system, _binary(), python)),
        *(Path("/usr/local/bin"), *_shown().values()),
    )
