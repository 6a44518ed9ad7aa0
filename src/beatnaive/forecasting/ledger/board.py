"""What a ledger has to show today: what is forecast, what came last, and the odds session by session."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from beatnaive.forecasting.ledger import book, chain
from beatnaive.forecasting.ledger.tally import PLACES

COVERAGES = ("50", "80", "95")
RECENT = 20
"""Closes before a forecast that are shown with it."""
MOST = 100
"""Symbols of a session that are shown."""


def board(folder: Path) -> dict[str, dict[str, Any]]:
    """By contest: `ahead`, the calls of each symbol that wait for their session; `came`, those settled last; `odds`.

    ahead: dicts of symbol, origin, session, close, recent ((session, close) up to the origin) and by model the price
    expected and its intervals; came: dicts of symbol, session, model, price, came, miss and naive_miss (log returns in
    %), inside (its 95 % interval held); odds: (session, {model: natural logarithms of the odds of better and of
    worse}). Prices are of the adjustment that the origin's close had when the forecast was written. Raises InputError,
    DataRefused.
    """
    with chain.opened(folder) as connection:
        try:
            contests = connection.execute("SELECT id, name FROM contests ORDER BY id").fetchall()
            return {
                name: {
                    "ahead": list(_ahead(connection, contest)), "came": list(_came(connection, contest)),
                    "odds": [
                        (session, json.loads(text))
                        for session, text in connection.execute(
                            "SELECT session, log_odds FROM odds WHERE contest = ? ORDER BY session", (contest,)
                        )
                    ],
                }
                for contest, name in contests
            }  # fmt: skip
        except sqlite3.OperationalError:  # a book of another format, which `standing` refuses with the way to mend it
            return {}


def _ahead(connection: sqlite3.Connection, contest: int) -> Iterator[dict[str, Any]]:
    """The newest waiting call of each symbol."""
    rows = connection.execute(
        "SELECT symbol, MAX(origin), session, entry, place FROM calls WHERE contest = ? AND state = 'waiting' "
        "AND reason IS NULL GROUP BY symbol ORDER BY symbol LIMIT ?", (contest, MOST)
    ).fetchall()  # fmt: skip
    for symbol, origin, session, entry, place in rows:
        written = book.written_of(connection, entry)
        close = float(written.facts["close"][place])
        models = {}
        for name, made in zip(written.models, written.forecasts[:, place], strict=True):
            if math.isfinite(made[0]):
                price = [close * math.exp(value) for value in made]
                spans = {which: (price[low], price[high]) for which, (low, high) in zip(COVERAGES, PLACES, strict=True)}
                models[name] = {"price": price[0], "intervals": spans}
        before = connection.execute(
            "SELECT origin, entry, place FROM calls WHERE contest = ? AND symbol = ? AND origin <= ? "
            "ORDER BY origin DESC LIMIT ?", (contest, symbol, origin, RECENT)
        ).fetchall()  # fmt: skip
        recent = [(day, float(book.written_of(connection, number).facts["close"][at])) for day, number, at in before]
        yield {
            "symbol": symbol, "origin": origin, "session": session, "close": close, "recent": recent[::-1],
            "models": models,
        }  # fmt: skip


def _came(connection: sqlite3.Connection, contest: int) -> Iterator[dict[str, Any]]:
    """Every model's forecast of the last session that is settled, beside what came."""
    rows = connection.execute(
        "SELECT symbol, session, value, entry, place FROM calls WHERE contest = ?1 AND state = 'settled' AND session = "
        "(SELECT MAX(session) FROM calls WHERE contest = ?1 AND state = 'settled') ORDER BY symbol LIMIT ?2",
        (contest, MOST),
    ).fetchall()
    low, high = PLACES[-1]
    for symbol, session, value, entry, place in rows:
        written = book.written_of(connection, entry)
        close = float(written.facts["close"][place])
        naive = written.forecasts[written.models.index("naive"), place]
        for name, made in zip(written.models, written.forecasts[:, place], strict=True):
            if math.isfinite(made[0]):
                yield {
                    "symbol": symbol, "session": session, "model": name, "price": close * math.exp(made[0]),
                    "came": close * math.exp(value), "miss": 100 * (value - made[0]),
                    "naive_miss": 100 * (value - naive[0]), "inside": bool(made[low] <= value <= made[high]),
                }  # fmt: skip
