"""The source `yahoo`: daily bars with dividends and splits from Yahoo Finance, through yfinance, cached.

The whole history is fetched, whatever period a study asks for: Yahoo divides all its prices by every split up to the
day of the download, so the splits after the period must be known to restore what was traded.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from beatnaive.core.errors import InputError, SourceUnreachable
from beatnaive.core.types import BARS, Prices, Provenance
from beatnaive.prices import cache
from beatnaive.prices.calendars import calendar_of, closes, next_sessions
from beatnaive.prices.source import Source
from beatnaive.prices.table import Table, to_prices

T = TypeVar("T")

if TYPE_CHECKING:
    import pandas as pd

    from beatnaive.core.types import Progress

PATIENCE = (2.0, 8.0, 30.0)  # seconds before another attempt when Yahoo limits the rate
NETWORK = (1.0, 3.0)  # ... and when it cannot be reached
SETTLED = np.timedelta64(30, "m")  # after the close the day's bar still changes for some minutes
LIMIT = 120.0  # seconds for one symbol, all attempts together
UNKNOWN = re.compile("not found|no data found|delisted|no fundamentals data", re.IGNORECASE)
INSTEAD = "try again later, or use the source sample, or a file"


def read(source: Source, progress: Progress | None = None) -> tuple[Prices, ...]:
    """Yahoo Finance through yfinance: daily bars with dividends and splits, cached until refreshed.

    Raises InputError for a symbol that Yahoo does not know, SourceUnreachable when it does not answer.
    """
    wanted = tuple(dict.fromkeys(symbol.upper() for symbol in source.symbols if symbol != "*"))
    if not wanted:
        raise InputError("the source yahoo needs symbols: name at least one, such as AAPL")
    found = []
    for k, symbol in enumerate(wanted):
        if progress:
            progress(k, len(wanted), symbol)
        calendar = source.calendar or calendar_of(symbol)
        stored = None if source.refresh else cache.read("yahoo", symbol, calendar)
        if stored is None:
            stored = fetch(symbol, calendar)
            cache.write("yahoo", stored)
        else:
            stored = _dated(stored)
        found.append(stored)
    if progress:
        progress(len(wanted), len(wanted), "read")
    return tuple(found)


def fetch(symbol: str, calendar: str) -> Prices:
    """A symbol's whole history from Yahoo, as traded, without a bar that is not finished.

    Raises InputError for a symbol that Yahoo does not know; SourceUnreachable when it does not answer within `LIMIT`
    seconds, or with what cannot be that symbol's prices: nothing, another symbol, prices of zero or less, a day twice.
    """
    import yfinance

    def ask() -> tuple[pd.DataFrame, str]:
        ticker = yfinance.Ticker(symbol)
        frame = ticker.history(period="max", auto_adjust=False, actions=True)
        return frame, str((ticker.history_metadata or {}).get("symbol", symbol))

    frame, named = _patiently(symbol, ask)
    close = np.empty(0) if frame is None or frame.empty else frame["Close"].to_numpy(float)
    for wrong, what in (
        (not np.isfinite(close).any(), "it answers with nothing"),
        (named.upper() != symbol.upper(), f"it answers with prices of {named!r}"),
        ((close <= 0).any(), "it answers with prices of zero or less"),
        (len(close) and frame.index.has_duplicates, "it answers with the same day twice"),
    ):
        if wrong:
            raise SourceUnreachable(f"Yahoo gives no prices of {symbol} ({what}): {INSTEAD}", option="source")
    # yfinance's dates are the exchange's own
    sessions = frame.index.tz_localize(None).to_numpy().astype("datetime64[D]")  # type: ignore[attr-defined]
    values = {name: frame[name].to_numpy(float) for name in frame.columns}
    bars = np.column_stack([values[name] for name in BARS])
    optional = (values.get(name) for name in ("Dividends", "Stock Splits", "Adj Close", "Capital Gains"))
    table = Table((symbol,), np.zeros(len(sessions), np.int8), sessions, bars, *optional)

    now = np.datetime64(datetime.now(UTC).replace(tzinfo=None), "s")
    provenance = Provenance(f"Yahoo Finance, yfinance {yfinance.__version__}", "", f"{now}+00:00")
    prices = finished(to_prices(table, calendar, provenance)[0], now)
    digest = cache.digest(prices.sessions, cache.columns_of(prices))
    return replace(prices, provenance=replace(prices.provenance, sha256=digest))


def finished(prices: Prices, now: np.datetime64) -> Prices:
    """Without bars of sessions that have not closed, with a note."""
    open_ = prices.closes_at + SETTLED > now
    if not open_.any():
        return prices
    note = f"the unfinished bar of {prices.sessions[open_][-1]} was left out"
    return replace(prices.take(~open_), provenance=replace(prices.provenance, note=note))


def _dated(prices: Prices) -> Prices:
    """Cached prices say so when there are newer ones by now."""
    coming = next_sessions(prices.calendar, prices.sessions[-1], 1)
    now = np.datetime64(datetime.now(UTC).replace(tzinfo=None), "s")
    if closes(prices.calendar, coming)[0] + SETTLED > now:
        return prices
    note = f"from the cache of {prices.provenance.retrieved[:10]}: sessions after {prices.sessions[-1]} need a refresh"
    return replace(prices, provenance=replace(prices.provenance, note=note))


def _patiently(symbol: str, call: Callable[[], T]) -> T:
    """Call Yahoo; wait and try again while it limits the rate or cannot be reached, for `LIMIT` seconds at most."""
    from peewee import PeeweeException  # of yfinance's own cache, where its folder cannot be written
    from yfinance.exceptions import YFException

    limited, lost, deadline = iter(PATIENCE), iter(NETWORK), monotonic() + LIMIT
    while True:
        # in a thread of its own, which is left behind when it takes too long: a server may send a byte a second
        answer: Future[T] = Future()
        Thread(target=_answer, args=(answer, call), daemon=True).start()
        try:
            return answer.result(max(deadline - monotonic(), 0))
        except TimeoutError:
            raise SourceUnreachable(
                f"Yahoo gives no prices of {symbol} (no answer within {LIMIT:g} seconds): {INSTEAD}", option="source"
            ) from None
        # those of both its HTTP libraries are OSErrors; an answer of another shape than expected breaks yfinance
        except (YFException, PeeweeException, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            reason = _judge(symbol, error)
        wait = next(limited if reason == RATE else lost, None)
        if wait is None:
            raise SourceUnreachable(f"Yahoo gives no prices of {symbol} ({reason}): {INSTEAD}", option="source")
        sleep(wait)


def _answer(answer: Future[T], call: Callable[[], T]) -> None:
    """What a call returns or raises, into `answer`."""
    try:
        with _loud():
            answer.set_result(call())
    except BaseException as error:  # noqa: BLE001 - raised again where the answer is waited for
        answer.set_exception(error)


RATE = "it limits the rate of requests"


def _judge(symbol: str, error: Exception) -> str:
    """Why it is worth trying again. Raises InputError when Yahoo does not know the symbol."""
    from yfinance import exceptions as yahoo

    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, yahoo.YFRateLimitError) or status == 429:
        return RATE
    # Yahoo says that it has none; without a reason of its own, yfinance only guesses
    reason = getattr(error, "yahoo_reason", None) or ("not found" if status == 404 else None)
    if reason and UNKNOWN.search(reason):
        from beatnaive.prices.sample import SYMBOLS

        near = get_close_matches(symbol, [*cache.symbols("yahoo"), *SYMBOLS], n=1, cutoff=0.6)
        hint = f"did you mean {near[0]!r}? " if near and near[0] != symbol else ""
        said = " ".join(reason.split())[:100]
        raise InputError(
            f"Yahoo has no symbol {symbol!r} ({said}): {hint}check its spelling at finance.yahoo.com"
        ) from error
    if isinstance(error, OSError):
        return "no connection" if not status else f"it answers with an error, {status}"
    if isinstance(error, yahoo.YFDataException):
        return "it is down"
    if type(error).__name__ == "UnknownTimeZoneError":
        return f"it answers with the unknown time zone {error}"
    nothing = isinstance(error, (yahoo.YFTickerMissingError, LookupError, TypeError, AttributeError))
    return "it answers with nothing" if nothing else "its answer is not understood"


@contextmanager
def _loud() -> Iterator[None]:
    """yfinance raises instead of logging and returning nothing, and does not write to the terminal itself."""
    from yfinance.config import YfConfig

    logger = logging.getLogger("yfinance")
    hidden, level = YfConfig.debug.hide_exceptions, logger.level
    YfConfig.debug.hide_exceptions = False
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        YfConfig.debug.hide_exceptions = hidden
        logger.setLevel(level)
