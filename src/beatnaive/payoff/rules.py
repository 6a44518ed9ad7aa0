"""From a forecast to a wanted position: one function a rule, one row each in `RULES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from beatnaive.core.types import Floats

AVERSION = 3.0
"""Relative risk aversion gamma of `scaled` and of the certainty equivalent (Campbell and Thompson 2008)."""
MOST = 1.5
"""The largest position of `scaled`, in parts of wealth."""
TRIPS = 2.0
"""Costs that a forecast must exceed before `threshold` acts: one to get in and one to get out."""


@dataclass(frozen=True)
class Terms:
    """cost: basis points of what is traded; short: whether a forecast of a fall is sold short, else cash is held."""

    cost: float = 5.0
    short: bool = False


def sign(forecast: Floats, variance: Floats, terms: Terms) -> Floats:
    """1 where a rise is forecast, else 0; with `short`, -1 where a fall is.

    >>> sign(np.array([0.01, 0.0, -0.01]), np.ones(3), Terms(short=True)).tolist()
    [1.0, 0.0, -1.0]
    """
    return np.where(forecast > 0, 1.0, np.where(forecast < 0, -1.0, 0.0) if terms.short else 0.0)


def threshold(forecast: Floats, variance: Floats, terms: Terms) -> Floats:
    """The same, only where the forecast's size exceeds the cost of getting in and out again; else 0.

    >>> threshold(np.array([0.01, 0.0009, -0.01]), np.ones(3), Terms(cost=5)).tolist()
    [1.0, 0.0, 0.0]
    """
    return np.where(np.abs(forecast) > TRIPS * terms.cost * 1e-4, sign(forecast, variance, terms), 0.0)


def scaled(forecast: Floats, variance: Floats, terms: Terms) -> Floats:
    """clip(r / (gamma sigma^2), 0, 1.5): what mean and variance say; with `short`, down to -1.5.

    Reference: Campbell and Thompson 2008, doi:10.1093/rfs/hhm055

    >>> scaled(np.array([0.0003, 0.01]), np.array([0.0001, 0.0001]), Terms()).round(9).tolist()
    [1.0, 1.5]
    """
    return np.clip(forecast / (AVERSION * variance), -MOST if terms.short else 0.0, MOST)


Rule: TypeAlias = Callable[[Floats, Floats, Terms], Floats]
"""forecast, variance (T, S): log return and its variance over the horizon, known at the origin; gives (T, S) parts."""

RULES: dict[str, Rule] = {"sign": sign, "threshold": threshold, "scaled": scaled}

WORDS = {
    ("sign", False): "Long when {} forecasts a rise, else in cash",
    ("sign", True): "Long when {} forecasts a rise, short when a fall",
    ("threshold", False): "Long when {} forecasts a rise beyond two costs, else in cash",
    ("threshold", True): "Long or short when {} forecasts a move beyond two costs, else in cash",
    ("scaled", False): "Long by {}'s forecast over its variance, at most 1.5 times, else in cash",
    ("scaled", True): "Long or short by {}'s forecast over its variance, at most 1.5 times",
}
"""What each rule does, in a sentence about a model."""
