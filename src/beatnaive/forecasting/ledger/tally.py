"""The sums of a contest: the bets on its sessions, and per model what its scored forecasts came to, beside naive's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from beatnaive.core.errors import DataRefused
from beatnaive.core.types import Floats
from beatnaive.judging.quantile_scores import crps
from beatnaive.judging.significance.always_valid import Row, Standing

SUMS = ("n", "squared", "naive_squared", "absolute", "naive_absolute", "crps", "naive_crps", "in50", "in80", "in95")
MOST = 10_000
"""Sessions ahead, and models of a contest."""
PLACES = ((4, 6), (3, 7), (1, 9))
"""Where a forecast of mean and nine quantiles has the bounds of `COVERAGES`."""


class Tally:
    """A contest's bets (`Standing`) and sums; naive is the first of `models` and is not bet on."""

    def __init__(self, models: Sequence[str], horizon: int) -> None:
        if not 1 <= horizon <= MOST or len(models) > MOST:
            raise ValueError(f"{len(models)} models, {horizon} sessions ahead")
        self.models = tuple(models)
        self.standing = Standing([name for name in models if name != "naive"], horizon)
        self.sums = np.zeros((len(self.models), len(SUMS)))
        self.last = ""
        self.sessions = 0

    def joined_by(self, models: Sequence[str]) -> None:
        """Room for models that the contest did not have before."""
        new = [name for name in models if name not in self.models]
        if new:
            self.models = (*self.models, *new)
            self.sums = np.vstack([self.sums, np.zeros((len(new), len(SUMS)))])
            self.standing.joined_by([name for name in self.models if name != "naive"])

    def bet(self, session: str, models: Sequence[str], y: Floats, variance: Floats, made: Floats) -> None:
        """One session more, later than all before.

        y (n,) log returns that came; variance (n,) expected; made (n, models, 1 + levels), NaN = no forecast.
        """
        self.count(models, y, variance, made)
        base = y - made[:, list(models).index("naive"), 0]
        d, inside = np.full(len(self.standing.models), np.nan), np.full((len(self.standing.models), 3), np.nan)
        for k, name in enumerate(self.standing.models):
            if name not in models:
                continue
            own = made[:, models.index(name)]
            there = np.isfinite(own[:, 0]) & (variance > 0)
            if there.any():
                gain = base[there] ** 2 - (y[there] - own[there, 0]) ** 2
                d[k] = (gain / variance[there]).mean()
                inside[k] = _inside(y[there], own[there]).mean(axis=0)
        self.standing.add(Row(session=session, d=d, inside=inside))
        self.last, self.sessions = session, self.sessions + 1

    def count(self, models: Sequence[str], y: Floats, variance: Floats, made: Floats) -> None:
        """The same calls into the sums alone."""
        naive = made[:, list(models).index("naive")]
        for m, name in enumerate(models):
            there = np.isfinite(made[:, m, 0])
            if not there.any():
                continue
            own, base, came = made[there, m], naive[there], y[there]
            held = _inside(came, own).sum(axis=0)
            error, base_error = came - own[:, 0], came - base[:, 0]
            self.sums[self.models.index(name)] += [
                len(came), (error**2).sum(), (base_error**2).sum(), np.abs(error).sum(), np.abs(base_error).sum(),
                crps(came, own[:, 1:]).sum(), crps(came, base[:, 1:]).sum(), *held,
            ]  # fmt: skip

    def to_text(self) -> str:
        """All of it as JSON."""
        return json.dumps(
            {
                "models": self.models, "standing": self.standing.to_json(), "sums": self.sums.tolist(),
                "last": self.last, "sessions": self.sessions,
            }
        )  # fmt: skip

    @classmethod
    def from_text(cls, text: str) -> Tally:
        """What `to_text` wrote. Raises DataRefused for anything else."""
        try:
            data: Mapping[str, Any] = json.loads(text)
            one = cls(data["models"], data["standing"]["horizon"])
            one.standing = Standing.from_json(data["standing"])
            one.sums, one.last, one.sessions = np.array(data["sums"], dtype=float), data["last"], data["sessions"]
            plain = (
                type(one.sessions) is int and isinstance(one.last, str) and all(isinstance(x, str) for x in one.models)
            )
            if not plain or one.sums.shape != (len(one.models), len(SUMS)) or one.standing.horizon < 1:
                raise ValueError("not what to_text writes")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DataRefused("the kept scores are damaged: beatnaive ledger verify says what else is") from error
        return one


def _inside(y: Floats, made: Floats) -> Floats:
    """(n, 3) whether the intervals of `COVERAGES` held the outcomes."""
    return np.stack([(made[:, low] <= y) & (y <= made[:, high]) for low, high in PLACES], axis=1).astype(float)
