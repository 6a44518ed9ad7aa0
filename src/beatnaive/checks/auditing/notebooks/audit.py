"""Audit of a notebook: what it forecasts for a session must not move when that session and later ones are others."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Literal

import numpy as np

from beatnaive.checks.auditing.causes import Advice
from beatnaive.checks.auditing.cuts import reach
from beatnaive.checks.auditing.findings import AuditReport, Experiment, LastSession, experiment, finite, sighting
from beatnaive.checks.auditing.notebooks.run import Ran, run
from beatnaive.checks.base import difference, spread_of
from beatnaive.checks.markets import Future
from beatnaive.core.errors import InputError, UserCodeFailed
from beatnaive.core.files import at_home
from beatnaive.core.types import Bools, Floats, Ints, Progress

SECONDS = 300.0
"""What an audit of a notebook may take, by the clock; one that is slower runs three times."""
MOST = 8
TOLERANCE = 1e-6
SAME_DAY: Advice = (
    "a same-day value: the forecast for a session uses that session's own open, high, low, close or volume",
    "lag the columns, not the label: `x = data[features].shift(1)`",
)
SHUFFLED: Advice = (
    "a shuffled split: the order of the forecasts is not that of the sessions, and later days train the model",
    "`train_test_split(x, y, shuffle=False)`",
)
UNPURGED: Advice = (
    "training windows or labels that reach across the split into the test period",
    "leave the last training rows out: `x_train, y_train = x[:split - horizon], y[:split - horizon]`",
)
FITTED: Advice = (
    "something fitted or chosen with the test period in it: a scaler before the split, the test rows as validation "
    "data, a selection or statistic over all rows",
    "fit on the training rows only: `scaler.fit(data[:split])`; validate on their tail: `validation_split=0.1`",
)


def audit_notebook(
    path: str | Path, predictions: str, *, predicts: Literal["same", "next"] = "same", epochs: int | None = None,
    seconds: float | None = None, data: str | Path | None = None, progress: Progress | None = None,
) -> AuditReport:  # fmt: skip
    """Run a notebook in fresh kernels on prices that we serve: twice unchanged, then with other values after a cut.

    predictions: the variable that holds its forecasts at the end, a Series with dates, or an array whose last element
    is the forecast for the last session served, or with predicts="next" the one after. epochs: Keras trains for no
    more than these. seconds: by the clock, None = 300. data: bars to serve instead of the embedded index's.
    Raises InputError for what is no notebook or forecasts nothing, UserCodeFailed naming the cell that raised.
    """
    notebook, start, allowed = at_home(path), time.monotonic(), seconds or SECONDS
    own = None if data is None else str(Path(data).resolve())
    settings: dict[str, Any] = {
        "cut": None, "future": "up", "epochs": epochs, "flat": False, "data": own,
    }  # fmt: skip
    done = 0

    def ran(**changed: Any) -> Ran:
        nonlocal done
        if progress is not None:
            progress(done, MOST + 2, "runs of the notebook")
        done += 1
        return run(notebook, predictions, {**settings, **changed}, allowed)

    try:
        first = ran()
    except UserCodeFailed:  # written for yfinance before it put the ticker above the columns
        settings["flat"] = True
        first = ran()
    targets = _targets(first, notebook.name, 1 if predicts == "next" else 0)
    again = ran()
    noise = np.inf
    if len(again.values) == len(first.values):
        noise = float(difference(first.values[:, None], again.values[:, None], tolerance=0.0).size[0])
    each = (time.monotonic() - start) / done
    made = [_repeated(noise)]
    if np.isfinite(noise):
        moves: list[tuple[int, Bools, Floats]] = []
        before = first.values[:, None]
        for cut, future in _cuts(targets, len(first.sessions)):
            if moves and time.monotonic() - start + each > allowed:
                break
            other = ran(cut=first.sessions[cut - 1], future=future)
            if len(other.values) != len(first.values):
                made.append(_other_length(len(first.values), len(other.values)))
                break
            found = difference(
                before, other.values[:, None], tolerance=TOLERANCE + 10.0 * noise, spread=spread_of(before)
            )
            moves.append((cut, found.changed[:, 0], other.values))
        if moves:
            made.append(_perturbed(first, targets, moves))
    tried = max(len(made[-1].sightings), 1) if len(made) == 1 else made[-1].runs
    return AuditReport(str(path), "notebook", tuple(made), reach(len(first.values), tried))


def _targets(first: Ran, name: str, ahead: int) -> Ints:
    """(m,) positions, among the sessions served, of the session that each forecast is for."""
    if not first.sessions:
        raise InputError(
            f"{name} asked for no prices that we serve: yfinance, pandas_datareader, or a price file in its folder"
        )
    m, n = len(first.values), len(first.sessions)
    if m < 3 or m > n:
        raise InputError(
            f"{name}: {m} forecasts for {n} sessions: name the forecasts of the test period", option="predictions"
        )
    if first.dates is None:
        return np.arange(n - m, n) + ahead
    place = {day[:10]: k for k, day in enumerate(first.sessions)}
    found = np.array([place.get(day[:10], -1) for day in first.dates])
    if (found < 0).any():
        raise InputError(
            f"{name}: some forecasts are dated outside the sessions that it was served", option="predictions"
        )
    return np.asarray(found + ahead)


def _cuts(targets: Ints, n: int) -> list[tuple[int, Future]]:
    """How many sessions stay, all inside the test period: its middle, its first sessions, its last ones."""
    inside = np.unique(targets)
    at = [int(inside[int(share * (len(inside) - 1))]) for share in (0.5, 0.0, 0.5, 0.85, 0.0, 0.25, 0.7, 0.95)]
    futures: tuple[Future, ...] = ("up", "up", "down", "down", "down", "up", "flat", "up")
    pairs = [(min(max(cut, 2), n - 1), future) for cut, future in zip(at, futures, strict=True)]
    return list(dict.fromkeys(pairs))[:MOST]


def _repeated(noise: float) -> Experiment:
    by = f"by {noise:.2g} standard deviations" if np.isfinite(noise) else "in their number"
    words = f"two equal runs differ {by}: seed it, smaller leaks are hidden"
    seen = [sighting("repeat unchanged", "prediction", (), noise, words)] if noise else []
    return experiment("repeat unchanged", 2, seen, "two equal runs give equal forecasts", doubt=True)


def _other_length(was: int, became: int) -> Experiment:
    words = f"{became} forecasts instead of {was} when later sessions are others: rows are chosen by values to come"
    return experiment(
        "perturb the future", 1, [sighting("perturb the future", "prediction", (), None, words)], "", doubt=True
    )


def _perturbed(first: Ran, targets: Ints, moves: list[tuple[int, Bools, Floats]]) -> Experiment:
    """A forecast for a session up to the first changed one may not move."""
    test, before = "perturb the future", first.values
    could, moved = np.zeros(len(before), bool), np.zeros(len(before), bool)
    size, earlier, later_cut, scattered, last = 0.0, False, False, False, None
    for cut, changed, other in moves:
        known = targets <= cut
        early = changed & known
        could |= known
        moved |= early
        if not early.any():
            continue
        gap = np.abs(other - before) / spread_of(before[:, None])[0]
        size = max(size, float(np.nanmax(gap[early])) if np.isfinite(gap[early]).any() else np.inf)
        earlier |= bool((early & (targets < cut)).any())
        later_cut |= cut > targets.min() + 1
        beyond = int((~known).sum())
        if 0.1 < beyond / len(before) < 0.9:  # where the order is that of the sessions, those after the cut move most
            most = np.argsort(-np.nan_to_num(gap, nan=np.inf))[:beyond]
            scattered |= bool((targets[most] > cut).mean() < 0.5 * (1.0 + beyond / len(before)))
        if last is None:
            row = int(np.flatnonzero(early)[-1])
            last = (row, float(before[row]), float(other[row]), cut)
    if not moved.any():
        return experiment(test, len(moves), [], f"no forecast for a session up to the cut changes at {len(moves)} cuts")
    assert last is not None, "something moved"
    ordered = first.dates is None or bool((np.diff(targets) >= 0).all())
    advice = SAME_DAY
    if (scattered and earlier and first.dates is None) or not ordered:
        advice = SHUFFLED
    elif not later_cut:
        advice = UNPURGED
    elif earlier:
        advice = FITTED
    days = [_day(first, int(position)) for position in targets[moved]]
    by = f"by up to {size:.2g} standard deviations" if np.isfinite(size) else "and some appear or vanish"
    words = (
        f"{len(days)} of the {int(could.sum())} forecasts that could have changed do, when their session and later ones"
    )
    words += f" are others, {by}"
    told = LastSession(
        session=_day(first, int(targets[last[0]])), value=finite(last[1]), otherwise=finite(last[2]),
        points=sum(bool((changed & (targets <= cut)).any()) for cut, changed, _ in moves), of=len(moves),
    )  # fmt: skip
    one = sighting(test, "prediction", days, size, words, advice=advice, possible=int(could.sum()), last=told)
    return experiment(test, len(moves), [one], "")


def _day(first: Ran, position: int) -> str:
    return first.sessions[position][:10] if position < len(first.sessions) else "the next session"
