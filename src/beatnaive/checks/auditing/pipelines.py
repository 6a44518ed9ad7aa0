"""Audit of whole pipelines, prices in, table of forecasts out: the only way to see how rows were split and selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from beatnaive.checks.auditing.answers import Form
from beatnaive.checks.auditing.causes import Pattern, of_forecasts
from beatnaive.checks.auditing.cuts import Clock, few_valued, ordered, reach
from beatnaive.checks.auditing.features import Found
from beatnaive.checks.auditing.findings import Experiment, LastSession, experiment, finite, sighting
from beatnaive.checks.auditing.forecasts import Forecasts, Pipeline, as_returns
from beatnaive.checks.auditing.foresight import foresight
from beatnaive.checks.auditing.joined import CYCLE, REFUSALS, published
from beatnaive.checks.auditing.learners import SKILL
from beatnaive.checks.base import Difference, difference, spread_of
from beatnaive.checks.markets import Future, close_of, index_frame, shuffled, walk_frame, with_future
from beatnaive.core.types import BARS, Bools, Floats, Progress

if TYPE_CHECKING:
    import pandas as pd

ROWS = 1000
SECONDS = 45.0
"""What an audit of a pipeline may take; what runs longer than that runs six times."""
LEAST = 6
CHOSEN = 0.5
"""Every second cut lies behind an unusual forecast: see `_points`."""
TOLERANCE = 1e-6


class Trial:
    """A pipeline, its market and its answer there; every run is counted."""

    def __init__(
        self, pipeline: Pipeline, frame: pd.DataFrame, *, runs: int, seconds: float, progress: Progress | None
    ) -> None:
        self.clock, self.runs, self.done, self.progress = Clock(seconds), runs, 0, progress
        self.name, self.frame = str(getattr(pipeline, "__name__", "the pipeline")), frame
        self._tell()
        self.form, answer = Form.of(pipeline, frame)
        self.first = Forecasts.of(answer, frame, self.name)
        self.noise = _between(self.first.values, self.run(frame).values)
        self.allowed = TOLERANCE + 10.0 * self.noise.size
        self.spread = spread_of(self.first.values)

    def run(self, frame: pd.DataFrame) -> Forecasts:
        """Its forecasts about another market."""
        self._tell()
        return Forecasts.of(self.form(frame), frame, self.name)

    def may_run(self, reserved: int) -> bool:
        """Whether there is time, and leave, for one run more, when others are still to come."""
        longest = 1.0 - reserved * self.clock.spent() / max(self.done, 1)
        return self.done + reserved < self.runs and (self.done < LEAST - 2 or self.clock.spent() < longest)

    def _tell(self) -> None:
        if self.progress is not None:
            expected = self.done / max(self.clock.spent(), 1e-9) if self.done > 1 else self.runs
            self.progress(self.done, min(self.runs, max(int(expected), self.done + 1)), "runs of the pipeline")
        self.done += 1


def audit_pipeline(
    pipeline: Pipeline, *, runs: int | None = None, market: pd.DataFrame | None = None, seconds: float | None = None,
    progress: Progress | None = None,
) -> Found:  # fmt: skip
    """All experiments on a pipeline. runs: how often it may run, at least 6; None = as the time allows."""
    frame = index_frame(ROWS) if market is None else market
    trial = Trial(pipeline, frame, runs=max(runs or 500, LEAST), seconds=seconds or SECONDS, progress=progress)
    made = [_repeated(trial), published(trial.first.by_origin(), frame) or _other_dates(trial)]
    if close_of(frame) is not None:
        made.append(_no_skill(trial, "shuffle the labels", shuffled(frame, seed=1)))
        if set(frame.columns) <= set(BARS):
            made.append(_no_skill(trial, "pure noise", walk_frame(ROWS, seed=1)))
    truncated = _truncated(trial) if trial.runs >= 12 else None
    replaced, tried = _perturbed(trial)
    made[1:1] = [one for one in (truncated, replaced) if one]
    cuts = tried // 2 if few_valued(trial.first.values) else tried  # a sign is often the same in another future
    return Found(tuple(made), reach(len(np.unique(trial.first.positions)), cuts, CHOSEN))


def _repeated(trial: Trial) -> Experiment:
    size = float(trial.noise.size.max())
    words = f"two equal runs differ by {size:.2g} standard deviations: seed it, smaller leaks are hidden"
    seen = [sighting("repeat unchanged", "prediction", (), size, words)] if trial.noise else []
    return experiment("repeat unchanged", 2, seen, "two equal runs give equal forecasts", doubt=True)


def _perturbed(trial: Trial) -> tuple[Experiment, int]:
    """The sessions after a point are others: forecasts made up to it must stay. The first forecasts come first: there
    a training label that reaches too far shows; each point leaves the number of sessions as it is, so that a split by
    share stays where it was. Returns the experiment, and how many forecasts were the last before a cut."""
    test, frame, before = "perturb the future", trial.frame, trial.first.values
    changed, size = np.zeros(len(frame), bool), np.zeros(before.shape[1])
    rows, last, tried = [], None, set()
    last_points = points = 0
    for known, future in _points(trial.first, len(frame)):
        if not (trial.may_run(0) or not points):
            break
        points += 1
        other = _as_wide(trial.run(with_future(frame, known, future)).values, before.shape[1])
        found = difference(before[:known], other[:known], tolerance=trial.allowed, spread=trial.spread)
        moved: Bools = np.asarray(found.changed.any(axis=1))
        changed[:known] |= moved
        size = np.maximum(size, found.size)
        could = np.flatnonzero(np.isfinite(before[:known]).any(axis=1))
        if len(could):
            tried.add(int(could[-1]))
        rows.append((known, moved.sum(), moved.argmax(), known - 1 - moved[::-1].argmax(), len(could)))
        if len(could) and moved[could[-1]]:
            last_points += 1
            at = int(could[-1])
            last = last or (at, float(before[at, 0]), float(other[at, 0]))
    days = [f"{day:%Y-%m-%d}" for day in frame.index[changed]]
    possible = max(each[4] for each in rows)
    largest = float(size.max())
    by = f"by up to {largest:.2g} standard deviations" if np.isfinite(largest) else "and some appear or vanish"
    words = f"{len(days)} of the {possible} forecasts that could have changed do, when later sessions are others, {by}"
    seen = []
    if days:
        table = np.array(rows)
        moving = table[:, 1] > 0
        cuts, counts, firsts, lasts, could = table[moving].T.astype(int)
        pattern = Pattern(cuts, counts, firsts, lasts, could, table[~moving, 0].astype(int))
        told = None
        if last is not None:
            told = LastSession(
                session=f"{frame.index[last[0]]:%Y-%m-%d}", value=finite(last[1]), otherwise=finite(last[2]),
                points=last_points, of=points,
            )  # fmt: skip
        seen = [
            sighting(
                test, "prediction", days, largest, words, advice=of_forecasts(pattern, trial.first.positions),
                possible=possible, reach=pattern.reach, last=told,
            )
        ]  # fmt: skip
    return experiment(test, points, seen, f"no forecast changes at {points} points"), len(tried)


def _points(first: Forecasts, n: int) -> list[tuple[int, Future]]:
    """How many sessions stay, and which future follows: around the first origin, over the span, then everywhere."""
    origins = np.sort(first.positions)

    def after(share: float) -> int:
        return int(origins[int(share * (len(origins) - 1))]) + 1

    begin, third = int(origins[0]) + 1, int(origins[min(2, len(origins) - 1)]) + 1
    points: list[tuple[int, Future]] = [
        (begin, "up"), (after(0.5), "down"), (begin, "down"), (third, "up"), (after(0.25), "up"), (after(0.75), "down"),
        (after(0.5), "flat"), (after(0.9), "up"), (after(0.1), "down"), (begin, "flat"), (after(0.6), "up"),
    ]  # fmt: skip
    span = first.values[first.first :]
    futures: tuple[Future, ...] = ("down", "up")
    points += [(first.first + cut, futures[k % 2]) for k, cut in enumerate(ordered(span, span))]
    return list(dict.fromkeys((min(max(known, 1), n - 1), future) for known, future in points))


def _truncated(trial: Trial) -> Experiment:
    """The last sessions are cut off. A split by share moves with the length, and then every forecast may; what shows a
    look-ahead is that only the last forecasts before the cut move, at two cuts, while the first ones stay."""
    test, frame, before = "truncate the future", trial.frame, trial.first
    sightings, split = [], 0
    for off in (2, 7):
        known = len(frame) - off
        try:
            other = _as_wide(trial.run(frame.iloc[:known]).values, before.values.shape[1])
        except REFUSALS:
            continue
        found = difference(before.values[:known], other, tolerance=trial.allowed, spread=trial.spread)
        moved = np.flatnonzero(found.changed.any(axis=1))
        could = np.flatnonzero(np.isfinite(before.values[:known]).any(axis=1))
        if len(moved) and len(could) and moved[0] <= could[len(could) // 2]:
            split += 1
        elif len(moved):
            sightings.append((moved, found))
    if len(sightings) == 2:
        rows = np.unique(np.concatenate([moved for moved, _ in sightings]))
        size = max(float(found.size.max()) for _, found in sightings)
        words = f"the last {len(sightings[0][0])} forecasts before the end change when later sessions are cut off"
        days = [f"{day:%Y-%m-%d}" for day in frame.index[rows]]
        return experiment(test, 2, [sighting(test, "prediction", days, size, words, possible=len(could))], "")
    if split:
        return Experiment(
            test, 2, "not possible", "its split moves with the number of sessions, and all forecasts with it"
        )
    return experiment(test, 2, [], "no forecast changes when the last sessions are cut off")


def _no_skill(trial: Trial, test: str, frame: pd.DataFrame) -> Experiment:
    """On a market that nobody can forecast, its forecasts must not be right."""
    answer, close = trial.run(frame), close_of(frame)
    assert close is not None, "it was looked for"
    prediction = as_returns(answer.values[:, 0], close)
    with np.errstate(divide="ignore", invalid="ignore"):
        t, n = foresight(prediction, np.append(np.diff(np.log(close)), np.nan))
    what = "shuffled returns" if test == "shuffle the labels" else "a random walk"
    seen = []
    if t > SKILL:
        words = f"its forecasts of {what} are correlated with the next session's return, t = {t:.1f} over {n} rows"
        seen.append(sighting(test, "prediction", [f"{d:%Y-%m-%d}" for d in frame.index[answer.positions]], t, words))
    return experiment(test, 1, seen, f"its forecasts of {what} are not right (t = {t:.1f})")


def _other_dates(trial: Trial) -> Experiment:
    """The same prices 28 years later, where weekdays repeat: forecasts that change use data joined by date."""
    import pandas as pd

    test, frame, moved = "other dates", trial.frame, trial.frame.copy()
    moved.index = frame.index + pd.Timedelta(days=CYCLE)
    origins = np.sort(trial.first.positions)
    try:
        other = trial.run(moved).values
    except REFUSALS as error:
        rows, how = origins, f"it fails ({type(error).__name__})"
    else:
        rows = np.flatnonzero(_between(trial.first.values, other, tolerance=trial.allowed).changed.any(axis=1))
        how = f"{len(rows)} of {len(origins)} forecasts change"
    seen = []
    if len(rows):
        days = [f"{day:%Y-%m-%d}" for day in frame.index[rows]]
        words = f"{how} when the same prices carry other dates: data is joined by date, or dates are written into the "
        words += "code, and no column 'published' says when it came out"
        seen = [sighting(test, "prediction", days, None, words, possible=len(origins))]
    return experiment(test, 1, seen, "no data is joined by date", doubt=True)


def _between(one: Floats, other: Floats, tolerance: float | Floats = TOLERANCE) -> Difference:
    """How far two answers about markets of the same length lie apart."""
    return difference(one, _as_wide(other, one.shape[1]), tolerance=tolerance)


def _as_wide(values: Floats, width: int) -> Floats:
    """So many horizons: those that are not there are NaN."""
    return np.pad(values[:, :width], ((0, 0), (0, max(width - values.shape[1], 0))), constant_values=np.nan)
