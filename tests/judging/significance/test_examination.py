"""What `examine` does with horizons, symbols, seeds, trials, several benchmarks and degenerate models."""

from dataclasses import replace

import numpy as np
import pytest
from examples import losses, noise, panel
from hypothesis import given, settings
from hypothesis import strategies as st

from beatnaive.core.errors import InputError
from beatnaive.core.registry import resolve
from beatnaive.core.types import Evidence
from beatnaive.judging.significance import TESTS, Trials, examine
from beatnaive.judging.significance.adjusted import adjusted
from beatnaive.judging.significance.contest import contest
from beatnaive.judging.significance.diebold_mariano import diebold_mariano
from beatnaive.judging.significance.many_symbols import benjamini_hochberg


def skilful(n=400, share=0.5, seed=1):
    """Returns, and a forecast that knows part of them."""
    rng = np.random.default_rng(seed)
    known, rest = 0.01 * rng.standard_normal((2, n))
    return share * known + rest, share * known


@pytest.mark.parametrize("name", TESTS)
def test_every_row_gives_evidence_in_words(name):
    y, forecasts = noise()
    found = resolve(TESTS[name])(contest(losses(y, forecasts), replications=199))
    assert found
    for evidence in found:
        assert isinstance(evidence, Evidence)
        assert evidence.test == name
        assert evidence.words.endswith(".")
        assert evidence.n > 0
        assert evidence.p_value is None or 0 <= evidence.p_value <= 1
    assert {evidence.model for evidence in found} in ({"*"}, set(forecasts))


def test_numbers_agree_with_the_tests_they_come_from():
    y, forecasts = noise()
    part = losses(y, forecasts)
    numbers = examine(part, replications=199).models["m1"]
    d = y**2 - (y - forecasts["m1"]) ** 2
    test = diebold_mariano(d)
    assert numbers.dm == pytest.approx((test.statistic[0], test.p_value[0], test.p_better[0]))
    assert numbers.slope == pytest.approx((y @ forecasts["m1"]) / (forecasts["m1"] @ forecasts["m1"]))
    price, forecast = 100 * np.exp(y), 100 * np.exp(forecasts["m1"])
    skill = 100 * (1 - np.sqrt(np.mean((y - forecasts["m1"]) ** 2) / np.mean(y**2)))
    assert numbers.skill_pct == pytest.approx(skill)
    assert numbers.skill_ci90[0] < skill < numbers.skill_ci90[1]
    assert numbers.accuracy.rmse == pytest.approx(np.sqrt(np.mean((price - forecast) ** 2)))
    assert numbers.explained == pytest.approx(1 - np.mean((y - forecasts["m1"]) ** 2) / np.mean(y**2))


def test_the_same_seed_gives_the_same_numbers():
    y, forecasts = noise()
    one, two, other = (examine(losses(y, forecasts), seed=s, replications=499) for s in (3, 3, 4))
    assert one == two
    assert one.p_any != other.p_any


def test_a_real_edge_is_found_among_useless_models():
    y, forecast = skilful()
    _, others = noise(400, 6)
    found = examine(losses(y, {"good": forecast, **others}), replications=999)
    assert found.models["good"].p_adjusted < 0.01
    assert min(found.models[name].p_adjusted for name in others) > 0.05
    assert found.p_any == found.models["good"].p_adjusted
    assert "good" in found.included
    assert "naive" not in found.included


def test_worse_is_the_same_test_reversed():
    y, _ = noise(400)
    rng = np.random.default_rng(5)
    found = examine(losses(y, {"bad": 0.01 * rng.standard_normal(400)}), replications=999).models["bad"]
    assert found.p_worse < 0.01
    assert found.p_adjusted > 0.5


def test_detectable_effect_of_the_step_down_is_the_larger():
    y, forecasts = noise(models=7)
    for numbers in examine(losses(y, forecasts), replications=499).models.values():
        assert numbers.mde_pct >= numbers.mde_single_pct > 0


def test_no_joint_test_is_easier_than_a_single_one():
    """Rivals far below naive are out of the race, and do not make the detectable effect of the others negative."""
    y, forecasts = noise(300, 1)
    rng = np.random.default_rng(3)
    awful = {f"bad{k}": 0.02 * rng.standard_normal(300) for k in range(3)}
    for numbers in examine(losses(y, {**forecasts, **awful}), replications=499).models.values():
        assert numbers.mde_pct >= numbers.mde_single_pct > 0
    for numbers in examine(losses(y, awful), replications=499).models.values():
        assert numbers.mde_pct >= numbers.mde_single_pct > 0


@pytest.mark.parametrize(("n", "horizon", "short"), [(99, 10, True), (100, 10, False), (29, 1, True), (30, 1, False)])
def test_too_short_to_rule(n, horizon, short):
    y, forecasts = noise(n)
    found = examine(losses(y, forecasts, horizon=horizon), replications=99)
    assert bool(found.too_short) is short


