"""Whether a run's forecasts bear out its ruling: a verdict is a file, and files can be edited."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from beatnaive.core.documents import shown
from beatnaive.core.errors import InputError
from beatnaive.judging.ruling import rule
from beatnaive.judging.significance import examine
from beatnaive.runs.series import Question, losses_of, series

P = 0.1
"""Above this p, from the forecasts alone and with no trial counted, no run can have ruled a model better."""


def bear_out(folder: Path, model: str, symbol: str | None, stated: Mapping[str, Any]) -> None:
    """Judge the stored forecasts of a model that verdict.json calls better, once more.

    symbol: of a panel, the one whose ruling is meant (None = there is one). stated: the model's entry in verdict.json.
    The skill must be the one stated, and the smallest p that these forecasts can give must be small. Raises InputError.
    """
    asked = Question.of(folder)
    found = series(folder, (*asked.benchmarks, model))
    if symbol is not None:
        found = {name: one.at(np.array(one.symbols)[one.code] == symbol) for name, one in found.items()}
    try:
        losses = next((one for one in losses_of(found, asked, [model]) if not isinstance(one, str)), None)
        again = None if losses is None else rule(losses, examine(losses, replications=1999))
    except InputError:  # too few rows, say: nobody could have ruled on them
        again = None
    entry = {} if again is None else again.to_json()["models"].get(model, {})
    skill, p = entry.get("skill_pct"), entry.get("p_adjusted")
    claimed = stated.get("skill_pct")
    same = skill is not None and isinstance(claimed, int | float) and math.isclose(skill, claimed, abs_tol=0.05)
    if not same or p is None or p > P or (skill or 0) <= 0:
        raise InputError(
            f"{shown(folder / 'verdict.json')} calls {model[:40]} better, which the run's forecasts do not bear out: "
            "run the study again"
        )
