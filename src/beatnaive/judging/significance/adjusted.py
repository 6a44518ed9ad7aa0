"""The rule on one contest: p-values that account for the whole field and for what was tried before."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from beatnaive.core.phrases import p_text
from beatnaive.core.types import Evidence
from beatnaive.judging.significance.contest import Contest
from beatnaive.judging.significance.joint import Judgement, judgement, judgement_of_symbol

_made: WeakKeyDictionary[Contest, Judgement] = WeakKeyDictionary()


def adjusted(one: Contest) -> Judgement:
    """What the rule finds; asked for again, the same object.

    A symbol of a panel is judged without resampling, by Student's t and Holm over models: a panel asks for tails of
    0.05 / symbols, which resampling cannot supply.
    """
    if one not in _made:
        if one.among:
            _made[one] = judgement_of_symbol(one.field, one.trials, uncounted=one.uncounted, symbols=one.among)
        else:
            _made[one] = judgement(
                one.field, one.trials, uncounted=one.uncounted, replications=one.replications, seed=one.seed
            )
    return _made[one]


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Does any model beat naive, given all that compete and all that was tried? One Evidence for the field."""
    found = adjusted(contest)
    k = int(found.p_better.argmin())
    p, count = float(found.p_better[k]), len(contest.models)
    counted = "" if count == 1 else f", all {count} comparisons counted"
    finding = f"{contest.models[k]} beats naive" if p < 0.05 else "Nothing here can be shown to beat naive"
    words = f"{finding}{counted} ({p_text(p)})."
    each = dict(zip(contest.models, found.p_better.tolist(), strict=True))
    details = {"p_adjusted": each, "critical": found.critical}
    return (
        Evidence(
            test="step_down", model="*", null="no model is more accurate than naive",
            statistic=float(np.max(found.test.t)), p_value=p, n=len(contest), words=words, details=details,
        ),
    )  # fmt: skip
