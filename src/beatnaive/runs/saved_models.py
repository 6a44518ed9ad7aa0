"""A run's saved models, loaded to forecast again: what the run wrote and nothing else, never a pickle."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.arrow_columns import equal, values
from beatnaive.core.containers import admit_parquet
from beatnaive.core.documents import as_written, json_of, read_bytes, shown
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import BARS
from beatnaive.runs.folder import complete_record, sha256, verify

if TYPE_CHECKING:
    from beatnaive.core.types import Fitted, Floats, Inputs, Ints
    from beatnaive.study.spec import Study


BEYOND = 1e3
"""A log return, or a variance of log returns, that nothing ever had: a model that forecasts it was not saved by us."""


@dataclass(frozen=True, eq=False)
class SavedRun:
    """A complete run: its study, its verdict, its record, and the last fold's models."""

    folder: Path
    study: Study
    verdict: Mapping[str, Any]
    record: Mapping[str, Any]

    @classmethod
    def open(cls, folder: Path, *, trust: bool = False) -> SavedRun:
        """The run in a folder; trust: code that its study names may be imported.

        Raises InputError for one that is not complete, of another version, or damaged; NotTrusted for its code.
        """
        from beatnaive.core.version import __version__
        from beatnaive.study.spec import load_study

        record = complete_record(folder)
        made_by = record.get("versions", {}).get("beatnaive")
        if made_by != __version__:
            raise InputError(f"{folder} was made by beatnaive {made_by}, this is {__version__}: run the study again")
        contents = {name: read_bytes(folder / name) for name in ("verdict.json", "study.toml")}
        if sha256(contents["study.toml"]) != record.get("study_sha256"):
            raise InputError(f"{folder / 'study.toml'} was changed since the run: its models fit the old one only")
        verify(folder, record)
        verdict = json_of(contents["verdict.json"], shown(folder / "verdict.json"))
        if not isinstance(verdict, dict) or not isinstance(verdict.get("models"), dict):
            raise InputError(f"{shown(folder / 'verdict.json')} holds no rulings: run the study again")
        return cls(folder, load_study(folder / "study.toml", trust=trust), verdict, record)

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
        """The model that the verdict supports for this symbol: of those ruled better, the most skilful; None = none.

        Raises InputError for a verdict without rulings, and for one that the run's forecasts do not bear out.
        """
        own = self.verdict.get("symbols") or {}
        try:
            models = own[symbol]["models"] if symbol in own else self.verdict["models"]
            better = {name: one for name, one in models.items() if one["ruling"] == "better"}
            if not better:
                return None
            best = str(max(better, key=lambda name: float(better[name]["skill_pct"] or 0.0)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            where = shown(self.folder / "verdict.json")
            raise InputError(f"{where} holds no rulings that can be read: run the study again") from error
        if best not in self.study.models:
            raise UnknownName(f"model in {shown(self.folder / 'verdict.json')}", best[:40], self.study.models)
        from beatnaive.runs.bearing_out import bear_out

        bear_out(self.folder, best, symbol if symbol in own else None, better[best])
        return best

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

    def reads(self, model: str, columns: Collection[str]) -> bool:
        """Whether a model's forecasts use any of these columns of features or releases.

        A shipped model without the option `columns` reads prices alone; the combination reads what any other reads.
        """
        from beatnaive.models import MODELS
        from beatnaive.models.spec import COMBINATION, build

        spec = self.study.models[model]
        if spec.kind == COMBINATION:
            return any(self.reads(name, columns) for name in self.study.models if name != model)
        made = build(model, spec)
        if spec.kind in MODELS and not hasattr(made, "columns"):
            return False
        own = getattr(made, "columns", None)
        return bool(columns) and (own is None or not set(own).isdisjoint(columns))

    def table(self, columns: list[str], wanted: Mapping[str, str | int]) -> dict[str, NDArray[Any]]:
        """These columns of forecasts.parquet, where others have the wanted values."""
        import pyarrow.parquet as pq

        # neither read_table nor Arrow's filter: what they import takes longer than all the rest of a forecast
        path = self.folder / "forecasts.parquet"
        words = [name for name, value in wanted.items() if isinstance(value, str)]
        try:
            admit_parquet(path, shown(path))
            table = pq.ParquetFile(path, read_dictionary=words).read(columns=[*columns, *wanted])
        except (OSError, ValueError) as error:  # Arrow's own errors are ValueErrors
            raise InputError(f"{path} is missing or damaged: run the study again") from error
        rows = np.flatnonzero(np.logical_and.reduce([equal(table[name], value) for name, value in wanted.items()]))
        return {name: values(table[name])[rows] for name in columns}

    def predict(self, model: str, inputs: Inputs, rows: Ints) -> Floats:
        """(k,) forecasts of the run's model, the mean over its seeds; the combination's from all valid models.

        inputs: as `panel` makes them, of one symbol; rows (k,): positions in them. In the target's unit: log return
        over the study's horizon, or variance.
        """
        from beatnaive.models.spec import COMBINATION

        names = [model]
        if self.study.models[model].kind == COMBINATION:
            invalid = {name for name, one in self.verdict["models"].items() if one["ruling"] == "invalid"}
            names = [name for name in self.study.models if name != model and name not in invalid]
        code = int(inputs.symbol[rows[0]])
        means = []
        for name in names:
            fitted = self.load(name, code)
            with as_written(shown(self.folder / "models" / name), "run the study again"), np.errstate(all="ignore"):
                means.append(np.mean([one.predict(inputs, rows).mean for one in fitted], axis=0))
                if means[-1].shape != rows.shape or (np.abs(means[-1]) > BEYOND).any():  # NaN is not
                    raise ValueError("no price moves as it forecasts")
        return np.asarray(np.mean(means, axis=0))

    def load(self, model: str, code: int) -> list[Fitted]:
        """The model as each seed fitted it in the last fold, from the group of symbols that holds `code`.

        Raises InputError for a file that is missing, changed, cut short, or not the run's own.
        """
        from beatnaive.backtest.units import SYMBOLS_PER_GROUP
        from beatnaive.models.spec import contestant

        # every file in there must be what run.json recorded: nothing else is ever loaded
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

        # models/<model>/<seed>/<group>: a model that pools symbols has group 0 only
        folders = sorted({self.folder / "/".join(name.split("/")[:4]) for name in recorded})
        group = str(code // SYMBOLS_PER_GROUP)
        chosen = [path for path in folders if path.name == group] or [path for path in folders if path.name == "0"]
        recipe = contestant(model, self.study.models[model])
        with as_written(shown(there), "run the study again"):
            return [recipe.load(path) for path in chosen]
