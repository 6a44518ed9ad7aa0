"""`judge`: rulings on brought forecasts, and one clear line for everything that cannot be judged."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.judging.from_table import judge


def walk(n=300, seed=0, drift=0.0):
    """A random walk on weekdays: dates, prices, the close before each."""
    rng = np.random.default_rng(seed)
    r = 0.01 * rng.standard_normal(n + 1) + drift
    p = 100 * np.exp(r.cumsum())
    return pd.bdate_range("2021-01-04", periods=n), p[1:], p[:-1]


def table(n=300, seed=0, models=2, **columns):
    ds, y, before = walk(n, seed)
    rng = np.random.default_rng(seed + 1)
    guesses = {f"m{k}": before * np.exp(0.002 * rng.standard_normal(n)) for k in range(models)}
    return pd.DataFrame({"ds": ds, "y": y, **guesses, **columns})


def run(*arguments):
    """The command as a user runs it: exit code, output, error line."""
    done = subprocess.run(
        [sys.executable, "-c", "from beatnaive.cli import main; main()", "judge", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_walk_is_not_beaten():
    verdict = judge(table())
    assert {ruled.ruling for ruled in verdict.rulings.values()} <= {"cannot tell", "worse"}
    assert verdict.words.startswith("No model beat tomorrow = today")


def test_naive_is_the_row_before():
    data = table()
    given = data.assign(close=walk()[2]).iloc[1:]
    inferred, brought = judge(data), judge(given)
    assert inferred.examination.n == 299
    assert inferred.to_json()["models"] == brought.to_json()["models"]


def test_naive_and_close_columns_are_the_same_rival():
    data = table()
    one, two = (judge(data.assign(**{name: walk()[2]})).to_json() for name in ("naive", "close"))
    assert one["models"] == two["models"]


def test_horizon_counts_rows():
    data = table()
    verdict = judge(data, horizon=5)
    assert verdict.examination.n == 295
    error = np.log(data.y.to_numpy()[5:] / data.y.to_numpy()[:-5])
    price = data.y.to_numpy()
    assert verdict.examination.naive.rmse == pytest.approx(np.sqrt(np.mean((price[5:] - price[:-5]) ** 2)))
    assert len(error) == 295


def test_losses_are_in_the_unit_they_promise():
    data = table().assign(close=walk()[2])
    y, f, close = data.y.to_numpy(), data.m0.to_numpy(), data.close.to_numpy()
    from beatnaive.judging.significance.diebold_mariano import diebold_mariano

    expected = {
        "squared": (y - close) ** 2 - (y - f) ** 2,
        "absolute": np.abs(y - close) - np.abs(y - f),
        "log": np.log(y / close) ** 2 - np.log(y / f) ** 2,
    }
    for loss, d in expected.items():
        found = judge(data, loss=loss).to_json()
        assert found["loss"] == loss
        assert found["models"]["m0"]["dm"]["statistic"] == pytest.approx(diebold_mariano(d).statistic[0])


def test_scaled_divides_by_a_variance_known_at_the_origin():
    data = table().assign(close=walk()[2])
    before = judge(data, loss="scaled")
    assert before.examination.n == 300 - 21  # twenty to start the average, one until it is known
    jump = data.copy()
    jump.loc[299, ["y", "m0", "m1"]] *= 1.5  # the last outcome is known to nobody: no other row's divisor may move
    from beatnaive.judging.from_table import Question, losses_of

    one, two = (losses_of(frame, Question(loss="scaled")).loss["m0"] for frame in (data, jump))
    assert one[:-1] == pytest.approx(two[:-1])


def test_returns_are_judged_against_zero():
    rng = np.random.default_rng(2)
    y = 0.01 * rng.standard_normal(250)
    data = pd.DataFrame({"ds": pd.bdate_range("2022-01-03", periods=250), "y": y, "mean": np.full(250, 0.0005)})
    found = judge(data, y="return").to_json()
    assert found["loss"] == "squared"
    assert found["naive"]["rmse"] == pytest.approx(np.sqrt(np.mean(y**2)))
    assert found["models"]["mean"]["ruling"] == "cannot tell"


def test_returns_brought_as_prices_are_refused():
    rng = np.random.default_rng(3)
    y = 0.01 * rng.standard_normal(250)
    data = pd.DataFrame({"ds": pd.bdate_range("2022-01-03", periods=250), "y": y, "zero": np.full(250, 1e-9)})
    with pytest.raises(InputError, match='y="return"'):
        judge(data)
    with pytest.raises(InputError, match=r'autocorrelation.*y="return"'):
        judge(data.assign(y=1 + y))


def test_every_fifth_day_is_refused():
    data = table(1500).iloc[::5]
    with pytest.raises(InputError, match="column 'naive'"):
        judge(data)
    holidays = table(1500).drop(index=range(70, 1400, 61)).iloc[::5]  # weekdays shift, as after holidays
    with pytest.raises(InputError, match="column 'naive'"):
        judge(holidays)


def test_a_gap_is_refused_and_named():
    data = table()
    with pytest.raises(InputError, match=r"lacks 1 weekdays, the first 2021-03-0.*'naive' or 'close'"):
        judge(data.drop(index=40))
    assert judge(data.assign(close=walk()[2]).drop(index=40)).examination.n == 299


def test_real_sessions_are_no_gap():
    from beatnaive.prices.calendars import sessions_between

    days = sessions_between("XNYS", np.datetime64("2021-01-04"), np.datetime64("2022-03-01"))
    data = table(len(days)).assign(ds=days)
    assert judge(data).examination.n == len(days) - 1
    with pytest.raises(InputError, match="lacks 1 sessions of XNYS"):
        judge(data.drop(index=100))


def test_symbols_are_judged_together_and_one_by_one():
    parts = [table(seed=s).assign(symbol=name) for s, name in ((0, "AAA"), (1, "BBB"), (4, "CCC"))]
    verdict = judge(pd.concat(parts))
    assert set(verdict.symbols) == {"AAA", "BBB", "CCC"}
    alone = judge(parts[1].drop(columns="symbol")).to_json()["models"]["m0"]
    assert verdict.to_json()["symbols"]["BBB"]["models"]["m0"]["dm"] == alone["dm"]
    assert "0 of 3 stand out" in verdict.words
    assert "no symbol ends before the panel does" in verdict.words
    shorter = pd.concat([parts[0], parts[1], parts[2].iloc[:200]])
    assert "no symbol ends" not in judge(shorter).words


def test_trials_are_counted():
    data = table(models=1)
    p = judge(data).to_json()["models"]["m0"]["p_adjusted"]
    found = judge(data, trials=10).to_json()
    assert found["models"]["m0"]["p_adjusted"] == pytest.approx(1 - (1 - p) ** 10)
    assert found["models"]["m0"]["p_adjusted_this_run"] == p
    assert "were counted as tried" in found["words"]


def test_rows_that_a_model_misses_are_left_out_counted_and_said():
    data = table()
    data.loc[7, "m0"] = np.nan
    data.loc[[9, 11], "m1"] = np.nan
    verdict = judge(data)
    assert verdict.examination.n == 296
    assert verdict.named("invalid") == ()
    told = "judged on the 296 of 299 rows that all models have; missing are forecasts of m1 (2) and m0 (1)"
    assert verdict.reading[-1].startswith(told)
    alone = judge(data, drop=("m1",))
    assert alone.examination.n == 298
    assert list(alone.rulings) == ["m0"]
    data.loc[20:299, "m0"] = np.nan  # a model that misses most rows takes them from nobody
    found = judge(data).to_json()
    assert found["n"] == 297
    assert found["models"]["m0"]["ruling"] == "invalid"
    assert found["models"]["m0"]["rmse"] is None
    assert found["models"]["m0"]["because"] == [
        "281 of 299 forecasts are missing or not usable, the first on 2021-01-13"
    ]
    with pytest.raises(InputError, match="'m7' is not a model here; models are m0, m1"):
        judge(data, drop=("m7",))


def test_an_infinite_or_negative_forecast_is_invalid():
    data = table()
    data.loc[7, "m0"], data.loc[9, "m1"] = np.inf, -1.0
    with pytest.raises(InputError, match="no valid model"):
        judge(data)
    assert judge(data, loss="squared").rulings["m1"].ruling != "invalid"


def test_few_rows_say_what_can_be_said():
    verdict = judge(table(25).assign(close=walk(25)[2]))
    assert {ruled.ruling for ruled in verdict.rulings.values()} == {"cannot tell"}
    assert "errors can be compared, but fewer than 30 rows cannot tell skill from luck" in verdict.words
    assert verdict.to_json()["models"]["m0"]["rmse"] > 0


def test_constant_forecasts():
    verdict = judge(table(constant=100.0))
    assert verdict.rulings["constant"].ruling == "worse"


def test_identical_models_are_said_to_be_so():
    data = table(models=1)
    found = judge(data.assign(twin=data.m0)).to_json()["models"]
    assert "the same forecasts as m0" in found["twin"]["because"]
    assert found["twin"]["p_adjusted"] == found["m0"]["p_adjusted"]


def test_a_perfect_forecast_is_suspicious():
    data = table()
    verdict = judge(data.assign(oracle=data.y))
    assert verdict.rulings["oracle"].ruling == "better"
    assert "suspicious" in verdict.words
    assert "look-ahead" in verdict.words


def test_rows_in_any_order_of_columns_and_types():
    data = table().assign(ds=lambda x: x.ds.dt.strftime("%Y-%m-%d"))
    assert judge(data[["m1", "y", "m0", "ds"]]).to_json()["naive"] == judge(table()).to_json()["naive"]


BAD = {
    "text": (lambda d: d.assign(note="hello"), "column 'note' is not numeric, such as 'hello'"),
    "no ds": (lambda d: d.drop(columns="ds"), "no column 'ds'"),
    "no y": (lambda d: d.drop(columns="y"), "no column 'y'"),
    "no model": (lambda d: d[["ds", "y"]], "no model column"),
    "twice": (lambda d: pd.concat([d, d.tail(1)]), "ds 2022-02-25 appears twice"),
    "unsorted": (lambda d: d.iloc[::-1], "comes after a later date: sort the rows by ds"),
    "dates": (lambda d: d.assign(ds="31/12/21"), "ds is not all dates as YYYY-MM-DD"),
    "numbers": (lambda d: d.assign(ds=range(len(d))), "ds holds numbers"),
    "no outcome": (lambda d: d.assign(y=d.y.where(d.index != 5)), "y is missing in 1 rows, the first on 2021-01-11"),
    "no naive": (lambda d: d.assign(naive=np.nan), "naive is missing in 300 rows"),
    "no symbol": (lambda d: d.assign(symbol=None), "symbol is missing"),
    "few": (lambda d: d.head(3), "too few"),
    "none": (lambda d: d.head(0), "has no rows"),
}


def test_a_symbol_too_short_to_look_like_a_price_does_not_stop_the_panel():
    parts = [table(seed=k).assign(symbol=f"S{k}") for k in range(3)]
    rough = table().tail(6).assign(symbol="NEW", y=[100.0, 104, 99, 103, 98, 105])
    verdict = judge(pd.concat([*parts, rough]))
    assert verdict.symbols["NEW"].named("cannot tell") == ("m0", "m1")
    assert "when all 3 are counted" in verdict.words
    assert verdict.words.count("too short") == 1
    assert "One more is too short to be judged." in verdict.words
    with pytest.raises(InputError, match="y of NEW does not look like a price"):
        judge(rough)


def test_an_incomplete_set_of_quantiles_is_scored_and_not_judged():
    levels = ("025", "05", "10", "25", "50", "75", "90", "95", "975")
    data = table().assign(**{f"m0_q{one}": 100.0 for one in levels if one != "10"})
    verdict = judge(data)
    assert set(verdict.rulings) == {"m0", "m1"}
    assert verdict.intervals["m0"].levels == (0.025, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
    with pytest.raises(InputError, match="it states no quantiles: columns m0_q025"):
        judge(data, loss="pinball")


@pytest.mark.parametrize("loss", ["log", "squared", "absolute", "scaled"])
def test_forecasts_beyond_all_measure_are_invalid_without_a_warning(loss):
    data = table()
    verdict = judge(data.assign(huge=1e308, large=np.where(data.index == 7, -1e200, data.m0)), loss=loss)
    assert set(verdict.named("invalid")) >= {"huge", "large"} - ({"large"} if loss == "scaled" else set())
    assert "missing or not usable" in verdict.rulings["huge"].because[0]


@pytest.mark.parametrize("name", ["x" * 6000, "loop", "a\0b", "pipe"])
def test_odd_paths_are_one_line(name, tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError) as caught:
        judge(f"{tmp_path}/{name}")
    assert len(str(caught.value)) < 250
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("case", BAD)
def test_bad_tables_are_refused_in_one_line(case, tmp_path):
    mend, words = BAD[case]
    with pytest.raises(InputError) as caught:
        judge(mend(table()))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("options", [{"horizon": 0}, {"horizon": -3}, {"trials": -1}, {"y": "return", "loss": "log"}])
def test_bad_options(options):
    with pytest.raises(InputError):
        judge(table(), **options)


def test_misspelt_options_name_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'squared'"):
        judge(table(), loss="squred")
    with pytest.raises(UnknownName, match="did you mean 'return'"):
        judge(table(), y="returns")


def test_a_horizon_longer_than_the_file():
    with pytest.raises(InputError, match="too few for a horizon of 400"):
        judge(table(), horizon=400)


def test_files(tmp_path):
    data = table()
    data.to_csv(tmp_path / "f.csv", index=False)
    data.to_parquet(tmp_path / "f.parquet")
    csv, parquet = judge(tmp_path / "f.csv"), judge(str(tmp_path / "f.parquet"))
    assert csv.to_json()["models"] == parquet.to_json()["models"] == judge(data).to_json()["models"]
    assert "on f.csv" in csv.words
    with pytest.raises(InputError, match="no such file"):
        judge(tmp_path / "absent.csv")
    (tmp_path / "b.csv").write_bytes(b"\x00\xff\xfe" * 100)
    (tmp_path / "e.csv").write_text("")
    (tmp_path / "b.parquet").write_bytes(b"not parquet")
    for name in ("b.csv", "e.csv", "b.parquet"):
        with pytest.raises(InputError):
            judge(tmp_path / name)


def test_command_prints_table_and_words(tmp_path):
    table().to_csv(tmp_path / "f.csv", index=False)
    code, out, err = run(tmp_path / "f.csv")
    assert code == 0, err
    assert "naive" in out
    assert "90 % interval" in out
    assert "No model beat tomorrow = today on f.csv (299 days)" in " ".join(out.split())
    assert err == ""


def test_command_json(tmp_path):
    table().to_csv(tmp_path / "f.csv", index=False)
    code, out, _ = run(tmp_path / "f.csv", "--json", "--trials", 3)
    assert code == 0
    assert json.loads(out) == judge(tmp_path / "f.csv", trials=3).to_json()


@pytest.mark.parametrize("arguments", [["absent.csv"], ["f.csv", "--horizon", "0"], ["f.csv", "--loss", "log2"]])
def test_command_refuses_in_one_line_with_code_2(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table().to_csv("f.csv", index=False)
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1


def test_judging_needs_no_keras(tmp_path):
    table().to_csv(tmp_path / "f.csv", index=False)
    heavy = ("keras", "jax", "tensorflow", "sklearn", "statsmodels", "arch", "scipy.stats")
    script = (
        "import sys; from beatnaive.judging.from_table import judge; judge(sys.argv[1]); "
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "f.csv")], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("column", ["naive", "close"])
def test_a_naive_that_is_not_the_last_price_is_a_finding(column):
    """Two rows before is easier to beat than one: the verdict says what it was measured against."""
    data = table(n=200)
    price = data["y"].to_numpy()
    old = judge(data.iloc[2:].assign(**{column: price[:-2]}))
    (finding,) = old.to_json()["findings"]
    assert finding["kind"] == "naive_column"
    assert f"{column} is the price of two rows before" in finding["message"]
    assert f"Doubt: {column} is the price of two rows before" in old.words
    assert judge(data.iloc[1:].assign(**{column: price[:-1]})).to_json()["findings"] == []
    peeking = judge(data.assign(**{column: price * (1 + 1e-9)})).to_json()["findings"][0]["message"]
    assert "the very price that is to be forecast" in peeking
    wrong = price[:-1].copy()
    wrong[20:40] *= 1.01
    found = judge(data.iloc[1:].assign(**{column: wrong})).to_json()["findings"][0]["message"]
    assert f"{column} is not the last known price in 20 of 198 rows" in found


def variances(n=500, seed=2):
    rng = np.random.default_rng(seed)
    truth = 1e-4 * np.exp(np.convolve(rng.standard_normal(n + 19), np.ones(20) / 8, "valid"))
    days = pd.bdate_range("2020-01-01", periods=n)
    return pd.DataFrame({"ds": days, "y": truth * rng.chisquare(5, n) / 5, "known": truth, "flat": 1e-4}), truth


def test_variances_are_judged_by_qlike_against_three_naives():
    data, truth = variances()
    verdict = judge(data, y="variance")
    found = verdict.examination
    assert found.benchmarks == ("last_value", "mean_20", "expanding_mean")
    assert found.loss == "qlike"
    assert verdict.rulings["known"].ruling == "better"
    assert verdict.rulings["flat"].ruling != "better"
    y = data["y"].to_numpy()
    rivals = [truth[20:], y[19:-1]] + [
        np.array([y[max(0, t - k) : t].mean() for t in range(20, len(y))]) for k in (20, 500)
    ]
    gap = [np.mean(np.log(f) + y[20:] / f - np.log(y[20:]) - 1) for f in rivals]
    assert found.n == 480
    assert found.models["known"].skill_pct == pytest.approx(100 * (1 - gap[0] / min(gap[1:])))
    with pytest.raises(InputError, match='does not fit y="variance"'):
        judge(data, y="variance", loss="log")
    with pytest.raises(InputError, match="not a variance"):
        judge(data.assign(y=-data["y"]), y="variance")


def test_a_gap_in_variances_needs_a_naive_column():
    data, _ = variances()
    gapped = data.drop(index=100)
    with pytest.raises(InputError, match="lacks 1 weekdays"):
        judge(gapped, y="variance")
    alone = judge(gapped.assign(naive=1e-4), y="variance").examination
    assert alone.benchmarks == ("naive",)
    assert alone.models["known"].cw == (None, None)


@pytest.mark.parametrize("loss", ["pinball", "crps"])
def test_quantile_columns_are_scored(loss):
    """The true distribution against naive's own past errors, and against one twice as wide."""
    from statistics import NormalDist

    rng = np.random.default_rng(9)
    n = 700
    scale = 0.01 * np.exp(0.8 * np.sin(np.arange(n) / 25))
    data = pd.DataFrame({"ds": pd.bdate_range("2020-01-01", periods=n), "y": scale * rng.standard_normal(n)})
    for level in (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975):
        label = {0.025: "025", 0.05: "05", 0.1: "10", 0.25: "25", 0.5: "50", 0.75: "75", 0.9: "90", 0.95: "95"}
        z = NormalDist().inv_cdf(level)
        data[f"true_q{label.get(level, '975')}"] = scale * z
        data[f"wide_q{label.get(level, '975')}"] = 4 * scale * z
    verdict = judge(data.assign(point=0.0), y="return", loss=loss)
    assert verdict.examination.n == n - 100
    assert verdict.rulings["true"].ruling == "better"
    assert verdict.rulings["wide"].ruling == "worse"
    assert verdict.rulings["point"].ruling == "invalid"
    assert "states no quantiles" in verdict.rulings["point"].because[0]
    crossed = data.assign(true_q05=data["true_q95"])
    assert "quantiles cross" in judge(crossed, y="return", loss=loss).rulings["true"].because[0]


