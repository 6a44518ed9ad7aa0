"""What checks and audit share: how two answers are compared, and how a broken contract is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beatnaive.core.errors import BeatNaiveError
from beatnaive.core.types import Bools, Floats


class ContractBroken(BeatNaiveError):
    """A feature set, model or source does not keep what its kind promises."""

    exit_code = 1


@dataclass(frozen=True, eq=False)
class Difference:
    """Where and by how much an answer changed: changed (n, p); size (p,) largest change in units of the spread."""

    changed: Bools
    size: Floats

    def __bool__(self) -> bool:
        return bool(self.changed.any())


def difference(before: Floats, after: Floats, *, tolerance: float | Floats, spread: Floats | None = None) -> Difference:
    """Compare two (n, p) tables column by column.

    A cell changed when it is NaN in one table only, or differs by more than tolerance (one, or (p,)) x spread of its
    column (its standard deviation, else its largest absolute value, else 1). Returns changed (n, p) and size (p,).

    >>> found = difference(np.array([[1.0], [2.0]]), np.array([[1.0], [2.5]]), tolerance=1e-9)
    >>> found.changed.ravel().tolist(), found.size.tolist()
    ([False, True], [1.0])
    """
    unit = spread_of(before) if spread is None else spread
    lost = np.isnan(before) != np.isnan(after)
    with np.errstate(invalid="ignore"):
        gap = np.where(before == after, 0.0, np.abs(before - after)) / unit
    gap = np.where(lost, np.inf, np.nan_to_num(gap, nan=0.0, posinf=np.inf))
    changed = gap > tolerance
    return Difference(changed, np.where(changed, gap, 0.0).max(axis=0, initial=0.0))


def spread_of(x: Floats) -> Floats:
    """(p,) standard deviation of each column's finite values; where that is 0, the largest absolute value, else 1."""
    finite = np.ma.masked_invalid(np.asarray(x, dtype=np.float64))
    deviation = np.ma.filled(finite.std(axis=0), 0.0)
    largest = np.ma.filled(np.abs(finite).max(axis=0), 0.0) if len(finite) else np.zeros(finite.shape[1])
    return np.asarray(np.where(deviation > 1e-12 * largest, deviation, np.where(largest > 0, largest, 1.0)))


def refuse(found: Difference, what: str, columns: Sequence[str], mend: str) -> None:
    """Raise ContractBroken naming the worst column when anything changed."""
    if not found:
        return
    worst = int(np.argmax(found.size))
    rows = int(found.changed[:, worst].sum())
    size = found.size[worst]
    by = "a value appears or vanishes" if np.isinf(size) else f"by up to {size:.2g} of its spread"
    raise ContractBroken(f"{what}: column {columns[worst]!r} changes at {rows} row(s), {by}: {mend}")
