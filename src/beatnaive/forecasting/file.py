"""Forecast files: a forecast written down before the fact, and read again."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from beatnaive.core.documents import json_of, read_bytes, shown
from beatnaive.core.errors import InputError
from beatnaive.core.files import write_atomically
from beatnaive.core.types import LEVELS
from beatnaive.forecasting.outlook import Outlook

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
    """The forecast in a file that `write` wrote.

    Raises InputError for anything else: another format, a price that is not a positive number, quantiles of other
    levels or in another order, a day that is not a date.
    """
    from pydantic import TypeAdapter, ValidationError

    where = shown(path)
    data = json_of(read_bytes(path), where)
    written = data.get("format") if isinstance(data, dict) else None
    if written != FORMAT:
        raise InputError(f"{where} is not a forecast file: write one with beatnaive forecast --out")
    own = {key: value for key, value in data.items() if key not in ("format", "beatnaive")}
    try:
        for step in own["steps"]:
            step.pop("intervals", None)
            if list(step["quantiles"]) != [f"{level:g}" for level in LEVELS]:
                raise InputError(f"{where}: quantiles must be of the levels {', '.join(f'{one:g}' for one in LEVELS)}")
            step["quantiles"] = tuple(step["quantiles"].values())
        outlook = TypeAdapter(Outlook).validate_json(json.dumps(own), strict=True)  # "123.4" is no number
        for day in (outlook.origin, outlook.cutoff, *(step.session for step in outlook.steps)):
            if date.fromisoformat(day).isoformat() != day:
                raise ValueError(f"{day[:20]!r}: write a day as YYYY-MM-DD")
        for instant in (outlook.made_at, *(step.closes_at for step in outlook.steps)):
            if datetime.fromisoformat(instant.removesuffix("Z")).tzinfo is not None:
                raise ValueError(f"{instant[:30]!r}: write an instant in UTC, as YYYY-MM-DDThh:mm:ssZ")
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{where} is not a forecast file: write one with beatnaive forecast --out") from error
    except ValidationError as error:
        wrong = error.errors()[0]
        place = ".".join(map(str, wrong["loc"]))[:60]
        raise InputError(f"{where} is not a forecast file: {place}: {wrong['msg'][:90].lower()}") from error
    except ValueError as error:
        raise InputError(f"{where} is not a forecast file: {str(error)[:90]}") from error
    if not outlook.steps:
        raise InputError(f"{where} is not a forecast file: it has no steps")
    for step in outlook.steps:
        numbers = (outlook.close, step.price, *step.quantiles)
        if not all(math.isfinite(one) and one > 0 for one in numbers) or list(step.quantiles) != sorted(step.quantiles):
            raise InputError(f"{where}: prices of {step.session} must be positive, and quantiles in ascending order")
    return outlook
