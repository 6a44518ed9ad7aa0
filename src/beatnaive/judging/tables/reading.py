"""A table as it was read: every column's part settled, cells as numbers and dates, and in words how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.errors import InputError
from beatnaive.core.phrases import listing
from beatnaive.core.registry import resolve
from beatnaive.core.types import Floats, Instants, Ints
from beatnaive.judging.tables import files
from beatnaive.judging.tables.cells import dates, numbers
from beatnaive.judging.tables.roles import OPTION, SPELLINGS, Roles
from beatnaive.judging.tables.rows import LAYOUTS

if TYPE_CHECKING:
    import pandas as pd

LEVELS_OF_SAMPLES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)


@dataclass(frozen=True, eq=False, kw_only=True)
class Reading:
    """n rows as the table has them, in its order.

    ds (n,) the dates that were forecast; dated: whether they are dates, or numbers of periods; symbols, symbol (n,)
    codes; y, naive, close (n,) or None; cutoff (n,) the last date known to each forecast; start (n,) the first date
    that it is of; fold (n,) the number of the forecast; horizon (n,) rows ahead: each None where the table does not
    say. models {name: (n,)}: NaN = missing, infinite = beyond all measure; quantiles {model: {level: (n,)}}; said: how
    it was read.
    """

    ds: Instants
    dated: bool
    symbols: tuple[str, ...]
    symbol: NDArray[np.int32]
    y: Floats | None
    naive: Floats | None
    close: Floats | None
    cutoff: Instants | None
    start: Instants | None
    fold: Ints | None
    horizon: Ints | None
    models: Mapping[str, Floats]
    quantiles: Mapping[str, Mapping[float, Floats]]
    said: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ds)


def read(
    table: pd.DataFrame | str | Path, *, columns: Mapping[str, str] | str | None = None, dates: str | None = None,
    drop: tuple[str, ...] = (),
) -> Reading:  # fmt: skip
    """A DataFrame or a file, in any layout of `LAYOUTS`.

    columns: {part: column} or "part=column,part=column", what settles or renames parts; dates:
    "DMY" or "MDY"; drop: models to leave out.
    Raises InputError, one line, for what cannot be read without guessing.

    >>> import pandas as pd
    >>> read(pd.DataFrame({"Date": ["2024-01-02"], "Actual": ["1,5"], "Predicted": ["1,25"]})).said[0]
    'read as ds = Date, y = Actual; model Predicted'
    """
    said: tuple[str, ...] = ()
    if isinstance(table, str | Path):
        table, said = files.read(Path(table))
    frame = flat(table)
    if len(frame) == 0:
        raise InputError("the table has no rows")
    frame = renamed(frame, pairs(columns) if isinstance(columns, str) else columns or {})
    names = [str(name) for name in frame.columns]
    roles: Roles = next(found for row in LAYOUTS.values() if (found := resolve(row)(names)) is not None)
    return taken(frame, roles, dates, drop, said)


def flat(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its index as columns, where that says something; names as text. Raises InputError for twins."""
    import pandas as pd

    frame = table
    if frame.columns.nlevels > 1:
        raise InputError("the columns have several levels: give one level, a column per model", option=OPTION)
    index = frame.index
    if isinstance(index, pd.MultiIndex):
        plain = [name if name is not None else "fold" if k == 0 else None for k, name in enumerate(index.names)]
        frame = frame.rename_axis(plain).reset_index()
    elif index.name is not None or isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
        frame = frame.reset_index()
    frame = frame.rename(columns={name: str(name) for name in frame.columns if not isinstance(name, str)})
    if "Unnamed: 0" in frame:  # an index without a name, as CSV keeps it: dates, numbers of forecasts, or of rows
        first = frame["Unnamed: 0"]
        if not pd.api.types.is_numeric_dtype(first) and not {*SPELLINGS["ds"]} & {*map(str.lower, frame.columns)}:
            frame = frame.rename(columns={"Unnamed: 0": "index"})
        elif pd.api.types.is_integer_dtype(first) and first.is_monotonic_increasing and not first.is_unique:
            frame = frame.rename(columns={"Unnamed: 0": "fold"})
    if (twice := frame.columns[frame.columns.duplicated()].tolist())[:1]:
        raise InputError(f"several columns are named {twice[0]!r}: rename or remove one", option=OPTION)
    return frame


def pairs(text: str) -> dict[str, str]:
    """{part: column} of "part=column,part=column". Raises InputError for anything else.

    >>> pairs("y=actual, ds=date")
    {'y': 'actual', 'ds': 'date'}
    """
    found = {}
    for one in text.split(","):
        part, equals, column = one.partition("=")
        if not equals or not part.strip() or not column.strip():
            raise InputError(f'columns="{text[:80]}": write PART=COLUMN, such as y=actual,ds=date', option=OPTION)
        found[part.strip()] = column.strip()
    return found


