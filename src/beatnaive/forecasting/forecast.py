"""Tomorrow: the next sessions' closes with their uncertainty, from the model that a verdict supports."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.backtest.conformal import adaptive_quantiles, volatility
from beatnaive.backtest.targets import log_return
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import CLOSE, Floats, Inputs, Ints, Progress
from beatnaive.judging.quantile_scores import p_rise
from beatnaive.runs.saved_models import SavedRun, panel

if TYPE_CHECKING:
    from beatnaive.study.spec import Study

HISTORY = 2520
"""Origins whose errors calibrate an interval: ten years."""

SERIES = ("kind", "path", "calendar", "dates", "synthetic")
"""The parts of a source that say which series it is, not which period of it."""

RECENT = 60
"""Closes that a fan chart shows before the forecast."""


@dataclass(frozen=True)
class Step:
    """The forecast for one session: its close in currency, quantiles (LEVELS) of it, and what they say.

    p_rise: probability of a close above the origin's; volatility: expected standard deviation of the log return from
    the origin to this close; closes_at: UTC; half_day: it closes earlier than usual; model: whose centre it is.
    """

    session: str
    closes_at: str
    half_day: bool
    model: str
    price: float
    quantiles: tuple[float, ...]
    p_rise: float
    volatility: float

    def interval(self, coverage: float) -> tuple[float, float]:
        """The central interval of this coverage: 0.5, 0.8, 0.9 or 0.95."""
        from beatnaive.judging.quantile_scores import interval

        lower, upper = interval(np.array([self.quantiles]), coverage)
        return float(lower[0]), float(upper[0])


@dataclass(frozen=True)
class Outlook:
    """A forecast of the next sessions, and all that is needed to judge it later.

    origin: the session on whose close (currency) it stands; model and why: the supported model; width: the volatility
    that scales the intervals; stale: what is wrong with the age of the data, else None; cutoff: the first session that
    the last fit had not learnt from; source: where the prices come from, as a study says it; recent: closes before.
    """

    symbol: str
    origin: str
    close: float
    model: str
    why: str
    width: str
    steps: tuple[Step, ...]
    made_at: str
    stale: str | None
    cutoff: str
    data_sha256: str
    source: Mapping[str, Any]
    run: str | None
    recent: tuple[tuple[str, float], ...] = ()


def forecast(
    symbol: str | None = None, *, horizon: int | None = None, run: str | Path | None = None,
    study: Study | str = "default", now: np.datetime64 | None = None, progress: Progress | None = None,
) -> Outlook:  # fmt: skip
    """The next `horizon` sessions' closes of a symbol, with intervals, from the model that the verdict supports.

    With `run`, a run folder's saved models forecast, without refitting; else `study` is run first (a Study or a name;
    with `symbol`, on that symbol). Naive's centre unless a model was ruled better. Each step is direct: the errors of
    forecasts exactly that many sessions ahead make its interval. horizon: default the study's; now: UTC, default the
    clock, says whether the data are stale. Raises InputError for an unknown symbol, a damaged or unfinished run.
    """
    if horizon is not None and horizon < 1:
        raise InputError(f"horizon = {horizon}: give at least 1 session")
    now = np.datetime64("now", "s") if now is None else now
    if run is not None:
        return _from_run(SavedRun.open(Path(run)), symbol, horizon, now, keep=str(run))
    with TemporaryDirectory() as name:
        _study_into(Path(name), _asked(study, symbol, horizon), progress)
        return _from_run(SavedRun.open(Path(name)), symbol, horizon, now, keep=None)


def _asked(study: Study | str, symbol: str | None, horizon: int | None) -> Study:
    from beatnaive.study.spec import load_study

    chosen = load_study(study) if isinstance(study, str) else study
    if symbol is not None and isinstance(study, str):
        chosen = replace(chosen, source=replace(chosen.source, symbols=(symbol,)))
    return chosen if horizon is None else replace(chosen, target=replace(chosen.target, horizon=horizon))


def _study_into(folder: Path, study: Study, progress: Progress | None) -> None:
    """Run the study and leave what a forecast needs: tables and models, no plots and no report."""
    from beatnaive.backtest.engines import engine
    from beatnaive.runs import tables
    from beatnaive.runs.folder import RunStore
    from beatnaive.study.pipeline import Execution, run_study

    store = RunStore(folder)
    result = run_study(study, store, Execution(engine=engine("local", None), progress=progress))
    tables.write_results(store, result)
    store.note({"state": "complete", "models": tables.write_models(store, tables.saved_models(store, result))})


def _from_run(
    saved: SavedRun, symbol: str | None, horizon: int | None, now: np.datetime64, keep: str | None
) -> Outlook:
    from beatnaive.prices import load
    from beatnaive.runs.folder import sha256

    symbol = _chosen(saved, symbol)
    prices = load(replace(saved.study.source, symbols=(symbol,), end=None, as_of=None))[0]
    horizon = saved.study.target.horizon if horizon is None else horizon
    supported = saved.ruled_better(symbol) if horizon == saved.study.target.horizon else None
    inputs = panel(saved, prices, features=supported is not None and saved.reads_features(supported))
    close = float(prices.bars[np.flatnonzero(prices.sessions == inputs.session[-1])[0], CLOSE])
    view = View(saved, symbol, inputs, horizon, supported, close)
    steps = tuple(view.steps(prices.calendar))
    return Outlook(
        symbol=symbol, origin=str(inputs.session[-1]), close=close, model=steps[-1].model,
        why=view.why, width=view.width, steps=steps, made_at=f"{now}Z",
        stale=staleness(prices.calendar, inputs.session[-1], now), cutoff=saved.cutoff(symbol),
        data_sha256=sha256(prices.sessions.tobytes(), np.ascontiguousarray(prices.bars).tobytes()),
        source=_source(saved.study), run=keep, recent=_recent(inputs, close / inputs.close[-1]),
    )  # fmt: skip


def _chosen(saved: SavedRun, symbol: str | None) -> str:
    if symbol is None and len(saved.symbols) == 1:
        return saved.symbols[0]
    if symbol is None:
        raise InputError(f"{saved.folder} holds {len(saved.symbols)} symbols: name one, such as {saved.symbols[0]}")
    if symbol not in saved.symbols:
        raise UnknownName(f"symbol in {saved.folder}", symbol, saved.symbols)
    return symbol


def _source(study: Study) -> dict[str, Any]:
    """What is needed to load the same series again, later."""
    return {key: value for key, value in asdict(study.source).items() if key in SERIES}


def _recent(inputs: Inputs, unit: float) -> tuple[tuple[str, float], ...]:
    days, closes = inputs.session[-RECENT:], unit * inputs.close[-RECENT:]
    return tuple((str(day), close) for day, close in zip(days, closes.tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class View:
    """What a saved run says about one symbol's next sessions; inputs in its units.

    supported: a model ruled better at this horizon; close: the last one in today's currency.
    """

    saved: SavedRun
    symbol: str
    inputs: Inputs
    horizon: int
    supported: str | None
    close: float

    @property
    def of_returns(self) -> bool:
        """Whether the run was about returns; else about volatility."""
        return self.saved.study.target.kind == "return"

    @property
    def why(self) -> str:
        """The centre's reason, in words."""
        if self.of_returns and self.supported:
            return f"{self.supported} was ruled better than naive"
        if not self.of_returns:
            return "the run is about volatility, not about the close"
        if self.saved.ruled_better(self.symbol):
            return f"no model was judged at {self.horizon} sessions ahead"
        return "no model was ruled better than naive"

    @property
    def width(self) -> str:
        """The volatility that scales the intervals."""
        if not self.of_returns and self.supported:
            return self.supported
        return f"exponentially weighted, decay {self.saved.study.intervals.decay:g}"

    def steps(self, calendar: str) -> Sequence[Step]:
        """One step per session up to the horizon."""
        from beatnaive.prices.calendars import closes, next_sessions

        ahead = next_sessions(calendar, self.inputs.session[-1], self.horizon)
        instants = closes(calendar, ahead)
        return [
            self._step(k + 1, str(ahead[k]), f"{instants[k]}Z", ends_early(calendar, ahead[k]))
            for k in range(self.horizon)
        ]

    def _step(self, horizon: int, session: str, closes_at: str, half_day: bool) -> Step:
        last = horizon == self.horizon
        model = self.supported if last and self.of_returns else None
        rows = np.arange(max(len(self.inputs) - HISTORY, 0), len(self.inputs))
        centre = np.zeros(len(rows)) if model is None else self.track(model, rows)
        scale = self._scale(rows, horizon, last)
        revealed = np.searchsorted(rows, rows - horizon, "right")
        errors = log_return(self.inputs, rows, horizon) - centre
        scored = adaptive_quantiles(errors / scale, revealed, self.saved.study.intervals)[-1]
        quantiles = centre[-1] + scale[-1] * scored
        if not np.isfinite(quantiles).all():
            raise InputError(f"{self.symbol} has too few sessions for an interval: take a longer period")
        price = self.close
        return Step(
            session, closes_at, half_day, model or "naive", float(price * np.exp(centre[-1])),
            tuple((price * np.exp(quantiles)).tolist()), p_rise(quantiles), level(errors, scale) * float(scale[-1]),
        )  # fmt: skip

    def _scale(self, rows: Ints, horizon: int, last: bool) -> Floats:
        """(k,) expected standard deviation of the return over the horizon, known at each origin."""
        if last and not self.of_returns and self.supported:
            return np.asarray(np.sqrt(self.track(self.supported, rows)))
        return math.sqrt(horizon) * volatility(self.inputs, self.saved.study.intervals.decay)[rows]

    def track(self, model: str, rows: Ints) -> Floats:
        """(k,) the model's forecasts: out of sample as the run made them, after that by its saved model."""
        sessions, made = self._recorded(model)
        where = np.searchsorted(sessions, self.inputs.session[rows])
        nearest = sessions[np.minimum(where, len(sessions) - 1)]
        inside = np.flatnonzero(nearest == self.inputs.session[rows])
        values = np.full(len(rows), np.nan)
        values[inside] = made[where[inside]]
        new = np.flatnonzero(self.inputs.session[rows] > sessions[-1])
        if len(new):
            values[new] = self.saved.predict(model, self.inputs, rows[new])
        return values

    def _recorded(self, model: str) -> tuple[Ints, Floats]:
        """Origins and forecasts (in the target's unit) of this model and symbol in forecasts.parquet."""
        wanted: Mapping[str, str | int] = {"symbol": self.symbol, "model": model, "seed": -1}
        table = self.saved.table(["origin", "close", "yhat"], wanted)
        made = table["yhat"]
        return table["origin"], np.log(made / table["close"]) if self.of_returns else made


