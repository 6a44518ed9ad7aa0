"""`beatnaive report`: from finished run folders to pages."""

import json
from dataclasses import asdict

import pytest
import tomli_w
from made_run import made_run

from beatnaive.cli import main


def run_folder(folder, seeds=5):
    """A run folder as the program leaves it, written file by file."""
    run = made_run()
    folder.mkdir()
    study = {key: value for key, value in run.study.items() if key != "name"}
    (folder / "study.toml").write_text(tomli_w.dumps({**study, "seeds": seeds}))
    (folder / "run.json").write_text(json.dumps({**run.record, "study": "default"}))
    (folder / "findings.json").write_text(json.dumps([asdict(one) for one in run.findings]))
    (folder / "verdict.json").write_text(json.dumps(run.verdict))
    (folder / "fits.json").write_text(json.dumps(run.fits))
    run.forecasts.to_parquet(folder / "forecasts.parquet")
    run.scores.to_csv(folder / "scores.csv", index=False)
    run.timings.to_csv(folder / "timings.csv", index=False)
    return folder


def code_of(*words):
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    return stop.value.code


def test_one_folder_gets_its_page_and_several_one_comparison(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = run_folder(tmp_path / "first"), run_folder(tmp_path / "second", seeds=7)
    assert code_of("report", str(first)) == 0
    assert "Does anything beat naive on ^GSPC?" in (first / "report.html").read_text(encoding="utf-8")
    assert code_of("report", str(first), str(second)) == 0
    assert "2 runs compared" in (tmp_path / "comparison.html").read_text(encoding="utf-8")
    assert capsys.readouterr().out.split() == [str(first / "report.html"), "comparison.html"]


def test_what_is_no_run_is_one_line(tmp_path, capsys):
    assert code_of("report", str(tmp_path)) == 2
    assert capsys.readouterr().err.count("\n") == 1
    folder = run_folder(tmp_path / "running")
    (folder / "run.json").write_text('{"state": "interrupted"}')
    assert code_of("report", str(folder)) == 2
    assert "--resume" in capsys.readouterr().err


def test_the_charts_library_is_bundled_once_per_version(tmp_path, monkeypatch):
    from beatnaive.report import html

    monkeypatch.setenv("BEATNAIVE_CACHE", str(tmp_path))
    html.chart_library.cache_clear()
    first = html.chart_library()
    monkeypatch.setattr(html, "_bundled", None)  # a new process would find it
    html.chart_library.cache_clear()
    assert html.chart_library() == first
    assert "</script" not in first
