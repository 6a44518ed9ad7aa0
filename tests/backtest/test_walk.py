from pathlib import Path

import numpy as np
import pytest

from beatnaive.backtest.engines.local import Processes
from beatnaive.backtest.splits import Split, walk_forward, warmup_fold
from beatnaive.backtest.units import Serial
from beatnaive.backtest.walk import MemoryStore, walk
from beatnaive.core.errors import InputError
from beatnaive.models.spec import ModelSpec

USER_MODELS = Path(__file__).with_name("user_models.py")
SPLIT = Split("walk_forward", first=150, refit_every=50)


def user_model(name):
    return ModelSpec(f"{USER_MODELS}:{name}")


def test_a_track_holds_every_test_row_once_and_knows_its_fold(samples):
    made = samples(300)
    folds = walk_forward(made, SPLIT)
    track = walk(made, folds, {"naive": ModelSpec("naive")})["naive"]
    assert track.rows.tolist() == made.rows[np.concatenate([fold.test for fold in folds])].tolist()
    assert np.unique(track.fold).tolist() == [0, 1, 2]
    assert track.failure is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Raises", "raised ZeroDivisionError: one over nothing"),
        ("Nan", "1 of 149 forecasts are not a positive, finite price, first at S0 2020-06-02"),
        ("Shape", r"shape \(149, 2\) for 149 rows"),
        ("Peeks", r"peeks: 1 of 75 forecasts change when later rows are taken away"),
    ],
)
def test_a_faulty_model_is_invalid_with_its_reason_and_harms_nobody(samples, name, reason):
    made = samples(300)
    folds = walk_forward(made, Split(train=150))
    tracks = walk(made, folds, {"naive": ModelSpec("naive"), "mine": user_model(name)})
    assert tracks["naive"].failure is None
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(tracks["mine"].failure)


def test_seeds_differ_and_depend_on_nothing_but_their_names(samples):
    made = samples(300)
    folds = walk_forward(made, SPLIT)
    models = {"mine": user_model("Lucky"), "other": user_model("Lucky")}
    tracks = walk(made, folds, models, seeds=3)
    alone = walk(made, folds[1:], {"mine": user_model("Lucky")}, seeds=2)["mine"]
    mine = tracks["mine"]
    assert sorted(mine.seeds) == [0, 1, 2]
    draws = {float(mine.seeds[s].mean[k]) for s in mine.seeds for k in (0, 60, 120)}
    assert len(draws) == 9
    np.testing.assert_array_equal(alone.seeds[1].mean, mine.seeds[1].mean[50:])
    np.testing.assert_allclose(mine.forecast.mean, np.mean([one.mean for one in mine.seeds.values()], axis=0))
    assert (tracks["other"].forecast.mean != mine.forecast.mean).all()


def test_what_the_store_has_is_not_fitted_again(samples):
    made = samples(300)
    folds = walk_forward(made, SPLIT)
    store = MemoryStore()
    first = walk(made, folds, {"mine": user_model("Lucky")}, store=store, seeds=2)

    class Refuses:
        def run(self, jobs):
            assert not jobs
            return iter(())

    again = walk(made, folds, {"mine": user_model("Lucky")}, store=store, seeds=2, engine=Refuses())
    np.testing.assert_array_equal(first["mine"].forecast.mean, again["mine"].forecast.mean)


def test_processes_give_the_same_bits_as_this_one(samples):
    made = samples(300, symbols=3)
    folds = walk_forward(made, SPLIT)
    models = {"linear": ModelSpec("linear"), "ridge": ModelSpec("ridge"), "lucky": user_model("Lucky")}
    serial = walk(made, folds, models, seeds=2, engine=Serial())
    parallel = walk(made, folds, models, seeds=2, engine=Processes(2))
    for name in models:
        np.testing.assert_array_equal(serial[name].forecast.mean, parallel[name].forecast.mean)


def test_pooled_and_per_symbol_stand_in_the_same_table(samples):
    made = samples(300, symbols=3)
    folds = walk_forward(made, SPLIT)
    models = {"own": ModelSpec("linear", {}, True), "pooled": ModelSpec("linear", {}, False)}
    tracks = walk(made, folds, models)
    assert tracks["own"].facts[0, -1].parameters == 3 * tracks["pooled"].facts[0, -1].parameters == 6
    assert (tracks["own"].forecast.mean != tracks["pooled"].forecast.mean).all()


def test_the_combination_is_the_mean_of_the_valid_tracks(samples):
    made = samples(300)
    folds = (warmup_fold(made, walk_forward(made, SPLIT)[0]), *walk_forward(made, SPLIT))
    models = {
        "naive": ModelSpec("naive"),
        "linear": ModelSpec("linear"),
        "bad": user_model("Raises"),
        "all": ModelSpec("combination"),
    }
    tracks = walk(made, folds, models)
    np.testing.assert_allclose(tracks["all"].forecast.mean, tracks["linear"].forecast.mean / 2)


def test_too_few_rows_stop_the_study_with_one_line(samples):
    made = samples(20)
    with pytest.raises(InputError, match="ridge needs at least 10 training rows, 4 given"):
        walk(made, walk_forward(made, Split(train=4)), {"ridge": ModelSpec("ridge")})


def test_an_unknown_symbol_to_learn_from_is_said_before_the_first_fit(samples):
    made = samples(300, symbols=2)

    class Refuses:
        def run(self, jobs):
            raise AssertionError("a fit was begun")

    models = {"mine": ModelSpec("linear", learn_from=("S2",))}
    with pytest.raises(InputError, match=r"unknown symbol in learn_from 'S2': did you mean 'S1'"):
        walk(made, walk_forward(made, SPLIT), models, engine=Refuses())
