"""Volatility, where prediction is possible: the shipped models on ^GSPC and ^IXIC, last 2,500 sessions.

Run: python benchmarks/volatility.py [docs/volatility.md]; prints the tables, or puts them between the page's marks.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pages import put

from beatnaive.prices import load
from beatnaive.study.pipeline import Result, run_study
from beatnaive.study.spec import parse

LAST, MONTH, YEAR = 2500, 21, 252
NAIVE = ("last_value", "mean_20", "expanding_mean")
MONTHLY = (*NAIVE, "ewma", "garch", "gjr", "har", "combination")
YEARLY = (*NAIVE, "har", "lstm_variance")
"""The network is fitted once per seed and refit, so this contest has fewer refits, and `har` with as few beside it."""


def result_of(symbol: str, horizon: int, models: tuple[str, ...], refit_every: int) -> Result:
    """The contest on one index; the first fit learns from all but the last sessions."""
    data = {
        "source": {"kind": "sample", "symbols": [symbol]},
        "target": {"kind": "volatility", "horizon": horizon},
        "split": {"kind": "walk_forward", "refit_every": refit_every},
        "models": {name: {} for name in models},
        "seeds": 3,
    }
    study = parse(data, "volatility")
    # the first session has no variance and those before a full window no forecast; the last `horizon` have no label yet
    usable = len(load(study.source)[0]) - max(study.lookback - 1, 1) - horizon
    return run_study(replace(study, split=replace(study.split, first=usable - LAST)))


def table(result: Result) -> str:
    """QLIKE (as y / f - log(y / f) - 1, zero for a perfect forecast), and the ruling against all three naive ones."""
    y, verdict = result.losses.y, result.verdict.to_json()
    lines = [
        "| model | n | QLIKE | skill %, 90 % interval | root mean squared error | ruling | adjusted p |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, forecast in result.losses.forecast.items():
        ratio = y / forecast
        qlike = float(np.mean(ratio - np.log(ratio) - 1))
        error = float(np.sqrt(np.mean((y - forecast) ** 2)))
        lines.append(f"| `{name}` | {len(y)} | {qlike:.3f} | {_ruling(verdict['models'].get(name), error)} |")
    return "\n".join(lines)


def _ruling(found: dict[str, Any] | None, error: float) -> str:
    """Skill is the share of the best naive forecast's QLIKE that a model saves."""
    if found is None:
        return f" | {error:.2e} | naive | "
    low, high = found["skill_ci90"]
    skill = f"{found['skill_pct']:.1f} ({low:.1f} to {high:.1f})"
    return f"{skill} | {error:.2e} | {found['ruling']} | {found['p_adjusted']:.4f}"


def contest(symbol: str, horizon: int) -> str:
    title = f"{symbol}, {horizon} session{'s' * (horizon > 1)} ahead"
    monthly = table(result_of(symbol, horizon, MONTHLY, MONTH))
    yearly = table(result_of(symbol, horizon, YEARLY, YEAR))
    return f"**{title}, refitted every {MONTH} sessions**\n\n{monthly}\n\n**{title}, every {YEAR}**\n\n{yearly}"


def main() -> None:
    text = "\n\n".join(contest(symbol, horizon) for symbol, horizon in (("^GSPC", 1), ("^GSPC", 5), ("^IXIC", 1)))
    if len(sys.argv) > 1:
        put(Path(sys.argv[1]), text, "volatility")
    else:
        print(text)


if __name__ == "__main__":
    main()
