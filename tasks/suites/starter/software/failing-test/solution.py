"""The oracle: runs the suite, finds the function behind the failure, mends it, commits on a branch."""

import re
import subprocess
from pathlib import Path
from typing import Any

REPO = Path("cargoquote")

MENDED = {
    "money": """    sign = -1 if total < 0 else 1
    shares = [abs(total) * weight // whole for weight in weights]
    lost = [abs(total) * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-lost[i], i))
    for i in order[: abs(total) - sum(shares)]:
        shares[i] += 1
    return [sign * share for share in shares]
""",
    "tariffs": """        at = bisect_left(self.limits, grams)
        if at < len(self.limits):
            return self.prices[at]
        started = -(-(grams - self.limits[-1]) // 1000)
        return self.prices[-1] + started * self.extra_kg
""",
    "schedule": """    day = ordered_at.date()
    if ordered_at.time() > cutoff:
        day += timedelta(days=1)
    while not working(day, holidays):
        day += timedelta(days=1)
    return day
""",
    "tracking": """    unique = {}
    for event in sorted((e for feed in feeds for e in feed), key=lambda e: moment(e["at"])):
        unique.setdefault((moment(event["at"]), event["status"], event["depot"]), event)
    return list(unique.values())
""",
    "memo": """    named = tuple((name, type(kwargs[name]), kwargs[name]) for name in sorted(kwargs))
    return tuple((type(arg), arg) for arg in args), named
""",
}
"""What the end of each suspect function should be."""

FAULTS = {
    "money": ("    shares = [int(total", "    return shares\n"),
    "tariffs": ("        at = bisect_left(self.limits, grams + 1)", "* self.extra_kg\n"),
    "schedule": ("    day = ordered_at.date()", "    return day\n"),
    "tracking": ("    unique = {}", "key[0])]\n"),
    "memo": ('    return "|".join', "\n"),
}
"""Start and end of the faulty lines."""

CALLED = {
    "credit_note": "money",
    "limit_weight": "tariffs",
    "christmas": "schedule",
    "abroad": "tracking",
    "two_services": "memo",
}


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def failing() -> tuple[str, str]:
    """(ticket, module behind it) of the failing test."""
    out = run("python3", "-m", "unittest", "discover", "-s", "tests", "-t", ".")
    match = re.search(r"FAIL: test_cq_(\d+)_(\w+)", out)
    if match is None:
        raise RuntimeError(out[-800:])
    return f"CQ-{match[1]}", CALLED[match[2]]


def replaced(source: str, module: str) -> str:
    """The module's text with the faulty lines replaced."""
    first, last = FAULTS[module]
    start = source.index(first)
    end = source.index(last, start) + len(last)
    return source[:start] + MENDED[module] + source[end:]


def mend(module: str) -> None:
    path = REPO / "cargoquote" / f"{module}.py"
    path.write_text(replaced(path.read_text(encoding="utf-8"), module), encoding="utf-8")


def changelog(ticket: str, module: str) -> None:
    path = REPO / "CHANGELOG.md"
    head, mark, rest = path.read_text(encoding="utf-8").partition("\n## 0.")
    entry = f"\n### Fixed\n\n- `{module}`: keeps what docs/{module}.md promises ({ticket})\n"
    path.write_text(head.rstrip("\n") + "\n" + entry + mark + rest, encoding="utf-8")


def solve(
    *,
    fix: Any = mend,
    branch: bool = True,
    log: bool = True,
    commit: bool = True,
    trailer: bool = True,
    extra: Any = None,
) -> dict[str, Any]:
    """Do the job; the options leave parts out, for the wrong solvers."""
    ticket, module = failing()
    if branch:
        run("git", "checkout", "-q", "-b", f"fix/{ticket}-{module}-as-documented")
    fix(module)
    if extra:
        extra(module)
    if log:
        changelog(ticket, module)
    if commit:
        body = f"Ticket: {ticket}" if trailer else "See the ticket."
        run("git", "add", "-A")
        message = f"{module}: do what docs/{module}.md promises"
        run("git", "commit", "-q", "-m", message, "-m", body)
    return {
        "status": "done",
        "confidence": 0.95,
        "summary": f"{module}.py broke the rules of docs/{module}.md; mended on a branch for {ticket}.",
    }
