"""Does more data help? The same model trained on more and more symbols, and its gap to naive on the same test rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal
from zlib import crc32

import numpy as np

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.limits import Count, Sessions
from beatnaive.core.types import Floats, Ints, Losses, Track
from beatnaive.models.spec import ModelSpec

LEVEL = 0.9
DOUBLING = (1.5, 3.0)
"""Ratios of training windows that count as a doubling: stocks do not all begin on the same day."""

Change = Literal["narrowed", "widened", "cannot tell"]


@dataclass(frozen=True)
class CurveSpec:
    """A study's [learning_curve]: which of its models is trained on how many symbols.

    model: a name in [models]; sizes: numbers of symbols, the forecast one included (more than there are = all);
    orders: random orders in which the other symbols join; stock: the symbol that is forecast (None = the first).
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    model: str
    sizes: tuple[Sessions, ...] = (1, 2, 5, 10, 20)
    orders: Count = 5
    stock: str | None = None

    def __post_init__(self) -> None:
        if not self.sizes or min(self.sizes) < 1 or self.orders < 1:
            raise InputError("learning_curve: sizes and orders are counts, at least 1 each")


def stock_of(spec: CurveSpec, symbols: Sequence[str]) -> str:
    """The symbol that is forecast. Raises UnknownName when the panel does not have it.

    >>> stock_of(CurveSpec("lstm"), ("AAPL", "KO"))
    'AAPL'
    """
    if spec.stock is not None and spec.stock not in symbols:
        raise UnknownName("stock in learning_curve", spec.stock, symbols)
    return spec.stock or symbols[0]


def contestants(
    models: Mapping[str, ModelSpec], spec: CurveSpec, symbols: Sequence[str], *, seed: int
) -> dict[str, ModelSpec]:
    """The study's models, the curve's one replaced by one per size and order: `lstm_05_b` learns from five symbols.

    The forecast symbol is in every set, the others join in random orders, so that a larger set of the same order
    holds the smaller one. A set of one symbol, or of all, is the same in every order and is trained once.

    models: the study's; symbols: all there are; seed: of the orders. Raises UnknownName for a model or a stock that
    the study does not have.

    >>> spec = CurveSpec("lstm", sizes=(1, 2, 3), orders=2)
    >>> made = contestants({"lstm": ModelSpec("lstm")}, spec, "ABC", seed=0)
    >>> [(name, len(one.learn_from)) for name, one in made.items()]
    [('lstm_1', 1), ('lstm_2_a', 2), ('lstm_2_b', 2), ('lstm_3', 3)]
    """
    if spec.model not in models:
        raise UnknownName("model in learning_curve", spec.model, models)
    stock = stock_of(spec, symbols)
    rng = np.random.default_rng([seed, crc32(b"learning curve")])
    others = [name for name in symbols if name != stock]
    orders = [[others[k] for k in rng.permutation(len(others))] for _ in range(spec.orders)]
    sizes = sorted({min(size, len(symbols)) for size in spec.sizes})
    digits = len(str(sizes[-1]))

    made: dict[str, ModelSpec] = {}
    for name, model in models.items():
        if name != spec.model:
            made[name] = model
            continue
        # one fit over all its symbols, unless the study says otherwise
        pooled = replace(model, per_symbol=False if model.per_symbol is None else model.per_symbol)
        for size in sizes:
            same = size in (1, len(symbols))
            for k, order in enumerate(orders[:1] if same else orders):
                label = f"{name}_{size:0{digits}d}" + ("" if same else f"_{_letters(k)}")
                made[label] = replace(pooled, learn_from=(stock, *order[: size - 1]))
    return made


