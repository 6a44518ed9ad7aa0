"""Histogram gradient boosting, pooled over symbols, saved as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from beatnaive.core.containers import read_npz
from beatnaive.core.limits import Count, NotNegative, Positive, Sessions
from beatnaive.core.types import Bools, Fit, Floats, Forecast, Inputs, Ints, Samples
from beatnaive.models.base import Recipe, read_json, require_rows, write_json
from beatnaive.models.tabular import SymbolScaling

TREE_FIELDS = ("feature_idx", "num_threshold", "missing_go_to_left", "left", "right", "is_leaf", "value")


@dataclass(frozen=True)
class Boosting(Recipe):
    """A sum of small regression trees, each fitted to what the ones before left over (Friedman 2001).

    Columns are standardised per symbol, labels are in units of the symbol's training deviation: one model serves a
    whole panel (per_symbol = true fits one each). Defaults are those of a signal that explains less than a
    hundredth of the variance: few (trees), slow (learning_rate), shallow (leaves: two levels), and no leaf below
    min_samples rows. Gu, Kelly and Xiu 2020 find trees of one or two levels the best for returns. scikit-learn's
    early stopping is off: it would hold out random rows, not the latest.
    """

    columns: tuple[str, ...] | None = None
    trees: Count = 50
    learning_rate: Positive = 0.05
    leaves: Sessions = 4
    min_samples: Sessions = 200
    l2: NotNegative = 1.0
    per_symbol: ClassVar[bool] = False
    copies: ClassVar[float] = 1.3  # the columns, in bytes once more, and a handful of numbers a row
    reference: ClassVar[str] = (
        "Friedman 2001, doi:10.1214/aos/1013203451; Gu, Kelly and Xiu 2020, doi:10.1093/rfs/hhaa009"
    )

    def fit(self, train: Samples, rng: np.random.Generator) -> BoostingFitted:
        """scikit-learn grows the trees; their nodes are all that is kept."""
        from sklearn.ensemble import HistGradientBoostingRegressor
        from threadpoolctl import threadpool_limits

        require_rows(train, 2, "boosting")
        scaling = SymbolScaling.of(train, self.columns)
        x = scaling(train.inputs, train.rows, self.columns, order="F")  # binning reads column by column
        grower = HistGradientBoostingRegressor(
            max_iter=self.trees, learning_rate=self.learning_rate, max_leaf_nodes=self.leaves,
            min_samples_leaf=self.min_samples, l2_regularization=self.l2, early_stopping=False,
            random_state=int(rng.integers(2**31)),
        )  # fmt: skip
        with threadpool_limits(1):  # sums then run in one order on any machine
            grower.fit(x, train.y / scaling.unit[train.inputs.symbol[train.rows]])
        return BoostingFitted(self.columns, scaling, Trees.of(grower), len(train))

    def load(self, folder: Path) -> BoostingFitted:
        """The inverse of `BoostingFitted.save`."""
        data = read_json(folder)
        columns = None if data["columns"] is None else tuple(data["columns"])
        arrays = read_npz(folder / "trees.npz")
        return BoostingFitted(columns, SymbolScaling.from_arrays(arrays), Trees.from_arrays(arrays), data["windows"])


@dataclass(frozen=True, eq=False)
class Trees:
    """Regression trees as flat arrays. nodes: field -> (all nodes,), children numbered within all nodes;
    roots (trees,) first nodes; base the forecast before any tree."""

    nodes: dict[str, Any]
    roots: Ints
    base: float

    @classmethod
    def of(cls, grower: Any) -> Trees:
        """The nodes of a fitted HistGradientBoostingRegressor without categorical columns."""
        grown = [stage[0].nodes for stage in grower._predictors]
        roots = np.cumsum([0, *(len(tree) for tree in grown[:-1])]).astype(np.int64)
        nodes = {name: np.concatenate([tree[name] for tree in grown]) for name in TREE_FIELDS}
        first = np.repeat(roots, [len(tree) for tree in grown])
        for side in ("left", "right"):
            nodes[side] = nodes[side].astype(np.int64) + first
        return cls(nodes, roots, float(np.ravel(grower._baseline_prediction)[0]))

    def __call__(self, x: Floats) -> Floats:
        """(k,) sum of the trees' values at rows x (k, p); a missing value goes where training sent missing ones."""
        total = np.full(len(x), self.base)
        for root in self.roots:
            total += self.nodes["value"][self._leaf(x, root)]
        return total

    def _leaf(self, x: Floats, root: int) -> Ints:
        rows, node = np.arange(len(x)), np.full(len(x), root)
        while (inner := self.nodes["is_leaf"][node] == 0).any():
            value = x[rows, self.nodes["feature_idx"][node]]
            left: Bools = value <= self.nodes["num_threshold"][node]
            left |= np.isnan(value) & (self.nodes["missing_go_to_left"][node] == 1)
            node = np.where(inner, np.where(left, self.nodes["left"][node], self.nodes["right"][node]), node)
        return node

    @property
    def parameters(self) -> int:
        """A value per leaf, a column and a threshold per split."""
        leaves = int(self.nodes["is_leaf"].sum())
        return leaves + 2 * (len(self.nodes["is_leaf"]) - leaves)

    def arrays(self) -> dict[str, Any]:
        """For an .npz file."""
        return {**self.nodes, "roots": self.roots, "base": np.array(self.base)}

    @classmethod
    def from_arrays(cls, data: Any) -> Trees:
        """The inverse of `arrays`. Raises ValueError for nodes that do not lead on to a leaf."""
        nodes, n = {name: data[name] for name in TREE_FIELDS}, len(data["is_leaf"])
        inner = np.flatnonzero(nodes["is_leaf"] == 0)
        if any((nodes[side][inner] <= inner).any() or (nodes[side][inner] >= n).any() for side in ("left", "right")):
            raise ValueError("its trees have no end")
        return cls(nodes, data["roots"], float(data["base"]))


@dataclass(frozen=True, eq=False)
class BoostingFitted:
    """Trees on columns standardised per symbol."""

    columns: tuple[str, ...] | None
    scaling: SymbolScaling
    trees: Trees
    windows: int

    @property
    def facts(self) -> Fit:
        """Parameters of all trees."""
        return Fit(parameters=self.trees.parameters, windows=self.windows)

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """The trees' sum, back in the symbol's own unit."""
        z = self.trees(self.scaling(inputs, rows, self.columns))
        return Forecast(z * self.scaling.unit[inputs.symbol[rows]])

    def save(self, folder: Path) -> None:
        """Arrays in .npz (no pickle), the rest in JSON."""
        write_json(folder, {"columns": self.columns, "windows": self.windows})
        np.savez(folder / "trees.npz", allow_pickle=False, **self.scaling.arrays(), **self.trees.arrays())
