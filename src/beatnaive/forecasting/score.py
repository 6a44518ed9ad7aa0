"""Forecast files: written down before the fact, scored when the prices have come in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.files import write_atomically
from beatnaive.core.types import LEVELS
from beatnaive.forecasting.forecast import Outlook, Step
from beatnaive.judging.quantile_scores import crps, wilson

if TYPE_CHECKING:
    from beatnaive.core.types import Prices

FORMAT = "beatnaive forecast 1"
INTERVALS = (0.5, 0.8, 0.95)


def to_json(outlook: Outlook) -> dict[str, Any]:
    """Plain data; quantiles by level, intervals by coverage in %."""
    from beatnaive.core.version import __version__

    data = asdict(outlook)
    del data["recent"]
    return {"format": FORMAT, "beatnaive": __version__, **data, "steps": [_step_json(step) for step in outlook.steps]}


def _step_json(step: Step) -> dict[str, Any]:
    intervals = {f"{coverage * 100:g}": list(step.interval(coverage)) for coverage in INTERVALS}
    quantiles = {f"{level:g}": value for level, value in zip(LEVELS, step.quantiles, strict=True)}
    return {**asdict(step), "intervals": intervals, "quantiles": quantiles}


def write(outlook: Outlook, path: Path) -> None:
    """A forecast file. Raises CannotWrite."""
    write_atomically(path, json.dumps(to_json(outlook), indent=1, ensure_ascii=False) + "\n")


def read(path: Path) -> Outlook:
    """The inverse of `write`. Raises InputError for anything that is no forecast file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise InputError(f"{path} is of format {data['format']!r}, not {FORMAT!r}")
        own = {key: value for key, value in data.items() if key not in ("format", "beatnaive")}
        return Outlook(**{**own, "steps": tuple(_step(one) for one in data["steps"])})
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no forecast file: write one with beatnaive forecast --out") from error


def _step(data: Mapping[str, Any]) -> Step:
    own = {key: value for key, value in data.items() if key != "intervals"}
    return Step(**{**own, "quantiles": tuple(data["quantiles"].values())})


@dataclass(frozen=True)
class Scored:
    """One forecast for one session against what happened; `actual` None = not known yet.

    price, actual, naive: currency of the file (a close is brought to the adjustment of the origin's day); inside: by
    coverage, whether the interval held the close; crps: of the log return, in %; late: made after that close, so
    that it foretold nothing.
    """

    file: str
    symbol: str
    model: str
    origin: str
    session: str
    price: float
    naive: float
    late: bool = False
    actual: float | None = None
    inside: Mapping[str, bool] | None = None
    crps: float | None = None


def score(files: Iterable[str | Path]) -> list[Scored]:
    """Every step of forecast files against the closes that are known by now, from the files' own sources.

    A file named twice counts once. Raises InputError for a file that is none, or whose origin the source no longer has.
    """
    return [scored for path in dict.fromkeys(Path(name).resolve() for name in files) for scored in _score(path)]


def _score(path: Path) -> list[Scored]:
    outlook = read(path)
    prices = _prices(outlook)
    start = _close(prices, outlook.origin)
    if start is None:
        raise InputError(f"{path}: {outlook.symbol} has no close of {outlook.origin} in {outlook.source['kind']}")
    return [_against(str(path), outlook, step, _close(prices, step.session), start) for step in outlook.steps]


def _prices(outlook: Outlook) -> Prices:
    """The series as it is now; a cache that ends before the last session forecast is fetched again."""
    from beatnaive.core import config
    from beatnaive.prices import Source, load

    source = config.build(Source, {**outlook.source, "symbols": (outlook.symbol,)}, "source of a forecast")
    prices = load(source)[0]
    if source.kind == "yahoo" and _close(prices, outlook.steps[-1].session) is None:
        prices = load(replace(source, refresh=True))[0]
    return prices


def _close(prices: Prices, session: str) -> float | None:
    found = np.flatnonzero((prices.sessions == np.datetime64(session, "D")) & np.isfinite(prices.bars[:, 3]))
    return float(prices.bars[found[0], 3]) if len(found) else None


def _against(file: str, outlook: Outlook, step: Step, close: float | None, start: float) -> Scored:
    late = np.datetime64(outlook.made_at.removesuffix("Z")) > np.datetime64(step.closes_at.removesuffix("Z"))
    scored = Scored(
        file, outlook.symbol, step.model, outlook.origin, step.session, step.price, outlook.close, late=bool(late)
    )
    if close is None:
        return scored
    actual = outlook.close * close / start
    inside = {f"{c * 100:g}": step.interval(c)[0] <= actual <= step.interval(c)[1] for c in INTERVALS}
    returns = np.log(np.array([step.quantiles]) / outlook.close)
    loss = 100 * float(crps(np.log([actual / outlook.close]), returns)[0])
    return replace(scored, actual=actual, inside=inside, crps=loss)


def summary(scored: Sequence[Scored]) -> dict[str, Any]:
    """Counts, mean absolute error in % of the actual close beside naive's, share inside each interval, mean CRPS.

    Each share comes with Wilson's 95 % interval, as if the forecasts were independent.
    """
    known = [one for one in scored if one.actual is not None]
    result: dict[str, Any] = {"forecasts": len(scored), "known": len(known)}
    if not known:
        return result
    actual = np.array([one.actual for one in known], dtype=float)
    for name in ("price", "naive"):
        error = np.abs(np.array([getattr(one, name) for one in known]) - actual) / actual
        result["mape" if name == "price" else "naive_mape"] = 100 * float(error.mean())
    result["late"] = sum(one.late for one in known)
    result["inside"] = {f"{c * 100:g}": _share(known, f"{c * 100:g}") for c in INTERVALS}
    result["crps"] = float(np.mean([one.crps for one in known if one.crps is not None]))
    return result


def _share(known: Sequence[Scored], coverage: str) -> dict[str, float]:
    held = sum(bool(one.inside and one.inside[coverage]) for one in known)
    low, high = wilson(held / len(known), len(known))
    return {"count": held, "share": held / len(known), "low": low, "high": high}
