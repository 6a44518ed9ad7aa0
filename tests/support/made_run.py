"""A finished run made from real prices by plain numpy: what charts and reports are tested on.

The S&P 500 of the arch package, last five years, 80:20; naive, drift, 7-day moving average, least squares on lagged
returns, and "lstm": a small network of random features trained by gradient descent, five seeds (its name only
chooses its colour; its numbers are its own). Scores and the verdict are computed here, independently of the program.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from beatnaive.core.types import Finding, RunData

LAGS = 10
QUANTILES = {
    "q025": 0.025, "q05": 0.05, "q10": 0.1, "q25": 0.25, "q50": 0.5, "q75": 0.75,
    "q90": 0.9, "q95": 0.95, "q975": 0.975,
}  # fmt: skip


def close_of_sp500(sessions: int = 1260) -> pd.Series:
    import arch.data.sp500

    return arch.data.sp500.load()["Close"].astype(float).iloc[-sessions:]


def network(x: np.ndarray, y: np.ndarray, train: np.ndarray, seed: int) -> tuple[np.ndarray, dict[str, list[float]]]:
    """Random tanh features, output weights by gradient descent; the last tenth of training is for validation."""
    rng = np.random.default_rng(seed)
    hidden = np.tanh((x / x[train].std()) @ rng.normal(size=(x.shape[1], 40)))
    fit, check = train[: int(0.9 * len(train))], train[int(0.9 * len(train)) :]
    w = np.zeros(40)
    loss, val_loss = [], []
    for _ in range(50):
        error = hidden[fit] @ w - y[fit] / y[fit].std()
        w -= 0.02 * hidden[fit].T @ error / len(fit) * 5
        loss.append(float(np.mean(error**2)))
        val_loss.append(float(np.mean((hidden[check] @ w - y[check] / y[fit].std()) ** 2)))
    return hidden @ w * y[fit].std(), {"loss": loss, "val_loss": val_loss}


def tracks_of(close: np.ndarray) -> tuple[dict[tuple[str, int], np.ndarray], np.ndarray, list[dict[str, Any]]]:
    """Forecast log returns per (model, seed) at the test origins, those origins, and the fits."""
    r = np.diff(np.log(close))
    origins = np.arange(LAGS, len(close) - 1)
    y = r[origins]
    x = np.stack([r[origins - k] for k in range(1, LAGS + 1)], axis=1)
    train, test = np.split(np.arange(len(origins)), [int(0.8 * len(origins))])
    design = np.column_stack([np.ones(len(x)), x])
    beta = np.linalg.lstsq(design[train], y[train], rcond=None)[0]
    ma = np.array([np.log(close[t - 6 : t + 1].mean() / close[t]) for t in origins[test]])
    tracks = {
        ("naive", -1): np.zeros(len(test)),
        ("drift", -1): np.full(len(test), y[train].mean()),
        ("moving_average", -1): ma,
        ("linear", -1): design[test] @ beta,
    }
    fits = []
    for seed in range(5):
        forecast, history = network(x, y, train, seed)
        tracks["lstm", seed] = forecast[test]
        fits.append(
            {
                "model": "lstm",
                "fold": 0,
                "seed": seed,
                "parameters": 440,
                "windows": len(train),
                "history": history,
                "best_epoch": int(np.argmin(history["val_loss"])),
                "seconds": 0.4,
                "warnings": (),
            }
        )
    tracks["lstm", -1] = np.mean([tracks["lstm", seed] for seed in range(5)], axis=0)
    return tracks, origins[test], fits


def forecasts_of(symbol: str, close: pd.Series) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """forecasts.parquet of one symbol, and the fits."""
    tracks, at, fits = tracks_of(close.to_numpy())
    price, days = close.to_numpy(), close.index
    frames = [
        pd.DataFrame(
            {
                "symbol": symbol,
                "model": model,
                "seed": np.int32(seed),
                "fold": np.int32(0),
                "origin": days[at].date,
                "target_date": days[at + 1].date,
                "close": price[at],
                "y": price[at + 1],
                "yhat": price[at] * np.exp(f),
            }
        )
        for (model, seed), f in tracks.items()
    ]
    table = pd.concat(frames, ignore_index=True)
    daily = pd.Series(np.diff(np.log(price), prepend=np.nan)).rolling(40).std().to_numpy()[at]
    spread = np.tile(daily, len(tracks))
    for name, level in QUANTILES.items():
        stated = table["yhat"] * np.exp(stats.norm.ppf(level) * spread)
        table[name] = np.where(table["seed"] == -1, stated, np.nan)
    return table.sort_values(["symbol", "model", "seed", "origin"], ignore_index=True), fits


def scores_of(forecasts: pd.DataFrame) -> pd.DataFrame:
    """scores.csv, row by row."""
    rows = []
    for (symbol, model), part in forecasts.groupby(["symbol", "model"]):
        mean, seeds = part[part.seed == -1], part[part.seed >= 0]
        naive = forecasts[(forecasts.symbol == symbol) & (forecasts.model == "naive")]
        error, base = (mean.y - mean.yhat).to_numpy(), (naive.y - naive.yhat).to_numpy()
        rmse, rmse0 = np.sqrt(np.mean(error**2)), np.sqrt(np.mean(base**2))
        per_seed = [np.sqrt(np.mean((s.y - s.yhat) ** 2)) for _, s in seeds.groupby("seed")]
        log_error, log_base = np.log(mean.y / mean.yhat), np.log(naive.y / naive.yhat)
        rows.append(
            {
                "symbol": symbol,
                "model": model,
                "n": len(mean),
                "mae": np.abs(error).mean(),
                "rmse": rmse,
                "mape": 100 * np.mean(np.abs(error) / mean.y.to_numpy()),
                "r2": 1 - np.sum(error**2) / np.sum((mean.y - mean.y.mean()) ** 2),
                "skill_pct": 100 * (1 - rmse / rmse0),
                "r2_vs_naive": 1 - (log_error**2).sum() / (log_base**2).sum(),
                "relative_mae": np.abs(error).mean() / np.abs(base).mean(),
                "hit_rate": np.mean(np.sign(mean.yhat - mean.close) == np.sign(mean.y - mean.close))
                if model != "naive"
                else np.nan,
                "seed_rmse_mean": np.mean(per_seed) if per_seed else np.nan,
                "seed_rmse_min": min(per_seed, default=np.nan),
                "seed_rmse_max": max(per_seed, default=np.nan),
                "parameters": {"lstm": 440, "linear": 11, "drift": 1}.get(model, 0),
                "crps": np.nan,
                "coverage95": np.nan,
            }
        )
    return pd.DataFrame(rows)


def ruling_of(rows: pd.DataFrame, base: pd.DataFrame, score: pd.Series, seeds: list[float]) -> dict[str, Any]:
    """One model's entry of verdict.json: one-horizon t-tests, Bonferroni for the four models."""
    d = ((np.log(base.y / base.yhat)) ** 2).to_numpy() - ((np.log(rows.y / rows.yhat)) ** 2).to_numpy()
    n, se = len(d), d.std(ddof=1) / np.sqrt(len(d))
    t = d.mean() / se if se else 0.0
    per_rmse = 100 / (2 * np.mean(np.log(base.y / base.yhat) ** 2))
    p_better = float(stats.t.sf(t, n - 1))
    adjusted = min(1.0, 4 * p_better)
    worse = min(1.0, 4 * float(stats.t.cdf(t, n - 1))) < 0.05
    skill = 100 * (1 - np.sqrt(np.mean(np.log(rows.y / rows.yhat) ** 2) / np.mean(np.log(base.y / base.yhat) ** 2)))
    return {
        **{key: float(score[key]) for key in ("mae", "rmse", "mape", "r2", "skill_pct")},
        "n": n,
        "skill_ci90": [skill - 1.645 * se * per_rmse, skill + 1.645 * se * per_rmse],
        "dm": {"statistic": t, "p_value": 2 * min(p_better, 1 - p_better), "p_better": p_better},
        "cw": {"statistic": None, "p_value": None},
        "pt": {"statistic": None, "p_value": None},
        "p_adjusted": adjusted,
        "p_adjusted_this_run": adjusted,
        "mde_pct": 3.27 * se * per_rmse,
        "mde_single_pct": 2.487 * se * per_rmse,
        "slope": None,
        "seeds_better": float(np.mean(np.array(seeds) > 0)) if seeds else None,
        "ruling": "better" if adjusted < 0.05 else "worse" if worse else "cannot tell",
        "because": [
            f"adjusted p {adjusted:.2f}; an edge of {3.27 * se * per_rmse:.1f} % would be seen four times in five"
        ],
    }


