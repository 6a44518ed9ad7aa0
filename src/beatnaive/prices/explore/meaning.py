"""What the numbers mean for someone who wants to forecast: a sentence per fact, none beyond it."""

from __future__ import annotations

import numpy as np

from beatnaive.core.phrases import count
from beatnaive.prices.explore.returns import Autocorrelation, Shape
from beatnaive.prices.explore.stationarity import RANDOM_WALK, STATIONARY, TOO_SHORT, Stationarity


def meaning(
    shape: Shape,
    acf: Autocorrelation,
    absolute: Autocorrelation,
    price: Stationarity,
    change: Stationarity,
    sound: tuple[Shape, Autocorrelation] | None = None,
) -> tuple[str, ...]:
    """The conclusions of an exploration, in the order in which a forecaster needs them: one sentence a fact.

    Arguments: the shape of the returns, their autocorrelation and that of their absolute values, the stationarity of
    log price and log return; sound, shape and autocorrelation of the absolute values without the returns on days that
    carry a finding, where there are such.
    """
    rest, rest_size = (None, None) if sound is None else sound
    found = (
        level(price, change),
        direction(acf, price.ruling),
        size(absolute, rest_size),
        tails(shape, rest),
        reach(shape),
    )
    return tuple(line for line in found if line)


def level(price: Stationarity, change: Stationarity) -> str:
    """What differencing does: whether to model prices or returns."""
    if TOO_SHORT in (price.ruling, change.ruling) or price.tests is None or change.tests is None:
        return "The series is too short for a ruling on stationarity."
    lags = f"autocorrelation at lag one falls from {price.tests.lag1:.3f} to {change.tests.lag1:+.3f}"
    if price.ruling == STATIONARY:
        return (
            "The log price is stationary: it returns to its mean, so its distance from that mean may be worth a model. "
            f"Differencing is not needed ({lags})."
        )
    if change.ruling == STATIONARY:
        head = "not stationary" if price.ruling == RANDOM_WALK else "not clearly stationary"
        return (
            f"The log price is {head}, its first difference, the log return, is: one differencing is enough ({lags}). "
            "Forecast returns, and judge on returns: an R2 on levels is near one for any forecast near today's price."
        )
    return f"Neither the log price nor its first difference is clearly stationary ({lags}): look at the outliers first."


def direction(acf: Autocorrelation, level: str) -> str:
    """Whether past returns say anything about the next one; `level` is the ruling on the log price.

    A lag counts when it lies outside its 95 % band; up to twice the number expected by chance is called chance.
    """
    beyond = 1 + np.flatnonzero(np.abs(acf.acf) > acf.band)
    expected = 0.05 * len(acf.acf)
    if len(beyond) <= max(3, 2 * expected):
        so = "The level says more" if level == STATIONARY else "Expect no model to beat naive by much"
        return (
            f"Past returns say little about the next one: {len(beyond)} of {len(acf.acf)} autocorrelations lie outside "
            f"their 95 % bands, {expected:.1f} would by chance. {so}."
        )
    names = ", ".join(map(str, beyond[:5]))
    return (
        f"Returns are autocorrelated beyond chance ({len(beyond)} of {len(acf.acf)} lags, among them {names}); "
        f"the largest explains {100 * float(np.max(acf.acf**2)):.1f} % of the variance. Stale prices may cause it."
    )


def size(absolute: Autocorrelation, sound: Autocorrelation | None = None) -> str:
    """Whether the size of moves has a memory, which volatility forecasts live on; `sound`: without doubtful days."""
    if absolute.clustered and sound is not None and not sound.clustered:
        return (
            "The size of moves seems to have a memory, but through the days that carry a finding: without them there "
            "is none that is clear."
        )
    if absolute.clustered:
        return (
            f"The size of moves is forecastable even where their sign is not: absolute returns correlate by "
            f"{absolute.acf[0]:+.2f} at lag one and {absolute.acf[:10].mean():+.2f} on average over ten lags. "
            "A volatility study has something to find."
        )
    return "The size of moves shows no clear memory either: volatility forecasts will hardly beat a constant."


def tails(shape: Shape, sound: Shape | None = None) -> str:
    """How heavy the tails are, and what remains of that without the days that carry a finding.

    An excess kurtosis above one is called heavy. Arguments: shape of all returns; sound, that of the returns on days
    without a finding, None where every day is such.

    >>> from beatnaive.prices.explore.returns import shape
    >>> tails(shape(np.random.default_rng(0).normal(size=10_000)))
    'The tails are close to normal (excess kurtosis -0.0).'
    """
    left_out = 0 if sound is None else shape.n - sound.n
    days = "the return on a day that carries a finding"
    if left_out > 1:
        days = f"the {count(left_out)} returns on days that carry a finding"
    if shape.kurtosis > 1 and sound is not None and sound.kurtosis <= 1:
        return (
            f"The tails look heavy (excess kurtosis {shape.kurtosis:.1f}), but it is the data: without {days} they are "
            f"close to normal ({sound.kurtosis:+.1f}). Mend that first."
        )
    if shape.kurtosis > 1:
        left = f"; without {days}, {sound.kurtosis:.1f} and {sound.beyond:.0f} times" if sound is not None else ""
        return (
            f"The tails are heavy: excess kurtosis {shape.kurtosis:.1f}, moves beyond three deviations "
            f"{shape.beyond:.0f} times as often as under the normal law{left}. A few days decide squared errors, so "
            "tests need many sessions."
        )
    return f"The tails are close to normal (excess kurtosis {shape.kurtosis:+.1f})."


def reach(shape: Shape) -> str:
    """Which edge could be seen at all: the R2 that a single one-sided 5 % test finds four times in five.

    A calibrated forecast that explains the share q of the variance has t about sqrt(q n) / 2 on n test rows, so
    q = 4 (1.645 + 0.842)^2 / n.
    """
    test = max(shape.n // 5, 1)
    q = min(4 * (1.645 + 0.842) ** 2 / test, 1.0)
    return (
        f"With a fifth of the {shape.n:,} returns as test rows, a single test sees an edge four times in five only if "
        f"the forecast explains about {100 * q:.1f} % of the variance of returns."
    )
