"""Audit catches every leak of the catalogue, raises no alarm on sound code, and says what, where, how much, why."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import beatnaive as bn
from beatnaive.checks import AuditReport, audit, index_frame, walk_frame
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.features import FEATURES, FeatureSet, feature_set
from beatnaive.models import MODELS
from beatnaive.models.spec import COMBINATION

HERE = Path(__file__).parent
from catalogue import FALSE_ALARMS, LEAKS, RARE, SOUND, about, declared, documented  # noqa: E402
from talib_everything import FUNCTIONS, everything  # noqa: E402


def stem(path: Path) -> str:
    return path.stem


SHORT = 2.0
"""Seconds for an audit in these tests; where a leak is rare, those that a user has by default."""


@pytest.mark.parametrize("path", LEAKS, ids=stem)
def test_every_leak_is_caught_as_the_docs_say(path: Path) -> None:
    report = audit(f"{path}:leak", seconds=None if path.stem in RARE else SHORT)
    caught = {leak.test for leak in report.leaks}
    assert not report.clean
    assert declared(path) in caught
    told = {row[0]: row[3].split(", ") for row in documented()}[path.stem]
    assert caught <= set(told)  # the docs tell of the whole time
    assert declared(path) in told
    assert all(leak.words and leak.cause and leak.repair and leak.count >= 1 and leak.rows for leak in report.leaks)


def test_the_catalogue_holds_what_the_docs_list() -> None:
    assert len(LEAKS) >= 23 + 20
    assert len(SOUND) >= 11 + 10
    assert [row[0] for row in documented()] == [path.stem for path in LEAKS]
    for row, path in zip(documented(), LEAKS, strict=True):
        assert f"{row[2]}: {row[1]}." == about(path)
    assert [row[2] for row in documented(FALSE_ALARMS)] == ["0"] * 4


@pytest.mark.parametrize("path", SOUND, ids=stem)
def test_sound_code_of_users_raises_no_alarm(path: Path) -> None:
    report = audit(f"{path}:sound", seconds=SHORT)
    assert report.leaks == ()
    assert report.doubts == ()
    assert report.words.startswith("No look-ahead found")


@pytest.mark.parametrize("name", FEATURES)
def test_shipped_features_raise_no_alarm(name: str) -> None:
    report = audit(name, seconds=SHORT)
    assert (report.leaks, report.doubts) == ((), ())
    assert all(one.outcome == "clean" for one in report.experiments)


@pytest.mark.parametrize("name", [name for name in MODELS if name != COMBINATION])
def test_shipped_models_raise_no_alarm(name: str) -> None:
    report = audit(name)
    assert (report.leaks, report.doubts) == ((), ())
    assert report.kind == "forecaster"


def test_no_indicator_of_ta_lib_raises_an_alarm() -> None:
    report = audit(everything, seconds=2 * SHORT)
    values = everything(index_frame(1500))
    assert len(FUNCTIONS) > 150
    assert values.iloc[300:].notna().all().mean() > 0.95  # inverse sines of prices are the exception
    assert (report.leaks, report.doubts) == ((), ())


def test_every_shipped_indicator_shifted_by_one_session_is_caught() -> None:
    technical = feature_set("technical")
    report = audit(lambda frame: technical.compute(frame).shift(-1), seconds=SHORT)
    for test in ("truncate the future", "perturb the future"):
        assert {leak.what for leak in report.leaks if leak.test == test} == set(technical.columns)


def test_a_joined_table_without_publication_is_a_doubt() -> None:
    report = audit(f"{HERE / 'doubts' / 'joined_table.py'}:joined")
    assert report.clean
    assert [doubt.test for doubt in report.doubts] == ["other dates"]
    assert "published" in report.doubts[0].words


def test_rows_and_sizes_are_right() -> None:
    report = audit(lambda frame: frame["Close"].shift(-3).rename("three"), seconds=SHORT)
    (seen,) = [leak for leak in report.leaks if leak.test == "perturb the future"]
    assert "up to the last 3 sessions before the change" in seen.words
    assert seen.reach == 3
    assert seen.rows[:2] == ("2013-01-16", "2013-01-17")  # the first cuts come after the first and the second row
    assert seen.last is not None
    assert seen.last.session == "2013-01-16"


def noisy(prices: pd.DataFrame) -> pd.DataFrame:
    values = np.random.default_rng().normal(0, 0.001, 100)
    return pd.DataFrame({"origin": prices.index[-100:], "prediction": values})


def test_a_pipeline_without_a_seed_is_a_doubt_not_a_leak() -> None:
    for _ in range(20):
        report = audit(noisy, runs=8)
        assert report.clean
        assert "seed" in report.doubts[0].words


def test_a_pipeline_runs_at_most_as_often_as_asked() -> None:
    calls = []

    def pipeline(prices: pd.DataFrame) -> pd.DataFrame:
        calls.append(len(prices))
        return pd.DataFrame({"origin": prices.index[-50:], "prediction": 0.0})

    told = []
    report = audit(pipeline, kind="pipeline", runs=8, progress=lambda done, total, what: told.append((done, total)))
    assert report.clean
    assert len(calls) <= 8
    assert told == [(k, 8) for k in range(len(calls))]


def test_a_pipeline_that_joins_a_table_by_date_is_a_doubt() -> None:
    stored = pd.Series(np.sin(np.arange(9000.0)), pd.date_range("1999-01-01", periods=9000))

    def pipeline(prices: pd.DataFrame) -> pd.DataFrame:
        origin = prices.index[-100:]
        return pd.DataFrame({"origin": origin, "prediction": stored.reindex(origin).to_numpy() / 1000})

    report = audit(pipeline, runs=12)
    assert report.clean
    assert [doubt.test for doubt in report.doubts] == ["other dates"]


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


def late(prices: pd.DataFrame) -> pd.DataFrame:
    origin = prices.index[-50:]
    return pd.DataFrame({"origin": origin, "prediction": 0.0, "published": origin + pd.Timedelta(days=3)})


def test_a_pipeline_that_uses_later_publications_is_caught() -> None:
    (leak,) = audit(late, runs=12).leaks
    assert (leak.test, leak.count, leak.size) == ("published", 50, 3.0)


def test_a_study_refuses_rows_published_later() -> None:
    from beatnaive.features.base import evaluate

    reference = f"{HERE / 'leaks' / 'late_publication.py'}:leak"
    with pytest.raises(InputError, match=r"a value published on .*: join by the day of publication"):
        evaluate(feature_set(reference), index_frame(100))


class Deaf:
    """Predicts a constant, whatever it is given."""

    def fit(self, x: np.ndarray, y: np.ndarray) -> "Deaf":
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.zeros(len(x))


def test_a_model_that_misses_a_planted_signal_is_a_doubt() -> None:
    report = audit(Deaf())
    assert report.kind == "estimator"
    assert report.clean
    assert [doubt.test for doubt in report.doubts] == ["planted signal"]


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("sklearn.linear_model:Ridge", "estimator"),
        ("beatnaive.models.baselines:Naive", "forecaster"),
        ("returns", "feature"),
        ("naive", "forecaster"),
    ],
)
def test_kinds_are_found_out(subject: str, kind: str) -> None:
    report = bn.audit(subject, seconds=SHORT)
    assert isinstance(report, AuditReport)
    assert report.kind == kind
    assert report.clean


@pytest.mark.parametrize(
    ("subject", "kind", "message"),
    [
        (3, None, "audit takes a function, an estimator or a forecaster"),
        (lambda: 3, None, "a factory returns an estimator, model or forecaster"),
        (lambda prices: 3, None, "or say its kind"),
        (lambda prices: prices, "pipeline", "a table with columns origin and prediction"),
        (lambda a, b, c: None, "keras", "a builder takes nothing, a shape, or steps and features"),
        (Deaf(), "forecaster", "it needs fit"),
    ],
)
def test_what_cannot_be_audited_is_one_line(subject: object, kind: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        audit(subject, kind=kind)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_unknown_names_offer_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'technical'"):
        audit("techncal")
    with pytest.raises(UnknownName, match="did you mean 'feature'"):
        audit(everything, kind="featur")  # type: ignore[arg-type]


def run(*words: str) -> int:
    from beatnaive.cli import main

    with pytest.raises(SystemExit) as stopped:
        main(["audit", *words])
    return int(stopped.value.code or 0)


def test_the_command_says_which_test_rows_size_and_cause(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"{HERE / 'leaks' / 'group_mean_month.py'}:leak", "--seconds", "3") == 1
    text = capsys.readouterr().out
    for part in ("truncate the future", "standard deviations", "rows 2", "Usual cause:", "Repair:", "looks ahead"):
        assert part in text


def test_the_command_exits_0_when_clean_and_2_on_nonsense(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("close", "--seconds", "2") == 0
    assert "No look-ahead found in close" in capsys.readouterr().out
    assert run("nowhere.py:name") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"{HERE / 'leaks' / 'unpurged_labels.py'}:leak", "--json", "--runs", "8") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["clean"]) == ("pipeline", False)
    assert told["leaks"][0]["test"] == "perturb the future"
    assert {"rows", "size", "cause", "words", "count", "what"} <= set(told["leaks"][0])


def test_what_the_subject_prints_is_not_mixed_into_the_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "chatty.py"
    file.write_text("def level(frame):\n    print('hello')\n    return frame['Close']\n")
    assert run(f"{file}:level", "--json", "--seconds", "2") == 0
    assert json.loads(capsys.readouterr().out)["clean"] is True


def test_a_feature_set_object_can_be_audited() -> None:
    mine = FeatureSet("mine", lambda frame: frame[["Close"]])
    assert audit(mine, seconds=1).name == "mine"


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


def test_strict_makes_a_doubt_exit_with_1(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def flag(bars): return bars.index.isin(['2016-03-01'])\n")
    assert run(f"{tmp_path / 'mine.py'}:flag", "--seconds", "1") == 0
    assert run(f"{tmp_path / 'mine.py'}:flag", "--seconds", "1", "--strict") == 1


def test_a_function_that_answers_otherwise_each_time_is_a_doubt_about_seeds() -> None:
    report = audit(lambda bars: pd.Series(np.random.default_rng().normal(size=len(bars)), bars.index), seconds=1)
    assert report.clean
    assert [doubt.test for doubt in report.doubts] == ["repeat unchanged"]


def test_every_column_settles_after_its_own_number_of_rows() -> None:
    report = audit(
        lambda bars: pd.DataFrame({"mean": bars["Close"].rolling(20).mean(), "sum": bars["Close"].cumsum()}), seconds=1
    )
    assert report.warm_up == {"mean": 19, "sum": None}


def test_the_answer_states_its_reach() -> None:
    report = audit(lambda bars: bars["Close"].diff(), seconds=1)
    assert report.reach is not None
    assert (f"fewer than {report.reach} rows" in report.words) or ("Every row was tried" in report.words)


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
