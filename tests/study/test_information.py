"""Twins in a study: they change nothing of the study itself, are no trials, and the leak stays in memory."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beatnaive.core.errors import InputError
from beatnaive.models.spec import ModelSpec
from beatnaive.prices import Source
from beatnaive.releases import ReleaseSpec
from beatnaive.runs.record import run
from beatnaive.study.spec import Study, parse

SOURCE = Source("sample", symbols=("^GSPC",), years=3)
MODELS = {"naive": ModelSpec("naive"), "linear": ModelSpec("linear")}
STUDY = Study("mine", SOURCE, MODELS, features=("returns",), releases={"vix": ReleaseSpec("vix")})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("runs")
    run(STUDY, out=made / "with", jobs=1)
    return made / "with"


def test_the_twin_is_the_study_without_the_release(folder: Path) -> None:
    """Same rows, same fit: where all rows have the release, the twin is the same model in a study without it."""
    without = run(replace(STUDY, releases={}), jobs=1)
    table = pd.read_parquet(folder / "forecasts.parquet")
    twin = table[table["model"] == "linear~vix"]["yhat"].to_numpy()
    np.testing.assert_allclose(twin, pd.Series(price_of(without, "linear")), rtol=1e-12)


def price_of(result: object, name: str) -> np.ndarray:
    track, inputs = result.tracks[name], result.samples.inputs  # type: ignore[attr-defined]
    scored = track.fold >= 0
    return inputs.close[track.rows[scored]] * np.exp(track.forecast.mean[scored])


def test_twins_stand_in_the_tables_and_nowhere_else(folder: Path) -> None:
    import json

    scores = pd.read_csv(folder / "scores.csv")
    assert scores["model"].tolist() == ["naive", "linear", "linear~vix"]
    assert scores["skill_pct"].notna().all()
    verdict = json.loads((folder / "verdict.json").read_text())
    assert list(verdict["models"]) == ["linear"]
    assert verdict["trials"]["counted"] == 1
    gain = verdict["information"]["gains"][0]
    assert (gain["model"], gain["release"], gain["test"]) == ("linear", "vix", "clark_west")
    assert gain["premium"]["pct"] > 20, "the day's VIX, merged by date, is the day's return"
    assert not list((folder / "models").glob("*~*"))
    assert not list(folder.rglob("*!*"))


def test_the_chart_and_the_section_show_the_runs_own_gains(folder: Path) -> None:
    """Bar, dot and tick are the numbers of verdict.json; the section says the words, and that the premium is a leak."""
    import json

    from beatnaive import report
    from beatnaive.report import charts
    from beatnaive.runs.folder import read

    data = read(folder)
    gain = json.loads((folder / "verdict.json").read_text())["information"]["gains"][0]
    spec = charts.to_spec(charts.draw("information", data))
    text = json.dumps(spec)
    for name, value in (("gain", gain["gain_pct"]), ("low", gain["ci90"][0]), ("mde", gain["mde_pct"])):
        assert f"{value:.6g}"[:6] in text, name
    assert "what 1 release added" in spec["title"]["text"]
    assert charts.to_png(spec)[:8] == b"\x89PNG\r\n\x1a\n"
    page = report.build(data)
    assert "Does knowing more help?" in page
    assert "that is the future, not information" in page


def test_twins_are_no_trials_of_a_later_run(folder: Path) -> None:
    """The same study again counts its own model once; what its twin did is not one more try."""
    later = run(replace(STUDY, seed=1), out=folder.parent / "again", jobs=1)
    assert "linear~vix" not in str(later.verdict.to_json()["trials"])
    assert later.verdict.to_json()["trials"]["counted"] == 1


def test_a_study_with_releases_reads_back_as_it_was_written() -> None:
    import tomllib

    spec = ReleaseSpec("cpi", {}, ("inflation", "inflation_age"), "surprise")
    study = replace(STUDY, releases={"inflation": spec}, leak_premium=False, placebo_release=3)
    assert parse(tomllib.loads(study.to_toml()), "mine") == study


@pytest.mark.parametrize(
    ("releases", "words"),
    [
        ({"vix": ReleaseSpec("vix", columns=("vix_level",))}, "unknown column in releases.vix"),
        ({"return_1": ReleaseSpec("vix", columns=("return_1",))}, "is a feature and a release"),
        ({"f": ReleaseSpec("fundamentals")}, "knows nothing of"),
    ],
)
def test_a_release_that_cannot_be_joined_is_one_line(releases: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        run(replace(STUDY, releases=releases), jobs=1)


def monthly(folder: Path, first: str, last: str) -> ReleaseSpec:
    """A file of month-end values that came out ten days later."""
    end = pd.date_range(first, last, freq="ME")
    known = (end + pd.Timedelta(days=10)).strftime("%Y-%m-%d")
    table = pd.DataFrame({"period_end": end, "known_at": known, "value": np.arange(len(end)) % 5})
    table.to_csv(folder / "mine.csv", index=False)
    return ReleaseSpec("file", {"path": str(folder / "mine.csv")})


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2018-10-31", "2018-11-30", "starts on 2018-11-12, and training ends on 2018-06-12"),
        ("2019-03-31", "2019-11-30", "is known on no session, and training ends"),
        ("2016-01-31", "2016-01-31", "has a single value while training goes on"),
    ],
)
def test_a_release_that_training_knows_nothing_of_is_refused(tmp_path: Path, first: str, last: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        run(replace(STUDY, releases={"mine": monthly(tmp_path, first, last)}), jobs=1)
    assert len(str(error.value)) < 300


def test_rows_before_a_release_are_left_out_and_told(tmp_path: Path) -> None:
    """June 2016 came out on 10 July, a Sunday, so that the close of the 11th is the first to know it."""
    from beatnaive.prices import load
    from beatnaive.study.panel import prepare
    from beatnaive.study.pipeline import expand

    study = replace(STUDY, releases={"mine": monthly(tmp_path, "2016-06-30", "2018-11-30")})
    prices = load(study.source)
    study = expand(study, prices)
    samples, notes = prepare(study, prices)
    without, _ = prepare(replace(study, releases={}), prices)
    (note,) = [one for one in notes if one.kind == "before_release"]
    assert note.count == len(without) - len(samples) > 40
    assert note.severity == "note"
    assert samples.inputs.session[samples.rows[0]] == np.datetime64("2016-07-11")
    assert "known from 2016-07-11 on" in note.message


def told_at_noon(folder: Path, signal: float) -> ReleaseSpec:
    """A number told at noon of every session: tomorrow's return, times `signal`, and noise of a return's size."""
    from beatnaive.prices import load

    (prices,) = load(SOURCE)
    tomorrow = np.append(np.diff(np.log(prices.bars[:, 3])), 0.0)
    value = signal * tomorrow + tomorrow.std() * np.random.default_rng(5).standard_normal(len(tomorrow))
    days = prices.sessions.astype(str)
    table = pd.DataFrame({"period_end": days, "known_at": [f"{day}T12:00:00Z" for day in days], "value": value})
    table.to_csv(folder / "noon.csv", index=False)
    return ReleaseSpec("file", {"path": str(folder / "noon.csv")})


@pytest.mark.parametrize(("signal", "fewest", "most"), [(1.0, 0, 0), (0.0, 1, 8)])
def test_a_placebo_does_as_well_as_noise_and_never_as_well_as_what_is_known(
    tmp_path: Path, signal: float, fewest: int, most: int
) -> None:
    """With its years exchanged a release that tells of tomorrow tells nothing; one that told nothing loses nothing."""
    study = replace(STUDY, releases={"noon": told_at_noon(tmp_path, signal)}, leak_premium=False, placebo_release=9)
    result = run(study, jobs=1)
    assert result.information is not None
    times, worlds = result.information.gains[0].placebo or (0, 0)
    assert worlds == 9
    assert fewest <= times <= most
    assert "With its years exchanged" in result.information.words
