import csv
import io

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_absolute_percentage_error, r2_score, root_mean_squared_error

from beatnaive.backtest.splits import Split, walk_forward
from beatnaive.backtest.walk import walk
from beatnaive.judging import scores
from beatnaive.judging.losses import ewma_variance, pointwise
from beatnaive.judging.significance import examine
from beatnaive.models.spec import ModelSpec

MODELS = {"naive": ModelSpec("naive"), "drift": ModelSpec("drift"), "linear": ModelSpec("linear")}


@pytest.fixture
def tracked(samples):
    def make(symbols=1, horizon=1):
        made = samples(300, symbols=symbols, horizon=horizon)
        folds = walk_forward(made, Split(train=0.7))
        return made, folds, walk(made, folds, MODELS)

    return make


def table_of(tracks, made, folds):
    evidence = examine(pointwise(tracks, made, folds, None), replications=99)
    return scores.table(tracks, made, evidence.skills()), evidence


def test_errors_equal_scikit_learns():
    rng = np.random.default_rng(0)
    y, f = rng.uniform(50, 60, 40), rng.uniform(50, 60, 40)
    ours = scores.errors(y, f)
    assert ours["mae"] == pytest.approx(mean_absolute_error(y, f), rel=1e-14)
    assert ours["rmse"] == pytest.approx(root_mean_squared_error(y, f), rel=1e-14)
    assert ours["mape"] == pytest.approx(100 * mean_absolute_percentage_error(y, f), rel=1e-14)
    assert ours["r2"] == pytest.approx(r2_score(y, f), rel=1e-12)


@pytest.mark.parametrize("horizon", [1, 5])
def test_the_table_is_in_prices_with_naive_as_the_measure(tracked, horizon):
    made, folds, tracks = tracked(horizon=horizon)
    rows = {row["model"]: row for row in table_of(tracks, made, folds)[0]}
    test = made.rows[folds[0].test]
    close = made.inputs.close
    naive = np.sqrt(((close[test + horizon] - close[test]) ** 2).mean())
    assert rows["naive"]["rmse"] == pytest.approx(naive, rel=1e-12)
    assert (rows["naive"]["skill_pct"], rows["naive"]["r2_vs_naive"], rows["naive"]["relative_mae"]) == (0, 0, 1)
    assert rows["naive"]["hit_rate"] is None, "naive calls no direction"
    drift = rows["drift"]
    y, f = made.y[folds[0].test], tracks["drift"].forecast.mean
    rooted = np.sqrt(np.mean((y - f) ** 2) / np.mean(y**2))
    assert drift["skill_pct"] == pytest.approx(100 * (1 - rooted), rel=1e-9), "skill is that of the loss that rules"
    assert {row["n"] for row in rows.values()} == {len(test)}


def test_a_panel_has_a_row_for_the_whole_and_rows_per_symbol(tracked):
    made, folds, tracks = tracked(symbols=3)
    rows, evidence = table_of(tracks, made, folds)
    assert [(row["symbol"], row["model"]) for row in rows][:4] == [("*", m) for m in MODELS] + [("S0", "naive")]
    whole = next(row for row in rows if row["symbol"] == "*" and row["model"] == "linear")
    parts = [row for row in rows if row["symbol"] != "*" and row["model"] == "linear"]
    assert whole["n"] == sum(row["n"] for row in parts)
    assert whole["skill_pct"] == evidence.models["linear"].skill_pct, "one number called skill"
    assert [row["skill_pct"] for row in parts] == [
        evidence.symbols[f"S{k}"].models["linear"].skill_pct for k in range(3)
    ]
    assert whole["mae"] == pytest.approx(np.average([r["mae"] for r in parts], weights=[r["n"] for r in parts]))


def test_scores_csv_reads_back_to_the_same_floats(tracked):
    made, folds, tracks = tracked()
    rows, _ = table_of(tracks, made, folds)
    back = list(csv.DictReader(io.StringIO(scores.write(rows))))
    assert tuple(back[0]) == scores.COLUMNS
    assert [float(row["rmse"]) for row in back] == [row["rmse"] for row in rows]
    assert back[0]["hit_rate"] == back[0]["crps"] == ""


def test_pointwise_losses_stand_on_shared_rows(tracked):
    made, folds, tracks = tracked(symbols=2)
    losses = pointwise(tracks, made, folds, None)
    y = made.y[folds[0].test]
    np.testing.assert_array_equal(losses.loss["naive"], y**2)
    np.testing.assert_array_equal(pointwise(tracks, made, folds, "absolute").loss["naive"], np.abs(y))
    train = made.y[folds[0].train[made.inputs.symbol[made.rows[folds[0].train]] == 1]]
    np.testing.assert_allclose(losses.scale[losses.symbol == 1], (train**2).mean())


def test_the_scaled_loss_divides_by_a_variance_known_at_the_origin(tracked):
    made, folds, tracks = tracked()
    returns = np.diff(np.log(made.inputs.close))
    variance, slow = returns[0] ** 2, []
    for r in returns:
        variance = 0.94 * variance + 0.06 * r**2
        slow.append(variance)
    np.testing.assert_allclose(ewma_variance(made.inputs)[1:], slow, rtol=1e-12)
    losses = pointwise(tracks, made, folds, "scaled")
    rows = made.rows[folds[0].test]
    np.testing.assert_allclose(losses.loss["naive"], made.y[folds[0].test] ** 2 / np.array(slow)[rows - 1])
