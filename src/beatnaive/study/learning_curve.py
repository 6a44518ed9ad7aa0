"""Does more data help? The same model trained on more and more symbols, and its gap to naive on the same test rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal
from zlib import crc32

import numpy as np

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import Floats, Ints, Losses, Track
from beatnaive.judging.significance.bootstrap import block_length, bootstrap_means
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
    sizes: tuple[int, ...] = (1, 2, 5, 10, 20)
    orders: int = 5
    stock: str | None = None

    def __post_init__(self) -> None:
        if not self.sizes or min(self.sizes) < 1 or self.orders < 1:
            raise InputError("learning_curve: sizes and orders are counts, at least 1 each")


def stock_of(asked: CurveSpec, symbols: Sequence[str]) -> str:
    """The symbol that is forecast. Raises UnknownName when the panel does not have it."""
    if asked.stock is not None and asked.stock not in symbols:
        raise UnknownName("stock in learning_curve", asked.stock, symbols)
    return asked.stock or symbols[0]


def contestants(
    models: Mapping[str, ModelSpec], asked: CurveSpec, symbols: Sequence[str], *, seed: int
) -> dict[str, ModelSpec]:
    """The study's models, the asked one replaced by one per size and order: `lstm_05_b` learns from five symbols.

    The forecast symbol is in every set, the others join in random orders, so that a larger set of the same order
    holds the smaller one. A set of one symbol, or of all, is the same in every order and is trained once.

    >>> asked = CurveSpec("lstm", sizes=(1, 2, 3), orders=2)
    >>> made = contestants({"lstm": ModelSpec("lstm")}, asked, "ABC", seed=0)
    >>> [(name, len(spec.learn_from)) for name, spec in made.items()]
    [('lstm_1', 1), ('lstm_2_a', 2), ('lstm_2_b', 2), ('lstm_3', 3)]
    """
    if asked.model not in models:
        raise UnknownName("model in learning_curve", asked.model, models)
    made: dict[str, ModelSpec] = {}
    for name, spec in models.items():
        made |= _sets(spec, asked, symbols, seed) if name == asked.model else {name: spec}
    return made


def _sets(spec: ModelSpec, asked: CurveSpec, symbols: Sequence[str], seed: int) -> dict[str, ModelSpec]:
    stock = stock_of(asked, symbols)
    rng = np.random.default_rng([seed, crc32(b"learning curve")])
    others = [name for name in symbols if name != stock]
    orders = [[others[k] for k in rng.permutation(len(others))] for _ in range(asked.orders)]
    pooled = replace(spec, per_symbol=False if spec.per_symbol is None else spec.per_symbol)
    sizes = sorted({min(size, len(symbols)) for size in asked.sizes})
    made: dict[str, ModelSpec] = {}
    for size in sizes:
        same = size in (1, len(symbols))
        for k, order in enumerate(orders[:1] if same else orders):
            name = f"{asked.model}_{size:0{len(str(sizes[-1]))}d}" + ("" if same else f"_{_letters(k)}")
            made[name] = replace(pooled, learn_from=(stock, *order[: size - 1]))
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


@dataclass(frozen=True)
class Curve:
    """The gap to naive against the training windows; `last` the last doubling, `further` the gap (and its 90 %
    interval) after one more, if the last one narrowed it; never further than that."""

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
    groups = _groups(losses, models)
    if len(groups) < 2:
        return None
    names = [name for group in groups.values() for name in group]
    mean, draws = _means(losses, names, seed, replications)
    fits = {size: np.array([mean[name] for name in group]) for size, group in groups.items()}
    gap = {size: _gap(values.mean(), mean[_naive(losses)][0], losses) for size, values in fits.items()}
    drawn = _resampled(groups, draws, losses, seed)
    points = tuple(
        Point(
            size, float(np.mean([_windows(tracks[name]) for name in group])), float(gap[size]), _limits(drawn[size]),
            {name: [float(_gap(one, mean[_naive(losses)][0], losses)) for one in mean[name]] for name in group},
        )
        for size, group in groups.items()
    )  # fmt: skip
    last = _last_doubling(points, drawn)
    further = _further(last, gap, drawn) if last is not None else None
    made = Curve(
        losses.symbols[0] if len(losses.symbols) == 1 else "*", len(losses), str(losses.session.min()),
        str(losses.session.max()), points, last, further, "",
    )  # fmt: skip
    return replace(made, words=words(made))


def _groups(losses: Losses, models: Mapping[str, ModelSpec]) -> dict[int, list[str]]:
    """Valid models by the number of symbols they learnt from."""
    found: dict[int, list[str]] = {}
    for name, spec in models.items():
        if spec.learn_from is not None and name in losses.loss:
            found.setdefault(len(spec.learn_from), []).append(name)
    return dict(sorted(found.items()))


def _naive(losses: Losses) -> str:
    return losses.benchmarks[0]


def _windows(track: Track) -> int:
    return max(fit.windows for fit in track.facts.values())


def _means(
    losses: Losses, names: Sequence[str], seed: int, replications: int
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Mean loss per model and seed (s,), and its stationary-bootstrap draws (replications, s), naive's included."""
    each = {name: losses.seed_loss.get(name, losses.loss[name][None]) for name in (_naive(losses), *names)}
    x = _by_session(losses, np.concatenate(list(each.values())))
    means = x.mean(0)
    draws = means + bootstrap_means(
        x, block=block_length(len(x), losses.horizon), replications=replications, seed=seed
    )  # fmt: skip
    edges = np.cumsum([len(part) for part in each.values()])[:-1]
    return (
        dict(zip(each, np.split(means, edges), strict=True)),
        dict(zip(each, np.split(draws, edges, axis=1), strict=True)),
    )


