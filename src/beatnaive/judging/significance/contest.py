"""A contest: the losses of a field of models against their benchmarks as one time series of sessions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.types import NO_SQUARES, Floats, Ints, Losses
from beatnaive.judging.significance.bootstrap import block_length, bootstrap_means
from beatnaive.judging.significance.detectable import as_percent
from beatnaive.judging.significance.diebold_mariano import diebold_mariano, holm
from beatnaive.judging.significance.step_down import StepDown, step_down

_FEW = 2000  # enough draws for the 5 and 10 % points of interval and confidence set
POOLED = "*"
"""The symbol of a whole panel."""


@dataclass(frozen=True)
class Trials:
    """What was tried before: loss {id: (n,)} on the rows of this run's `Losses`, NaN where a trial has no forecast.

    runs: the run folders they come from; symbols: other symbols tried in the same folder; `variants`: a declared
    number of earlier variants whose forecasts are not at hand.
    """

    loss: Mapping[str, Floats] = field(default_factory=dict)
    runs: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    variants: int = 0


@dataclass(frozen=True, eq=False)
class Contest:
    """n sessions, b benchmarks, k models.

    against (n, b), loss (n, k): ruling losses; shown (n, 1 + k): the errors behind the skill that people read, naive
    first, `root` = they are squares; level (n,): a loss that a perfect forecast would still have (QLIKE);
    move (n,), call (n, k): outcome and forecast less naive's forecast, one symbol only; adjusted (n, k): Clark-West
    differentials; slope (k,): of outcome on forecast. Empty (width 0) where it does not apply.
    """

    symbol: str
    horizon: int
    loss_name: str
    benchmarks: tuple[str, ...]
    models: tuple[str, ...]
    against: Floats
    loss: Floats
    shown: Floats
    root: bool
    level: Floats
    move: Floats
    call: Floats
    adjusted: Floats
    slope: Floats
    replications: int = 9999
    seed: int = 0

    def __len__(self) -> int:
        return len(self.loss)

    @property
    def hardest(self) -> int:
        """The benchmark with the lowest mean loss: the one whose figures are shown."""
        return int(self.against.mean(0).argmin())

    @property
    def gain(self) -> Floats:
        """(n, k) loss of the hardest benchmark less loss of the model; positive = the model is better."""
        return self.against[:, [self.hardest]] - self.loss

    @property
    def squares(self) -> bool:
        """The ruling loss is a squared error: percentages are of its root."""
        return self.loss_name not in NO_SQUARES

    def in_percent(self, gain: Floats) -> Floats:
        """(k,) gains in the ruling loss as % of naive's error."""
        level = float((self.against[:, self.hardest] - self.level).mean())
        return as_percent(gain, level, root=self.squares)

    @property
    def block(self) -> float:
        """Mean block length of the bootstrap, sessions."""
        return block_length(len(self), self.horizon)

    @property
    def differences(self) -> Floats:
        """(n, b - 1 + k) losses less the first benchmark's: other benchmarks, then models."""
        return np.hstack([self.against[:, 1:], self.loss]) - self.against[:, :1]

    @cached_property
    def draws(self) -> Floats:
        """(replications, b - 1 + k) centred bootstrap means of `differences`."""
        return draw(self.differences, self, self.replications)

    @cached_property
    def shown_draws(self) -> Floats:
        """(at most 2,000, 1 + k) centred bootstrap means of `shown`."""
        return draw(self.shown, self, min(self.replications, _FEW))

    @property
    def relative_draws(self) -> Floats:
        """(replications, b + k) centred bootstrap means of the losses, less the first benchmark's."""
        return np.hstack([np.zeros((len(self.draws), 1)), self.draws])

    @property
    def relative(self) -> tuple[Floats, Floats]:
        """Mean losses (b + k,) less the first benchmark's, and a few of their draws: input of the confidence set."""
        every = np.hstack([self.against, self.loss]) - self.against[:, :1]
        return every.mean(0), self.relative_draws[:_FEW]

    @cached_property
    def better(self) -> tuple[StepDown, ...]:
        """Step-down of "better than this benchmark", one per benchmark."""
        return self._against_each(+1)

    @cached_property
    def worse(self) -> tuple[StepDown, ...]:
        """The same on the reversed differences."""
        return self._against_each(-1)

    @cached_property
    def p_better(self) -> Floats:
        """(k,) adjusted p of "better": better than all benchmarks, hence the largest p."""
        return np.asarray(np.maximum.reduce([result.p_adjusted for result in self.better]))

    @cached_property
    def p_worse(self) -> Floats:
        """(k,) adjusted p of "worse": worse than some benchmark, hence Bonferroni over benchmarks."""
        smallest = np.minimum.reduce([result.p_adjusted for result in self.worse])
        return np.asarray(np.minimum(smallest * len(self.benchmarks), 1.0))

    def _against_each(self, sign: int) -> tuple[StepDown, ...]:
        draws = self.relative_draws
        b = len(self.benchmarks)
        return tuple(self._step_down(sign, k, sign * (draws[:, [k]] - draws[:, b:])) for k in range(b))

    def _step_down(self, sign: int, benchmark: int, means: Floats) -> StepDown:
        gain = sign * (self.against[:, [benchmark]] - self.loss)
        result = step_down(gain.mean(0), means, len(self))
        if self.horizon == 1:
            return result
        # overlapping spans: the bootstrap alone rejects too often, a floor under the HLN variance does not
        single = diebold_mariano(gain, self.horizon, floor=True)
        return replace(result, p_adjusted=np.maximum(result.p_adjusted, holm(single.p_better)))


