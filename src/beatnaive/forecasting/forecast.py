"""Tomorrow: the next sessions' closes with their uncertainty, from the model that a verdict supports."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.backtest.conformal import adaptive_quantiles, volatility
from beatnaive.backtest.targets import log_return
from beatnaive.core.errors import InputError, Interrupted, UnknownName
from beatnaive.core.types import CLOSE, Floats, Inputs, Ints, Progress
from beatnaive.forecasting.known_releases import known_now, released_for
from beatnaive.forecasting.outlook import Outlook, Step
from beatnaive.judging.quantile_scores import p_rise
from beatnaive.prices.quality import examine_quality, refuse_fatal
from beatnaive.runs.folder import sha256
from beatnaive.runs.saved_inputs import panel
from beatnaive.runs.saved_models import SavedRun

if TYPE_CHECKING:
    from beatnaive.study.spec import Study

HISTORY = 2520
"""Origins whose errors calibrate an interval: ten years."""

SERIES = ("kind", "path", "calendar", "dates", "synthetic")
"""The parts of a source that say which series it is, not which period of it."""

RECENT = 60
"""Closes that a fan chart shows before the forecast."""


def forecast(
    symbol: str | None = None, *, horizon: int | None = None, run: str | Path | None = None,
    study: Study | str = "forecast", end: date | None = None, now: np.datetime64 | None = None,
    progress: Progress | None = None, trust: bool = False,
) -> Outlook:  # fmt: skip
    """The next `horizon` sessions' closes of a symbol, with intervals, from the model that the verdict supports.

    The centre is naive's unless a model was ruled better. Each step is direct: the errors of forecasts exactly that
    many sessions ahead make its interval.

    symbol: one of the run's or the study's; with a study's name, that study is run on this symbol. horizon: sessions,
    default the study's. run: a run folder, whose saved models forecast without refitting; else `study` (a Study, a
    name or a TOML file; by default the default study's models but its network) is run first, and nothing is kept.
    end: the forecast stands on the last close up to this day, default the study's own end, and knows nothing later;
    with a run, which has seen its own prices, it cannot be before those. now: UTC, default the clock; it says whether
    the data are stale. trust: code that the run or the study names may run. Raises InputError for an unknown symbol, a
    damaged or an unfinished run, and an end that the run has seen beyond; DataRefused for prices with a fatal finding.

    >>> import beatnaive as bn
    >>> models = {name: bn.ModelSpec(name) for name in ("naive", "drift")}
    >>> study = bn.Study("two", bn.Source("sample", symbols=("^GSPC",), years=2), models)
    >>> step = bn.forecast(study=study).steps[0]
    >>> step.session, step.model, step.interval(0.8)[0] < step.price < step.interval(0.8)[1]
    ('2019-01-02', 'naive', True)
    """
    if horizon is not None and horizon < 1:
        raise InputError(f"horizon = {horizon}: give at least 1 session")
    now = np.datetime64("now", "s") if now is None else now
    if run is not None:
        return from_run(SavedRun.open(Path(run), trust=trust), symbol, horizon, now, keep=str(run), end=end)

    # the engines and the report are imported only where a study is run
    from beatnaive.runs.record import Recorder
    from beatnaive.runs.store import RunStore
    from beatnaive.study.spec import load_study

    wanted = load_study(study, trust=trust) if isinstance(study, str) else study
    if symbol is not None and isinstance(study, str):
        wanted = replace(wanted, source=replace(wanted.source, symbols=(symbol,)))
    if end is not None:
        wanted = replace(wanted, source=replace(wanted.source, end=end, as_of=None))
    if horizon is not None:
        wanted = replace(wanted, target=replace(wanted.target, horizon=horizon))
    with TemporaryDirectory() as name:
        try:
            Recorder(RunStore(Path(name))).run(wanted, progress=progress, pages=False, keep=False)
        except Interrupted as stop:
            raise Interrupted("interrupted; nothing was kept") from stop
        known = wanted.source.end or wanted.source.as_of
        return from_run(SavedRun.open(Path(name)), symbol, horizon, now, keep=None, end=known)


def from_run(
    saved: SavedRun, symbol: str | None, horizon: int | None, now: np.datetime64, *, keep: str | None,
    end: date | None = None,
) -> Outlook:  # fmt: skip
    """The outlook that a run's saved models give on the prices there are by now, or up to `end`.

    keep: what it says of its run. Raises InputError for an end before the last price that the run was judged on: its
    verdict, and perhaps its models, have learnt from what came after; and for a release that the model learnt from and
    that is missing now; DataRefused where these prices, which may be newer than the run's, have a fatal finding.
    """
    from beatnaive.prices import load

    if symbol is None and len(saved.symbols) > 1:
        raise InputError(f"{saved.folder} holds {len(saved.symbols)} symbols: name one, such as {saved.symbols[0]}")
    symbol = saved.symbols[0] if symbol is None else symbol
    if symbol not in saved.symbols:
        raise UnknownName(f"symbol in {saved.folder}", symbol, saved.symbols)
    study = saved.study
    if end is not None:
        seen = saved.table(["target_date"], {"symbol": symbol})["target_date"].max()
        if np.datetime64(end, "D") < seen:
            raise InputError(
                f"{saved.folder} was judged on prices up to {seen}, so it cannot forecast from {end}: give an end from "
                f"{seen} on, or leave the run out, and a study is run on what was known by then"
            )
    prices = load(replace(study.source, symbols=(symbol,), end=end, as_of=None))[0]
    findings = examine_quality([prices], study.source.fill)
    refuse_fatal(findings, study.source.fill)
    horizon = study.target.horizon if horizon is None else horizon

    # a ruling holds for the horizon it was made at
    supported = saved.ruled_better(symbol) if horizon == study.target.horizon else None
    released = released_for(saved, [supported] if supported else [])
    inputs = panel(saved, prices, features=supported is not None and saved.reads_features(supported), released=released)
    origin = inputs.session[-1]
    known = known_now(released, saved, supported, prices, origin) if supported else ()
    close = float(prices.bars[np.flatnonzero(prices.sessions == origin)[0], CLOSE])
    steps = steps_ahead(saved, inputs, supported, horizon=horizon, close=close, calendar=prices.calendar)
    width = f"exponentially weighted, decay {study.intervals.decay:g}"
    if study.target.kind == "volatility" and supported:
        width = supported

    # inputs are in the run's units: the chart's closes are brought to today's
    closes = close / inputs.close[-1] * inputs.close[-RECENT:]
    days = [str(day) for day in inputs.session[-RECENT:]]
    return Outlook(
        symbol=symbol, origin=str(origin), close=close, model=steps[-1].model,
        why=why(saved, symbol, supported, horizon), width=width, steps=steps, made_at=f"{now}Z",
        stale=staleness(prices.calendar, origin, now), cutoff=saved.cutoff(symbol),
        data_sha256=sha256(prices.sessions.tobytes(), np.ascontiguousarray(prices.bars).tobytes()),
        source={key: value for key, value in asdict(study.source).items() if key in SERIES}, run=keep,
        recent=tuple(zip(days, closes.tolist(), strict=True)), findings=findings, releases=known,
    )  # fmt: skip


def why(saved: SavedRun, symbol: str, supported: str | None, horizon: int) -> str:
    """The centre's reason, in words."""
    if saved.study.target.kind != "return":
        return "the run is about volatility, not about the close"
    if supported:
        return f"{supported} was ruled better than naive"
    if saved.ruled_better(symbol):
        return f"no model was judged at {horizon} sessions ahead"
    return "no model was ruled better than naive"


