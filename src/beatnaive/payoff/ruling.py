"""Paid, lost, or cannot tell: the rule of every verdict, on net returns against cash and against holding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beatnaive.judging.significance.effect import detectable_effect
from beatnaive.judging.significance.examination import too_short
from beatnaive.judging.significance.joint import Field, judgement
from beatnaive.payoff.accounts import Accounts

LEVEL = 0.05


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """ruling: "paid", "lost" or "cannot tell"; rival: what the model did worst against; p_paid, p_lost adjusted.

    gain, low, high: mean net gain over that rival and its 90 % interval, a year; detectable: the yearly gain that would
    have been seen four times in five, None where position and rival never differ.
    """

    ruling: str
    rival: str
    p_paid: float
    p_lost: float
    gain: float
    low: float
    high: float
    detectable: float | None


def field_of(made: Accounts) -> Field:
    """The net gains as the rule of all verdicts takes them, at horizon one: returns of sessions do not overlap."""
    return Field(gain=made.gains(), sessions=made.sessions.astype("datetime64[D]").astype(np.int64))


def largest_gain(made: Accounts) -> float:
    """The largest t of any model's net gain over the rival that it did worst against; -inf where nothing varies."""
    test = field_of(made).test_of_hardest()
    return float(np.where(test.error > 0, test.t, -np.inf).max())


def ruled(
    made: Accounts, trials: Sequence[Field] = (), *, uncounted: int = 0, replications: int = 9999, seed: int = 0
) -> dict[str, Ruled]:
    """Paid: the net return at the plan's cost beats cash and holding, with all models, benchmarks and trials counted.

    Holding is at max(1, the model's mean exposure); who is short on average must beat a constant short position, too.
    Lost: worse than the better of them. A position that never differs from a rival: cannot tell, whatever it earned.
    """
    own = field_of(made)
    found = judgement(own, trials, uncounted=uncounted, replications=replications, seed=seed)
    test, names = found.test, ("cash", "holding", "a constant short position")
    low, high = test.interval()
    short = bool(too_short(len(own.gain), 1))
    same = np.asarray((own.gain == 0).all(0))  # (b, k): the model is this rival
    result = {}
    for k, model in enumerate(made.models):
        differs, year = bool(test.error[k] > 0) and not same[:, k].any(), made.yearly
        effect = detectable_effect(test.error[k : k + 1], found.critical, test.df)[0] * year if differs else None
        p_paid, p_lost = float(found.p_better[k]), float(found.p_worse[k])
        rival = int(same[:, k].argmax()) if same[:, k].any() else int(found.benchmark[k])
        ruling = "cannot tell"
        if not short and differs and p_paid < LEVEL:
            ruling = "paid"
        elif not short and differs and p_lost < LEVEL:
            ruling = "lost"
        result[model] = Ruled(
            ruling=ruling, rival=names[rival], p_paid=p_paid, p_lost=p_lost,
            gain=float(test.mean[k]) * year, low=float(low[k]) * year, high=float(high[k]) * year,
            detectable=None if effect is None else float(effect),
        )  # fmt: skip
    return result
