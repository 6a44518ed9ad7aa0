"""Inside a run's network: join a run folder, its data and its saved model, and portray the network at one session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import CLOSE, HIGH, LOW, Floats, Inputs, Ints, Prices

if TYPE_CHECKING:
    from beatnaive.explain.portrait import Portrait
    from beatnaive.models.networks.base import NetworkFitted
    from beatnaive.runs.saved_models import SavedRun
    from beatnaive.study.spec import Study

MOVES = np.linspace(-0.06, 0.06, 25)
"""Log returns of the last session that `what_if` tries."""


@dataclass(frozen=True, eq=False, kw_only=True)
class NetworkView:
    """A trained network of a run at the window that ends with `session`.

    windows (batch, steps, features): up to 256 windows that end there or before, as the network receives them, the
    asked one last; days: the sessions of that window; forecast: log return from its last close; cutoff: the first
    session that the network had not learnt from.
    """

    study: Study
    prices: Prices
    fitted: NetworkFitted
    model_name: str
    seed: int
    inputs: Inputs
    row: int
    cutoff: str

    @property
    def learnt(self) -> bool:
        """Whether the window ends inside the training period, so that its forecast is not out of sample."""
        return self.days[-1] < self.cutoff

    @property
    def days(self) -> tuple[str, ...]:
        """The window's sessions, YYYY-MM-DD."""
        return tuple(str(day) for day in self.inputs.session[self.row - self.fitted.recipe.steps + 1 : self.row + 1])

    @property
    def close(self) -> float:
        """The last close of the window."""
        return float(self.inputs.close[self.row])

    @cached_property
    def forecast(self) -> float:
        """Log return over the study's horizon."""
        return self._forecast(self.inputs)

    @cached_property
    def windows(self) -> Floats:
        """(batch, steps, features) as the network receives them; the asked one is the last."""
        values, ends = scaled_windows(self.fitted, self.inputs)
        ends = ends[ends <= self.row][-256:]
        steps = self.fitted.recipe.steps
        return np.asarray(values[ends[:, None] + np.arange(1 - steps, 1)])

    def portrait(self) -> Portrait:
        """Gates, reasons, memory and health; the forecast's unit is % for returns, currency for prices."""
        from beatnaive.explain.portrait import portray

        code = int(self.fitted.scalings.codes(self.inputs, self.inputs.symbol[[self.row]])[0])
        scale = float(self.fitted.scalings.target.scale[code, 0])
        returns = self.fitted.recipe.target == "return"
        unit = "% log return" if returns else "currency of the close"
        return portray(self.fitted.model(), self.windows, -1, scale=100 * scale if returns else scale, unit=unit)

    def what_if(self, moves: Sequence[float] | Floats = MOVES) -> Floats:
        """(len(moves),) forecasts had the last session's log return been each of `moves`; features are computed anew.

        The closing price is moved, and high and low with it where they would no longer hold it; volume stays.
        """
        return np.array([self._forecast(self.moved(float(move))) for move in moves])

    @property
    def last_return(self) -> float:
        """The log return that the last session really had."""
        return float(np.log(self.close / self.inputs.close[self.row - 1]))

    def moved(self, move: float) -> Inputs:
        """The inputs had the last session's log return been `move`: all features up to that session computed anew."""
        from beatnaive.study.panel import inputs_of

        bars = self.prices.bars[: self.row + 1].copy()
        bars[-1, CLOSE] = bars[-2, CLOSE] * np.exp(move)
        bars[-1, HIGH] = np.maximum(bars[-1, HIGH], bars[-1, CLOSE])
        bars[-1, LOW] = np.minimum(bars[-1, LOW], bars[-1, CLOSE])
        known = replace(self.prices.take(slice(None, self.row + 1)), bars=bars)
        return inputs_of(self.study, [known])[0]

    def _forecast(self, inputs: Inputs) -> float:
        return float(self.fitted.predict(inputs, np.array([self.row])).mean[0])


