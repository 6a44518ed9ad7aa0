"""Findings about a panel as a whole, under the symbol "*"."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from beatnaive.core.types import Finding, Prices

PANEL = 5  # symbols from which on a choice of symbols is a panel
ALIVE = np.timedelta64(14, "D")  # a symbol that ends this close to the panel's end counts as alive


def survivorship(prices: Sequence[Prices]) -> list[Finding]:
    """A panel in which no symbol ends before the panel does was chosen with hindsight."""
    if len(prices) < PANEL:
        return []
    ends = np.array([each.sessions.max() for each in prices])
    if (ends < ends.max() - ALIVE).any():
        return []
    message = f"none of the {len(prices)} symbols ends before {ends.max()}: those that failed are not in the panel"
    mend = "read the pooled ruling as one about survivors, or add the symbols that were delisted"
    return [Finding(severity="doubt", kind="survivorship", symbol="*", message=message, mend=mend, count=len(prices))]