@pytest.mark.parametrize("n", [30, 45, 100])
def test_short_walks_look_like_prices(n):
    """The lag-1 autocorrelation of thirty rows of a random walk is about 0.8, of a hundred about 0.95."""
    verdicts = [judge(table(n + 1, seed=seed)) for seed in range(20)]
    assert {one.examination.n for one in verdicts} == {n}


def test_positive_noise_does_not_look_like_a_price():
    for n in (30, 60, 200):
        noise = np.exp(np.random.default_rng(n).normal(size=n))
        with pytest.raises(InputError, match="y does not look like a price"):
            judge(table(n).assign(y=noise))


def test_a_price_that_never_moves_is_said():
    with pytest.raises(InputError, match="y is 100 in all 300 rows: where nothing moves, naive is perfect"):
        judge(table().assign(y=100.0))


def test_a_model_that_is_naive_is_told_as_such():
    """Nothing differs: no luck is spoken of, and the other model's numbers are as without it."""
    data = table(models=1)
    before = data.y.shift(1)
    found = judge(data.assign(copy=before).iloc[1:].assign(close=before))
    assert found.rulings["copy"].because == ("the same forecasts as naive",)
    assert found.rulings["copy"].ruling == "naive"
    alone = judge(data.assign(close=before).iloc[1:]).to_json()["models"]["m0"]
    assert found.to_json()["models"]["m0"]["p_adjusted"] == pytest.approx(alone["p_adjusted"], abs=1e-12)
    only = judge(data.assign(m0=before).iloc[1:].assign(close=before))
    assert "m0 is the same as naive in every row: there is nothing to tell." in only.words
    assert "chance" not in only.words


