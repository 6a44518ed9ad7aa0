"""What was tried before: earlier runs in the same folder count, so that trying long enough does not find a winner.

A trial is a distinct forecast series judged in a loss, at a horizon, from a start date. The list is made when a run
starts and kept in its record; the forecasts themselves are read again when the run has its own, and each trial enters
the rule with its own loss on its own rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from beatnaive.core.documents import is_file
from beatnaive.core.errors import InputError
from beatnaive.core.names import TWIN
from beatnaive.core.types import Losses
from beatnaive.judging.significance import Trials
from beatnaive.runs.folder import read_record
from beatnaive.runs.series import Question, Series, Stored, fingerprint, losses_of, series, series_of


def find_trials(runs: Path, *, symbols: Sequence[str], identity: Mapping[str, Any], own: Path) -> dict[str, Any]:
    """The list of earlier trials, for run.json: made once, when a run starts.

    runs: the folder of run folders; symbols of this run; identity: its study_sha256 and data_sha256; own: its folder,
    whose study.toml stands already. Every run with the same target and a symbol in common counts, whatever its horizon,
    loss, dates and state. Returns {"trials": [{"run", "model", "sha256"}], "unjoined": [{"run", "model", "why"}],
    "other_symbols": [...]}: a series found twice is listed once; a model of a run that did not end is unjoined, unless
    it is the very study and data of this run. Folders that cannot be read are named under "damaged".
    """
    mine = Question.of(own) if (own / "study.toml").is_file() else None
    trials: dict[tuple[Any, ...], dict[str, str]] = {}
    unjoined: list[dict[str, str]] = []
    others: set[str] = set()
    damaged: list[str] = []
    for folder in sorted(runs.iterdir()) if runs.is_dir() else ():
        if not all(is_file(folder / x) for x in ("run.json", "study.toml")):
            continue
        try:
            if own.exists() and own.samefile(folder):
                continue
            asked, record = Question.of(folder), read_record(folder)
            if mine is not None and asked.target != mine.target:
                continue
            whole = is_file(folder / "forecasts.parquet")
            stored = series(folder) if whole else {}
        except (InputError, OSError):  # somebody else's broken folder must not stop this run: named, and not counted
            damaged.append(folder.name)
            continue
        if whole:
            for model, one in stored.items():
                here = set(one.names)
                others |= here - set(symbols)
                if model not in asked.benchmarks and TWIN not in model and here & set(symbols):
                    sha = fingerprint(one.origin, one.value)
                    key = (sha, asked.horizon, asked.loss, asked.start, asked.benchmark)
                    trials.setdefault(key, {"run": folder.name, "model": model, "sha256": sha})
        elif set(asked.symbols) & set(symbols):
            again = all(record.get(key) == identity.get(key) for key in ("study_sha256", "data_sha256"))
            tried = [] if again else sorted(path.name for path in folder.glob("units/*") if any(path.rglob("*.npz")))
            why = f"the run is {record.get('state')} and left no forecasts"
            rivals = [name for name in tried if name not in asked.benchmarks and TWIN not in name]
            unjoined += [{"run": folder.name, "model": name, "why": why} for name in rivals]
    found = {"trials": list(trials.values()), "unjoined": unjoined, "other_symbols": sorted(others)}
    return found | ({"damaged": damaged} if damaged else {})


def load_trials(runs: Path, record: Mapping[str, Any], losses: Losses, *, own: Path) -> Trials:
    """The listed trials, each in its own loss on its own rows, without those that are this run's own series, or naive.

    The same series under another end date, seed or name is one trial. What is gone, no longer holds the same forecasts
    or cannot be judged counts as unjoined, which can only raise a p: nobody's run fails for what became of another.
    """
    listed: dict[str, dict[str, str]] = {}
    for entry in record["trials"]:
        listed.setdefault(entry["run"], {})[entry["model"]] = entry["sha256"]
    mine = Question.of(own)
    names = np.array(losses.symbols)[losses.symbol]
    days = losses.session.astype("datetime64[D]")
    known = [
        (mine.key, Series.of(names, days, values))
        for name, values in losses.forecast.items()
        if name not in losses.benchmarks
    ]
    earlier: dict[str, Losses] = {}
    unjoined = {f"{one['run']}/{one['model']}": one["why"] for one in record.get("unjoined", ())}
    varied: list[str] = []
    for run, wanted in listed.items():
        asked, new = mine, []
        found: Mapping[str, Stored] = {}
        with suppress(InputError):
            asked = Question.of(runs / run)
            found = series(runs / run, (*asked.benchmarks, *wanted))
        naive = [series_of(found[name]) for name in asked.benchmarks if name in found]
        for model, sha in wanted.items():
            stored = found.get(model)
            if stored is None or fingerprint(stored.origin, stored.value) != sha:
                unjoined[f"{run}/{model}"] = "its forecasts have changed or gone since this run began"
                continue
            one = series_of(stored)
            same = any(key == asked.key and one.same_as(other) for key, other in known)
            # a model that is one of the benchmarks under another name is not a trial
            if same or any(one.same_as(other) for other in naive):
                continue
            known.append((asked.key, one))
            new.append(model)
        if not new:
            continue
        varied += mine.varied(asked)
        with np.errstate(all="ignore"):  # numbers without end are counted, not judged
            parts = list(losses_of(found, asked, new))
        for part in parts:
            if isinstance(part, str):
                unjoined[f"{run}/{part}"] = "its benchmark's forecasts are missing"
            elif not len(part) or not all(np.isfinite(values).all() for values in part.loss.values()):
                rivals = [name for name in part.loss if name not in part.benchmarks]
                unjoined |= {f"{run}/{name}": "its losses cannot be computed" for name in rivals}
            else:
                earlier[run if run not in earlier else f"{run} ({len(earlier)})"] = part
    runs_used = {name.split("/")[0].split(" (")[0] for name in (*earlier, *unjoined)}
    return Trials(
        earlier=earlier,
        unjoined=unjoined,
        runs=tuple(sorted(runs_used)),
        symbols=tuple(record["other_symbols"]),
        varied=tuple(dict.fromkeys(varied)),
        damaged=tuple(record.get("damaged", ())),
    )
