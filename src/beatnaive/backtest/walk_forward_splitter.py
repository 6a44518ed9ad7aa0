"""Walk-forward folds for scikit-learn, purged: no training label reaches beyond the first test origin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Ints


@dataclass
class PurgedWalkForward:
    """Train on what was known, test on what came after; a splitter for `cross_val_score` and the searches.

    Rows are origins in time order, and a label is known `horizon` dates later; a fold whose test starts at date t
    trains on the dates up to t - horizon. n_splits test blocks of `test_size` dates (default: an equal part) end at the
    last date; the window of training expands, or holds `window` dates. groups: the date of every row, where several
    rows share one (a panel); without groups every row is a date of its own.

    >>> for train, test in PurgedWalkForward(n_splits=2, horizon=2, test_size=2).split(np.zeros((8, 1))):
    ...     print(train.tolist(), test.tolist())
    [0, 1, 2] [4, 5]
    [0, 1, 2, 3, 4] [6, 7]
    """

    n_splits: int = 5
    horizon: int = 1
    test_size: int | None = None
    window: int | None = None

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[Ints, Ints]]:
        """(train, test) positions of rows, fold by fold in time. Raises InputError where there are too few dates, or
        rows whose dates do not ascend."""
        n = X.shape[0] if hasattr(X, "shape") else len(X)
        date = np.arange(n)
        if groups is not None:
            given = np.asarray(groups)
            if len(given) != n:
                raise InputError(f"groups has {len(given)} dates for {n} rows")
            date = np.unique(given, return_inverse=True)[1].reshape(-1)
        if n and (np.diff(date) < 0).any():
            raise InputError("the rows are not in time order: sort them by date first")
        dates = int(date.max()) + 1 if n else 0
        size = self.test_size or max(1, dates // (self.n_splits + 1))
        first = dates - self.n_splits * size
        if self.n_splits < 1 or self.horizon < 1 or first - self.horizon < 0:
            raise InputError(
                f"{dates} dates are too few for {self.n_splits} folds of {size} at horizon {self.horizon}: "
                "take fewer or shorter folds"
            )
        for start in range(first, dates, size):
            known = date <= start - self.horizon
            if self.window is not None:
                known &= date > start - self.horizon - self.window
            yield np.flatnonzero(known), np.flatnonzero((date >= start) & (date < start + size))

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """The number of folds."""
        return self.n_splits
