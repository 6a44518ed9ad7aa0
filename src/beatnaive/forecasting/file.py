"""Forecast files: a forecast written down before the fact, and read again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatnaive.core.errors import InputError
from beatnaive.core.files import write_atomically
from beatnaive.core.types import LEVELS
from beatnaive.forecasting.outlook import Outlook, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = "beatnaive forecast 1"
INTERVALS = (0.5, 0.8, 0.95)
"""Coverages of the central intervals that a forecast states."""


def to_json(outlook: Outlook) -> dict[str, Any]:
    """The object of a forecast file: quantiles by level ("0.025"), intervals by coverage in % ("95"), in currency.

    The closes before the origin are left out: they can be had from the source at any time.
    """
    from beatnaive.core.version import __version__

    data = asdict(outlook)
    del data["recent"]
    steps = [
        {
            **asdict(step),
            "quantiles": {f"{level:g}": value for level, value in zip(LEVELS, step.quantiles, strict=True)},
            "intervals": {f"{coverage * 100:g}": list(step.interval(coverage)) for coverage in INTERVALS},
        }
        for step in outlook.steps
    ]
    return {"format": FORMAT, "beatnaive": __version__, **data, "steps": steps}


def write(outlook: Outlook, path: Path) -> None:
    """A forecast file, whole or not at all. Raises CannotWrite."""
    write_atomically(path, json.dumps(to_json(outlook), indent=1, ensure_ascii=False) + "\n")


def read(path: Path) -> Outlook:
    """The forecast in a file that `write` wrote. Raises InputError for anything else."""
    try:
        data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise InputError(f"{path} is of format {data['format']!r}, not {FORMAT!r}")
        steps = [{key: value for key, value in step.items() if key != "intervals"} for step in data["steps"]]
        own = {key: value for key, value in data.items() if key not in ("format", "beatnaive", "steps")}
        made = tuple(Step(**{**step, "quantiles": tuple(step["quantiles"].values())}) for step in steps)
        return Outlook(**own, steps=made)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a forecast file: write one with beatnaive forecast --out") from error
