"""Forecast files against the closes that have come in since."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import CLOSE
from beatnaive.forecasting.file import INTERVALS, read
from beatnaive.judging.quantile_scores import crps, wilson

if TYPE_CHECKING:
    from beatnaive.core.types import Prices
    from beatnaive.forecasting.outlook import Outlook, Step


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One forecast for one session against what happened; `actual` None = not known yet.

    price, actual, naive: currency of the file (a close is brought to the adjustment of the origin's day); inside: by
    coverage in %, whether the interval held the close; crps: of the log return, in %; late: made after that close, so
    that it foretold nothing; ahead: sessions from the origin; volatility: expected deviation of the log return.
    """

    file: str
    symbol: str
    model: str
    origin: str
    session: str
    price: float
    naive: float
    late: bool = False
    actual: float | None = None
    inside: Mapping[str, bool] | None = None
    crps: float | None = None
    ahead: int = 1
    volatility: float = float("nan")


def score(files: Iterable[str | Path]) -> list[Scored]:
    """Every step of forecast files against the closes that are known by now, from the files' own sources.

    A file named twice counts once; a cache that ends before the last session forecast is fetched again. Raises
    InputError for a file that is not a forecast, or whose origin the source no longer has.
    """
    from beatnaive.core import config
    from beatnaive.prices import SOURCES, Source, load

    scored = []
    for path in dict.fromkeys(Path(os.path.realpath(name)) for name in files):  # it raises for no path at all
        outlook = read(path)
        if str(outlook.source.get("kind")) not in SOURCES:  # a forecast file is data, which names no code
            raise UnknownName("source of a forecast file", str(outlook.source.get("kind"))[:60], SOURCES)
        source = config.build(Source, {**outlook.source, "symbols": (outlook.symbol,)}, "source of a forecast")
        prices = load(source)[0]
        if source.kind == "yahoo" and _close(prices, outlook.steps[-1].session) is None:
            prices = load(replace(source, refresh=True))[0]
        start = _close(prices, outlook.origin)
        if start is None:
            raise InputError(f"{path}: {outlook.symbol} has no close of {outlook.origin} in {source.kind}")
        for ahead, step in enumerate(outlook.steps, 1):
            close = _close(prices, step.session)
            # dividends and splits since have rescaled both closes alike
            actual = None if close is None else outlook.close * close / start
            scored.append(replace(against(str(path), outlook, step, actual), ahead=ahead))
    return scored


def _close(prices: Prices, session: str) -> float | None:
    found = np.flatnonzero((prices.sessions == np.datetime64(session, "D")) & np.isfinite(prices.bars[:, CLOSE]))
    return float(prices.bars[found[0], CLOSE]) if len(found) else None


def against(file: str, outlook: Outlook, step: Step, actual: float | None) -> Scored:
    """One step against the close that came, in the currency and adjustment of the origin's day; None = not yet."""
    late = np.datetime64(outlook.made_at.removesuffix("Z")) > np.datetime64(step.closes_at.removesuffix("Z"))
    scored = Scored(
        file=file, symbol=outlook.symbol, model=step.model, origin=outlook.origin, session=step.session,
        price=step.price, naive=outlook.close, late=bool(late), volatility=step.volatility,
    )  # fmt: skip
    if actual is None:
        return scored
    inside = {f"{c * 100:g}": step.interval(c)[0] <= actual <= step.interval(c)[1] for c in INTERVALS}
    returns = np.log(np.array([step.quantiles]) / outlook.close)
    loss = 100 * float(crps(np.log([actual / outlook.close]), returns)[0])
    return replace(scored, actual=actual, inside=inside, crps=loss)


def summary(scored: Sequence[Scored]) -> dict[str, Any]:
    """Counts, mean absolute error in % of the actual close beside naive's, share inside each interval, mean CRPS.

    Each share comes with Wilson's 95 % interval, as if the forecasts were independent. Only the counts are there where
    nothing is known yet.
    """
    known = [one for one in scored if one.actual is not None]
    result: dict[str, Any] = {"forecasts": len(scored), "known": len(known)}
    if not known:
        return result
    actual = np.array([one.actual for one in known], dtype=float)
    for name, stated in (("mape", [one.price for one in known]), ("naive_mape", [one.naive for one in known])):
        result[name] = 100 * float((np.abs(np.array(stated) - actual) / actual).mean())
    result["late"] = sum(one.late for one in known)
    result["inside"] = {}
    for coverage in INTERVALS:
        level = f"{coverage * 100:g}"
        held = sum(bool(one.inside and one.inside[level]) for one in known)
        low, high = wilson(held / len(known), len(known))
        result["inside"][level] = {"count": held, "share": held / len(known), "low": low, "high": high}
    result["crps"] = float(np.mean([one.crps for one in known if one.crps is not None]))
    return result
