"""The rule for rulings: better or worse, with all models, benchmarks and trials counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from beatnaive.core.types import Floats, Ints
from beatnaive.judging.significance.bootstrap import block_length
from beatnaive.judging.significance.cosines import MeanTest, cosine_count, mean_test
from beatnaive.judging.significance.family_wise import LEVEL, FamilyWise, family_wise
from beatnaive.judging.significance.resampled import Differences, resampled_t
from beatnaive.judging.significance.tails import holm, t_point


@dataclass(frozen=True, eq=False, kw_only=True)
class Field:
    """Models in one loss at one horizon on the same rows: this run's, or those of an earlier trial.

    gain (n, b, k) loss of each of b benchmarks less loss of each of k models, any unit, in time order; sessions (n,)
    increasing numbers of the rows' sessions, on one calendar for all fields that are judged together; `persistent`:
    losses of variances or of quantiles.
    """

    gain: Floats
    sessions: Ints
    horizon: int = 1
    persistent: bool = False

    @property
    def count(self) -> int:
        """Cosines, the degrees of freedom of every t."""
        return cosine_count(len(self.gain), self.horizon, persistent=self.persistent)

    def tests(self) -> MeanTest:
        """The means of all b k columns: benchmark by benchmark, models within."""
        return mean_test(self.gain.reshape(len(self.gain), -1), self.count)

    @property
    def best(self) -> int:
        """The benchmark with the lowest mean loss, the same for every model: the naive against which skill is shown."""
        return int(self.gain.mean((0, 2)).argmin())

    def hardest(self) -> Ints:
        """(k,) the benchmark against which each model has its smallest t."""
        return np.asarray(self.tests().t.reshape(self.gain.shape[1:]).argmin(0))

    def test_of_hardest(self) -> MeanTest:
        """The means against each model's hardest benchmark: (k,) columns."""
        test, models = self.tests(), np.arange(self.gain.shape[2])
        at = self.hardest() * len(models) + models
        return replace(test, mean=test.mean[at], error=test.error[at], t=test.t[at])


@dataclass(frozen=True, eq=False, kw_only=True)
class Judgement:
    """What the rule finds; arrays (k,), one value per model of this run.

    benchmark: the model's hardest; test: mean gain over that benchmark, its error and t; p_better, p_worse: adjusted
    for everything counted; own_better, own_worse: for this run alone; critical: the t from which p_better is below
    5 %; single: the t from which the p of one model alone is.
    """

    benchmark: Ints
    test: MeanTest
    p_better: Floats
    p_worse: Floats
    own_better: Floats
    own_worse: Floats
    critical: float
    single: float


def judgement(
    own: Field, trials: Sequence[Field] = (), *, uncounted: int = 0, replications: int = 9999, seed: int = 0
) -> Judgement:
    """Which models are better than all of their benchmarks, and which worse than the best, given all that was tried?

    Better: each model against the benchmark with its own smallest t, one `family_wise` step-down over all models.
    Worse: one step-down of the reversed differences per benchmark; p is the smallest of them, Bonferroni over
    benchmarks, but not below that of the best benchmark by mean loss, against which skill and its interval are shown:
    no model is worse beside an interval that holds zero. Earlier `trials` are resampled together with this run (shared
    sessions, each with its own rows, loss and horizon) for a second step-down over all of them; the larger p counts, so
    that counting can never help a model. `uncounted` trials, whose losses are not at hand, multiply p by 1 + uncounted.

    >>> rng = np.random.default_rng(0)
    >>> gain = rng.normal([[0.3, 0.0]], 1.0, size=(239, 2))
    >>> found = judgement(Field(gain=gain[:, None], sessions=np.arange(239)), replications=999)
    >>> (found.p_better < 0.05).tolist(), (found.p_worse < 0.05).tolist()
    ([True, False], [False, False])
    """
    alone = _Drawn([own], replications, seed)
    better, worse = alone.better(1 + uncounted), alone.worse(1 + uncounted)
    p_better, p_worse, tail = better.p, worse, better.tail
    if trials:
        drawn = _Drawn([own, *trials], replications, seed)
        joint = drawn.better(1 + uncounted)
        models = len(better.p)
        p_better, tail = np.maximum(p_better, joint.p[:models]), min(tail, joint.tail)
        p_worse = np.maximum(p_worse, drawn.worse(1 + uncounted)[:models])
    return Judgement(
        benchmark=own.hardest(),
        test=own.test_of_hardest(),
        p_better=p_better,
        p_worse=p_worse,
        own_better=alone.better(1).p if uncounted else better.p,
        own_worse=alone.worse(1) if uncounted else worse,
        critical=t_point(tail, own.count),
        single=t_point(LEVEL, own.count),
    )


