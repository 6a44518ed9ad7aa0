"""Volatility, where prediction is possible: the shipped models on ^GSPC and ^IXIC, last 2,500 sessions, refit monthly.

Run: python benchmarks/volatility.py [docs/volatility.md]; prints the tables, or puts them between the page's marks.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from pages import put

from beatnaive.prices import Source, load
from beatnaive.study import Result, parse, run

LAST, MONTH = 2500, 21
NAIVE = ("last_value", "mean_20", "expanding_mean")
MODELS = (*NAIVE, "ewma", "garch", "gjr", "har", "combination")


def result_of(symbol: str, horizon: int) -> Result:
    """The contest on one index; the first fit learns from all but the last sessions."""
    sessions = len(load(Source(symbols=(symbol,)))[0])
    # the first session has no variance, and the last `horizon` have no label yet
    first = sessions - 1 - horizon - LAST
    data = {
        "source": {"kind": "sample", "symbols": [symbol]},
        "target": {"kind": "volatility", "horizon": horizon},
        "split": {"kind": "walk_forward", "first": first, "refit_every": MONTH},
        "models": {name: {} for name in MODELS},
    }
    return run(parse(data, "volatility"))


def table(result: Result) -> str:
    """QLIKE (as y / f - log(y / f) - 1, zero for a perfect forecast), its gain, and the ruling against all three."""
    y = result.losses.y
    lines = ["| model | QLIKE | root mean squared error | ruling | adjusted p |", "|---|---|---|---|---|"]
    rulings = result.verdict.to_json()["models"]
    for name, forecast in result.losses.forecast.items():
        ratio = y / forecast
        qlike = float(np.mean(ratio - np.log(ratio) - 1))
        error = float(np.sqrt(np.mean((y - forecast) ** 2)))
        found = rulings.get(name)
        said = f"{found['ruling']} | {found['p_adjusted']:.4f}" if found else "naive | "
        lines.append(f"| `{name}` | {qlike:.3f} | {error:.2e} | {said} |")
    return "\n".join(lines)


def main() -> None:
    parts = [
        f"**{symbol}, {horizon} session{'s' * (horizon > 1)} ahead**\n\n{table(result_of(symbol, horizon))}"
        for symbol, horizon in (("^GSPC", 1), ("^GSPC", 5), ("^IXIC", 1))
    ]
    text = "\n\n".join(parts)
    if len(sys.argv) > 1:
        put(Path(sys.argv[1]), text, "volatility")
    else:
        print(text)


if __name__ == "__main__":
    main()
