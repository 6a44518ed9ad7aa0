"""What was found, in sentences: never without break-even, number of sessions and uncertainty."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from beatnaive.payoff.break_even import BreakEven
from beatnaive.payoff.cross_section import CrossSection, Ranking
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.ruling import Ruled
from beatnaive.payoff.strategy import Strategy

if TYPE_CHECKING:
    from beatnaive.payoff.finding import Worth

ADVICE = "BeatNaive is a measuring instrument, not advice."


def percent(part: float) -> str:
    """A part of wealth a year as text.

    >>> percent(0.031), percent(-0.0004), percent(-0.2)
    ('+3.1 %', '-0.04 %', '-20 %')
    """
    size = abs(100 * part)
    digits = 0 if size >= 19.95 else 1 if size >= 0.095 or size < 0.005 else 2
    return f"{100 * part:+.{digits}f} %"


def points(cost: float) -> str:
    """Basis points as text.

    >>> points(5.0), points(2.44)
    ('5', '2.4')
    """
    return f"{cost:.1f}".removesuffix(".0")


def break_even_words(one: BreakEven) -> str:
    """The cost at which nothing is left, with its interval."""
    if one.cost is None:
        return "no break-even, as nothing is traded after the first purchase"
    if one.low is None or one.high is None:
        return f"break-even at {points(one.cost)} basis points a trade (90 % interval without an end)"
    ends = f"90 %: {points(one.low)} to {points(one.high)}"
    return f"break-even at {points(one.cost)} basis points a trade ({ends})"


def sentence(model: str, plan: Plan, one: Strategy, market: Strategy, *, trials: int) -> str:
    """One strategy in a sentence that survives.

    Return before and after costs, break-even, what holding made, Sharpe with its error, what the trials leave of it.
    """
    made = f"loses {percent(one.net)[1:]}" if one.net < 0 else f"makes {percent(one.net)}"
    after = f"at {points(plan.cost)} it {made}"
    parts = [f"{percent(one.gross)} a year before costs, {break_even_words(one.break_even)}", after]
    parts.append(f"holding made {percent(market.net)}")
    if one.sharpe is not None and one.sharpe_error is not None:
        text = f"Sharpe {one.sharpe:.2f} +/- {one.sharpe_error:.2f}"
        if one.probability is not None:
            text += (
                f", deflated for {trials} trial{'s' * (trials != 1)}: {100 * one.probability:.0f} % likely above zero"
            )
        parts.append(text)
    filled = "" if plan.fill == "close" else ", filled at the next open"
    return f"{plan.words.format(model)}{filled}: {'; '.join(parts)} (n = {one.n:,})."


def ruling_words(model: str, plan: Plan, found: Ruled, trials: int) -> str:
    """The ruling of one model, with its interval."""
    interval = f"90 % interval {percent(found.low)} to {percent(found.high)}"
    counted = f"{trials} trial{'s' * (trials != 1)} counted"
    against = f"{percent(found.gain)} a year against {found.rival}, {interval}"
    if found.ruling == "paid":
        return f"{model} paid at {points(plan.cost)} basis points: {against}, {counted}."
    if found.ruling == "lost":
        return f"{model} lost at {points(plan.cost)} basis points: {against}, {counted}."
    if found.detectable is None:
        return f"Whether {model} paid: cannot tell, its position never differs from {found.rival}."
    return (
        f"Whether {model} paid at {points(plan.cost)} basis points: cannot tell ({against}); only a gain of "
        f"{percent(found.detectable)[1:]} a year would be seen four times in five, {counted}."
    )


def told(worth: Worth) -> Worth:
    """The same finding with its words: the best model, its ruling, the other fill, who else paid or lost."""
    best = worth.best
    first = sentence(best, worth.plan, worth.models[best], worth.holding, trials=worth.trials)
    lines = [first]
    if worth.other_fill is not None:
        fill = "next open" if worth.plan.fill == "close" else "same close"
        lines.append(f"Filled at the {fill} instead: {percent(worth.other_fill[best])} after costs.")
    lines.append(ruling_words(best, worth.plan, worth.rulings[best], worth.trials))
    for ruling in ("paid", "lost"):
        also = [name for name, one in worth.rulings.items() if one.ruling == ruling and name != best]
        if also:
            lines.append(f"Also {ruling}: {', '.join(also)}.")
    if worth.overfitting is not None:
        lines.append(
            f"The best of these variants stays below the others' median in {100 * worth.overfitting:.0f} % of splits."
        )
    if worth.cross_section is not None and worth.cross_section.models:
        lines.append(ranking_words(worth.cross_section, worth.plan))
    return replace(worth, sentence=first, words=" ".join([*lines, *worth.notes, ADVICE]))


def ranking_words(found: CrossSection, plan: Plan) -> str:
    """The best ranking in two sentences; the universe's survivorship is said beside it."""
    name, one = max(found.models.items(), key=lambda pair: pair[1].ic.ic or 0.0)
    return f"{ic_words(name, one)} {portfolio_words(found, name, one, plan)}"


def ic_words(name: str, one: Ranking) -> str:
    """A model's mean rank correlation and its ruling."""
    verdict = {
        "ranks": "it ranks better than chance",
        "reversed": "it ranks in reverse",
        "cannot tell": "cannot tell it from chance",
    }[one.ruling]
    ends = "" if one.low is None or one.high is None else f", 90 % interval {one.low:+.3f} to {one.high:+.3f}"
    return f"Rank correlation of {name}: {one.ic.ic or 0.0:+.3f} over {one.ic.n:,} sessions{ends}: {verdict}."


def portfolio_words(found: CrossSection, name: str, one: Ranking, plan: Plan) -> str:
    """The highest quantile after costs beside equal weights."""
    part = {2: "half", 3: "third", 4: "fourth", 5: "fifth", 10: "tenth"}.get(found.count, f"1/{found.count}")
    ends = f"90 % interval {percent(one.gain_low)} to {percent(one.gain_high)}"
    return (
        f"Its top {part} made {percent(one.quantiles[-1])} a year after {points(plan.cost)} basis points, equal "
        f"weights {percent(found.market)} (difference {percent(one.gain)}, {ends}; "
        f"{break_even_words(one.break_even)}). "
        "Stocks that fell out of the universe before it was drawn up are in neither."
    )
