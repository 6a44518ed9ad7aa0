"""Today's prices as a run's models know them: the run's symbol codes, feature columns and price level."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import CLOSE, VOLUME
from beatnaive.prices.quality import fill_gaps
from beatnaive.study.panel import inputs_of

if TYPE_CHECKING:
    from beatnaive.core.types import Inputs, Prices
    from beatnaive.features.released import Joined
    from beatnaive.runs.saved_models import SavedRun


def panel(saved: SavedRun, prices: Prices, *, features: bool = True, released: Joined | None = None) -> Inputs:
    """The bars of one symbol up to its last close, and the run's features, as the run's models know them.

    Symbol code, columns and units are the run's: a column that another symbol of the run lacked is left out here too,
    and what later dividends and splits did to the prices is undone (`in_the_runs_units`). features: False leaves the
    feature columns out, for models that read bars only. released: the releases, if they have been read already; columns
    of one that is not among them are NaN. Raises InputError where the series no longer gives a column that the models
    learnt from.
    """
    study = replace(
        saved.study, exclude=(), features=saved.study.features if features else (),
        releases=saved.study.releases if features else {},
    )  # fmt: skip
    joined = released if features else None
    inputs, _ = inputs_of(study, fill_gaps((in_the_runs_units(saved, prices),), study.source.fill), released=joined)
    if features:
        # models know columns by position: the run's, in its order
        left_out = [] if joined is None else [name for name in study.releases if name not in joined.tables]
        x = np.full((len(inputs), len(saved.features)), np.nan)
        for k, name in enumerate(saved.features):
            if name in inputs.features:
                x[:, k] = inputs.x[:, inputs.features.index(name)]
            elif not any(name == one or name.startswith(f"{one}_") for one in left_out):
                raise InputError(
                    f"{prices.symbol} no longer gives the feature {name}, which the run's models learnt from"
                )
        inputs = replace(inputs, x=x, features=saved.features)
    # models know symbols by position, too; the cut comes last, so that it is one of inputs with the run's codes
    code = saved.symbols.index(prices.symbol)
    inputs = replace(inputs, symbols=saved.symbols, symbol=np.full(len(inputs), code, np.int32))
    known = np.flatnonzero(np.isfinite(inputs.close) & ~inputs.filled)
    return inputs.until(inputs.origin[known[-1]])


def in_the_runs_units(saved: SavedRun, prices: Prices) -> Prices:
    """Prices and volumes at the level that the run's models learnt from; the same object where nothing has changed.

    Dividends and splits since the run have rescaled all earlier prices. A model that was fitted to price levels would
    take that for a move: prices are multiplied by the run's close / the close now of one session that both have,
    volumes divided by the splits since. Raises InputError where they share no session.
    """
    table = saved.table(["origin", "close"], {"symbol": prices.symbol})
    shared = np.flatnonzero(np.isin(table["origin"], prices.sessions[np.isfinite(prices.bars[:, CLOSE])]))
    if not len(shared):
        raise InputError(f"{prices.symbol} has no session in common with {saved.folder}: is it the same series?")
    last = shared[np.argmax(table["origin"][shared])]
    row = np.flatnonzero(prices.sessions == table["origin"][last])[0]
    factor = table["close"][last] / prices.bars[row, CLOSE]
    adjusted = saved.study.source.as_of or saved.study.source.end
    since = np.prod(prices.splits[prices.sessions > np.datetime64(adjusted or prices.sessions[-1], "D")])
    if factor == since == 1:
        return prices
    bars = prices.bars * factor
    bars[:, VOLUME] = prices.bars[:, VOLUME] / since
    return replace(prices, bars=bars)
