"""Ledgers whose forecasts and outcomes are drawn, written through the chain and the book as `add` and `settle` do."""

from pathlib import Path
from typing import Any

import numpy as np

from beatnaive.core.types import LEVELS
from beatnaive.forecasting.ledger import book, chain, clock
from beatnaive.prices.calendars import closes, sessions_between

NORMAL = np.array([-1.96, -1.645, -1.2816, -0.6745, 0.0, 0.6745, 1.2816, 1.645, 1.96])
SOURCE = {"kind": "sample"}


def sessions(n: int, start: str = "2014-01-02") -> tuple[list[str], list[str]]:
    """n sessions of New York and their closes."""
    days = sessions_between("XNYS", np.datetime64(start), np.datetime64(start) + int(1.6 * n) + 20)[:n]
    return [str(day) for day in days], [clock.written(one) for one in closes("XNYS", days)]


def forecasts(rng: np.random.Generator, day: int, calendar: tuple[list[str], list[str]], **more: Any) -> dict[str, Any]:
    """An entry's data: forecasts from session `day` of the next one (`horizon` on), written an hour after its close."""
    days, closed = calendar
    models, symbols = more.pop("models", 3), more.pop("symbols", 2)
    horizon, signal = more.pop("horizon", 1), more.pop("signal", None)
    volatility = np.full(symbols, 0.01)
    made = {}
    for m in range(models):
        mean = 0.001 * rng.standard_normal(symbols) if m else np.zeros(symbols)
        if signal is not None and m == 1:
            mean = signal[day]
        table = np.round(np.column_stack([mean, mean[:, None] + 0.01 * NORMAL]), 8) + 0.0
        made["naive" if m == 0 else f"model{m}"] = table.tolist()
    instant = np.datetime64(closed[day].removesuffix("Z")) + np.timedelta64(60, "m")
    return {
        "contest": more.pop("contest", "planted XNYS"), "study": "planted", "calendar": "XNYS", "horizon": horizon,
        "made_at": clock.written(instant), "beatnaive": "0", "run": {}, "source": SOURCE, "levels": list(LEVELS),
        "models": list(made), "symbols": [f"S{k:03}" for k in range(symbols)], "origin": [days[day]] * symbols,
        "session": [days[day + horizon]] * symbols, "closes_at": [closed[day + horizon]] * symbols,
        "close": [100.0] * symbols, "last_return": [None] * symbols, "volatility": volatility.tolist(),
        "data_sha256": [""] * symbols, "forecasts": made, **more,
    }  # fmt: skip


def outcomes(data: dict[str, Any], returns: np.ndarray, made_at: str) -> dict[str, Any]:
    """The data of the entry that settles all of an entry's forecasts."""
    n = len(data["symbols"])
    return {
        "made_at": made_at, "contests": [data["contest"]] * n, "symbols": data["symbols"], "origins": data["origin"],
        "sessions": data["session"], "returns": np.round(returns, 10).tolist(), "closes": [100.0] * n,
        "origin_moved": [None] * n, "revised": [],
    }  # fmt: skip


def append(folder: Path, kind: Any, data: dict[str, Any]) -> str:
    """One entry, as the verbs write it; the head after it."""
    with chain.opened(folder, write=True) as connection:
        with chain.writing(connection):
            book.sync(connection)
            book.apply(connection, chain.append(connection, kind, data))
        return chain.head(connection)[1]


def plant(folder: Path, n: int, seed: int = 0, **more: Any) -> np.ndarray:
    """n days of forecasts, each settled the day after its session; the returns (n, symbols)."""
    rng = np.random.default_rng(seed)
    calendar = sessions(n + more.get("horizon", 1) + 2)
    returns = 0.01 * rng.standard_normal((n, more.get("symbols", 2)))
    open_: list[tuple[str, dict[str, Any], np.ndarray]] = []
    for day in range(n):
        data = forecasts(rng, day, calendar, **more)
        while open_ and open_[0][0] < data["made_at"]:
            _, before, came = open_.pop(0)
            append(folder, "outcomes", outcomes(before, came, data["made_at"]))
        append(folder, "forecasts", data)
        open_.append((data["closes_at"][0], data, returns[day]))
    return returns
