"""Where the future begins: cut points, the likeliest first, until the time is spent; and what they may have missed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import numpy as np

from beatnaive.core.types import Floats, Ints

MISSED = 0.05
"""Probability with which a leak of the stated reach may have passed."""

FEW = 12
"""A column with no more distinct values than this is a flag, or like one."""


class Clock:
    """Seconds that may be spent, in all.

    They are the processor's, so that a busy machine finds what a quiet one does; a function that waits for something
    else gets four times as long by the clock.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.start, self.busy = seconds, time.perf_counter(), time.process_time()

    def spent(self) -> float:
        """The part of the time that has gone, from 0 to 1 and beyond."""
        waited, worked = time.perf_counter() - self.start, time.process_time() - self.busy
        return max(min(waited, worked), waited / 4.0) / self.seconds

    def until(self, share: float, cuts: Iterable[int], least: int = 2) -> Iterator[tuple[int, int]]:
        """(number, cut) one by one until this part of the time has gone; at least the first ones."""
        for k, cut in enumerate(cuts):
            if k >= least and self.spent() > share:
                return
            yield k, cut


def ordered(values: Floats, bars: Floats, first: int = 1) -> list[int]:
    """Every cut from `first` to the last session but none, each once, the likeliest to show a leak first.

    values (n, p): the columns; bars (n, b): what they are made from. A cut c leaves the sessions before c as they are.
    First come the edges and a grid, then by turns the cuts behind rows where a column or a bar behaves unusually, and
    the others spread evenly.

    >>> sorted(ordered(np.zeros((5, 1)), np.zeros((5, 1)))) == [1, 2, 3, 4]
    True
    """
    n = len(values)
    grid = np.unique(np.linspace(max(first, 2), n - 1, 24).round().astype(int))
    head = [1, 2, 3, 5, 9, 14, 19, 29, 49, 99, n - 1, *grid[_spread(len(grid))]]
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.diff(np.log(np.where(bars > 0, bars, np.nan)), axis=0, prepend=np.nan)
    turns = np.empty(3 * n, int)
    turns[0::3], turns[1::3], turns[2::3] = unusual(values) + 1, unusual(steps) + 1, np.arange(n)[_spread(n)]
    return list(dict.fromkeys(int(cut) for cut in (*head, *turns) if first <= cut <= n - 1))


def unusual(values: Floats) -> Ints:
    """(n,) rows, the most unusual first.

    Unusual is a value equal to the next one in a column where that is rare, the edge of a run of missing values, a
    value or a step far beyond the column's usual ones.
    """
    n = len(values)
    score = np.zeros(n)
    for column in values.T:
        known = np.isfinite(column)
        if not known.any():
            continue
        step = np.diff(column, append=np.nan)
        usual = float(np.median(np.abs(step[np.isfinite(step)]))) if np.isfinite(step).any() else 0.0
        middle = float(np.median(column[known]))
        far = np.abs(np.nan_to_num(column - middle))
        turn = np.abs(np.nan_to_num(step - np.roll(step, 1)))
        one = far / (np.median(far[known]) or np.inf)
        if usual > 0:
            one = np.maximum(one, turn / usual)
            same = (step == 0) & known
            one[same] += 20.0 if same.mean() < 0.05 else 0.0
        else:
            one = np.maximum(one, (turn > 0) * 5.0)  # a flag, or a level that rarely moves
        one[known != np.append(known[1:], known[-1:])] += 50.0
        score = np.maximum(score, one)
    return np.argsort(-score, kind="stable")


def few_valued(values: Floats) -> bool:
    """Whether a column of (n, p) is a flag, or has so few values that another future may well give the same.

    >>> few_valued(np.array([[0.1, 1.0], [0.2, 0.0]] * 20)), few_valued(np.random.default_rng(0).normal(size=(40, 2)))
    (True, False)
    """
    return any(0 < len(np.unique(column[np.isfinite(column)])) <= FEW for column in values.T)


def reach(rows: int, tried: int, chosen: float = 0.0) -> int:
    """The smallest number of leaking rows that `tried` cuts, each at a row by chance, would find with 95 %.

    A leak on m of n rows that reaches one session passes k cuts with probability C(n - m, k) / C(n, k). chosen: the
    part of the cuts that the values themselves chose, being unusual; a leak that makes its rows look usual escapes
    those, so that they are left out.

    >>> reach(1500, 1500), reach(1500, 750), reach(1500, 750, 1 / 3), reach(1500, 88)
    (1, 5, 8, 49)
    """
    if tried >= rows:
        return 1
    by_chance = tried - int(chosen * tried)
    passes, leaking = 1.0, 0
    while passes > MISSED and leaking < rows:
        passes *= max(rows - by_chance - leaking, 0) / (rows - leaking)
        leaking += 1
    return leaking


def _spread(n: int) -> Ints:
    """(n,) a permutation of 0..n-1 whose beginnings lie evenly: the golden ratio's."""
    return np.argsort((np.arange(n) * 0.6180339887498949) % 1.0, kind="stable")
