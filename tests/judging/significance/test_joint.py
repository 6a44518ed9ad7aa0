"""The rule for rulings against a slow loop of all of it, its invariances, and what counting trials may do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from beatnaive.judging.significance.bootstrap import block_length
from beatnaive.judging.significance.cosines import mean_test
from beatnaive.judging.significance.joint import Field, judgement, judgement_of_symbol
from beatnaive.judging.significance.resampled import Differences, resampled_t


def field(gain, **options):
    gain = gain if gain.ndim == 3 else gain[:, None]
    return Field(gain=gain, sessions=options.pop("sessions", np.arange(len(gain))), **options)


def slow_rule(fields, replications, seed, sign=1, benchmark=None):
    """Adjusted p of the first field's models, one replication and one model at a time; benchmark None = the hardest."""
    models = []  # (t, df, rows, draws)
    drawn = resampled_t(
        [
            Differences(f.gain.reshape(len(f.gain), -1), f.sessions, f.count, block_length(len(f.gain), f.horizon))
            for f in fields
        ],
        replications=replications,
        seed=seed,
    )
    for f, null in zip(fields, drawn, strict=True):
        n, b, k = f.gain.shape
        for model in range(k):
            each = [float(mean_test(f.gain[:, j, model], f.count).t[0]) for j in range(b)]
            j = int(np.argmin(each)) if benchmark is None else benchmark
            models.append(
                (sign * each[j], f.count, n, sign * null[:, j * k + model], bool(np.ptp(f.gain[:, j, model])))
            )
    tails = []
    for t, df, n, draws, _ in models:
        own = np.empty(replications)
        for rank, place in enumerate(sorted(range(replications), key=lambda r: draws[r])):
            quantile = stats.t.ppf((rank + 0.5) / replications, df)
            own[place] = stats.t.sf(quantile + (t if t < -np.sqrt(2 * np.log(np.log(n))) else 0.0), df)
        tails.append(own)
    alive = [i for i, model in enumerate(models) if model[4]]
    order = sorted(alive, key=lambda i: stats.t.sf(models[i][0], models[i][1]))
    p, running, holm = np.ones(len(models)), 0.0, 0.0
    for place, i in enumerate(order):
        tail = stats.t.sf(models[i][0], models[i][1])
        hits = sum(min(tails[m][r] for m in order[place:]) <= tail for r in range(replications))
        running = max(running, (1 + hits) / (1 + replications), tail)
        holm = max(holm, (len(order) - place) * tail)
        p[i] = min(running, holm, 1.0)
    return p[: fields[0].gain.shape[2]]


def close(one, other, replications=299):
    """Equal but for draws that tie within single precision."""
    return one == pytest.approx(other, abs=1.01 / (1 + replications))


def test_the_rule_is_the_slow_loop():
    rng = np.random.default_rng(0)
    gain = rng.normal(size=(80, 1, 4)) + np.array([0.35, 0.1, 0.0, -0.6])
    gain[:, 0, 2] = 0.3  # never varies
    own = field(gain)
    found = judgement(own, replications=299, seed=7)
    assert close(found.p_better, slow_rule([own], 299, 7))
    assert close(found.p_worse, slow_rule([own], 299, 7, sign=-1, benchmark=0))
    assert found.p_better[2] == found.p_worse[2] == 1.0
    assert found.p_better[0] < 0.05 < found.p_better[1]
    assert found.p_worse[3] < 0.05


def test_several_benchmarks_are_each_models_hardest_and_bonferroni():
    rng = np.random.default_rng(1)
    gain = rng.normal(0.2, 1.0, size=(90, 3, 2)) + rng.normal(size=(90, 1, 2))
    own = field(gain, persistent=True)
    found = judgement(own, replications=299, seed=1)
    t = np.array([[mean_test(gain[:, j, k], 8).t[0] for k in range(2)] for j in range(3)])
    assert found.benchmark.tolist() == t.argmin(0).tolist()
    assert found.test.t == pytest.approx(t.min(0))
    assert close(found.p_better, slow_rule([own], 299, 1))
    worse = [slow_rule([own], 299, 1, sign=-1, benchmark=j) for j in range(3)]
    best = worse[int(gain.mean((0, 2)).argmin())]
    assert found.p_worse == pytest.approx(np.clip(3 * np.min(worse, axis=0), best, 1.0), abs=3.03 / 300)