def contest(losses: Losses, *, seed: int = 0, replications: int = 9999) -> Contest:
    """The contest over all rows: one symbol as it is, several averaged per session after scaling.

    Raises ValueError when there is no model besides the benchmarks.
    """
    parts = _parts(losses)
    if len(losses.symbols) == 1:
        return _of_symbol(losses, parts, seed, replications)
    divisor = unit(losses)
    mean = _session_mean(losses)
    against, loss, level = (mean(parts[name] / divisor[:, None]) for name in ("against", "loss", "level"))
    naive = against[:, [int(against.mean(0).argmin())]]
    shown = np.hstack([naive, loss]) - level
    adjusted = mean(parts["adjusted"] / losses.scale[:, None])
    squares = losses.loss_name not in NO_SQUARES
    return Contest(
        POOLED, losses.horizon, losses.loss_name, losses.benchmarks, _models(losses), against, loss, shown, squares,
        level[:, 0], np.empty(0), np.empty((0, 0)), adjusted, _slope(parts, losses.scale), replications, seed,
    )  # fmt: skip


def _of_symbol(losses: Losses, parts: Mapping[str, Floats], seed: int, replications: int) -> Contest:
    """One symbol's contest, in the ruling loss as it stands."""
    return Contest(
        losses.symbols[0], losses.horizon, losses.loss_name, losses.benchmarks, _models(losses), parts["against"],
        parts["loss"], parts["shown"], not is_volatility(losses), parts["level"][:, 0], parts["move"][:, 0],
        parts["call"], parts["adjusted"], _slope(parts, np.ones(len(losses))), replications, seed,
    )  # fmt: skip


def by_symbol(losses: Losses) -> Iterator[Losses]:
    """The losses of each symbol that has any, as those of one symbol."""
    order = np.argsort(losses.symbol, kind="stable")
    edges = np.searchsorted(losses.symbol[order], np.arange(len(losses.symbols) + 1))
    for code, name in enumerate(losses.symbols):
        rows = order[edges[code] : edges[code + 1]]
        if len(rows):
            yield take(replace(losses, symbol=np.zeros(len(losses), np.int32), symbols=(name,)), rows)


def take(losses: Losses, rows: NDArray[Any]) -> Losses:
    """The same losses on these rows only."""
    arrays = ("symbol", "session", "origin", "y", "close", "scale")
    cut = {name: getattr(losses, name)[rows] for name in arrays}
    return replace(
        losses,
        **cut,
        forecast={name: values[rows] for name, values in losses.forecast.items()},
        loss={name: values[rows] for name, values in losses.loss.items()},
        seed_loss={name: values[:, rows] for name, values in losses.seed_loss.items()},
        quantiles={name: values[rows] for name, values in losses.quantiles.items()},
    )


def draw(columns: Floats, like: Contest, replications: int) -> Floats:
    """Centred bootstrap means of these columns, from the samples that belong to a contest."""
    return bootstrap_means(columns, block=like.block, replications=replications, seed=like.seed)


def draw_together(contests: Sequence[Contest]) -> None:
    """Fill the contests' draws; contests of one length share one set of samples, and one matrix product."""
    for length in {len(one) for one in contests}:
        same = [one for one in contests if len(one) == length]
        replications = same[0].replications
        for slot, parts, count in (
            ("draws", [one.differences for one in same], replications),
            ("shown_draws", [one.shown for one in same], min(replications, _FEW)),
        ):
            edges = np.cumsum([part.shape[1] for part in parts])[:-1]
            drawn = np.split(draw(np.hstack(parts), same[0], count), edges, axis=1)
            for one, part in zip(same, drawn, strict=True):
                vars(one)[slot] = part  # the cached property's own place