def test_panel_is_pooled_after_scaling():
    """A symbol a hundred times as volatile must not decide alone."""
    rng = np.random.default_rng(7)
    known, rest = rng.standard_normal((2, 300, 4))
    deviation = np.array([0.01, 0.01, 0.01, 1.0])
    y = deviation * (0.4 * known + rest)
    forecast = deviation * 0.4 * known * np.array([1, 1, 1, -0.5])
    part = panel(y, {"m": forecast})
    part = replace(part, scale=np.tile(deviation**2, 300))
    assert examine(part, replications=499).models["m"].p_adjusted < 0.05
    assert examine(replace(part, scale=np.ones(1200)), replications=499).models["m"].p_worse < 0.05


def test_pooled_losses_are_session_averages():
    rng = np.random.default_rng(8)
    y, f = 0.01 * rng.standard_normal((2, 50, 3))
    part = panel(y, {"m": f})
    one = contest(part, replications=99)
    assert len(one) == 50
    assert one.loss[:, 0] == pytest.approx((((y - f) ** 2) / np.mean(y**2)).mean(1))


def test_symbols_that_join_late_are_averaged_where_present():
    rng = np.random.default_rng(9)
    y, f = 0.01 * rng.standard_normal((2, 60, 2))
    part = panel(y, {"m": f})
    kept = np.flatnonzero((part.symbol == 0) | (part.session >= part.session[40]))
    from beatnaive.judging.significance.loss_rows import take

    one = contest(take(part, kept), replications=99)
    assert len(one) == 60
    assert one.loss[:20, 0] == pytest.approx((y[:20, 0] - f[:20, 0]) ** 2 / np.mean(y**2))


def test_symbols_are_selected_by_benjamini_hochberg_and_bogomolov():
    rng = np.random.default_rng(10)
    known, rest = rng.standard_normal((2, 250, 20))
    share = np.where(np.arange(20) < 3, 0.6, 0.0)
    part = panel(0.01 * (share * known + rest), {"m": 0.01 * np.where(share > 0, share, 0.1) * known})
    found = examine(part, replications=999)
    p = np.array([found.symbols[f"S{k}"].p_any for k in range(20)])
    selected = benjamini_hochberg(p)
    assert set(np.flatnonzero(selected)) == {0, 1, 2}
    for k in range(20):
        assert found.symbols[f"S{k}"].level == pytest.approx(0.05 * 3 / 20 if selected[k] else 0.0)


def test_benjamini_hochberg_equals_statsmodels():
    from statsmodels.stats.multitest import multipletests

    for seed in range(5):
        p = np.random.default_rng(seed).random(40) ** 4
        assert benjamini_hochberg(p).tolist() == multipletests(p, 0.05, method="fdr_bh")[0].tolist()


def test_a_symbol_alone_and_in_a_panel_has_the_same_numbers():
    rng = np.random.default_rng(11)
    y, f = 0.01 * rng.standard_normal((2, 80, 3))
    together = examine(panel(y, {"m": f}), replications=499).symbols["S1"].models["m"]
    alone = examine(losses(y[:, 1], {"m": f[:, 1]}), replications=499).models["m"]
    assert together.dm == alone.dm
    assert together.p_adjusted == pytest.approx(alone.p_adjusted, abs=1e-12)  # one model: Student's, with no resampling
    assert together.skill_ci90 == pytest.approx(alone.skill_ci90)


def test_seeds_that_beat_naive_are_counted():
    y, forecast = skilful()
    rng = np.random.default_rng(12)
    seeds = [forecast, forecast, forecast, forecast, 0.02 * rng.standard_normal(400)]
    found = examine(losses(y, {"net": forecast}, seeds={"net": seeds}), replications=199).models["net"]
    assert found.seeds_better == pytest.approx(0.8)
    assert examine(losses(y, {"net": forecast}), replications=199).models["net"].seeds_better is None


def test_earlier_trials_enter_one_joint_rule():
    y, forecasts = noise(models=40, n=300)
    best = min(forecasts, key=lambda name: np.mean((y - forecasts[name]) ** 2))
    run = losses(y, {best: forecasts[best]})
    earlier = losses(y, {name: f for name, f in forecasts.items() if name != best})
    alone = examine(run, replications=499)
    counted = examine(run, replications=499, trials=Trials(earlier={"a": earlier}, runs=("a",)))
    whole = examine(losses(y, {best: forecasts[best], **forecasts}), replications=499)
    assert counted.models[best].p_this_run == alone.models[best].p_adjusted
    assert counted.models[best].p_adjusted == pytest.approx(whole.models[best].p_adjusted, abs=0.005)
    assert counted.models[best].p_adjusted > alone.models[best].p_adjusted
    assert counted.counted == 40
    assert counted.trials.runs == ("a",)