def test_ruling_p_and_interval_are_one_computation():
    """Among 500 small fields of one to three benchmarks, no ruling stands beside an interval that holds zero."""
    rng, rulings = np.random.default_rng(5), {"better": 0, "worse": 0}
    for world in range(500):
        n, b, k = int(rng.integers(30, 70)), int(rng.integers(1, 4)), int(rng.integers(1, 4))
        against = rng.normal(rng.uniform(0, 1.0, b), rng.uniform(0.3, 3.0, b), (n, b))
        loss = rng.normal(rng.uniform(-0.5, 1.5, k), 1.0, (n, k))
        own = field(against[:, :, None] - loss[:, None, :], persistent=bool(rng.integers(2)))
        earlier = [field(rng.normal(size=(n, b, 1)))] if world % 5 == 0 else []
        low, high = mean_test(own.gain[:, against.mean(0).argmin()], own.count).interval()
        uncounted = int(rng.integers(2))
        for found in (
            judgement(own, earlier, uncounted=uncounted, replications=99, seed=world),
            judgement_of_symbol(own, earlier, uncounted=uncounted),
        ):
            assert (low[found.p_better < 0.05] > 0).all()
            assert (high[found.p_worse < 0.05] < 0).all()
            rulings["better"] += int((found.p_better < 0.05).sum())
            rulings["worse"] += int((found.p_worse < 0.05).sum())
    assert min(rulings.values()) > 50, rulings


def test_trials_of_other_rows_horizons_and_losses_are_joined_on_tails():
    rng = np.random.default_rng(2)
    own = field(rng.normal(0.25, 1.0, size=(100, 3)))
    few = np.sort(rng.choice(130, 70, replace=False))
    trials = [
        field(1e4 * rng.normal(size=(70, 2)), sessions=few, horizon=5),
        field(rng.standard_t(3, size=(100, 1)), persistent=True),
    ]
    found = judgement(own, trials, replications=299, seed=3)
    expected = np.maximum(slow_rule([own], 299, 3), slow_rule([own, *trials], 299, 3))
    assert close(found.p_better, expected)
    assert (found.p_better >= found.own_better).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 4), st.integers(0, 3), st.integers(0, 3))
def test_counting_never_makes_a_p_smaller(seed, models, trials, uncounted):
    rng = np.random.default_rng(seed)
    own = field(rng.normal(rng.uniform(-0.2, 0.4), 1.0, size=(50, models)))
    earlier = []
    for _ in range(trials):
        n = int(rng.integers(20, 60))
        sessions = np.sort(rng.choice(70, n, replace=False))
        gain = rng.normal(rng.uniform(-1, 1), 10 ** rng.uniform(-3, 3), size=(n, int(rng.integers(1, 4))))
        earlier.append(field(gain, sessions=sessions, horizon=int(rng.choice([1, 5]))))
    alone = judgement(own, replications=99, seed=seed)
    counted = judgement(own, earlier, uncounted=uncounted, replications=99, seed=seed)
    assert (counted.p_better >= alone.p_better).all()
    assert (counted.p_worse >= alone.p_worse).all()
    assert counted.critical >= alone.critical
    assert np.array_equal(counted.own_better, alone.own_better)
    assert np.array_equal(counted.own_worse, alone.own_worse)


