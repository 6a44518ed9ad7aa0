"""The rows of a table of losses: take some, split by symbol, average per session, join what was tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.arrays import by_code
from beatnaive.core.types import NO_SQUARES, Floats, Ints, Losses


@dataclass(frozen=True, kw_only=True)
class Trials:
    """What was tried before, and counts.

    earlier {run: its losses}: benchmarks and the models that count, each run in its own loss and horizon on its own
    rows; unjoined {what: why}: forecasts that cannot be resampled together with this run, each counted by Bonferroni;
    variants: a declared number of such; runs: the run folders; symbols: other symbols tried in the same folder;
    varied: in what the earlier runs differ from this one ("horizon", "loss", "start date", "benchmark");
    damaged: run folders that could not be read.
    """

    earlier: Mapping[str, Losses] = field(default_factory=dict)
    unjoined: Mapping[str, str] = field(default_factory=dict)
    variants: int = 0
    runs: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    varied: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


def take(losses: Losses, rows: NDArray[Any]) -> Losses:
    """The same losses on these rows only; rows are positions or a mask (n,)."""
    arrays = ("symbol", "session", "origin", "y", "close", "scale")
    cut = {name: getattr(losses, name)[rows] for name in arrays}
    return replace(
        losses,
        **cut,
        forecast={name: values[rows] for name, values in losses.forecast.items()},
        loss={name: values[rows] for name, values in losses.loss.items()},
        seed_loss={name: values[:, rows] for name, values in losses.seed_loss.items()},
        quantiles={name: values[rows] for name, values in losses.quantiles.items()},
        expanding=None if losses.expanding is None else losses.expanding[rows],
    )


def by_symbol(losses: Losses) -> Iterator[Losses]:
    """The losses of each symbol that has any rows, as those of a study of that symbol alone."""
    for code, rows in by_code(losses.symbol).items():
        yield of_symbol(losses, code, rows)


def of_symbol(losses: Losses, code: int, rows: Ints) -> Losses:
    """A symbol's own rows, as those of a study of that symbol alone."""
    return replace(take(losses, rows), symbol=np.zeros(len(rows), np.int32), symbols=(losses.symbols[code],))


def models_of(losses: Losses) -> tuple[str, ...]:
    """The names of the models that are not benchmarks."""
    return tuple(name for name in losses.loss if name not in losses.benchmarks)


def is_volatility(losses: Losses) -> bool:
    """Variances rather than returns: several benchmarks or QLIKE, no direction to call and no nested naive."""
    return len(losses.benchmarks) > 1 or losses.loss_name == "qlike"


def scale_of(losses: Losses) -> Floats:
    """(n,) what a row's loss is divided by to make symbols comparable.

    The symbol's training variance for squares, its root for losses in the unit of y, 1 for losses without a unit.
    """
    if losses.loss_name in ("scaled", "qlike"):
        return np.ones(len(losses))
    return np.sqrt(losses.scale) if losses.loss_name in NO_SQUARES else losses.scale


def outcome(losses: Losses, values: Floats) -> Floats:
    """Outcomes or forecasts (n, ...) as people read them: prices where a close is known, else in the unit of y."""
    if is_volatility(losses) or not np.isfinite(losses.close).all():
        return values
    return np.asarray(losses.close.reshape(-1, *[1] * (values.ndim - 1)) * np.exp(values))


def session_mean(codes: Ints, x: Floats) -> Floats:
    """(sessions, c) means over the rows of each session. codes (n,) number the sessions in time order; x (n, c).

    >>> session_mean(np.array([0, 0, 1]), np.array([[1.0], [3.0], [5.0]])).tolist()
    [[2.0], [5.0]]
    """
    count = np.bincount(codes)
    totals = [np.bincount(codes, weights=column) for column in x.T]
    return np.stack(totals, axis=1) / count[:, None] if totals else np.empty((len(count), 0))