def test_trials_keep_their_own_rows_loss_and_horizon():
    """A trial at another horizon, in another loss, on other rows joins, and can only raise p."""
    y, forecasts = noise(400, 2)
    run = losses(y[:300], {"m0": forecasts["m0"][:300]})
    spans = np.convolve(y, np.ones(5), "valid")
    other = losses(spans, {"m1": 0.1 * forecasts["m1"][4:]}, horizon=5, loss="absolute", days=np.arange(4, 400))
    alone, counted = (
        examine(run, replications=499, trials=Trials(earlier=earlier)) for earlier in ({}, {"then": other})
    )
    assert counted.counted == 2
    assert counted.uncounted == 0
    assert counted.models["m0"].p_adjusted >= alone.models["m0"].p_adjusted


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.lists(st.tuples(st.integers(12, 150), st.integers(0, 60)), max_size=3))
def test_counting_trials_never_makes_a_p_smaller(seed, sets):
    rng = np.random.default_rng(seed)
    y, f = 0.01 * rng.standard_normal((2, 90))
    run = losses(y, {"m0": 0.3 * f, "m1": 0.1 * f + 0.3 * y})
    earlier = {}
    for k, (n, first) in enumerate(sets):
        z, g, h = 0.01 * rng.standard_normal((3, n))
        earlier[f"r{k}"] = losses(z, {"a": 0.2 * g, "b": 0.5 * h}, days=first + np.arange(n))
    alone = examine(run, replications=99, seed=1)
    counted = examine(run, replications=99, seed=1, trials=Trials(earlier=earlier))
    for name, x in counted.models.items():
        assert x.p_adjusted >= alone.models[name].p_adjusted - 1e-12
        assert x.p_worse >= alone.models[name].p_worse - 1e-12
        assert x.p_this_run == alone.models[name].p_adjusted


def test_what_cannot_be_joined_counts_by_bonferroni():
    y, forecasts = noise(models=1)
    run = losses(y, forecasts)
    alone = examine(run, replications=499).models["m0"].p_adjusted
    short, _ = noise(20)
    some = Trials(
        earlier={"short": losses(short, {"a": short, "b": short})}, unjoined={"gone/c": "the run is interrupted"}
    )
    counted = examine(run, replications=499, trials=some)
    assert counted.uncounted == 3
    assert counted.counted == 4
    assert counted.models["m0"].p_adjusted == pytest.approx(min(1.0, 4 * alone))


def test_trials_count_for_each_symbol_that_they_cover():
    rng = np.random.default_rng(14)
    y, f, g = 0.01 * rng.standard_normal((3, 120, 3))
    run = panel(y, {"m": 0.1 * f})
    earlier = panel(y[:, :2], {"t": 0.1 * g[:, :2]})  # never tried on the third symbol
    counted = examine(run, replications=499, trials=Trials(earlier={"r": earlier})).symbols
    alone = examine(run, replications=499).symbols
    assert counted["S0"].models["m"].p_adjusted >= alone["S0"].models["m"].p_adjusted
    assert counted["S0"].counted == 2
    assert counted["S2"].models["m"].p_adjusted == counted["S2"].models["m"].p_this_run
    assert counted["S2"].counted == 1


def test_declared_variants_raise_p():
    """N variants before this run and this one are N + 1 in all."""
    y, forecasts = noise(models=1)
    run = losses(y, {"m0": 0.2 * forecasts["m0"] + 0.08 * y})
    p = examine(run, replications=499).models["m0"].p_adjusted
    assert 0 < p < 0.3
    counted = examine(run, replications=499, trials=Trials(variants=2))
    assert counted.models["m0"].p_adjusted == pytest.approx(3 * p)
    assert counted.counted == 3


def volatility(seed=0, n=300, noise=0.05):
    """QLIKE losses of three benchmarks and a model, on variances whose truth is known."""
    rng = np.random.default_rng(seed)
    truth = 1e-4 * np.exp(np.convolve(rng.standard_normal(n + 19), np.ones(20) / 8, "valid"))
    y = truth * rng.chisquare(5, n) / 5
    forecasts = {
        "last_value": np.roll(y, 1) + 1e-6,
        "mean_20": truth * np.exp(0.4 * rng.standard_normal(n)),
        "expanding_mean": np.full(n, y.mean()),
        "har": truth * np.exp(noise * rng.standard_normal(n)),
    }
    part = losses(y, {}, loss="squared")
    loss = {name: np.log(f) + y / f for name, f in forecasts.items()}
    return replace(part, forecast=forecasts, loss=loss, benchmarks=tuple(forecasts)[:3], loss_name="qlike")


