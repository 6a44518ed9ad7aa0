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
from beatnaive.models.spec import is_stochastic

if TYPE_CHECKING:
    from beatnaive.study.spec import Study

ALONE = 0.5e9
"""Bytes of a run's processes before they hold any data."""
A_ROW, A_FORECAST, OF_A_MODEL, OF_A_SEED = 150, 150, 55, 16
"""Bytes a row of the panel, a pair of symbol and session that is forecast, and a forecast of each model and seed take
at the height of a run, report included: docs/speed.md has the runs that they were measured on."""


@dataclass(frozen=True)
class Room:
    """Bytes of memory at the height of a run, and bytes still to be written into the folder for temporary files."""

    memory: float
    disk: float


def room_of(study: Study, samples: Samples, folds: Sequence[Fold]) -> Room:
    """What the study needs, without what its fits need for themselves.

    Quantiles lie on the disk where they are large; so do columns, which have been written by now.
    """
    forecasts, models = sum(len(fold.test) for fold in folds), len(study.models)
    seeds = sum(study.seeds for one in study.forecasters.values() if is_stochastic(one))
    held = A_ROW * len(samples.inputs) + forecasts * (A_FORECAST + OF_A_MODEL * models + OF_A_SEED * seeds)
    quantiles = 8 * len(LEVELS) * forecasts
    return Room(ALONE + held, 0 if quantiles < LARGE else models * quantiles)


def require_room(study: Study, samples: Samples, folds: Sequence[Fold]) -> None:
    """Raise InputError, with the estimate, where the machine cannot hold the study: before hours of fits, not after."""
    need, forecasts = room_of(study, samples, folds), sum(len(fold.test) for fold in folds)
    size = f"{len(samples.inputs.symbols):,} symbols, {forecasts:,} forecasts of each of {len(study.models)} models"
    if need.memory > memory():
        raise InputError(
            f"the study needs about {need.memory / 1e9:,.1f} GB of memory ({size}), and there are "
            f"{memory() / 1e9:,.1f}: take fewer symbols or models, or a later first forecast"
        )
    folder = tempfile.gettempdir()
    left = shutil.disk_usage(folder).free
    if need.disk > left:
        raise InputError(
            f"the study needs about {need.disk / 1e9:,.1f} GB in {folder} ({size}), and there are {left / 1e9:,.1f}: "
            "name a folder with room in TMPDIR"
        )
