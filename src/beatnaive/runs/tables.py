"""What a finished study writes into its run folder: the tables of the contract, the findings, the saved models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from beatnaive.backtest.units import MEAN_SEED, SYMBOLS_PER_GROUP, FitKey
from beatnaive.core import mapped
from beatnaive.core.arrays import by_code, of_codes
from beatnaive.core.files import to_json
from beatnaive.core.threads import one_ahead
from beatnaive.core.types import LEVELS, WARMUP, Evidence, Floats, Ints, Samples, Track
from beatnaive.judging import scores
from beatnaive.judging.significance.calibration import conditional_coverage_evidence, conditional_coverage_of_panel
from beatnaive.runs.folder import sha256
from beatnaive.runs.store import RunStore

if TYPE_CHECKING:
    import pyarrow as pa

    from beatnaive.study.information import Information
    from beatnaive.study.pipeline import Result

QUANTILES = tuple(f"q{level * 100:04.1f}".replace(".", "").removesuffix("0") for level in LEVELS)

WORDS = ("symbol", "model", "seed", "fold", "origin", "target_date")
"""Columns of few different values: forecasts.parquet names each value once. Numbers that differ are written as such."""
PART = 1 << 18
"""Rows of forecasts.parquet that are made at a time."""


def write_results(store: RunStore, result: Result) -> None:
    """Everything but models, plots and report; tables whose bytes depend on the study and the data alone."""
    samples, tracks = result.samples, {**result.tracks, **(result.information.twins if result.information else {})}
    parts = one_ahead(forecasts(tracks, samples))

    def one_after_the_other(file: BinaryIO) -> None:
        import pyarrow.parquet as pq

        first = next(parts)
        with pq.ParquetWriter(file, first.schema, compression="zstd", use_dictionary=list(WORDS)) as writer:
            for table in chain([first], parts):
                writer.write_table(table)

    store.write("study.toml", result.study.to_toml())
    store.write("findings.json", to_json([asdict(finding) for finding in result.findings]))
    store.write("forecasts.parquet", one_after_the_other)
    store.write("scores.csv", scores.write(result.scores))
    facts = fits(tracks)
    seconds = [f"{one['model']},{one['fold']},{one['seed']},{one['seconds']:.6f}" for one in facts]
    store.write("timings.csv", "\n".join(["model,fold,seed,seconds", *seconds]) + "\n")
    store.write("fits.json", to_json(facts))
    store.write("verdict.json", to_json(verdict(result)))
    if result.curve is not None:
        store.write("learning_curve.json", to_json(result.curve.to_json()))


def verdict(result: Result) -> dict[str, Any]:
    """The object of verdict.json: the verdict, and beside it the reasons and the placebo."""
    return {
        **result.verdict.to_json(),
        "diagnosis": [
            {"model": one.model, "kind": one.kind, "number": one.value, "words": one.words, "applies": one.applies}
            for one in result.reasons
        ],
        "intervals": [
            {"model": one.model, "p_value": one.p_value, "words": one.words, **one.details} for one in intervals(result)
        ],
        "placebo": placebo_of(result.placebo),
        **({"information": information(known)} if (known := result.information) is not None else {}),
    }


def placebo_of(sham: Evidence | None) -> dict[str, Any] | None:
    """What the worlds without direction say, as plain data."""
    return None if sham is None else {"p_value": sham.p_value, "n": sham.n, "words": sham.words}


def information(known: Information) -> dict[str, Any]:
    """What the releases were worth, for verdict.json: a gain per model and release, and the words."""
    return {"gains": [one.to_json() for one in known.gains], "words": known.words}


def intervals(result: Result) -> list[Evidence]:
    """Whether each model's 95 % interval holds as often as promised, whatever happened the day before."""
    inputs, target = result.samples.inputs, result.samples.target
    found = []
    for name, track in result.tracks.items():
        quantiles = track.forecast.quantiles
        if track.failure is not None or quantiles is None:
            continue
        scored = track.scored
        y = result.samples.y[result.samples.at(track.rows[scored])]
        held, symbol = quantiles[scored], inputs.symbol[track.rows[scored]].astype(np.int64)
        if len(np.unique(symbol)) > 1:
            found.append(conditional_coverage_of_panel(name, y, held, symbol, 0.95, target.horizon))
        else:
            found.append(conditional_coverage_evidence(name, y, held, 0.95, target.horizon))
        mapped.forget(quantiles)
    return found


def forecasts(tracks: Mapping[str, Track], samples: Samples) -> Iterator[pa.Table]:
    """forecasts.parquet: a row per symbol, model, seed and origin; seed -1 is the mean over seeds.

    Prices (currency) for a return study, variances (squared log return) for a volatility study; a forecast that is not
    positive and finite is null. In parts of whole symbols, in the order of their names and of about `PART` rows, so
    that a panel's rows are never held twice.
    """
    names = samples.inputs.symbols
    counts = sum(
        len(_seeds(track)) * np.bincount(samples.inputs.symbol[track.rows], minlength=len(names))
        for track in tracks.values()
    )
    stated = [one for track in tracks.values() if (one := track.forecast.quantiles) is not None]
    order = np.argsort(np.array(names), kind="stable")
    part = np.cumsum(np.asarray(counts)[order]) // PART
    scored: dict[str, dict[int, Ints]] = {}
    for name, track in tracks.items():  # most share their rows, which are sorted once
        alike = (one for one in scored if tracks[one].rows is track.rows and tracks[one].fold is track.fold)
        scored[name] = scored[same] if (same := next(alike, "")) else _scored_by_symbol(track, samples)
    for codes in np.split(order, np.flatnonzero(np.diff(part)) + 1):
        yield _part(tracks, samples, codes, scored)  # a function of its own: what it holds is gone before the next part
    mapped.forget(*stated)  # at the end: each part looks into all of their pages


