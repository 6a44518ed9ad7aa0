"""What charts start from: the same however the table is cut into parts or sorted, and equal to slow loops."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_run import Frame, made_run

from beatnaive.core.errors import InputError
from beatnaive.report import charts
from beatnaive.report.charts.frames import Mean, mean_by, session_losses, view
from beatnaive.report.charts.intervals import stated
from beatnaive.runs import folder
from beatnaive.runs.folder import StoredForecasts


class Cut(Frame):
    """The same table in parts of 97 rows, which end in the middle of a symbol."""

    def parts(self, columns=None):
        for first in range(0, len(self.frame), 97):
            yield self.frame.iloc[first : first + 97].reset_index(drop=True)


def rounded(node):
    """A specification with its numbers to twelve digits: sums over other parts end in other last ones."""
    if isinstance(node, dict):
        return {key: rounded(value) for key, value in node.items()}
    if isinstance(node, list):
        return [rounded(value) for value in node]
    return float(f"{node:.12g}") if isinstance(node, float) else node


@pytest.fixture(scope="module")
def panel():
    return made_run(tuple("DACB"))


@pytest.mark.parametrize("order", ["as written", "shuffled"])
def test_every_chart_is_the_same_from_parts_and_in_any_order(panel, order):
    frame = panel.forecasts if order == "as written" else panel.forecasts.sample(frac=1, random_state=3)
    cut = replace(panel, table=Cut(frame.reset_index(drop=True)))
    for name in set(charts.CHARTS) - {"loss_curves"}:
        assert rounded(charts.specification(name, cut)) == rounded(charts.specification(name, panel)), name


def test_losses_per_session_equal_a_slow_loop(panel):
    rows = panel.forecasts[panel.forecasts.seed == -1].assign(day=lambda x: pd.to_datetime(x.origin))
    rows["loss"] = np.log(rows.y / rows.yhat) ** 2
    naive = {name: own.loss.mean() for name, own in rows[rows.model == "naive"].groupby("symbol")}
    shown = session_losses(view(panel))
    for day in shown.index[[0, 17, -1]]:
        for model in ("naive", "linear"):
            own = rows[(rows.day == day) & (rows.model == model)]
            slow = np.mean([one.loss / naive[one.symbol] for one in own.itertuples()])
            assert shown.loc[day, model] == pytest.approx(slow, rel=1e-12)


def test_what_is_no_number_does_not_count_and_values_may_come_in_parts():
    codes, values = np.array([0, 1, 1, 0, 2]), np.array([1.0, 2.0, np.nan, 3.0, np.nan])
    np.testing.assert_array_equal(mean_by(codes, values, 4), [2.0, 2.0, np.nan, np.nan])
    one = Mean(4)
    for part in (slice(0, 2), slice(2, 5)):
        one.add(codes[part], values[part])
    np.testing.assert_array_equal(one.mean, mean_by(codes, values, 4))


def test_a_seed_that_lacks_rows_is_nan_there(panel):
    gone = (panel.forecasts.seed == 2) & (panel.forecasts.index % 7 == 0)
    run = view(replace(panel, table=Frame(panel.forecasts[~gone])))
    whole = view(panel)
    assert len(run) == len(whole)
    lacking = np.isnan(run.seeds["lstm"][2])
    assert lacking.sum() == gone.sum()
    np.testing.assert_array_equal(run.seeds["lstm"][2][~lacking], whole.seeds["lstm"][2][~lacking])


def test_a_stored_table_comes_in_parts_without_twins_and_a_damaged_one_is_a_line(panel, tmp_path, monkeypatch):
    frame = panel.forecasts.astype({"symbol": str, "model": str}).reset_index(drop=True)
    twin = frame[frame.model == "linear"].assign(model="linear~vix")
    pd.concat([frame, twin]).to_parquet(tmp_path / "forecasts.parquet", index=False)
    monkeypatch.setattr(folder, "AT_ONCE", 1000)
    table = StoredForecasts(tmp_path / "forecasts.parquet")
    table.check()
    parts = list(table.parts())
    assert len(parts) == 1 + (len(frame) + len(twin)) // 1000
    assert sum(map(len, parts)) == len(table.whole()) == len(frame)
    some = pd.concat(list(table.parts(["q05"])))
    assert list(some.columns) == ["model", "q05"]
    np.testing.assert_array_equal(some.q05, pd.concat(parts).q05)
    stored = replace(panel, table=table)
    assert charts.specification("coverage", stored) == charts.specification("coverage", panel)
    assert stated(stored).models == stated(panel).models
    (tmp_path / "forecasts.parquet").write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(InputError, match=r"forecasts.parquet is damaged"):
        list(table.parts())
