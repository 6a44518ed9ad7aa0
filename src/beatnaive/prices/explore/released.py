"""What a first look says of a release: when it was known, how late, how often revised, and what followed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Floats

NORMAL_90 = 1.6448536269514722


@dataclass(frozen=True)
class Correlation:
    """Correlation r with the next return over n sessions, and its 90 % interval; None where it cannot be had."""

    r: float | None
    ci90: tuple[float, float] | None
    n: int


@dataclass(frozen=True, kw_only=True)
class Released:
    """One series of a release on one symbol's sessions.

    name: of its columns; values, periods: rows and periods that they describe; first, last: days of publication;
    lags: 0, 5, 50, 95 and 100 % points of the days from a period's end to its first publication; revisions: rows that
    changed an earlier period's value; revised: their median size in % of the value; unknown: sessions before the first
    publication; assumed: how publication was made where the source does not say it; held: the value at every close
    against the next return; fresh: the same on the first session of each value alone.
    """

    name: str
    values: int
    periods: int
    first: str
    last: str
    lags: tuple[float, ...]
    revisions: int
    revised: float | None
    unknown: int
    assumed: str
    held: Correlation
    fresh: Correlation


def correlation(x: Floats, y: Floats) -> Correlation:
    """Pearson's r of the rows that both have, with a 90 % interval that allows for changing volatility.

    With standardised z_x, z_y: u = z_x z_y - r (z_x^2 + z_y^2) / 2, interval r -+ 1.645 sd(u) / sqrt(n). Next returns
    are taken to be uncorrelated in time, as they nearly are; a value that is held for weeks then does no harm.

    >>> x = np.random.default_rng(0).normal(size=500)
    >>> correlation(x, x).r
    1.0
    """
    known = np.isfinite(x) & np.isfinite(y)
    n = int(known.sum())
    if n < 10 or not (np.ptp(x[known]) > 0 and np.ptp(y[known]) > 0):
        return Correlation(None, None, n)
    a, b = ((one[known] - one[known].mean()) / one[known].std() for one in (x, y))
    r = float((a * b).mean())
    width = NORMAL_90 * float((a * b - r * (a**2 + b**2) / 2).std(ddof=1)) / n**0.5
    return Correlation(round(r, 12), (max(r - width, -1.0), min(r + width, 1.0)), n)


def sentence(one: Released) -> str:
    """What was found, in a line.

    >>> held, fresh = Correlation(0.05, (0.01, 0.09), 900), Correlation(None, None, 4)
    >>> sentence(Released(
    ...     name="cpi", values=5, periods=4, first="2014-01-31", last="2014-05-31", lags=(30, 30, 31, 31, 31),
    ...     revisions=1, revised=0.2, unknown=0, assumed="", held=held, fresh=fresh,
    ... ))
    'cpi goes with higher next returns beyond chance (correlation +0.050, 90 % interval +0.010 to +0.090, n 900).'
    """
    x = one.held
    if x.r is None or x.ci90 is None:
        return f"{one.name} has too few different values for a correlation with the next return."
    size = f"(correlation {x.r:+.3f}, 90 % interval {x.ci90[0]:+.3f} to {x.ci90[1]:+.3f}, n {x.n:,})"
    if x.ci90[0] > 0 or x.ci90[1] < 0:
        return f"{one.name} goes with {'higher' if x.r > 0 else 'lower'} next returns beyond chance {size}."
    return f"{one.name} says nothing clear about the next return {size}."
