"""Models that people bring, each kind from the command line to the verdict; the faulty ones harm nobody."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = '''
import numpy as np
from beatnaive.core.types import Fit, Forecast


class Reversal:
    """Half of today's move comes back."""

    def fit(self, train, rng):
        return Reversed()

    def load(self, folder):
        return Reversed()


class Reversed:
    facts = Fit()

    def predict(self, inputs, rows):
        before = inputs.history(rows, 2)[:, 0]
        move = np.log(inputs.close[rows] / inputs.close[np.maximum(before, 0)])
        return Forecast(np.where(before >= 0, -0.5 * move, 0.0))

    def save(self, folder):
        (folder / "model.txt").write_text("half")


def build(steps, features):
    import keras

    layers = [keras.Input((steps, features)), keras.layers.LSTM(3), keras.layers.Dense(1)]
    return keras.Sequential(layers)


class Late(Reversal):
    def fit(self, train, rng):
        raise LookupError("the file that it needs")


class Holes(Reversal):
    def fit(self, train, rng):
        return Bad(lambda inputs, rows: np.full(len(rows), np.nan))


class Columns(Reversal):
    def fit(self, train, rng):
        return Bad(lambda inputs, rows: np.zeros((len(rows), 1)))


class Prophet(Reversal):
    def fit(self, train, rng):
        return Bad(lambda inputs, rows: inputs.close[np.maximum(inputs.ahead(rows, 1), 0)] / inputs.close[rows] - 1)


class Bad(Reversed):
    def __init__(self, rule):
        self.rule = rule

    def predict(self, inputs, rows):
        return Forecast(self.rule(inputs, rows))
'''

STUDY = """
source   = { kind = "sample", symbols = ["^GSPC"], years = 3 }
features = ["returns"]
split    = { kind = "single", train = 0.8 }
seeds    = 2
[models.naive]
[models.reversal]
kind = "mypackage.mymodule:Reversal"
[models.trees]
kind = "sklearn.ensemble:ExtraTreesRegressor"
n_estimators = 8
min_samples_leaf = 20
[models.net]
kind = "mypackage.mymodule:build"
lookback = 5
epochs = 1
[models.ces]
kind = "statsforecast.models:AutoCES"
model = "S"
[models.late]
kind = "mypackage.mymodule:Late"
[models.holes]
kind = "mypackage.mymodule:Holes"
[models.columns]
kind = "mypackage.mymodule:Columns"
[models.prophet]
kind = "mypackage.mymodule:Prophet"
"""

GOOD = ("reversal", "trees", "net", "ces")
FAULTS = {
    "late": "raised LookupError: the file that it needs",
    "holes": "are not a positive, finite price",
    "columns": "give one number per row",
    "prophet": "peeks",
}


def beatnaive(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The installed command, as a shell would start it."""
    command = [str(Path(sys.executable).with_name("beatnaive")), "run", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    here = tmp_path_factory.mktemp("brought")
    (here / "mypackage").mkdir()
    (here / "mypackage" / "__init__.py").write_text("")
    (here / "mypackage" / "mymodule.py").write_text(MODULE)
    (here / "mine.toml").write_text(STUDY)
    return here


@pytest.fixture(scope="module")
def verdict(folder) -> dict:
    done = beatnaive(folder, "--study", "mine.toml", "--trust", "--out", "run", "--quiet", "--jobs", "2")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads((folder / "run" / "verdict.json").read_text())["models"]


@pytest.mark.slow
@pytest.mark.parametrize("name", GOOD)
def test_every_kind_of_model_is_judged_and_saved(verdict, folder, name):
    assert verdict[name]["ruling"] in ("better", "worse", "cannot tell")
    assert verdict[name]["rmse"] > 0
    assert any((folder / "run" / "models" / name).rglob("*.*"))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "reason"), FAULTS.items())
def test_a_faulty_model_is_invalid_with_its_reason(verdict, name, reason):
    assert verdict[name]["ruling"] == "invalid"
    assert reason in verdict[name]["because"][0]


@pytest.mark.slow
def test_import_strings_on_the_command_line(folder):
    words = ("--source", "sample", "^GSPC", "--models", "mypackage.mymodule:Reversal,sklearn.linear_model:Lasso")
    done = beatnaive(folder, *words, "--out", "words", "--json")
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["models"]) == {"Reversal", "Lasso"}


def test_an_option_that_a_regressor_does_not_have_is_named(folder):
    text = STUDY.replace("n_estimators", "n_trees")
    (folder / "wrong.toml").write_text(text)
    done = beatnaive(folder, "--study", "wrong.toml", "--trust")
    assert done.returncode == 2
    assert "n_trees" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_class_with_scikit_learns_fit_that_is_none_of_its_regressors_is_told_what_to_derive_from(folder):
    (folder / "own.py").write_text(
        "class Own:\n    def fit(self, X, y): return self\n    def predict(self, X): return X[:, 0]\n"
    )
    done = beatnaive(folder, "--source", "sample", "--models", "naive,own.py:Own")
    assert done.returncode == 2
    assert "own.py:Own has scikit-learn's fit(X, y)" in done.stderr
    assert "RegressorMixin" in done.stderr.splitlines()[-1]
