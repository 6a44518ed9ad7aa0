"""The source `synthetic`: daily bars whose truth is known.

Returns r_t are log returns of the close with standard deviation `volatility`, without drift:

    random_walk   r_t = sigma z_t                                     z independent standard normal
    garch         r_t = sigma_t z_t                                   z Student t(6) with variance 1
                  sigma_t^2 = 0.02 sigma^2 + 0.08 r_{t-1}^2 + 0.90 sigma_{t-1}^2
    ar1           r_t = phi r_{t-1} + sqrt(1 - phi^2) sigma z_t       phi = strength
    planted       r_t = sigma (sqrt(q) s_{t-1} + sqrt(1 - q) z_t)     q = strength: the R2 of the signal
                  s_t = log(volume_t / SHARES) / SPREAD               visible at the close of t
    memory        r_t = c (a m_t sign(r_{t-1}) + e_t)                 e standard normal; 3 or -3 in one session of 25
                  m_t = sign(r_s), s the last session before t - 1 in which |r_s| > 2.5 c
                  a = sqrt(1.32 q / (1 - q)), c = sigma sqrt((1 - q) / 1.32)     q = strength: the R2 of a m_t sign(r)
    seasonal      r_t = sigma (sqrt(2 q) cos(2 pi t / 21) + sqrt(1 - q) z_t)     q = strength

`memory` is for who remembers the sign of a shock, weeks ago, and multiplies it with that of the last return: neither
tells anything by itself. With strength 0 the same shocks come, and nothing follows from them.
Opens split each return by a Brownian bridge; highs and lows are those of Brownian bridges from open to close.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import CLOSE, VOLUME, Floats, Ints, Prices, Provenance
from beatnaive.prices.calendars import calendar_of, closes, next_sessions
from beatnaive.prices.source import Source, Synthetic

if TYPE_CHECKING:
    from beatnaive.core.types import Progress

FIRST = np.datetime64("2000-01-01", "D")
PRICE, SHARES, SPREAD = 100.0, 1e8, 0.3  # first close; median volume; standard deviation of log volume
OVERNIGHT = 0.3  # share of the variance before the open
ALPHA, BETA, FREEDOM = 0.08, 0.90, 6
OFTEN, SHOCK, LARGE = 0.04, 3.0, 2.5  # shocks: how often, how large, and from where on a return is taken for one
PERIOD = 21


def read(source: Source, progress: Progress | None = None) -> tuple[Prices, ...]:
    """Bars whose truth is known, from 2000 on: one of `PROCESSES`.

    Symbols differ in their random numbers only.

    >>> prices, = read(Source("synthetic", synthetic=Synthetic("garch", n=3, seed=1)))
    >>> prices.symbol, len(prices), prices.sessions[0]
    ('GARCH', 3, np.datetime64('2000-01-03'))
    """
    options = source.synthetic
    if options.model not in PROCESSES:
        raise UnknownName("synthetic model", options.model, PROCESSES)
    for name, value, fits, rule in (
        ("n", options.n, options.n >= 1, "at least 1"),
        ("volatility", options.volatility, options.volatility > 0, "positive"),
        ("strength", options.strength, 0 <= options.strength < 1, "from 0 to below 1"),
    ):
        if not fits:
            raise InputError(f"synthetic {name} = {value}: it must be {rule}")

    found = []
    for symbol in source.symbols or (options.model.upper(),):
        rng = np.random.default_rng(np.random.SeedSequence([options.seed, crc32(symbol.encode())]))
        calendar = source.calendar or calendar_of(symbol)
        sessions = next_sessions(calendar, FIRST, options.n)
        signal = rng.standard_normal(options.n)
        returns, sigma = PROCESSES[options.model](rng, options, signal)
        drawn = bars(rng, returns, sigma, np.round(SHARES * np.exp(SPREAD * signal)))
        origin = Provenance(
            f"synthetic {options.model}, seed {options.seed}", hashlib.sha256(drawn.tobytes()).hexdigest()
        )
        found.append(
            Prices(
                symbol=symbol,
                sessions=sessions,
                closes_at=closes(calendar, sessions),
                bars=drawn,
                dividends=np.zeros(options.n),
                splits=np.ones(options.n),
                filled=np.zeros(options.n, bool),
                calendar=calendar,
                provenance=origin,
            )
        )
    return tuple(found)


def truth(prices: Prices, options: Synthetic) -> Floats:
    """(n,) the expected log return of the next session given all that is known at each close.

    The first row of ar1 is given 0: what moved it is not in the prices.
    """
    expected = np.zeros(len(prices))
    if options.model == "ar1":
        expected[1:] = options.strength * np.diff(np.log(prices.bars[:, CLOSE]))
    if options.model == "planted":
        signal = np.log(prices.bars[:, VOLUME] / SHARES) / SPREAD
        expected[:] = options.volatility * np.sqrt(options.strength) * signal
    if options.model == "memory":
        a, c = scales(options)
        returns = np.diff(np.log(prices.bars[:, CLOSE]), prepend=np.log(prices.bars[0, CLOSE]))
        mood = 0.0
        for t, last in enumerate(returns):
            expected[t] = c * a * mood * np.sign(last)
            mood = np.sign(last) if abs(last) > LARGE * c else mood
    if options.model == "seasonal":
        expected[:] = _cycle(options, np.arange(1, len(prices) + 1))
    return expected


def random_walk(rng: np.random.Generator, options: Synthetic, signal: Floats) -> tuple[Floats, Floats]:
    """(n,) log returns sigma z, and their deviations."""
    sigma = np.full(options.n, options.volatility)
    return sigma * rng.standard_normal(options.n), sigma


def garch(rng: np.random.Generator, options: Synthetic, signal: Floats) -> tuple[Floats, Floats]:
    """(n,) log returns and deviations of a GARCH(1, 1) that starts at its long-run variance."""
    z = rng.standard_t(FREEDOM, options.n) * np.sqrt((FREEDOM - 2) / FREEDOM)
    variance = np.full(options.n, options.volatility**2)
    omega = options.volatility**2 * (1 - ALPHA - BETA)
    for t in range(1, options.n):
        variance[t] = omega + (ALPHA * z[t - 1] ** 2 + BETA) * variance[t - 1]
    return np.sqrt(variance) * z, np.sqrt(variance)


def ar1(rng: np.random.Generator, options: Synthetic, signal: Floats) -> tuple[Floats, Floats]:
    """(n,) log returns phi r + noise, phi = strength, and the deviations of the noise."""
    sigma = np.full(options.n, options.volatility * np.sqrt(1 - options.strength**2))
    returns = sigma * rng.standard_normal(options.n)
    for t in range(1, options.n):
        returns[t] += options.strength * returns[t - 1]
    return returns, sigma


def planted(rng: np.random.Generator, options: Synthetic, signal: Floats) -> tuple[Floats, Floats]:
    """(n,) log returns of whose variance the signal of the last session explains `strength`; deviations of the rest."""
    sigma = np.full(options.n, options.volatility * np.sqrt(1 - options.strength))
    returns = sigma * rng.standard_normal(options.n)
    returns[1:] += options.volatility * np.sqrt(options.strength) * signal[:-1]
    return returns, sigma


def memory(rng: np.random.Generator, options: Synthetic, signal: Floats) -> tuple[Floats, Floats]:
    """(n,) log returns whose sign follows the last one's, or turns from it, as the sign of the last shock says."""
    a, c = scales(options)
    shock = rng.random(options.n) < OFTEN
    returns = c * np.where(shock, SHOCK * np.sign(signal), rng.standard_normal(options.n))
    mood = 0.0
    for t in range(1, options.n):
        returns[t] += c * a * mood * np.sign(returns[t - 1])
        mood = np.sign(returns[t - 1]) if abs(returns[t - 1]) > LARGE * c else mood
    return returns, np.full(options.n, options.volatility)


