"""Why a model did as it did: each reason with a number and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from beatnaive.core.arrays import by_code
from beatnaive.core.types import NO_SQUARES, Fit, Floats, Losses, Track

PER_PARAMETER = 10
"""Rule of thumb: training windows wanted for each parameter."""


@dataclass(frozen=True)
class Diagnosis:
    """One reason about one model: its number, its sentence, and whether it is worth telling (`applies`)."""

    kind: str
    model: str
    value: float
    words: str
    applies: bool
    details: Mapping[str, Any] = field(default_factory=dict)


def diagnose(losses: Losses, tracks: Mapping[str, Track]) -> tuple[Diagnosis, ...]:
    """Lagged copies, too many parameters, overfitting, R2 of levels against returns, seed luck; model by model.

    losses on the shared rows; tracks with the facts of every fit. Benchmarks are not diagnosed. What a model gives no
    numbers for (a loss curve, seeds, prices) is left out.
    """
    found: list[Diagnosis | None] = []
    prices = len(losses.benchmarks) == 1 and bool(np.isfinite(losses.close).all())
    for name in losses.loss:
        if name in losses.benchmarks:
            continue
        fits = list(tracks[name].facts.values()) if name in tracks else []
        if prices:
            found += [lagged_copy(losses, name), levels_and_returns(losses, name)]
        found += [parameters_per_window(name, fits), overfitting(name, fits), seed_luck(losses, name)]
    return tuple(diagnosis for diagnosis in found if diagnosis is not None)


def lagged_copy(losses: Losses, model: str) -> Diagnosis:
    """Does the forecast price follow the last close instead of the price it forecasts?

    best lag = the k in 0 .. horizon + 2 for which the forecasts lie closest (in squared log distance) to the price k
    sessions before the forecast one; R2 of the regression of forecast on last close; share of its R2 on levels that is
    left when the last close's part is taken away (R2 against naive / R2 on levels, 0 at least).
    """
    h = losses.horizon
    price, forecast = losses.close * np.exp(losses.y), losses.close * np.exp(losses.forecast[model])
    best = min(range(h + 3), key=lambda lag: _distance(losses, price, forecast, lag))
    slope, explained = _regression(losses.close, forecast)
    left = max(0.0, _r2_against_naive(losses, model) / max(_r2(price, forecast), 1e-12))
    words = (
        f"{model} {'follows' if best else 'does not follow'} past prices: its forecasts lie closest to the price "
        f"{best} session{'s' if best != 1 else ''} before the one they forecast; the last close explains "
        f"{100 * explained:.1f} % of them, and without it {100 * left:.1f} % of their R2 is left."
    )
    details = {"slope": slope, "r2_on_last_close": explained, "share_left": left}
    return Diagnosis("lagged_copy", model, float(best), words, best > 0 and left < 0.05, details)


def _distance(losses: Losses, price: Floats, forecast: Floats, lag: int) -> float:
    """Mean squared log distance between forecasts and the price `lag` rows before, over the same rows for every lag."""
    most = losses.horizon + 2
    total, count = 0.0, 0
    for rows in by_code(losses.symbol).values():
        if len(rows) > most:
            earlier = np.log(price[rows])[most - lag : len(rows) - lag]
            total += float(((np.log(forecast[rows])[most:] - earlier) ** 2).sum())
            count += len(rows) - most
    return total / max(count, 1)


def _regression(x: Floats, y: Floats) -> tuple[float, float]:
    """Slope and R2 of y on x."""
    dx, dy = x - x.mean(), y - y.mean()
    if not (dx @ dx) > 0 or not (dy @ dy) > 0:
        return 0.0, 0.0
    slope = float(dx @ dy / (dx @ dx))
    return slope, float((dx @ dy) ** 2 / (dx @ dx) / (dy @ dy))


def _r2(y: Floats, f: Floats) -> float:
    spread = float(((y - y.mean()) ** 2).sum())
    return 1 - float(((y - f) ** 2).sum()) / spread if spread > 0 else 0.0


def _r2_against_naive(losses: Losses, model: str) -> float:
    naive = float(((losses.y - losses.forecast[losses.benchmarks[0]]) ** 2).sum())
    return 1 - float(((losses.y - losses.forecast[model]) ** 2).sum()) / naive if naive > 0 else 0.0


def levels_and_returns(losses: Losses, model: str) -> Diagnosis:
    """R2 on price levels beside R2 on returns: the first is high for anything that stays near the last close."""
    levels = _r2(losses.close * np.exp(losses.y), losses.close * np.exp(losses.forecast[model]))
    returns = _r2(losses.y, losses.forecast[model])
    words = (
        f"{model} has an R2 of {levels:.3f} on price levels and {returns:.3f} on returns: "
        f"{'the first comes from the last close' if returns < 0.5 * levels else 'both say the same'}."
    )
    return Diagnosis(
        "levels_and_returns", model, returns, words, levels > 0.5 and returns < 0.05, {"r2_levels": levels}
    )


def parameters_per_window(model: str, fits: list[Fit]) -> Diagnosis | None:
    """Parameters per training window, against the rule of thumb of ten windows for each parameter."""
    known = [fit for fit in fits if fit.parameters > 0 and fit.windows > 0]
    if not known:
        return None
    last = known[-1]
    ratio = last.parameters / last.windows
    many = ratio > 1 / PER_PARAMETER
    words = (
        f"{model} has {last.parameters:,} parameters for {last.windows:,} training windows ({ratio:.2g} per window); "
        f"the rule of thumb is at least {PER_PARAMETER} windows for each parameter"
        f"{f', here {PER_PARAMETER * last.parameters:,}' if many else ', which holds'}."
    )
    return Diagnosis("parameters_per_window", model, ratio, words, many)


def overfitting(model: str, fits: list[Fit]) -> Diagnosis | None:
    """Gap between the two loss curves at the last epoch, and the epoch after which validation only got worse.

    value = validation loss / training loss at the end; means over all fits that kept both curves.
    """
    curves = [fit.history for fit in fits if len(fit.history.get("val_loss", ())) > 1 and fit.history.get("loss")]
    if not curves:
        return None
    epochs = float(np.mean([len(curve["val_loss"]) for curve in curves]))
    best = float(np.mean([int(np.argmin(curve["val_loss"])) + 1 for curve in curves]))
    gap = float(np.mean([curve["val_loss"][-1] / max(curve["loss"][-1], 1e-300) for curve in curves]))
    rise = float(np.mean([curve["val_loss"][-1] / max(min(curve["val_loss"]), 1e-300) for curve in curves]))
    words = (
        f"{model}'s validation loss was lowest at epoch {best:.0f} of {epochs:.0f} and ended "
        f"{100 * (rise - 1):.0f} % above that; at the end it was {gap:.2g} times the training loss."
    )
    applies = best < 0.8 * epochs and rise > 1.05
    return Diagnosis("overfitting", model, gap, words, applies, {"best_epoch": best, "epochs": epochs, "rise": rise})


def seed_luck(losses: Losses, model: str) -> Diagnosis | None:
    """How far apart the seeds of one model lie: skill of the best and of the worst, % of naive's error."""
    if model not in losses.seed_loss or len(losses.seed_loss[model]) < 2:
        return None
    naive = float(losses.loss[losses.benchmarks[0]].mean())
    means = np.sort(losses.seed_loss[model].mean(1))
    root = losses.loss_name not in NO_SQUARES
    if not naive > 0 or (means < 0).any():
        return None
    ratio = np.sqrt(means / naive) if root else means / naive
    best, worst = (100 * (1 - float(ratio[k])) for k in (0, -1))
    decides = best > 0 > worst
    both = "the choice of seed alone decides whether it beats naive" if decides else "all on one side of naive"
    words = f"{model}'s {len(means)} seeds reach from {best:+.1f} % to {worst:+.1f} % skill: {both}."
    details = {"best": best, "worst": worst, "decides": decides}
    return Diagnosis("seed_luck", model, best - worst, words, decides or best - worst > 1.0, details)
