"""What the numbers would be if doubtful trials counted as failed, not at all, or as passed."""

from __future__ import annotations

import numpy as np

from ..records.horizon import Doubt, HorizonSensitivity, Length
from ..records.leaderboard import Sensitivity
from ..records.run import RunRecord
from .horizon import L2, horizons
from .rates import rate
from .scores import trial_scores
from .table import Bools, Trials

DOUBTS: tuple[Doubt, ...] = ("errors", "breaches")


def sensitivity(trials: Trials) -> tuple[Sensitivity, ...]:
    """Of one agent's delegable rate: errors and breaches of policy, where there are any.

    The rate itself leaves errors out (`dropped`) and counts breaches against it (`failed`). METR
    shows the same three for cheating.
    """
    found: list[Sensitivity] = []
    for of in DOUBTS:
        all_, doubtful = _doubtful(trials, of)
        if not doubtful.any():
            continue
        sure = all_.where(~doubtful)
        found.append(
            Sensitivity(
                of=of,
                trials=int(doubtful.sum()),
                failed=rate(all_.delegable & ~doubtful, all_.task.tolist()),
                dropped=rate(sure.delegable, sure.task.tolist()) if len(sure) else None,
                passed=rate(all_.delegable | doubtful, all_.task.tolist()),
            )
        )
    return tuple(found)


def horizon_sensitivity(
    run: RunRecord, trials: Trials, l2: float = L2
) -> tuple[HorizonSensitivity, ...]:
    """The same of each agent's horizon at 50 %, without intervals."""
    found: list[HorizonSensitivity] = []
    for agent in sorted(set(trials.agent.tolist())):
        for of in DOUBTS:
            all_, doubtful = _doubtful(trials.where(trials.agent == agent), of)
            if not doubtful.any():
                continue
            sure = np.flatnonzero(~doubtful)
            found.append(
                HorizonSensitivity(
                    agent=agent,
                    of=of,
                    trials=int(doubtful.sum()),
                    failed=_p50(run, all_, all_.delegable & ~doubtful, l2),
                    dropped=_p50(run, all_.where(~doubtful), all_.delegable[sure], l2)
                    if len(sure)
                    else None,
                    passed=_p50(run, all_, all_.delegable | doubtful, l2),
                )
            )
    return tuple(found)


def _doubtful(trials: Trials, of: Doubt) -> tuple[Trials, Bools]:
    """The trials that are looked at, and which of them are doubtful."""
    if of == "errors":
        return trials, trials.error
    judged = trials.judged()
    return judged, judged.only_breach()


def _p50(run: RunRecord, trials: Trials, right: Bools, l2: float) -> Length:
    table = trial_scores(run, trials, right.astype(float))
    (found,) = horizons(table, l2=l2, bootstraps=0).agents.values()
    return found.p50
