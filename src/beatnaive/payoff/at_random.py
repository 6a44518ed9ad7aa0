"""The same exposure at random: the same positions, moved to another time."""

from __future__ import annotations

import numpy as np

from beatnaive.core.types import Floats


def shifted(position: Floats, move: Floats) -> Floats:
    """(T,) mean gross return of the positions moved round the sample by 0, 1, .. T - 1 sessions.

    position (T, S) parts of wealth; move (T, S) the next session's return in excess of cash, times the symbol's share
    of the account; all symbols are moved together. Exposure, turnover and how positions follow each other stay the
    same, only the timing is gone. Entry 0 is the strategy itself.

    >>> shifted(np.array([[1.0], [0.0]]), np.array([[0.02], [-0.01]])).round(9).tolist()
    [0.01, -0.005]
    """
    n = len(position)
    spectrum = (np.fft.rfft(position, axis=0).conj() * np.fft.rfft(move, axis=0)).sum(1)
    return np.asarray(np.fft.irfft(spectrum, n) / n)
