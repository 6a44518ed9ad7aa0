"""Losses of whole distributions: an honest interval beats a wider and a narrower one, and every test runs on them."""

import json
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from beatnaive.backtest.splits import Split, walk_forward
from beatnaive.backtest.walk import walk
from beatnaive.core.errors import InputError
from beatnaive.core.types import LEVELS, Forecast
from beatnaive.judging import quantile_scores
from beatnaive.judging.losses import pointwise, recentred
from beatnaive.judging.ruling import rule
from beatnaive.judging.significance import examine
from beatnaive.models.spec import ModelSpec
from beatnaive.runs.record import run
from beatnaive.study.pipeline import run_study
from beatnaive.study.spec import parse

Z = np.array([NormalDist().inv_cdf(level) for level in LEVELS])


@pytest.fixture
def contest(samples):
    """Naive with the market's own quantiles; the same centre stated twice as wide, and half as wide."""
    made = samples(1200)
    folds = walk_forward(made, Split(train=0.3))
    track = walk(made, folds, {"naive": ModelSpec("naive")})["naive"]
    spread = made.y[folds[0].train].std()

    def of(factor):
        limits = np.tile(factor * spread * Z, (len(track.rows), 1))
        return replace(track, forecast=Forecast(track.forecast.mean, limits))

    return {"naive": of(1.0), "wide": of(2.0), "narrow": of(0.5)}, made, folds


@pytest.mark.parametrize("loss", ["crps", "pinball", "winkler"])
def test_a_wider_and_a_narrower_interval_than_the_honest_one_lose(contest, loss):
    tracks, made, folds = contest
    losses = pointwise(tracks, made, folds, loss)
    verdict = rule(losses, examine(losses, seed=0), ()).to_json()
    assert {name: verdict["models"][name]["ruling"] for name in ("wide", "narrow")} == {
        "wide": "worse",
        "narrow": "worse",
    }
    even = pointwise(tracks, made, folds, "squared")
    np.testing.assert_array_equal(even.loss["wide"], even.loss["naive"])


def test_losses_are_the_scores_of_the_stated_quantiles(contest):
    tracks, made, folds = contest
    y, limits = made.y[folds[0].test], tracks["wide"].forecast.quantiles
    got = {loss: pointwise(tracks, made, folds, loss).loss["wide"] for loss in ("crps", "pinball", "winkler")}
    np.testing.assert_array_equal(got["crps"], quantile_scores.crps(y, limits))
    np.testing.assert_array_equal(got["pinball"], quantile_scores.pinball(y, limits).mean(axis=1))
    np.testing.assert_array_equal(got["winkler"], quantile_scores.winkler(y, limits[:, 0], limits[:, -1], 0.95))


def test_rows_are_those_where_every_model_states_quantiles(contest):
    tracks, made, folds = contest
    holes = tracks["wide"].forecast.quantiles.copy()
    holes[:30] = np.nan
    gapped = {**tracks, "wide": replace(tracks["wide"], forecast=Forecast(tracks["wide"].forecast.mean, holes))}
    assert len(pointwise(gapped, made, folds, "crps")) == len(pointwise(gapped, made, folds, "squared")) - 30
    silent = {name: replace(one, forecast=Forecast(one.forecast.mean)) for name, one in tracks.items()}
    with pytest.raises(InputError, match="state no quantiles"):
        pointwise(silent, made, folds, "crps")


def test_a_variance_is_recentred_by_a_factor_and_stays_positive():
    moved = recentred(Forecast(np.array([2.0]), np.array([[1.0, 4.0]])), np.array([1.0]), ratio=True)
    assert moved.quantiles.tolist() == [[0.5, 2.0]]


@pytest.mark.parametrize(("kind", "loss"), [("return", "crps"), ("volatility", "winkler")])
def test_a_study_is_judged_on_them_from_start_to_verdict(kind, loss):
    naive = {"return": ("naive",), "volatility": ("last_value", "mean_20", "expanding_mean")}[kind]
    models = {**{name: {} for name in naive}, {"return": "drift", "volatility": "ewma"}[kind]: {}}
    data = {
        "source": {"kind": "sample", "symbols": ["^GSPC"], "years": 4}, "target": {"kind": kind}, "loss": loss,
        "features": ["published"], "split": {"kind": "single", "train": 0.6}, "models": models, "placebo": 1,
    }  # fmt: skip
    result = run_study(parse(data, "small"))
    assert result.losses.loss_name == loss
    assert set(result.losses.quantiles) == set(models)
    assert all(np.isfinite(values).all() for values in result.losses.loss.values())
    assert result.placebo is not None
    default = run_study(parse({**data, "placebo": 0} | {"loss": None}, "small")).losses.loss_name
    assert default == {"return": "squared", "volatility": "qlike"}[kind]


def test_a_runs_folder_says_how_its_intervals_held_and_when_models_were_better(tmp_path):
    """Conditional coverage and the tests' sentences stand in verdict.json, and on the page with the chart."""
    data = {
        "source": {"kind": "sample", "symbols": ["^GSPC"], "years": 4}, "features": ["published"],
        "split": {"kind": "single", "train": 0.6}, "models": {"naive": {}, "drift": {}},
    }  # fmt: skip
    result = run(parse(data, "small"), out=tmp_path / "run")
    found = json.loads((tmp_path / "run" / "verdict.json").read_text(encoding="utf-8"))
    assert [one["model"] for one in found["intervals"]] == ["naive", "drift"]
    assert all("95 % interval" in one["words"] and 0 <= one["p_value"] <= 1 for one in found["intervals"])
    told = {(one["test"], one["model"]): one["words"] for one in found["evidence"]}
    assert "in windows of" in told["fluctuation", "drift"]
    assert found["models"]["drift"]["r2_vs_mean"] == pytest.approx(0, abs=0.02), "a drift is the expanding mean"
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "when was it better?" in page
    assert told["fluctuation", "drift"] in page
    assert "19 of 379 outcomes fell outside of naive" in page
    skill = {row["model"]: row["skill_pct"] for row in result.scores}
    assert skill["drift"] == found["models"]["drift"]["skill_pct"], "one number called skill"
