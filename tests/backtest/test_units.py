"""One fit: what it learns from, which rows it forecasts, and the search for a look ahead."""

from dataclasses import replace

import numpy as np
import pytest
from panels import ar1, market, samples_of

from beatnaive.backtest.splits import Split, walk_forward
from beatnaive.backtest.units import FitKey, Job, fit, forecast_index, looks_ahead, record, training
from beatnaive.core.errors import InputError
from beatnaive.core.types import Fit, Forecast
from beatnaive.models.spec import ModelSpec


class Rule:
    facts = Fit()

    def __init__(self, rule):
        self.rule = rule

    def predict(self, inputs, rows):
        return Forecast(self.rule(inputs, rows))

    def save(self, folder):
        (folder / "rule.txt").write_text("rule")


def job_of(**changes) -> Job:
    samples = samples_of(market(ar1(200, 0.3, symbols=3)))
    (fold,) = walk_forward(samples, Split(train=0.8))
    key = FitKey("linear", fold=0, seed=-1, group=0)
    made = Job(
        key=key, spec=ModelSpec("linear"), samples=samples, fold=fold, study_seed=0, per_symbol=False,
        save_model=False, check_look_ahead=False,
    )  # fmt: skip
    return replace(made, **changes)


def test_training_ends_at_the_cutoff_and_holds_only_the_symbols_to_learn_from():
    job = job_of(spec=ModelSpec("linear", learn_from=("S0", "S2")))
    train = training(job)
    assert set(train.inputs.symbol[train.rows]) == {0, 2}
    assert train.known_at.max() <= job.fold.cutoff
    assert train.inputs.origin.max() <= job.fold.cutoff


def test_a_group_forecasts_its_own_symbols_and_learns_from_them_alone(monkeypatch):
    monkeypatch.setattr("beatnaive.backtest.units.SYMBOLS_PER_GROUP", 2)
    groups = [job_of(key=FitKey("linear", 0, -1, group), per_symbol=True) for group in (0, 1)]
    codes = groups[0].samples.inputs.symbol
    forecast = [set(codes[job.samples.rows[forecast_index(job)]]) for job in groups]
    learnt = [set(codes[training(job).rows]) for job in groups]
    assert forecast == learnt == [{0, 1}, {2}]


@pytest.mark.parametrize("step", [1, 3], ids=["consecutive", "with gaps"])
@pytest.mark.parametrize("learn_from", [None, ("S0", "S2")])
@pytest.mark.parametrize("group", [None, 0, 1])
def test_training_rows_are_those_that_a_look_at_every_row_finds(monkeypatch, step, learn_from, group):
    monkeypatch.setattr("beatnaive.backtest.units.SYMBOLS_PER_GROUP", 2)
    job = job_of(
        key=FitKey("linear", 0, -1, group or 0), per_symbol=group is not None,
        spec=ModelSpec("linear", learn_from=learn_from),
    )  # fmt: skip
    job = replace(job, fold=replace(job.fold, train=job.fold.train[::step]))
    samples, found = job.samples, []
    for index in job.fold.train:
        code = samples.inputs.symbol[samples.rows[index]]
        if (learn_from is None or f"S{code}" in learn_from) and group in (None, code // 2):
            found.append(samples.rows[index])
    assert training(job).rows.tolist() == found


def test_what_is_recorded_of_a_fit():
    job = job_of(save_model=True, check_look_ahead=True)
    outcome = record(job, fit(job), seconds=1.5)
    assert outcome.failure is None
    assert outcome.rows.tolist() == job.samples.rows[job.fold.test].tolist()
    assert np.isfinite(outcome.mean).all()
    assert outcome.fit.seconds == 1.5
    assert list(outcome.saved) == ["model.json"] or all(name.endswith("json") for name in outcome.saved)


def test_a_wrong_shape_is_refused():
    with pytest.raises(InputError, match="give one number per row"):
        record(job_of(), Rule(lambda inputs, rows: np.zeros(3)), seconds=0.0)


def test_only_a_forecast_that_uses_later_rows_looks_ahead():
    job = job_of()
    inputs, rows = job.samples.inputs, job.samples.rows[job.fold.test]

    def tomorrow(inputs, rows):
        later = inputs.ahead(rows, 1)
        return np.where(later >= 0, np.log(inputs.close[later] / inputs.close[rows]), 0.0)

    def today(inputs, rows):
        before = inputs.history(rows, 2)[:, 0]
        return np.log(inputs.close[rows] / inputs.close[before])

    for rule, found in ((tomorrow, True), (today, False)):
        mean = rule(inputs, rows)
        assert (looks_ahead(Rule(rule), inputs, rows, mean) is not None) is found
