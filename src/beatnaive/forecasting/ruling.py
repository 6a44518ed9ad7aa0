"""The always-valid ruling on forecast files: the same bets as the ledger's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.judging.significance.always_valid import Row, Standing, words
from beatnaive.judging.significance.coverage_process import COVERAGES

if TYPE_CHECKING:
    from beatnaive.forecasting.score import Scored


def ruling(scored: Sequence[Scored]) -> list[dict[str, Any]]:
    """Per model and distance in sessions, what the bets say of forecasts that were known in time; [] for none.

    A session's difference is naive's squared log error less the model's, in units of the variance that the file
    expected, averaged over symbols; of several files that say the same model's forecast of a session from one origin,
    the first counts. Forecasts k sessions ahead take turns in k processes. Models at one distance are tested together.
    """
    found = []
    for ahead in sorted({one.ahead for one in scored}):
        calls: dict[tuple[str, str, str], Scored] = {}
        for one in scored:
            if one.ahead == ahead and not one.late and one.actual is not None and one.inside is not None:
                calls.setdefault((one.session, one.symbol, one.model), one)
        names = sorted({model for _, _, model in calls} - {"naive"})
        if not names:
            continue
        standing = Standing(names, ahead)
        for session in sorted({session for session, _, _ in calls}):
            d, inside = np.full(len(names), np.nan), np.full((len(names), len(COVERAGES)), np.nan)
            for k, name in enumerate(names):
                own = [one for (day, _, model), one in calls.items() if (day, model) == (session, name)]
                if own:
                    d[k] = np.mean([_gain(one) for one in own])
                    inside[k] = np.mean([list((one.inside or {}).values()) for one in own], axis=0)
            standing.add(Row(session=session, d=d, inside=inside))
        found += [{"ahead": ahead, **asdict(one), "words": words(one, ahead)} for one in standing.ruled()]
    return found


def _gain(one: Scored) -> float:
    """Naive's squared log error less the model's, by the variance expected."""
    actual = float(one.actual or np.nan)
    base, own = np.log(actual / one.naive), np.log(actual / one.price)
    return float((base**2 - own**2) / one.volatility**2)
