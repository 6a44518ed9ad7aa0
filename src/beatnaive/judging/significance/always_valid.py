"""The always-valid ruling: models against naive, row after row, with words that hold on any day one looks.

For one-step forecasts there is one process per model; for horizon h there are h of them that take turns, since the
outcomes of neighbouring rows overlap. Models are tested together (`closed`), each direction at 5 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from beatnaive.core.types import Bools, Floats
from beatnaive.judging.significance.coverage_process import COVERAGES, Coverage
from beatnaive.judging.significance.e_process import DECIDES, LEARNING, Bets, closed, interleaved, reached

SIDES = ("better", "worse")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One session's outcome for k models: what their forecasts and naive's came to.

    d (k,): naive's loss less the model's, mean over the symbols of the session, in units of the variance expected;
    inside (k, 3): share of outcomes inside each interval. NaN = the model has no forecast of this session.
    """

    session: str
    d: Floats
    inside: Floats


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """What the bets say of one model, today.

    ruling: "better", "worse", "was better", "was worse" or "cannot tell"; odds and odds_worse: of today, all models
    tested together; peak and peak_worse: the largest so far; since: by side, the session that decided and the last one
    on which it still held; rows: bet on or learnt from; mean: of d; clipped: share of rows; limit: the c of the next
    row (the first of h processes); drifted: coverage, odds and "too few" or "too many" where an interval is off.
    """

    model: str
    ruling: str
    rows: int
    mean: float | None
    odds: float
    peak: float
    odds_worse: float
    peak_worse: float
    since: Mapping[str, tuple[str, str]]
    clipped: float
    limit: float | None
    coverage_odds: float
    drifted: tuple[tuple[float, float, str], ...] = ()


