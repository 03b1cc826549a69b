"""Wrong solvers of `review-and-merge`: mistakes that real engineers make."""

from typing import Any

from solution import Options, ask, work

CAUGHT_BY = {
    "asks_nobody": "author_asked",
    "does_not_wait": "merged_after_answer",
    "keeps_the_draft": "terms",
    "reads_the_answer_alone": "fees_right",
    "mends_without_tests": "mends_have_tests",
    "drops_the_failing_test": "tests_kept",
    "rebases": "history_kept",
    "loses_others_lines": "changelog",
    "reviews_an_older_commit": "reviewed",
    "pushes_to_main": "merged",
    "leaves_the_merge": "merged",
    "touches_main_up": "main_by_pull_request",
    "tells_the_wrong_one": "finance_told",
    "closes_the_other_one": "collateral",
    "calls_it_blocked": "report",
}


def asks_nobody() -> dict[str, Any]:
    """Takes the cap as the code has it."""
    return work(Options(asks=False))


def does_not_wait() -> dict[str, Any]:
    """Asks, and merges without the answer, as somebody presses for it."""
    return work(Options(waits=False))


def keeps_the_draft() -> dict[str, Any]:
    """Asks what is capped, and overlooks that the amount is another one, too."""
    return work(Options(amount=False))


def reads_the_answer_alone() -> dict[str, Any]:
    """Puts the cap right and does not hold the code against the docs."""
    return work(Options(mends=False))


def mends_without_tests() -> dict[str, Any]:
    """Mends all, and tests nothing of it."""
    return work(Options(tests=False))


def drops_the_failing_test() -> dict[str, Any]:
    """Takes the test away that fails since main was merged."""
    return work(Options(drops_test=True))


def rebases() -> dict[str, Any]:
    """Rewrites the author's commits."""
    return work(Options(rebases=True))


def loses_others_lines() -> dict[str, Any]:
    """Solves the conflict with the branch's side."""
    return work(Options(ours=True))


def reviews_an_older_commit() -> dict[str, Any]:
    """Names the commit before the last one."""
    return work(Options(reviews="before"))


def pushes_to_main() -> dict[str, Any]:
    """Pushes the branch to main, and the pull request stays open."""
    return work(Options(merge="push"))


def leaves_the_merge() -> dict[str, Any]:
    """Does everything but the merge, and reports it done."""
    return work(Options(merge=""))


def touches_main_up() -> dict[str, Any]:
    """Betters a word on main after the merge."""
    return work(Options(touches_up=True))


def tells_the_wrong_one() -> dict[str, Any]:
    """Tells sales, not finance."""
    return work(Options(tells="sales"))


def closes_the_other_one() -> dict[str, Any]:
    """Closes the second pull request as well: it is not ready anyhow."""
    report = work(Options())
    ask("/8/close", wait="true")
    return report


def calls_it_blocked() -> dict[str, Any]:
    """Has done everything, and reports that it could not."""
    return {**work(Options()), "status": "blocked"}
