"""Is a release found where it tells something, and only there? Planted worlds, the shipped join, models and test.

    python benchmarks/information.py [--worlds 200] [--models linear,ridge,boosting,lstm] [--keep FILE]

A world: 2,021 sessions of a random walk, 1,000 to learn from, then 1,000 to be scored with a refit every 125, five
columns of noise that model and twin share, and one release. Designs: `daily` (R2 3 %), `monthly` (3 % of all variance,
all of it on the sessions of publication),
`monthly 25 %` (a quarter of the variance of those sessions), `held only` (as `monthly`, without the column fresh),
`irrelevant`, and `same day` (it describes the return of its own session and comes out at that close).
The lstm is small (one layer of 16, ten steps, twenty epochs), one seed: what is asked of it is how often an irrelevant
release "helps". --keep: worlds that stand in FILE are not made again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from beatnaive.backtest.targets import target
from beatnaive.core.types import Inputs, Losses, Provenance, Samples
from beatnaive.judging.information import Gain, gains
from beatnaive.models.spec import ModelSpec, build
from beatnaive.prices.calendars import closes, sessions_between
from beatnaive.releases.join import by_reference, history, join
from beatnaive.releases.table import Releases

N, LEARN, MONTH, REFIT = 2021, 1000, 21, 125
DESIGNS = ("daily", "monthly", "monthly 25 %", "held only", "irrelevant", "irrelevant monthly", "same day")
SESSIONS = sessions_between("XNYS", np.datetime64("2008-01-02"), np.datetime64("2016-12-31"))[: N + 1]
ORIGIN = closes("XNYS", SESSIONS)
SMALL = {"lookback": 10, "units": [16], "dense": [], "epochs": 20, "batch": 64}


def world(design: str, rng: np.random.Generator) -> tuple[np.ndarray, Releases]:
    """(N,) returns that follow each close, unit variance before the signal, and the release."""
    noise = rng.normal(size=N)
    monthly = "monthly" in design or design == "held only"
    at = np.arange(MONTH - 1, N, MONTH) if monthly else np.arange(N)
    x = rng.normal(size=len(at))
    share = {"daily": 0.03, "monthly": 0.03 * MONTH, "held only": 0.03 * MONTH, "monthly 25 %": 0.25}.get(design, 0.0)
    # a share of all variance that falls on one session in a month: s^2 / (MONTH + s^2) = 3 %
    size = np.sqrt(share / (1 - share)) if design in ("daily", "monthly 25 %") else np.sqrt(share / 0.97)
    y = noise.copy()
    y[at] += size * x
    if design == "same day":
        x = y  # of the session that is forecast: it comes out at that session's close
        sessions, known = SESSIONS[1:], ORIGIN[1:]
    else:
        sessions, known = SESSIONS[at], ORIGIN[at]
    table = Releases.of(
        name="x", period_end=sessions, known_at=known, value=x, provenance=Provenance("planted", "0" * 64, "")
    )
    return y, table


def gain_of(design: str, model: str, rng: np.random.Generator) -> Gain:
    """What the shipped test says of one world."""
    y, table = world(design, rng)
    sessions, origin = SESSIONS[:N], ORIGIN[:N]
    parts = [0] if design in ("daily", "irrelevant", "same day", "held only") else [0, 2]
    common = rng.normal(size=(N, 5))
    known = [
        join(history(one), sessions, origin, "XNYS")[:, parts] for one in (table, by_reference(table, SESSIONS, ORIGIN))
    ]
    start = MONTH  # the first release is out
    columns = {"m": np.hstack([common, known[0]]), "m~x": common, "m!x": np.hstack([common, known[1]])}
    if design != "same day":
        del columns["m!x"]
    else:
        columns["m!x"][-1, -1] = 0.0
    forecast = {name: fitted(x[start:], y[start:], model) for name, x in columns.items()}
    scored = slice(start + LEARN, N)
    outcome, n = y[scored], N - start - LEARN
    losses = Losses(
        symbols=("W",), symbol=np.zeros(n, np.int32), session=sessions[scored], origin=origin[scored], horizon=1,
        y=outcome, close=np.full(n, np.nan), forecast=forecast,
        loss={name: (outcome - f) ** 2 for name, f in forecast.items()},
        seed_loss={}, scale=np.ones(n), benchmarks=("naive",), loss_name="squared",
    )  # fmt: skip
    return gains(losses, ["m"] if model == "linear" else [])[0]


def fitted(x: np.ndarray, y: np.ndarray, model: str) -> np.ndarray:
    """Forecasts of a shipped model for the rows after LEARN, refitted on all earlier rows every REFIT sessions."""
    n = len(x)
    inputs = Inputs(
        symbols=("W",), symbol=np.zeros(n, np.int32), session=SESSIONS[:n], origin=ORIGIN[:n], bars=np.ones((n, 5)),
        x=x, features=tuple(f"c{k}" for k in range(x.shape[1])), filled=np.zeros(n, bool),
    )  # fmt: skip
    options = {**SMALL, "columns": list(inputs.features)} if model == "lstm" else {}
    recipe, made = build(model, ModelSpec(model, options)), []
    for first in range(LEARN, n, REFIT):
        train = Samples(inputs, np.arange(first), y[:first], ORIGIN[1 : first + 1], target("return", 1))
        fit = recipe.fit(train, np.random.default_rng(0))
        made.append(fit.predict(inputs, np.arange(first, min(first + REFIT, n))).mean)
    return np.concatenate(made)


def main(worlds: int, models: Sequence[str], keep: Path | None) -> None:
    """A line per model and design: how often the answer is that the release helps, by each test."""
    kept = {}
    if keep is not None and keep.is_file():
        rows = [json.loads(line) for line in keep.read_text().splitlines()]
        kept = {(row["model"], row["design"], row["world"]): row for row in rows}
    for model in models:
        for design in DESIGNS if model == "linear" else ("irrelevant", "irrelevant monthly", "daily"):
            found = [kept.get((model, design, k)) or asked(design, model, k, keep) for k in range(worlds)]
            tell(model, design, found)


def asked(design: str, model: str, k: int, keep: Path | None) -> dict[str, float | str | None]:
    """What the shipped test says of world k, as plain data, and a line in `keep`."""
    one = gain_of(design, model, np.random.default_rng([k, 18]))
    row: dict[str, float | str | None] = {
        "model": model, "design": design, "world": k, "test": one.test, "p": one.p_value, "rule": rule_p(one),
        "gain": one.gain_pct, "mde": one.mde_pct, "premium": one.premium.pct if one.premium else None,
    }  # fmt: skip
    if keep is not None:
        with keep.open("a") as file:
            file.write(json.dumps(row) + "\n")
    return row


def tell(model: str, design: str, found: Sequence[dict[str, float | str | None]]) -> None:
    """Print the shares of worlds below 5 %, and what an edge would have had to be."""
    column = {key: np.array([row[key] for row in found], float) for key in ("p", "rule", "gain", "mde", "premium")}
    premium = column["premium"]
    more = f"; leak premium {np.nanmean(premium):.1f} %" if np.isfinite(premium).any() else ""
    print(
        f"{model:9} {design:19} {len(found)} worlds: {found[0]['test']} {100 * (column['p'] < 0.05).mean():5.1f} %, "
        f"the rule {100 * (column['rule'] < 0.05).mean():5.1f} %, detectable {np.nanmean(column['mde']):.2f} %, "
        f"gain {np.nanmean(column['gain']):+.2f} %{more}",
        flush=True,
    )


def rule_p(one: Gain) -> float:
    """The one-sided p of the ruling's own t: 1 less that of the other side."""
    return 1 - one.p_worse if one.p_worse < 1 else 1.0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--models", default="linear,ridge,boosting")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    main(given.worlds, given.models.split(","), given.keep)
