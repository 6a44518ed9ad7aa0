"""What a ledger says today: per contest and model the errors beside naive's, the odds, and what waits."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

from beatnaive.core.errors import InputError
from beatnaive.forecasting.ledger import book, chain
from beatnaive.forecasting.ledger.tally import SUMS, Tally
from beatnaive.judging.quantile_scores import wilson
from beatnaive.judging.significance.always_valid import words


@chain.as_written()
def standing(folder: Path) -> dict[str, Any]:
    """The ledger's state: contests, waiting and late calls, revisions, head.

    It is read from what is kept beside the chain (`book`); `verify` compares that with the chain itself. Raises
    InputError where the book does not reach to the last entry.
    """
    with chain.opened(folder) as connection:
        number, head = chain.head(connection)
        try:
            reaches = connection.execute("SELECT number FROM book WHERE format = ?", (book.FORMAT,)).fetchone()
        except sqlite3.OperationalError:
            reaches = None
        if reaches is None or reaches[0] != number:
            raise InputError("the kept scores are not those of this chain: run beatnaive ledger settle")
        contests = [
            _contest(connection, *row) for row in connection.execute("SELECT id, name, state FROM contests ORDER BY id")
        ]
    return {"entries": number, "head": head, "contests": contests}


def _contest(connection: sqlite3.Connection, contest: int, name: str, state: str) -> dict[str, Any]:
    tally = Tally.from_text(state)
    states = dict(
        connection.execute("SELECT state, COUNT(*) FROM calls WHERE contest = ? GROUP BY state", (contest,)).fetchall()
    )
    waiting = connection.execute(
        "SELECT symbol, session, reason FROM calls WHERE contest = ? AND state = 'waiting' AND reason IS NOT NULL "
        "ORDER BY session, symbol", (contest,)
    ).fetchall()  # fmt: skip
    revised = connection.execute(
        "SELECT symbol, session, value, moved, origin_moved FROM calls WHERE contest = ? AND (moved IS NOT NULL OR "
        "origin_moved IS NOT NULL) ORDER BY session, symbol", (contest,)
    ).fetchall()  # fmt: skip
    ahead = connection.execute(
        "SELECT MIN(session), MAX(session) FROM calls WHERE contest = ? AND state = 'waiting' AND reason IS NULL",
        (contest,),
    ).fetchone()
    horizon = tally.standing.horizon
    ruled = {one.model: one for one in tally.standing.ruled()}
    rows = []
    for k, model in enumerate(tally.models):
        sums = dict(zip(SUMS, tally.sums[k].tolist(), strict=True))
        row: dict[str, Any] = {"model": model, **_errors(sums)}
        if model in ruled:
            row.update(asdict(ruled[model]), words=words(ruled[model], horizon))
        rows.append(row)
    return {
        "name": name, "horizon": horizon, "sessions": tally.sessions, "last": tally.last or None,
        "settled": states.get("settled", 0), "late": states.get("late", 0), "waiting": states.get("waiting", 0),
        "next": list(ahead) if ahead[0] else None,
        "troubles": [dict(zip(("symbol", "session", "reason"), row, strict=True)) for row in waiting],
        "revised": [
            dict(zip(("symbol", "session", "was", "now", "origin_moved"), row, strict=True)) for row in revised
        ],
        "models": rows,
    }  # fmt: skip


def _errors(sums: dict[str, float]) -> dict[str, Any]:
    """Errors of log returns in %, naive's on the same rows, and the intervals' coverage."""
    n = sums["n"]
    if not n:
        return {"n": 0}
    rmse, naive = 100 * math.sqrt(sums["squared"] / n), 100 * math.sqrt(sums["naive_squared"] / n)
    found: dict[str, Any] = {
        "n": int(n), "rmse": rmse, "naive_rmse": naive, "mae": 100 * sums["absolute"] / n,
        "naive_mae": 100 * sums["naive_absolute"] / n, "skill_pct": 100 * (1 - rmse / naive) if naive else None,
        "crps": 100 * sums["crps"] / n, "naive_crps": 100 * sums["naive_crps"] / n, "inside": {},
    }  # fmt: skip
    for level in ("50", "80", "95"):
        share = sums[f"in{level}"] / n
        low, high = wilson(share, int(n))
        found["inside"][level] = {"count": int(sums[f"in{level}"]), "share": share, "low": low, "high": high}
    return found
