"""The same exposure at random: the same positions, moved to another time."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.types import Floats

Spectrum: TypeAlias = NDArray[np.complex128]


def spectrum(move: Floats) -> Spectrum:
    """(T // 2 + 1, S) of the next session's return in excess of cash times the symbol's share of the account (T, S)."""
    return np.asarray(np.fft.rfft(move, axis=0))


def shifted(position: Floats, market: Spectrum) -> Floats:
    """(T,) mean gross return of the positions moved round the sample by 0, 1, .. T - 1 sessions.

    position (T, S) parts of wealth; market: the `spectrum` of what they earn; all symbols are moved together. Exposure,
    turnover and how positions follow each other stay the same, only the timing is gone. Entry 0 is the strategy itself.

    >>> shifted(np.array([[1.0], [0.0]]), spectrum(np.array([[0.02], [-0.01]]))).round(9).tolist()
    [0.01, -0.005]
    """
    n = len(position)
    product = np.einsum("ts,ts->t", np.fft.rfft(position, axis=0).conj(), market)
    return np.asarray(np.fft.irfft(product, n) / n)