def renamed(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """The table with each named column under the name of its part. Raises InputError for a column it does not have."""
    for part, column in columns.items():
        if column not in frame.columns:
            have = ", ".join(map(str, frame.columns[:10]))[:120]
            raise InputError(f"columns: the table has no {column!r} to be {part}; it has {have}", option=OPTION)
    frame = frame.rename(columns={column: part for part, column in columns.items()})
    if (twice := frame.columns[frame.columns.duplicated()].tolist())[:1]:
        raise InputError(f"columns: {twice[0]!r} would be there twice: rename the other one", option=OPTION)
    return frame


def taken(
    frame: pd.DataFrame, roles: Roles, order: str | None, drop: tuple[str, ...], said: tuple[str, ...]
) -> Reading:
    """The table's columns by their parts. Raises InputError for cells that are no numbers or dates, and no model."""
    names = [str(name) for name in frame.columns]
    notes = list(said)

    def number(name: str | None) -> Floats | None:
        if name is None:
            return None
        values, how = numbers(frame[name], name)
        notes.extend([how] if how else [])
        return values

    def date(name: str | None) -> Instants | None:
        return None if name is None else dates(frame[name], name, order)[0]

    ds, how = dates(frame[roles.ds], roles.ds, order)
    notes.extend([how] if how else [])
    symbols, codes = symbols_of(frame, roles.symbol)
    stems = dict.fromkeys([*(model for model, _ in roles.quantiles.values()), *roles.samples.values()])
    points = [name for name in roles.models(names) if frame[name].dtype.kind != "M"]
    every = [*points, *(stem for stem in stems if stem not in points and stem != "naive")]
    if unknown := [name for name in drop if name not in every]:
        raise InputError(
            f"drop: {unknown[0]!r} is not a model here; models are {', '.join(every)[:120]}", option="drop"
        )
    quantiles: dict[str, dict[float, Floats]] = {stem: {} for stem in stems if stem not in drop}
    for name, (model, level) in roles.quantiles.items():
        if model in quantiles:
            values = number(name)
            if values is not None:
                quantiles[model][level] = values
    for model in set(roles.samples.values()) & quantiles.keys():
        own = [name for name, stem in roles.samples.items() if stem == model]
        drawn = np.quantile(frame[own].to_numpy(np.float64), LEVELS_OF_SAMPLES, axis=1)
        quantiles[model] |= dict(zip(LEVELS_OF_SAMPLES, drawn, strict=True))
    models = {name: values for name in points if name not in drop and (values := number(name)) is not None}
    for model, stated in quantiles.items():
        if model not in models and model != "naive" and (middle := median(stated)) is not None:
            models[model] = middle
    if not models:
        raise InputError("no model column: besides ds, y, symbol, naive and close every column is a model")
    horizon, fold = number(roles.horizon), None if roles.fold is None else coded(frame[roles.fold])
    return Reading(
        ds=ds, dated=how != "numbers", symbols=symbols, symbol=codes, y=number(roles.y), naive=number(roles.naive),
        close=number(roles.close), cutoff=date(roles.cutoff), start=date(roles.start), fold=fold,
        horizon=None if horizon is None else whole(horizon, roles.horizon or ""), models=models,
        quantiles={model: stated for model, stated in quantiles.items() if stated},
        said=(in_words(roles, models, quantiles, names), *dict.fromkeys(notes)),
    )  # fmt: skip


def median(stated: Mapping[float, Floats]) -> Floats | None:
    """The point of a model that states quantiles alone: their median, or the middle of the innermost two."""
    if 0.5 in stated:
        return stated[0.5]
    low, high = (max((k for k in stated if k < 0.5), default=None), min((k for k in stated if k > 0.5), default=None))
    return None if low is None or high is None else (stated[low] + stated[high]) / 2


def symbols_of(frame: pd.DataFrame, name: str | None) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """The names of the series, sorted, and each row's code; none where the table has no such column."""
    if name is None:
        return (), np.zeros(len(frame), np.int32)
    if missing := int(frame[name].isna().sum()):
        raise InputError(f"{name} is missing in {missing} rows: fill it or remove the rows")
    try:
        found, codes = np.unique(frame[name].to_numpy(str), return_inverse=True)
    except ValueError as error:
        raise InputError(f"{name} does not hold text: write a name in every row", option=OPTION) from error
    return tuple(str(one) for one in found), codes.astype(np.int32)


def coded(column: pd.Series[Any]) -> Ints:
    """Equal cells as equal numbers. Raises InputError for cells that cannot be compared."""
    import pandas as pd

    try:
        return pd.factorize(column)[0].astype(np.int64)
    except TypeError as error:
        raise InputError(f"{column.name} holds neither text nor numbers", option=OPTION) from error


def whole(values: Floats, name: str) -> Ints:
    """A column of horizons. Raises InputError unless every row counts rows ahead, 1 or more."""
    if not (np.isfinite(values) & (values == np.round(values)) & (values >= 1)).all():
        raise InputError(f"{name} is not a whole number from 1 on in every row: it counts rows ahead", option=OPTION)
    return values.astype(np.int64)


def in_words(roles: Roles, models: Mapping[str, Any], quantiles: Mapping[str, Any], names: Sequence[str]) -> str:
    """One line: which columns were taken for what."""
    parts = ("ds", "y", "symbol", "cutoff", "start", "fold", "horizon", "naive", "close")
    told = [(part, getattr(roles, part)) for part in parts if getattr(roles, part) is not None]
    pairs = ", ".join(name if part == name else f"{part} = {name}" for part, name in told)
    layout = f"as {roles.layout} table: {pairs}" if roles.layout else f"as {pairs}"
    made = list(models)
    shown = listing(made) if len(made) <= 4 else f"{', '.join(made[:3])} and {len(made) - 3} more"
    text = f"read {layout}; model{'s' if len(made) > 1 else ''} {shown}"
    if stated := [name for name in quantiles if quantiles[name]]:
        text += f"; quantiles of {listing(stated[:3])}{' and others' if len(stated) > 3 else ''}"
    left_out = [name for name in names if name in roles.ignored or name in set(roles.models(names)) - set(models)]
    return text + (f"; left out: {', '.join(left_out[:4])}" if left_out else "")
