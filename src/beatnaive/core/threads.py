"""Work on large arrays side by side: NumPy leaves Python's lock while it computes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

A = TypeVar("A")
B = TypeVar("B")


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def side_by_side(function: Callable[[A], B], items: Iterable[A], *, workers: int | None = None) -> list[B]:
    """[function(item) for item in items], as many at a time as there are cores, or `workers`; in the order of items.

    Each item's work must be its own: nothing may depend on how many run at a time.

    >>> side_by_side(abs, [-2, 1])
    [2, 1]
    """
    every = list(items)
    count = min(len(every), cores() if workers is None else workers)
    if count < 2:
        return [function(item) for item in every]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(function, every))


def one_ahead(items: Iterator[A]) -> Iterator[A]:
    """The same items, each made by another thread while the one before is used.

    >>> list(one_ahead(iter([1, 2])))
    [1, 2]
    """
    end: Any = object()
    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(next, items, end)
        while (item := ahead.result()) is not end:
            ahead = pool.submit(next, items, end)
            yield item
