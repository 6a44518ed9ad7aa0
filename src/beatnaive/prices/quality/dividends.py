"""Findings about dividends: amounts that the price ignores, and adjusted closes that ignore the amounts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.types import CLOSE, Bools, Finding, Floats, Prices
from beatnaive.prices.quality.findings import on, report, tidy

IGNORED = 0.25  # share of a dividend by which the price must at least fall
LARGE = 0.05  # dividend / price from which a missing fall is not chance
NOTICED = 5e-4  # a difference of log returns beyond the rounding of published prices
UNLISTED = 1e-3
HUNDRED, SLACK = np.log(100.0), np.log(1.3)  # a unit error, and how much dividends differ by themselves
NEAR, SAME = 17, 0.001  # days between one payment listed twice; difference of the two amounts
FEW = 10  # dividends from which on their price falls can be averaged
TELLING = 2.0  # usual moves from which on the price can tell two amounts apart
LIKELIER = np.log(10.0)  # how much likelier one of them must be
TWICE = 2.1  # implied over listed, up to which one amount may be in it twice
HALF = 0.25, 0.65  # share of a doubled dividend that the price falls by
HALF_TELLING = 4.0  # usual moves that half of it must be


def amounts(prices: Prices, fill: str) -> list[Finding]:
    """Listed dividends that contradict the price or each other.

    Ignored: so large that the price would have shown them, and did not.
    Doubled: half of it is four usual moves or more, and the price fell by about that half.
    Twice: two amounts that agree to 0.1 %, 17 days apart at most and at less than half the usual distance.
    Of another unit: see `other_unit`.
    """
    prices = tidy(prices)
    if len(prices) < 2 or not (prices.dividends > 0).any():
        return []
    rows, factors = ex_dates(prices)
    days, y = on(prices, rows), 1 - factors
    traded = np.log(prices.bars[rows, CLOSE] / prices.bars[rows - 1, CLOSE]) + np.log(factors)
    ignored = (np.abs(traded) < IGNORED * -np.log(factors)) & (factors <= 1 - LARGE)
    largest = f"{100 * y[ignored].max(initial=0.0):.0f}"

    apart = np.diff(days).astype(int)
    twice = np.zeros(len(rows), bool)
    if len(apart) > 1:
        listed = prices.dividends[rows]
        same = np.abs(listed[1:] - listed[:-1]) <= SAME * listed[1:]
        twice[1:] = same & (apart <= NEAR) & (apart < 0.5 * np.median(apart))

    unit, why = other_unit(traded, y)
    ignored &= ~unit
    paid, fell = -np.log(factors), traded / np.log(factors)
    usual = 1.4826 * float(np.median(np.abs(np.diff(np.log(prices.bars[:, CLOSE])))))
    doubled = (fell > HALF[0]) & (fell < HALF[1]) & (paid > 2 * HALF_TELLING * usual) & (y >= LARGE) & ~unit
    return [
        *report(
            "doubt", "bad_dividend", prices, days[ignored],
            message=f"the price did not fall with {{count}} dividend{{s}} of up to {largest} % of it: {{dates}}",
            mend="check the amount, often 100 times too large (pence for pounds): the day shows a false gain",
        ),
        *report(
            "doubt", "doubled_dividend", prices, days[doubled],
            message="the price fell by about half of {count} dividend{s}: {dates}",
            mend="check the amount: often a capital gain that is counted twice in it",
        ),
        *report(
            "doubt", "dividend_unit", prices, days[unit],
            message="{count} dividend{s} {has} the wrong unit by a factor of 100, as pounds for pence "
            f"({why}): {{dates}}",
            mend="multiply or divide these amounts by 100",
        ),
        *report(
            "doubt", "phantom_dividend", prices, days[twice],
            message="{count} dividend{s} {has} the amount of another a few days before, out of turn: {dates}",
            mend="remove the one that was not paid: often one payment is listed on two days",
        ),
    ]  # fmt: skip


def other_unit(traded: Floats, y: Floats) -> tuple[Bools, str]:
    """(n,) which dividends are pounds for pence or the reverse, by those around them or by the price; and by which.

    One of them: a hundredth of the amounts before and after it, or a hundred times as large with no fall to show for
    it. All of them: on ex-dates the price falls by lambda = -sum(t y) / sum(y^2) times the dividend, with standard
    error s / sqrt(sum(y^2)); lambda is near one where amounts are right, and near 100 where they are a hundredth.
    Arguments: traded (n,) t, the log return as traded on each ex-date; y (n,) the dividend over the close before.

    >>> other_unit(np.full(3, -0.01), np.array([0.01, 0.0001, 0.01]))
    (array([False,  True, False]), 'next to those around')
    """
    unit = np.zeros(len(y), bool)
    if len(y) > FEW and y.max() < LARGE:
        fall, error = -float(traded @ y) / float(y @ y), float(traded.std()) / np.sqrt(float(y @ y))
        if error < 20 and abs(fall - 100) < 3 * error:
            return ~unit, f"on ex-dates the price falls by {fall:.0f} times the amount"
    if len(y) > 2:
        step = np.diff(np.log(y))
        lone = (np.abs(np.abs(step[:-1]) - HUNDRED) < SLACK) & (np.abs(step[:-1] + step[1:]) < SLACK)
        seen = (y >= LARGE) & (np.abs(traded) >= IGNORED * y)
        unit[1:-1] = lone & ~seen[1:-1]
    return unit, "next to those around"


def ex_dates(prices: Prices) -> tuple[NDArray[np.intp], Floats]:
    """The rows of applied ex-dates (not the first row) and their factors 1 - dividend / previous close.

    The previous close as traded follows from the adjusted one: with F the product of the later factors and S of the
    later splits, c = (p - d) F / S. So the last ex-date comes first.
    """
    rows = np.flatnonzero((prices.dividends > 0) & _applied(prices))
    rows = rows[rows > 0]
    share = np.cumprod(np.append(1.0, prices.splits[::-1]))[::-1][1:]
    factors, product = np.ones(len(rows)), 1.0
    for k in range(len(rows) - 1, -1, -1):
        net = prices.bars[rows[k] - 1, CLOSE] / product
        factors[k] = net / (net + prices.dividends[rows[k]] / share[rows[k]])
        product *= factors[k]
    return rows, factors


def _applied(prices: Prices) -> Bools:
    """Rows whose dividends and splits are in the prices."""
    return prices.sessions <= (prices.sessions[-1] if prices.as_of is None else prices.as_of)


CAUSES = {
    "unadjusted_dividend": (
        "the source's adjusted close ignores {count} listed dividend{s}: {dates}",
        "nothing to mend: ours applies it",
    ),
    "dividend_unit": (
        "{count} dividend{s} {has} the wrong unit by a factor of 100 (the adjusted close implies such an amount): "
        "{dates}",
        "multiply or divide the amounts by 100",
    ),
    "double_counted": (
        "the source's adjusted close takes off up to twice what {count} dividend{s} paid, often capital gains counted "
        "again; the price fell as listed: {dates}",
        "nothing to mend: ours applies it once",
    ),
    "understated_dividend": (
        "the price fell by more than {count} listed dividend{s}, as the source's adjusted close implies: {dates}",
        "add what is missing to Dividends (a column Capital Gains is added by itself where it is the larger)",
    ),
    "disputed_dividend": (
        "the source's adjusted close implies another amount for {count} listed dividend{s}: {dates}",
        "check the amount and its currency: ours applies what is listed",
    ),
}  # fmt: skip
"""What a difference between the adjusted close and ours on an ex-date is called: message and mend by kind."""


def adjusted_close(prices: Prices, fill: str) -> list[Finding]:
    """The source's adjusted close against ours, which applies the listed dividends and splits.

    On an ex-date the adjusted close implies a dividend of -log(1 - d / c) = paid + step, paid that of the listed one
    and step that of log(adjusted / ours); `causes` says why they differ. On other days there should be no step.
    """
    prices = tidy(prices)
    if prices.adjusted is None or len(prices) < 2:
        return []
    log_ratio = np.log(np.where(prices.adjusted > 0, prices.adjusted, np.nan) / prices.bars[:, CLOSE])
    step = np.diff(log_ratio, prepend=log_ratio[:1])
    other = (np.abs(step) > UNLISTED) & _applied(prices)
    if not (prices.dividends > 0).any():
        return report(
            "doubt", "no_dividends", prices, on(prices, other),
            message="no dividends are listed, but the adjusted close implies {count}: {dates}",
            mend="add a Dividends column, capital gains in it; ex-dates look like falls until then",
        )  # fmt: skip
    rows, factors = ex_dates(prices)
    paid = -np.log(factors)
    r = np.diff(np.log(prices.bars[:, CLOSE]))
    own = r[rows - 1]
    cause = causes(paid, paid + step[rows], own, usual=1.4826 * float(np.median(np.abs(r))))

    # those of another unit that `amounts` has named already
    if (cause == "dividend_unit").any():
        cause[(cause == "dividend_unit") & other_unit(own - paid, 1 - factors)[0]] = ""
    other &= prices.splits == 1
    other[rows] = False
    found = []
    for kind, (message, mend) in CAUSES.items():
        found += report("doubt", kind, prices, on(prices, rows[cause == kind]), message=message, mend=mend)
    return found + report(
        "doubt", "unlisted_dividend", prices, on(prices, other),
        message="the source's adjusted close leaves ours without a listed dividend {count} time{s}: {dates}",
        mend="add the dividends, capital gains among them, or check the closes",
    )  # fmt: skip


def causes(paid: Floats, implied: Floats, r: Floats, *, usual: float) -> NDArray[np.str_]:
    """(n,) why the adjusted close implies another dividend than the listed one: a key of `CAUSES`, "" where it agrees.

    Nothing implied: it ignores the dividend. A hundred times more or less: a unit. Else the price decides, where the
    excess e = implied - paid is two usual moves or more. On the ex-date ours moves by r and the adjusted close by
    r + e; moves being normal with deviation s, the listed amount is likelier by exp(e (e + 2 r) / (2 s^2)). Ten times
    likelier, and no more than twice the amount implied: counted twice. Ten times less likely: too little is listed.
    Arguments: paid, implied, r (n,) log returns; usual, s.

    >>> causes(np.full(3, 0.06), np.array([0.0, 0.12, 0.12]), np.array([0.0, -0.01, -0.06]), usual=0.012).tolist()
    ['unadjusted_dividend', 'double_counted', 'understated_dividend']
    """
    e = implied - paid
    apart = np.abs(e) > np.maximum(NOTICED, 0.5 * paid)
    times = np.where(implied > 0, implied, np.nan) / paid
    evidence = e * (e + 2 * r) / (2 * usual**2) if usual > 0 else np.zeros(len(e))
    tells = apart & (e > TELLING * usual)
    return np.select(
        [
            apart & (np.abs(implied) < 0.5 * paid),
            apart & (np.abs(np.abs(np.log(times)) - HUNDRED) < SLACK),
            tells & (times < TWICE) & (evidence > LIKELIER),
            tells & (evidence < -LIKELIER),
            apart,
        ],
        list(CAUSES), "",
    )  # fmt: skip