def _by_session(losses: Losses, each: Floats) -> Floats:
    """(sessions, k) losses in units of the symbol's training variance, averaged over the symbols of a session."""
    _, day = np.unique(losses.session, return_inverse=True)
    total = np.stack([np.bincount(day, weights=row / losses.scale) for row in each], axis=1)
    return np.asarray(total / np.bincount(day)[:, None])


def _gap(loss: Any, naive: Any, losses: Losses) -> Any:
    ratio = loss / naive
    return 100 * ((np.sqrt(ratio) if losses.loss_name in ("squared", "scaled") else ratio) - 1)


def _resampled(
    groups: Mapping[int, Sequence[str]], draws: Mapping[str, Floats], losses: Losses, seed: int
) -> dict[int, Floats]:
    """(replications,) the gap of each size, orders and seeds drawn anew in every replication."""
    rng = np.random.default_rng([seed, crc32(b"orders and seeds")])
    naive = draws[_naive(losses)][:, 0]
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
    return " ".join(part for part in (text, _on_the_last(found), _on_a_further(found)) if part)


def _behind(point: Point) -> str:
    side = "behind" if point.gap_pct >= 0 else "ahead of"
    low, high = point.ci90
    return f"{abs(point.gap_pct):.2f} % {side} naive (90 % interval of the gap {low:+.2f} to {high:+.2f} %)"


def _size(point: Point) -> str:
    return f"{point.windows:,.0f} training windows of {point.symbols} symbol{'s' if point.symbols > 1 else ''}"


def _on_the_last(found: Curve) -> str:
    last = found.last
    if last is None:
        return "No two sizes differ by a doubling, so nothing is said about one."
    low, high = last.ci90
    span = f"{last.change:+.2f} points, 90 % interval {low:+.2f} to {high:+.2f}"
    what = f"The last doubling of the data, from {last.begin} to {last.end} symbols,"
    if last.says == "cannot tell":
        return f"{what} moved the gap by no more than chance might ({span}): it cannot tell whether more data helps."
    behind = next(point.gap_pct for point in found.points if point.symbols == last.end) >= 0
    if last.says == "narrowed":
        return f"{what} {'narrowed the gap' if behind else 'brought the forecasts further ahead'} ({span})."
    return f"{what} {'widened the gap' if behind else 'took away some of the lead'} ({span})."


def _on_a_further(found: Curve) -> str:
    if found.further is None:
        return ""
    gap, low, high = found.further
    return (
        f"One further doubling at the same rate would leave {gap:.2f} % ({low:.2f} to {high:.2f} %); nothing is said "
        "beyond it: on a random walk naive is approached, never reached."
    )
