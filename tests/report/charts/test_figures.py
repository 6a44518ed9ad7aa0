"""Charts: what they show equals numpy on the forecasts, colours are stable and readable, files are whole or absent."""

import csv
import io
import json
import struct
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_run import Frame, made_run

from beatnaive.core.errors import CannotWrite, UnknownName
from beatnaive.core.registry import resolve
from beatnaive.judging.from_table import judge
from beatnaive.report import charts
from beatnaive.report.charts import theme
from beatnaive.report.charts.frames import long_run_sd, thin
from beatnaive.report.charts.pictures import Pictures


@pytest.fixture(scope="module")
def run():
    return made_run()


def rows_of(spec):
    """All rows of the CSV inside a specification."""
    for text in spec["datasets"].values():
        if isinstance(text, str):
            yield from csv.DictReader(io.StringIO(text))


def spec_of(name, data):
    return charts.to_spec(charts.draw(name, data))


def log_errors(run, model):
    rows = run.forecasts[(run.forecasts.model == model) & (run.forecasts.seed == -1)]
    return np.log(rows.y.to_numpy() / rows.yhat.to_numpy())


WORTH = {
    "wealth",
    "cost_curve",
    "rank_correlations",
}  # of runs with a worth.json: tests/report/charts/test_worth_charts.py
SOMETIMES = {"learning_curve", "information", "skill_by_symbol", "errors_by_year"}
ALWAYS = sorted(set(charts.CHARTS) - WORTH - SOMETIMES)


@pytest.mark.parametrize("name", ALWAYS)
def test_every_chart_states_its_content_and_its_units_and_draws(run, name):
    spec = spec_of(name, run)
    assert len(spec["title"]["text"]) > 20
    assert "config" not in spec
    png = charts.to_png(spec)
    width, height = struct.unpack(">II", png[16:24])
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert width > 1200
    assert height > 200
    if name not in {
        "errors_by_volatility",
        "errors_by_weekday",
        "coverage_by_volatility",
    }:  # the grids name their unit in the title
        titles = " ".join(_axis_titles(spec))
        assert any(unit in titles for unit in ("%", "Close", "close", "Loss, scaled target")), titles


def _axis_titles(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"x", "y"} and isinstance(value, dict) and isinstance(value.get("title"), str):
                yield value["title"]
            yield from _axis_titles(value)
    elif isinstance(node, list):
        for value in node:
            yield from _axis_titles(value)


def test_charts_that_do_not_apply_are_none(run):
    assert charts.draw("loss_curves", replace(run, fits=())) is None
    assert charts.draw("learning_curve", run) is None
    assert charts.draw("skill", replace(run, verdict={})) is None
    assert charts.draw("errors_by_year", run) is None, "one calendar year only"
    assert charts.draw("skill_by_symbol", run) is None


def test_unknown_chart_names_the_nearest():
    with pytest.raises(UnknownName, match="loss_curves"):
        charts.draw("los_curves", made_run())


RUN_PLOTS = {"close_with_forecasts", "errors_over_time", "returns_scatter", "loss_curves", "rmse_bar"}


def test_plots_are_those_that_apply_and_nothing_else(run, tmp_path):
    with Pictures() as pictures:
        pictures.draw(charts.plots(run, tmp_path / "plots"))
    applies = {name for name in charts.PLOTS if charts.draw(name, run) is not None}
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {f"{name}.png" for name in applies}
    assert applies >= RUN_PLOTS


def test_the_specification_is_made_once_and_is_the_chart(run):
    assert charts.specification("skill", run) is charts.specification("skill", run)
    assert charts.specification("skill", run) == spec_of("skill", run)
    assert charts.specification("learning_curve", run) is None


@pytest.mark.parametrize("name", ALWAYS)
def test_every_specification_is_one_by_the_schema(run, name):
    """What a run does not check: Altair's own checks change nothing, and Vega-Lite's schema takes all of it."""
    unchecked = spec_of(name, run)
    chart = resolve(charts.CHARTS[name])(run)  # outside `unchecked`: every part is held against the schema
    checked = chart.to_dict(validate=True)  # raises SchemaValidationError
    checked.pop("config", None)
    assert unchecked == checked


def test_an_unwritable_folder_is_one_clear_line(run, tmp_path):
    (tmp_path / "plots").write_text("a file where the folder should be")
    with pytest.raises(CannotWrite, match=r"cannot write .* choose another folder"):
        charts.save_png(charts.draw("rmse_bar", run), tmp_path / "plots" / "rmse_bar.png")


def test_rolling_error_equals_a_slow_loop(run):
    shown = {(row["date"][:10], row["model"]): float(row["error"]) for row in rows_of(spec_of("errors_over_time", run))}
    origin = run.forecasts[(run.forecasts.model == "naive")].origin.astype(str).tolist()
    for model in ("naive", "linear", "lstm"):
        squares = log_errors(run, model) ** 2
        for t in (20, 100, 249):
            slow = 100 * np.sqrt(sum(squares[t - 20 : t + 1]) / 21)
            assert shown[origin[t], model] == pytest.approx(slow, rel=1e-5)


