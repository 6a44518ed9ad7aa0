"""What every model of a run says about a symbol's next session: a mean and quantiles, from what is known by now."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.backtest.conformal import together, volatility
from beatnaive.backtest.targets import log_return
from beatnaive.core.errors import BeatNaiveError, InputError, SourceUnreachable
from beatnaive.core.types import CLOSE, Floats, Prices
from beatnaive.forecasting.forecast import HISTORY, SERIES, staleness, track
from beatnaive.forecasting.known_releases import known_now, released_for
from beatnaive.forecasting.ledger import clock
from beatnaive.prices.quality import examine_quality, refuse_fatal
from beatnaive.prices.yahoo import SETTLED
from beatnaive.runs.folder import sha256
from beatnaive.runs.saved_inputs import panel

if TYPE_CHECKING:
    from beatnaive.prices import Source
    from beatnaive.runs.saved_models import SavedRun

DIGITS = 8
"""Decimals of a log return that the ledger keeps: a hundred-millionth of the price."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One symbol's forecasts of one session.

    origin, session: YYYY-MM-DD; closes_at: UTC, of the session; close: of the origin, in currency; last_return: the
    log return of the origin's own session, by which a later revision of its close is seen; volatility: expected
    standard deviation of the log return to the session; forecasts: by model, the mean and the quantiles at LEVELS of
    that log return.
    """

    symbol: str
    calendar: str
    origin: str
    session: str
    closes_at: str
    close: float
    last_return: float | None
    volatility: float
    data_sha256: str
    forecasts: Mapping[str, tuple[float, ...]]


def series_of(source: Source) -> dict[str, Any]:
    """The parts of a source that say which series it is, as plain data."""
    return {key: value for key, value in asdict(source).items() if key in SERIES}


def contest_of(saved: SavedRun, calendar: str) -> str:
    """Which forecasts are bet on together: one study's, whatever its prices' period, on one exchange.

    A run of the same study made anew on newer prices goes on where the last one was.
    """
    text = replace(saved.study, source=replace(saved.study.source, kind="sample", symbols=(), path=None)).to_toml()
    asked = "\n".join(line for line in text.splitlines() if not line.startswith(("start", "end", "as_of", "years")))
    short = hashlib.sha256(asked.encode()).hexdigest()[:8]
    return f"{saved.record.get('study') or saved.study.name}-{short} {calendar}"


def known_prices(source: Source, symbol: str, now: np.datetime64) -> Prices:
    """A symbol's prices up to the last close that is settled by `now`, fetched again where newer ones must be there.

    Raises SourceUnreachable, InputError, DataRefused; InputError where there is no close at all.
    """
    from beatnaive.prices import load

    until = now.astype("datetime64[D]").item() + timedelta(days=1)  # in the east it is tomorrow already
    wanted = replace(source, symbols=(symbol,), end=until, as_of=None)
    prices = load(wanted)[0]
    if source.kind == "yahoo" and staleness(prices.calendar, prices.sessions[-1], now - SETTLED):
        prices = load(replace(wanted, refresh=True))[0]
    closed = (prices.closes_at + SETTLED <= now) & np.isfinite(prices.bars[:, CLOSE])
    if not closed.any():
        raise InputError(f"{symbol} has no close by {now}: check the machine's clock")
    return prices.take(prices.sessions <= prices.sessions[closed].max())


def call_of(saved: SavedRun, prices: Prices) -> Call:
    """The forecasts of every valid model of a run from the last close of `prices`.

    The mean is the model's own; quantiles are conformal, from the errors known by now of its forecasts of the last ten
    years, as `beatnaive forecast` makes them. Raises InputError for prices that end before those that the run was
    judged on, or are too few for an interval, and for a release that is missing; DataRefused for a fatal finding.
    """
    from beatnaive.prices.calendars import closes, next_sessions

    study, symbol = saved.study, prices.symbol
    refuse_fatal(examine_quality([prices], study.source.fill), study.source.fill)
    seen = saved.table(["target_date"], {"symbol": symbol})["target_date"].max()
    invalid = {name for name, one in saved.verdict["models"].items() if one.get("ruling") == "invalid"}
    names = [name for name in study.models if name not in invalid]
    released = released_for(saved, names)
    features = any(saved.reads_features(name) for name in names)
    inputs = panel(saved, prices, features=features, released=released)
    origin, horizon = inputs.session[-1], study.target.horizon
    for name in names:  # one that learnt from a release which is missing now has nothing to say
        known_now(released, saved, name, prices, origin)
    if origin < seen:
        raise InputError(f"{symbol} ends on {origin}, before {seen}, up to which the run was judged: it knows the rest")

    rows = np.arange(max(len(inputs) - HISTORY, 0), len(inputs))
    scale = math.sqrt(horizon) * volatility(inputs, study.intervals.decay)[rows]
    outcomes, revealed = log_return(inputs, rows, horizon), np.searchsorted(rows, rows - horizon, "right")
    means = {name: np.zeros(len(rows)) if name == "naive" else track(saved, name, inputs, rows) for name in names}
    scores = [(outcomes - mean) / scale for mean in means.values()]
    stated = together(scores, [revealed] * len(scores), study.intervals)
    made = {
        name: rounded(np.array([mean[-1], *(mean[-1] + scale[-1] * quantiles[-1])]))
        for (name, mean), quantiles in zip(means.items(), stated, strict=True)
    }
    forecasts = {name: one for name, one in made.items() if all(map(math.isfinite, one))}
    if "naive" not in forecasts:
        raise InputError(f"{symbol} has too few sessions for an interval: take a longer period")
    (session,) = next_sessions(prices.calendar, origin, horizon)[-1:]
    close = prices.bars[:, CLOSE]
    there = np.flatnonzero(np.isfinite(close))
    return Call(
        symbol=symbol, calendar=prices.calendar, origin=str(origin), session=str(session),
        closes_at=clock.written(closes(prices.calendar, np.array([session]))[0]), close=float(close[there[-1]]),
        last_return=float(np.log(close[there[-1]] / close[there[-2]])) if len(there) > 1 else None,
        volatility=float(scale[-1]), forecasts=forecasts,
        data_sha256=sha256(prices.sessions.tobytes(), np.ascontiguousarray(prices.bars).tobytes()),
    )  # fmt: skip


def rounded(values: Floats) -> tuple[float, ...]:
    """Log returns as the ledger keeps them.

    >>> rounded(np.array([0.0123456789, -0.0]))
    (0.01234568, 0.0)
    """
    return tuple((np.round(values, DIGITS) + 0.0).tolist())


def reason(error: BeatNaiveError) -> str:
    """Why a symbol waits, in a line of a table."""
    text = " ".join(str(error).split())
    kind = "source: " if isinstance(error, SourceUnreachable) else ""
    return f"{kind}{text}"[:240]


def to_json(contest: str, saved: SavedRun, calls: list[Call], made_at: np.datetime64) -> dict[str, Any]:
    """The text of an entry of forecasts: columns over symbols, models in the run's order; None = no forecast."""
    from beatnaive.core.types import LEVELS
    from beatnaive.core.version import __version__

    names = [name for name in saved.study.models if any(name in one.forecasts for one in calls)]
    plain = ("origin", "session", "closes_at", "close", "last_return", "volatility", "data_sha256")
    return {
        "contest": contest, "study": saved.record.get("study") or saved.study.name, "calendar": calls[0].calendar,
        "horizon": saved.study.target.horizon, "made_at": clock.written(made_at), "beatnaive": __version__,
        "run": {"checksum": saved.record.get("checksum"), "study_sha256": saved.record.get("study_sha256")},
        "source": series_of(saved.study.source), "levels": list(LEVELS), "models": names,
        "symbols": [one.symbol for one in calls],
        **{name: [getattr(one, name) for one in calls] for name in plain},
        "forecasts": {name: [one.forecasts.get(name) for one in calls] for name in names},
    }  # fmt: skip