def steps_ahead(
    saved: SavedRun, inputs: Inputs, supported: str | None, *, horizon: int, close: float, calendar: str
) -> tuple[Step, ...]:
    """One step per session up to the horizon.

    At every origin t of the last ten years the error of a forecast k sessions ahead is e_t = r_t - m_t, in units of
    the volatility s_t expected then; adaptive conformal quantiles q of e / s, of the errors known by now, give
    m + s q for the log return, and close x exp(m + s q) for the close. m is zero (naive), at the horizon the supported
    model's forecast; s is exponentially weighted, at the horizon of a volatility run the supported model's.

    inputs: of one symbol, as `panel` makes them; close: the last one, in today's currency. Raises InputError where
    there are too few sessions for an interval.
    """
    from beatnaive.prices.calendars import closes, next_sessions

    of_returns = saved.study.target.kind == "return"
    rows = np.arange(max(len(inputs) - HISTORY, 0), len(inputs))
    made = track(saved, supported, inputs, rows) if supported else None
    weighted = volatility(inputs, saved.study.intervals.decay)[rows]
    sessions = next_sessions(calendar, inputs.session[-1], horizon)
    instants = closes(calendar, sessions)
    steps = []
    for k in range(1, horizon + 1):
        own = made if k == horizon else None
        centre = own if own is not None and of_returns else np.zeros(len(rows))
        scale = np.sqrt(own) if own is not None and not of_returns else math.sqrt(k) * weighted
        errors = log_return(inputs, rows, k) - centre
        revealed = np.searchsorted(rows, rows - k, "right")
        quantiles = centre[-1] + scale[-1] * adaptive_quantiles(errors / scale, revealed, saved.study.intervals)[-1]
        if not np.isfinite(quantiles).all():
            symbol = inputs.symbols[inputs.symbol[-1]]
            raise InputError(f"{symbol} has too few sessions for an interval: take a longer period")
        session = sessions[k - 1]
        steps.append(
            Step(
                session=str(session), closes_at=f"{instants[k - 1]}Z", half_day=ends_early(calendar, session),
                model=supported if supported and own is not None and of_returns else "naive",
                price=float(close * np.exp(centre[-1])), quantiles=tuple((close * np.exp(quantiles)).tolist()),
                p_rise=p_rise(quantiles), volatility=level(errors, scale) * float(scale[-1]),
            )
        )  # fmt: skip
    return tuple(steps)


