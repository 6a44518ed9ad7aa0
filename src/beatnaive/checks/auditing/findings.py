"""What an audit found: leaks, doubts, the experiments that ran, and what usually causes each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["feature", "estimator", "keras", "forecaster", "pipeline"]
KINDS: tuple[Kind, ...] = ("feature", "estimator", "keras", "forecaster", "pipeline")

CAUSES: Mapping[str, str] = {
    "truncate the future": "shift(-1), a centred window, a statistic of the whole sample (scaler, PCA, rank, filter), "
    "a later rescaling, or a value of a period (week, month) given to its first day",
    "perturb the future": "shift(-1), a centred window, bfill or interpolate, a statistic of the whole sample",
    "perturb the future, pipeline": "a shuffled split, a scaler or selection fitted before the split, early stopping "
    "on the test period, or training labels that reach into it (no purging)",
    "gaps": "bfill, interpolate, or a fill that waits for the next known value",
    "foresight": "the value is, or contains, the outcome it is to forecast",
    "shuffle the labels": "the outcome reaches the forecast by another way than learning",
    "pure noise": "the outcome reaches the forecast: nothing else can win on a random walk",
    "batch dependence": "predictions are scaled, ranked or smoothed over the rows asked for",
    "published": "the value is dated by the period it describes, not by the day it came out",
    "other dates": "data joined by date: macro series are dated by reference month and come out weeks later, "
    "and are revised",
    "seed": "an unseeded generator, or threads that sum in another order",
    "planted signal": "too few epochs or rows, or the model does not use the features it is given",
}


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What one experiment saw in one column or prediction: at which rows, by how much, and the usual cause.

    rows: the first five; count: how many; size: the largest change in units of the column's standard deviation, or
    the t value of a correlation; None where a value appears or vanishes.
    """

    test: str
    what: str
    rows: tuple[str, ...]
    count: int
    size: float | None
    words: str
    cause: str


Outcome: TypeAlias = Literal["clean", "leak", "doubt", "not possible"]


@dataclass(frozen=True)
class Experiment:
    """One experiment: how many runs it took, what it came to, and what it saw."""

    test: str
    runs: int
    outcome: Outcome
    words: str
    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True)
class AuditReport:
    """The verdict on one object: `leaks` look ahead, `doubts` may, `experiments` are all that was tried."""

    name: str
    kind: Kind
    experiments: tuple[Experiment, ...]

    @property
    def leaks(self) -> tuple[Sighting, ...]:
        """What certainly looks ahead."""
        return self._seen("leak")

    @property
    def doubts(self) -> tuple[Sighting, ...]:
        """What cannot be told by experiment, or weakens the audit."""
        return self._seen("doubt")

    def _seen(self, outcome: Outcome) -> tuple[Sighting, ...]:
        return tuple(one for each in self.experiments if each.outcome == outcome for one in each.sightings)

    @property
    def clean(self) -> bool:
        """No leak was found; a doubt does not count."""
        return not self.leaks

    @property
    def words(self) -> str:
        """One sentence for people."""
        runs = sum(one.runs for one in self.experiments)
        if self.leaks:
            tests = ", ".join(dict.fromkeys(leak.test for leak in self.leaks))
            return f"{self.name} looks ahead: caught by {tests}."
        doubts = f" Doubts: {len(self.doubts)}." if self.doubts else ""
        return f"No look-ahead found in {self.name}: {len(self.experiments)} experiments, {runs} runs.{doubts}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `beatnaive audit --json` prints it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "clean": self.clean,
            "words": self.words,
            "leaks": [asdict(one) for one in self.leaks],
            "doubts": [asdict(one) for one in self.doubts],
            "experiments": [
                {"test": one.test, "runs": one.runs, "outcome": one.outcome, "words": one.words}
                for one in self.experiments
            ],
        }


def sighting(test: str, what: str, rows: Sequence[str], size: float | None, words: str, *, cause: str = "") -> Sighting:
    """A sighting with the usual cause of its test."""
    finite = None if size is None or not math.isfinite(size) else float(size)
    return Sighting(
        test=test,
        what=what,
        rows=tuple(rows[:5]),
        count=len(rows),
        size=finite,
        words=words,
        cause=CAUSES[cause or test],
    )


def experiment(test: str, runs: int, seen: Sequence[Sighting], clean: str, *, doubt: bool = False) -> Experiment:
    """An experiment's outcome: leak (or doubt) when it saw something, else `clean` in words."""
    if not seen:
        return Experiment(test, runs, "clean", clean)
    words = seen[0].words if len(seen) == 1 else f"{seen[0].words}; {len(seen) - 1} more like it"
    return Experiment(test, runs, "doubt" if doubt else "leak", words, tuple(seen))
