"""In whatever form code and bars come: frames, arrays, lists, in place, own files, strategies."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beatnaive.checks import audit, walk_frame
from beatnaive.core.errors import InputError
from beatnaive.features import FeatureSet

SHORT = 1.0
"""Seconds for an audit in these tests."""


def run(*words: str) -> int:
    from beatnaive.cli import main

    with pytest.raises(SystemExit) as stopped:
        main(["audit", *words])
    return int(stopped.value.code or 0)


def in_place(bars: pd.DataFrame) -> None:
    bars["tomorrow"] = bars["Close"].shift(-1)
    bars["yesterday"] = bars["Close"].shift(1)


def in_a_loop(bars: pd.DataFrame) -> list[float]:
    close = bars["Close"].tolist()
    return [float(np.mean(close[max(0, k - 5) : k + 2])) for k in range(len(close))]


def high_between_two_lower_ones(bars: pd.DataFrame) -> pd.Series:
    return bars["High"] == bars["High"].rolling(5, center=True).max()


@pytest.mark.parametrize(
    ("function", "columns", "repair"),
    [
        (in_place, {"tomorrow"}, "use `.shift(1)`"),
        (in_a_loop, {"0"}, "use `.shift(1)`"),
        (high_between_two_lower_ones, {"High"}, "use `.shift(2)`"),
    ],
)
def test_whatever_form_the_answer_has(function: object, columns: set[str], repair: str) -> None:
    report = audit(function, seconds=0.5, data=walk_frame(300, seed=5))
    seen = [leak for leak in report.leaks if leak.test == "perturb the future"]
    assert {leak.what for leak in seen} == columns
    assert {leak.repair for leak in seen} == {repair}


def test_own_bars_are_changed_with_all_their_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bars = walk_frame(300, seed=1)
    bars["sentiment"] = np.random.default_rng(0).normal(size=300)
    bars.to_csv(tmp_path / "own.csv")
    (tmp_path / "mine.py").write_text(
        "def good(bars): return bars['sentiment'].rolling(5).mean()\n"
        "def bad(bars): return bars['sentiment'].shift(-1)\n"
    )
    words = ("--data", str(tmp_path / "own.csv"), "--seconds", "1")
    assert run(f"{tmp_path / 'mine.py'}:good", *words) == 0
    assert run(f"{tmp_path / 'mine.py'}:bad", *words) == 1
    (tmp_path / "text.csv").write_text("a,b\nx,y\n")
    assert run(f"{tmp_path / 'mine.py'}:bad", "--data", str(tmp_path / "text.csv")) == 2
    assert "column 'a' holds no dates" in capsys.readouterr().err
    bars.iloc[:1].to_csv(tmp_path / "one.csv")
    assert run(f"{tmp_path / 'mine.py'}:bad", "--data", str(tmp_path / "one.csv")) == 2
    assert "one.csv has 1 row: an audit needs 120 or more" in capsys.readouterr().err


def test_names_in_other_languages_and_ten_thousand_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bars = walk_frame(10_000, seed=4, start="1980-01-01").rename(columns={"Close": "Kapanış", "Volume": "Umsätze"})
    bars["Işık"] = np.sin(np.arange(10_000.0))
    bars.rename_axis("Tarih").to_csv(tmp_path / "veri.csv")
    (tmp_path / "özellik.py").write_text(
        "def gut(kurse): return kurse[['Kapanış', 'Umsätze']].diff().add_suffix('_günlük')\n"
        "def schlecht(kurse): return kurse['Işık'].shift(-1).rename('Vorgriff für später')\n",
        encoding="utf-8",
    )
    words = ("--data", str(tmp_path / "veri.csv"), "--seconds", "1")
    assert run(f"{tmp_path / 'özellik.py'}:gut", *words) == 0
    assert run(f"{tmp_path / 'özellik.py'}:schlecht", *words) == 1
    assert "Vorgriff für später changes when later sessions are others" in capsys.readouterr().out


@pytest.mark.parametrize(("line", "words"), [("self.dp", "self.dp"), ("__import__('technical')", "technical")])
def test_what_needs_a_running_freqtrade_is_one_line(line: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(
        "from freqtrade.strategy import IStrategy\nclass S(IStrategy):\n"
        f"    def populate_indicators(self, dataframe, metadata):\n        {line}\n        return dataframe\n"
    )
    with pytest.raises(InputError, match=words) as caught:
        audit(f"{tmp_path / 's.py'}:S")
    assert "\n" not in str(caught.value)


def test_the_stand_in_names_informative_columns_as_freqtrade_does() -> None:
    from beatnaive.checks.auditing.answers import candles
    from beatnaive.checks.auditing.strategies.base import IStrategy
    from beatnaive.checks.auditing.strategies.informative import informative

    class Two(IStrategy):
        @informative("1h")
        @informative("1h", "ETH/{stake}")
        def populate_indicators_1h(self, dataframe: pd.DataFrame, metadata: dict[str, str]) -> pd.DataFrame:
            return dataframe[["date", "close"]].assign(rsi=1.0)

    bars = walk_frame(60, seed=1).set_axis(pd.date_range("2018-01-01", periods=60, freq="5min"), axis=0)
    table = Two().advise_indicators(candles(bars), {"pair": "BTC/USDT"})
    # as freqtrade 2026.9 itself named them for such a class
    assert {"date_1h", "close_1h", "rsi_1h", "eth_usdt_date_1h", "eth_usdt_close_1h", "eth_usdt_rsi_1h"} <= set(table)
    # the hour from 0:00 is known at the close of the candle of 0:55, and no sooner
    assert table["close_1h"].isna()[:11].all()
    assert table["close_1h"][11] == table["close"][11]


def test_an_installed_freqtrade_is_used_instead_of_the_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "freqtrade").mkdir()
    (tmp_path / "freqtrade" / "__init__.py").write_text("")
    (tmp_path / "freqtrade" / "strategy.py").write_text("class IStrategy:\n    real = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    from beatnaive.checks.auditing.strategies.stand_in import freqtrade

    with freqtrade():
        from freqtrade.strategy import IStrategy

        assert IStrategy.real
    for name in ("freqtrade", "freqtrade.strategy"):
        del sys.modules[name]


def fussy(frame: pd.DataFrame) -> pd.Series:
    if len(frame) < 1000:
        raise ValueError("needs 1,000 sessions")
    return frame["Close"].shift(-1).rename("fussy")


def test_a_function_that_refuses_short_frames_is_still_audited() -> None:
    report = audit(fussy, seconds=SHORT)
    assert {"truncate the future", "perturb the future"} <= {leak.test for leak in report.leaks}
    sound = audit(lambda frame: fussy(frame).shift(1), seconds=SHORT)
    assert sound.clean
    assert "the function refuses" in sound.experiments[1].words


def test_a_feature_set_object_can_be_audited() -> None:
    mine = FeatureSet("mine", lambda frame: frame[["Close"]])
    assert audit(mine, seconds=1).name == "mine"
