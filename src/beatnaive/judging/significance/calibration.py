"""Calibration: do the stated intervals hold as many outcomes as they promise?"""

from __future__ import annotations

import numpy as np

from beatnaive.core.arrays import by_code
from beatnaive.core.phrases import finite, listing, p_text
from beatnaive.core.types import Evidence, Floats, Ints
from beatnaive.judging.quantile_scores import coverage, interval, pit_counts, pit_test
from beatnaive.judging.significance.christoffersen import ConditionalCoverage, conditional_coverage
from beatnaive.judging.significance.many_symbols import benjamini_hochberg


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
    found = _held(y, quantiles, nominal, horizon)
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


def conditional_coverage_of_panel(
    model: str, y: Floats, quantiles: Floats, symbol: Ints, nominal: float = 0.95, horizon: int = 1
) -> Evidence:
    """The same of every symbol of a panel, and in how many the promise is broken when all are counted.

    Misses of different symbols on one day are not independent, so that they cannot be thrown together: each symbol is
    tested by itself, and Benjamini-Hochberg at 5 % says which stand out. p is Bonferroni's: the smallest p times the
    number of symbols that could be tested; statistic: the ratio that belongs to it.

    y (n,), quantiles (n, levels) and symbol (n,), codes, in time order within each symbol.
    """
    every = [_held(y[rows], quantiles[rows], nominal, horizon) for rows in by_code(symbol).values()]
    tested = [one for one in every if np.isfinite(one.p_both)]
    misses, n = sum(one.misses for one in every), sum(one.n for one in every)
    share = f"{misses:,} of {n:,} outcomes fell outside of {model}'s {100 * nominal:.0f} % interval"
    worst = min(tested, key=lambda one: one.p_both, default=None)
    words, details = f"{share}: too few to be tested.", {"nominal": nominal, "misses": misses, "symbols": len(tested)}
    if worst is not None:
        broken = benjamini_hochberg(np.array([one.p_both for one in tested]))
        stand_out = [one for one, out in zip(tested, broken, strict=True) if out]
        why = {
            "too many": sum(one.p_rate < 0.05 and one.misses > (1 - nominal) * one.n for one in stand_out),
            "too few": sum(one.p_rate < 0.05 and one.misses < (1 - nominal) * one.n for one in stand_out),
            "in clusters": sum(one.p_independence < 0.05 for one in stand_out),
        }
        named = [f"{name} in {count}" for name, count in why.items() if count]
        reasons = listing(named) if named else ""
        words = (
            f"{share}; {len(stand_out)} of {len(tested)} symbols stand out when all are counted"
            f"{f' ({reasons})' if reasons else ''}: misses as rare as promised and not in clusters would give none."
        )
        details["broken"] = len(stand_out)
    return Evidence(
        test="conditional_coverage", model=model,
        null=f"in every symbol a miss has probability {100 * (1 - nominal):.0f} %, whatever happened before",
        statistic=finite(worst.both) if worst else None,
        p_value=min(1.0, len(tested) * worst.p_both) if worst else None, n=n, words=words, details=details,
    )  # fmt: skip


def _held(y: Floats, quantiles: Floats, nominal: float, horizon: int) -> ConditionalCoverage:
    """The test on the rows that have an interval and an outcome."""
    lower, upper = interval(quantiles, nominal)
    known = np.isfinite(lower) & np.isfinite(upper) & np.isfinite(y)
    return conditional_coverage(((y >= lower) & (y <= upper))[known], nominal, horizon)
