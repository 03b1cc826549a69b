"""The examination of `software/failing-test` is out of reach of the code that it runs."""

from __future__ import annotations

import subprocess
import sys

from offsite.tasks.loader import BUILTIN

SOURCE = BUILTIN / "starter" / "software" / "failing-test" / "examine.py"

PROGRAM = """
_shield()
import time
assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0, "is dumpable"
worker = (
    "import os, subprocess, sys; "
    "subprocess.Popen(['sleep', '600'], start_new_session=True, "
    "stdin=-3, stdout=-3, stderr=-3); "
    "print('RESULT:[1]'); print(sys.stdin.read(), file=sys.stderr)"
)
assert _run(worker, ".") == [1]
assert not [p for p in os.listdir("/proc") if p.isdigit() and _is_child(p)], "a child is left"
print("own line")
"""


def test_what_it_runs_gets_pipes_and_is_ended():
    code = SOURCE.read_text() + PROGRAM
    done = subprocess.run(
        [sys.executable, "-I", "-"],
        input=code.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == (b"own line\n", b"")
