"""Looks at the repository: what was committed, whether the suite passes, how hidden inputs fare."""

import contextlib
import ctypes
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

REPO = "cargoquote"
PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36
"""Of Linux's prctl(2)."""
ENV = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "PYTHONDONTWRITEBYTECODE": "1"}

HOLIDAYS = ["2026-04-03", "2026-04-06", "2026-04-07", "2026-05-01", "2026-05-14", "2026-05-15"]

PROBES: dict[str, list[Any]] = {
    "allocate": [
        [1000, [1, 1, 1]],
        [-1000, [1, 1, 1]],
        [-101, [50, 50]],
        [-7, [5, 0, 3, 2]],
        [-4999, [7, 11, 13, 17]],
        [0, [3, 4]],
        [3, [0, 0, 9]],
        [90_000_000_000_000_001, [1, 1, 1]],
        [10**19 + 7, [3, 5, 9]],
        [-(10**18) - 1, [2, 3, 2]],
        [100, [6, 1, 1, 1]],
    ],
    "brackets": [
        [[[500, 310], [1500, 480], [4000, 777]], 60, grams]
        for grams in (1, 499, 500, 501, 1500, 1501, 3999, 4000, 4001, 4999, 5000, 5001, 9000, 14000)
    ],
    "schedule": [
        [at, cutoff, HOLIDAYS]
        for at, cutoff in (
            ("2026-03-31T13:59:59", "14:00"),
            ("2026-03-31T14:00:00", "14:00"),
            ("2026-03-31T14:00:01", "14:00"),
            ("2026-04-02T18:00:00", "14:00"),
            ("2026-04-03T08:00:00", "14:00"),
            ("2026-04-04T08:00:00", "14:00"),
            ("2026-04-10T15:00:00", "15:00"),
            ("2026-04-10T15:01:00", "15:00"),
            ("2026-04-30T16:30:00", "16:00"),
            ("2026-05-13T20:00:00", "12:30"),
            ("2026-05-15T09:00:00", "12:30"),
        )
    ],
    "tracking": [
        [
            [
                {"at": "2026-03-01T10:00:00+02:00", "status": "a", "depot": "AMS"},
                {"at": "2026-03-01T09:30:00+01:00", "status": "b", "depot": "BRU"},
            ]
        ],
        [
            [{"at": "2026-03-01T23:50:00-05:00", "status": "x", "depot": "JFK"}],
            [{"at": "2026-03-02T05:10:00+01:00", "status": "y", "depot": "AMS"}],
        ],
        [
            [{"at": "2026-03-02T08:00:00Z", "status": "in", "depot": "LIS"}],
            [{"at": "2026-03-02T09:00:00+01:00", "status": "in", "depot": "LIS"}],
        ],
        [
            [{"at": "2026-03-02T09:00:00+01:00", "status": "z", "depot": "AMS"}],
            [{"at": "2026-03-02T08:00:00+00:00", "status": "a", "depot": "AMS"}],
        ],
        [
            [{"at": "2026-03-29T01:59:00+01:00", "status": "p", "depot": "AMS"}],
            [{"at": "2026-03-29T03:01:00+02:00", "status": "q", "depot": "AMS"}],
            [{"at": "2026-03-29T00:58:30Z", "status": "o", "depot": "LHR"}],
        ],
        [[], []],
    ],
    "memo": [
        [8, [[[1], {}], [["1"], {}], [[1], {}]]],
        [8, [[["a", "b"], {}], [["a|b"], {}], [["a", "b"], {}]]],
        [8, [[[], {"x": 1, "y": 2}], [[], {"x": 2, "y": 1}], [[], {"y": 2, "x": 1}]]],
        [8, [[["x"], {}], [[], {"x": 5}], [["x"], {"x": 5}], [[], {"x": 6}]]],
        [2, [[[1], {}], [[2], {}], [[1], {}], [[3], {}], [[1], {}], [[2], {}]]],
        [8, [[["a, b"], {}], [["a", "b"], {}], [["a", "b", ""], {}], [["a", "b"], {}]]],
        [8, [[["k"], {"s": "v"}], [["k", "s", "v"], {}], [["k"], {"s": "w"}], [["k"], {"s": "v"}]]],
        [8, [[[], {"n": 1}], [[], {"n": "1"}], [[], {"n": 1}]]],
        [8, [[[{"twin": 1}], {}], [[{"twin": 2}], {}], [[{"twin": 1}], {}]]],
        [8, [[[], {"n": {"twin": 1}}], [[], {"n": {"twin": 2}}], [[], {"n": {"twin": 1}}]]],
    ],
}

RUNNER = """
import json, sys, unittest
sys.path.insert(0, '.')
suite = unittest.defaultTestLoader.discover('tests', top_level_dir='.')
class Result(unittest.TestResult):
    passed = []
    def addSuccess(self, test):
        self.passed.append(test.id())
result = Result()
suite.run(result)
bad = [t.id() for t, _ in result.failures + result.errors]
print('\\nRESULT:' + json.dumps({'ran': result.testsRun, 'passed': Result.passed, 'failed': bad,
      'skipped': [t.id() for t, _ in result.skipped + result.expectedFailures]}))
"""

