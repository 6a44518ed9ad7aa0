"""Audit of whole pipelines, prices in, table of forecasts out: the only way to see how rows were split and selected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from beatnaive.checks.auditing.features import CYCLE, REFUSALS, foresight
from beatnaive.checks.auditing.findings import Experiment, experiment, sighting
from beatnaive.checks.auditing.learners import SKILL
from beatnaive.checks.base import Difference, difference, spread_of
from beatnaive.checks.markets import Future, index_frame, shuffled, walk_frame, with_future
from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats
from beatnaive.features.base import PUBLISHED_ON

if TYPE_CHECKING:
    import pandas as pd

Pipeline: TypeAlias = "Callable[[pd.DataFrame], pd.DataFrame]"
ROWS = 1000
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Answer:
    """A pipeline's forecasts: origin dates and predictions, by position in the prices it was given."""

    positions: Any
    prediction: Floats
    table: pd.DataFrame

    @classmethod
    def of(cls, pipeline: Pipeline, frame: pd.DataFrame) -> Answer:
        """Call the pipeline. Raises InputError when the answer is not a table of origin and prediction."""
        import pandas as pd

        table = pipeline(frame.copy(deep=True))
        name = getattr(pipeline, "__name__", "the pipeline")
        if not isinstance(table, pd.DataFrame) or not {"origin", "prediction"} <= set(table.columns):
            raise InputError(f"{name} must return a table with columns origin and prediction")
        positions = frame.index.get_indexer(pd.DatetimeIndex(pd.to_datetime(table["origin"])))
        if (positions < 0).any() or len(set(positions)) < len(positions) or not len(positions):
            raise InputError(f"{name}: origins must be distinct dates of the prices it was given, one row each")
        return cls(positions, table["prediction"].to_numpy(np.float64), table)

    def on(self, rows: int) -> Floats:
        """(rows,) predictions by position, NaN where there is none."""
        values = np.full(rows, np.nan)
        values[self.positions] = self.prediction
        return values


def audit_pipeline(pipeline: Pipeline, runs: int) -> tuple[Experiment, ...]:
    """All experiments on a pipeline; the number of times it runs is bounded by `runs`, at least 6."""
    frame = index_frame(ROWS)
    first, again = Answer.of(pipeline, frame), Answer.of(pipeline, frame)
    return (
        _published(first) if PUBLISHED_ON in first.table else _other_dates(pipeline, frame, first, again),
        _perturbed(pipeline, frame, first, again, most=max(runs, 6) - 5),
        _no_skill(pipeline, "shuffle the labels", shuffled(frame, seed=1)),
        _no_skill(pipeline, "pure noise", walk_frame(ROWS, seed=1)),
    )


def _perturbed(pipeline: Pipeline, frame: pd.DataFrame, first: Answer, again: Answer, *, most: int) -> Experiment:
    """The sessions after a point are others: forecasts made up to it must stay. The first forecasts come first: there
    a training label that reaches too far shows; each point leaves the number of sessions as it is, so that a split by
    share stays where it was."""
    test = "perturb the future"
    before = first.on(len(frame))[:, None]
    spread = spread_of(before)  # of all forecasts: up to the first points there are one or two
    noise = float(_between(first, again, frame).size[0])
    allowed = _allowed(noise)
    changed, size, points = np.zeros(len(frame), bool), 0.0, _points(first, most)
    for known, future in points:
        other = Answer.of(pipeline, with_future(frame, known, future)).on(len(frame))[:, None]
        found = difference(before[:known], other[:known], tolerance=allowed, spread=spread)
        changed[:known] |= found.changed[:, 0]
        size = max(size, float(found.size[0]))
    days = [f"{day:%Y-%m-%d}" for day in frame.index[changed]]
    by = f"by up to {size:.2g} standard deviations" if np.isfinite(size) else "and some appear or vanish"
    words = f"{len(days)} of {len(first.positions)} forecasts change when sessions after their origin are others, {by}"
    if days:
        seen = [sighting(test, "prediction", days, size, words, cause="perturb the future, pipeline")]
        return experiment(test, len(points) + 2, seen, "")
    if noise:
        words = f"two equal runs differ by {noise:.2g} standard deviations: seed it, smaller leaks are hidden"
        seen = [sighting(test, "prediction", (), noise, words, cause="seed")]
        return experiment(test, len(points) + 2, seen, "", doubt=True)
    return experiment(test, len(points) + 2, [], f"no forecast changes at {len(points)} points")


