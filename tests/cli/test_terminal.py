"""The table on terminals of every width: a number is shown whole or not at all, and what is missing is said."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from examples import losses
from rich.console import Console

import beatnaive as bn
from beatnaive.cli import main
from beatnaive.cli.show import DISPENSABLE, HEADS, ProgressBar, announce, reason_lines, show_result
from beatnaive.judging.diagnosis import seed_luck


@pytest.fixture(scope="module")
def result() -> bn.Result:
    study = bn.Study(
        "walk", bn.Source("synthetic"),
        {name: bn.ModelSpec(name) for name in ("naive", "historical_mean", "boosting")}, features=("returns",),
    )  # fmt: skip
    return bn.run(study).found


@pytest.mark.parametrize("width", [60, 72, 80, 100, 120, 200])
def test_the_table_fits_and_shows_every_number_whole(result: bn.Result, width: int) -> None:
    console = Console(width=width, file=io.StringIO(), highlight=False)
    show_result(result, console)
    text = console.file.getvalue()
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    head = next(line for line in text.splitlines() if line.lstrip().startswith("model"))
    assert all(name in head for name in HEADS if name not in DISPENSABLE)
    missing = [name for name in HEADS if name not in head]
    note = " ".join(text.split())
    assert all(name in note for name in missing)
    assert ("no room for" in note) == bool(missing)
    assert (not missing) == (width >= 120)


def test_output_that_is_piped_has_every_column(result: bn.Result, capsys: pytest.CaptureFixture[str]) -> None:
    show_result(result)
    text = capsys.readouterr().out
    assert all(name in text for name in HEADS)
    assert "no room" not in text


def test_a_reason_names_others_only_where_its_words_hold_for_them() -> None:
    y = np.random.default_rng(0).normal(size=300)
    far = [0.3 * y, 0.1 * y]
    split = [0.1 * y, -0.1 * y]
    seeds = {"wide": far, "luck": split, "more_luck": split}
    contest = losses(y, {name: np.mean(values, axis=0) for name, values in seeds.items()}, seeds=seeds)
    found = [seed_luck(contest, name) for name in seeds]
    lines = reason_lines([one for one in found if one], {"wide": 1, "luck": 3, "more_luck": 2})
    assert [line.split("'")[0] for line in lines] == ["wide", "luck"]
    assert lines[0].endswith("on one side of naive.")
    assert lines[1].endswith("beats naive. Also: more_luck.")


@pytest.mark.parametrize(
    ("seeds", "words"), [(1, " 1 seed per stochastic model"), (5, " 5 seeds per stochastic model")]
)
def test_one_seed_is_one(capsys: pytest.CaptureFixture[str], seeds: int, words: str) -> None:
    models = {"naive": bn.ModelSpec("naive")}
    announce(bn.Study("walk", bn.Source("synthetic"), models, seeds=seeds), Path("runs/x"), quiet=False)
    assert words in capsys.readouterr().err


def test_the_answer_is_on_the_screen_before_plots_and_report_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from beatnaive.runs.record import Recorder

    told: list[str] = []

    def illustrate(recorder: Recorder, progress: object) -> None:
        told.append(capsys.readouterr().out)
        assert (recorder.folder / "scores.csv").is_file()
        assert not (recorder.folder / "report.html").exists()

    monkeypatch.setattr(Recorder, "_illustrate", illustrate)
    with pytest.raises(SystemExit) as done:
        main(["run", "--models", "drift", "--source", "synthetic", "--out", str(tmp_path / "run")])
    assert done.value.code == 0
    assert "skill %" in told[0]
    assert "report  " not in told[0], "where it lies is told when it lies there"
    assert "report  " in capsys.readouterr().out


def test_progress_on_a_terminal_makes_room_for_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    monkeypatch.setattr("beatnaive.cli.show.console_of", lambda stderr=False: console)
    bar = ProgressBar()
    bar(1, 4, "ridge")
    bar.clear()
    screen.write("THE ANSWER\n")
    bar(0, 0, "plots and report")
    bar.clear()
    before, _, after = screen.getvalue().partition("THE ANSWER")
    assert "ridge" in before
    assert "1/4 fits" in before
    assert "plots and report" in after
    assert "fits" not in after


def test_the_version_is_said_without_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"beatnaive {bn.__version__}\n"