def judgement_of_symbol(own: Field, trials: Sequence[Field] = (), *, uncounted: int = 0, symbols: int = 1) -> Judgement:
    """The same for one symbol of many, without resampling: Student's p, Holm over models, Bonferroni over benchmarks.

    A panel asks for tails of 0.05 / symbols, which resampling cannot supply; its smallest p per symbol go into
    Benjamini-Hochberg. `critical` is the t that passes the first step of that alone among `symbols`. Earlier `trials`
    on this symbol join Holm's family; `uncounted` ones multiply p by 1 + uncounted.

    >>> gain = np.random.default_rng(0).normal([[0.5, 0.0]], 1.0, size=(239, 2))
    >>> found = judgement_of_symbol(Field(gain=gain[:, None], sessions=np.arange(239)), symbols=200)
    >>> bool(found.p_better[0] < 0.05 / 200), round(found.critical, 2), round(found.single, 2)
    (True, 4.77, 1.75)
    """
    test, models, factor = own.test_of_hardest(), own.gain.shape[2], 1 + uncounted
    fields = [own, *trials]
    hardest = [one.test_of_hardest() for one in fields]
    p_better, error = (np.concatenate([getattr(one, name) for one in hardest]) for name in ("p_better", "error"))
    alive = max(1, int((error > 0).sum()))
    return Judgement(
        benchmark=own.hardest(),
        test=test,
        p_better=np.minimum(1.0, factor * _holm(p_better, error)[:models]),
        p_worse=np.minimum(1.0, factor * _worse_of_symbol(fields)[:models]),
        own_better=_holm(test.p_better, test.error),
        own_worse=_worse_of_symbol([own]),
        critical=t_point(LEVEL / alive / symbols / factor, own.count),
        single=t_point(LEVEL, own.count),
    )


def _worse_of_symbol(fields: Sequence[Field]) -> Floats:
    """Adjusted p of "worse than the best benchmark" of all fields' models, one field after the other."""

    def against(benchmark: Sequence[int]) -> Floats:
        tests = [mean_test(one.gain[:, j], one.count) for one, j in zip(fields, benchmark, strict=True)]
        error = np.concatenate([one.error for one in tests])
        return _holm(np.concatenate([np.where(one.error > 0, 1 - one.p_better, 1.0) for one in tests]), error)

    return _worse(fields, against)


def _worse(fields: Sequence[Field], against: Callable[[Sequence[int]], Floats]) -> Floats:
    """p of "worse" of all fields' models, from the adjusted p against one benchmark of each field.

    max(benchmarks x min over benchmarks, p against the best): the first alone holds the level, because the best is
    chosen by the same losses; the second keeps ruling and interval together.
    """
    count, best = fields[0].gain.shape[1], [field.best for field in fields]
    each = [against([j] * len(fields)) for j in range(count)]
    of_best = each[best[0]] if len(set(best)) == 1 else against(best)
    return np.asarray(np.minimum(1.0, np.maximum(count * np.minimum.reduce(each), of_best)))


def _holm(p: Floats, error: Floats) -> Floats:
    """Holm's adjusted p of the columns that vary; the others carry no evidence and are outside the family."""
    adjusted = np.ones(len(p))
    adjusted[error > 0] = holm(p[error > 0])
    return adjusted


class _Drawn:
    """Fields that were resampled together: every t and its draws, field by field, benchmark by benchmark."""

    def __init__(self, fields: Sequence[Field], replications: int, seed: int) -> None:
        self.fields = fields
        tests = [field.tests() for field in fields]
        parts = [
            Differences(
                field.gain.reshape(len(field.gain), -1), field.sessions, field.count,
                block_length(len(field.gain), field.horizon),
            )
            for field in fields
        ]  # fmt: skip
        self.null = np.hstack(resampled_t(parts, replications=replications, seed=seed))
        self.t = np.concatenate([test.t for test in tests])
        self.alive = np.concatenate([test.error > 0 for test in tests])
        self.df = np.concatenate([np.full(len(test.t), test.df) for test in tests])
        self.rows = np.concatenate(
            [np.full(len(test.t), len(field.gain)) for field, test in zip(fields, tests, strict=True)]
        )

    def columns(self, benchmark: Sequence[Ints]) -> Ints:
        """Where the columns stand of every field's models, each against the benchmark named for it."""
        at, first = [], 0
        for field, chosen in zip(self.fields, benchmark, strict=True):
            models = field.gain.shape[2]
            at.append(first + chosen * models + np.arange(models))
            first += field.gain.shape[1] * models
        return np.concatenate(at)

    def step_down(self, at: Ints, sign: int, factor: float) -> FamilyWise:
        return family_wise(
            sign * self.t[at], sign * self.null[:, at], df=self.df[at], rows=self.rows[at], alive=self.alive[at],
            factor=factor,
        )  # fmt: skip

    def better(self, factor: float) -> FamilyWise:
        return self.step_down(self.columns([field.hardest() for field in self.fields]), 1, factor)

    def worse(self, factor: float) -> Floats:
        def against(benchmark: Sequence[int]) -> Floats:
            chosen = [np.full(one.gain.shape[2], j) for one, j in zip(self.fields, benchmark, strict=True)]
            return self.step_down(self.columns(chosen), -1, factor).p

        return _worse(self.fields, against)
