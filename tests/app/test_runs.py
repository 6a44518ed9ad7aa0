"""The table of runs and one run: from small files, whatever else lies in the folder."""

import json
import subprocess
import sys

import pytest
from app_client import app
from run_folders import run_folder

from beatnaive.app.home import Home
from beatnaive.app.index import Index


@pytest.fixture
def home(tmp_path):
    return Home.at(tmp_path)


def test_runs_are_listed_newest_first_wherever_they_lie(home):
    run_folder(home.root / "runs" / "a", started="2026-11-01T10:00:00+00:00")
    run_folder(home.root / "b", started="2026-11-03T10:00:00+00:00", state="interrupted")
    run_folder(home.root / "deep" / "er" / "c", started="2026-11-02T10:00:00+00:00")
    run_folder(home.root / ".hidden" / "d")
    rows = Index(home).rows()
    assert [(row.path, row.state) for row in rows] == [
        ("b", "interrupted"), ("deep/er/c", "complete"), ("runs/a", "complete"),
    ]  # fmt: skip
    first = rows[2]
    assert (first.study, first.subject, first.n, first.best, first.ruling, first.skill, first.p) == (
        "default", "^GSPC", 240, "drift", "cannot tell", -0.2, 0.9,
    )  # fmt: skip
    assert first.networks == ("lstm",)


def test_a_better_model_stands_before_one_of_more_skill(home):
    folder = run_folder(home.root / "a")
    found = {"skill_pct": 0.5, "ruling": "better", "p_adjusted": 0.01}
    loud = {"skill_pct": 9.0, "ruling": "invalid", "p_adjusted": None}
    (folder / "verdict.json").write_text(json.dumps({"n": 10, "models": {"loud": loud, "quiet": found}}))
    assert Index(home).rows()[0].best == "quiet"


def test_rows_are_kept_and_read_again_only_where_a_file_changed(home, monkeypatch):
    run_folder(home.root / "a")
    run_folder(home.root / "b", state="interrupted")
    Index(home).rows()
    read = []
    monkeypatch.setattr("beatnaive.app.index.read_record", lambda folder: read.append(folder.name) or 1 / 0)
    again = Index(home)  # as after a new start of the app
    assert {row.path for row in again.rows()} == {"a", "b"}
    assert read == []
    (home.root / "a" / "run.json").write_text("{}")
    with pytest.raises(ZeroDivisionError):
        again.rows()
    assert read == ["a"]


@pytest.mark.parametrize(
    ("name", "text"), [("run.json", "{"), ("study.toml", "= no"), ("verdict.json", "[]"), ("verdict.json", '{"n": {}}')]
)
def test_a_damaged_run_is_listed_as_damaged_and_says_why(home, name, text):
    (run_folder(home.root / "a") / name).write_text(text)
    run_folder(home.root / "b")
    rows = {row.path: row for row in Index(home).rows()}
    assert rows["a"].state == "damaged"
    assert rows["a"].why
    assert rows["b"].state == "complete"


def test_a_damaged_index_is_made_anew(home):
    run_folder(home.root / "a")
    for text in ("{", '{"format": 1, "rows": {"a": 3}}', '{"format": 1, "rows": {"a": [[1], {"nothing": 1}]}}'):
        (home.own / "index.json").write_text(text)
        assert [row.path for row in Index(home).rows()] == ["a"]


def test_no_more_than_the_small_files_is_opened_to_list(home):
    for name in ("a", "b"):
        folder = run_folder(home.root / name)
        for other in ("forecasts.parquet", "bars.parquet", "losses.npz"):
            (folder / other).write_bytes(b"PAR1")
    code = (
        "import sys; from pathlib import Path\n"
        "from beatnaive.app.home import Home; from beatnaive.app.index import Index\n"
        "home, opened = Home.at(Path(sys.argv[1])), []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
        "rows = Index(home).rows()\n"
        "print(len(rows), *sorted({Path(one).name for one in opened if one.startswith(str(home.root))}))"
    )
    done = subprocess.run([sys.executable, "-c", code, home.root], capture_output=True, text=True, check=True)
    count, *names = done.stdout.split()
    assert count == "2"
    assert {"run.json", "study.toml", "verdict.json"} <= set(names)
    assert not [name for name in names if name.endswith((".parquet", ".npz"))]


def test_a_run_whose_process_is_gone_is_killed_and_one_that_works_is_running(home):
    from beatnaive.runs.lock import locked

    folder = run_folder(home.root / "a", state="running")
    index = Index(home)
    assert index.rows()[0].state == "killed"
    with locked(folder, resumed=True):
        assert index.rows()[0].state == "running"
    assert index.rows()[0].state == "killed"


def test_the_pages_of_runs(tmp_path):
    folder = tmp_path / "shown"
    folder.mkdir()
    with app(folder) as visitor:
        visitor.enter()
        empty = visitor.get("/").text
        assert "No runs yet" in empty
        assert "beatnaive run AAPL" in empty
        run_folder(folder / "runs" / "first")
        page = visitor.get("/").text
        assert "cannot tell" in page
        assert ">0.90<" in page
        assert "the report" in visitor.get("/report/runs/first").text
        assert "[models.drift]" in visitor.get("/runs/runs/first").text
        gone = visitor.get("/runs/runs/none")
        assert gone.status == 400
        assert "it has no run.json" in gone.text
        assert visitor.get("/nowhere").status == 404
    assert visitor.process.returncode == 0
    assert not [line for line in visitor.seen if "Traceback" in line]