def test_small_edges_are_told_in_digits_that_are_not_zero():
    ds, y, before = walk(1000, seed=3)
    steps = np.log(y / before)
    known = 2e-4 * steps + 1e-7 * np.random.default_rng(0).normal(size=1000)
    found = judge(pd.DataFrame({"ds": ds, "y": y, "close": before, "m": before * np.exp(known)}))
    assert found.rulings["m"].ruling == "better"
    assert "m was 0.02 % better, 90 % interval 0.02 to 0.02 %" in found.words
    assert "0.0 %" not in found.words


def test_one_wild_symbol_does_not_make_the_panel_suspicious():
    """Suspicion is measured as the pooled ruling is: every symbol's errors in its own unit."""
    parts = []
    for k in range(12):
        rng = np.random.default_rng(k)
        r = (0.2 if k == 0 else 0.01) * rng.standard_normal(301)
        p = 100 * np.exp(r.cumsum())
        guess = 0.8 * r[1:] if k == 0 else 0.002 * rng.standard_normal(300)
        ds = pd.bdate_range("2021-01-04", periods=300)
        parts.append(
            pd.DataFrame({"ds": ds, "y": p[1:], "close": p[:-1], "m": p[:-1] * np.exp(guess), "symbol": f"S{k}"})
        )
    found = judge(pd.concat(parts))
    assert not found.rulings["m"].doubts
    assert "suspicious" in found.symbols["S0"].rulings["m"].doubts[0]