def scales(options: Synthetic) -> tuple[float, float]:
    """a and c of `memory`, so that the variance of a return is volatility^2, and the predictable share strength."""
    noise = 1 - OFTEN + OFTEN * SHOCK**2
    a = math.sqrt(noise * options.strength / (1 - options.strength))
    return a, options.volatility * math.sqrt((1 - options.strength) / noise)


def seasonal(rng: np.random.Generator, options: Synthetic, signal: Floats) -> tuple[Floats, Floats]:
    """(n,) log returns with a cycle of 21 sessions, `strength` of all variance, and the deviations of the rest."""
    sigma = np.full(options.n, options.volatility * np.sqrt(1 - options.strength))
    return _cycle(options, np.arange(options.n)) + sigma * rng.standard_normal(options.n), sigma


def _cycle(options: Synthetic, at: Ints) -> Floats:
    size = options.volatility * np.sqrt(2 * options.strength)
    return np.asarray(size * np.cos(2 * np.pi * at / PERIOD))


PROCESSES: dict[str, Callable[[np.random.Generator, Synthetic, Floats], tuple[Floats, Floats]]] = {
    "random_walk": random_walk, "garch": garch, "ar1": ar1, "planted": planted, "memory": memory,
    "seasonal": seasonal,
}  # fmt: skip


def bars(rng: np.random.Generator, returns: Floats, sigma: Floats, volume: Floats) -> Floats:
    """(n, 5) open, high, low, close, volume around closes PRICE exp(cumulated returns).

    Given open and close, the high of a Brownian bridge with variance v over the session is
    (m + sqrt(m^2 - 2 v log U)) / 2 above the open, m the move and U uniform; the low likewise, drawn by itself.
    Arguments: returns, sigma (n,) log returns and their deviations; volume (n,) shares.
    """
    close = np.log(PRICE) + np.cumsum(returns)
    bridge = np.sqrt(OVERNIGHT * (1 - OVERNIGHT)) * sigma * rng.standard_normal(len(returns))
    open_ = close - returns + OVERNIGHT * returns + bridge
    move, variance = close - open_, (1 - OVERNIGHT) * sigma**2
    up, down = (np.sqrt(move**2 - 2 * variance * np.log1p(-rng.random(len(returns)))) for _ in range(2))
    prices = np.exp(np.column_stack([open_, open_ + (move + up) / 2, open_ + (move - down) / 2, close]))
    prices[:, 1] = prices.max(axis=1)  # rounding may put the high an ulp below open or close
    prices[:, 2] = prices.min(axis=1)
    return np.column_stack([prices, volume])
