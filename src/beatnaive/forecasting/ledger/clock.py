"""The machine's clock, asked in one place: a ledger's instants are UTC, to the second."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np


def now() -> np.datetime64:
    """This instant, UTC; the tests move it by replacing this function, a user can move the machine's clock only.

    >>> str(now().dtype)
    'datetime64[s]'
    """
    return np.datetime64(datetime.now(UTC).replace(tzinfo=None), "s")


def written(instant: np.datetime64) -> str:
    """An instant as the ledger writes it.

    >>> written(np.datetime64("2024-11-29T18:00:00"))
    '2024-11-29T18:00:00Z'
    """
    return f"{instant.astype('datetime64[s]')}Z"


def read(text: str) -> np.datetime64:
    """An instant that the ledger wrote.

    >>> read("2024-11-29T18:00:00Z")
    np.datetime64('2024-11-29T18:00:00')
    """
    return np.datetime64(text.removesuffix("Z"), "s")