class Standing:
    """The state of a contest: bets of k models in h processes. It is all there is to keep between two days."""

    def __init__(self, models: Sequence[str], horizon: int = 1) -> None:
        self.models, self.horizon, self.rows = tuple(models), horizon, 0
        k = len(self.models)
        self.bets = [Bets.none(k) for _ in range(horizon)]
        self.coverage = [Coverage.none(k) for _ in range(horizon)]
        # per process: the largest log E so far, of all models tested together, per side; of coverage
        self.peaks = np.zeros((horizon, len(SIDES), k))
        self.coverage_peaks = np.zeros((horizon, k))
        self.total = np.zeros(k)
        self.since: list[dict[str, list[str]]] = [{} for _ in range(k)]

    def add(self, row: Row) -> None:
        """One more session, in the order of sessions; beyond horizon one the processes take turns."""
        turn = self.rows % self.horizon
        self.rows += 1
        self.bets[turn] = self.bets[turn].after(row.d)
        self.coverage[turn] = self.coverage[turn].after(row.inside)
        self.total = self.total + np.nan_to_num(row.d)
        self.peaks[turn] = np.maximum(self.peaks[turn], self._closed(turn))
        self.coverage_peaks[turn] = np.maximum(self.coverage_peaks[turn], self._of_coverage(turn))
        for side, holds in zip(SIDES, self._holding(), strict=True):
            for k in np.flatnonzero(holds):
                self.since[k].setdefault(side, [row.session, row.session])[1] = row.session

    def _closed(self, turn: int) -> Floats:
        """(2, k) log E of each side, all models together."""
        bets = self.bets[turn]
        return np.stack([closed(bets.better), closed(bets.worse)])

    def _of_coverage(self, turn: int) -> Floats:
        """(k,) log E of a model's intervals: the mean over coverages."""
        return np.asarray(np.logaddexp.reduce(self.coverage[turn].log_e, axis=-1) - np.log(len(COVERAGES)))

    def _now(self) -> Floats:
        """(2, k) log odds of today."""
        return interleaved(np.stack([self._closed(turn) for turn in range(self.horizon)]))

    def _holding(self) -> Bools:
        """(2, k) whether the odds of today decide."""
        return reached(self._now(), np.stack([self.total, -self.total]))

    def log_odds(self) -> dict[str, tuple[float, float]]:
        """Of today, by model: natural logarithms of the odds of being better, and of being worse."""
        now = np.round(self._now(), 6) + 0.0
        return {model: (float(now[0, k]), float(now[1, k])) for k, model in enumerate(self.models)}

    def ruled(self) -> list[Ruled]:
        """Today's ruling of each model, in the order of the models."""
        now, holding = self._now(), self._holding()
        peaks = interleaved(self.peaks)
        drift_now = interleaved(np.stack([self._of_coverage(turn) for turn in range(self.horizon)]))
        drift_peak = interleaved(self.coverage_peaks)
        count = np.sum([one.count for one in self.bets], axis=0)
        clipped = np.sum([one.clipped for one in self.bets], axis=0)
        limit = self.bets[self.rows % self.horizon].limit
        found = []
        for k, model in enumerate(self.models):
            was = [f"was {side}" for side in SIDES if side in self.since[k]]
            ruling = next((side for s, side in enumerate(SIDES) if holding[s, k]), was[-1] if was else "cannot tell")
            odds = np.exp(np.stack([now[:, k], peaks[:, k]]))
            found.append(
                Ruled(
                    model=model, ruling=ruling, rows=int(count[k]),
                    mean=float(self.total[k] / count[k]) if count[k] else None,
                    odds=float(odds[0, 0]), peak=float(odds[1, 0]),
                    odds_worse=float(odds[0, 1]), peak_worse=float(odds[1, 1]),
                    since={side: (first, last) for side, (first, last) in self.since[k].items()},
                    clipped=float(clipped[k] / count[k]) if count[k] else 0.0,
                    limit=float(limit[k]) if np.isfinite(limit[k]) else None,
                    coverage_odds=float(np.exp(drift_now[k])),
                    drifted=self._drifted(k) if drift_peak[k] >= np.log(DECIDES) else (),
                )
            )  # fmt: skip
        return found

    def _drifted(self, k: int) -> tuple[tuple[float, float, str], ...]:
        """The coverages of a model that carry the evidence: a third of what the strongest has, or more."""
        log_e = np.max([one.log_e[k] for one in self.coverage], axis=0)
        side = self.coverage[int(np.argmax([one.log_e[k].max() for one in self.coverage]))].direction[k]
        return tuple(
            (coverage, float(np.exp(min(own, 600.0))), "too few" if toward < 0 else "too many")
            for coverage, own, toward in zip(COVERAGES, log_e, side, strict=True)
            if own >= max(log_e.max() - np.log(3), 0.0)
        )

    def joined_by(self, models: Sequence[str]) -> None:
        """Room for models that the contest did not have before: their bets start at 1."""
        new = [name for name in models if name not in self.models]
        if not new:
            return
        wider = Standing([*self.models, *new], self.horizon)
        k = len(self.models)
        for turn in range(self.horizon):
            for one, other in ((self.bets, wider.bets), (self.coverage, wider.coverage)):
                for each in fields(one[turn]):
                    getattr(other[turn], each.name)[:k] = getattr(one[turn], each.name)
        wider.peaks[:, :, :k], wider.coverage_peaks[:, :k] = self.peaks, self.coverage_peaks
        wider.total[:k], wider.since[:k], wider.rows = self.total, self.since, self.rows
        self.__dict__.update(wider.__dict__)

    def to_json(self) -> dict[str, Any]:
        """All of it as plain data; `from_json` gives it back to the bit."""
        return {
            "models": list(self.models), "horizon": self.horizon, "rows": self.rows,
            "bets": [{one.name: getattr(bets, one.name).tolist() for one in fields(bets)} for bets in self.bets],
            "coverage": [{one.name: getattr(c, one.name).tolist() for one in fields(c)} for c in self.coverage],
            "peaks": self.peaks.tolist(), "coverage_peaks": self.coverage_peaks.tolist(),
            "total": self.total.tolist(), "since": self.since,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Standing:
        """The state that `to_json` wrote."""
        one = cls(data["models"], data["horizon"])
        one.rows = data["rows"]
        one.bets = [Bets(**{name: np.array(value) for name, value in bets.items()}) for bets in data["bets"]]
        one.coverage = [Coverage(**{name: np.array(value) for name, value in c.items()}) for c in data["coverage"]]
        one.peaks, one.coverage_peaks = np.array(data["peaks"]), np.array(data["coverage_peaks"])
        one.total, one.since = np.array(data["total"]), [dict(each) for each in data["since"]]
        return one


def words(ruled: Ruled, horizon: int = 1) -> str:
    """One model's ruling in a sentence.

    >>> standing = Standing(["linear"])
    >>> for k in range(40):
    ...     standing.add(Row(session=f"2024-02-{k:02}", d=np.array([1.0]), inside=np.full((1, 3), np.nan)))
    >>> print(words(standing.ruled()[0]))
    linear: cannot tell; odds of 3.4 to 1 against luck, 20 decides.
    """
    name, since = ruled.model, ruled.since
    if ruled.rows <= LEARNING * horizon:
        return f"{name}: cannot tell yet; the first {LEARNING * horizon} outcomes set the size of the bets."
    said = []
    for side, odds in zip(SIDES, (ruled.odds, ruled.odds_worse), strict=True):
        if ruled.ruling == side:
            said.append(f"{side} than naive since {since[side][0]}; odds of {told(odds)} to 1 against luck")
        elif side in since:
            said.append(f"was {side} than naive at some time ({since[side][0]}); since {since[side][1]} it is not")
    if not said:
        side, odds = max((("", ruled.odds), (" of being worse", ruled.odds_worse)), key=lambda one: one[1])
        said.append(f"cannot tell; odds{side} of {told(odds)} to 1 against luck, {DECIDES:g} decides")
    return f"{name}: {'; '.join(said)}."


def told(odds: float) -> str:
    """Odds as people say them.

    >>> told(14.2), told(0.03), told(5e7), told(1234.5)
    ('14', '0.03', 'over a million', '1,234')
    """
    if odds > 1e6:
        return "over a million"
    return f"{odds:,.0f}" if odds >= 10 else f"{odds:.1f}" if odds >= 1 else f"{odds:.2f}"
