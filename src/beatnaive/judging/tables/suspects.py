"""What is doubtful about a table's columns: a naive of another day, a model that is an old price, units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.phrases import count
from beatnaive.core.types import Finding, Floats
from beatnaive.judging.tables.calendar import Calendar
from beatnaive.judging.tables.naive import LEVEL, Outcomes, autocorrelation, lagged
from beatnaive.judging.tables.origins import ALMOST

FURTHER = 4
"""Rows beyond the horizon that are searched for the price that a column repeats."""


def of_naive(outcomes: Outcomes, label: str, given: Floats, horizon: int) -> Iterator[Finding]:
    """A doubt where the given naive (or close) is not the last known price, in a table whose y allows to compute that.

    The last known price is the y of `horizon` rows before; a price of more rows before is easier to beat.
    """
    y = outcomes.y
    for name, rows in levels(outcomes, horizon):
        same = repeats(given[rows], y[rows], horizon)
        share = [float(one[k:].mean()) for k, one in enumerate(same)]
        if share[horizon] >= ALMOST:
            continue
        closest = int(np.argmax(share))
        if share[closest] >= ALMOST:
            rows_before = f"{count(closest)} row{'s' if closest != 1 else ''}"
            text = f"{label} is the price of {rows_before} before (your naive is {rows_before} old)"
            text = text if closest else f"{label} is the very price that is to be forecast"
        else:
            wrong = np.flatnonzero(~same[horizon][horizon:]) + horizon
            day = np.datetime_as_string(outcomes.ds[rows[wrong[0]]], unit="D")
            text = (
                f"{label} is not the last known price in {len(wrong)} of {len(rows) - horizon} rows, the first on {day}"
            )
        yield Finding(
            severity="doubt", kind="naive_column", symbol=name or "*", message=f"{text}; {last_known(horizon)}",
            mend=f"remove the column {label}, or fill it with the last known price", count=len(rows),
        )  # fmt: skip
        return


def of_models(outcomes: Outcomes, models: Mapping[str, Floats], horizon: int) -> Iterator[Finding]:
    """A doubt for every model that repeats a price: an older one than naive's, or one that was not yet known."""
    for model, f in models.items():
        for name, rows in levels(outcomes, horizon):
            share = [float(one[k:].mean()) for k, one in enumerate(repeats(f[rows], outcomes.y[rows], horizon))]
            closest = int(np.argmax(share))
            if share[closest] < ALMOST or share[horizon] >= ALMOST:
                break
            rows_before = f"{count(closest)} row{'s' if closest != 1 else ''}"
            text = f"{model} is a naive that is {rows_before} old: it repeats the price of {rows_before} before"
            if closest < horizon:
                what = f"the price of {rows_before} before" if closest else "the very price that is to be forecast"
                text = f"{model} repeats {what}, which was not known"
            yield Finding(
                severity="doubt", kind="model_column", symbol=name or "*", message=f"{text}; {last_known(horizon)}",
                mend="shift the column, so that each row holds what was forecast for it", count=len(rows),
            )  # fmt: skip
            break


def of_older_prices(models: Mapping[str, Floats], older: Mapping[int, Floats], last: Floats) -> Iterator[Finding]:
    """A doubt for every model that repeats the price of some dates before the cutoff, in a table that has a cutoff.

    older {k: (n,)} the price of k known dates before the cutoff, last (n,) that at the cutoff.
    """
    for model, f in models.items():
        for k, price in older.items():
            known = np.isfinite(price) & np.isfinite(last)
            if known.sum() < 10 or np.isclose(f[known], last[known], rtol=1e-6).mean() >= ALMOST:
                break
            if np.isclose(f[known], price[known], rtol=1e-6).mean() >= ALMOST:
                rows = f"{count(k)} row{'s' if k != 1 else ''}"
                text = f"{model} is a naive that is {rows} too old: it repeats the price of {rows} before the cutoff"
                mend = "shift the column, so that each row holds what was forecast for it"
                yield Finding(
                    severity="doubt", kind="model_column", symbol="*", message=text, mend=mend, count=int(known.sum())
                )
                break


def of_units(y: Floats, models: Mapping[str, Floats], kind: str) -> Iterator[Finding]:
    """A doubt for every model whose values are a hundred times, or a hundredth of, what y is.

    For prices by the middle ratio; for returns, which a forecast may well shrink, by values that vary 20 to 1,000
    times as much as y.
    """
    for model, f in models.items():
        usable = np.isfinite(f) & np.isfinite(y) & (y != 0)
        if usable.sum() < 10:
            continue
        if kind == "return":
            own, other = float(np.median(np.abs(f[usable]))), float(np.median(np.abs(y[usable])))
            times = 100.0 if other > 0 and 20 < own / other < 1000 else 1.0
            what = "is about a hundred times as large as y: per cent beside fractions"
        else:
            ratio = float(np.median(f[usable] / y[usable]))
            times = next((k for k in (100.0, 0.01) if 0.8 < ratio / k < 1.25), 1.0)
            what = f"is {'100 times' if times > 1 else 'a hundredth of'} y: another unit, such as cents or per cent"
        if times != 1.0:
            mend = f"{'divide' if times > 1 else 'multiply'} {model} by 100"
            yield Finding(
                severity="doubt", kind="units", symbol="*", message=f"{model} {what}; {mend}", mend=mend,
                count=int(usable.sum()),
            )  # fmt: skip


def levels(outcomes: Outcomes, horizon: int) -> Iterator[tuple[str, np.ndarray]]:
    """The series that look like prices and have no gap: (name, rows)."""
    calendar = Calendar()
    for name, rows in outcomes.series():
        y = outcomes.y[rows]
        if len(rows) <= horizon + FURTHER or not (y > 0).all() or not autocorrelation(y) > LEVEL:
            continue
        try:
            calendar.check(outcomes.ds[rows], name)
        except InputError:
            continue
        yield name, rows


def repeats(f: Floats, y: Floats, horizon: int) -> list[np.ndarray]:
    """Per lag 0 .. horizon + 3: (n,) whether f is the y of that many rows before."""
    lags = range(horizon + FURTHER)
    return [np.isclose(f, lagged(y, k) if k else y, rtol=1e-6) for k in lags]


def last_known(horizon: int) -> str:
    """Which price is the last that was known, in words."""
    return f"the last known price is that of {count(horizon)} row{'s' if horizon != 1 else ''} before"