def track(saved: SavedRun, model: str, inputs: Inputs, rows: Ints) -> Floats:
    """(k,) a model's forecasts at `rows`: out of sample as the run made them, after that by its saved model.

    In the target's unit: log return or variance; NaN where the run made none.
    """
    symbol = inputs.symbols[inputs.symbol[-1]]
    table = saved.table(["origin", "close", "yhat"], {"symbol": symbol, "model": model, "seed": -1})
    sessions, made = table["origin"], table["yhat"]
    if saved.study.target.kind == "return":
        made = np.log(made / table["close"])
    where = np.searchsorted(sessions, inputs.session[rows])
    nearest = sessions[np.minimum(where, len(sessions) - 1)]
    inside = np.flatnonzero(nearest == inputs.session[rows])
    values = np.full(len(rows), np.nan)
    values[inside] = made[where[inside]]
    new = np.flatnonzero(inputs.session[rows] > sessions[-1])
    if len(new):
        values[new] = saved.predict(model, inputs, rows[new])
    return values


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
    'the last close is that of 2018-12-31; 2 later sessions have closed: this is not a forecast of tomorrow'
    """
    from beatnaive.prices.calendars import closes, sessions_between

    later = sessions_between(calendar, origin + 1, now.astype("datetime64[D]"))
    missed = int((closes(calendar, later) <= now).sum())
    if not missed:
        return None
    sessions = "1 later session has closed" if missed == 1 else f"{missed:,} later sessions have closed"
    return f"the last close is that of {origin}; {sessions}: this is not a forecast of tomorrow"
