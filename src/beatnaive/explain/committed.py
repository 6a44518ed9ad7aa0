"""Numbers that benchmarks measured, committed beside the pages that show them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def committed(name: str) -> dict[str, Any]:
    """What NAME.json of this folder holds, read once.

    >>> sorted(committed("market"))
    ['memory', 'twin', 'weights']
    """
    data: dict[str, Any] = json.loads((files("beatnaive.explain") / f"{name}.json").read_text(encoding="utf-8"))
    return data