CALLS = """
import json, sys
from datetime import date, datetime, time
sys.path.insert(0, '.')
def allocate(total, weights):
    from cargoquote.money import allocate
    return list(allocate(total, weights))
def brackets(pairs, extra, grams):
    from cargoquote.tariffs import Tariff
    return Tariff([tuple(p) for p in pairs], extra).price(grams)
def schedule(at, cutoff, free):
    from cargoquote.schedule import pickup_day
    days = frozenset(map(date.fromisoformat, free))
    return pickup_day(datetime.fromisoformat(at), time.fromisoformat(cutoff), days).isoformat()
def tracking(*feeds):
    from cargoquote.tracking import merge
    return list(merge(*feeds))
class Twin:
    # Others look the same; only equality tells them apart.
    def __init__(self, number):
        self.number = number
    def __eq__(self, other):
        return isinstance(other, Twin) and self.number == other.number
    def __hash__(self):
        return hash(self.number)
    def __repr__(self):
        return 'Twin()'
def made_of(value):
    return Twin(value['twin']) if isinstance(value, dict) else value
def shown(value):
    return {'twin': value.number} if isinstance(value, Twin) else value
def memo(size, calls):
    from cargoquote.memo import memoize
    made = []
    @memoize(size)
    def show(*args, **named):
        made.append(1)
        return [[shown(a) for a in args], sorted([k, shown(v)] for k, v in named.items())]
    results = [
        show(*map(made_of, args), **{k: made_of(v) for k, v in named.items()})
        for args, named in calls
    ]
    return [results, len(made)]
answers = {}
for kind, probes in json.loads(sys.argv[1]).items():
    answers[kind] = []
    for probe in probes:
        try:
            answer = {'result': globals()[kind](*probe)}
        except Exception as error:
            answer = {'error': f'{type(error).__name__}: {error}'[:200]}
        answers[kind].append(answer)
print('\\nRESULT:' + json.dumps(answers))
"""


GIT = ["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null"]


def _shield() -> None:
    """Keep the code that is examined out of this process, whose user it shares.

    A process that is not dumpable can neither be traced nor have its memory or its open files
    reached through /proc by others of its user. As the subreaper it inherits what its children
    leave running, and can end it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((PR_SET_DUMPABLE, 0), (PR_SET_CHILD_SUBREAPER, 1)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def _end_children() -> None:
    """End all that was started from here, also what went into a session of its own."""
    for _ in range(100):
        children = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and _is_child(pid)]
        for child in children:
            with contextlib.suppress(ProcessLookupError, ChildProcessError, PermissionError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
        if not children:
            return


def _is_child(pid: str) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return False
    return int(stat.rpartition(")")[2].split()[1]) == os.getpid()


def _out(command: list[str], seconds: float, folder: str = ".") -> bytes | None:
    """What a command writes to standard output; None where it takes too long.

    It gets pipes only, a session of its own, and nothing of it outlives the call.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=ENV,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _end_children()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


def _git(*args: str) -> str:
    return (_out([*GIT, "-C", REPO, *args], 30) or b"").decode(errors="replace")


def _run(code: str, folder: str, *args: str) -> Any:
    """What a program prints as its result; None where it fails or takes too long."""
    out = _out([sys.executable, "-I", "-c", code, *args], 40, folder) or b""
    for line in reversed(out.decode(errors="replace").splitlines()):
        if line.startswith("RESULT:"):
            try:
                return json.loads(line[7:])
            except (ValueError, RecursionError):
                return None
    return None


def _main() -> dict[str, Any]:
    """Where main is, and the hash of each of its files: an amended commit has the same subject."""
    listed = [line.split("\t", 1) for line in _git("ls-tree", "-r", "main").splitlines()]
    return {
        "files": {path: entry.split()[-1] for entry, path in listed},
        "count": _git("rev-list", "--count", "main").strip(),
        "subject": _git("log", "-1", "--format=%s", "main").strip(),
    }


def _branch(name: str) -> dict[str, Any]:
    """One branch: its commits beyond main, its files, and how its code behaves."""
    commits = [
        {"subject": part.split("\x1f")[0].strip(), "body": part.split("\x1f")[1]}
        for part in _git("log", "--format=%s%x1f%b%x1e", f"main..{name}").split("\x1e")
        if "\x1f" in part
    ]
    raw = _out([*GIT, "-C", REPO, "archive", name], 30) or b""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
                if hasattr(tarfile, "data_filter"):
                    tar.extraction_filter = tarfile.data_filter
                tar.extractall(folder)
        except (tarfile.TarError, OSError):
            return {"name": name, "commits": commits}
        root = Path(folder)
        tests = {
            str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(root.glob("tests/**/*"))
            if path.is_file()
        }
        log = root / "CHANGELOG.md"
        return {
            "name": name,
            "commits": commits,
            "changed": _git("diff", "--name-status", "--no-renames", f"main...{name}").splitlines(),
            "behind": _git("rev-list", "--count", f"{name}..main").strip(),
            "tests": tests,
            "changelog": log.read_text(errors="replace") if log.is_file() else None,
            "probes": _run(CALLS, folder, json.dumps(PROBES)),
            "suite": _run(RUNNER, folder),
        }


def examine() -> dict[str, Any]:
    """The state of the repository as JSON."""
    _shield()
    names = _git("for-each-ref", "--format=%(refname:short)", "refs/heads").split()
    chosen = sorted((n for n in names if n != "main"), key=lambda n: (not n.startswith("fix/"), n))
    status = _git("status", "--porcelain").splitlines()
    return {
        "main": _main(),
        "status": status[:20],
        "branches": [_branch(name) for name in chosen[:3]],
        "inputs": PROBES,
    }