def test_cumulative_loss_ends_at_the_r2_against_naive_and_its_band_covers_an_equal_rival(run):
    rows = list(rows_of(spec_of("cumulative_loss", run)))
    last = {row["model"]: row for row in rows if row["date"] == rows[-1]["date"]}
    r2 = run.scores.set_index("model").r2_vs_naive
    for model in ("drift", "linear", "moving_average", "lstm"):
        assert float(last[model]["saved"]) == pytest.approx(100 * r2[model], rel=1e-4)
    d = log_errors(run, "naive") ** 2 - log_errors(run, "linear") ** 2
    half = 100 * 1.645 * d.std() * np.sqrt(len(d)) / (log_errors(run, "naive") ** 2).sum()
    assert float(last["linear"]["high"]) == pytest.approx(half, rel=1e-4)


def test_weekday_grid_equals_a_slow_loop(run):
    cells = {(row["model"], row["group"].split("\n")[0]): row for row in rows_of(spec_of("errors_by_weekday", run))}
    rows = run.forecasts[(run.forecasts.model == "naive")]
    monday = np.array([day.weekday() == 0 for day in rows.target_date])
    base, own = log_errors(run, "naive")[monday] ** 2, log_errors(run, "lstm")[monday] ** 2
    cell = cells["lstm", "Mon"]
    assert float(cell["skill"]) == pytest.approx(100 * (1 - np.sqrt(own.mean() / base.mean())), rel=1e-4)
    d = base - own
    assert float(cell["t"]) == pytest.approx(d.mean() / (d.std() / np.sqrt(len(d))), rel=1e-4)
    assert cell["clear"] == str(int(abs(float(cell["t"])) > 2))


def test_rmse_bar_equals_the_scores_and_shows_every_seed(run):
    rows = list(rows_of(spec_of("rmse_bar", run)))
    score = run.scores.set_index("model")
    bars = {row["model"]: float(row["rmse"]) for row in rows if "words" in row}
    assert bars == {name: pytest.approx(score.rmse[name], rel=1e-5) for name in score.index}
    seeds = sorted({float(row["rmse"]) for row in rows if "seed" in row})
    assert len(seeds) == 5
    assert seeds[0] == pytest.approx(score.seed_rmse_min["lstm"], rel=1e-5)
    assert seeds[-1] == pytest.approx(score.seed_rmse_max["lstm"], rel=1e-5)


def test_scatter_states_the_correlation_of_returns(run):
    rows = run.forecasts[(run.forecasts.model == "linear")]
    forecast, actual = np.log(rows.yhat / rows.close), np.log(rows.y / rows.close)
    text = json.dumps(spec_of("returns_scatter", run))
    assert f"linear: correlation {np.corrcoef(forecast, actual)[0, 1]:+.2f}" in text
    assert "No panel for naive, drift" in text


def test_over_fitting_is_marked_from_the_best_epoch(run):
    shade = [row for row in rows_of(spec_of("loss_curves", run)) if row["part"] == "over-fitting"]
    best = [1 + int(np.argmin(fit["history"]["val_loss"])) for fit in run.fits]
    assert [float(row["epoch"]) for row in shade] == [np.median(best)]


def test_comparison_is_on_shared_rows_only(run):
    """A model that misses ten rows takes them from everyone."""
    missing = (run.forecasts.model == "linear") & (run.forecasts.index % 25 == 0)
    holes = run.forecasts.assign(yhat=run.forecasts.yhat.where(~missing))
    spec = spec_of("rmse_bar", replace(run, table=Frame(holes)))
    linear = run.forecasts[(run.forecasts.model == "linear")]
    gone = set(linear[missing[linear.index]].origin)
    kept = ~run.forecasts[(run.forecasts.model == "naive")].origin.isin(gone).to_numpy()
    naive = run.forecasts[(run.forecasts.model == "naive")]
    rmse = np.sqrt(np.mean(((naive.y - naive.yhat) ** 2)[kept]))
    shown = next(float(row["rmse"]) for row in rows_of(spec) if row["model"] == "naive")
    assert shown == pytest.approx(rmse, rel=1e-5)


def test_a_volatility_study_draws_in_its_own_unit():
    run = made_run()
    rng = np.random.default_rng(0)
    frame = run.forecasts[run.forecasts.seed == -1]
    variance = 1e-4 * np.exp(0.3 * rng.normal(size=len(frame)))
    frame = frame.assign(y=1e-4, yhat=variance)
    run = replace(run, table=Frame(frame), study={**run.study, "target": {"kind": "volatility", "horizon": 1}})
    rows = list(rows_of(spec_of("close_with_forecasts", run)))
    assert {round(float(row["value"]), 4) for row in rows if row["model"] == "actual"} == {1.0}
    ratio = 1e-4 / frame[frame.model == "naive"].yhat.to_numpy()[-21:]
    shown = [row for row in rows_of(spec_of("errors_over_time", run)) if row["model"] == "naive"]
    assert float(shown[-1]["error"]) == pytest.approx(np.mean(ratio - np.log(ratio) - 1), rel=1e-4)


