"""Findings about moves that no market makes: unit errors, splits not applied or misdated, bad ticks, quiet falls.

r is the log return of the close, and the *usual* move of a session the robust deviation (1.4826 times the median
absolute return) of the 20 returns on either side: what is large is judged against its own neighbourhood, so that a
crash among crashes is a move and the same move in a calm currency is a bad tick.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from beatnaive.core.types import CLOSE, OPEN, VOLUME, Bools, Finding, Floats, Prices
from beatnaive.prices.quality.findings import on, report, tidy

JUMP = np.log(1.9)  # a daily log return beyond this is reported
UNITS = (100.0, 1000.0)  # pence and pounds, cents and dollars, thousandths
UNIT_SLACK = np.log(1.2)  # how far the market may have moved on the same day
ONE_BAR = 50.0  # highest over lowest price of one bar

SPLIT_SLACK = 0.12
SPLIT_NEAR = 10  # sessions around a declared split
SMALLEST_SPLIT = 0.2  # |log ratio|; below it (spin-offs, stock dividends) a day's move can be as large
LIKE = 0.08  # how far from a whole ratio a jump still looks like a split

AROUND = 20  # returns on either side that say what is usual
TICK, TICK_USUAL, TICK_BACK = 0.05, 12.0, 0.25  # size; multiples of the usual move; what may remain of it afterwards
TICK_LASTS = 3  # sessions that a tick beyond JUMP may last
QUIET, QUIET_USUAL, OVERNIGHT = 0.18, 8.0, 0.8  # size; multiples of the usual move; share of it before the open
BLIND, BLIND_USUAL = 0.4, 20.0  # the same where opens or volume are not known
CALM = 3.0  # volume over its median, below which nobody was in a hurry
CALM_LARGE = 5.0  # the same of a move beyond BLIND: news of that size are traded far more


def moves(prices: Prices, fill: str) -> list[Finding]:
    """Each strange move gets the most specific name: unit, split, bad tick, jump, or a fall in silence.

    A market moves a stock by a factor of 1.9 now and then, and by half of that more often; it does so in a hurry, with
    a multiple of the usual volume. An unapplied split, a demerger or a special dividend moves it overnight, in silence.
    """
    prices = tidy(prices)
    if len(prices) < 2:
        return []
    close = np.log(prices.bars[:, CLOSE])
    r = np.diff(close, prepend=close[0])

    # a factor that only a change of unit makes, or a bar that mixes two units
    size = np.abs(r)
    unit = np.zeros(len(r), bool)
    for factor in UNITS:
        unit |= np.abs(size - np.log(factor)) < UNIT_SLACK
    four = [np.where(prices.bars[:, k] > 0, prices.bars[:, k], np.nan) for k in range(VOLUME)]
    high, low = reduce(np.fmax, four), reduce(np.fmin, four)
    unit |= high > ONE_BAR * low

    unapplied, misdated, where = splits(prices, r, ~unit)
    known = unit | unapplied | misdated
    ticks, back = bad_ticks(close, r, prices.bars[:, VOLUME], ~known)
    known |= ticks | back
    jump = (np.abs(r) > JUMP) & ~known
    quiet = quiet_jumps(prices, r, ~(known | jump | (prices.dividends > 0)))  # a dividend has checks of its own
    changes = ", ".join(f"{100 * np.expm1(x):+.0f} %" for x in r[quiet][:3])
    return [
        *report(
            "fatal", "unit_error", prices, on(prices, unit), mend="multiply or divide the wrong rows by the factor",
            message="prices change by a factor of 100 or 1000, as between pence and pounds, {count} time{s}: {dates}",
        ),
        *report(
            "fatal", "unapplied_split", prices, on(prices, unapplied),
            mend="adjust every row before the split, or none",
            message="the close jumps by the ratio of a split declared that day or next to it, {count} time{s}: {dates}",
        ),
        *report(
            "fatal", "misdated_split", prices, on(prices, misdated),
            mend="move the split to the session of its jump, and the rows between onto one side of it",
            message=f"the prices jump by the ratio of a split, but not on its listed day ({where}): {{dates}}",
        ),
        *report(
            "doubt", "bad_tick", prices, on(prices, ticks),
            message=f"{{count}} close{{s}} jumped{_by(close, ticks)} and came back: {{dates}}",
            mend="correct the close or remove the row: it makes two false moves",
        ),
        *report(
            "doubt", "jump", prices, on(prices, jump),
            message=f"{{count}} close{{s}} moved by a factor of 1.9 or more{_like(r[jump])}: {{dates}}",
            mend="check for an unapplied split; a true move needs no mending",
        ),
        *report(
            "doubt", "quiet_jump", prices, on(prices, quiet),
            message=f"{{count}} close{{s}} moved by {changes} without the volume of news, to stay: {{dates}}",
            mend="check for a demerger, special dividend or split that the prices do not carry; a true move is fine",
        ),
    ]  # fmt: skip


def splits(prices: Prices, r: Floats, free: Bools) -> tuple[Bools, Bools, str]:
    """Moves by the ratio of a listed split: on its day or next to it, and some sessions off; and where those lie.

    Prices that are divided for a split never show it. One jump against the split on its day: it was not applied. A
    jump with the split on its day and one against it some sessions away: it was applied at the wrong day. One against
    it, two sessions or more away: it was not applied, and the listed day is wrong too.
    Arguments: r (n,) log returns; free (n,) the moves that nothing else explains.
    """
    unapplied, misdated, words = np.zeros(len(r), bool), np.zeros(len(r), bool), []
    for k in np.flatnonzero(np.abs(np.log(prices.splits)) > SMALLEST_SPLIT).tolist():
        ratio = np.log(prices.splits[k])
        around = np.arange(max(k - SPLIT_NEAR, 1), min(k + SPLIT_NEAR + 1, len(r)))
        around = around[free[around]]
        against, along = (around[np.abs(r[around] + sign * ratio) < SPLIT_SLACK] for sign in (1, -1))
        off = against[np.abs(against - k) > (0 if k in along else 1)]
        if len(off):
            nearest = int(off[np.argmin(np.abs(off - k))])
            misdated[[nearest, *along[along == k]]] = True
            off_by, way = abs(nearest - k), "after" if nearest > k else "before"
            words.append(f"{off_by} session{'s' * (off_by > 1)} {way} {prices.sessions[k]}")
        else:
            unapplied[[*against, *along]] = True
    return unapplied, misdated, "; ".join(words[:3])


def bad_ticks(close: Floats, r: Floats, volume: Floats, free: Bools) -> tuple[Bools, Bools]:
    """(n,) closes that jump away and come back at once, and the moves back.

    A tick leaves by 12 usual moves or more and by 5 %, comes back to within a quarter of that on the next session (a
    factor of 1.9 may last three), and no crowd traded it.
    Arguments: close (n,) log closes; r (n,) their differences; free (n,) the moves that nothing else explains.
    """
    away, back = np.zeros(len(r), bool), np.zeros(len(r), bool)
    size = np.abs(r) * free
    for lasts in range(1, TICK_LASTS + 1):
        smaller = np.minimum(size[1:-lasts], size[1 + lasts :])
        remains = np.abs(close[1 + lasts :] - close[: -1 - lasts])
        candidate = (smaller > (TICK if lasts == 1 else JUMP)) & (r[1:-lasts] * r[1 + lasts :] < 0)
        for k in (1 + np.flatnonzero(candidate & (remains < TICK_BACK * smaller))).tolist():
            end = k + lasts
            if away[k] or back[k] or back[end]:
                continue
            strange = smaller[k - 1] > TICK_USUAL * usual(np.abs(r), k, end)
            if strange and not busy(volume, k, end):
                away[k:end], back[end] = True, True
    return away, back


def quiet_jumps(prices: Prices, r: Floats, free: Bools) -> Bools:
    """(n,) moves of 8 usual ones and 16 % or more, made overnight, to stay, on less than three times the usual volume.

    A move by a third or more is still quiet on less than five times: a demerger is traded more than a usual day, but
    news of that size much more (on 506 stocks and ten years, the calmest such day had 6.7 times the usual volume).
    Where opens or volume are not known, only moves of 20 usual ones and a third are named.
    """
    found, volume, open_ = np.zeros(len(r), bool), prices.bars[:, VOLUME], prices.bars[:, OPEN]
    for k in np.flatnonzero((np.abs(r) > QUIET) & free).tolist():
        times = abs(r[k]) / usual(np.abs(r), k, k)
        overnight = np.log(open_[k] / prices.bars[k - 1, CLOSE]) / r[k] if open_[k] > 0 else np.nan
        if np.isfinite(overnight) and (volume[max(k - AROUND, 0) : k + 1] > 0).all():
            calm = CALM_LARGE if abs(r[k]) > BLIND else CALM
            found[k] = times > QUIET_USUAL and OVERNIGHT < overnight < 2 - OVERNIGHT and not busy(volume, k, k, calm)
        else:
            found[k] = times > BLIND_USUAL and abs(r[k]) > BLIND
    return found


def usual(size: Floats, first: int, last: int) -> float:
    """What a move is usually: the robust deviation of the 20 absolute returns before `first` and after `last`.

    Of those that are not zero, so that a price that mostly rests does not make every move strange.

    >>> round(usual(np.abs(np.random.default_rng(0).normal(0, 0.01, 100)), 50, 50), 2)
    0.01
    """
    near = np.concatenate([size[max(first - AROUND, 1) : first], size[last + 1 : last + 1 + AROUND]])
    near = near[near > 0]
    return 1.4826 * _median(near) if len(near) else np.inf


def busy(volume: Floats, first: int, last: int, calm: float = CALM) -> bool:
    """Whether more than `calm` times the median volume around was traded from `first` to `last`; False where unknown.

    >>> busy(np.array([5.0, 5.0, 16.0, 5.0]), 2, 2)
    True
    """
    near = np.concatenate([volume[max(first - AROUND, 0) : first], volume[last + 1 : last + 1 + AROUND]])
    near = near[np.isfinite(near)]
    return bool(len(near) and np.nan_to_num(volume[first : last + 1]).max() > calm * _median(near) > 0)


def _median(values: Floats) -> float:
    """The upper median: numpy's own takes ten times as long on forty values."""
    return float(np.partition(values, len(values) // 2)[len(values) // 2])


def _by(close: Floats, ticks: Bools) -> str:
    """by a factor of 4.4, from the close before."""
    rows = np.flatnonzero(ticks)
    first = rows[~ticks[rows - 1]][:3]
    factors = ", ".join(f"{np.exp(abs(close[k] - close[k - 1])):.3g}" for k in first)
    return f" by a factor of {factors}" if len(first) else ""


def _like(r: Floats) -> str:
    """Which split a jump resembles.

    >>> _like(np.log([0.5, 3.01]))
    ' (as an unapplied split of 2:1, 1:3 would look)'
    """
    ratios = [np.exp(abs(x)) for x in r]
    splits = [
        f"{round(ratio)}:1" if x < 0 else f"1:{round(ratio)}"
        for ratio, x in zip(ratios, r, strict=True)
        if abs(ratio / round(ratio) - 1) < LIKE
    ]
    return f" (as an unapplied split of {', '.join(dict.fromkeys(splits))} would look)" if splits else ""