def _points(answer: Answer, most: int) -> list[tuple[int, Future]]:
    """How many sessions stay, and which future follows: around the first origin, then over the whole span."""
    origins = np.sort(answer.positions)
    known = [int(origins[0]) + 1, int(origins[min(2, len(origins) - 1)]) + 1]
    known += [int(origins[int(share * (len(origins) - 1))]) + 1 for share in (0.5, 0.25, 0.75, 0.9, 0.1, 0.6, 0.4)]
    futures: tuple[Future, ...] = ("up", "down")
    points = [(known[0], "up"), *((each, futures[(k + 1) % 2]) for k, each in enumerate(known))]
    unique = dict.fromkeys((min(each, ROWS - 1), future) for each, future in points)
    return list(unique)[:most]


def _no_skill(pipeline: Pipeline, test: str, frame: pd.DataFrame) -> Experiment:
    """On a market that nobody can forecast, its forecasts must not be right."""
    answer = Answer.of(pipeline, frame)
    close = frame["Close"].to_numpy(np.float64)
    prediction = as_returns(answer.on(len(frame)), close)
    t, n = foresight(prediction, np.append(np.diff(np.log(close)), np.nan))
    what = "shuffled returns" if test == "shuffle the labels" else "a random walk"
    seen = []
    if t > SKILL:
        words = f"its forecasts of {what} are correlated with the next session's return, t = {t:.1f} over {n} rows"
        seen.append(sighting(test, "prediction", [f"{d:%Y-%m-%d}" for d in frame.index[answer.positions]], t, words))
    return experiment(test, 1, seen, f"its forecasts of {what} are not right (t = {t:.1f})")


def as_returns(prediction: Floats, close: Floats) -> Floats:
    """Predictions of the size of the close are prices and become log returns from it; others are returns already.

    >>> as_returns(np.array([101.0, 99.0]), np.array([100.0, 100.0])).round(3).tolist()
    [0.01, -0.01]
    """
    typical = float(np.nanmedian(np.abs(prediction) / close))
    if not 0.2 < typical < 5.0:
        return prediction
    return np.asarray(np.log(np.where(prediction > 0, prediction, np.nan) / close))


def _published(answer: Answer) -> Experiment:
    """The table states when its inputs came out: none may be later than its origin."""
    import pandas as pd

    origin, published = (pd.to_datetime(answer.table[name]) for name in ("origin", PUBLISHED_ON))
    late = published > origin
    days = [f"{day:%Y-%m-%d}" for day in origin[late]]
    gap = int((published - origin).max().days)
    words = f"{len(days)} forecasts use values published later, by up to {gap} days"
    seen = [sighting("published", "prediction", days, float(gap), words)] if days else []
    return experiment("published", 0, seen, "every forecast uses what was published by its origin")


def _other_dates(pipeline: Pipeline, frame: pd.DataFrame, first: Answer, again: Answer) -> Experiment:
    """The same prices 28 years later, where weekdays repeat: forecasts that change use data joined by date."""
    import pandas as pd

    test, moved = "other dates", frame.copy()
    moved.index = frame.index + pd.Timedelta(days=CYCLE)
    allowed = _allowed(float(_between(first, again, frame).size[0]))
    try:
        other = Answer.of(pipeline, moved)
    except REFUSALS as error:
        changed, how = len(first.positions), f"it fails ({type(error).__name__})"
    else:
        changed = int(_between(first, other, frame, tolerance=allowed).changed.sum())
        how = f"{changed} of {len(first.positions)} forecasts change"
    seen = []
    if changed > 0.2 * len(first.positions):
        days = [f"{day:%Y-%m-%d}" for day in frame.index[np.sort(first.positions)]]
        words = f"{how} when the same prices carry other dates: data is joined by date, and no column "
        words += f"'{PUBLISHED_ON}' says when it came out"
        seen = [sighting(test, "prediction", days, None, words)]
    return experiment(test, 1, seen, "no data is joined by date", doubt=True)


def _between(one: Answer, other: Answer, frame: pd.DataFrame, tolerance: float = TOLERANCE) -> Difference:
    """How far two answers about markets of the same length lie apart."""
    n = len(frame)
    return difference(one.on(n)[:, None], other.on(n)[:, None], tolerance=tolerance)


def _allowed(noise: float) -> float:
    """Changes below this tell nothing, given how far two equal runs lie apart."""
    return TOLERANCE + 10.0 * noise
