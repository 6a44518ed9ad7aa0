"""Many symbols: which of them hold an edge, when so many were looked at?"""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import Bools, Floats


def benjamini_hochberg(p: Floats, level: float = 0.05) -> Bools:
    """(s,) which hypotheses are rejected while the expected share of false ones among them stays below `level`.

    Reference: Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x

    >>> benjamini_hochberg(np.array([0.001, 0.02, 0.04, 0.9])).tolist()
    [True, True, False, False]
    """
    order = np.argsort(p, kind="stable")
    passed = np.flatnonzero(p[order] <= level * np.arange(1, len(p) + 1) / len(p))
    selected = np.zeros(len(p), bool)
    selected[order[: passed[-1] + 1 if len(passed) else 0]] = True
    return selected


def level_inside(selected: Bools, level: float = 0.05) -> float:
    """Level for the models inside a selected symbol: level x selected / symbols.

    Reference: Benjamini and Bogomolov 2014, doi:10.1111/rssb.12028

    >>> level_inside(np.array([True, False, False, False]))
    0.0125
    """
    return level * float(selected.sum()) / len(selected)
