"""A plan: how forecasts are traded, at which cost."""

from __future__ import annotations

import math
from dataclasses import dataclass

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.payoff.rules import RULES, WORDS, Terms

FILLS = ("close", "open")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How forecasts are traded.

    rule: sign, threshold or scaled; fill: at the origin's close or the next open; cost: basis points of what is traded;
    short: whether falls are sold short; cash: interest a year, 0.02 = 2 %. Raises InputError for what cannot be.

    >>> Plan(rule="sign").words.format("ridge")
    'Long when ridge forecasts a rise, else in cash'
    """

    rule: str = "sign"
    fill: str = "close"
    cost: float = 5.0
    short: bool = False
    cash: float = 0.0

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise UnknownName("rule", self.rule, RULES, option="rule")
        if self.fill not in FILLS:
            raise UnknownName("fill", self.fill, FILLS, option="fill")
        if not (math.isfinite(self.cost) and 0 <= self.cost <= 1000):
            raise InputError(f"cost={self.cost:g}: basis points of what is traded, from 0 to 1000", option="cost")
        if not (math.isfinite(self.cash) and -0.1 <= self.cash <= 1):
            raise InputError(f"cash={self.cash:g}: interest a year, 0.02 for 2 %, at most 1", option="cash")

    @property
    def terms(self) -> Terms:
        """What a rule needs of it."""
        return Terms(self.cost, self.short)

    @property
    def words(self) -> str:
        """What is done, in words, with a gap for the model's name."""
        return WORDS[self.rule, self.short]