def verdict_of(forecasts: pd.DataFrame, scores: pd.DataFrame) -> dict[str, Any]:
    """verdict.json of the first symbol."""
    symbol = scores.symbol.iloc[0]
    mine = forecasts[(forecasts.symbol == symbol) & (forecasts.seed == -1)]
    base = mine[mine.model == "naive"]
    table = scores[scores.symbol == symbol].set_index("model")
    models = {
        name: ruling_of(part, base, table.loc[name], []) for name, part in mine.groupby("model") if name != "naive"
    }
    best = min(models.values(), key=lambda entry: entry["p_adjusted"])
    naive = table.loc["naive"]
    return {
        "n": len(base),
        "horizon": 1,
        "loss": "squared",
        "benchmark": "naive",
        "naive": {key: float(naive[key]) for key in ("mae", "rmse", "mape", "r2")},
        "trials": {"counted": 4, "runs": []},
        "models": models,
        "any_better": {"p_value": best["p_adjusted"]},
        "confidence_set": {"level": 0.9, "included": ["naive", "drift", "linear"]},
        "words": "No model forecasts better than naive; an edge of a few per cent could not be seen on 250 sessions.",
        "diagnosis": [
            {"model": "lstm", "kind": "lagged_copy", "number": 1, "words": "it follows the last close, best lag 1."},
            {
                "model": "lstm",
                "kind": "parameters_per_window",
                "number": 0.44,
                "words": "0.44 parameters per training window.",
            },
        ],
    }