def look_inside(
    folder: str | Path, date: str | None = None, *, model: str | None = None, symbol: str | None = None, seed: int = 0,
    trust: bool = False,
) -> NetworkView:  # fmt: skip
    """The network that a run saved, at the window that ends with session `date` (default: the last one).

    model: a name of the study, default the first with LSTM layers; symbol: default the first; seed: which fit;
    trust: code that the run names may be imported.
    Raises InputError when the run has no such network, or no full window ends on that date.
    """
    from beatnaive.prices import load
    from beatnaive.prices.quality import fill_gaps
    from beatnaive.runs.saved_models import SavedRun
    from beatnaive.study.panel import inputs_of

    run = SavedRun.open(Path(folder), trust=trust)
    study = replace(run.study, name=run.record["study"])
    filled = fill_gaps(load(study.source), study.source.fill)
    by_name = {one.symbol: one for one in filled}
    if symbol is not None and symbol not in by_name:
        raise UnknownName("symbol in this run", symbol, by_name)
    prices = filled[0] if symbol is None else by_name[symbol]
    networks = [name for name, spec in study.models.items() if spec.kind == "lstm"]
    if model is not None and model not in study.models:
        raise UnknownName("model in this run", model, study.models)
    if model is None and not networks:
        raise InputError(f"this run has no LSTM (models: {', '.join(study.models)}): run a study with one")
    name = networks[0] if model is None else model
    fitted = saved_network(run, name, seed, filled.index(prices))
    inputs = inputs_of(study, [prices])[0]
    return NetworkView(
        study=study, prices=prices, fitted=fitted, model_name=name, seed=seed, inputs=inputs,
        row=window_end(fitted, inputs, date), cutoff=run.cutoff(prices.symbol),
    )  # fmt: skip


def scaled_windows(fitted: NetworkFitted, inputs: Inputs) -> tuple[Floats, Ints]:
    """(n, features) scaled values of one symbol's sessions, and the rows at which a complete window ends."""
    from beatnaive.models.networks.windows import Panel

    recipe = fitted.recipe
    panel = Panel.of(inputs, recipe.columns, recipe.target, recipe.steps)
    codes = fitted.scalings.codes(inputs, panel.symbol)
    return fitted.scalings.inputs(panel.values, codes), np.flatnonzero(panel.whole)


def saved_network(run: SavedRun, name: str, seed: int, code: int) -> NetworkFitted:
    """The network of one seed, its files verified; of the symbol's own where each symbol has one."""
    from beatnaive.models.base import PerSymbolFitted
    from beatnaive.models.networks.base import NetworkFitted

    fitted = run.load(name, code)
    names = sorted(map(str, range(len(fitted))))  # seeds are folders, loaded in the order of their names
    if str(seed) not in names:
        raise InputError(f"{name} has no seed {seed}: it was fitted with seeds 0 to {len(fitted) - 1}")
    found: Any = fitted[names.index(str(seed))]
    if isinstance(found, PerSymbolFitted):
        found = found.parts[found.symbols.index(run.symbols[code])]
    if not isinstance(found, NetworkFitted):
        raise InputError(f"{name} is not a network ({run.study.models[name].kind}): only networks can be looked into")
    return found


def window_end(fitted: NetworkFitted, inputs: Inputs, date: str | None) -> int:
    """The row of the session `date` (YYYY-MM-DD), or of the last one, on which a complete window ends."""
    _, ends = scaled_windows(fitted, inputs)
    if not ends.size:
        raise InputError(f"no complete window of {fitted.recipe.lookback} sessions: take a longer period")
    if date is None:
        return int(ends[-1])
    try:
        day = np.datetime64(date, "D")
    except ValueError as error:
        raise InputError(f"date {date!r} is not a date: write YYYY-MM-DD") from error
    found = np.flatnonzero(inputs.session[ends] == day)
    if not found.size:
        first, last = inputs.session[ends[[0, -1]]]
        raise InputError(f"no full window ends on {date}: take a session between {first} and {last}")
    return int(ends[found[0]])
