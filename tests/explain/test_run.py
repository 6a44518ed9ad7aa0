"""`explain run`: from a run folder on disk to text, a page and charts; every number from the real network."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beatnaive.cli import main
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.explain.run import NetworkView, look_inside
from beatnaive.runs.folder import sha256, versions

TOML = """
features = ["published"]
seeds = 1
source = { kind = "sample", symbols = ["^GSPC"], start = 2016-01-01, end = 2018-06-29 }
split = { kind = "single", train = 0.8 }
[models.naive]
[models.lstm]
kind = "lstm"
units = [6, 5]
dense = [3]
lookback = 20
epochs = 2
columns = ["Close", "RSI"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder as `run` leaves it, made without the judging: study.toml, run.json, one saved network."""
    from beatnaive.models.spec import build
    from beatnaive.prices import load
    from beatnaive.study.panel import prepare
    from beatnaive.study.spec import load_study

    folder = tmp_path_factory.mktemp("runs") / "tiny"
    models = folder / "models" / "lstm" / "0" / "0"
    models.mkdir(parents=True)
    (folder / "study.toml").write_text(TOML, encoding="utf-8")
    study = load_study(folder / "study.toml")
    samples = prepare(study, load(study.source))[0]
    train = samples.known_by(np.datetime64("2018-01-02"))
    build("lstm", study.models["lstm"]).fit(train, np.random.default_rng(0)).save(models)
    plain = folder / "models" / "naive" / "-1" / "0"
    plain.mkdir(parents=True)
    build("naive", study.models["naive"]).fit(train, np.random.default_rng(0)).save(plain)
    hashes = {str(path.relative_to(folder)): sha256(path.read_bytes()) for path in folder.glob("models/*/*/*/*")}
    record = {"state": "complete", "study": "tiny", "versions": versions(), "models": hashes}
    record |= {"study_sha256": sha256(TOML.encode())}
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "verdict.json").write_text('{"models": {}}', encoding="utf-8")
    origins = np.array(["2017-06-01", "2018-01-02", "2018-01-03"], "datetime64[D]")
    table = {"symbol": ["^GSPC"] * 3, "origin": origins, "fold": np.array([0, 1, 1], np.int32)}
    pq.write_table(pa.table(table), folder / "forecasts.parquet")
    return folder


@pytest.fixture(scope="module")
def inside(folder: Path) -> NetworkView:
    return look_inside(folder, "2018-03-15")


def test_the_window_is_the_one_asked_for(inside: NetworkView) -> None:
    assert inside.days[-1] == "2018-03-15"
    assert len(inside.days) == inside.fitted.recipe.steps == inside.windows.shape[1]
    assert inside.windows.shape[2] == 2


def test_the_network_on_these_windows_is_the_runs_own_forecast(inside: NetworkView) -> None:
    portrait = inside.portrait()
    assert portrait.gap < 1e-6
    assert portrait.attribution.output / 100 == pytest.approx(inside.forecast, abs=1e-8)
    assert portrait.attribution.gap < 0.01
    assert portrait.reach.max() == 1


def test_what_if_at_the_move_that_happened_is_the_forecast(inside: NetworkView) -> None:
    said = inside.what_if([inside.last_return, -0.05, 0.05])
    assert said[0] == pytest.approx(inside.forecast, abs=1e-9)
    assert len(set(said.round(9))) == 3


def test_what_if_recomputes_the_features(inside: NetworkView) -> None:
    moved = inside.moved(-0.05)
    rsi = inside.inputs.features.index("RSI")
    assert moved.x[inside.row, rsi] < inside.inputs.x[inside.row, rsi]
    np.testing.assert_array_equal(moved.x[: inside.row], inside.inputs.x[: inside.row])


def test_later_prices_change_nothing(inside: NetworkView) -> None:
    cut = replace(inside, inputs=inside.inputs.until(inside.inputs.origin[inside.row]))
    assert cut.forecast == inside.forecast


def test_the_command_writes_a_page_and_its_charts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["explain", "run", str(folder), "--date", "2018-03-15"])
    assert done.value.code == 0
    said = capsys.readouterr().out
    assert "Inside lstm: ^GSPC on 2018-03-15" in said
    page = folder / "explain" / "lstm-2018-03-15.html"
    html = page.read_text(encoding="utf-8")
    forecast = look_inside(folder, "2018-03-15").forecast
    assert f"{100 * forecast:.3f}".replace("-", "−") in html
    charts = {path.stem for path in (page.with_suffix("")).glob("*.png")}
    assert charts == {"attribution", "features", "gates-1", "gates-2", "memory", "reach", "whatif"}
    assert all(path.read_bytes()[:4] == b"\x89PNG" for path in page.with_suffix("").glob("*.png"))


def test_a_symbol_that_looks_like_markup_stays_text(inside: NetworkView) -> None:
    from beatnaive.explain.guide import guide_page
    from beatnaive.explain.pages import facts_of, run_figures, run_page

    evil = replace(inside, prices=replace(inside.prices, symbol="<script>alert(1)</script>"), model_name="<b>")
    portrait, tried = evil.portrait(), 100 * evil.what_if([-0.01, 0.01])
    facts = facts_of(evil, portrait, tried)
    days = [f"</script>{day}" for day in evil.days]
    figures = run_figures(portrait, days, ["</script><script>alert(2)", "RSI"], (np.array([-1.0, 1.0]), tried, 0.5))
    for page in (run_page(facts, portrait, figures, "c"), guide_page("c", facts, portrait)):
        assert "&lt;script&gt;alert(1)" in page
        assert page.count("<script") == page.count("</script") == 3 + page.count("data-spec=")
        assert "<b>" not in page


def test_bad_requests_are_one_clear_line(folder: Path) -> None:
    with pytest.raises(InputError, match="no full window ends on 2018-03-17"):
        look_inside(folder, "2018-03-17")
    with pytest.raises(InputError, match="is not a date"):
        look_inside(folder, "yesterday")
    with pytest.raises(UnknownName, match="did you mean 'lstm'"):
        look_inside(folder, model="lstn")
    with pytest.raises(InputError, match="naive is not a network"):
        look_inside(folder, model="naive")
    with pytest.raises(InputError, match="no seed 3"):
        look_inside(folder, seed=3)
    with pytest.raises(InputError, match="is not a run folder"):
        look_inside(folder.parent)


def test_a_tampered_network_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    with (tmp_path / "copy" / "models" / "lstm" / "0" / "0" / "model.keras").open("ab") as file:
        file.write(b"x")
    with pytest.raises(InputError, match="was changed"):
        look_inside(tmp_path / "copy")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["cel"], "did you mean 'cell'"),
        (["cell", "--date", "2018-01-02"], "no such option: --date"),
        (["cell", "--units", "four"], "valid integer"),
        (["shapes", "--units", "four"], "not a list of whole numbers"),
        (["run"], "missing argument 'folder'"),
        (["guide", "--date", "2018-01-02"], "name its folder too"),
        (["shapes", "--batch", "0"], "greater than or equal to 1"),
        ([], "name a command (see beatnaive explain --help)"),
    ],
)
def test_bad_options_are_one_clear_line(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["explain", *words])
    assert done.value.code == 2
    line = capsys.readouterr().err.strip()
    assert says in line.lower()
    assert "\n" not in line


def test_cell_prints_the_matrices_and_160(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from beatnaive.explain.step import example

    with pytest.raises(SystemExit) as done:
        main(["explain", "cell", "--units", "4", "--inputs", "5", "--out", str(tmp_path / "cell.html")])
    assert done.value.code == 0
    said, html = capsys.readouterr().out, (tmp_path / "cell.html").read_text(encoding="utf-8")
    assert all(f"W{s} (4 x 5)" in said and f"U{s} (4 x 4)" in said for s in "figo")
    assert re.search(r"4 \(\(5 \+ 4\) 4 \+ 4\)\s+160", said)
    step = example(4, 5)
    for vector in (*step.states.values(), *(s.total for s in step.sums), *(s.value for s in step.sums)):
        for value in vector:
            assert f"{value:.4f}" in said
            assert f"{value:.4f}".replace("-", "−") in html


def test_shapes_prints_what_keras_returned(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["explain", "shapes", "--units", "4,3", "--batch", "2", "--steps", "7", "--inputs", "5"])
    said = capsys.readouterr().out
    assert "(2, 7, 4)" in said
    assert "(2, 3)" in said
    assert "160" in said


@pytest.mark.parametrize(
    ("date", "learnt", "words"),
    [
        ("2017-12-29", True, "2017-12-29 lies inside the network's training period, which ends before 2018-01-02"),
        ("2018-01-02", False, "learnt from what was known on 2018-01-02; this forecast is out of sample"),
    ],
)
def test_it_says_whether_the_window_was_learnt_from(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], date: str, learnt: bool, words: str
) -> None:
    assert look_inside(folder, date).learnt == learnt
    page = tmp_path / "page.html"
    with pytest.raises(SystemExit) as ended:
        main(["explain", "run", str(folder), "--date", date, "--out", str(page)])
    assert ended.value.code == 0
    assert words in " ".join(capsys.readouterr().out.split())
    assert words in page.read_text(encoding="utf-8").replace("&#39;", "'")