def test_a_panel_gives_one_chart_per_question(tmp_path):
    panel = made_run(tuple("ABCDEF"))
    assert "6 symbols" in spec_of("rmse_bar", panel)["title"]["text"]
    assert charts.draw("skill_by_symbol", panel) is None, "no symbol was judged"
    assert all(charts.draw(name, panel) is not None for name in ("errors_over_time", "cumulative_loss", "skill"))


def test_skill_by_symbol_is_the_verdicts_own_in_the_loss_that_rules():
    """A panel judged by absolute errors: skill and interval are those of verdict.json, not of squares."""
    rng, days = np.random.default_rng(0), pd.bdate_range("2020-01-06", periods=200)
    y = 0.01 * rng.standard_t(3, size=(6, 200))
    parts = [
        pd.DataFrame({"ds": days, "symbol": name, "y": own, "drift": 0.0005, "linear": 0.001 * rng.normal(size=200)})
        for name, own in zip("ABCDEF", y, strict=True)
    ]
    verdict = judge(pd.concat(parts), y="return", loss="absolute").to_json()
    run = replace(made_run(tuple("ABCDEF")), verdict=verdict)
    shown = {(row["symbol"], row["model"]): row for row in rows_of(spec_of("skill_by_symbol", run))}
    assert {name for name, _ in shown} == set("ABCDEF")
    for (symbol, model), row in shown.items():
        entry = verdict["symbols"][symbol]["models"][model]
        assert float(row["skill"]) == pytest.approx(max(entry["skill_pct"], -10), rel=1e-5)
        low, high = entry["skill_ci90"]
        assert row["words"] == f"{entry['skill_pct']:+.1f} % [{low:+.1f}, {high:+.1f}]"
        part = parts["ABCDEF".index(symbol)]
        naive, own = (np.sqrt(np.mean((part["y"] - f) ** 2)) for f in (0.0, part[model]))
        assert float(row["skill"]) != pytest.approx(100 * (1 - own / naive), rel=1e-2)


def test_names_from_data_stay_data():
    """A model named like markup, an expression or a CSV field keeps its name and breaks nothing."""
    names = {"linear": "a\"b,'c'\n<script>", "lstm": "datum['x']"}
    run = made_run(model_names=names)
    for name in ALWAYS:
        spec = spec_of(name, run)
        charts.to_png(spec, scale=0.5)
    assert {row["model"] for row in rows_of(spec_of("rmse_bar", run))} >= set(names.values())


def test_a_model_has_one_look_in_every_chart_and_run():
    alone, together = theme.looks(["naive", "gru"]), theme.looks(["gru", "lstm", "naive", "linear"])
    assert alone["gru"] == together["gru"]
    many = theme.looks([f"model_{k}" for k in range(20)])
    assert len(set(many.values())) == 20


MACHADO = {  # severity 1.0, doi:10.1109/TVCG.2009.113
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
OKLAB = (  # https://bottosson.github.io/posts/oklab/
    np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    ),
    np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    ),
)


def linear_rgb(colour):
    srgb = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    a, b = (linear_rgb(colour) @ [0.2126, 0.7152, 0.0722] for colour in (one, other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


@pytest.mark.parametrize("sight", MACHADO)
def test_colours_differ_for_every_kind_of_sight(sight):
    """At least 0.08 apart in OKLab (a just noticeable difference is about 0.02)."""
    colours = [theme.KNOWN["naive"].colour, *theme.PALETTE]
    seen = [np.clip(np.array(MACHADO[sight]) @ linear_rgb(colour), 0, 1) for colour in colours]
    lab = np.array([OKLAB[1] @ np.cbrt(OKLAB[0] @ rgb) for rgb in seen])
    apart = np.linalg.norm(lab[:, None] - lab[None], axis=2)
    assert apart[~np.eye(len(lab), dtype=bool)].min() > 0.08


@pytest.mark.parametrize("mode", theme.INKS)
def test_contrast_on_both_pages(mode):
    """WCAG 2.2: text 4.5:1, graphics 3:1."""
    inks = theme.INKS[mode]
    assert contrast(inks["ink"], inks["page"]) > 7
    assert contrast(inks["muted"], inks["page"]) > 4.5
    colours = {look.colour for look in theme.KNOWN.values()} | set(theme.PALETTE)
    assert min(contrast(colour, inks["page"]) for colour in colours) >= 3


def test_long_run_deviation_counts_the_overlap():
    rng = np.random.default_rng(1)
    e = rng.normal(size=4000)
    overlapping = np.convolve(e, np.ones(5), "valid")
    blocks = overlapping[: 4000 // 50 * 50 - 50].reshape(-1, 50).sum(axis=1)
    assert long_run_sd(overlapping, 1) == pytest.approx(np.sqrt(5), rel=0.05)
    assert blocks.std() / np.sqrt(50) == pytest.approx(5, rel=0.2)
    assert np.sqrt(5) * 1.5 < long_run_sd(overlapping, 5) < 5.2


def test_thinning_keeps_the_last_day():
    frame = pd.DataFrame({"day": np.arange(1001)})
    thinned, step = thin(frame, "day", 100)
    assert step == 11
    assert thinned["day"].iloc[-1] == 1000
    assert len(thinned) <= 100
