"""How long a study may take: seconds per fit of each model, from one's own runs where there are any."""

from __future__ import annotations

import csv
import io
import os
import statistics
from functools import cache
from pathlib import Path
from typing import Any

from beatnaive.app.home import Home
from beatnaive.app.index import Index
from beatnaive.core.documents import read_bytes, read_json
from beatnaive.core.errors import InputError

LATEST = 20
"""Runs that are looked at."""
MEASURED = Path(__file__).with_name("measured.json")
"""Seconds of one fit of each model on five years of one symbol, on one core, by benchmarks/app_estimate.py."""


@cache
def measured() -> dict[str, Any]:
    """start: seconds of a study without its fits; fits: by model the seconds of one, and whether it has seeds."""
    found: dict[str, Any] = read_json(MEASURED)
    return found


def costs(home: Home, index: Index) -> dict[str, Any]:
    """What a form needs to estimate: cores; start; and per model seconds, seeds (yes or no), own (from one's runs)."""
    own: dict[str, list[float]] = {}
    for row in [one for one in index.rows(age=5.0) if one.state == "complete" and len(one.symbols) == 1][:LATEST]:
        for model, seconds in _timings(home.inside(row.path) / "timings.csv").items():
            own.setdefault(model, []).extend(seconds)
    models = {name: {**one, "own": False} for name, one in measured()["fits"].items()}
    for name, seconds in own.items():
        if name in models:
            models[name] |= {"seconds": statistics.median(seconds), "own": True}
    return {"cores": os.cpu_count() or 1, "start": measured()["start"], "models": models}


def _timings(path: Path) -> dict[str, list[float]]:
    """Seconds of every fit by model, from a run's timings.csv; {} where it cannot be read."""
    found: dict[str, list[float]] = {}
    try:
        for row in csv.DictReader(io.StringIO(read_bytes(path, most=1 << 20).decode())):
            found.setdefault(row["model"], []).append(float(row["seconds"]))
    except (InputError, KeyError, TypeError, ValueError, csv.Error):
        return {}
    return found
