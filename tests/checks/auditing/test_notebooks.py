"""Notebooks of the commonest shapes: the leak of each is found and its repair named; mended, it is clean."""

from pathlib import Path

import nbformat
import pytest
import tutorials

from beatnaive.checks import audit_notebook
from beatnaive.checks.auditing.notebooks import audit as auditing
from beatnaive.checks.auditing.notebooks.run import python_of
from beatnaive.core.errors import InputError, UserCodeFailed


@pytest.fixture(autouse=True)
def _few_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five runs each, however busy the machine is."""
    monkeypatch.setattr(auditing, "MOST", 3)


@pytest.mark.parametrize("shape", tutorials.SHAPES)
def test_a_tutorial_is_caught_and_its_mended_twin_is_not(shape: str, tmp_path: Path) -> None:
    report = audit_notebook(tutorials.write(tmp_path, shape, wrong=True, network="ridge"), "predictions", seconds=900)
    assert not report.clean
    assert tutorials.REPAIRS.get(shape, "") in report.leaks[0].repair
    mended = audit_notebook(tutorials.write(tmp_path, shape, wrong=False, network="ridge"), "predictions", seconds=900)
    assert (mended.leaks, mended.doubts) == ((), ())


def notebook(folder: Path, *cells: str) -> Path:
    path = folder / "mine.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), path)
    return path


GET = (
    "import numpy as np\nimport yfinance as yf\n"
    "close = yf.download('X', start='2015-01-01', end='2016-01-01')['Close']\n"
)


def test_one_session_decides_between_a_same_day_value_and_a_forecast_for_the_next(tmp_path: Path) -> None:
    today = notebook(tmp_path, GET + "predictions = 1.01 * close.values[-40:]")
    report = audit_notebook(today, "predictions", seconds=900)  # for its own session: it was not known
    assert "shift(1)" in report.leaks[0].repair
    assert audit_notebook(today, "predictions", predicts="next", seconds=900).clean  # for the next one: it was
    tomorrow = notebook(tmp_path, GET + "predictions = 1.01 * close.values[-41:-1]")
    assert audit_notebook(tomorrow, "predictions", seconds=900).clean


def test_a_notebook_without_a_seed_is_a_doubt(tmp_path: Path) -> None:
    path = notebook(tmp_path, GET + "predictions = np.random.default_rng().normal(size=40)")
    report = audit_notebook(path, "predictions", seconds=900)
    assert report.clean
    assert [doubt.test for doubt in report.doubts] == ["repeat unchanged"]


def test_what_cannot_be_audited_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserCodeFailed, match=r"mine.ipynb, cell 2 raised ZeroDivisionError"):
        audit_notebook(notebook(tmp_path, GET, "1 / 0"), "predictions", seconds=900)
    with pytest.raises(InputError, match="no variable 'predictions' at the end of the notebook"):
        audit_notebook(notebook(tmp_path, GET), "predictions", seconds=900)
    (tmp_path / "broken.ipynb").write_text("{")
    with pytest.raises(InputError, match=r"broken.ipynb is not a notebook"):
        audit_notebook(tmp_path / "broken.ipynb", "predictions")


def test_lines_for_the_shell_are_skipped() -> None:
    assert (
        python_of("if x:\n    !ls\n%matplotlib inline\ny = 2")
        == "if x:\n    pass  # !ls\npass  # %matplotlib inline\ny = 2"
    )
