"""Does a model call the direction? Pesaran and Timmermann's test, of 1992 at horizon one and of 2009 beyond it."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from beatnaive.core.phrases import finite, p_text
from beatnaive.core.types import Evidence
from beatnaive.judging.significance.contest import Contest
from beatnaive.judging.significance.overlapping_calls import overlapping_calls
from beatnaive.judging.significance.pesaran_timmermann import PT, pesaran_timmermann
from beatnaive.judging.significance.tails import holm

_made: WeakKeyDictionary[Contest, PT] = WeakKeyDictionary()


def directions(one: Contest) -> PT | None:
    """The test that fits the horizon; None where there is no direction to call (panels as a whole, variances).

    Spans that overlap are correlated with their neighbours, and so are forecasts of them: the test for independent
    rows would reject in 15 of 100 random walks at horizon 5.
    """
    if not one.call.size:
        return None
    if one not in _made:
        h = one.horizon
        _made[one] = (
            pesaran_timmermann(one.move, one.call) if h == 1 else overlapping_calls(one.move, one.call, horizon=h)
        )
    return _made[one]


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Per model: does it call the direction? One symbol's returns only; p adjusted for all models (Holm)."""
    test = directions(contest)
    if test is None:
        return ()
    adjusted = holm(test.p_value)
    found = []
    for k, name in enumerate(contest.models):
        statistic, hits, expected = (finite(x[k]) for x in (test.statistic, test.hits, test.expected))
        if statistic is None or hits is None or expected is None:
            words = f"{name} always calls the same direction: there is nothing to test."
        else:
            words = (
                f"{name} calls {100 * hits:.1f} % of the directions right, {100 * expected:.1f} % are expected without "
                f"any skill (adjusted {p_text(adjusted[k])})."
            )
        found.append(
            Evidence(
                test="pesaran_timmermann", model=name, null="called and actual direction are independent",
                statistic=statistic, p_value=finite(test.p_value[k]), n=int(test.n[k]), words=words,
                details={"hits": hits, "expected": expected, "p_adjusted": float(adjusted[k])},
            )
        )  # fmt: skip
    return tuple(found)
