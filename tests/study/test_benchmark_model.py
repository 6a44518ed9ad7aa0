"""What a study cannot mean stops it before the first fit: no benchmark, a wrong column, a lookback beyond the data."""

import pytest

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.models.spec import ModelSpec
from beatnaive.prices import Source
from beatnaive.runs.record import run
from beatnaive.study.pipeline import run_study
from beatnaive.study.spec import Study


def test_a_study_without_naive_is_refused_before_any_fit():
    study = Study("alone", Source("sample", symbols=("^GSPC",), years=2), {"drift": ModelSpec("drift")})
    with pytest.raises(InputError, match=r"no model 'naive'.*add \[models\.naive\]"):
        run_study(study)


def test_a_column_that_no_feature_set_gives_is_refused_before_any_fit_and_leaves_no_folder(tmp_path):
    models = {"naive": ModelSpec("naive"), "small": ModelSpec("linear", {"columns": ["RSII"]})}
    study = Study("wrong", Source("sample", symbols=("^GSPC",), years=2), models, features=("published",))
    with pytest.raises(UnknownName, match=r"column in models\.small 'RSII': did you mean 'RSI'"):
        run(study, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_lookback_longer_than_the_data_is_refused_at_once(tmp_path):
    models = {"naive": ModelSpec("naive"), "long": ModelSpec("lstm", {"lookback": 100_000})}
    study = Study("long", Source("sample", symbols=("^GSPC",)), models)
    with pytest.raises(InputError, match="lookback of 100000"):
        run(study, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
