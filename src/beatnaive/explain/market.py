"""A market that a small LSTM forecasts, run live: synthetic returns whose rule is a sign to be remembered for weeks.

The process is `memory` of `beatnaive.prices.synthetic`; the network is one of the study `lstm_wins`, on a series that
it has never seen. Weights and what many worlds found are those of benchmarks/lstm_wins.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from beatnaive.core.types import CLOSE, Floats, Ints
from beatnaive.explain.adding_task import Learner
from beatnaive.explain.cell import Cell, Recording
from beatnaive.explain.committed import committed
from beatnaive.prices.source import Source, Synthetic
from beatnaive.prices.synthetic import LARGE, read, scales, truth

STEPS = 60


def known() -> dict[str, Any]:
    """The committed numbers: weights, and of each case its worlds, rulings and mean R2 in percent."""
    return committed("market")


@dataclass(frozen=True, eq=False)
class Market:
    """What the network does on windows of one series: windows (n, 60) of returns in deviations, the last one today's.

    following (n,) the return after each, expected (n,) what the rule itself expects of it; sign (n,) of the last shock
    before today, age (n,) sessions since then; all in deviations, from a series of `strength`.
    """

    learner: Learner
    windows: Floats
    following: Floats
    expected: Floats
    sign: Floats
    age: Ints
    large: float

    @cached_property
    def recording(self) -> Recording:
        """All gates on all windows."""
        return self.learner.cell.record(self.windows[:, :, None])

    @cached_property
    def r2(self) -> float:
        """1 - mean squared error / that of naive, which expects 0."""
        return self._r2(self.learner.say(self.windows[:, :, None]))

    @cached_property
    def ceiling(self) -> float:
        """The same of the rule itself."""
        return self._r2(self.expected)

    def _r2(self, said: Floats) -> float:
        return float(1 - np.mean((said - self.following) ** 2) / np.mean(self.following**2))

    @cached_property
    def unit(self) -> int:
        """The unit whose cell state goes most with the sign of the last shock."""
        return int(np.argmax([abs(self._with_sign(k)) for k in range(self.learner.cell.units)]))

    def held(self, youngest: int = 0, oldest: int = STEPS - 1) -> float:
        """Correlation of that unit's last cell state with the sign, where the shock is that many sessions old."""
        return self._with_sign(self.unit, (self.age >= youngest) & (self.age <= oldest))

    def by_age(self, width: int = 6, oldest: int = 48) -> list[dict[str, Any]]:
        """Middle and quartiles of that unit's cell state, and the middle of its forget gate, by the age of the shock.

        A row per sign and bin of ages; age 0 is the session of the shock itself, when it has just been read.
        """
        now = np.abs(self.windows[:, -1]) > self.large
        age, sign = np.where(now, 0, self.age), np.where(now, np.sign(self.windows[:, -1]), self.sign)
        place = np.where(age > oldest, -1, -(-age // width))
        cell, forget = (getattr(self.recording, name)[:, -1, self.unit] for name in ("cell", "forget"))
        found = []
        for bin_ in range(oldest // width + 1):
            for which, up in (("upward", 1), ("downward", -1)):
                rows = (place == bin_) & (sign == up)
                low, middle, high = np.quantile(cell[rows], (0.25, 0.5, 0.75))
                centre = max(0.0, bin_ * width - (width - 1) / 2)
                gate, n = float(np.median(forget[rows])), int(rows.sum())
                found.append(
                    {"age": centre, "shock": which, "n": n, "low": low, "cell": middle, "high": high, "forget": gate}
                )
        return found

    def _with_sign(self, unit: int, rows: Any = slice(None)) -> float:
        return float(np.corrcoef(self.recording.cell[rows, -1, unit], self.sign[rows])[0, 1])


def market(n: int = 4000, strength: float = 0.05, seed: int = 7) -> Market:
    """The network on the last `n` windows of a new series.

    >>> found = market(500)
    >>> found.windows.shape, abs(found.held()) > 0.5
    ((500, 60), True)
    """
    options = Synthetic("memory", n=n + 4 * STEPS, seed=seed, strength=strength)
    (prices,) = read(Source("synthetic", symbols=("NEW",), synthetic=options))
    returns = np.diff(np.log(prices.bars[:, CLOSE])) / options.volatility
    large = LARGE * scales(options)[1] / options.volatility
    rows = np.arange(len(returns) - 1 - n, len(returns) - 1)
    # the last shock before today: today's own is not remembered yet
    shock = np.abs(returns) > large
    last = np.maximum.accumulate(np.where(shock, np.arange(len(returns)), 0))[rows - 1]
    # single precision, as the network was trained, and half the memory
    weights: list[Any] = [np.array(part, np.float32) for part in known()["weights"]]
    windows: Any = np.lib.stride_tricks.sliding_window_view(returns.astype(np.float32), STEPS)[rows - STEPS + 1]
    return Market(
        Learner(Cell(*weights[:3]), weights[3][:, 0], float(weights[4][0])), windows=windows,
        following=returns[rows + 1], expected=truth(prices, options)[1:][rows] / options.volatility,
        sign=np.sign(returns[last]), age=rows - last, large=large,
    )  # fmt: skip
