"""Darts' frames: `TimeSeries.to_dataframe()` of historical forecasts, a column per component."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from beatnaive.core.errors import InputError
from beatnaive.judging.tables.roles import OPTION, SPELLINGS, Roles, counters, part

QUANTILE = re.compile(r"(?P<model>.+)_q(?P<level>[01]\.\d+)")
SAMPLE = re.compile(r"(?P<model>.+)_s\d+")


def roles(columns: Sequence[str]) -> Roles | None:
    """`time, COMPONENT` or `COMPONENT_q0.05 .. COMPONENT_q0.95` or `COMPONENT_s0 ..`; None for any other table.

    A component that stands beside its own quantiles is the outcome that they are of: Darts gives a forecast of
    quantiles no column without a level.

    >>> found = roles(["time", "Close", "Close_q0.05", "Close_q0.95"])
    >>> found.y, found.quantiles["Close_q0.05"]
    ('Close', ('Close forecast', 0.05))
    """
    stated = {name: found for name in columns if (found := QUANTILE.fullmatch(name))}
    samples = {name: found["model"] for name in columns if (found := SAMPLE.fullmatch(name))}
    drawn = Counter(samples.values())
    samples = {name: stem for name, stem in samples.items() if drawn[stem] > 9}
    if wrong := [name for name, found in stated.items() if not 0 < float(found["level"]) < 1]:
        raise InputError(f"{wrong[0][:60]!r}: the level of a quantile is above 0 and below 1", option=OPTION)
    if not stated and not samples and "time" not in columns:
        return None
    known = {name for names in SPELLINGS.values() for name in names}
    stems = {found["model"] for found in stated.values()} | set(samples.values())
    outcome = part(columns, "y") or next((name for name in columns if name in stems and name not in known), None)
    renamed = {stem: f"{stem} forecast" if stem == outcome else stem for stem in stems}
    return Roles(
        layout="Darts'",
        ds="time" if "time" in columns else part(columns, "ds", needed="dates") or "ds",
        y=outcome,
        symbol=part(columns, "symbol"),
        fold=part(columns, "fold"),
        cutoff=part(columns, "cutoff"),
        horizon=part(columns, "horizon"),
        naive=part(columns, "naive"),
        close=part(columns, "close"),
        quantiles={name: (renamed[found["model"]], float(found["level"])) for name, found in stated.items()},
        samples={name: renamed[stem] for name, stem in samples.items()},
        ignored=counters(columns),
    )