def is_volatility(losses: Losses) -> bool:
    """Variances rather than returns: three benchmarks, no direction to call and no nested naive."""
    return len(losses.benchmarks) > 1


def unit(losses: Losses) -> Floats:
    """(n,) what a row's loss is divided by to make symbols comparable."""
    if losses.loss_name in ("scaled", "qlike"):
        return np.ones(len(losses))
    return np.sqrt(losses.scale) if losses.loss_name in NO_SQUARES else losses.scale


def outcome(losses: Losses, values: Floats) -> Floats:
    """Outcomes or forecasts as people read them: prices for returns from a known close, else as they are."""
    if is_volatility(losses) or not np.isfinite(losses.close).all():
        return values
    return np.asarray(losses.close.reshape(-1, *[1] * (values.ndim - 1)) * np.exp(values))


def _models(losses: Losses) -> tuple[str, ...]:
    names = tuple(name for name in losses.loss if name not in losses.benchmarks)
    if not names:
        raise ValueError("a contest needs a model besides the benchmarks")
    return names


def _parts(losses: Losses) -> dict[str, Floats]:
    """The arrays of a contest before any averaging; all two-dimensional."""
    names = _models(losses)
    against = np.stack([losses.loss[name] for name in losses.benchmarks], axis=1)
    loss = np.stack([losses.loss[name] for name in names], axis=1)
    hardest = losses.benchmarks[int(against.mean(0).argmin())]
    level = _level(losses)
    if is_volatility(losses):
        none = np.empty((len(losses), 0))
        shown = np.hstack([losses.loss[hardest][:, None], loss]) - level
        parts = {"shown": shown, "move": np.zeros((len(losses), 1)), "call": none, "adjusted": none}
    else:
        parts = _calls(losses, (hardest, *names))
    return {"against": against, "loss": loss, "level": level, **parts}


def _calls(losses: Losses, names: Sequence[str]) -> dict[str, Floats]:
    """Dollar squares, moves, calls and Clark-West differentials of a study of returns; naive is the first name."""
    unknown = np.full(len(losses), np.nan)  # a trial's forecasts are not at hand, only its losses
    values = np.stack([losses.forecast.get(name, unknown) for name in names], axis=1)
    y = losses.y[:, None]
    shown = (outcome(losses, y) - outcome(losses, values)) ** 2
    move, call = y - values[:, :1], values[:, 1:] - values[:, :1]
    # (y - f0)^2 - (y - f)^2 + (f - f0)^2
    return {"shown": shown, "move": move, "call": call, "adjusted": 2 * move * call}


def _level(losses: Losses) -> Floats:
    """QLIKE of a perfect forecast, log y + 1: what must be taken off before a percentage of it means anything."""
    if losses.loss_name != "qlike":
        return np.zeros((len(losses), 1))
    positive = losses.y[losses.y > 0]
    floor = positive.min() if len(positive) else 1.0
    return (np.log(np.maximum(losses.y, floor)) + 1)[:, None]


def _slope(parts: Mapping[str, Floats], scale: Floats) -> Floats:
    """(k,) slope through the origin of outcome on forecast, both less naive's: 1 = calibrated, below 1 = too bold."""
    call, move = parts["call"], parts["move"]
    square = (call**2 / scale[:, None]).sum(0)
    slope = np.full(call.shape[1], np.nan)
    np.divide((call * move / scale[:, None]).sum(0), square, out=slope, where=square > 0)
    return slope


def _session_mean(losses: Losses) -> SessionMean:
    _, codes = np.unique(losses.session, return_inverse=True)
    return SessionMean(codes)


@dataclass(frozen=True, eq=False)
class SessionMean:
    """Averages rows (n, c) per session; codes (n,) number the sessions in time order."""

    codes: Ints

    def __call__(self, x: Floats) -> Floats:
        """(sessions, c) means over the rows present."""
        count = np.bincount(self.codes)
        totals = [np.bincount(self.codes, weights=column) for column in x.T]
        return np.stack(totals, axis=1) / count[:, None] if totals else np.empty((len(count), 0))


def with_trials(losses: Losses, trials: Trials) -> Losses:
    """This run's losses joined by the trials', on the rows that all of them cover."""
    every = {**losses.loss, **{f"trial {name}": values for name, values in trials.loss.items()}}
    shared = np.all([np.isfinite(values) for values in every.values()], axis=0)
    return take(replace(losses, loss=every), shared)
