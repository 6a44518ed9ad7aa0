"""The first look, put together: every number of one symbol's prices, and the sentences that they support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from beatnaive.core import notebook_html
from beatnaive.core.errors import InputError
from beatnaive.core.types import CLOSE, VOLUME, Finding, Floats, Instants, Prices
from beatnaive.prices.explore import paths, returns, stationarity
from beatnaive.prices.explore.meaning import meaning
from beatnaive.prices.quality import refuse_fatal
from beatnaive.prices.quality.sessions import SPARSE

FEWEST = 30


@dataclass(frozen=True, eq=False, kw_only=True)
class Exploration:
    """What one symbol's prices are. Arrays run over the n sessions with a close.

    close (n,) currency; r (n,) log return to each close, NaN first; volume (n,) or None; short, long (n,) averages
    over 7 and 50 closes; fall (n,) drawdown; volatility (n,) rolling, % a year; price and change: the stationarity of
    log close and of log return; `missing`: rows of the source without a close; words: what it means for forecasting.
    """

    symbol: str
    sessions: Instants
    close: Floats
    r: Floats
    volume: Floats | None
    short: Floats
    long: Floats
    fall: Floats
    volatility: Floats
    missing: int
    findings: tuple[Finding, ...]
    crossings: tuple[paths.Crossing, ...]
    drawdowns: tuple[paths.Drawdown, ...]
    shape: returns.Shape
    far_returns: tuple[returns.Outlier, ...]
    far_volumes: tuple[returns.Outlier, ...]
    acf: returns.Autocorrelation
    acf_absolute: returns.Autocorrelation
    price: stationarity.Stationarity
    change: stationarity.Stationarity
    words: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Exploration of {self.symbol}: {self.words[0] if self.words else 'nothing to say'}>"

    def _repr_html_(self) -> str:
        daily = self.r[np.isfinite(self.r)]
        rows = [
            ["sessions", f"{len(self.sessions):,}"],
            ["first", str(self.sessions[0])],
            ["last", str(self.sessions[-1])],
            ["deviation of daily log returns", f"{100 * daily.std():.2f} %"],
        ]
        return notebook_html.page(f"Exploration of {self.symbol}", ("", ""), rows, self.words)


def explore(prices: Prices, findings: Sequence[Finding] = ()) -> Exploration:
    """Look at one symbol's prices.

    Arguments: prices, any length from 30 closes on; rows without a positive close are left out and counted; findings,
    what the check of the prices found, carried along. Returns the Exploration.
    Raises InputError for fewer than 30 closes, DataRefused where the findings say that these are not daily bars.

    >>> from beatnaive.prices import Source, load
    >>> seen = explore(load(Source(symbols=("^GSPC",)))[0])
    >>> seen.change.ruling, seen.drawdowns[0].trough
    ('stationary', '2009-03-09')
    """
    # every number here is of a day or counts days; other fatal findings are what one comes to look at
    refuse_fatal([one for one in findings if one.kind in SPARSE])
    close = prices.bars[:, CLOSE]
    known = np.isfinite(close) & (close > 0)
    if known.sum() < FEWEST:
        raise InputError(f"{prices.symbol} has {known.sum()} closes: exploring needs at least {FEWEST}")
    sessions, close = prices.sessions[known].astype("datetime64[D]"), close[known]
    r = np.diff(np.log(close))
    shape, absolute = returns.shape(r), returns.autocorrelation(np.abs(r), robust=False)
    acf = returns.autocorrelation(r)
    price, change = stationarity.examine(np.log(close)), stationarity.examine(r)

    # returns that start on, end on or span a day with a doubtful or fatal finding: what do the others look like?
    doubted = [day for one in findings if one.severity != "note" for day in one.dates]
    days = np.unique(np.array(doubted, "datetime64[D]"))
    inside = np.searchsorted(days, sessions[1:], "right") > np.searchsorted(days, sessions[:-1])
    sound = None
    if inside.any() and (~inside).sum() >= FEWEST:
        sound = returns.shape(r[~inside]), returns.autocorrelation(np.abs(r[~inside]), robust=False)

    # a column of zeros says nothing; outliers are those of log volume, stated as volumes
    volume = prices.bars[known, VOLUME]
    traded = np.flatnonzero(np.nan_to_num(volume) > 0)
    far = returns.outliers(sessions[traded], np.log(volume[traded])) if len(traded) else ()
    far_volumes = tuple(replace(one, value=float(np.exp(one.value))) for one in far)

    return Exploration(
        symbol=prices.symbol, sessions=sessions, close=close, r=np.concatenate([[np.nan], r]),
        volume=volume if len(traded) else None,
        short=paths.moving_average(close, paths.SHORT), long=paths.moving_average(close, paths.LONG),
        fall=paths.drawdown(close), volatility=np.concatenate([[np.nan], paths.rolling_volatility(r)]),
        missing=int((~known).sum()), findings=tuple(findings),
        crossings=paths.crossings(sessions, close), drawdowns=paths.drawdowns(sessions, close), shape=shape,
        far_returns=returns.outliers(sessions[1:], r), far_volumes=far_volumes,
        acf=acf, acf_absolute=absolute, price=price, change=change,
        words=meaning(shape, acf, absolute, price, change, sound),
    )  # fmt: skip
