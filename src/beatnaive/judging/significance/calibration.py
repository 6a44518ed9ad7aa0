"""Calibration: do the stated intervals hold as many outcomes as they promise?"""

from __future__ import annotations

from beatnaive.core.phrases import finite, p_text
from beatnaive.core.types import Evidence, Floats
from beatnaive.judging.quantile_scores import coverage, pit_counts, pit_test


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
