"""A contest: the losses of a field of models against their benchmarks as one time series of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from beatnaive.core.types import NO_SQUARES, OF_QUANTILES, Floats, Ints, Losses
from beatnaive.judging.significance.bootstrap import block_length, bootstrap_means
from beatnaive.judging.significance.joint import Field
from beatnaive.judging.significance.loss_rows import is_volatility, models_of, scale_of, session_mean

_DRAWS = 2000  # enough for the 10 % points of the confidence set
POOLED = "*"
"""The symbol of a whole panel."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Contest:
    """n sessions, b benchmarks, k models: one time series of losses, and what must be counted when it is judged.

    sessions (n,) increasing numbers, on one calendar for all contests; against (n, b), loss (n, k): ruling losses;
    level (n,): a loss that a perfect forecast would still have (QLIKE); persistent: losses that drift for months;
    move (n,), call (n, k): outcome and forecast less naive's forecast, one symbol only; adjusted (n, k): Clark-West
    differentials; slope (k,): of outcome on forecast. Empty (width 0) where it does not apply.
    trials: earlier runs that are judged together with this one, `uncounted` the number of those that cannot be; among:
    of how many symbols this is one, 0 = it stands by itself. drawn: bootstrap means made elsewhere, None = made here.
    """

    symbol: str
    horizon: int
    loss_name: str
    benchmarks: tuple[str, ...]
    models: tuple[str, ...]
    sessions: Ints
    against: Floats
    loss: Floats
    level: Floats
    persistent: bool
    move: Floats
    call: Floats
    adjusted: Floats
    slope: Floats
    replications: int = 9999
    seed: int = 0
    trials: tuple[Field, ...] = ()
    uncounted: int = 0
    among: int = 0
    drawn: Floats | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.loss)

    @cached_property
    def field(self) -> Field:
        """The losses as the rule takes them: every benchmark less every model."""
        gain = self.against[:, :, None] - self.loss[:, None, :]
        return Field(gain=gain, sessions=self.sessions, horizon=self.horizon, persistent=self.persistent)

    @property
    def best(self) -> int:
        """The benchmark with the lowest mean loss: the naive against which skill is shown."""
        return self.field.best

    @property
    def gain(self) -> Floats:
        """(n, k) loss of the best benchmark less loss of the model; positive = the model is better."""
        return self.against[:, [self.best]] - self.loss

    def in_percent(self, gain: Floats) -> Floats:
        """(k,) gains in the ruling loss as % of the best benchmark's error."""
        level = float((self.against[:, self.best] - self.level).mean())
        return as_percent(gain, level, root=self.loss_name not in NO_SQUARES)

    @property
    def relative(self) -> tuple[Floats, Floats]:
        """Mean losses (b + k,) less the first benchmark's, and bootstrap means of them: input of the confidence set."""
        every = np.hstack([self.against, self.loss]) - self.against[:, :1]
        return every.mean(0), draw(self, every) if self.drawn is None else self.drawn


def as_percent(gain: Floats, level: float, *, root: bool) -> Floats:
    """A gain in loss as % of naive's error: 100 (1 - sqrt(1 - gain / level)) for squares, 100 gain / level otherwise.

    gain (k,) and level (naive's mean loss) in the unit of the loss; NaN where level is not positive; an edge
    beyond a perfect forecast counts as 100 %.

    >>> as_percent(np.array([0.19]), 1.0, root=True).round(6).tolist()
    [10.0]
    """
    share = np.minimum(gain / level, 1.0) if level > 0 else np.full(len(gain), np.nan)
    return np.asarray(100 * (1 - np.sqrt(1 - share)) if root else 100 * share)


def contest(losses: Losses, *, seed: int = 0, replications: int = 9999) -> Contest:
    """The contest over all rows: one symbol as it is, several averaged per session after scaling.

    Raises ValueError when there is no model besides the benchmarks.
    """
    models = models_of(losses)
    if not models:
        raise ValueError("a contest needs a model besides the benchmarks")
    n, pooled, volatility = len(losses), len(losses.symbols) > 1, is_volatility(losses)
    against = np.stack([losses.loss[name] for name in losses.benchmarks], axis=1)
    loss = np.stack([losses.loss[name] for name in models], axis=1)
    level = np.zeros((n, 1))
    if losses.loss_name == "qlike":
        # a percentage of QLIKE means something only when what a perfect forecast still has, log y + 1, is taken off
        smallest = losses.y[losses.y > 0].min(initial=np.inf)
        level = (np.log(np.maximum(losses.y, smallest if np.isfinite(smallest) else 1.0)) + 1)[:, None]
    if volatility:
        move, call = np.zeros((n, 1)), np.empty((n, 0))
    else:
        f = np.stack([losses.forecast[name] for name in (losses.benchmarks[0], *models)], axis=1)
        move, call = losses.y[:, None] - f[:, :1], f[:, 1:] - f[:, :1]
    adjusted = 2 * move * call  # (y - f0)^2 - (y - f)^2 + (f - f0)^2
    slope = _slope(move, call, losses.scale if pooled else np.ones(n))
    sessions = losses.session.astype("datetime64[s]").astype(np.int64)
    if pooled:
        sessions, codes = np.unique(sessions, return_inverse=True)
        divisor = scale_of(losses)[:, None]
        against, loss, level = (session_mean(codes, part / divisor) for part in (against, loss, level))
        adjusted = session_mean(codes, adjusted / losses.scale[:, None])
        move, call = np.empty((0, 1)), np.empty((0, 0))
    return Contest(
        symbol=POOLED if pooled else losses.symbols[0], horizon=losses.horizon, loss_name=losses.loss_name,
        benchmarks=losses.benchmarks, models=models, sessions=sessions, against=against, loss=loss, level=level[:, 0],
        persistent=volatility or losses.loss_name in (*OF_QUANTILES, "qlike"), move=move[:, 0], call=call,
        adjusted=adjusted, slope=slope, replications=replications, seed=seed,
    )  # fmt: skip


def _slope(move: Floats, call: Floats, scale: Floats) -> Floats:
    """(k,) slope through the origin of outcome on forecast, both less naive's: 1 = calibrated, below 1 = too bold.

    sum (call move / scale) / sum (call^2 / scale); move (n, 1), call (n, k) in the unit of y, scale (n,) in its square.
    """
    square = (call**2 / scale[:, None]).sum(0)
    slope = np.full(call.shape[1], np.nan)
    np.divide((call * move / scale[:, None]).sum(0), square, out=slope, where=square > 0)
    return slope


def draw(one: Contest, columns: Floats) -> Floats:
    """(2000 at most, c) centred bootstrap means of columns (n, c), from the samples that belong to this contest."""
    block = block_length(len(one), one.horizon)
    return bootstrap_means(columns, block=block, replications=min(_DRAWS, one.replications), seed=one.seed)


def drawn_together(contests: Sequence[Contest]) -> tuple[Contest, ...]:
    """The same contests with their draws; those of one length share one set of samples, and one matrix product."""
    made: dict[int, Floats] = {}
    for length in {len(one) for one in contests}:
        places = [k for k, one in enumerate(contests) if len(one) == length]
        parts = [np.hstack([one.against, one.loss]) - one.against[:, :1] for one in (contests[k] for k in places)]
        edges = np.cumsum([part.shape[1] for part in parts])[:-1]
        drawn = np.split(draw(contests[places[0]], np.hstack(parts)), edges, axis=1)
        made |= dict(zip(places, drawn, strict=True))
    return tuple(replace(one, drawn=made[k]) for k, one in enumerate(contests))