def level(errors: Floats, scale: Floats) -> float:
    """sqrt(sum of squared errors / sum of squared scales), over the rows that have both.

    A variance estimated from an index's ranges misses what happens overnight: this brings it to that of returns.

    >>> level(np.array([3.0, -3.0, np.nan]), np.array([1.0, 1.0, 5.0]))
    3.0
    """
    known = np.isfinite(errors) & np.isfinite(scale)
    return float(np.sqrt((errors[known] ** 2).sum() / (scale[known] ** 2).sum()))


def ends_early(calendar: str, session: np.datetime64) -> bool:
    """Whether a session closes earlier, on the exchange's clock, than any of the ten planned before it.

    >>> ends_early("XNYS", np.datetime64("2024-11-29"))
    True
    """
    from zoneinfo import ZoneInfo

    from beatnaive.prices.calendars import closes, sessions_between, zone

    days = sessions_between(calendar, session - 20, session)
    at = [np.datetime64(one, "s").item().replace(tzinfo=ZoneInfo("UTC")) for one in closes(calendar, days)]
    times = [one.astimezone(ZoneInfo(zone(calendar))).time() for one in at]
    return len(times) > 1 and times[-1] < min(times[:-1])


def staleness(calendar: str, origin: np.datetime64, now: np.datetime64) -> str | None:
    """What to say when later sessions have closed already; None when the origin's close is the last one.

    >>> staleness("XNYS", np.datetime64("2018-12-31"), np.datetime64("2019-01-04T12:00"))
    'the last close is that of 2018-12-31; 2 later sessions have closed: this is no forecast of tomorrow'
    """
    from beatnaive.prices.calendars import closes, sessions_between

    later = sessions_between(calendar, origin + 1, now.astype("datetime64[D]"))
    missed = int((closes(calendar, later) <= now).sum())
    if not missed:
        return None
    sessions = "1 later session has closed" if missed == 1 else f"{missed:,} later sessions have closed"
    return f"the last close is that of {origin}; {sessions}: this is no forecast of tomorrow"