def test_scaling_one_model_changes_no_p():
    gain = np.random.default_rng(4).normal(0.15, 1.0, size=(120, 5))
    before = judgement(field(gain), replications=999)
    after = judgement(field(gain * np.array([100, 1, 1, 1, 1])), replications=999)
    assert after.p_better == pytest.approx(before.p_better, abs=1.01e-3)
    assert after.p_worse == pytest.approx(before.p_worse, abs=1.01e-3)
    assert after.test.error[0] == pytest.approx(100 * before.test.error[0])


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.3])
def test_one_model_has_students_p(shift):
    gain = np.random.default_rng(5).normal(shift, 1.0, size=(239, 1))
    found = judgement(field(gain), replications=999)
    t = mean_test(gain, 15).t[0]
    assert found.p_better[0] == pytest.approx(stats.t.sf(t, 15), rel=1e-9)
    assert found.p_worse[0] == pytest.approx(stats.t.cdf(t, 15), rel=1e-9)
    assert found.critical == pytest.approx(found.single, abs=0.02)


def test_p_is_at_most_holms_and_models_that_move_together_pay_less():
    rng = np.random.default_rng(6)
    common = rng.normal(size=(239, 1))
    gain = 0.14 + common + 0.1 * rng.normal(size=(239, 10))
    found = judgement(field(gain), replications=1999)
    tail = stats.t.sf(found.test.t, 15)
    assert (found.p_better <= np.minimum(1, 10 * tail.max())).all()
    assert found.p_better.min() < 3 * tail.min()
    apart = judgement(field(0.14 + rng.normal(size=(239, 10))), replications=1999)
    assert apart.p_better.min() > 5 * stats.t.sf(apart.test.t, 15).min()


def test_the_critical_value_is_where_the_ruling_turns():
    rng = np.random.default_rng(7)
    gain = rng.normal(size=(239, 6))
    for uncounted in (0, 3):
        critical = judgement(field(gain), uncounted=uncounted, replications=1999).critical
        for over, better in ((1.02, True), (0.98, False)):
            test = mean_test(gain[:, 0], 15)
            moved = gain.copy()
            moved[:, 0] += over * critical * test.error[0] - test.mean[0]
            found = judgement(field(moved), uncounted=uncounted, replications=1999)
            assert (found.p_better[0] < 0.05) == better


def few_days(rng, n, days, shift=0.0):
    """Differences of a forecast that equals naive's but on a few days."""
    gain = np.zeros(n)
    gain[rng.choice(n, days, replace=False)] = rng.normal(shift, 1.0, days)
    return gain


def test_a_true_model_is_found_beside_models_that_hardly_ever_differ():
    """Without ranks the few-days models' resampled t, of any size, hide everything else."""
    found = 0
    for seed in range(40):
        rng = np.random.default_rng([8, seed])
        rivals = [few_days(rng, 239, 3) for _ in range(6)]
        gain = np.column_stack([rng.normal(0.25, 1.0, 239), *rivals])
        found += judgement(field(gain), replications=499).p_better[0] < 0.05
    assert found >= 30


def test_a_symbol_is_judged_by_students_p_and_holm():
    rng = np.random.default_rng(9)
    gain = rng.normal(0.1, 1.0, size=(120, 2, 4))
    gain[:, :, 3] = 0.0
    found = judgement_of_symbol(field(gain), symbols=50)
    df = field(gain).count
    t = np.array([[mean_test(gain[:, j, k], df).t[0] for k in range(3)] for j in range(2)])
    single = np.sort(stats.t.sf(t.min(0), df))
    assert np.sort(found.p_better[:3]) == pytest.approx(np.minimum(1, np.maximum.accumulate(single * [3, 2, 1])))
    worse = stats.t.cdf(t, df)
    each = [np.maximum.accumulate(np.sort(p) * [3, 2, 1])[np.argsort(np.argsort(p))] for p in worse]
    assert found.p_worse[:3] == pytest.approx(np.minimum(1, 2 * np.min(each, axis=0)))
    assert found.p_better[3] == found.p_worse[3] == 1.0
    assert stats.t.sf(found.critical, df) == pytest.approx(0.05 / 3 / 50)
