"""The learning curve: who learns from what, the gap and its interval, and words that promise no more than was seen."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from panels import ar1, market, samples_of

from beatnaive.backtest.splits import Split, walk_forward
from beatnaive.backtest.walk import walk
from beatnaive.core.errors import InputError
from beatnaive.core.types import Fit, Losses, Track
from beatnaive.models.spec import ModelSpec
from beatnaive.study.learning_curve import CurveSpec, Doubling, contestants, curve
from beatnaive.study.spec import load_study

SYMBOLS = tuple("ABCDEFGHIJ")
MEAN_LABEL = f"{Path(__file__).with_name('user_models.py')}:MeanLabel"


def specs(**changes):
    return contestants(
        {"naive": ModelSpec("naive"), "net": ModelSpec("lstm")}, CurveSpec("net", **changes), SYMBOLS, seed=0
    )


def test_every_set_holds_the_stock_and_the_smaller_sets_of_its_order():
    made = specs(sizes=(1, 2, 5, 10), orders=3, stock="D")
    sets = {name: spec.learn_from for name, spec in made.items()}
    assert list(sets) == [
        "naive",
        "net_01",
        "net_02_a",
        "net_02_b",
        "net_02_c",
        "net_05_a",
        "net_05_b",
        "net_05_c",
        "net_10",
    ]
    assert sets["naive"] is None
    assert sets["net_01"] == ("D",)
    assert sorted(sets["net_10"]) == list(SYMBOLS)
    for order in "abc":
        assert sets[f"net_02_{order}"] == sets[f"net_05_{order}"][:2]
        assert len(set(sets[f"net_05_{order}"])) == 5
    assert len({sets[f"net_05_{order}"] for order in "abc"}) == 3


def test_a_small_panel_is_used_whole_and_sizes_beyond_it_once():
    assert [len(spec.learn_from) for name, spec in specs(sizes=(1, 20, 40), orders=2).items() if name != "naive"] == [
        1,
        10,
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stock": "K"}, "unknown stock in learning_curve 'K'"),
        ({"model": "lstm"}, "unknown model in learning_curve 'lstm'"),
        ({"sizes": (0, 2)}, "at least 1"),
    ],
)
def test_what_does_not_exist_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        contestants({"net": ModelSpec("lstm")}, CurveSpec(**{"model": "net", **changes}), SYMBOLS, seed=0)


def test_a_model_learns_from_its_symbols_only_and_forecasts_the_tested_one():
    """Symbols of different drift: the mean of the training labels tells whose labels were used."""
    returns = ar1(400, 0.0, symbols=3, sd=1e-6) + np.array([0.001, 0.002, 0.004])
    made = samples_of(market(returns))
    models = {
        "naive": ModelSpec("naive"),
        "own": ModelSpec(MEAN_LABEL, {}, False, ("S0",)),
        "two": ModelSpec(MEAN_LABEL, {}, False, ("S0", "S2")),
    }
    folds = walk_forward(made, Split(test=("S0",)))
    tracks = walk(made, folds, models)
    assert set(made.inputs.symbol[tracks["own"].rows]) == {0}
    assert tracks["own"].forecast.mean == pytest.approx(0.001, abs=1e-6)
    assert tracks["two"].forecast.mean == pytest.approx(0.0025, abs=1e-6)
    assert tracks["two"].facts[0, -1].windows == 2 * tracks["own"].facts[0, -1].windows
    assert made.known_at[folds[0].train].max() <= folds[0].cutoff


def losses_of(bias, noise=0.0, n=800, seeds=3):
    """Naive and forecasts whose mean squared error exceeds it by `bias` (a share), per model; several seeds."""
    rng = np.random.default_rng(0)
    y = rng.normal(0, 0.01, n)
    names = {name: ModelSpec("lstm", {}, False, tuple(SYMBOLS[:size])) for name, size in bias_sizes(bias)}
    own = {
        name: np.stack([(y**2) * (1 + share) + rng.normal(0, noise, n) * 1e-4 for _ in range(seeds)])
        for name, share in bias.items()
    }
    days = np.datetime64("2020-01-01") + np.arange(n)
    mean = {name: each.mean(0) for name, each in own.items()}
    losses = Losses(
        symbols=("A",), symbol=np.zeros(n, np.int32), session=days, origin=days.astype("datetime64[s]"), horizon=1, y=y,
        close=np.full(n, 100.0), forecast={}, loss={"naive": y**2, **mean},
        seed_loss=own, scale=np.full(n, 1e-4), benchmarks=("naive",), loss_name="squared",
    )  # fmt: skip
    rows = np.arange(n)
    tracks = {
        name: Track(
            model=name,
            rows=rows,
            fold=np.zeros(n, np.int32),
            forecast=None,
            seeds={},
            facts={(0, 0): Fit(windows=1000 * len(spec.learn_from))},
        )
        for name, spec in names.items()
    }
    return losses, tracks, names


def bias_sizes(bias):
    return [(name, int(name.split("_")[1])) for name in bias]


def test_the_gap_is_that_of_the_mean_loss_of_the_fits():
    found = curve(*losses_of({"m_1": 0.21, "m_5_a": 0.10, "m_5_b": 0.05, "m_10": 0.0201}), seed=0)
    gaps = [point.gap_pct for point in found.points]
    assert gaps == pytest.approx([10.0, 100 * (np.sqrt(1.075) - 1), 1.0], abs=0.01)
    assert [point.windows for point in found.points] == [1000, 5000, 10000]
    assert found.points[1].each["m_5_a"] == pytest.approx([100 * (np.sqrt(1.10) - 1)] * 3)


def test_a_last_doubling_that_narrows_is_told_with_one_further_doubling_and_no_more():
    found = curve(*losses_of({"m_1": 0.21, "m_5_a": 0.10, "m_5_b": 0.09, "m_10": 0.04}, noise=0.01), seed=0)
    assert found.last.says == "narrowed"
    assert found.last.ci90[1] < 0
    gap, low, high = found.further
    assert 0 <= low <= gap <= high < found.points[-1].gap_pct
    assert gap == pytest.approx(found.points[-1].gap_pct ** 2 / found.points[-2].gap_pct)
    assert "narrowed the gap" in found.words
    assert "nothing is said beyond it: on a random walk naive is approached, never reached" in found.words


def test_a_change_within_chance_is_no_news_and_nothing_is_extrapolated():
    found = curve(*losses_of({"m_1": 0.05, "m_5": 0.04, "m_10": 0.0401}, noise=1.0), seed=0)
    assert found.last.says == "cannot tell"
    assert found.further is None
    assert "cannot tell whether more data helps" in found.words
    assert "further doubling" not in found.words


def test_more_data_that_harms_is_said_to_widen_the_gap():
    found = curve(*losses_of({"m_5": 0.02, "m_10": 0.08}, noise=0.01), seed=0)
    assert found.last.says == "widened"
    assert found.further is None


def test_no_doubling_no_word_about_one():
    found = curve(*losses_of({"m_1": 0.05, "m_10": 0.04}), seed=0)
    assert found.last is None
    assert "No two sizes differ by a doubling" in found.words


def test_a_study_without_two_sizes_has_no_curve():
    losses, tracks, models = losses_of({"m_1": 0.05})
    assert curve(losses, tracks, models, seed=0) is None
    assert (
        curve(losses, tracks, {name: replace(spec, learn_from=None) for name, spec in models.items()}, seed=0) is None
    )


def test_the_interval_holds_the_true_gap_about_nine_times_in_ten():
    """Independent sessions, orders and seeds of known spread: coverage of the interval over 100 made-up studies."""
    rng = np.random.default_rng(1)
    truth, held, n = 0.10, 0, 300
    for _ in range(100):
        losses, tracks, models = losses_of({f"m_{k}_{o}": 0.0 for k in (5,) for o in "abcde"} | {"m_10": 0.0}, n=n)
        base = rng.chisquare(1, n)
        fits = {
            name: base * (1 + truth) + rng.normal(0, 0.05) + rng.normal(0, 0.05, (3, 1)) + rng.normal(0, 0.3, (3, n))
            for name in models
        }
        made = replace(losses, loss={"naive": base, **{m: v.mean(0) for m, v in fits.items()}}, seed_loss=fits)
        low, high = curve(made, tracks, models, seed=0, replications=299).points[0].ci90
        held += low <= 100 * (np.sqrt(1 + truth) - 1) <= high
    assert 0.80 <= held / 100 <= 0.97


def test_the_shipped_study_is_the_one_that_is_described():
    study = load_study("more_data")
    made = contestants(study.models, study.learning_curve, study.source.symbols, seed=study.seed)
    sizes = [len(spec.learn_from) for spec in made.values() if spec.learn_from]
    assert sorted(set(sizes)) == [1, 2, 5, 10, 20]
    assert [sizes.count(size) for size in (1, 2, 5, 10, 20)] == [1, 5, 5, 5, 1]
    assert all(spec.learn_from[0] == "AAPL" for spec in made.values() if spec.learn_from)
    assert study.seeds == 3
    assert study.models["lstm"].options["updates"] == 2000


def test_words_name_both_ends_and_the_doubling():
    found = curve(*losses_of({"m_1": 0.21, "m_5": 0.10, "m_10": 0.04}), seed=0)
    assert found.words.startswith(
        "More data: on A (800 forecasts, 2020-01-01 to 2022-03-10) a fit is 10.00 % behind naive"
    )
    assert isinstance(found.last, Doubling)
    json.dumps(found.to_json())
