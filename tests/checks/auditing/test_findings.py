"""What a report says of a leak, and of what it may have missed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beatnaive.checks import AuditReport, audit, walk_frame
from beatnaive.checks.auditing.cuts import ordered, reach

SHORT = 1.0
"""Seconds for an audit in these tests."""


def run(*words: str) -> int:
    from beatnaive.cli import main

    with pytest.raises(SystemExit) as stopped:
        main(["audit", *words])
    return int(stopped.value.code or 0)


def test_rows_and_sizes_are_right() -> None:
    report = audit(lambda frame: frame["Close"].shift(-3).rename("three"), seconds=SHORT)
    (seen,) = [leak for leak in report.leaks if leak.test == "perturb the future"]
    assert "up to the last 3 sessions before the change" in seen.words
    assert seen.reach == 3
    assert seen.rows[:2] == ("2013-01-16", "2013-01-17")  # the first cuts come after the first and the second row
    assert seen.last is not None
    assert seen.last.session == "2013-01-16"


def tried(report: AuditReport) -> int:
    (one,) = [each for each in report.experiments if each.test == "perturb the future"]
    return one.runs


def test_the_answer_states_its_reach() -> None:
    bars = walk_frame(150, seed=2)
    report = audit(lambda bars: bars["Close"].diff(), seconds=0.2, data=bars)
    assert report.reach == reach(149, min(tried(report), 149), 1 / 3)
    assert (f"fewer than {report.reach} rows" in report.words) or ("Every row was tried" in report.words)


def test_every_second_future_leaves_a_flag_as_it_was_and_the_reach_says_so() -> None:
    bars = walk_frame(150, seed=2)
    report = audit(lambda bars: bars["Close"].diff() > 0, seconds=0.2, data=bars)
    assert report.reach == reach(149, tried(report) // 2, 1 / 3)


def test_a_cut_at_which_the_function_refuses_was_not_tried() -> None:
    bars = walk_frame(150, seed=2)

    def calm(bars: pd.DataFrame) -> pd.Series:
        if bars["Close"].iloc[-1] > 1.5 * bars["Close"].iloc[0]:
            raise ValueError("too high")
        return bars["Close"].diff()

    report = audit(calm, seconds=0.2, data=bars)
    (changed,) = [each for each in report.experiments if each.test == "perturb the future"]
    refused = int(changed.words.rpartition("at ")[2].split()[0])
    assert refused >= 2
    assert report.reach == reach(149, min(tried(report) - refused, 149), 1 / 3)


def test_the_last_sessions_value_of_every_leaking_column_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(
        "import pandas as pd\n"
        "def three(bars):\n"
        "    c = bars['Close']\n"
        "    return pd.DataFrame({'big': 9 * c.shift(-1), 'small': c / c.shift(-1), 'sound': c.diff()})\n"
    )
    assert run(f"{tmp_path / 'mine.py'}:three", "--seconds", "1") == 1
    told = capsys.readouterr().out.partition("which one would act on:")[2].split("No look")[0]
    lines = {line.split()[0]: line for line in told.splitlines() if line.split()}
    assert {"big", "small"} <= set(lines)
    assert "sound" not in lines
    assert all(" points" in lines[name] and "1 session" in lines[name] for name in ("big", "small"))


def test_the_share_is_of_the_forecasts_that_could_have_changed() -> None:
    def pipeline(prices: pd.DataFrame) -> pd.DataFrame:
        origin = prices.index[-60:-10]  # the forecasts of the last ten sessions are kept back
        return pd.DataFrame({"origin": origin, "prediction": prices["Close"].shift(-1).pct_change()[origin].to_numpy()})

    (leak,) = [one for one in audit(pipeline, runs=40).leaks if one.test == "perturb the future"]
    assert leak.possible == 50
    assert f"{leak.count} of the 50 forecasts that could have changed do" in leak.words


def test_a_pipeline_gets_the_flat_future_and_truncation() -> None:
    def flat(prices: pd.DataFrame) -> pd.DataFrame:
        later = prices["Close"].iloc[-1] != prices["Close"].iloc[-2]  # only where nothing moves any more
        return pd.DataFrame({"origin": prices.index[-80:-10], "prediction": 0.001 * float(later)})

    def counted(prices: pd.DataFrame) -> pd.DataFrame:
        near = np.arange(len(prices))[::-1] < 5  # the last five sessions of the data
        return pd.DataFrame({"origin": prices.index[500:], "prediction": 0.001 * near[500:]})

    assert "perturb the future" in {leak.test for leak in audit(flat, runs=20).leaks}
    assert "truncate the future" in {leak.test for leak in audit(counted, runs=12).leaks}


def test_every_column_settles_after_its_own_number_of_rows() -> None:
    report = audit(
        lambda bars: pd.DataFrame({"mean": bars["Close"].rolling(20).mean(), "sum": bars["Close"].cumsum()}), seconds=1
    )
    assert report.warm_up == {"mean": 19, "sum": None}


def test_a_function_that_answers_otherwise_each_time_is_a_doubt_about_seeds() -> None:
    report = audit(lambda bars: pd.Series(np.random.default_rng().normal(size=len(bars)), bars.index), seconds=1)
    assert report.clean
    assert [doubt.test for doubt in report.doubts] == ["repeat unchanged"]


def test_strict_makes_a_doubt_exit_with_1(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def flag(bars): return bars.index.isin(['2016-03-01'])\n")
    assert run(f"{tmp_path / 'mine.py'}:flag", "--seconds", "1") == 0
    assert run(f"{tmp_path / 'mine.py'}:flag", "--seconds", "1", "--strict") == 1


@pytest.mark.parametrize("cuts", [88, 250])
def test_of_leaks_of_the_stated_reach_no_more_than_one_in_twenty_passes(cuts: int) -> None:
    rng, bars, draws = np.random.default_rng(cuts), walk_frame(1500, seed=8), 150
    change = bars["Close"].pct_change().to_numpy()

    def passes(leaking: int) -> float:
        passed = 0
        for _ in range(draws):
            rows, hidden = rng.choice(1499, leaking, replace=False), change.copy()
            hidden[rows] = np.nanmedian(change)  # a leak that makes its rows as usual as can be
            passed += not np.isin(rows + 1, ordered(hidden[:, None], bars.to_numpy())[:cuts]).any()
        return passed / draws

    stated = reach(1499, cuts, 1 / 3)
    assert passes(stated) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)
    assert passes(stated // 2) > 0.05  # nor is it far too large