@dataclass(frozen=True, eq=False)
class Frame:
    """A table of forecasts that lies in memory, in one part."""

    frame: pd.DataFrame

    def parts(self, columns=None):
        yield self.frame if columns is None else self.frame[list(columns)]

    def whole(self):
        return self.frame


def made_run(symbols: tuple[str, ...] = ("^GSPC",), *, model_names: dict[str, str] | None = None) -> RunData:
    """A complete RunData; several symbols are shifted pieces of the same index; models may be renamed."""
    parts = [
        forecasts_of(name, close_of_sp500(1260 + 100 * k).iloc[: 1260 - 100 * k]) for k, name in enumerate(symbols)
    ]
    forecasts = pd.concat([part for part, _ in parts], ignore_index=True)
    fits = parts[0][1]
    rename = {name: name for name in forecasts.model.unique()} | (model_names or {})
    forecasts["model"] = forecasts.model
    scores = scores_of(forecasts)
    verdict = verdict_of(forecasts, scores)
    verdict["models"] = {rename[name]: entry for name, entry in verdict["models"].items()}
    for table in (forecasts, scores):
        table["model"] = table["model"].map(rename)
    study = {
        "name": "default",
        "source": {"kind": "sample", "symbols": list(symbols)},
        "target": {"kind": "return", "horizon": 1},
        "features": ["published"],
        "split": {"kind": "single", "train": 0.8},
        "seed": 0,
        "seeds": 5,
        "models": {rename[name]: {} for name in ("naive", "drift", "moving_average", "linear", "lstm")},
    }
    finding = Finding(
        severity="note",
        kind="closure",
        symbol=symbols[0],
        message="2 sessions are missing against the calendar",
        mend="nothing to do",
        count=2,
        dates=("2018-12-05",),
    )
    timings = pd.DataFrame({"model": list(rename.values()), "seconds": np.linspace(0.01, 4.0, len(rename))})
    record = {
        "state": "complete",
        "versions": {"beatnaive": "0.1.0", "numpy": np.__version__},
        "sha256": {"study": "ab12", "data": "cd34"},
    }
    fits = [{**fit, "model": rename[fit["model"]]} for fit in fits]
    return RunData(
        folder=Path("runs/default"),
        study=study,
        findings=(finding,),
        table=Frame(forecasts),
        scores=scores,
        timings=timings,
        verdict=verdict,
        fits=tuple(fits),
        record=record,
    )
