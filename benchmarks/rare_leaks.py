"""How often the audit finds a leak that touches few rows: the table of rare leaks in docs/audit.md.

    python benchmarks/rare_leaks.py [AUDITS]

Today's return, but on some rows of 1,500, drawn by chance, tomorrow's: copied as it is, or its mean with today's. A
leak that reaches one session is found when one of its rows lies just before a cut that is tried, so that the rate
depends on the order of the cuts and on how many there was time for. It is counted over 400 draws by looking at the
order that the audit takes; the audit itself, given as many cuts, must find what the order finds, on the first AUDITS
(3) draws of each cell.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
import catalogue

from beatnaive.checks import audit, index_frame
from beatnaive.checks.auditing import features
from beatnaive.checks.auditing.cuts import ordered, reach
from beatnaive.judging.quantile_scores import wilson

DRAWS, N = 400, 1500
TRIED = (1499, 750, 250, 88)
PLACE = "<!-- rare -->", "<!-- /rare -->"


class Counted:
    """In the place of the audit's clock: so many cuts, however long they take."""

    cuts = 0

    def __init__(self, seconds: float) -> None:
        pass

    def spent(self) -> float:
        """Nothing yet."""
        return 0.0

    def until(self, share: float, cuts: Iterable[int], least: int = 2) -> Iterator[tuple[int, int]]:
        """All of the budget goes to the cuts before which the future is replaced."""
        for k, cut in enumerate(cuts):
            if k >= (self.cuts if share == 1.0 else 1):
                return
            yield k, cut


def leaking(change: pd.Series, rows: np.ndarray, share: float) -> pd.Series:
    """Today's return; on these rows `share` of tomorrow's and the rest of today's."""
    made = change.copy()
    inside = rows[rows < len(change) - 1]
    made.iloc[inside] = share * change.shift(-1).iloc[inside].to_numpy() + (1 - share) * change.iloc[inside].to_numpy()
    return made


def rate(bars: pd.DataFrame, leaks: int, share: float, tried: int, audits: int) -> str:
    """In how many of the draws a leak on so many rows is found; the audit itself is asked in the first of them."""
    change, values, found = bars["Close"].pct_change(), bars.to_numpy(float), 0
    rng = np.random.default_rng([leaks, tried])
    for draw in range(DRAWS):
        rows = rng.choice(np.arange(1, N - 1), leaks, replace=False)
        order = ordered(leaking(change, rows, share).to_numpy()[:, None], values)[:tried]
        seen = bool(np.isin(rows + 1, order).any())
        found += seen
        if draw < audits:
            with patch.object(features, "Clock", Counted), patch.object(Counted, "cuts", tried):
                report = audit(lambda bars, at=rows: leaking(bars["Close"].pct_change(), at, share), kind="feature")
            if seen and report.clean:
                raise SystemExit(f"{leaks} rows, {tried} cuts, draw {draw}: the order finds it, the audit does not")
    low, high = wilson(found / DRAWS, DRAWS)
    return f"{100 * found / DRAWS:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def main(audits: int) -> None:
    """Write the table, and print it."""
    bars = index_frame(N)
    lines = ["| cuts tried | stated reach | one row, copied | one row | ten rows | as many rows as the reach |"]
    lines.append("|---" * 6 + "|")
    for tried in TRIED:
        stated = reach(N - 1, tried, features.CHOSEN)
        cells = [rate(bars, *what, tried, audits) for what in ((1, 1.0), (1, 0.5), (10, 0.5), (stated, 0.5))]
        lines.append(f"| {tried:,} | {stated} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    catalogue.write(PLACE, lines)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
