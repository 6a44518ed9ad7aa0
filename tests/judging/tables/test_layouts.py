"""Tables as the peers' own code wrote them (make_files.py), and the spellings that people use."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beatnaive.core.errors import InputError
from beatnaive.judging.from_table import judge
from beatnaive.judging.tables.cells import dates, numbers
from beatnaive.judging.tables.files import written
from beatnaive.judging.tables.origins import rows_ahead
from beatnaive.judging.tables.reading import read

FILES = Path(__file__).parent / "files"


def walk(n=300, seed=0):
    rng = np.random.default_rng(seed)
    price = 100 * np.exp(0.01 * rng.standard_normal(n + 1).cumsum())
    guess = price[:-1] * np.exp(0.002 * rng.standard_normal(n))
    return pd.DataFrame({"ds": pd.bdate_range("2021-01-04", periods=n), "y": price[1:], "m": guess})


def by_hand(frame, model, h):
    """(n, RMSE) of a model and of naive at one horizon, by loops over windows; naive is the price at the cutoff."""
    price = {(row.unique_id, row.ds): row.y for row in frame.itertuples()}
    errors, naive = [], []
    for (name, cutoff), window in frame.groupby(["unique_id", "cutoff"]):
        row = window.sort_values("ds").iloc[h - 1]
        if (name, cutoff) in price:
            errors.append(row["y"] - row[model])
            naive.append(row["y"] - price[name, cutoff])
    return len(errors), np.sqrt(np.mean(np.square(errors))), np.sqrt(np.mean(np.square(naive)))


@pytest.mark.parametrize("step", [1, 5])
def test_nixtlas_naive_is_naive_at_every_horizon(step):
    """The table that made five horizons into a winner: 'unique_id is not numeric, remove it', then +21 %, better."""
    path = FILES / f"statsforecast_step{step}.csv"
    verdict = judge(path)
    assert list(verdict.horizons) == [1, 2, 3, 4, 5]
    assert verdict.rulings["Naive"].ruling == "naive"
    for h, one in verdict.horizons.items():
        assert one.rulings["Naive"].ruling == "naive"
        assert one.examination.models["Naive"].skill_pct == pytest.approx(0, abs=1e-9)
        assert one.examination.horizon == (h if step == 1 else 1)  # five steps ahead every five days do not overlap
    frame = pd.read_csv(path)
    assert set(verdict.rulings) == {"Naive", "RWD", "HistoricAverage"}  # quantiles are no models
    without = judge(frame[[name for name in frame if name != "Naive"]])
    for h, one in without.horizons.items():
        n, model, naive = by_hand(frame, "RWD", h)
        own = one.symbols["AAA"].examination.n + one.symbols["BBB"].examination.n
        assert own == n
        assert one.examination.models["RWD"].accuracy.rmse == pytest.approx(model)
        assert one.examination.naive.rmse == pytest.approx(naive)
    assert "left out: the last price before their cutoff is not in the table" in " ".join(without.reading)


def test_nixtlas_bounds_are_scored_beside_naives():
    frame = pd.read_csv(FILES / "statsforecast_step5.csv")
    score = judge(frame).horizons[1].intervals["RWD"]
    first = frame.groupby(["unique_id", "cutoff"]).head(1)
    held = ((first.y >= first["RWD-lo-90"]) & (first.y <= first["RWD-hi-90"])).mean()
    assert score.levels == (0.05, 0.95)
    assert score.coverage[0.9][0] == pytest.approx(held)
    assert score.naive_pinball is None  # 35 errors per series: naive's own quantiles need a hundred


def test_horizons_are_joined_by_holm():
    verdict = judge(FILES / "statsforecast_step1.csv")
    assert list(verdict.p_better["RWD"]) == [1, 2, 3]  # 35 rows hold eight spans of four: too short, outside the family
    assert "2 horizons are too short to be ruled on" in verdict.words
    own = [verdict.horizons[h].examination.models["RWD"].p_adjusted for h in (1, 2, 3)]
    order, running = np.argsort(own), 0.0
    for place, k in enumerate(order):
        running = max(running, min(1.0, (len(own) - place) * own[k]))
        assert list(verdict.p_better["RWD"].values())[k] == pytest.approx(running)
    data = verdict.to_json()
    assert data["horizon"] is None
    assert set(data["horizons"]) == {"1", "2", "3", "4", "5"}
    assert data["models"]["Naive"]["ruling"] == "naive"


def test_horizons_without_their_cutoff_are_refused():
    for step, words in ((5, "of 1 to 5 rows before in turn"), (1, "appears twice: its forecasts differ")):
        frame = pd.read_csv(FILES / f"statsforecast_step{step}.csv")
        frame = frame[frame.unique_id == "AAA"].drop(columns=["unique_id", "cutoff"])
        with pytest.raises(InputError, match=words):
            judge(frame)


def mixed(n=239, h=5):
    """Prices, and for every row the last price known to forecasts that are made every h rows, and its age."""
    y = 100 * np.exp(0.01 * np.random.default_rng(3).normal(size=n + h).cumsum())
    age = np.arange(n) % h + 1
    ds = pd.bdate_range("2022-01-03", periods=n, tz=None)
    return pd.DataFrame({"ds": ds, "y": y[h:]}), y[np.arange(h, n + h) - age], age


@pytest.mark.parametrize("h", [3, 5, 14])
def test_horizons_mixed_by_models_that_never_repeat_a_price_are_refused(h):
    """No cutoff, no date twice, no naive among the models: only where the forecasts lie tells their ages."""
    frame, last, age = mixed(h=h)
    drifting = last * 1.0003**age * np.exp(0.001 * np.random.default_rng(4).normal(size=len(last)))
    with pytest.raises(InputError, match=f"m follows the last price of 1 to {h} rows before in turn"):
        judge(frame.assign(m=drifting))


@pytest.mark.parametrize("column", ["naive", "close"])
def test_horizons_mixed_in_a_naive_column_are_refused(column):
    frame, last, _ = mixed()
    with pytest.raises(InputError, match=f"{column} follows the last price of 1 to 5 rows before in turn"):
        judge(frame.assign(m=last * 1.001, **{column: last}))


def test_forecasts_of_one_age_are_not_taken_for_a_mixture():
    rng = np.random.default_rng(5)
    for _ in range(60):
        n = int(rng.choice([24, 30, 60, 239]))
        y = 100 * np.exp(0.01 * rng.normal(size=n + 40).cumsum())
        t, h = np.arange(40, n + 40), int(rng.choice([1, 2, 5, 20]))
        last = y[t - h]
        smooth = np.convolve(y, np.full(7, 1 / 7))[t - h]
        noisy = last * np.exp(0.005 * rng.normal(size=n))
        for f in (last, noisy, smooth, y[t] + (last - y[t]) / 2, np.full(n, y[:40].mean())):
            assert rows_ahead(f, y[t]) == 0


def test_darts_frames():
    with pytest.raises(InputError, match='columns="y=Close"'):
        judge(FILES / "darts.csv")
    verdict = judge(FILES / "darts.csv", columns="y=Close")
    assert verdict.rulings["last"].ruling == "naive"
    frame = pd.read_csv(FILES / "darts.csv", index_col=0, parse_dates=True)
    again = judge(frame.rename_axis("time"), columns={"y": "Close"})
    assert again.to_json()["models"] == verdict.to_json()["models"]
    stated = judge(FILES / "darts_quantiles.csv")
    assert list(stated.rulings) == ["Close forecast"]
    assert stated.intervals["Close forecast"].levels == (0.05, 0.5, 0.95)
    assert stated.intervals["Close forecast"].skill_pct < 0


def test_darts_windows_are_folds():
    verdict = judge(FILES / "darts_windows.csv", actual=FILES / "darts_series.csv")
    assert list(verdict.horizons) == [1, 2, 3]
    made = pd.read_csv(FILES / "darts_windows.csv", index_col=[0, 1])["drift"]
    series = pd.read_csv(FILES / "darts_series.csv", index_col=0)["Close"]
    first = made.groupby(level=0).head(1)
    last = series.shift(1).reindex(first.index.get_level_values(1))
    truth = series.reindex(first.index.get_level_values(1))
    one = verdict.horizons[1].examination
    assert one.naive.rmse == pytest.approx(np.sqrt(np.mean((truth.to_numpy() - last.to_numpy()) ** 2)))
    assert one.models["drift"].accuracy.rmse == pytest.approx(
        np.sqrt(np.mean((truth.to_numpy() - first.to_numpy()) ** 2))
    )


def test_skforecasts_backtest():
    series = FILES / "skforecast_series.csv"
    with pytest.raises(InputError, match="no column 'y'"):
        judge(FILES / "skforecast.csv")
    verdict = judge(FILES / "skforecast.csv", actual=series)
    assert list(verdict.horizons) == [1, 2, 3]
    assert not verdict.horizons[1].intervals
    assert "left out: lower_bound, upper_bound" in verdict.reading[0]
    named = judge(FILES / "skforecast.csv", actual=series, columns="pred_q10=lower_bound,pred_q90=upper_bound")
    assert named.horizons[1].intervals["pred"].levels == (0.1, 0.9)


def test_gluonts_forecasts():
    verdict = judge(FILES / "gluonts.csv")
    assert list(verdict.horizons) == [1, 2]
    assert list(verdict.rulings) == ["mean"]
    assert verdict.horizons[1].intervals["mean"].levels == (0.1, 0.5, 0.9)
    assert set(verdict.horizons[1].symbols) == {"AAA", "BBB"}


@pytest.mark.parametrize(
    "spelled",
    [
        lambda d: d.rename(columns={"ds": "Date", "y": "Actual", "m": "Predicted"}),
        lambda d: d.rename(columns={"ds": "timestamp", "y": "y_true"}),
        lambda d: d.set_index("ds"),
        lambda d: d.set_index("ds").rename_axis(None),
        lambda d: d.reset_index().rename(columns={"index": "Unnamed: 0"}),
        lambda d: d.assign(ds=d.ds.dt.strftime("%d/%m/%Y")),
        lambda d: d.assign(ds=d.ds.dt.strftime("%d.%m.%Y")),
        lambda d: d.assign(ds=d.ds.dt.to_period("D")),
        lambda d: d.assign(m=d.m.map(repr), y=d.y.map(repr)),
        lambda d: d.assign(
            m=d.m.map(lambda x: f"{x!r}".replace(".", ",")), y=d.y.map(lambda x: f"{x!r}".replace(".", ","))
        ),
    ],
)
def test_one_table_in_many_spellings(spelled):
    plain, other = judge(walk()).to_json(), judge(spelled(walk())).to_json()
    assert list(other["models"].values()) == list(plain["models"].values())


def test_a_semicolon_file_with_decimal_commas(tmp_path):
    frame = walk()
    frame.to_csv(tmp_path / "d.csv", sep=";", decimal=",", index=False, date_format="%d.%m.%Y")
    verdict = judge(tmp_path / "d.csv")
    assert verdict.to_json()["models"] == judge(frame).to_json()["models"]
    assert verdict.reading[1:] == ("separated by semicolons", "decimal commas", "dates as DD/MM/YYYY")


def test_per_cent_are_fractions():
    rng = np.random.default_rng(1)
    y, f = 0.01 * rng.standard_normal((2, 200))
    plain = pd.DataFrame({"ds": pd.bdate_range("2022-01-03", periods=200), "y": y, "m": f})
    text = plain.assign(**{name: [f"{100 * value:.17g} %" for value in plain[name]] for name in ("y", "m")})
    one, two = judge(plain, y="return").examination, judge(text, y="return").examination
    assert two.naive.rmse == pytest.approx(one.naive.rmse)
    assert two.models["m"].skill_pct == pytest.approx(one.models["m"].skill_pct)


def test_what_may_be_meant_in_two_ways_is_asked_for():
    for frame, words in (
        (
            walk().assign(actual=1.0, target=2.0).drop(columns="y"),
            r'y may be .actual., .target.: say which, columns="y=',
        ),
        (walk().drop(columns="y"), 'name it, columns="y=m"'),
        (walk(5).assign(ds="03/04/2024"), 'may be DD/MM or MM/DD: say which, dates="DMY" or "MDY"'),
        (walk(5).assign(m=["1,234"] * 5), "may be a decimal comma or thousands"),
        (walk(5).assign(m=["1%", "2", "3", "4", "5"]), "per cent and plain numbers"),
        (walk(5).assign(ds=["13/01/2024", "01/13/2024"] + ["02/02/2024"] * 3), "mixes DD/MM and MM/DD"),
    ):
        with pytest.raises(InputError, match=words) as caught:
            judge(frame)
        assert len(str(caught.value)) < 300
    with pytest.raises(InputError, match="the table has no 'nix' to be y"):
        judge(walk(), columns="y=nix")
    with pytest.raises(InputError, match="write PART=COLUMN"):
        judge(walk(), columns="y")
    declared = dates(pd.Series(["03/04/2024"]), "ds", "DMY")[0]
    assert str(declared[0]) == "2024-04-03T00:00:00"


def test_row_numbers_are_no_models():
    assert list(judge(walk().reset_index()).rulings) == ["m"]
    assert "left out: index" in judge(walk().reset_index()).reading[0]


@pytest.mark.parametrize(
    ("cells", "values"), [(["1.234,5", "2"], [1234.5, 2]), (["1,234.5", "2"], [1234.5, 2]), (["−3", "4"], [-3, 4])]
)
def test_numbers(cells, values):
    assert numbers(pd.Series(cells), "m")[0].tolist() == values


def test_separators():
    assert written("a\tb\n1\t2,5\n") == ("\t", ",")
    assert written("a|b\n1|2.5\n") == ("|", ".")


def test_an_older_price_is_named():
    frame = walk()
    y = frame.y.to_numpy()
    old = frame.assign(two=np.append([np.nan, np.nan], y[:-2]), last=np.append([np.nan], y[:-1]))
    verdict = judge(old)
    assert verdict.rulings["last"].ruling == "naive"
    assert verdict.rulings["two"].ruling != "naive"
    assert "two is a naive that is two rows old" in verdict.words
    given = judge(frame.iloc[2:].assign(naive=y[:-2]))
    assert "your naive is two rows old" in given.words
    windows = pd.read_csv(FILES / "statsforecast_step1.csv").query("unique_id == 'AAA'")
    price = windows.drop_duplicates("ds").set_index("ds").y
    before = price.shift(1).reindex(windows.cutoff).to_numpy()
    assert "stale is a naive that is one row too old" in judge(windows.assign(stale=before).dropna()).words


def test_units_that_differ_by_a_hundred_are_named():
    frame = walk()
    verdict = judge(frame.assign(cents=100 * frame.m))
    assert "cents is 100 times y" in verdict.words
    assert "divide cents by 100" in verdict.words
    rng = np.random.default_rng(1)
    y, f = 0.01 * rng.standard_normal((2, 200))
    table = pd.DataFrame({"ds": pd.bdate_range("2022-01-03", periods=200), "y": y, "m": f, "percent": 100 * f})
    words = judge(table, y="return").words
    assert "percent is about a hundred times as large as y" in words
    assert "Doubt: m" not in words


@pytest.mark.parametrize("y", ["price", "return"])
def test_z_scored_prices_are_refused(y):
    frame = walk()
    scaled = frame.assign(**{name: (frame[name] - frame.y.mean()) / frame.y.std() for name in ("y", "m")})
    with pytest.raises(InputError, match=r"y looks like z-scored prices \(mean .*inverse_transform"):
        judge(scaled, y=y)


def test_a_horizon_column_places_every_row():
    frame = walk()
    both = pd.concat([frame.assign(horizon=1), frame.assign(horizon=2, m=frame.m.shift(1)).iloc[1:]])
    verdict = judge(both)
    one = judge(frame).examination
    assert verdict.horizons[1].examination.naive.rmse == pytest.approx(one.naive.rmse)
    assert list(verdict.horizons) == [1, 2]


def test_the_price_at_the_cutoff_can_stand_in_another_table():
    frame = pd.read_csv(FILES / "statsforecast_step5.csv").query("unique_id == 'AAA'").drop(columns="Naive")
    alone = judge(frame)
    dates_, price = pd.to_datetime(frame.ds), frame.y
    first = pd.DataFrame({"Date": [frame.cutoff.iloc[0]], "Close": [100.229]})
    prices = pd.concat([first, pd.DataFrame({"Date": dates_.dt.strftime("%Y-%m-%d"), "Close": price})])
    whole = judge(frame, actual=prices)
    assert whole.horizons[1].examination.n == alone.horizons[1].examination.n + 1
    with pytest.raises(InputError, match="actual has no value for"):
        judge(frame.drop(columns="y"), actual=prices.tail(3))


def test_a_reading_says_what_it_took():
    found = read(FILES / "statsforecast_step1.csv")
    assert found.said[0].startswith("read as Nixtla's table: ds, y, symbol = unique_id, cutoff; models Naive, RWD and")
