"""A study without the model that all others are measured against stops before the first fit."""

import pytest

from beatnaive.core.errors import InputError
from beatnaive.models.spec import ModelSpec
from beatnaive.prices import Source
from beatnaive.study.pipeline import run_study
from beatnaive.study.spec import Study


def test_a_study_without_naive_is_refused_before_any_fit():
    study = Study("alone", Source("sample", symbols=("^GSPC",), years=2), {"drift": ModelSpec("drift")})
    with pytest.raises(InputError, match=r"no model 'naive'.*add \[models\.naive\]"):
        run_study(study)
