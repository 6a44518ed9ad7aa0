"""The contract of price sources. Each check takes prices, or the reading of them, and raises ContractBroken."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np

from beatnaive.checks.base import ContractBroken
from beatnaive.core.types import Prices, Provenance

DIGEST = re.compile(r"[0-9a-f]{64}")


def sessions_increase(prices: Prices) -> None:
    """Sessions, and the instants of their closes, increase strictly.

    Why: every search by time relies on it; a duplicate is a finding of the source, not a row.
    """
    for name in ("sessions", "closes_at"):
        times = getattr(prices, name)
        if not (np.diff(times) > np.timedelta64(0)).all():
            at = int(np.argmin(np.diff(times) > np.timedelta64(0)))
            raise ContractBroken(f"{prices.symbol}: {name} do not increase after {times[at]}: sort, drop duplicates")


def states_provenance(prices: Prices) -> None:
    """Prices say where they came from, and the sha256 of what was read.

    Why: a run folder must name its data to be repeatable.
    """
    require_origin(prices.symbol, prices.provenance)


def require_origin(where: str, origin: Provenance) -> None:
    """Raise ContractBroken for a provenance without a source or the sha256 of what was read."""
    if not origin.source or not DIGEST.fullmatch(origin.sha256):
        raise ContractBroken(f"{where}: provenance names source {origin.source!r} and sha256 {origin.sha256!r}")


def bars_agree(prices: Prices) -> None:
    """Bars, dividends, splits and fills are as many as sessions; no price is infinite.

    Why: arrays of one row each are read side by side.
    """
    for name in ("closes_at", "bars", "dividends", "splits", "filled"):
        if len(getattr(prices, name)) != len(prices.sessions):
            raise ContractBroken(f"{prices.symbol}: {len(getattr(prices, name))} {name} for {len(prices)} sessions")
    if np.isinf(prices.bars).any():
        raise ContractBroken(f"{prices.symbol}: infinite price: write NaN where there is none")


def reads_offline(read: Callable[[], Sequence[Prices]]) -> None:
    """Read once, prices come again without a network, and they are the same.

    Why: a study is repeated from the cache, on a train or years later. Tolerance: none.
    """
    first = read()
    with no_network():
        again = read()
    for before, after in zip(first, again, strict=True):
        same = np.array_equal(before.bars, after.bars, equal_nan=True)
        if not same or before.provenance.sha256 != after.provenance.sha256:
            raise ContractBroken(f"{before.symbol}: a second reading gives other prices: cache what was read")


@contextmanager
def no_network() -> Iterator[None]:
    """Inside, every attempt to connect is a ContractBroken."""
    connect = socket.socket.connect
    socket.socket.connect = _refuse  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]


def _refuse(self: socket.socket, address: Any) -> NoReturn:
    raise ContractBroken(f"a connection to {address} was tried where the cache should have answered")
