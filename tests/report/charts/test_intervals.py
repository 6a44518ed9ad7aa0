"""How the intervals did: what the charts show equals slow loops over the forecasts."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from made_run import QUANTILES, Frame, made_run

from beatnaive.report import charts

CHARTS = ("coverage", "coverage_by_volatility", "calibration", "interval_width", "crps")


@pytest.fixture(scope="module")
def run():
    return made_run()


def rows_of(name, data):
    spec = charts.to_spec(charts.draw(name, data))
    texts = [text for text in spec["datasets"].values() if isinstance(text, str)]
    return [row for text in texts for row in csv.DictReader(io.StringIO(text))]


def means_of(run, model):
    return run.forecasts[(run.forecasts.model == model) & (run.forecasts.seed == -1)]


def held(run, model, low, high):
    rows = means_of(run, model)
    return [low_ <= y <= high_ for y, low_, high_ in zip(rows.y, rows[low], rows[high], strict=True)]


def test_rolling_coverage_equals_a_slow_loop(run):
    shown = {(row["date"][:10], row["model"], row["interval"]): float(row["share"]) for row in rows_of("coverage", run)}
    days = means_of(run, "naive").origin.astype(str).tolist()
    for model in ("naive", "lstm"):
        for name, low, high in (("95 % interval", "q025", "q975"), ("80 % interval", "q10", "q90")):
            inside = held(run, model, low, high)
            for t in (62, 150, 249):
                assert shown[days[t], model, name] == pytest.approx(100 * sum(inside[t - 62 : t + 1]) / 63, rel=1e-5)


def test_regimes_cover_what_a_slow_loop_counts_and_the_whole_is_their_mean(run):
    cells = {(row["model"], row["group"].split("\n")[0]): row for row in rows_of("coverage_by_volatility", run)}
    assert {group for _, group in cells} == {"calm", "middle", "turbulent", "all sessions"}
    for model in ("naive", "moving_average"):
        whole = float(cells[model, "all sessions"]["share"])
        assert whole == pytest.approx(100 * np.mean(held(run, model, "q025", "q975")), rel=1e-5)
    close = means_of(run, "naive").close.to_numpy()
    square = np.diff(np.log(close), prepend=np.nan) ** 2
    before = [np.nanmean(square[max(t - 20, 1) : t + 1]) if t >= 5 else np.nan for t in range(len(close))]
    calm = np.array(before) <= np.nanquantile(before, 1 / 3)
    share = 100 * np.mean(np.array(held(run, "naive", "q025", "q975"))[calm])
    assert float(cells["naive", "calm"]["share"]) == pytest.approx(share, abs=1.3)


def test_a_wild_claim_is_bold_and_red(run):
    narrow = run.forecasts.copy()
    for name in QUANTILES:
        narrow[name] = narrow.yhat + 0.2 * (narrow[name] - narrow.yhat)
    rows = rows_of("coverage_by_volatility", replace(run, table=Frame(narrow)))
    assert {(row["clear"], row["tone"]) for row in rows} == {("1", "#e1003c")}


def test_the_histogram_counts_every_outcome_once(run):
    rows = [row for row in rows_of("calibration", run) if row["model"] == "linear"]
    part = means_of(run, "linear")
    edges = part[list(QUANTILES)].to_numpy()
    slow = [0] * (len(QUANTILES) + 1)
    for y, limits in zip(part.y, edges, strict=True):
        slow[sum(limit < y for limit in limits)] += 1
    assert [int(row["count"]) for row in rows] == slow
    assert sum(slow) == len(part)
    assert sum(float(row["expected"]) for row in rows) == pytest.approx(len(part))


def test_width_is_the_log_ratio_of_the_limits(run):
    last = [row for row in rows_of("interval_width", run) if row["model"] == "drift"][-1]
    limits = means_of(run, "drift").iloc[-1]
    assert float(last["width"]) == pytest.approx(100 * np.log(limits.q975 / limits.q025), rel=1e-5)


def test_crps_and_winkler_against_naive_equal_slow_loops(run):
    rows = {(row["score"], row["model"]): row for row in rows_of("crps", run)}
    levels = list(QUANTILES.values())

    def scores(model):
        part, crps, fined = means_of(run, model), [], []
        for _, row in part.iterrows():
            y, q = np.log(row.y / row.close), [np.log(row[name] / row.close) for name in QUANTILES]
            loss = [max(tau * (y - limit), (tau - 1) * (y - limit)) for tau, limit in zip(levels, q, strict=True)]
            crps.append(2 * np.trapezoid([0, *loss, 0], [0, *levels, 1]))
            fined.append(q[-1] - q[0] + 40 * max(q[0] - y, y - q[-1], 0))
        return np.mean(crps), np.mean(fined)

    naive, model = scores("naive"), scores("linear")
    for k, name in enumerate(("CRPS", "Winkler, 95 % interval")):
        row = rows[name, "linear"]
        assert float(row["saved"]) == pytest.approx(100 * (1 - model[k] / naive[k]), rel=1e-4)
        assert float(row["low"]) < float(row["saved"]) < float(row["high"])


def test_runs_without_quantiles_have_no_such_charts(run):
    silent = run.forecasts.assign(**dict.fromkeys(QUANTILES, np.nan))
    assert all(charts.draw(name, replace(run, table=Frame(silent))) is None for name in CHARTS)


def test_a_panel_and_a_volatility_study_draw(run):
    panel = made_run(("A", "B", "C"))
    assert all(charts.to_png(charts.to_spec(charts.draw(name, panel)), scale=0.5) for name in CHARTS)
    frame = means_of(run, "naive")
    parts = []
    for model, factor in (("naive", 1.0), ("har", 1.2)):
        limits = {name: 1e-4 * factor * np.exp(2 * level - 1) for name, level in QUANTILES.items()}
        parts.append(frame.assign(model=model, y=1e-4, yhat=1e-4 * factor, **limits))
    study = {**run.study, "target": {"kind": "volatility", "horizon": 1}, "models": {"naive": {}, "har": {}}}
    variance = replace(
        run, table=Frame(type(frame)(np.vstack(parts), columns=frame.columns).infer_objects()), study=study
    )
    width = {row["model"]: float(row["width"]) for row in rows_of("interval_width", variance)}
    assert width["naive"] == pytest.approx(100 * 0.01 * (np.exp(0.475) - np.exp(-0.475)), rel=1e-5)
    assert width["har"] == pytest.approx(width["naive"] * np.sqrt(1.2), rel=1e-5)
