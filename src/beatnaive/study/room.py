"""What a study needs of memory and disk, reckoned before its first fit."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beatnaive.core.errors import InputError
from beatnaive.core.limits import memory
from beatnaive.core.mapped import LARGE
from beatnaive.core.types import LEVELS, Fold, Samples
from beatnaive.models.spec import is_per_symbol, is_stochastic

if TYPE_CHECKING:
    from beatnaive.study.spec import Study

ALONE = 0.5e9
"""Bytes of a run's processes before they hold any data."""
A_ROW, A_FORECAST, OF_A_MODEL, OF_A_SEED = 320, 150, 55, 16
"""Bytes a row of the panel, a pair of symbol and session that is forecast, and a forecast of each model and seed take
at the height of a run, report included: docs/speed.md has the runs that they were measured on."""


@dataclass(frozen=True)
class Room:
    """Bytes of memory at the height of a run, and bytes still to be written into the folder for temporary files."""

    memory: float
    disk: float


def room_of(study: Study, samples: Samples, folds: Sequence[Fold], at_once: int = 1) -> Room:
    """What the study needs where `at_once` of its fits share the memory; a user's own model may need more.

    Quantiles lie on the disk where they are large; so do columns, which have been written by now.
    """
    forecasters, longest = study.forecasters, max(len(fold.train) for fold in folds)
    pooled = [one for name, one in forecasters.items() if not is_per_symbol(one, study.models[name])]
    copies = max((float(getattr(one, "copies", 0)) for one in pooled), default=0)
    fits = 8 * copies * samples.inputs.x.shape[1] * longest * min(at_once, len(folds))
    forecasts, models = sum(len(fold.test) for fold in folds), len(study.models)
    seeds = sum(study.seeds for one in forecasters.values() if is_stochastic(one))
    held = A_ROW * len(samples.inputs) + forecasts * (A_FORECAST + OF_A_MODEL * models + OF_A_SEED * seeds)
    quantiles = 8 * len(LEVELS) * forecasts
    return Room(ALONE + held + fits, 0 if quantiles < LARGE else models * quantiles)


def require_room(study: Study, samples: Samples, folds: Sequence[Fold], at_once: int = 1) -> None:
    """Raise InputError, with the estimate, where the machine cannot hold the study: before hours of fits, not after."""
    need, forecasts = room_of(study, samples, folds, at_once), sum(len(fold.test) for fold in folds)
    size = f"{len(samples.inputs.symbols):,} symbols, {forecasts:,} forecasts of each of {len(study.models)} models"
    if need.memory > memory():
        raise InputError(
            f"the study needs about {need.memory / 1e9:,.1f} GB of memory ({size}), and there are "
            f"{memory() / 1e9:,.1f}: take fewer symbols, models or jobs, or a later first forecast"
        )
    folder = tempfile.gettempdir()
    left = shutil.disk_usage(folder).free
    if need.disk > left:
        raise InputError(
            f"the study needs about {need.disk / 1e9:,.1f} GB in {folder} ({size}), and there are {left / 1e9:,.1f}: "
            "name a folder with room in TMPDIR"
        )
