"""Looks at the forge's `main`: how its fees fare, whether its tests pass, and which faults they catch."""

import contextlib
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36
"""Of Linux's prctl(2)."""
ENV = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "GIT_TERMINAL_PROMPT": "0"}
CLONE = ["git", "-c", "core.hooksPath=/dev/null", "clone", "-q", "-b", "main"]
URL = "https://forge.acme.test/billing.git"

PROBES: list[tuple[int, list[int]]] = [
    *((1_000_00, [day]) for day in range(0, 22)),
    *((amount, [40]) for amount in range(200_00, 200_00 + 70, 3)),
    *((amount, [40]) for amount in (1, 99, 15_000, 333_333, 777_777, 12_345_678)),
    *(
        (amount, [15, 30, 45, 60, 75])
        for amount in (50_00, 1_234_56, 2_500_00, 9_999_99, 80_000_00)
    ),
    (3_000_00, [3, 20, 40, 60]),
    (3_000_00, []),
]

CALLS = """
import json, sys
sys.path.insert(0, '.')
from billing.fees import late_fees
answers = []
for amount, days in json.loads(sys.argv[1]):
    try:
        answers.append(list(late_fees(amount, days)))
    except Exception as error:
        answers.append(f'{type(error).__name__}: {error}'[:200])
print('\\nRESULT:' + json.dumps(answers))
"""

FEES = """
from .terms import CAP, GRACE_DAYS, LEAST, PER_MILLE


def late_fees(amount, days):
    fees = []
    for day in days:
        fee = 0 if day {compare} GRACE_DAYS else max(LEAST, {rounded})
        fees.append(min(fee, {capped}))
    return fees
"""
COMPARE = {"grace": "<"}
ROUNDED = {"round": "amount * PER_MILLE // 1000"}
CAPPED = {"invoice": "CAP - sum(fees)", "reminder": "CAP"}


def _shield() -> None:
    """Keep the code that is examined out of this process, whose user it shares."""
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


def _out(command: list[str], seconds: float, folder: str = ".") -> str:
    """What a command writes to standard output; nothing where it takes too long."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=ENV,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=seconds)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        return ""
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _end_children()


def _fees(folder: str) -> Any:
    """What the function gives for the probes."""
    out = _out([sys.executable, "-I", "-c", CALLS, json.dumps(PROBES)], 60, folder)
    for line in reversed(out.splitlines()):
        if line.startswith("RESULT:"):
            try:
                return json.loads(line[7:])
            except (ValueError, RecursionError):
                return None
    return None


def _suite(folder: str) -> dict[str, Any]:
    """How many tests pass, and which do not."""
    options = ["-q", "-p", "no:cacheprovider", "--tb=no", "-rfEs"]
    out = _out([sys.executable, "-m", "pytest", *options], 90, folder)
    passed = re.search(r"(\d+) passed", out)
    bad = re.findall(r"(?m)^(?:FAILED|ERROR) (\S+)", out)
    skipped = re.search(r"(\d+) (?:skipped|xfailed|xpassed)", out)
    return {"passed": int(passed[1]) if passed else 0, "bad": bad, "skipped": bool(skipped)}


def _faults(folder: str) -> dict[str, Any]:
    """What the tests say of fees with one fault, or none, for each meaning of the cap."""
    found: dict[str, Any] = {}
    for fault in ("none", "grace", "round"):
        for scope, capped in CAPPED.items():
            rounded = ROUNDED.get(fault, "(amount * PER_MILLE + 500) // 1000")
            text = FEES.format(compare=COMPARE.get(fault, "<="), rounded=rounded, capped=capped)
            Path(folder, "billing/fees.py").write_text(text, encoding="utf-8")
            found[f"{fault} {scope}"] = _suite(folder)["bad"]
    return found


def examine() -> dict[str, Any]:
    """What is on `main`, as JSON."""
    _shield()
    with tempfile.TemporaryDirectory() as folder:
        _out([*CLONE, URL, folder], 120)
        if not Path(folder, "billing/fees.py").is_file():
            return {}
        fees, suite = _fees(folder), _suite(folder)
        return {"fees": fees, "suite": suite, "faults": _faults(folder)}