def _scored_by_symbol(track: Track, samples: Samples) -> dict[int, Ints]:
    """Where each symbol's scored forecasts stand in the track."""
    scored = np.flatnonzero(track.fold != WARMUP)
    return {code: scored[own] for code, own in by_code(samples.inputs.symbol[track.rows[scored]]).items()}


def _part(
    tracks: Mapping[str, Track], samples: Samples, codes: Ints, scored: Mapping[str, Mapping[int, Ints]]
) -> pa.Table:
    """The rows of these symbols, sorted by symbol, model, seed and origin."""
    import pyarrow as pa

    models, blocks = sorted(tracks), list[dict[str, Any]]()
    seen: dict[int, tuple[Ints, dict[str, Any]]] = {}  # of models that share their rows, once
    for name in models:
        track, own = tracks[name], scored[name]
        if id(own) not in seen:
            at = of_codes(own, codes.tolist())
            seen[id(own)] = at, _outcomes(track, samples, codes, at)
        at, outcomes = seen[id(own)]
        for seed in _seeds(track):
            which = {"symbol": outcomes["symbol"], "model": models.index(name), "seed": np.int32(seed)}
            blocks.append(which | outcomes | _forecasts(track, seed, samples, at, outcomes["close"]))
    # a block's symbol, model and seed may be one number for all its rows
    shape = [len(block["close"]) for block in blocks]
    columns = {
        name: np.concatenate([np.broadcast_to(block[name], n) for block, n in zip(blocks, shape, strict=True)])
        for name in blocks[0]
    }
    order = np.argsort(columns["symbol"], kind="stable")  # blocks come by model and seed, and each of them in time
    words = {"symbol": [samples.inputs.symbols[code] for code in codes], "model": models}
    arrays = {
        name: pa.DictionaryArray.from_arrays(values[order].astype(np.int32, copy=False), words[name]).cast(pa.string())
        if name in words
        else pa.array(values[order], from_pandas=True)
        for name, values in columns.items()
    }
    return pa.table(arrays)


def _seeds(track: Track) -> list[int]:
    own = sorted(track.seeds)
    return own if own[0] == MEAN_SEED else [MEAN_SEED, *own]


def _outcomes(track: Track, samples: Samples, codes: Ints, at: Ints) -> dict[str, Any]:
    """What every model's rows say at these places of its track; symbol: places in `codes`."""
    inputs, rows = samples.inputs, track.rows[at]
    place = np.full(len(inputs.symbols), -1)
    place[codes] = np.arange(len(codes))
    later = inputs.ahead(rows, samples.target.horizon)
    return {
        "symbol": place[inputs.symbol[rows]].astype(np.int32),
        "fold": track.fold[at].astype(np.int32),
        "origin": inputs.session[rows].astype("datetime64[D]"),
        "target_date": inputs.session[later].astype("datetime64[D]"),
        "close": inputs.close[rows],
        "y": inputs.close[later] if samples.target.name == "return" else samples.y[samples.at(rows)],
    }


def _forecasts(track: Track, seed: int, samples: Samples, at: Ints, close: Floats) -> dict[str, Floats]:
    """yhat and the quantiles of one model and seed at these places of its track."""
    forecast = track.forecast if seed == MEAN_SEED else track.seeds[seed]
    quantiles = np.full((len(at), len(LEVELS)), np.nan) if forecast.quantiles is None else forecast.quantiles[at]
    values = dict(zip(("yhat", *QUANTILES), (forecast.mean[at], *quantiles.T), strict=True))
    price = samples.target.name == "return"
    return {name: _stated(close * np.exp(one) if price else one) for name, one in values.items()}


def _stated(values: Floats) -> Floats:
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def fits(tracks: Mapping[str, Track]) -> list[dict[str, Any]]:
    """A dict per (model, fold, seed) with the facts of the fit; the intervals' warm-up fold is -1."""
    return [
        {"model": name, "fold": fold, "seed": seed, **asdict(fit)}
        for name, track in tracks.items()
        for (fold, seed), fit in sorted(track.facts.items())
    ]


def write_models(store: RunStore, result: Result) -> dict[str, str]:
    """models/<model>/<seed>/<group>/...: what the last fold's units fitted. Returns sha256 by relative path."""
    last = result.folds[-1].number
    groups = range(-(-len(result.samples.inputs.symbols) // SYMBOLS_PER_GROUP))
    hashes: dict[str, str] = {}
    for model, track in result.tracks.items():
        for seed in track.seeds:
            for group in groups:
                outcome = store.load(FitKey(model, last, seed, group))
                # a pooled model has one group, and the combination is made of others' forecasts
                for name, raw in outcome.saved.items() if outcome is not None else ():
                    path = f"models/{model}/{seed}/{group}/{name}"
                    store.write(path, raw)
                    hashes[path] = sha256(raw)
    return hashes
