"""Stated quantiles are scored, not ruled on: pinball loss beside naive's, and how often an interval held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from beatnaive.core.phrases import percent
from beatnaive.core.types import Losses
from beatnaive.judging import quantile_scores
from beatnaive.judging.quantile_scores import wilson
from beatnaive.judging.significance.contest import contest
from beatnaive.judging.significance.skill import skill
from beatnaive.judging.tables.checked import CheckedTable
from beatnaive.judging.tables.losses import InUnit, Question, in_unit, lagged_quantiles
from beatnaive.judging.tables.naive import Outcomes

FEWEST = 30
"""Rows below which no interval of the skill is given."""


@dataclass(frozen=True, kw_only=True)
class IntervalScore:
    """What the quantiles of one model were worth.

    n rows; levels that it states; pinball: mean loss over them, in the unit of y (log returns for prices), naive's from
    the quantiles of its own last 250 errors at the same levels; skill_pct and skill_ci90 of it; coverage {nominal:
    (share, lower, upper)} of the central intervals, with Wilson's 95 % limits. None where naive has too few errors.
    """

    n: int
    levels: tuple[float, ...]
    pinball: float
    naive_pinball: float | None
    skill_pct: float | None
    skill_ci90: tuple[float, float] | None
    coverage: dict[float, tuple[float, float, float]]

    def to_json(self) -> dict[str, Any]:
        """The score as a JSON object; coverage is a list of {nominal, share, low, high}."""
        fields = ("nominal", "share", "low", "high")
        covered = [dict(zip(fields, (k, *v), strict=True)) for k, v in sorted(self.coverage.items())]
        return {**asdict(self), "levels": list(self.levels), "coverage": covered} | {
            "skill_ci90": None if self.skill_ci90 is None else list(self.skill_ci90)
        }

    def words(self, model: str) -> str:
        """One line: coverage and skill, with n and their uncertainty."""
        told = [
            f"its {100 * nominal:g} % interval held in {100 * share:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
            for nominal, (share, low, high) in sorted(self.coverage.items(), reverse=True)[:2]
        ]
        if self.skill_pct is not None:
            span = (
                f", 90 % interval {self.skill_ci90[0]:+.1f} to {self.skill_ci90[1]:+.1f} %" if self.skill_ci90 else ""
            )
            told.append(f"pinball loss {percent(self.skill_pct)}{span}")
        else:
            told.append(f"pinball loss {self.pinball:.4g}, too few rows for naive's own quantiles beside it")
        return f"{model}'s quantiles over {self.n:,} rows: {'; '.join(told)}."


def interval_scores(table: CheckedTable, question: Question, losses: Losses) -> dict[str, IntervalScore]:
    """The score of every model that states two quantiles or more; `losses` say which models and which unit."""
    if question.y == "variance":
        return {}
    made = in_unit(table, question)
    return {
        name: found
        for name, own in made.quantiles.items()
        if name != "naive" and len(own) > 1 and (found := score(table, made, name, losses)) is not None
    }


def score(table: CheckedTable, made: InUnit, name: str, losses: Losses) -> IntervalScore | None:
    """One model's; None where fewer than two rows have all of its quantiles."""
    levels = tuple(sorted(made.quantiles[name]))
    q = np.stack([made.quantiles[name][level] for level in levels], axis=1)
    naive = next(iter(made.forecast[one] for one in table.benchmarks))
    rows = np.isfinite(q).all(axis=1) & np.isfinite(naive)
    if rows.sum() < 2:
        return None
    y = made.y[rows]
    loss = quantile_scores.pinball(y, q[rows], levels).mean(axis=1)
    covered = {}
    for low, high in pairs(levels):
        share = float(((y >= q[rows, levels.index(low)]) & (y <= q[rows, levels.index(high)])).mean())
        covered[round(high - low, 6)] = (share, *wilson(share, len(y)))
    rival = np.full((len(rows), len(levels)), np.nan)
    for _, own in Outcomes(table.symbols, table.symbol, table.ds, made.y).series():
        own = own[np.isfinite(naive[own])]
        rival[own] = naive[own, None] + lagged_quantiles(made.y[own] - naive[own], table.overlap, levels)
    both = np.isfinite(rival[rows]).all(axis=1)
    measured = IntervalScore(
        n=int(rows.sum()), levels=levels, pinball=float(loss.mean()), naive_pinball=None, skill_pct=None,
        skill_ci90=None, coverage=covered,
    )  # fmt: skip
    if both.sum() < FEWEST:
        return measured
    other = quantile_scores.pinball(y[both], rival[rows][both], levels).mean(axis=1)
    own_losses = replace(
        losses, symbol=table.symbol[rows][both], session=table.ds[rows][both], origin=table.origin[rows][both],
        y=y[both], close=made.close[rows][both], scale=np.ones(int(both.sum())), loss_name="pinball", seed_loss={},
        forecast={"naive": naive[rows][both], name: naive[rows][both]}, loss={"naive": other, name: loss[both]},
        benchmarks=("naive",), invalid={}, quantiles={}, expanding=None,
    )  # fmt: skip
    middle, low_limit, high_limit = skill(contest(own_losses))
    return replace(
        measured, pinball=float(loss[both].mean()), naive_pinball=float(other.mean()), skill_pct=float(middle[0]),
        skill_ci90=(float(low_limit[0]), float(high_limit[0])),
    )  # fmt: skip


def pairs(levels: tuple[float, ...]) -> Iterator[tuple[float, float]]:
    """The levels that bound a central interval.

    >>> list(pairs((0.05, 0.1, 0.5, 0.9)))
    [(0.1, 0.9)]
    """
    for low in levels:
        high = next((one for one in levels if abs(one - (1 - low)) < 1e-9), None)
        if low < 0.5 and high is not None:
            yield low, high


__all__ = ["IntervalScore", "interval_scores"]
