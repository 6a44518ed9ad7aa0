"""A contest: the losses of a field of models against their benchmarks as one time series of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from beatnaive.core.types import NO_SQUARES, Floats, Losses
from beatnaive.judging.significance.bootstrap import block_length, bootstrap_means
from beatnaive.judging.significance.loss_rows import is_volatility, outcome, scale_of, session_mean

_FEW = 2000  # enough draws for the 5 and 10 % points of interval and confidence set
POOLED = "*"
"""The symbol of a whole panel."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Contest:
    """n sessions, b benchmarks, k models.

    against (n, b), loss (n, k): ruling losses; shown (n, 1 + k): the errors behind the skill that people read, naive
    first, `root` = they are squares; level (n,): a loss that a perfect forecast would still have (QLIKE);
    move (n,), call (n, k): outcome and forecast less naive's forecast, one symbol only; adjusted (n, k): Clark-West
    differentials; slope (k,): of outcome on forecast. Empty (width 0) where it does not apply.
    drawn: bootstrap means of `differences` and `shown` made elsewhere; None = made here when they are first needed.
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
    drawn: tuple[Floats, Floats] | None = field(default=None, repr=False)

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
    def block(self) -> float:
        """Mean block length of the bootstrap, sessions."""
        return block_length(len(self), self.horizon)

    @property
    def differences(self) -> Floats:
        """(n, b - 1 + k) losses less the first benchmark's: other benchmarks, then models."""
        return np.hstack([self.against[:, 1:], self.loss]) - self.against[:, :1]

    @cached_property
    def draws(self) -> Floats:
        """(replications, b + k) centred bootstrap means of the losses, less the first benchmark's (hence a zero)."""
        made = draw(self, self.differences, self.replications) if self.drawn is None else self.drawn[0]
        return np.hstack([np.zeros((len(made), 1)), made])

    @cached_property
    def shown_draws(self) -> Floats:
        """(at most 2,000, 1 + k) centred bootstrap means of `shown`."""
        return draw(self, self.shown, min(self.replications, _FEW)) if self.drawn is None else self.drawn[1]

    @property
    def relative(self) -> tuple[Floats, Floats]:
        """Mean losses (b + k,) less the first benchmark's, and a few of their draws: input of the confidence set."""
        every = np.hstack([self.against, self.loss]) - self.against[:, :1]
        return every.mean(0), self.draws[:_FEW]

    def in_percent(self, gain: Floats) -> Floats:
        """(k,) gains in the ruling loss as % of naive's error."""
        level = float((self.against[:, self.hardest] - self.level).mean())
        return as_percent(gain, level, root=self.loss_name not in NO_SQUARES)


def as_percent(gain: Floats, level: float, *, root: bool) -> Floats:
    """A gain in loss as % of naive's error: 100 (1 - sqrt(1 - gain / level)) for squares, 100 gain / level otherwise.

    gain (k,) and level (naive's mean loss) in the unit of the loss; NaN where level is not positive; an edge beyond
    a perfect forecast counts as 100 %.

    >>> as_percent(np.array([0.19]), 1.0, root=True).round(6).tolist()
    [10.0]
    """
    if not level > 0:
        return np.full(len(gain), np.nan)
    share = np.minimum(gain / level, 1.0)
    return 100 * (1 - np.sqrt(1 - share)) if root else 100 * share


