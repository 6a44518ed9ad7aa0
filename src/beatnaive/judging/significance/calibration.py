"""Calibration: do the stated intervals hold as many outcomes as they promise?"""

from __future__ import annotations

import numpy as np

from beatnaive.core.phrases import finite, p_text
from beatnaive.core.types import Evidence, Floats
from beatnaive.judging.quantile_scores import coverage, interval, pit_counts, pit_test
from beatnaive.judging.significance.christoffersen import conditional_coverage


def coverage_evidence(model: str, y: Floats, quantiles: Floats, nominal: float = 0.95) -> Evidence:
    """The share of outcomes inside the central interval of this nominal coverage, with its own 95 % interval.

    y (n,) outcomes and quantiles (n, levels), both in the target's unit. The null is rejected where the interval of the
    observed share leaves the nominal one out; there is no p-value.
    """
    found = coverage(y, quantiles, nominal)
    held = found.low <= nominal <= found.high
    words = (
        f"{100 * found.observed:.1f} % of {model}'s outcomes fell into its {100 * nominal:.0f} % interval "
        f"({100 * found.low:.1f} to {100 * found.high:.1f} % with 95 % confidence): "
        f"{'as promised' if held else 'too few' if found.observed < nominal else 'too many'}."
    )
    details = {"nominal": nominal, "low": finite(found.low), "high": finite(found.high)}
    null = f"the interval holds {100 * nominal:.0f} % of the outcomes"
    return Evidence(
        test="coverage",
        model=model,
        null=null,
        statistic=finite(found.observed),
        p_value=None,
        n=found.n,
        words=words,
        details=details,
    )


def pit_evidence(model: str, y: Floats, quantiles: Floats) -> Evidence:
    """Are outcomes spread over the stated quantiles as they should be? Chi-squared over the bins between them.

    y (n,) and quantiles (n, levels). Raises InputError for too few outcomes.
    """
    statistic, p = pit_test(y, quantiles)
    counts, expected = pit_counts(y, quantiles)
    verdict = "are spread as stated" if p >= 0.05 else "are not spread as stated"
    words = f"The outcomes {verdict} over {model}'s quantiles ({p_text(p)})."
    details = {"counts": counts.tolist(), "expected": expected.tolist()}
    return Evidence(
        test="pit",
        model=model,
        null="outcomes follow the stated quantiles",
        statistic=statistic,
        p_value=p,
        n=int(counts.sum()),
        words=words,
        details=details,
    )


def conditional_coverage_evidence(
    model: str, y: Floats, quantiles: Floats, nominal: float = 0.95, horizon: int = 1
) -> Evidence:
    """Does the interval hold as often as promised whatever happened the day before (Christoffersen 1998)?

    y (n,) outcomes in time order and quantiles (n, levels) of one symbol, both in the target's unit; rows without
    quantiles do not count.
    """
    lower, upper = interval(quantiles, nominal)
    known = np.isfinite(lower) & np.isfinite(upper) & np.isfinite(y)
    found = conditional_coverage(((y >= lower) & (y <= upper))[known], nominal, horizon)
    share = f"{found.misses} of {found.n} outcomes fell outside of {model}'s {100 * nominal:.0f} % interval"
    if not np.isfinite(found.p_both):
        words = f"{share}: too few to be tested."
    elif found.p_both >= 0.05:
        words = f"{share}, as often as promised and not in clusters ({p_text(found.p_both)})."
    else:
        rate = f"{'too many' if found.misses > (1 - nominal) * found.n else 'too few'} ({p_text(found.p_rate)})"
        parts = [rate] if found.p_rate < 0.05 else []
        parts += [f"in clusters ({p_text(found.p_independence)})"] if found.p_independence < 0.05 else []
        words = f"{share}: {' and '.join(parts) or 'not as promised'} ({p_text(found.p_both)} for both together)."
    return Evidence(
        test="conditional_coverage", model=model,
        null=f"a miss has probability {100 * (1 - nominal):.0f} %, whatever happened before",
        statistic=finite(found.both), p_value=finite(found.p_both), n=found.n, words=words,
        details={
            "nominal": nominal, "misses": found.misses, "p_rate": finite(found.p_rate),
            "p_independence": finite(found.p_independence),
        },
    )  # fmt: skip
