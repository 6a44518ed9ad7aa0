"""P-values that account for the whole field, in either direction: what rulings rest on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np

from beatnaive.core.phrases import p_text
from beatnaive.core.types import Evidence, Floats
from beatnaive.judging.significance.contest import Contest
from beatnaive.judging.significance.diebold_mariano import diebold_mariano, holm
from beatnaive.judging.significance.step_down import StepDown, step_down


@dataclass(frozen=True, eq=False)
class Adjusted:
    """A step-down per benchmark in either direction, and what follows for each model.

    p_better (k,): better than all benchmarks, hence the largest p; p_worse (k,): worse than some benchmark, hence
    the smallest times the number of benchmarks (Bonferroni).
    """

    better: tuple[StepDown, ...]
    worse: tuple[StepDown, ...]
    p_better: Floats
    p_worse: Floats


_made: WeakKeyDictionary[Contest, Adjusted] = WeakKeyDictionary()


def adjusted(one: Contest) -> Adjusted:
    """The step-downs of a contest; asked for again, the same object."""
    if one in _made:
        return _made[one]
    b = len(one.benchmarks)
    found: dict[int, list[StepDown]] = {+1: [], -1: []}
    for sign, results in found.items():
        for k in range(b):
            gain = sign * (one.against[:, [k]] - one.loss)
            result = step_down(gain.mean(0), sign * (one.draws[:, [k]] - one.draws[:, b:]), len(one))
            if one.horizon > 1:
                # overlapping spans: the bootstrap alone rejects too often, a floor under the HLN variance does not
                single = holm(diebold_mariano(gain, one.horizon, floor=True).p_better)
                result = replace(result, p_adjusted=np.maximum(result.p_adjusted, single))
            results.append(result)
    better, worse = (tuple(found[sign]) for sign in (+1, -1))
    p_better = np.asarray(np.maximum.reduce([result.p_adjusted for result in better]))
    p_worse = np.asarray(np.minimum(b * np.minimum.reduce([result.p_adjusted for result in worse]), 1.0))
    _made[one] = Adjusted(better, worse, p_better, p_worse)
    return _made[one]


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Does any model beat naive, given all that compete? One Evidence for the field."""
    found = adjusted(contest)
    k = int(found.p_better.argmin())
    p, count = float(found.p_better[k]), len(contest.models)
    result = found.better[contest.hardest]
    counted = "" if count == 1 else f", all {count} comparisons counted"
    finding = f"{contest.models[k]} beats naive" if p < 0.05 else "Nothing here can be shown to beat naive"
    words = f"{finding}{counted} ({p_text(p)})."
    each = dict(zip(contest.models, found.p_better.tolist(), strict=True))
    details = {"p_adjusted": each, "critical": result.critical}
    null = "no model is more accurate than naive"
    return (
        Evidence(
            test="step_down",
            model="*",
            null=null,
            statistic=float(result.t.max()),
            p_value=p,
            n=len(contest),
            words=words,
            details=details,
        ),
    )
