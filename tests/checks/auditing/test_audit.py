"""Audit catches every leak of the catalogue, raises no alarm on sound code, and says what, where, how much, why."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import beatnaive as bn
from beatnaive.checks import AuditReport, audit, index_frame
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.features import FEATURES, feature_set
from beatnaive.models import MODELS
from beatnaive.models.spec import COMBINATION

HERE = Path(__file__).parent
from catalogue import FALSE_ALARMS, LEAKS, RARE, SOUND, about, declared, documented  # noqa: E402
from talib_everything import FUNCTIONS, everything  # noqa: E402


def stem(path: Path) -> str:
    return path.stem


SHORT = 1.0
"""Seconds for an audit in these tests; where a leak is rare, those that a user has by default."""
REPAIRS = {
    "shift_minus_one": "use `.shift(1)`",
    "centred_moving_average": "drop `center=True`",
    "whole_sample_scaler": "scaler.fit(x[:split])",
    "group_mean_month": "use the month before",
    "weekly_close_merged": "use the week before",
    "strategy_open_hour": "use the hour before",
    "two_sided_filter": "lfilter",
    "interpolation_over_gap": "x.ffill()",
    "first_row_filled": "drop `.bfill()`",
    "scaler_before_split": "fit the scaler on the first split",
    "shuffled_split": "shuffle=False",
    "tomorrows_high_and_low": "lag the columns",
    "unpurged_labels": "[:split - horizon]",
    "batch_standardised": "scaler.fit(x_train)",
    "late_publication": "merge_asof",
}
"""Part of the repair that must be named, told by how far the change reaches."""


@pytest.mark.parametrize("path", LEAKS, ids=stem)
def test_every_leak_is_caught_as_the_docs_say(path: Path) -> None:
    counted = about(path).startswith("Pipeline")  # by runs, however busy the machine is
    report = audit(f"{path}:leak", seconds=None if counted or path.stem in RARE else SHORT, runs=16)
    caught = {leak.test for leak in report.leaks}
    assert not report.clean
    assert declared(path) in caught
    told = {row[0]: row[3].split(", ") for row in documented()}[path.stem]
    assert caught <= set(told)  # the docs tell of the whole time
    assert declared(path) in told
    assert all(leak.words and leak.cause and leak.repair and leak.count >= 1 and leak.rows for leak in report.leaks)
    assert any(REPAIRS.get(path.stem, "") in leak.repair for leak in report.leaks), [one.repair for one in report.leaks]


def test_the_catalogue_holds_what_the_docs_list() -> None:
    assert len(LEAKS) >= 23 + 20
    assert len(SOUND) >= 11 + 10
    assert [row[0] for row in documented()] == [path.stem for path in LEAKS]
    for row, path in zip(documented(), LEAKS, strict=True):
        assert f"{row[2]}: {row[1]}." == about(path)
    assert [row[2] for row in documented(FALSE_ALARMS)] == ["0"] * 4
    peers = documented(("<!-- peers -->", "<!-- /peers -->"))
    assert [row[0] for row in peers[: len(LEAKS)]] == [path.stem for path in LEAKS]
    assert {len(row) for row in peers} == {5}  # the leak, ours, and the three tools that can be run


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
