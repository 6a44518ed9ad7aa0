"""A run's saved models, loaded to forecast again: what the run wrote and nothing else, never a pickle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.arrow_columns import equal, values
from beatnaive.core.errors import InputError
from beatnaive.core.types import BARS, CLOSE, VOLUME
from beatnaive.runs.folder import read_record, sha256

if TYPE_CHECKING:
    from beatnaive.core.types import Fitted, Floats, Inputs, Ints, Prices
    from beatnaive.study.spec import Study


@dataclass(frozen=True, eq=False)
class SavedRun:
    """A complete run: its study, its verdict, its record, and the last fold's models."""

    folder: Path
    study: Study
    verdict: Mapping[str, Any]
    record: Mapping[str, Any]

    @classmethod
    def open(cls, folder: Path) -> SavedRun:
        """Raises InputError for a run that is not complete, of another version, or damaged."""
        import json

        from beatnaive.core.version import __version__
        from beatnaive.study.spec import load_study

        record = read_record(folder)
        if record.get("state") != "complete":
            raise InputError(f"{folder} is {record.get('state')}, not complete: continue it with --resume {folder}")
        made_by = record.get("versions", {}).get("beatnaive")
        if made_by != __version__:
            raise InputError(f"{folder} was made by beatnaive {made_by}, this is {__version__}: run the study again")
        try:
            verdict = dict(json.loads((folder / "verdict.json").read_text(encoding="utf-8")))
            study = (folder / "study.toml").read_bytes()
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"{folder} cannot be read ({error}): run the study again") from error
        if sha256(study) != record.get("study_sha256"):
            raise InputError(f"{folder / 'study.toml'} was changed since the run: its models fit the old one only")
        return cls(folder, load_study(folder / "study.toml"), verdict, record)

    @property
    def features(self) -> tuple[str, ...]:
        """The feature columns that the run's models know by position."""
        if "features" not in self.record:
            raise InputError(f"{self.folder / 'run.json'} names no feature columns: run the study again")
        return tuple(self.record["features"])

    @property
    def symbols(self) -> tuple[str, ...]:
        """The run's symbols in their order: models know them by position."""
        return self.study.source.symbols

    def ruled_better(self, symbol: str) -> str | None:
        """The model that the verdict supports for this symbol: of those ruled better, the most skilful; None = none."""
        models = self.verdict.get("symbols", {}).get(symbol, self.verdict).get("models")
        if models is None:
            raise InputError(f"{self.folder / 'verdict.json'} holds no rulings: run the study again")
        better = {name: one["skill_pct"] for name, one in models.items() if one["ruling"] == "better"}
        return max(better, key=lambda name: better[name] or 0.0) if better else None

    def cutoff(self, symbol: str) -> str:
        """The first origin of the last fold: its models learnt from what was known then, and from nothing later."""
        table = self.table(["origin", "fold"], {"symbol": symbol})
        return str(table["origin"][table["fold"] == table["fold"].max()].min())

    def reads_features(self, model: str) -> bool:
        """Whether a model's forecasts use the study's feature columns: a network on bars, for one, does not."""
        from beatnaive.models.spec import COMBINATION, build

        spec = self.study.models[model]
        columns = None if spec.kind == COMBINATION else getattr(build(model, spec), "columns", None)
        return columns is None or not set(columns) <= set(BARS)

    def table(self, columns: list[str], wanted: Mapping[str, str | int]) -> dict[str, NDArray[Any]]:
        """These columns of forecasts.parquet, where others have the wanted values."""
        import pyarrow.parquet as pq

        # neither read_table nor Arrow's filter: what they import takes longer than all the rest of a forecast
        path = self.folder / "forecasts.parquet"
        words = [name for name, value in wanted.items() if isinstance(value, str)]
        try:
            table = pq.ParquetFile(path, read_dictionary=words).read(columns=[*columns, *wanted])
        except (OSError, ValueError) as error:  # Arrow's own errors are ValueErrors
            raise InputError(f"{path} is missing or damaged: run the study again") from error
        rows = np.flatnonzero(np.logical_and.reduce([equal(table[name], value) for name, value in wanted.items()]))
        return {name: values(table[name])[rows] for name in columns}

    def predict(self, model: str, inputs: Inputs, rows: Ints) -> Floats:
        """(k,) forecasts of the run's model, the mean over its seeds; the combination from all valid models."""
        from beatnaive.models.spec import COMBINATION

        names = [model]
        if self.study.models[model].kind == COMBINATION:
            invalid = {name for name, one in self.verdict["models"].items() if one["ruling"] == "invalid"}
            names = [name for name in self.study.models if name != model and name not in invalid]
        return np.asarray(np.mean([self._seeds_mean(name, inputs, rows) for name in names], axis=0))

    def _seeds_mean(self, model: str, inputs: Inputs, rows: Ints) -> Floats:
        fitted = self.load(model, int(inputs.symbol[rows[0]]))
        return np.asarray(np.mean([one.predict(inputs, rows).mean for one in fitted], axis=0))

    def load(self, model: str, code: int) -> list[Fitted]:
        """The model as each seed fitted it in the last fold, from the group of symbols that holds `code`.

        Raises InputError for a file that is missing, changed, cut short, or not the run's own.
        """
        from beatnaive.backtest.units import SYMBOLS_PER_GROUP
        from beatnaive.models.spec import contestant

        recipe = contestant(model, self.study.models[model])
        folders = self._verified(model)
        group = str(code // SYMBOLS_PER_GROUP)
        chosen = [path for path in folders if path.name == group] or [path for path in folders if path.name == "0"]
        return [recipe.load(path) for path in chosen]

    def _verified(self, model: str) -> list[Path]:
        """models/<model>/<seed>/<group>, after every file in there proved to be what run.json recorded."""
        recorded = {name: digest for name, digest in self.record["models"].items() if name.split("/")[1] == model}
        if not recorded:
            raise InputError(f"{self.folder} holds no saved {model}: run the study again")
        there = self.folder / "models" / model
        found = {path.relative_to(self.folder).as_posix() for path in there.rglob("*") if path.is_file()}
        for name in sorted(found - set(recorded)):
            raise InputError(f"{self.folder / name} is not a file of this run: remove it")
        for name, digest in recorded.items():
            if name not in found:
                raise InputError(f"{self.folder / name} is missing: run the study again")
            if sha256((self.folder / name).read_bytes()) != digest:
                raise InputError(f"{self.folder / name} was changed or cut short since the run: run the study again")
        return sorted({self.folder / "/".join(name.split("/")[:4]) for name in recorded})


def panel(saved: SavedRun, prices: Prices, *, features: bool = True) -> Inputs:
    """The bars of one symbol up to its last close, and the run's features, as the run's models know them.

    Symbol code, columns and units are the run's: a column that another symbol of the run lacked is left out here too,
    and what later dividends and splits did to the prices is undone (`in_the_runs_units`). Raises InputError where the
    series no longer gives a column that the models learnt from.
    """
    from beatnaive.prices.quality import fill_gaps
    from beatnaive.study.panel import inputs_of

    study = replace(saved.study, features=saved.study.features if features else (), exclude=())
    inputs, _ = inputs_of(study, fill_gaps((in_the_runs_units(saved, prices),), study.source.fill))
    if features:
        inputs = _with_columns(inputs, saved.features, prices.symbol)
    known = np.flatnonzero(np.isfinite(inputs.close) & ~inputs.filled)
    inputs = inputs.until(inputs.origin[known[-1]])
    code = saved.symbols.index(prices.symbol)
    return replace(inputs, symbols=saved.symbols, symbol=np.full(len(inputs), code, np.int32))


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


def _with_columns(inputs: Inputs, columns: Sequence[str], symbol: str) -> Inputs:
    """The inputs with these feature columns, in this order."""
    for name in columns:
        if name not in inputs.features:
            raise InputError(f"{symbol} no longer gives the feature {name}, which the run's models learnt from")
    chosen = [inputs.features.index(name) for name in columns]
    return replace(inputs, x=np.ascontiguousarray(inputs.x[:, chosen]), features=tuple(columns))