def contest(losses: Losses, *, seed: int = 0, replications: int = 9999) -> Contest:
    """The contest over all rows: one symbol as it is, several averaged per session after scaling.

    Raises ValueError when there is no model besides the benchmarks.
    """
    models = tuple(name for name in losses.loss if name not in losses.benchmarks)
    if not models:
        raise ValueError("a contest needs a model besides the benchmarks")
    n, pooled, volatility = len(losses), len(losses.symbols) > 1, is_volatility(losses)
    against = np.stack([losses.loss[name] for name in losses.benchmarks], axis=1)
    loss = np.stack([losses.loss[name] for name in models], axis=1)
    naive = losses.benchmarks[int(against.mean(0).argmin())]
    level = np.zeros((n, 1))
    if losses.loss_name == "qlike":
        # a percentage of QLIKE means something only when what a perfect forecast still has, log y + 1, is taken off
        smallest = losses.y[losses.y > 0].min(initial=np.inf)
        level = (np.log(np.maximum(losses.y, smallest if np.isfinite(smallest) else 1.0)) + 1)[:, None]
    if volatility:
        move, call, shown = np.zeros((n, 1)), np.empty((n, 0)), np.hstack([losses.loss[naive][:, None], loss]) - level
    else:
        unknown = np.full(n, np.nan)  # a trial's forecasts are not at hand, only its losses
        f = np.stack([losses.forecast.get(name, unknown) for name in (naive, *models)], axis=1)
        move, call = losses.y[:, None] - f[:, :1], f[:, 1:] - f[:, :1]
        shown = (outcome(losses, losses.y[:, None]) - outcome(losses, f)) ** 2
    adjusted = 2 * move * call  # (y - f0)^2 - (y - f)^2 + (f - f0)^2
    slope = _slope(move, call, losses.scale if pooled else np.ones(n))
    if pooled:
        _, codes = np.unique(losses.session, return_inverse=True)
        divisor = scale_of(losses)[:, None]
        against, loss, level = (session_mean(codes, part / divisor) for part in (against, loss, level))
        shown = np.hstack([against[:, [int(against.mean(0).argmin())]], loss]) - level
        adjusted = session_mean(codes, adjusted / losses.scale[:, None])
        move, call = np.empty((0, 1)), np.empty((0, 0))
    return Contest(
        symbol=POOLED if pooled else losses.symbols[0], horizon=losses.horizon, loss_name=losses.loss_name,
        benchmarks=losses.benchmarks, models=models, against=against, loss=loss, shown=shown,
        root=losses.loss_name not in NO_SQUARES if pooled else not volatility, level=level[:, 0], move=move[:, 0],
        call=call, adjusted=adjusted, slope=slope, replications=replications, seed=seed,
    )  # fmt: skip


def _slope(move: Floats, call: Floats, scale: Floats) -> Floats:
    """(k,) slope through the origin of outcome on forecast, both less naive's: 1 = calibrated, below 1 = too bold.

    sum (call move / scale) / sum (call^2 / scale); move (n, 1), call (n, k) in the unit of y, scale (n,) in its square.
    """
    square = (call**2 / scale[:, None]).sum(0)
    slope = np.full(call.shape[1], np.nan)
    np.divide((call * move / scale[:, None]).sum(0), square, out=slope, where=square > 0)
    return slope


def draw(one: Contest, columns: Floats, replications: int) -> Floats:
    """(replications, c) centred bootstrap means of columns (n, c), from the samples that belong to this contest."""
    return bootstrap_means(columns, block=one.block, replications=replications, seed=one.seed)


def drawn_together(contests: Sequence[Contest]) -> tuple[Contest, ...]:
    """The same contests with their draws; those of one length share one set of samples, and one matrix product."""
    made: dict[int, tuple[Floats, Floats]] = {}
    for length in {len(one) for one in contests}:
        places = [k for k, one in enumerate(contests) if len(one) == length]
        same = [contests[k] for k in places]
        both = []
        for parts, count in (
            ([one.differences for one in same], same[0].replications),
            ([one.shown for one in same], min(same[0].replications, _FEW)),
        ):
            edges = np.cumsum([part.shape[1] for part in parts])[:-1]
            both.append(np.split(draw(same[0], np.hstack(parts), count), edges, axis=1))
        made |= dict(zip(places, zip(*both, strict=True), strict=True))
    return tuple(replace(one, drawn=made[k]) for k, one in enumerate(contests))