def test_volatility_must_beat_all_three_benchmarks():
    part = volatility()
    found = examine(part, replications=499)
    alone = []
    for name in part.benchmarks:
        only = {key: part.loss[key] for key in (name, "har")}
        one = replace(contest(replace(part, loss=only, benchmarks=(name,), loss_name="absolute")), persistent=True)
        alone.append(adjusted(one).p_better[0])
    assert found.models["har"].p_adjusted == pytest.approx(max(alone))
    assert found.models["har"].cw == (None, None)
    assert found.models["har"].pt == (None, None)
    means = {name: part.loss[name].mean() for name in part.benchmarks}
    assert found.benchmark == min(means, key=means.get)


def test_volatility_skill_is_of_the_loss_above_a_perfect_forecast():
    part = volatility()
    found = examine(part, replications=499)
    perfect = np.mean(np.log(part.y) + 1)
    gap = {name: part.loss[name].mean() - perfect for name in (found.benchmark, "har")}
    assert found.models["har"].skill_pct == pytest.approx(100 * (1 - gap["har"] / gap[found.benchmark]))


def test_a_model_that_is_naive_says_nothing():
    y, forecasts = noise()
    found = examine(losses(y, {"copy": 0 * y, **forecasts}), replications=199).models["copy"]
    assert found.p_adjusted == 1.0
    assert found.dm == (None, None, None)
    assert found.skill_pct == 0.0
    assert found.slope is None


def test_identical_models_are_named():
    y, forecasts = noise(models=1)
    found = examine(losses(y, {"a": forecasts["m0"], "b": forecasts["m0"]}), replications=199)
    assert found.models["a"].same_as is None
    assert found.models["b"].same_as == "a"
    assert found.models["a"].p_adjusted == found.models["b"].p_adjusted


def test_nothing_to_compare():
    y, forecasts = noise(2)
    with pytest.raises(InputError, match="too few"):
        examine(losses(y, forecasts))
    y, _ = noise(50)
    with pytest.raises(InputError, match=r"no valid model.*lstm: NaN"):
        examine(losses(y, {}, invalid={"lstm": "NaN"}))


def words_of(part, test):
    (found,) = resolve(TESTS[test])(contest(part, replications=99))
    return found


def test_directions_beyond_horizon_one_allow_for_overlap():
    """Persistent calls on overlapping spans of a random walk: the test for independent rows rejects in one of six."""
    rejected = {1: 0, 20: 0}
    for seed in range(60):
        rng = np.random.default_rng([4, seed])
        y, f = (np.convolve(0.01 * rng.standard_normal(259), np.ones(20), "valid") for _ in range(2))
        for h in rejected:
            rejected[h] += words_of(losses(y, {"m": f}, horizon=h), "pesaran_timmermann").p_value < 0.05
    assert rejected[1] >= 10
    assert rejected[20] <= 8


def test_giacomini_white_does_not_call_accuracy_an_ability():
    rng = np.random.default_rng(5)
    known, rest = 0.01 * rng.standard_normal((2, 400))
    steady = words_of(losses(0.5 * known + rest, {"m": 0.5 * known}), "giacomini_white")
    assert steady.p_value < 0.05 < steady.details["p_conditional"]
    assert "not conditional ability" in steady.words
    skilled = np.repeat(rng.random(20) < 0.5, 20)  # good for twenty days, useless for twenty
    clustered = words_of(losses(np.where(skilled, 2 * known, 0) + rest, {"m": 2 * known}), "giacomini_white")
    assert clustered.details["p_conditional"] < 0.05
    assert "past successes say something" in clustered.words


def test_fluctuation_tells_when_a_model_was_better():
    rng = np.random.default_rng(6)
    known, rest = 0.01 * rng.standard_normal((2, 500))
    then = np.arange(500) < 150
    found = words_of(losses(np.where(then, 1.5 * known, 0) + rest, {"m": known}), "fluctuation")
    assert found.details["ever_better"]
    assert "m was better around 2020-0" in found.words
    y, f = noise(500, 1)
    assert "at no time better" in words_of(losses(y, f), "fluctuation").words


def test_conditional_coverage_in_words():
    from beatnaive.judging.significance.calibration import conditional_coverage_evidence

    rng = np.random.default_rng(7)
    y = rng.standard_normal(1000)
    limits = np.tile(np.array([-1.96, -1.645, -1.282, -0.674, 0, 0.674, 1.282, 1.645, 1.96]), (1000, 1))
    assert "not in clusters" in conditional_coverage_evidence("m", y, limits).words
    wild = y * np.where(np.arange(1000) // 100 % 5 == 0, 3, 0.8)
    assert "in clusters" in conditional_coverage_evidence("m", wild, limits).words
