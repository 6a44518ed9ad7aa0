"""What an audit found: leaks, doubts, the experiments that ran, and what usually causes each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from beatnaive.checks.auditing.causes import OF_TEST, Advice
from beatnaive.core import notebook_html

Kind: TypeAlias = Literal[
    "feature", "estimator", "keras", "forecaster", "pipeline", "transformer", "strategy", "notebook"
]
KINDS: tuple[Kind, ...] = (
    "feature", "estimator", "keras", "forecaster", "pipeline", "transformer", "strategy", "notebook",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What one experiment saw in one column or prediction: at which rows, by how much, and the usual cause.

    rows: the first five; count: how many; size: the largest change in units of the column's standard deviation, or
    the t value of a correlation; None where a value appears or vanishes. possible: how many rows could have changed, of
    which `count` did; None where that does not apply. reach: sessions from the first row that changed to the change.
    last: the last session's value before the change, where it changed. repair: a line of code.
    """

    test: str
    what: str
    rows: tuple[str, ...]
    count: int
    size: float | None
    words: str
    cause: str
    repair: str
    possible: int | None = None
    reach: int | None = None
    last: LastSession | None = None


@dataclass(frozen=True, kw_only=True)
class LastSession:
    """The value of the last known session, which one would act on: as it is told later, and with another future.

    points: at how many of `of` cut points it changes.
    """

    session: str
    value: float | None
    otherwise: float | None
    points: int
    of: int


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
    """The verdict on one object: `leaks` look ahead, `doubts` may, `experiments` are all that was tried.

    reach: a leak on fewer rows than this could have passed (5 % of them would); None where cut points do not apply.
    warm_up: per column, the rows from the first one until a value no longer depends on where the data starts; None =
    it always does.
    """

    name: str
    kind: Kind
    experiments: tuple[Experiment, ...]
    reach: int | None = None
    warm_up: Mapping[str, int | None] = field(default_factory=dict)

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
        missed = ""
        if self.reach is not None:
            missed = f" A leak on fewer than {self.reach} rows could have passed."
            if self.reach <= 1:
                missed = " Every row was tried."
        return f"No look-ahead found in {self.name}: {len(self.experiments)} experiments, {runs} runs.{missed}{doubts}"

    def __repr__(self) -> str:
        return f"<AuditReport: {self.words}>"

    def _repr_html_(self) -> str:
        rows = [[one.test, one.outcome, str(one.runs)] for one in self.experiments]
        return notebook_html.page(f"Audit of {self.name}", ("experiment", "outcome", "runs"), rows, (self.words,))

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `beatnaive audit --json` prints it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "clean": self.clean,
            "words": self.words,
            "reach": self.reach,
            "warm_up": dict(self.warm_up),
            "leaks": [asdict(one) for one in self.leaks],
            "doubts": [asdict(one) for one in self.doubts],
            "experiments": [
                {"test": one.test, "runs": one.runs, "outcome": one.outcome, "words": one.words}
                for one in self.experiments
            ],
        }


def sighting(
    test: str, what: str, rows: Sequence[str], size: float | None, words: str, *, advice: Advice | None = None,
    **more: Any,
) -> Sighting:  # fmt: skip
    """A sighting with its cause and repair, those usual for its test where no other is given."""
    cause, repair = advice or OF_TEST[test]
    return Sighting(
        test=test, what=what, rows=tuple(rows[:5]), count=len(rows), size=finite(size), words=words, cause=cause,
        repair=repair, **more,
    )  # fmt: skip


def finite(value: float | None) -> float | None:
    """The number, None where it is none.

    >>> finite(float("nan")), finite(1.0)
    (None, 1.0)
    """
    return None if value is None or not math.isfinite(value) else float(value)


def experiment(test: str, runs: int, seen: Sequence[Sighting], clean: str, *, doubt: bool = False) -> Experiment:
    """An experiment's outcome: leak (or doubt) when it saw something, else `clean` in words."""
    if not seen:
        return Experiment(test, runs, "clean", clean)
    words = seen[0].words if len(seen) == 1 else f"{seen[0].words}; {len(seen) - 1} more like it"
    return Experiment(test, runs, "doubt" if doubt else "leak", words, tuple(seen))


def refuse(report: AuditReport, *, strict: bool = False) -> None:
    """Raise AssertionError where a leak was found; strict: for a doubt, too. The message says what was seen."""
    seen = [*report.leaks, *(report.doubts if strict else ())]
    if seen:
        lines = [f"{one.test}: {one.words}\n  usual cause: {one.cause}\n  repair: {one.repair}" for one in seen[:5]]
        raise AssertionError("\n".join((report.words, *lines)))