def _letters(k: int) -> str:
    """a .. z, then aa, ab, ...

    >>> _letters(0), _letters(25), _letters(26)
    ('a', 'z', 'aa')
    """
    return (_letters(k // 26 - 1) if k >= 26 else "") + chr(ord("a") + k % 26)


@dataclass(frozen=True)
class Point:
    """One size: symbols, training windows (mean over the orders), gap to naive in % of its error, 90 % interval.

    each: the gap of every single fit, {model: one number per seed}.
    """

    symbols: int
    windows: float
    gap_pct: float
    ci90: tuple[float, float]
    each: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Doubling:
    """The last doubling of the data, in points of %: negative = the gap became smaller."""

    begin: int
    end: int
    change: float
    ci90: tuple[float, float]
    says: Change


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The gap to naive, in % of its error, against the number of training windows.

    stock: the symbol that is forecast; n, first, until: forecasts, and the sessions of the first and the last;
    points: one per size; last: the last doubling, None where no two sizes differ by one; further: the gap and its
    90 % interval after one more doubling, if the last one narrowed it, never further than that.
    """

    stock: str
    n: int
    first: str
    until: str
    points: tuple[Point, ...]
    last: Doubling | None
    further: tuple[float, float, float] | None
    words: str

    def to_json(self) -> dict[str, Any]:
        """The object of learning_curve.json."""
        return asdict(self)


def curve(
    losses: Losses, tracks: Mapping[str, Track], models: Mapping[str, ModelSpec], *, seed: int,
    replications: int = 4999,
) -> Curve | None:  # fmt: skip
    """The learning curve of the models that have `learn_from`; None where fewer than two sizes are valid.

    gap = 100 (RMSE of the model / RMSE of naive - 1) %, RMSE over the fits of a size: every seed and every order by
    itself, not their mean forecast. Interval: stationary bootstrap over sessions, and in every replication as many
    orders and seeds less one are drawn again, with replacement, which makes the variance of a mean over few of them
    right (McCarthy and Snowden 1985). Sizes share the sessions and orders drawn, so that differences are paired.

    losses: on the test rows; tracks: for the numbers of windows; seed and replications of the bootstrap.

    Reference: Politis and Romano 1994, doi:10.1080/01621459.1994.10476870
    """
    groups: dict[int, list[str]] = {}  # valid models by the number of symbols they learnt from
    for name, spec in models.items():
        if spec.learn_from is not None and name in losses.loss:
            groups.setdefault(len(spec.learn_from), []).append(name)
    groups = dict(sorted(groups.items()))
    if len(groups) < 2:
        return None

    mean, draws = _means(losses, [name for group in groups.values() for name in group], seed, replications)
    naive = mean[losses.benchmarks[0]][0]
    fits = {size: np.array([mean[name] for name in group]) for size, group in groups.items()}
    gap = {size: _gap(values.mean(), naive, losses) for size, values in fits.items()}
    drawn = _resampled(groups, draws, losses, seed)
    points = []
    for size, group in groups.items():
        windows = [max(fit.windows for fit in tracks[name].facts.values()) for name in group]
        each = {name: [float(_gap(one, naive, losses)) for one in mean[name]] for name in group}
        points.append(Point(size, float(np.mean(windows)), float(gap[size]), _limits(drawn[size]), each))
    last = _last_doubling(points, drawn)
    made = Curve(
        stock=losses.symbols[0] if len(losses.symbols) == 1 else "*", n=len(losses),
        first=str(losses.session.min()), until=str(losses.session.max()), points=tuple(points), last=last,
        further=_further(last, gap, drawn) if last is not None else None, words="",
    )  # fmt: skip
    return replace(made, words=words(made))


def _means(
    losses: Losses, names: Sequence[str], seed: int, replications: int
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Mean loss per model and seed (s,), and its stationary-bootstrap draws (replications, s), naive's included.

    Losses are in units of the symbol's training variance, averaged over the symbols of a session before they are drawn.
    """
    from beatnaive.judging.significance.bootstrap import block_length, bootstrap_means

    each = {name: losses.seed_loss.get(name, losses.loss[name][None]) for name in (losses.benchmarks[0], *names)}
    _, day = np.unique(losses.session, return_inverse=True)
    rows = np.concatenate(list(each.values())) / losses.scale
    total = np.stack([np.bincount(day, weights=row) for row in rows], axis=1)
    x = np.asarray(total / np.bincount(day)[:, None])  # (sessions, models and seeds)
    block = block_length(len(x), losses.horizon)
    means = x.mean(0)
    draws = means + bootstrap_means(x, block=block, replications=replications, seed=seed)
    edges = np.cumsum([len(part) for part in each.values()])[:-1]
    return (
        dict(zip(each, np.split(means, edges), strict=True)),
        dict(zip(each, np.split(draws, edges, axis=1), strict=True)),
    )


def _gap(loss: Any, naive: Any, losses: Losses) -> Any:
    """100 (error / naive's error - 1) %, of mean losses; the error is the root of a mean squared loss."""
    ratio = loss / naive
    return 100 * ((np.sqrt(ratio) if losses.loss_name in ("squared", "scaled") else ratio) - 1)


def _resampled(
    groups: Mapping[int, Sequence[str]], draws: Mapping[str, Floats], losses: Losses, seed: int
) -> dict[int, Floats]:
    """(replications,) the gap of each size, orders and seeds drawn anew in every replication."""
    rng = np.random.default_rng([seed, crc32(b"orders and seeds")])
    naive = draws[losses.benchmarks[0]][:, 0]
    orders = {count: _again(rng, (len(naive),), count) for count in {len(group) for group in groups.values()}}
    drawn = {}
    for size, group in groups.items():
        values = np.stack([draws[name] for name in group], axis=1)
        order = orders[len(group)]
        seeds = _again(rng, order.shape, values.shape[2])
        picked = values[np.arange(len(naive))[:, None, None], order[:, :, None], seeds]
        drawn[size] = np.asarray(_gap(picked.mean(axis=(1, 2)), naive, losses))
    return drawn


def _again(rng: np.random.Generator, shape: tuple[int, ...], count: int) -> Ints:
    """Indices of `count` things, one fewer than there are drawn with replacement; a lone one stays."""
    return rng.integers(0, count, (*shape, max(count - 1, 1)))


def _limits(drawn: Floats) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _last_doubling(points: Sequence[Point], drawn: Mapping[int, Floats]) -> Doubling | None:
    """From the size with about half of the largest's windows to the largest; None where there is no such size."""
    end = points[-1]
    begin = min(points[:-1], key=lambda point: abs(np.log2(end.windows / point.windows) - 1))
    if not DOUBLING[0] <= end.windows / begin.windows <= DOUBLING[1]:
        return None
    low, high = _limits(drawn[end.symbols] - drawn[begin.symbols])
    says: Change = "narrowed" if high < 0 else "widened" if low > 0 else "cannot tell"
    return Doubling(begin.symbols, end.symbols, end.gap_pct - begin.gap_pct, (low, high), says)


def _further(
    last: Doubling, gap: Mapping[int, float], drawn: Mapping[int, Floats]
) -> tuple[float, float, float] | None:
    """The gap after one more doubling at the last one's rate, gap x gap / gap before: on a random walk naive is
    approached, never reached, so that a straight line would promise too much. None unless the last one narrowed it."""
    if last.says != "narrowed" or gap[last.end] <= 0:
        return None
    before, now = np.maximum(drawn[last.begin], 1e-9), np.maximum(drawn[last.end], 0.0)
    low, high = _limits(now * np.minimum(now / before, 1.0))
    return float(gap[last.end] ** 2 / gap[last.begin]), low, high


def words(found: Curve) -> str:
    """The curve in plain words: both ends, the last doubling, and at most one doubling further."""
    small, large = found.points[0], found.points[-1]
    text = (
        f"More data: on {found.stock} ({found.n:,} forecasts, {found.first} to {found.until}) a fit is "
        f"{_behind(small)} with {_size(small)}, and {_behind(large)} with {_size(large)}."
    )
    last = found.last
    if last is None:
        return f"{text} No two sizes differ by a doubling, so nothing is said about one."

    low, high = last.ci90
    span = f"{last.change:+.2f} points, 90 % interval {low:+.2f} to {high:+.2f}"
    text += f" The last doubling of the data, from {last.begin} to {last.end} symbols, "
    behind = next(point.gap_pct for point in found.points if point.symbols == last.end) >= 0
    if last.says == "cannot tell":
        text += f"moved the gap by no more than chance might ({span}): it cannot tell whether more data helps."
    elif last.says == "narrowed":
        text += f"{'narrowed the gap' if behind else 'brought the forecasts further ahead'} ({span})."
    else:
        text += f"{'widened the gap' if behind else 'took away some of the lead'} ({span})."
    if found.further is None:
        return text

    gap, low, high = found.further
    return (
        f"{text} One further doubling at the same rate would leave {gap:.2f} % ({low:.2f} to {high:.2f} %); nothing is "
        "said beyond it: on a random walk naive is approached, never reached."
    )


def _behind(point: Point) -> str:
    side = "behind" if point.gap_pct >= 0 else "ahead of"
    low, high = point.ci90
    return f"{abs(point.gap_pct):.2f} % {side} naive (90 % interval of the gap {low:+.2f} to {high:+.2f} %)"


def _size(point: Point) -> str:
    return f"{point.windows:,.0f} training windows of {point.symbols} symbol{'s' if point.symbols > 1 else ''}"
